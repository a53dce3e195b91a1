/*
 * vnd and cgd by programs that write down what they are asked for, keep a list
 * of units in files, and fail at the call that they are told.
 */
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/fsutil.h"
#include "core/host/crypt.h"
#include "core/host/host.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#if defined(__i386__) || defined(__x86_64__)
#define RAW	"d"
#else
#define RAW	"c"
#endif

static struct dd_err e;
static const struct host_crypt *const h = &host_crypt_programs;

static const char program[] =
"#!/bin/sh\n"
"cd \"$FAKE\" || exit 9\n"
"me=${0##*/}\n"
"echo \"$me $*\" >>calls\n"
"env >>environment\n"
"[ \"$(grep -c . calls)\" != \"$(cat fails_at)\" ] || { echo broken; exit 1; }\n"
"kind=${me%config}; [ $kind != vn ] || kind=vnd\n"
"case $1 in\n"
"-l)	for n in 0 1 2; do\n"
"		if [ -f $kind$n ]; then echo \"$kind$n: $(cat $kind$n)\"\n"
"		else echo \"$kind$n: not in use\"; fi\n"
"	done ;;\n"
"-u)	rm $2 ;;\n"
"-r)	echo \"$INODE\" >$2 ;;\n"
"*)	if [ $kind = vnd ]; then echo \"$INODE\" >$1\n"
"	else cat >stdin; n=${2##*/vnd}; n=${n%?}\n"
"		eval \"echo \\\"$UNDER\\\"\" >$1\n"
"	fi ;;\n"
"esac\n";

static struct stat image;
static struct host_crypt_disk disk = { .name = "drydock-7-51714",
    .keybits = 256, .sectors = 8, .key = "drydock:once-1-2" };
static struct secret params;

static bool
here(const char *name)
{
	return access(scratch(name), F_OK) == 0;
}

static const char *
text_of(const char *name)
{
	static struct buf b;

	buf_reset(&b);
	dd_err_clear(&e);
	if (!here(name))
		return "";
	T_OK(fs_read_file(scratch(name), 65536, &b, &e));
	return b.p != NULL ? b.p : "";
}

static void
forget(void)
{
	(void)unlink(scratch("calls"));
	(void)unlink(scratch("environment"));
}

static void
fail_at(unsigned n)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u\n", n);
	(void)scratch_file("fails_at", (off_t)strlen(text), text,
	    strlen(text), 0);
}

static void
begin(void)
{
	static const char *const units[] = { "vnd0", "vnd1", "vnd2", "cgd0",
	    "cgd1", "cgd2", "run/drydock-7-51714" };
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		(void)unlink(scratch(units[i]));
	/* unit 0 of both is somebody else's */
	(void)scratch_file("vnd0", 18, "dev 0,9 inode 999\n", 18, 0);
	(void)scratch_file("cgd0", 17, "dev 240,0 aes-cbc", 17, 0);
	forget();
	fail_at(0);
	disk.readonly = false;
	T_OK(h->key_put(disk.key, &params, HOST_KEY_OURS, &e));
}

static bool
set_up(void)
{
	char path[1024], inode[64];
	unsigned n;

	(void)scratch_file("image", 4096, "", 0, 0);
	T_EQ(stat(scratch("image"), &image), 0);
	disk.image = strdup(scratch("image"));
	disk.dev = image.st_dev;
	disk.ino = image.st_ino;
	(void)snprintf(inode, sizeof(inode), "dev %u,%u inode %llu",
	    host_major(image.st_dev), host_minor(image.st_dev),
	    (unsigned long long)image.st_ino);
	(void)setenv("INODE", inode, 1);
	(void)setenv("UNDER", "dev 240,$n aes-xts", 1);
	(void)mkdir(scratch("bin"), 0755);
	(void)scratch_file("bin/vnconfig", sizeof(program) - 1, program,
	    sizeof(program) - 1, 0);
	(void)scratch_file("bin/cgdconfig", sizeof(program) - 1, program,
	    sizeof(program) - 1, 0);
	(void)chmod(scratch("bin/vnconfig"), 0755);
	(void)chmod(scratch("bin/cgdconfig"), 0755);
	(void)snprintf(path, sizeof(path), "%s:%s", scratch("bin"),
	    getenv("PATH"));
	(void)setenv("PATH", path, 1);
	(void)setenv("FAKE", scratch("."), 1);
	(void)mkdir(scratch("dev"), 0755);
	host_crypt_places.dev = strdup(scratch("dev"));
	host_crypt_places.run = strdup(scratch("run"));
	for (n = 0; n < 3; n++) {
		(void)snprintf(path, sizeof(path), "%s/vnd%u" RAW,
		    host_crypt_places.dev, n);
		if (mknod(path, S_IFBLK | 0600, host_makedev(240, n)) == -1)
			return false;
		(void)snprintf(path, sizeof(path), "%s/cgd%u" RAW,
		    host_crypt_places.dev, n);
		(void)mknod(path, S_IFBLK | 0600, host_makedev(241, n));
	}
	T_OK(secret_alloc(&params, 15, &e));
	memcpy(params.p, "the-secret-key\n", 15);
	return true;
}

/* All calls, with this test's folder taken out. */
static const char *
calls(void)
{
	static char text[8192];
	const char *from = text_of("calls"), *dir = scratch_dir;
	size_t n = 0, len = strlen(dir);

	while (*from != '\0' && n < sizeof(text) - 1)
		if (strncmp(from, dir, len) == 0)
			from += len + 1;
		else
			text[n++] = *from++;
	text[n] = '\0';
	return text;
}

#define UP	"vnconfig -l\nvnconfig -l\nvnconfig vnd1 image\n"	\
		"vnconfig -l\ncgdconfig -l\ncgdconfig cgd1 dev/vnd1" RAW " /dev/stdin\n"
#define DOWN	"vnconfig -l\ncgdconfig -l\ncgdconfig -u cgd1\n"	\
		"vnconfig -u vnd1\n"

static void
goes_up_and_down(void)
{
	struct host_crypt_device d, again;

	begin();
	T_EQ(h->find(disk.name, &d, &e), 0);
	T_OK(h->attach(&disk, &d, &e));
	T_STR(calls(), UP);
	T_EQ(host_minor(d.rdev), 1);
	T_EQ(host_major(d.rdev), 241);
	T_EQ(d.ino, image.st_ino);
	T(!d.readonly);
	T_STR(text_of("stdin"), "the-secret-key\n");
	T(strstr(text_of("environment"), "secret-key") == NULL);
	T(strstr(text_of("calls"), "secret-key") == NULL);
	T_EQ(h->find(disk.name, &again, &e), 1);
	T_EQ(again.rdev, d.rdev);
	forget();
	T_OK(h->detach(disk.name, &e));
	T_STR(calls(), DOWN);
	T_EQ(h->find(disk.name, &d, &e), 0);
	forget();
	T_OK(h->detach(disk.name, &e));
	T_STR(calls(), "");
	T(here("vnd0") && here("cgd0"));
}

static void
read_only(void)
{
	struct host_crypt_device d;

	begin();
	disk.readonly = true;
	T_OK(h->attach(&disk, &d, &e));
	T(strstr(calls(), "vnconfig -r vnd1 image\n") != NULL);
	T_EQ(h->find(disk.name, &d, &e), 1);
	T(d.readonly);
	T_OK(h->detach(disk.name, &e));
}

/* Each call in turn; what was up goes down, the cgd before the vnd. */
static void
each_failure_is_taken_back(void)
{
	static const char *const then[] = {
		"vnconfig -l\n",
		"vnconfig -l\nvnconfig -l\n",
		"vnconfig -l\nvnconfig -l\nvnconfig vnd1 image\nvnconfig -l\n",
		"vnconfig -l\nvnconfig -l\nvnconfig vnd1 image\nvnconfig -l\n"
		    "vnconfig -l\nvnconfig -u vnd1\n",
		"vnconfig -l\nvnconfig -l\nvnconfig vnd1 image\nvnconfig -l\n"
		    "cgdconfig -l\nvnconfig -l\nvnconfig -u vnd1\n",
		UP "vnconfig -l\ncgdconfig -l\nvnconfig -u vnd1\n" };
	struct host_crypt_device d;
	unsigned i;

	for (i = 0; i < 6; i++) {
		begin();
		fail_at(i + 1);
		T_ERR(h->attach(&disk, &d, &e), ERR_IO);
		T(strstr(e.msg, "broken") != NULL || i != 5);
		T_STR(calls(), then[i]);
		T(!here("vnd1") && !here("cgd1"));
		T(!here("run/drydock-7-51714"));
		T(here("vnd0") && here("cgd0"));
	}
	/* the last one: there is no such device */
	begin();
	(void)rename(scratch("dev/cgd1" RAW), scratch("away"));
	T_ERR(h->attach(&disk, &d, &e), ERR_NOENT);
	T_STR(calls(), UP DOWN);
	T(!here("vnd1") && !here("cgd1"));
	(void)rename(scratch("away"), scratch("dev/cgd1" RAW));
}

/* The other ways in which units are listed. */
static void
knows_units_by_name(void)
{
	char *was = strdup(getenv("INODE")), *node = strdup(scratch("dev/wd0e"));
	char forms[4][1200];
	struct host_crypt_device d;
	unsigned long long ino = (unsigned long long)image.st_ino;
	size_t i;

	(void)mknod(node, S_IFBLK | 0600, image.st_dev);
	(void)snprintf(forms[0], 1200, "/x (1) inode 5 (%s) inode %llu", node,
	    ino);
	(void)snprintf(forms[1], 1200, "wd0e inode %llu", ino);
	(void)snprintf(forms[2], 1200, "%s (tank/xen) inode %llu", scratch_dir,
	    ino);
	(void)snprintf(forms[3], 1200, "/gone (tank/xen) inode %llu", ino);
	(void)setenv("UNDER", "vnd${n}" RAW " ", 1);
	for (i = 0; i < 4; i++) {
		begin();
		(void)setenv("INODE", forms[i], 1);
		T_OK(h->attach(&disk, &d, &e));
		T_EQ(h->find(disk.name, &d, &e), 1);
		/* another that wants it is refused */
		disk.name = "drydock-8-51714";
		T_ERR(h->attach(&disk, &d, &e), ERR_HELD);
		disk.name = "drydock-7-51714";
		forget();
		T_OK(h->detach(disk.name, &e));
		T_STR(calls(), DOWN);
		T(!here("run/drydock-7-51714"));
	}
	/* of another file system */
	begin();
	(void)snprintf(forms[0], 1200, "cgd0" RAW " inode %llu\n", ino);
	(void)scratch_file("vnd0", (off_t)strlen(forms[0]), forms[0],
	    strlen(forms[0]), 0);
	T_OK(h->attach(&disk, &d, &e));
	T_OK(h->detach(disk.name, &e));
	(void)setenv("UNDER", "dev 240,$n aes-xts", 1);
	(void)setenv("INODE", was, 1);
	(void)unlink(node);
	free(node);
	free(was);
}

/* What can't be told is neither taken nor forgotten. */
static void
forgets_no_unit(void)
{
	struct host_crypt_device d;

	begin();
	T_OK(h->attach(&disk, &d, &e));
	(void)scratch_file("vnd1", 8, "what is\n", 8, 0);
	T_ERR(h->detach(disk.name, &e), ERR_FORMAT);
	T(here("run/drydock-7-51714") && here("vnd1") && here("cgd1"));
	begin();
	T_OK(h->attach(&disk, &d, &e));
	(void)scratch_file("cgd1", 8, "what is\n", 8, 0);
	T_ERR(h->detach(disk.name, &e), ERR_FORMAT);
	T(here("run/drydock-7-51714") && here("vnd1") && here("cgd1"));
	/* vnconfig took another file, which was put there */
	begin();
	disk.ino++;
	T_ERR(h->attach(&disk, &d, &e), ERR_HELD);
	T(strstr(e.msg, "replaced") != NULL);
	T(!here("vnd1") && !here("run/drydock-7-51714"));
	disk.ino--;
}

static void
takes_nothing_of_others(void)
{
	struct host_crypt_device d;

	/* another took the cgd that was written down, the vnd is ours */
	begin();
	T_OK(h->attach(&disk, &d, &e));
	(void)scratch_file("cgd1", 9, "dev 9,9 x", 9, 0);
	T_EQ(h->find(disk.name, &d, &e), -1);
	forget();
	T_OK(h->detach(disk.name, &e));
	T_STR(calls(), "vnconfig -l\ncgdconfig -l\nvnconfig -u vnd1\n");
	T(here("cgd1"));
	/* and the vnd, too */
	begin();
	T_OK(h->attach(&disk, &d, &e));
	(void)scratch_file("vnd1", 17, "dev 0,9 inode 99\n", 17, 0);
	T_OK(h->detach(disk.name, &e));
	T(here("vnd1") && here("cgd1"));
	/* somebody shows the image already */
	begin();
	(void)scratch_file("vnd0", (off_t)strlen(getenv("INODE")),
	    getenv("INODE"), strlen(getenv("INODE")), 0);
	T_ERR(h->attach(&disk, &d, &e), ERR_HELD);
	T(strstr(e.msg, "vnd0") != NULL);
	/* all are in use */
	begin();
	(void)scratch_file("vnd1", 1, "x", 1, 0);
	(void)scratch_file("vnd2", 1, "x", 1, 0);
	T_ERR(h->attach(&disk, &d, &e), ERR_NOSPC);
}

static const char *
scratch_in(const char *dir, const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static const char *
key_file(const char *dir)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, disk.key);
	return path;
}

static void
age(const char *dir)
{
	struct stat st;
	struct timespec old[2];

	T_EQ(stat(key_file(dir), &st), 0);
	old[0] = old[1] = (struct timespec){ .tv_sec = st.st_mtime -
	    HOST_KEY_SECONDS - 1 };
	T_EQ(utimensat(AT_FDCWD, key_file(dir), old, 0), 0);
}

static void
keeps_keys_in_memory_only(void)
{
	const char *was = host_crypt_places.run;
	struct host_crypt_device d;
	struct stat st;
	const char *other;
	char dir[64];

	begin();
	T(!h->key_there(disk.key));
	if (!host_is_memory(scratch("run")))
		T_ERR(h->key_put(disk.key, &params, HOST_KEY_ONCE, &e),
		    ERR_UNSUP);
	(void)snprintf(dir, sizeof(dir), "/dev/shm/drydock-test-%ld",
	    (long)getpid());
	if (!host_is_memory("/dev/shm")) {
		printf("# skip keys in memory: /dev/shm is none\n");
		return;
	}
	host_crypt_places.run = dir;
	h->key_drop(disk.key);
	T_OK(h->key_put(disk.key, &params, HOST_KEY_ONCE, &e));
	T(h->key_there(disk.key));
	T_EQ(stat(dir, &st), 0);
	T_EQ(st.st_mode & 0777, 0700);
	T_OK(h->attach(&disk, &d, &e));
	T_STR(text_of("stdin"), "the-secret-key\n");
	T_OK(h->detach(disk.name, &e));
	h->key_drop(disk.key);
	T(!h->key_there(disk.key));
	T_ERR(h->attach(&disk, &d, &e), ERR_NOENT);
	/* they age, unless they are kept */
	T_OK(h->key_put(disk.key, &params, HOST_KEY_ONCE, &e));
	age(dir);
	T(!h->key_there(disk.key));
	T_EQ(access(key_file(dir), F_OK), -1);
	T_OK(h->key_put(disk.key, &params, HOST_KEY_KEPT, &e));
	age(dir);
	T(h->key_there(disk.key));
	h->key_drop(disk.key);
	/* others that are old, and what a crash left of one, go with any */
	other = disk.key;
	disk.key = "drydock:once-1-3";
	T_OK(h->key_put(disk.key, &params, HOST_KEY_ONCE, &e));
	age(dir);
	disk.key = "drydock:kept-1-3.ab12cd";
	T_OK(h->key_put(disk.key, &params, HOST_KEY_KEPT, &e));
	T(access(scratch_in(dir, "drydock:once-1-3"), F_OK) == -1);
	age(dir);
	disk.key = "drydock:kept-1-4";
	T_OK(h->key_put(disk.key, &params, HOST_KEY_KEPT, &e));
	T(access(scratch_in(dir, "drydock:kept-1-3.ab12cd"), F_OK) == -1);
	age(dir);
	h->key_drop("drydock:once-1-5");
	T(h->key_there(disk.key));
	h->key_drop(disk.key);
	disk.key = other;
	/* all of one file's */
	T_OK(h->key_put(disk.key, &params, HOST_KEY_KEPT, &e));
	T_OK(h->key_drop_all("drydock:once-1-2-", &e));
	T(h->key_there(disk.key));
	T_OK(h->key_drop_all("drydock:once-1-", &e));
	T(!h->key_there(disk.key));
	/* a folder that others may enter holds no keys */
	(void)chmod(dir, 0755);
	T_ERR(h->key_put(disk.key, &params, HOST_KEY_ONCE, &e), ERR_PERM);
	T_EQ(rmdir(dir), 0);
	host_crypt_places.run = was;
}

int
main(void)
{
	if (!set_up()) {
		printf("# skip vnd and cgd: who is not root makes no device "
		    "nodes\nok 1 - skipped\n");
		return 0;
	}
	T_RUN(goes_up_and_down);
	T_RUN(read_only);
	T_RUN(each_failure_is_taken_back);
	T_RUN(knows_units_by_name);
	T_RUN(forgets_no_unit);
	T_RUN(takes_nothing_of_others);
	T_RUN(keeps_keys_in_memory_only);
	secret_free(&params);
	return t_done();
}
