/*
 * Stacks on this host's kernel: real loop devices, and real mounts of an ext4,
 * where there are rights and means for that; else it says what was skipped.
 * Nothing of it is left, also where the process is killed on the way.
 */
#include <sys/wait.h>

#include "core/host/host.h"
#include "core/host/stack.h"
#include "tests/unit/deadly_kernel.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#ifdef __linux__

static struct stack_ask
ask_of(const char *path, bool readonly)
{
	struct stat st;

	(void)stat(path, &st);
	return (struct stack_ask){ .part = { .image = path, .dev = st.st_dev,
	    .ino = st.st_ino, .off = 1 << 20, .len = 16 << 20,
	    .readonly = readonly }, .fstype = "ext4" };
}

/* An ext4 behind the first MiB of a file. */
static const char *
ext4_image(void)
{
	static char path[600];
	char cmd[1400];

	(void)snprintf(path, sizeof(path), "%s", scratch_file("image",
	    18 << 20, "", 0, 0));
	(void)snprintf(cmd, sizeof(cmd), "mkfs.ext4 -q -F -E "
	    "offset=1048576 '%s' 16m >/dev/null", path);
	T_EQ(system(cmd), 0);
	return path;
}

static int
count(void *arg, const struct host_holder *h, struct dd_err *e)
{
	(void)h;
	(void)e;
	++*(int *)arg;
	return 0;
}

static int
holders(const struct stack_ask *ask)
{
	struct dd_err e = DD_ERR_INIT;
	int n = 0;

	T_OK(host_holders(ask->part.dev, ask->part.ino, count, &n, &e));
	return n;
}

static void
written_and_read(void)
{
	const char *image = ext4_image();
	struct stack_ask ask = ask_of(image, false);
	struct dd_err e = DD_ERR_INIT;
	struct stack *s = NULL;
	char path[700];
	FILE *f;

	T_OK(stack_open(host_kernel, &ask, &s, &e));
	if (s == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/hello", stack_mount_point(s));
	T((f = fopen(path, "w")) != NULL);
	T_ERR(stack_settle(s, &e), ERR_HELD);	/* it is open */
	if (f != NULL) {
		T(fputs("there\n", f) >= 0);
		T_EQ(fclose(f), 0);
	}
	T_EQ(holders(&ask), 2);		/* loop device and mount */
	T_OK(stack_settle(s, &e));
	T_EQ(holders(&ask), 1);
	T_OK(stack_close(s, &e));
	T_EQ(holders(&ask), 0);

	s = NULL;
	ask = ask_of(image, true);
	T_OK(stack_open(host_kernel, &ask, &s, &e));
	if (s == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/hello", stack_mount_point(s));
	T_EQ(access(path, R_OK), 0);
	T((f = fopen(path, "w")) == NULL);
	T_OK(stack_close(s, &e));
	T_EQ(holders(&ask), 0);
}

/* Two that write would destroy it; two that read don't. */
static void
held(void)
{
	const char *image = ext4_image();
	struct stack_ask ask = ask_of(image, true);
	struct dd_err e = DD_ERR_INIT;
	struct stack *a = NULL, *b = NULL, *c = NULL;

	T_OK(stack_open(host_kernel, &ask, &a, &e));
	T_OK(stack_open(host_kernel, &ask, &b, &e));
	ask.part.readonly = false;
	T_ERR(stack_open(host_kernel, &ask, &c, &e), ERR_HELD);
	T(c == NULL);
	T_OK(stack_close(b, &e));
	T_OK(stack_close(a, &e));
	T_EQ(holders(&ask), 0);
}

/* What a superblock of somebody else's may not ask for. */
static void
hostile_superblock(void)
{
	static const struct { off_t at; const char *bytes; size_t len;
	    enum dd_code code; } cases[] = {
		{ 0xe0, "\0\0\0\0", 4, ERR_UNSUP },	/* no journal inode */
		{ 0x200, "errors=panic", 12, ERR_UNSUP },
		{ 0x38, "xx", 2, ERR_IO },		/* the magic */
	};
	struct dd_err e = DD_ERR_INIT;
	struct stack *s = NULL;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stack_ask ask = ask_of(ext4_image(), true);

		fd = open(ask.part.image, O_WRONLY);
		T_EQ(pwrite(fd, cases[i].bytes, cases[i].len, (1 << 20) +
		    1024 + cases[i].at), (ssize_t)cases[i].len);
		T_EQ(close(fd), 0);
		dd_err_clear(&e);
		T(stack_open(host_kernel, &ask, &s, &e) == -1);
		T_EQ(e.code, cases[i].code);
		T_EQ(holders(&ask), 0);
	}
}

/* ---- killed at each step */

static int
child(const struct stack_ask *ask)
{
	struct dd_err e = DD_ERR_INIT;
	struct stack *s;

	return stack_open(&deadly_kernel, ask, &s, &e) == -1 ||
	    stack_close(s, &e) == -1;
}

static bool
killed(const struct stack_ask *ask, enum deadly_how how, int at)
{
	int status = 0;
	pid_t pid;

	deadly_start(how, at);
	(void)fflush(stdout);
	if ((pid = fork()) == 0)
		_exit(child(ask));
	T(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status);
}

static void
clean_all(int records)
{
	struct dd_err e = DD_ERR_INIT;
	struct stack_left *v = NULL;
	size_t n = 0, i;

	T_OK(stacks_read(&v, &n, &e));
	T_EQ(n, records);
	for (i = 0; i < n; i++)
		T_OK(stack_clean(host_kernel, &v[i], &e));
	stacks_free(v, n);
}

static void
killed_at_each_step(void)
{
	struct stack_ask ask = ask_of(ext4_image(), false);
	enum deadly_how how;
	int at, kills = 0;

	for (how = DEADLY_BEFORE; how <= DEADLY_AFTER; how++)
		for (at = 1; killed(&ask, how, at); at++) {
			/* attach, fsck, mount, unmount, detach */
			T_EQ(holders(&ask) > 0, (how == DEADLY_AFTER &&
			    at == 3) || (how == DEADLY_BEFORE && at == 4));
			clean_all(1);
			T_EQ(holders(&ask), 0);
			kills++;
		}
	T_EQ(kills, 2 * 5);
}

static const char *
missing(void)
{
	const struct host_need need = { .fstype = "ext4" };
	static struct dd_err e = DD_ERR_INIT;

	if (host_kernel->check(&need, &e) == -1)
		return e.msg;
	return system("command -v mkfs.ext4 >/dev/null") != 0 ?
	    "no mkfs.ext4" : NULL;
}

int
main(void)
{
	static char run[600];
	const char *why = missing();

	if (why != NULL) {
		printf("# skip real devices: %s\nok 1 - nothing\n", why);
		return 0;
	}
	(void)snprintf(run, sizeof(run), "%s", scratch("run"));
	stack_dir = run;
	T_RUN(written_and_read);
	T_RUN(held);
	T_RUN(hostile_superblock);
	T_RUN(killed_at_each_step);
	return t_done();
}
#else
int
main(void)
{
	printf("# skip real devices: not Linux\nok 1 - nothing\n");
	return 0;
}
#endif
