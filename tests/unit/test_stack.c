/*
 * Stacks of devices and a mount, on a kernel that is made up: what is made in
 * which order and taken down in reverse, each call failing in turn, and the
 * process killed before and after each of them.
 */
#include <sys/wait.h>

#include "core/host/stack.h"
#include "tests/unit/fake_kernel.h"
#include "tests/unit/t.h"

static const struct host_cipher cipher = {
	.algorithm = "aes-xts", .ivmethod = "encblkno1", .keybits = 256
};

static struct stack_ask
ask_of(bool encrypted)
{
	static char path[600];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s", scratch_file("an image",
	    4096, "", 0, 0));
	(void)stat(path, &st);
	return (struct stack_ask){
		.part = { .image = path, .dev = st.st_dev, .ino = st.st_ino,
		    .len = 4096 },
		.fstype = "ext4", .cipher = encrypted ? &cipher : NULL
	};
}

/* Records that there are, of processes dead or alive. */
static size_t
records(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct stack_left *v = NULL;
	size_t n = 0;

	T_OK(stacks_read(&v, &n, &e));
	stacks_free(v, n);
	return n;
}

static bool
nothing_left(void)
{
	const char *mounts = scratch("run/mnt");
	bool folder = rmdir(mounts) == 0;	/* empty */

	return folder && fake_count("") == 0 && records() == 0;
}

static void
up_and_down(void)
{
	struct stack_ask ask = ask_of(true);
	struct dd_err e = DD_ERR_INIT;
	struct stack_left *v = NULL;
	struct stack *s = NULL;
	size_t n = 0;

	fake_start(FAKE_LET, 0);
	T_OK(stack_open(&fake_kernel, &ask, &s, &e));
	if (s == NULL)
		return;
	T_STR(fake.log, "check attach decrypt fsck mount");
	T(access(stack_mount_point(s), F_OK) == 0);
	T(strstr(stack_device(s)->path, "/dev/drydock-") != NULL);
	T_OK(stacks_read(&v, &n, &e));
	T_EQ(n, 1);
	if (n == 1) {
		T(v[0].alive);
		T_EQ(v[0].pid, getpid());
		T_EQ(v[0].dev, ask.part.dev);
		T_EQ(v[0].ino, ask.part.ino);
		T_STR(v[0].image, ask.part.image);
		T_STR(v[0].mount, stack_mount_point(s));
		T_STR(v[0].device.path, "/dev/unit0");
		T_STR(v[0].device.raw, "/dev/runit0");
		T_EQ(v[0].device.rdev, 7);
		T_STR(v[0].crypt.path, stack_device(s)->path);
		T_EQ(v[0].crypt.rdev, 8);
		T_STR(v[0].crypt_name, strrchr(v[0].crypt.path, '/') + 1);
		T_ERR(stack_clean(&fake_kernel, &v[0], &e), ERR_HELD);
	}
	stacks_free(v, n);
	fake_start(FAKE_LET, 0);
	T_OK(stack_settle(s, &e));
	T_STR(fake.log, "unmount fsck");
	fake_start(FAKE_LET, 0);
	T_OK(stack_close(s, &e));
	T_STR(fake.log, "unmount undecrypt detach");
	T(nothing_left());
}

static void
each_call_fails(void)
{
	struct stack_ask ask = ask_of(true);
	struct dd_err e = DD_ERR_INIT;
	struct stack *s = NULL;
	int at;

	for (at = 1; at <= 5; at++) {
		fake_start(FAKE_FAIL, at);
		T_ERR(stack_open(&fake_kernel, &ask, &s, &e), ERR_IO);
		T(s == NULL);
		T(at == 1 ? records() == 0 : nothing_left());
	}
}

/* What can't be taken down stays written down, and nothing is pulled from
 * under it. */
static void
each_way_down_fails(void)
{
	struct stack_ask ask = ask_of(true);
	struct dd_err e = DD_ERR_INIT;
	struct stack *s;
	char cmd[2000];
	int at;

	for (at = 1; at <= 3; at++) {
		s = NULL;
		fake_start(FAKE_LET, 0);
		T_OK(stack_open(&fake_kernel, &ask, &s, &e));
		fake_start(FAKE_FAIL, at);
		T_ERR(stack_close(s, &e), ERR_RECOVER);
		T_EQ(fake_count("mount"), at < 2);
		T_EQ(fake_count("crypt"), at < 3);
		T_EQ(fake_count("device"), 1);
		T_EQ(records(), 1);
		(void)snprintf(cmd, sizeof(cmd),
		    "rm -rf '%s' && mkdir '%s' && rm -rf '%s'", fake.dir,
		    fake.dir, stack_dir);
		T_EQ(system(cmd), 0);
	}
}

static int
child_works(void *arg)
{
	struct stack_ask ask = ask_of(*(bool *)arg);
	struct dd_err e = DD_ERR_INIT;
	struct stack *s;

	if (stack_open(&fake_kernel, &ask, &s, &e) == -1)
		return 1;
	return stack_close(s, &e) == -1;
}

/* 1: the child was killed. */
static int
killed(enum fake_how how, int at, bool encrypted)
{
	int status = 0;
	pid_t pid;

	fake_start(how, at);
	(void)fflush(stdout);
	if ((pid = fork()) == 0)
		_exit(child_works(&encrypted));
	T(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status);
}

static void
clean_all(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct stack_left *v = NULL;
	size_t n = 0, i;

	fake_start(FAKE_LET, 0);
	T_OK(stacks_read(&v, &n, &e));
	for (i = 0; i < n; i++) {
		T(!v[i].alive);
		T_OK(stack_clean(&fake_kernel, &v[i], &e));
	}
	stacks_free(v, n);
}

static void
killed_at_each_call(void)
{
	enum fake_how how;
	int encrypted, at, kills = 0;

	for (encrypted = 0; encrypted < 2; encrypted++)
		for (how = FAKE_KILL; how <= FAKE_KILL_AFTER; how++)
			for (at = 1; killed(how, at, encrypted != 0); at++) {
				kills++;
				clean_all();
				T(fake_count("") == 0 && records() == 0);
			}
	/* check, attach, fsck, mount, unmount, detach; decrypt, undecrypt */
	T_EQ(kills, 2 * (6 + 8));
}

/* A device that shows something else by now is not ours to take. */
static void
others_stay(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct stack_left *v = NULL;
	struct stat st;
	size_t n = 0;
	char path[700];

	T(killed(FAKE_KILL_AFTER, 2, false));
	fake_path(path, "device", "unit0");
	T_EQ(unlink(path), 0);
	T(stat(scratch_file("another", 512, "", 0, 0), &st) == 0);
	T_EQ(fake_make("device", "unit0", st.st_dev, st.st_ino), 0);
	T_OK(stacks_read(&v, &n, &e));
	T_EQ(n, 1);
	if (n == 1)
		T_OK(stack_clean(&fake_kernel, &v[0], &e));
	stacks_free(v, n);
	T_EQ(fake_count("device"), 1);
	T_EQ(records(), 0);
	T_EQ(unlink(path), 0);
}

/* Whoever may write into the folder could have anything taken down. */
static void
folder_of_all(void)
{
	struct stack_ask ask = ask_of(false);
	struct dd_err e = DD_ERR_INIT;
	struct stack *s = NULL;

	T_EQ(chmod(scratch("run/stack"), 0777), 0);
	T_ERR(stack_open(&fake_kernel, &ask, &s, &e), ERR_PERM);
	T_EQ(fake_count(""), 0);
	T_EQ(chmod(scratch("run/stack"), 0700), 0);
}

static void
odd_records(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct stack_left *v = NULL;
	size_t n = 0;
	static const char text[] = "image 1 2 /a\nmount /etc\ndevice 7 /dev/u";

	fake_start(FAKE_LET, 0);
	(void)scratch_file("run/stack/999999999-1-0", 0, text,
	    sizeof(text) - 1, 0);
	(void)scratch_file("run/stack/notes", 0, "x", 1, 0);
	T_OK(stacks_read(&v, &n, &e));
	T_EQ(n, 1);
	if (n == 1) {
		T_STR(v[0].image, "/a");
		T(v[0].device.path[0] == '\0');
		T_ERR(stack_clean(&fake_kernel, &v[0], &e), ERR_FORMAT);
		T_STR(fake.log, "");
		T_EQ(unlink(v[0].record), 0);
	}
	stacks_free(v, n);
	T_EQ(unlink(scratch("run/stack/notes")), 0);
}

int
main(void)
{
	static char run[600];

	(void)snprintf(run, sizeof(run), "%s", scratch("run"));
	stack_dir = run;
	T_RUN(up_and_down);
	T_RUN(each_call_fails);
	T_RUN(each_way_down_fails);
	T_RUN(killed_at_each_call);
	T_RUN(others_stay);
	T_RUN(folder_of_all);
	T_RUN(odd_records);
	return t_done();
}
