/* core/host: the texts in /proc, and what is told from them. */
#include <sys/wait.h>
#include <unistd.h>

#include "core/host/host.h"
#include "core/host/linux_parse.h"
#include "tests/unit/t.h"

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

#ifdef __linux__
static void
starts_tell_processes_apart(void)
{
	uint64_t own = host_process_start(getpid());
	int status;
	pid_t pid;

	if ((pid = fork()) == 0)
		_exit(host_process_start(getpid()) == 0);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
	T(own != 0);
	T(own == host_process_start(getpid()));
	T(own != host_process_start(1));
	T(host_process_start(pid) == 0);
	T(host_process_start(0) == 0);
	T(host_process_start(-1) == 0);
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
#ifdef __linux__
	T_RUN(starts_tell_processes_apart);
#endif
	return t_done();
}
