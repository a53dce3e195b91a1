/*
 * Linux's file systems, and what else an image needs: is it there, is it good,
 * mount it, and unmount it.
 *
 * What is mounted was written by others: its superblock says what the kernel
 * does on errors, and which devices it looks at besides.  The first is
 * overruled, the second refused.
 */
#ifdef __linux__
#include <sys/mount.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/base/spawn.h"
#include "core/host/linux_impl.h"

#define FSCK_LIMIT	3600		/* seconds */
#define LOAD_LIMIT	20

static const char *
fsck_program(const char *fstype)
{
	static const char *const ext4[] = { "/sbin/fsck.ext4",
	    "/usr/sbin/fsck.ext4", "/usr/local/sbin/fsck.ext4" };
	size_t i;

	if (strcmp(fstype, "ext4") != 0)
		return "";		/* its mount does it */
	for (i = 0; i < sizeof(ext4) / sizeof(ext4[0]); i++)
		if (access(ext4[i], X_OK) == 0)
			return ext4[i];
	return NULL;
}

static int
no_fsck(const char *fstype, struct dd_err *e)
{
	(void)dd_fail(e, ERR_UNSUP, "fsck.%s is missing: what is written can't "
	    "be checked", fstype);
	return dd_hint(e, "install e2fsprogs");
}

/* fsck(8): 1 and 2, something was mended. */
int
linux_fsck(const struct host_device *d, const char *fstype, struct dd_err *e)
{
	const char *program = fsck_program(fstype);
	const char *const argv[] = { program, "-p", d->path, NULL };
	struct buf said = BUF_INIT;
	int status = 0, rc;

	if (program == NULL)
		return no_fsck(fstype, e);
	if (program[0] == '\0')
		return 0;
	rc = spawn_run(argv, FSCK_LIMIT, &said, &status, e);
	if (rc == 0 && (status & ~3) != 0) {
		rc = dd_fail(e, ERR_FORMAT, "%s -p ends with %d: %.*s",
		    program, status, said.p != NULL ?
		    (int)strcspn(said.p, "\n") : 0,
		    said.p != NULL ? said.p : "");
		(void)dd_hint(e, "it needs somebody who decides: attach the "
		    "image with losetup, and run fsck.%s on that", fstype);
	}
	buf_dispose(&said);
	return rc;
}

/* In an ext4's superblock, at 1024; see the kernel's fs/ext4/ext4.h. */
#define EXT_AT			1024
#define EXT_LEN			1024
#define EXT_COMPAT		0x5c
#define EXT_COMPAT_JOURNAL	0x04
#define EXT_JOURNAL_INUM	0xe0
#define EXT_MOUNT_OPTS		0x200

static int
check_ext4(const struct host_device *d, struct dd_err *e)
{
	int fd = open(d->path, O_RDONLY | O_CLOEXEC), rc;
	uint8_t sb[EXT_LEN];

	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", d->path);
	rc = fs_pread(fd, sb, sizeof(sb), EXT_AT, d->path, e);
	(void)close(fd);
	if (rc == -1)
		return -1;
	if ((get32le(sb + EXT_COMPAT) & EXT_COMPAT_JOURNAL) != 0 &&
	    get32le(sb + EXT_JOURNAL_INUM) == 0)
		return dd_fail(e, ERR_UNSUP, "its journal is on another "
		    "device");
	if (sb[EXT_MOUNT_OPTS] != '\0')
		return dd_fail(e, ERR_UNSUP, "it brings mount options of its "
		    "own, which are not to be trusted");
	return 0;
}

/* What the kernel is asked for; one name may stand for several. */
static const struct {
	const char	*fstype, *kernel, *options;
} mounts[] = {
	{ "ext4", "ext4", "errors=remount-ro" },
	{ "xfs", "xfs", "nouuid" },	/* a copy of it may be mounted, too */
	{ "ffs", "ufs", "ufstype=ufs2" },
	{ "ffs", "ufs", "ufstype=44bsd" },
};

#define NMOUNTS		(sizeof(mounts) / sizeof(mounts[0]))

static const char *
kernel_name(const char *fstype)
{
	size_t i;

	for (i = 0; i < NMOUNTS; i++)
		if (strcmp(mounts[i].fstype, fstype) == 0)
			return mounts[i].kernel;
	return NULL;
}

static int
mount_as(const struct host_device *d, const char *fstype, const char *dir,
    unsigned long flags)
{
	int r = -1;
	size_t i;

	errno = ENODEV;
	for (i = 0; i < NMOUNTS && r == -1; i++)
		if (strcmp(mounts[i].fstype, fstype) == 0)
			r = mount(d->path, dir, mounts[i].kernel, flags,
			    mounts[i].options);
	return r;
}

int
linux_mount(const struct host_device *d, const char *fstype,
    const char *dir, bool readonly, struct dd_err *e)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC |
	    (readonly ? MS_RDONLY : 0);

	if (strcmp(fstype, "ext4") == 0 && check_ext4(d, e) == -1)
		return -1;
	if (mount_as(d, fstype, dir, flags) == 0)
		return 0;
	if (errno == EROFS && readonly)
		return dd_fail(e, ERR_UNCLEAN, "the file system was not "
		    "unmounted, and its journal must be replayed first");
	(void)dd_fail_sys(e, errno, "mounting it as %s", fstype);
	return dd_hint(e, "dmesg may say more");
}

int
linux_sync(const char *dir, struct dd_err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd == -1 || syncfs(fd) == -1) {
		(void)dd_fail_sys(e, errno, "%s: what was written there", dir);
		rc = dd_hint(e, "the host's file system may be full, or its "
		    "disk failing; the image is as it was");
	}
	if (fd != -1)
		(void)close(fd);
	return rc;
}

int
linux_unmount(const char *dir, struct dd_err *e)
{
	if (umount2(dir, UMOUNT_NOFOLLOW) == 0 || errno == EINVAL ||
	    errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return dd_fail_sys(e, errno, "%s: unmount", dir);
	(void)dd_fail(e, ERR_HELD, "%s: somebody is in there", dir);
	return dd_hint(e, "fuser -vm %s tells who", dir);
}

/* ---- what can be done here */

/* What isn't there may be a module. */
static void
load(const char *module)
{
	const char *const argv[] = { "modprobe", "-q", module, NULL };
	struct dd_err ignored = DD_ERR_INIT;
	int status;

	(void)spawn_run(argv, LOAD_LIMIT, NULL, &status, &ignored);
}

static bool
lists_fs(const char *name)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	char line[64];
	bool found;

	(void)snprintf(line, sizeof(line), "\t%s\n", name);
	found = linux_read("/proc/filesystems", &b, &ignored) == 1 &&
	    strstr(b.p, line) != NULL;
	buf_dispose(&b);
	return found;
}

static bool
has_loop(void)
{
	int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (fd != -1)
		(void)close(fd);
	return fd != -1;
}

static int
lacks(const char *what, struct dd_err *e)
{
	(void)dd_fail(e, ERR_UNSUP, "this kernel has no %s", what);
	return dd_hint(e, "use --driver direct");
}

/* In process there is FFS alone. */
static int
lacks_fs(const char *name, struct dd_err *e)
{
	if (strcmp(name, "ufs") == 0)
		return lacks(name, e);
	(void)dd_fail(e, ERR_UNSUP, "this kernel has no %s", name);
	return dd_hint(e, "modprobe %s, or a host whose kernel has it", name);
}

static int
check_cipher(const struct host_cipher *c, struct dd_err *e)
{
	int has;

	if (strcmp(c->algorithm, "aes-xts") != 0 ||
	    strcmp(c->ivmethod, "encblkno1") != 0 ||
	    (c->sector_size != 0 && c->sector_size != 512)) {
		(void)dd_fail(e, ERR_UNSUP, "Linux can't decrypt %s of cgd's "
		    "(%s, sectors of %u bytes): only aes-xts with encblkno1 "
		    "and 512 is the same here", c->algorithm, c->ivmethod,
		    c->sector_size != 0 ? c->sector_size : 512);
		return dd_hint(e, "use --driver direct");
	}
	if ((has = linux_dm_has_crypt(e)) == 0) {
		load("dm-crypt");
		has = linux_dm_has_crypt(e);
	}
	return has == 1 ? 0 : has == 0 ? lacks("dm-crypt", e) : -1;
}

static int
check_fs(const char *fstype, bool readonly, struct dd_err *e)
{
	const char *name = kernel_name(fstype);

	if (name == NULL)
		return lacks_fs(fstype, e);
	if (strcmp(name, "ufs") == 0 && !readonly) {
		(void)dd_fail(e, ERR_UNSUP, "Linux does not write FFS");
		return dd_hint(e, "use --driver direct");
	}
	if (!lists_fs(name)) {
		load(name);
		if (!lists_fs(name))
			return lacks_fs(name, e);
	}
	return readonly || fsck_program(fstype) != NULL ? 0 :
	    no_fsck(fstype, e);
}

int
linux_check(const struct host_need *need, struct dd_err *e)
{
	if (geteuid() != 0) {
		(void)dd_fail(e, ERR_PERM, "only root can have the kernel "
		    "mount an image");
		return dd_hint(e, "run it as root, or use --driver direct");
	}
	if (!has_loop()) {
		load("loop");
		if (!has_loop())
			return lacks("loop devices", e);
	}
	if (need->cipher != NULL && check_cipher(need->cipher, e) == -1)
		return -1;
	return need->fstype != NULL ? check_fs(need->fstype, need->readonly,
	    e) : 0;
}
#endif
