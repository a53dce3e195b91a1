/* core/host: who has a file.  The parsers everywhere, the rest on Linux. */
#include <sys/file.h>
#include <sys/wait.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sched.h>
#endif

#include "core/host/host.h"
#include "core/host/linux_impl.h"
#include "core/host/linux_parse.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

static struct dd_err e;

/* A line of mountinfo. */
static struct proc_mount
mount_of(const char *text)
{
	struct proc_mount m = { .major = 0 }, more;

	T(proc_next_mount(&text, &m));
	T(!proc_next_mount(&text, &more));
	return m;
}

static void
mounts_are_parsed(void)
{
	struct proc_mount m;

	m = mount_of("36 35 7:3 / /mnt rw,noatime shared:1 master:2 - ext4 "
	    "/dev/loop3 rw,errors=continue\n");
	T_EQ(m.major, 7);
	T_EQ(m.minor, 3);
	T_STR(m.point, "/mnt");
	T_STR(m.source, "/dev/loop3");
	T(!m.read_only);
	m = mount_of("36 35 259:70000 /a /b ro - btrfs /dev/x ro");
	T_EQ(m.major, 259);
	T_EQ(m.minor, 70000);
	T(m.read_only);
	/* the mount is read-only, its file system isn't */
	m = mount_of("1 2 7:3 / /mnt ro - ext4 /dev/loop3 rw,ro\n");
	T(!m.read_only);
	m = mount_of("1 2 7:3 / /mnt rw - ext4 /dev/loop3 rodent\n");
	T(!m.read_only);
	/* no source */
	m = mount_of("1 2 7:3 / /mnt rw - ext4  ro\n");
	T_STR(m.source, "");
	T(m.read_only);
}

static void
escapes_of_mounts_are_decoded(void)
{
	struct proc_mount m;

	m = mount_of("1 2 7:3 / /a\\040b\\011c\\012d\\134e rw - ext4 "
	    "/dev/\\043x rw\n");
	T_STR(m.point, "/a b\tc\nd\\e");
	T_STR(m.source, "/dev/#x");
	m = mount_of("1 2 7:3 / /\\04\\0408\\999\\777\\000\\377\\ rw\n");
	T_STR(m.point, "/\\04 8\\999\\777\\000\377\\");
}

static void
odd_lines_of_mounts_are_passed_over(void)
{
	static const char *const none[] = {
		"", "\n", "\n\n", " ", "36", "36 35", "36 35 7:3",
		"36 35 7:3 /", "36 35 7:3 / ", "36 35 7 / /mnt rw",
		"36 35 :3 / /mnt rw", "36 35 7: / /mnt rw",
		"36 35 7:3:1 / /mnt rw", "36 35 7:-3 / /mnt rw",
		"36 35 7:4294967296 / /mnt rw", "36 35 7:3x / /mnt rw",
		"36 35 99999999999999999999999:3 / /mnt rw",
	};
	const char *text = "nonsense\n1 2 7:1 / /a rw - t s rw\n\n1 2\n"
	    "1 2 7:2 / /b rw - t s rw";
	struct proc_mount m;
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		const char *line = none[i];

		if (proc_next_mount(&line, &m))
			T_FAIL("\"%s\" is a mount on %s", none[i], m.point);
	}
	T(proc_next_mount(&text, &m));
	T_STR(m.point, "/a");
	T(proc_next_mount(&text, &m));
	T_STR(m.point, "/b");
	T(!proc_next_mount(&text, &m));
	/* cut short: a mount still */
	m = mount_of("36 35 7:3 / /mnt");
	T_STR(m.point, "/mnt");
	T_STR(m.source, "");
	m = mount_of("36 35 7:3 / /mnt rw shared:1 - ext4");
	T_STR(m.point, "/mnt");
	T_STR(m.source, "");
}

static void
overlong_mounts_are_cut(void)
{
	static char text[20000];
	char longname[5001];
	struct proc_mount m;

	memset(longname, 'x', sizeof(longname) - 1);
	longname[sizeof(longname) - 1] = '\0';
	(void)snprintf(text, sizeof(text), "1 2 7:3 / /%s rw - t /dev/%s ro\n",
	    longname, longname);
	m = mount_of(text);
	T_EQ(strlen(m.point), sizeof(m.point) - 1);
	T_STR(m.source, "");
	T(m.read_only);
	/* the last that fits, and the first that doesn't */
	(void)snprintf(text, sizeof(text), "1 2 7:3 / / rw - t %.*s ro\n",
	    (int)sizeof(m.source) - 1, longname);
	m = mount_of(text);
	T_EQ(strlen(m.source), sizeof(m.source) - 1);
	(void)snprintf(text, sizeof(text), "1 2 7:3 / / rw - t %.*s ro\n",
	    (int)sizeof(m.source), longname);
	m = mount_of(text);
	T_STR(m.source, "");
}

static bool
lock_of(const char *text, struct proc_lock *l)
{
	struct proc_lock more;
	bool found = proc_next_lock(&text, l);

	T(!proc_next_lock(&text, &more));
	return found;
}

static void
locks_are_parsed(void)
{
	struct proc_lock l;

	T(lock_of("1: FLOCK  ADVISORY  WRITE 18431 fe:00:10952733 0 EOF\n",
	    &l));
	T_EQ(l.major, 0xfe);
	T_EQ(l.minor, 0);
	T_EQ(l.ino, 10952733);
	T_EQ(l.pid, 18431);
	T(!l.waiting);
	T(lock_of("1: -> FLOCK  ADVISORY  WRITE 2 fe:00:1 0 EOF", &l));
	T(l.waiting);
	T_EQ(l.pid, 2);
	T(lock_of("12:     -> POSIX  ADVISORY  READ  3 08:1a2b3:1 0 9", &l));
	T(l.waiting);
	T_EQ(l.minor, 0x1a2b3);
	T(lock_of("lock:\t1: OFDLCK ADVISORY  READ -1 "
	    "00:2d:18446744073709551615 100 101\n", &l));
	T_EQ(l.pid, -1);
	T(l.ino == UINT64_MAX);
	T(lock_of("3: LEASE  BREAKER   READ  4 08:01:5 0 EOF\n", &l));
	T_EQ(l.ino, 5);
}

static void
odd_lines_of_locks_are_passed_over(void)
{
	static const char *const none[] = {
		"", "\n", " \n", "1:", "1: ->", "pos:\t0", "flags:\t02100001",
		"1: POSIX  ADVISORY  READ  3 <none>:0 0 EOF",
		"1: POSIX  *NOINODE* READ  3 <none>:0 0 EOF",
		"1: POSIX  ADVISORY  READ  3",
		"1: POSIX  ADVISORY  READ  3 08:01",
		"1: POSIX  ADVISORY  READ  3 08:01:12",
		"1: POSIX  ADVISORY  READ  3 08:01: 0 EOF",
		"1: POSIX  ADVISORY  READ  3 08:xx:12 0 EOF",
		"1: POSIX  ADVISORY  READ  3 08:01:1a 0 EOF",
		"1: POSIX  ADVISORY  READ  3 08:01:12:1 0 EOF",
		"1: POSIX  ADVISORY  READ  3 08:01:18446744073709551616 0 1",
		"1: POSIX  ADVISORY  READ  -2 08:01:12 0 EOF",
		"1: POSIX  ADVISORY  READ  4294967295 08:01:12 0 EOF",
		"1 POSIX  ADVISORY  READ  3 08:01:12 0 EOF",
	};
	const char *text = "x\n1: A B C 1 0:1:7 0 EOF\n\nlock:\t\n"
	    "2: A B C 2 0:1:8 0 EOF";
	struct proc_lock l;
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (lock_of(none[i], &l))
			T_FAIL("\"%s\" is a lock", none[i]);
	T(proc_next_lock(&text, &l));
	T_EQ(l.ino, 7);
	T(proc_next_lock(&text, &l));
	T_EQ(l.ino, 8);
	T(!proc_next_lock(&text, &l));
}

static void
starts_and_numbers_are_parsed(void)
{
	const char *rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18";
	char text[256];
	uint32_t maj, min;
	uint64_t ticks = 0;

	(void)snprintf(text, sizeof(text), "12 (a) b) (c\n) %s 4711 20\n",
	    rest);
	T(proc_stat_start(text, &ticks));
	T_EQ(ticks, 4711);
	(void)snprintf(text, sizeof(text), "12 (a) %s 47", rest);
	T(!proc_stat_start(text, &ticks));
	(void)snprintf(text, sizeof(text), "12 (a) %s -1 20", rest);
	T(!proc_stat_start(text, &ticks));
	T(!proc_stat_start("12 (a)", &ticks));
	T(!proc_stat_start("12 (a", &ticks));
	T(!proc_stat_start("", &ticks));
	T(proc_dev("7:300\n", &maj, &min));
	T_EQ(maj, 7);
	T_EQ(min, 300);
	T(!proc_dev("7:", &maj, &min));
	T(!proc_dev("7:3:1\n", &maj, &min));
	T(!proc_dev("", &maj, &min));
}

/* What a look-up gave. */
struct got {
	size_t	n;
	struct host_holder h[32];
};

static int
get(void *arg, const struct host_holder *h, struct dd_err *err)
{
	struct got *g = arg;

	(void)err;
	if (g->n < sizeof(g->h) / sizeof(g->h[0]))
		g->h[g->n++] = *h;
	return 0;
}

static int
refuse(void *arg, const struct host_holder *h, struct dd_err *err)
{
	(*(int *)arg)++;
	return dd_fail(err, ERR_HELD, "%s", h->text);
}

#ifndef __linux__
static void
other_hosts_cannot_tell(void)
{
	struct got g = { .n = 0 };

	T_OK(host_holders(1, 1, get, &g, &e));
	T_EQ(g.n, 1);
	T_EQ(g.h[0].kind, HOST_UNKNOWN);
}
#else

static const struct host_holder *
of_kind(const struct got *g, enum host_holding kind)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->h[i].kind == kind)
			return &g->h[i];
	return NULL;
}

static void
ask(int fd, struct got *g)
{
	struct stat st;

	memset(g, 0, sizeof(*g));
	T_EQ(fstat(fd, &st), 0);
	T_OK(host_holders(st.st_dev, st.st_ino, get, g, &e));
	T_OK(host_lock_holders(st.st_dev, st.st_ino, get, g, &e));
}

/* A child that does lock(fd of its own) and says so, until told to end. */
struct child {
	pid_t	pid;
	int	to, from;
};

static struct child
child_begin(const char *path, int (*lock)(int fd))
{
	int to[2], from[2];
	struct child c;
	char byte = 0;

	if (pipe(to) == -1 || pipe(from) == -1 || (c.pid = fork()) == -1)
		exit(1);
	if (c.pid == 0) {
		int fd = open(path, O_RDWR);
		int comm = open("/proc/self/comm", O_WRONLY);

		(void)close(to[1]);
		(void)close(from[0]);
		if (write(comm, "a)\033b", 4) != 4 || lock(fd) == -1 ||
		    write(from[1], "x", 1) != 1)
			_exit(1);
		(void)!read(to[0], &byte, 1);
		_exit(0);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	c.to = to[1];
	c.from = from[0];
	T_EQ(read(c.from, &byte, 1), 1);
	return c;
}

static void
child_end(struct child c)
{
	int status;

	/* not by closing it: a later child has that end too */
	T_EQ(write(c.to, "x", 1), 1);
	(void)close(c.to);
	T_EQ(waitpid(c.pid, &status, 0), c.pid);
	T_EQ(status, 0);
	(void)close(c.from);
}

static int
lock_flock(int fd)
{
	return flock(fd, LOCK_EX);
}

static int
lock_posix(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_len = 1 };

	return fcntl(fd, F_SETLK, &l) == -1 ? -1 :
	    (l.l_start = 100, fcntl(fd, F_SETLK, &l));
}

static int
lock_description(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &l);
}

static int
lock_nothing(int fd)
{
	(void)fd;
	return 0;
}

static int (*const locks[])(int fd) = {
	lock_flock, lock_posix, lock_description
};

static void
locks_of_others_are_seen(void)
{
	const char *path = scratch_file("locked", 4096, "", 1, 0);
	int fd = open(path, O_RDWR);
	char want[64];
	struct got g;
	size_t i;

	for (i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		struct child c = child_begin(path, locks[i]);
		const struct host_holder *h;

		ask(fd, &g);
		(void)snprintf(want, sizeof(want),
		    "locked by process %ld (a)\\033b)", (long)c.pid);
		if ((h = of_kind(&g, HOST_LOCK)) == NULL)
			T_FAIL("lock %zu isn't seen", i);
		else {
			T_STR(h->text, want);
			T_EQ(h->pid, c.pid);
			T(h->writable);
			T(h == &g.h[g.n - 1]);	/* two ranges, one line */
		}
		child_end(c);
		ask(fd, &g);
		T(of_kind(&g, HOST_LOCK) == NULL);
	}
	(void)close(fd);
}

/* Neither our own, nor those of another file of the file system, nor a file
 * that is merely open. */
static void
other_locks_are_left_out(void)
{
	const char *path = scratch_file("own", 4096, "", 1, 0);
	struct child c = child_begin(path, lock_nothing);
	struct child d = child_begin(scratch_file("other", 1, "", 1, 0),
	    lock_flock);
	struct got g;
	size_t i;

	for (i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		int fd = open(path, O_RDWR);

		T_EQ(locks[i](fd), 0);
		ask(fd, &g);
		if (of_kind(&g, HOST_LOCK) != NULL)
			T_FAIL("lock %zu: %s", i,
			    of_kind(&g, HOST_LOCK)->text);
		(void)close(fd);
	}
	child_end(c);
	child_end(d);
}

static int
only_read(int fd)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)open(path, O_RDONLY);
	return close(fd);
}

/* Who has it open for writing; not for reading, and not ourselves. */
static void
writers_are_seen(void)
{
	const char *path = scratch_file("written", 4096, "", 1, 0);
	struct child c = child_begin(path, only_read), d;
	struct got g = { .n = 0 };
	char want[64];
	struct stat st;
	int fd;

	T_EQ(stat(path, &st), 0);
	T_OK(linux_writers(st.st_dev, st.st_ino, get, &g, &e));
	T_EQ(g.n, 0);
	d = child_begin(path, lock_nothing);
	fd = open(path, O_RDWR);
	T_OK(linux_writers(st.st_dev, st.st_ino, get, &g, &e));
	T_EQ(g.n, 1);
	(void)snprintf(want, sizeof(want),
	    "open for writing in process %ld (a)\\033b)", (long)d.pid);
	T_STR(g.h[0].text, want);
	T_EQ(g.h[0].kind, HOST_OPEN);
	T_EQ(g.h[0].pid, d.pid);
	child_end(c);
	child_end(d);
	(void)close(fd);
}

/* A description's lock, of a process whose files we may not see; our own,
 * of another kind, is no explanation for it. */
static void
hidden_locks_are_seen(void)
{
	const char *path = scratch_file("hidden", 4096, "", 1, 0);
	const struct host_holder *h;
	struct child c;
	int fd = open(path, O_RDWR), status = 0;
	struct got g;
	pid_t pid;

	if (geteuid() != 0) {
		printf("# skip not root\n");
		(void)close(fd);
		return;
	}
	c = child_begin(path, lock_description);
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		t_bad = 0;
		T_EQ(setuid(65534), 0);
		T_EQ(prctl(PR_SET_DUMPABLE, 1), 0);
		T_EQ(flock(fd, LOCK_EX), 0);
		ask(fd, &g);
		h = of_kind(&g, HOST_LOCK);
		T_STR(h == NULL ? NULL : h->text,
		    "locked by a process that can't be told");
		T_EQ(h == NULL ? -1 : h->pid, 0);
		(void)fflush(stdout);
		_exit(t_bad);
	}
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
	child_end(c);
	(void)close(fd);
}

static void
the_callback_may_end_it(void)
{
	const char *path = scratch_file("ended", 4096, "", 1, 0);
	struct child c = child_begin(path, lock_flock);
	struct child d = child_begin(path, lock_posix);
	struct stat st;
	int calls = 0;

	T_EQ(stat(path, &st), 0);
	T_ERR(host_lock_holders(st.st_dev, st.st_ino, refuse, &calls, &e),
	    ERR_HELD);
	T_EQ(calls, 1);
	child_end(c);
	child_end(d);
}

static void
starts_tell_processes_apart(void)
{
	uint64_t own = host_process_start(getpid());
	struct child c = child_begin(scratch_file("s", 1, "", 1, 0),
	    lock_nothing);

	T(own != 0);
	T(own == host_process_start(getpid()));
	T(own != host_process_start(1));
	T(host_process_start(c.pid) != 0);
	child_end(c);
	T(host_process_start(c.pid) == 0);
	T(host_process_start(0) == 0);
	T(host_process_start(-1) == 0);
}

/*
 * A loop device of path, open as the result; -1: there is none to be had.
 * It is detached at once, which comes about when the last that has it open
 * has gone: so also when this test is killed.
 */
static int
loop_begin(const char *path, const char *flags, char dev[64])
{
	char cmd[1400];
	FILE *f;
	int fd = -1;

	(void)snprintf(cmd, sizeof(cmd),
	    "losetup -f --show %s '%s' 2>/dev/null", flags, path);
	dev[0] = '\0';
	if (geteuid() != 0 || (f = popen(cmd, "r")) == NULL)
		return -1;
	if (fgets(dev, 64, f) != NULL)
		dev[strcspn(dev, "\n")] = '\0';
	(void)pclose(f);
	if (dev[0] == '\0')
		return -1;
	fd = open(dev, O_RDONLY | O_CLOEXEC);
	(void)snprintf(cmd, sizeof(cmd), "losetup -d '%s'", dev);
	if (system(cmd) != 0)
		printf("# %s: left behind\n", dev);
	return fd;
}

static bool
no_loops(int loop)
{
	if (loop == -1)
		printf("# skip no loop devices here, or not root\n");
	return loop == -1;
}

static void
loop_devices_are_seen(void)
{
	static const char *const flags[] = { "", "-r" };
	const char *path = scratch_file("image", 1 << 20, "", 1, 0);
	int fd = open(path, O_RDWR), loop, i;
	char dev[64], want[96];
	struct got g;

	for (i = 0; i < 2; i++) {
		const struct host_holder *h;

		if (no_loops(loop = loop_begin(path, flags[i], dev)))
			break;
		ask(fd, &g);
		(void)snprintf(want, sizeof(want), "loop device %s", dev);
		T(of_kind(&g, HOST_UNKNOWN) == NULL);
		if ((h = of_kind(&g, HOST_LOOP)) == NULL)
			T_FAIL("%s isn't seen", dev);
		else {
			T_STR(h->text, want);
			T_EQ(h->writable, i == 0);
			T_EQ(h->pid, 0);
		}
		(void)close(loop);
		ask(fd, &g);
		T(of_kind(&g, HOST_LOOP) == NULL);
	}
	(void)close(fd);
}

/* Another file is none, and the name doesn't matter. */
static void
loop_devices_go_by_file(void)
{
	const char *path = scratch_file("moved", 1 << 20, "", 1, 0);
	int fd = open(path, O_RDWR), other, loop;
	char dev[64];
	struct got g;

	if (!no_loops(loop = loop_begin(path, "", dev))) {
		(void)unlink(path);
		other = open(path, O_RDWR | O_CREAT, 0644);
		ask(other, &g);
		T_EQ(g.n, 0);
		ask(fd, &g);
		T(of_kind(&g, HOST_LOOP) != NULL);
		(void)close(other);
		(void)close(loop);
	}
	(void)close(fd);
}

/* In a process that isn't root: what kind a loop device of fd gives. */
static void
as_nobody(int fd, bool searchable)
{
	struct got g;
	int status = 0;
	pid_t pid;

	T_EQ(chmod(scratch_dir, searchable ? 0755 : 0700), 0);
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		t_bad = 0;
		T_EQ(setuid(65534), 0);
		ask(fd, &g);
		T_EQ(of_kind(&g, HOST_LOOP) != NULL, searchable);
		if (searchable && of_kind(&g, HOST_LOOP) != NULL)
			T(!of_kind(&g, HOST_LOOP)->writable);
		if (!searchable)
			T(of_kind(&g, HOST_UNKNOWN) != NULL);
		(void)fflush(stdout);
		_exit(t_bad);
	}
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
}

static void
loop_devices_are_told_by_name(void)
{
	const char *path = scratch_file("named", 1 << 20, "", 1, 0);
	int fd = open(path, O_RDWR), loop;
	char dev[64];

	if (!no_loops(loop = loop_begin(path, "-r", dev))) {
		as_nobody(fd, true);
		as_nobody(fd, false);
		(void)close(loop);
	}
	(void)close(fd);
}

static int
run(const char *fmt, const char *a, const char *b)
{
	char cmd[4000];

	(void)snprintf(cmd, sizeof(cmd), fmt, a, b);
	return system(cmd);
}

/* Mounts in a name space of our own, which end with us. */
static bool
mount_here(const char *flags, const char *dev, const char *point)
{
	char fmt[2100];

	(void)snprintf(fmt, sizeof(fmt), "mount %s '%%s' '%%s' 2>/dev/null",
	    flags);
	if (run(fmt, dev, point) == 0)
		return true;
	printf("# skip %s can't be mounted here\n", dev);
	return false;
}

static void
expect_mount(const struct got *g, const char *point, const char *dev,
    bool writable)
{
	const struct host_holder *h = of_kind(g, HOST_MOUNT);
	char want[1400];

	(void)snprintf(want, sizeof(want), "mounted on %s (from %s)", point,
	    dev);
	if (h == NULL) {
		T_FAIL("a mount of %s isn't seen", dev);
		return;
	}
	T_STR(h->text, want);
	T_EQ(h->writable, writable);
}

static void
mounts_are_seen(void)
{
	const char *path = scratch_file("fs", 4 << 20, "", 1, 0);
	const char *point = scratch("on \t\\here");
	int fd = open(path, O_RDWR), loop;
	char dev[64], shown[600];
	struct got g;
	struct stat st;

	(void)mkdir(point, 0755);
	(void)snprintf(shown, sizeof(shown), "%s/on \\t\\here", scratch_dir);
	if (run("mke2fs -q -F '%s' >/dev/null 2>&1", path, "") != 0) {
		printf("# skip no mke2fs\n");
	} else if (!no_loops(loop = loop_begin(path, "", dev))) {
		T_EQ(fstat(loop, &st), 0);
		if (mount_here("", dev, point)) {
			ask(fd, &g);
			expect_mount(&g, shown, dev, true);
			memset(&g, 0, sizeof(g));
			T_OK(host_device_holders(st.st_rdev, get, &g, &e));
			expect_mount(&g, shown, dev, true);
			T_EQ(g.n, 1);
			T_EQ(run("umount '%s'", point, ""), 0);
		}
		if (mount_here("-r", dev, point)) {
			ask(fd, &g);
			expect_mount(&g, shown, dev, false);
			T_EQ(run("umount '%s'", point, ""), 0);
		}
		ask(fd, &g);
		T(of_kind(&g, HOST_MOUNT) == NULL);
		(void)close(loop);
	}
	(void)close(fd);
}

/* A table with one partition, from the first MiB to the fourth. */
static const char *
partitioned(void)
{
	static const uint8_t mbr[66] = {
		[4] = 0x83, [8] = 0, [9] = 8,		/* from 2048 */
		[12] = 0, [13] = 24,			/* 6144 sectors */
		[64] = 0x55, [65] = 0xaa
	};
	const char *path = scratch_file("parts", 4 << 20, mbr, sizeof(mbr),
	    446);

	return run("mke2fs -q -F -E offset=1048576 '%s' 3072k >/dev/null 2>&1",
	    path, "") == 0 ? path : NULL;
}

/* A partition's mount, and a loop device made of the loop device. */
static void
what_is_made_of_a_loop_device_is_seen(void)
{
	const char *path = partitioned();
	const char *point = scratch("part");
	int fd, loop, second;
	char dev[64], part[80], over[64];
	struct got g;

	if (path == NULL || no_loops(loop = loop_begin(path, "-P", dev))) {
		printf("# skip no partitions of loop devices\n");
		return;
	}
	fd = open(path, O_RDWR);
	(void)mkdir(point, 0755);
	(void)snprintf(part, sizeof(part), "%sp1", dev);
	/* a kernel that doesn't read such tables is told */
	if (access(part, F_OK) == -1)
		(void)run("addpart '%s' 1 2048 6144 2>/dev/null", dev, "");
	if (mount_here("", part, point)) {
		ask(fd, &g);
		expect_mount(&g, point, part, true);
		T_EQ(run("umount '%s'", point, ""), 0);
	}
	if (!no_loops(second = loop_begin(dev, "-r", over))) {
		ask(fd, &g);
		T_EQ(g.n, 2);
		T(strstr(g.h[1].text, over) != NULL);
		T(g.h[0].writable && !g.h[1].writable);
		(void)close(second);
	}
	(void)close(loop);
	(void)close(fd);
}
/* There /proc/locks names another device than stat(2) does. */
static void
locks_on_overlays_are_seen(void)
{
	char top[600], file[600], options[2000];
	struct child c, d;
	struct got g;
	int fd;

	(void)snprintf(top, sizeof(top), "%s", scratch("top"));
	(void)snprintf(file, sizeof(file), "%s", scratch("over/file"));
	(void)mkdir(top, 0755);
	(void)mkdir(scratch("low"), 0755);
	(void)mkdir(scratch("over"), 0755);
	(void)snprintf(options, sizeof(options), "-t overlay -o "
	    "lowerdir='%s',upperdir='%s/up',workdir='%s/work'",
	    scratch("low"), top, top);
	if (geteuid() != 0 || !mount_here("-t tmpfs", "none", top))
		return;
	(void)run("mkdir '%s/up' '%s/work'", top, top);
	if (mount_here(options, "none", scratch("over"))) {
		fd = open(file, O_RDWR | O_CREAT, 0644);
		c = child_begin(file, lock_flock);
		d = child_begin(file, lock_description);
		ask(fd, &g);
		T_EQ(g.n, 2);
		T_EQ(g.h[0].pid, c.pid);
		T_EQ(g.h[1].pid, d.pid);
		child_end(c);
		child_end(d);
		(void)close(fd);
		T_EQ(run("umount '%s'", scratch("over"), ""), 0);
	}
	T_EQ(run("umount '%s'", top, ""), 0);
}
#endif

int
main(void)
{
	T_RUN(mounts_are_parsed);
	T_RUN(escapes_of_mounts_are_decoded);
	T_RUN(odd_lines_of_mounts_are_passed_over);
	T_RUN(overlong_mounts_are_cut);
	T_RUN(locks_are_parsed);
	T_RUN(odd_lines_of_locks_are_passed_over);
	T_RUN(starts_and_numbers_are_parsed);
#ifndef __linux__
	T_RUN(other_hosts_cannot_tell);
#else
	T_RUN(locks_of_others_are_seen);
	T_RUN(other_locks_are_left_out);
	T_RUN(writers_are_seen);
	T_RUN(hidden_locks_are_seen);
	T_RUN(the_callback_may_end_it);
	T_RUN(starts_tell_processes_apart);
	T_RUN(loop_devices_are_seen);
	T_RUN(loop_devices_go_by_file);
	T_RUN(loop_devices_are_told_by_name);
	if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0)
		(void)run("mount --make-rprivate / 2>/dev/null", "", "");
	T_RUN(mounts_are_seen);
	T_RUN(what_is_made_of_a_loop_device_is_seen);
	T_RUN(locks_on_overlays_are_seen);
#endif
	return t_done();
}
