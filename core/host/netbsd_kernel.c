/*
 * NetBSD's half of kernel.h: what is asked, decrypted, checked and mounted.
 * Attaching a file: netbsd_attach.c.
 */
#ifdef __NetBSD__
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <dev/cgdvar.h>
#include <ufs/ufs/ufsmount.h>

#include "core/base/buf.h"
#include "core/host/netbsd_impl.h"

#define SECTOR		512	/* of a vnd of a file */

/* ---- what can be done */

/* Any unit answers for the driver. */
static int
check_driver(const char *kind, struct dd_err *e)
{
	int n, fd = -1, sys = ENOENT;

	for (n = 0; n < NETBSD_UNITS && fd == -1; n++)
		if ((fd = netbsd_open(kind, n, O_RDWR)) == -1 &&
		    errno != ENOENT)
			sys = errno;
	if (fd != -1) {
		(void)netbsd_sys->close(fd);
		return 0;
	}
	if (!netbsd_is_absent(sys))
		return dd_fail_sys(e, sys, "/dev/r%s0", kind);
	if (sys == ENOENT) {
		(void)dd_fail(e, ERR_UNSUP, "there is no /dev/%s0", kind);
		return dd_hint(e, "cd /dev && sh MAKEDEV %s0", kind);
	}
	(void)dd_fail(e, ERR_UNSUP, "this kernel has no %s", kind);
	return dd_hint(e, "modload %s, or a kernel with pseudo-device %s",
	    kind, kind);
}

static int
check_cipher(const struct host_cipher *c, struct dd_err *e)
{
	if (c->sector_size != 0 && c->sector_size != SECTOR)
		return dd_fail(e, ERR_UNSUP, "a cgd on a vnd has sectors of "
		    "%d bytes, not %u", SECTOR, (unsigned)c->sector_size);
	if (c->first != 0)
		return dd_fail(e, ERR_UNSUP, "cgd can't begin to count inside "
		    "of what is encrypted, as a partition there needs it");
	return 0;
}

static int
check(const struct host_need *need, struct dd_err *e)
{
	if (netbsd_sys->geteuid() != 0)
		return dd_fail(e, ERR_PERM, "only root attaches and mounts "
		    "images");
	if (need->fstype != NULL && strcmp(need->fstype, MOUNT_FFS) != 0)
		return dd_fail(e, ERR_UNSUP, "NetBSD mounts images with ffs, "
		    "not %s", need->fstype);
	if (check_driver("vnd", e) == -1)
		return -1;
	if (need->cipher == NULL)
		return 0;
	if (check_cipher(need->cipher, e) == -1)
		return -1;
	return check_driver("cgd", e);
}

/* ---- cgd */

static int
refuse_cipher(const struct host_device *under, const struct host_cipher *c,
    int sys, struct dd_err *e)
{
	if (sys == EBUSY) {
		(void)dd_fail(e, ERR_HELD, "%s: is in use", under->path);
		return dd_hint(e, "mount and cgdconfig -l tell by whom");
	}
	if (sys != EINVAL)
		return dd_fail_sys(e, sys, "%s: cgd", under->path);
	(void)dd_fail(e, ERR_UNSUP, "this kernel's cgd has no %s with %s and "
	    "a key of %u bits", c->algorithm, c->ivmethod,
	    (unsigned)c->keybits);
	return dd_hint(e, "aes-xts is there from NetBSD 8, adiantum from 10");
}

/* Take the cgd away that we have just made. */
static int
drop_cgd(int fd, int n, struct dd_err *e)
{
	struct cgd_ioctl c;

	memset(&c, 0, sizeof(c));
	if (netbsd_sys->ioctl(fd, CGDIOCCLR, &c) == -1)
		return netbsd_stays("cgd", n, errno, e);
	return -1;
}

static int
set_cgd(int fd, const struct host_device *under, const struct host_cipher *c)
{
	struct cgd_ioctl set;

	memset(&set, 0, sizeof(set));
	set.ci_disk = under->path;
	set.ci_alg = c->algorithm;
	set.ci_ivmethod = c->ivmethod;
	set.ci_keylen = c->keybits;
	set.ci_key = (const char *)c->key->p;
	set.ci_blocksize = (size_t)-1;		/* the cipher's own */
	return netbsd_sys->ioctl(fd, CGDIOCSET, &set);
}

/*
 * 1: it is ours now, 0: it is somebody else's, -1.  EBUSY says as well that the
 * device under it is in use.
 */
static int
try_cgd(int fd, int n, const struct host_device *under,
    const struct host_cipher *c, struct dd_err *e)
{
	struct netbsd_unit u = { .in_use = false };
	int sys;

	if (netbsd_ask_cgd(fd, n, &u) == -1)
		return dd_fail_sys(e, errno, "cgd%d", n);
	if (u.in_use)
		return 0;
	if (set_cgd(fd, under, c) == -1) {
		sys = errno;
		if (sys == EBUSY && netbsd_ask_cgd(fd, n, &u) == 0 &&
		    u.in_use)
			return 0;
		return refuse_cipher(under, c, sys, e);
	}
	if (netbsd_ask_cgd(fd, n, &u) == -1)
		(void)dd_fail_sys(e, errno, "cgd%d", n);
	else if (u.dev != under->rdev)
		(void)dd_fail(e, ERR_HELD, "%s: was replaced meanwhile",
		    under->path);
	else
		return 1;
	return drop_cgd(fd, n, e);
}

static int
tell_cgd(int fd, int n, struct host_device *out, struct dd_err *e)
{
	struct host_device d = { .rdev = 0 };
	int raw = netbsd_sys->getrawpartition();

	netbsd_node(d.path, "cgd", n, raw, false);
	netbsd_node(d.raw, "cgd", n, raw, true);
	if (netbsd_tell_device(&d, e) == -1)
		return drop_cgd(fd, n, e);
	*out = d;
	return 0;
}

/* A read-only one follows from what is under it. */
static int
decrypt(const struct host_device *under, const struct host_cipher *c,
    const char *name, bool readonly, struct host_device *out,
    struct dd_err *e)
{
	int n, fd, next = -1, rc = 0;

	(void)name;
	(void)readonly;
	if (check_cipher(c, e) == -1)
		return -1;
	if (c->key == NULL || c->key->len != (c->keybits + 7) / 8)
		return dd_fail(e, ERR_FORMAT, "the key has not %u bits",
		    (unsigned)c->keybits);
	for (n = 0; rc == 0 && n < NETBSD_UNITS; n++) {
		if ((fd = netbsd_open("cgd", n, O_RDWR)) == -1) {
			if (!netbsd_is_absent(errno))
				return dd_fail_sys(e, errno, "cgd%d", n);
			if (errno == ENOENT && next == -1)
				next = n;
			continue;
		}
		rc = try_cgd(fd, n, under, c, e);
		if (rc == 1 && tell_cgd(fd, n, out, e) == -1)
			rc = -1;
		(void)netbsd_sys->close(fd);
	}
	if (rc == 0)
		return netbsd_no_unit("cgd", next == -1 ? n : next, e);
	return rc == 1 ? 0 : -1;
}

/* ENXIO: it has gone, which is as good. */
static int
clear_cgd(int n, struct dd_err *e)
{
	struct cgd_ioctl c;
	int fd = netbsd_open("cgd", n, O_RDWR), sys;

	if (fd == -1)
		return dd_fail_sys(e, errno, "cgd%d", n);
	memset(&c, 0, sizeof(c));
	sys = netbsd_sys->ioctl(fd, CGDIOCCLR, &c) == -1 ? errno : 0;
	(void)netbsd_sys->close(fd);
	return sys == 0 || sys == ENXIO ? 0 : dd_fail_sys(e, sys, "cgd%d", n);
}

/* The cgd that lies on that device, if any. */
static int
clear_cgd_on(dev_t under, struct dd_err *e)
{
	struct netbsd_unit u = { .in_use = false };
	int n, fd, sys;

	for (n = 0; n < NETBSD_UNITS; n++) {
		if ((fd = netbsd_open("cgd", n, O_RDONLY)) == -1) {
			if (!netbsd_is_absent(errno))
				return dd_fail_sys(e, errno, "cgd%d", n);
			continue;
		}
		sys = netbsd_ask_cgd(fd, n, &u) == -1 ? errno : 0;
		(void)netbsd_sys->close(fd);
		if (sys != 0)
			return dd_fail_sys(e, sys, "cgd%d", n);
		if (u.in_use && u.dev == under)
			return clear_cgd(n, e);
	}
	return 0;
}

/* They have no names. */
static int
undecrypt(const struct host_device *dev, const char *name, struct dd_err *e)
{
	struct host_device d = *dev;
	int n = netbsd_unit_of(d.path, "cgd");

	(void)name;
	if (d.path[0] == '\0')
		return d.rdev == 0 ? 0 : clear_cgd_on(d.rdev, e);
	if (n == -1)
		return dd_fail(e, ERR_TYPE, "%s: is no cgd", d.path);
	return netbsd_tell_device(&d, e) == -1 ? -1 : clear_cgd(n, e);
}

/* ---- file systems */

/* What it says in the end is what it ended for. */
static const char *
last_line(struct buf *b)
{
	char *nl;

	while (b->len > 0 && b->p[b->len - 1] == '\n')
		b->p[--b->len] = '\0';
	if (b->len == 0)
		return "it says nothing";
	nl = strrchr(b->p, '\n');
	return nl != NULL ? nl + 1 : b->p;
}

static int
fsck(const struct host_device *d, const char *fstype, struct dd_err *e)
{
	const char *const argv[] = { "/sbin/fsck_ffs", "-p", d->raw, NULL };
	struct buf said = BUF_INIT;
	int status = 0, rc;

	if (strcmp(fstype, MOUNT_FFS) != 0)
		return dd_fail(e, ERR_UNSUP, "no fsck for %s", fstype);
	rc = netbsd_sys->run(argv, 0, &said, &status, e);
	if (rc == 0 && status != 0) {
		rc = dd_fail(e, ERR_FORMAT, "%s: fsck_ffs -p: %s", d->path,
		    last_line(&said));
		(void)dd_hint(e, "drydock check tells what is damaged, "
		    "check --repair mends it");
	}
	buf_dispose(&said);
	return rc;
}

static int
mount_device(const struct host_device *dev, const char *fstype,
    const char *dir, bool readonly, struct dd_err *e)
{
	struct host_device d = *dev;
	struct ufs_args args;
	int flags = MNT_NOSUID | MNT_NODEV | MNT_NOEXEC |
	    (readonly ? MNT_RDONLY : 0);

	if (strcmp(fstype, MOUNT_FFS) != 0)
		return dd_fail(e, ERR_UNSUP, "%s is not mounted here",
		    fstype);
	if (netbsd_tell_device(&d, e) == -1)
		return -1;
	memset(&args, 0, sizeof(args));
	args.fspec = d.path;
	if (netbsd_sys->mount(MOUNT_FFS, dir, flags, &args, sizeof(args)) == 0)
		return 0;
	if (errno == EINVAL)
		return dd_fail(e, ERR_FORMAT, "%s: is no file system that "
		    "this kernel mounts", d.path);
	return dd_fail_sys(e, errno, "%s: mount", d.path);
}

static int
unmount_dir(const char *dir, struct dd_err *e)
{
	/* nothing is mounted there, or there is no such folder */
	if (netbsd_sys->unmount(dir, 0) == 0 || errno == EINVAL ||
	    errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return dd_fail_sys(e, errno, "%s: unmount", dir);
	(void)dd_fail(e, ERR_HELD, "%s: somebody works there still", dir);
	return dd_hint(e, "fstat -f %s tells who", dir);
}

const struct host_kernel netbsd_kernel = {
	.name = "NetBSD",
	.check = check,
	.choose = netbsd_choose,
	.attach = netbsd_attach,
	.shows = netbsd_shows,
	.detach = netbsd_detach,
	.decrypt = decrypt,
	.undecrypt = undecrypt,
	.fsck = fsck,
	.mount = mount_device,
	.unmount = unmount_dir,
};
#endif
