/*
 * An ext4 image changed by the kernel driver: with each of the kernel's calls
 * failing in turn, and the process killed before and after each of them, the
 * image is as it was, and nothing is left that recover does not take away.
 */
#include <sys/wait.h>
#include <dirent.h>

#include "core/base/fsutil.h"
#include "core/base/hash.h"
#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/host/host.h"
#include "core/host/stack.h"
#include "core/tree/image_mount.h"
#include "tests/unit/deadly_kernel.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define SIZE	(16 << 20)

static char image[600];

static int
shell(const char *fmt)
{
	char cmd[1400];

	(void)snprintf(cmd, sizeof(cmd), fmt, image);
	return system(cmd);
}

static void
make_image(void)
{
	(void)snprintf(image, sizeof(image), "%s", scratch_file("img/image",
	    SIZE, "", 0, 0));
	T_EQ(shell("mkfs.ext4 -q -F '%s'"), 0);
}

static uint64_t
sum(void)
{
	uint8_t out[HASH_LEN];
	struct buf b = BUF_INIT;
	struct dd_err e = DD_ERR_INIT;
	uint64_t v;

	T_OK(fs_read_file(image, SIZE, &b, &e));
	hash_once(HASH_SHA256, b.p, b.len, out);
	memcpy(&v, out, sizeof(v));
	buf_dispose(&b);
	return v;
}

/* Names beside the image that begin with ".drydock-". */
static int
beside(void)
{
	DIR *d = opendir(scratch("img"));
	struct dirent *de;
	int n = 0;

	while (d != NULL && (de = readdir(d)) != NULL)
		n += strncmp(de->d_name, ".drydock-", 9) == 0;
	if (d != NULL)
		(void)closedir(d);
	return n;
}

/* Put a file into the image: 0 or -1. */
static int
change(struct dd_err *e)
{
	static const struct tree_attr attr = { .mask = TREE_SET_PERM,
	    .perm = 0640 };
	struct image_mount_ask ask = { .path = image, .size = SIZE,
	    .len = SIZE, .fstype = "ext4", .write = true };
	struct image_mount *m = NULL;
	struct blk *file, *over;
	int rc = -1;

	if (file_open(image, FILE_WRITE, 0, &file, e) == -1)
		return -1;
	if (overlay_open(file, 0, &over, e) == -1) {
		blk_close(file);
		return -1;
	}
	ask.fd = file_fd(file);
	ask.dev = file_dev(file);
	ask.ino = file_ino(file);
	if (image_mount(&deadly_kernel, &ask, &m, e) == 0 &&
	    tree_write_file(image_mount_tree(m), "/new", "there", 5, &attr,
	    e) == 0)
		rc = image_mount_save(m, over, e);
	if (image_mount_close(m, e) == -1)
		rc = -1;
	blk_close(over);
	return rc;
}

/* What recover does. */
static void
recover(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct stack_left *v = NULL;
	size_t n = 0, i;
	unsigned copies;

	T_OK(stacks_read(&v, &n, &e));
	for (i = 0; i < n; i++)
		if (!v[i].alive)
			T_OK(stack_clean(host_kernel, &v[i], &e));
	stacks_free(v, n);
	T_OK(image_copies_remove(image, &copies, &e));
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
records(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct stack_left *v = NULL;
	size_t n = 0;

	T_OK(stacks_read(&v, &n, &e));
	stacks_free(v, n);
	return (int)n;
}

/* Neither copies nor records nor devices nor mounts. */
static void
nothing_left(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct stat st;
	int n = 0;

	T_EQ(beside(), 0);
	T_EQ(records(), 0);
	T_EQ(stat(image, &st), 0);
	T_OK(host_holders(st.st_dev, st.st_ino, count, &n, &e));
	T_EQ(n, 0);
	T_EQ(rmdir(scratch("run/mnt")), 0);
}

static void
changed(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct stat was, is;

	make_image();
	T_EQ(stat(image, &was), 0);
	deadly_start(DEADLY_NOT, 0);
	T_OK(change(&e));
	T_EQ(stat(image, &is), 0);
	T_EQ(is.st_ino, was.st_ino);
	T_EQ(shell("debugfs -R 'cat /new' '%s' 2>/dev/null | grep -q there"),
	    0);
	T_EQ(shell("fsck.ext4 -fn '%s' >/dev/null 2>&1"), 0);
	/* attach, fsck, mount, unmount and fsck, unmount, detach */
	T_EQ(deadly.calls, 7);
	nothing_left();
}

static void
each_call_fails(void)
{
	struct dd_err e = DD_ERR_INIT;
	uint64_t was;
	int at;

	make_image();
	was = sum();
	for (at = 1; at <= 7; at++) {
		deadly_start(DEADLY_FAILS, at);
		/* where it can't be taken down it is left to recover */
		T_ERR(change(&e), at < 6 ? ERR_IO : ERR_RECOVER);
		T_EQ(records(), at >= 6);
		T_EQ(sum(), was);
		T_EQ(beside(), at >= 6);
		if (at < 6)
			nothing_left();
		else
			T_EQ(shell("cd \"$(dirname '%s')\" && rm -rf ../run "
			    ".drydock-*.copy-*"), 0);
	}
}

static int
killed(enum deadly_how how, int at)
{
	struct dd_err e = DD_ERR_INIT;
	int status = 0;
	pid_t pid;

	deadly_start(how, at);
	(void)fflush(stdout);
	if ((pid = fork()) == 0)
		_exit(change(&e) == -1);
	T(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status);
}

static void
killed_at_each_call(void)
{
	enum deadly_how how;
	int at, kills = 0;
	uint64_t was;

	for (how = DEADLY_BEFORE; how <= DEADLY_AFTER; how++) {
		make_image();
		was = sum();
		for (at = 1; killed(how, at); at++) {
			T_EQ(beside(), 1);
			recover();
			nothing_left();
			T_EQ(sum(), was);
			kills++;
		}
		T(sum() != was);
		nothing_left();
	}
	T_EQ(kills, 2 * 7);
}

/* Of somebody who is at work nothing is removed. */
static void
copies_at_work(void)
{
	struct image_mount_ask ask = { .path = image, .size = SIZE };
	struct image_copy a = IMAGE_COPY_INIT, b = IMAGE_COPY_INIT;
	struct dd_err e = DD_ERR_INIT;
	unsigned n = 9;
	struct stat st;

	make_image();
	T((ask.fd = open(image, O_RDONLY | O_CLOEXEC)) != -1);
	T_EQ(fstat(ask.fd, &st), 0);
	ask.ino = st.st_ino;
	T_OK(image_copy_make(&ask, &a, &e));
	T_OK(image_copy_make(&ask, &b, &e));
	T_EQ(beside(), 2);
	T_OK(image_copies_remove(image, &n, &e));
	T_EQ(n, 0);
	T_EQ(close(b.fd), 0);		/* as if it had died */
	b.fd = -1;
	T_OK(image_copies_remove(image, &n, &e));
	T_EQ(n, 1);
	T_EQ(beside(), 1);
	image_copy_dispose(&b);
	image_copy_dispose(&a);
	T_EQ(beside(), 0);
	T_EQ(close(ask.fd), 0);
}

/* What a domU, which knows nothing of locks, writes meanwhile is not put
 * back to what the copy has. */
static void
written_meanwhile(void)
{
	struct image_mount_ask ask = { .path = image, .size = SIZE,
	    .len = SIZE };
	struct image_copy c = IMAGE_COPY_INIT;
	struct dd_err e = DD_ERR_INIT;
	struct blk *file, *over;
	struct stat st;
	int fd;

	make_image();
	T_OK(file_open(image, FILE_WRITE, 0, &file, &e));
	T_OK(overlay_open(file, 0, &over, &e));
	ask.fd = file_fd(file);
	ask.dev = file_dev(file);
	ask.ino = file_ino(file);
	T_OK(image_copy_make(&ask, &c, &e));
	T_OK(image_copy_differences(&c, &ask, over, &e));
	T((fd = open(image, O_WRONLY | O_CLOEXEC)) != -1);
	T_EQ(fstat(fd, &st), 0);
	T_EQ(pwrite(fd, "here", 4, SIZE - 4), 4);
	st.st_mtim.tv_sec++;
	T_EQ(futimens(fd, (struct timespec[]){ st.st_atim, st.st_mtim }), 0);
	T_EQ(close(fd), 0);
	T_ERR(image_copy_differences(&c, &ask, over, &e), ERR_HELD);
	image_copy_dispose(&c);
	blk_close(over);
}

static const char *
missing(void)
{
	const struct host_need need = { .fstype = "ext4" };
	static struct dd_err e = DD_ERR_INIT;

	if (host_kernel->check(&need, &e) == -1)
		return e.msg;
	return system("command -v mkfs.ext4 debugfs >/dev/null") != 0 ?
	    "no e2fsprogs" : NULL;
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
	(void)mkdir(scratch("img"), 0700);
	stack_dir = run;
	T_RUN(changed);
	T_RUN(each_call_fails);
	T_RUN(killed_at_each_call);
	T_RUN(copies_at_work);
	T_RUN(written_meanwhile);
	return t_done();
}
