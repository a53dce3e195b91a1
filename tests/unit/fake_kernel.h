/*
 * A kernel that tests make up: what there is of devices, mappings and mounts
 * is a file each in fake_dir, so that it outlives a process that is killed.
 * Each call can be made to fail, and the process to be killed before or after
 * it.  What stands on something keeps it.
 */
#ifndef DD_TESTS_FAKE_KERNEL_H
#define DD_TESTS_FAKE_KERNEL_H

#include <dirent.h>
#include <errno.h>
#include <signal.h>

#include "core/host/kernel.h"
#include "tests/unit/scratch.h"

enum fake_how { FAKE_LET, FAKE_FAIL, FAKE_KILL, FAKE_KILL_AFTER };

static struct {
	char	 dir[512];
	int	 calls;			/* so far */
	int	 at;			/* which one is interfered with */
	enum fake_how how;
	char	 log[1024];		/* "attach decrypt fsck ..." */
} fake;

/* -1: this call fails. */
static inline int
fake_before(const char *name, struct dd_err *e)
{
	fake.calls++;
	(void)snprintf(fake.log + strlen(fake.log), sizeof(fake.log) -
	    strlen(fake.log), "%s%s", fake.log[0] != '\0' ? " " : "", name);
	if (fake.calls != fake.at)
		return 0;
	if (fake.how == FAKE_KILL)
		(void)raise(SIGKILL);
	return fake.how == FAKE_FAIL ? dd_fail(e, ERR_IO, "%s fails", name) :
	    0;
}

static inline int
fake_after(void)
{
	if (fake.calls == fake.at && fake.how == FAKE_KILL_AFTER)
		(void)raise(SIGKILL);
	return 0;
}

/* The file of "device", "crypt-NAME", "mount-NAME". */
static inline void
fake_path(char path[700], const char *kind, const char *name)
{
	const char *slash = strrchr(name, '/');

	(void)snprintf(path, 700, "%s/%s-%s", fake.dir, kind,
	    slash != NULL ? slash + 1 : name);
}

/* Files of that kind. */
static inline int
fake_count(const char *kind)
{
	DIR *d = opendir(fake.dir);
	struct dirent *de;
	int n = 0;

	while (d != NULL && (de = readdir(d)) != NULL)
		n += de->d_name[0] != '.' &&
		    strncmp(de->d_name, kind, strlen(kind)) == 0;
	if (d != NULL)
		(void)closedir(d);
	return n;
}

static inline int
fake_make(const char *kind, const char *name, uint64_t dev, uint64_t ino)
{
	char path[700];
	FILE *f;

	fake_path(path, kind, name);
	if ((f = fopen(path, "wx")) == NULL)
		return -1;
	(void)fprintf(f, "%llu %llu\n", (unsigned long long)dev,
	    (unsigned long long)ino);
	return fclose(f);
}

static inline int
fake_check(const struct host_need *need, struct dd_err *e)
{
	(void)need;
	return fake_before("check", e) == -1 ? -1 : fake_after();
}

/* Where the kernel of the test has numbered units, as NetBSD's. */
static inline int
fake_choose(struct host_device *d, struct dd_err *e)
{
	(void)e;
	d->rdev = 7;
	(void)snprintf(d->path, sizeof(d->path), "/dev/unit0");
	(void)snprintf(d->raw, sizeof(d->raw), "/dev/runit0");
	return 0;
}

static inline int
fake_attach(const struct host_part *p, struct host_device *d,
    struct dd_err *e)
{
	if (fake_before("attach", e) == -1)
		return -1;
	(void)fake_choose(d, e);
	if (fake_make("device", "unit0", p->dev, p->ino) == -1)
		return dd_fail(e, ERR_HELD, "unit0 is taken");
	return fake_after();
}

static inline int
fake_shows(const struct host_device *d, dev_t dev, ino_t ino,
    struct dd_err *e)
{
	unsigned long long have_dev = 0, have_ino = 0;
	char path[700];
	FILE *f;

	(void)e;
	fake_path(path, strstr(d->path, "unit0") != NULL ? "device" : "crypt",
	    d->path);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	if (fscanf(f, "%llu %llu", &have_dev, &have_ino) != 2)
		have_ino = 0;
	(void)fclose(f);
	return have_dev == dev && have_ino == ino;
}

static inline int
fake_remove(const char *kind, const char *name, struct dd_err *e)
{
	char path[700];

	fake_path(path, kind, name);
	if (unlink(path) == -1 && errno != ENOENT)
		return dd_fail_sys(e, errno, "%s", path);
	return fake_after();
}

static inline int
fake_detach(const struct host_device *d, struct dd_err *e)
{
	if (fake_before("detach", e) == -1)
		return -1;
	if (fake_count("crypt") + fake_count("mount") > 0)
		return dd_fail(e, ERR_HELD, "something stands on the device");
	return fake_remove("device", d->path, e);
}

static inline int
fake_decrypt(const struct host_device *under, const struct host_cipher *c,
    const char *name, bool readonly, struct host_device *d,
    struct dd_err *e)
{
	struct stat st;
	char path[700];
	unsigned long long dev = 0, ino = 0;
	FILE *f;

	(void)c;
	(void)readonly;
	if (fake_before("decrypt", e) == -1)
		return -1;
	fake_path(path, "device", under->path);
	if (stat(path, &st) == -1 || (f = fopen(path, "r")) == NULL)
		return dd_fail(e, ERR_NOENT, "no device under it");
	if (fscanf(f, "%llu %llu", &dev, &ino) != 2)
		ino = 0;
	(void)fclose(f);
	d->rdev = 8;
	(void)snprintf(d->path, sizeof(d->path), "/dev/%.60s", name);
	(void)snprintf(d->raw, sizeof(d->raw), "%s", d->path);
	if (fake_make("crypt", name, dev, ino) == -1)
		return dd_fail(e, ERR_EXIST, "%s is there", name);
	return fake_after();
}

static inline int
fake_undecrypt(const struct host_device *d, const char *name,
    struct dd_err *e)
{
	(void)d;
	if (fake_before("undecrypt", e) == -1)
		return -1;
	if (fake_count("mount") > 0)
		return dd_fail(e, ERR_HELD, "it is mounted");
	return fake_remove("crypt", name, e);
}

static inline int
fake_fsck(const struct host_device *d, const char *fstype, struct dd_err *e)
{
	(void)d;
	(void)fstype;
	return fake_before("fsck", e) == -1 ? -1 : fake_after();
}

static inline int
fake_mount(const struct host_device *d, const char *fstype, const char *dir,
    bool readonly, struct dd_err *e)
{
	(void)d;
	(void)fstype;
	(void)readonly;
	if (fake_before("mount", e) == -1)
		return -1;
	if (access(dir, F_OK) == -1 || fake_make("mount", dir, 0, 0) == -1)
		return dd_fail(e, ERR_IO, "%s: not to be mounted on", dir);
	return fake_after();
}

static inline int
fake_unmount(const char *dir, struct dd_err *e)
{
	if (fake_before("unmount", e) == -1)
		return -1;
	return fake_remove("mount", dir, e);
}

static const struct host_kernel fake_kernel = {
	.name = "made up",
	.check = fake_check,
	.choose = fake_choose,
	.attach = fake_attach,
	.shows = fake_shows,
	.detach = fake_detach,
	.decrypt = fake_decrypt,
	.undecrypt = fake_undecrypt,
	.fsck = fake_fsck,
	.mount = fake_mount,
	.unmount = fake_unmount,
};

static inline void
fake_start(enum fake_how how, int at)
{
	if (fake.dir[0] == '\0') {
		(void)snprintf(fake.dir, sizeof(fake.dir), "%s",
		    scratch("kernel"));
		(void)mkdir(fake.dir, 0700);
	}
	fake.calls = 0;
	fake.log[0] = '\0';
	fake.how = how;
	fake.at = at;
}

#endif
