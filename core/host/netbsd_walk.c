/*
 * What stands on the vnds of a file, or on a device: what is mounted from a
 * partition or a wedge, and the cgds on them, each of which is a disk again.
 */
#ifdef __NetBSD__
#include <sys/disk.h>
#include <sys/disklabel.h>
#include <sys/ioctl.h>
#include <sys/dkio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/netbsd_impl.h"

#define DEPTH	8		/* of cgds on cgds */

struct look {
	netbsd_walk_fn	*fn;
	void		*arg;
	struct statvfs	*mounts;
	int		 nmounts;
	int		 depth;
};

static int	look_at_device(struct look *, dev_t, const char *disk,
		    struct dd_err *);

/* ---- numbers */

/* Are there partitions in its number? */
static bool
has_partitions(dev_t rdev)
{
	return !netbsd_is_of(rdev, "dk") && !netbsd_is_of(rdev, "dm");
}

/* Does what has the one have some of the other?  The raw partition is all of the
 * disk; of others it isn't known how they lie. */
static bool
overlaps(dev_t a, dev_t b)
{
	int raw = netbsd_sys->getrawpartition();

	if (a == b)
		return true;
	if (host_major(a) != host_major(b) || !has_partitions(a) ||
	    DISKUNIT(a) != DISKUNIT(b))
		return false;
	return (int)DISKPART(a) == raw || (int)DISKPART(b) == raw;
}

/* ---- mounts */

static int
read_mounts(struct look *l, struct dd_err *e)
{
	int n = netbsd_sys->getvfsstat(NULL, 0, ST_NOWAIT), cap;

	if (n == -1)
		return dd_fail_sys(e, errno, "getvfsstat");
	do {
		cap = n + 8;		/* more may come meanwhile */
		free(l->mounts);
		l->mounts = calloc((size_t)cap, sizeof(*l->mounts));
		if (l->mounts == NULL)
			return dd_fail_nomem(e);
		n = netbsd_sys->getvfsstat(l->mounts, (size_t)cap *
		    sizeof(*l->mounts), ST_NOWAIT);
		if (n == -1)
			return dd_fail_sys(e, errno, "getvfsstat");
	} while (n >= cap);
	l->nmounts = n;
	return 0;
}

/* These have the number of their device as that of the file system. */
static bool
has_device_number(const struct statvfs *m)
{
	static const char *const types[] = { "ffs", "lfs", "ext2fs",
	    "msdos", "cd9660", "udf", "ntfs" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(m->f_fstypename, types[i]) == 0)
			return true;
	return false;
}

/* Only nodes of /dev are looked at: another path may be on a file server that
 * does not answer. */
static bool
is_mount_of(const struct statvfs *m, dev_t rdev)
{
	struct stat st;

	if (strncmp(m->f_mntfromname, "/dev/", 5) == 0 &&
	    netbsd_sys->stat(m->f_mntfromname, &st) == 0 &&
	    S_ISBLK(st.st_mode))
		return overlaps(rdev, st.st_rdev);
	return has_device_number(m) &&
	    overlaps(rdev, (dev_t)(uint32_t)m->f_fsid);
}

static int
look_at_mounts(struct look *l, dev_t rdev, struct dd_err *e)
{
	int i;

	for (i = 0; i < l->nmounts; i++) {
		const struct statvfs *m = &l->mounts[i];
		const struct netbsd_thing t = { .what = NETBSD_MOUNT,
		    .under = rdev, .path = m->f_mntonname,
		    .on = m->f_mntfromname,
		    .readonly = (m->f_flag & MNT_RDONLY) != 0 };

		if (is_mount_of(m, rdev) && l->fn(l->arg, &t, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- units */

static int
tell_unknown(struct look *l, const char *kind, int sys, struct dd_err *e)
{
	const struct netbsd_thing t = { .what = NETBSD_UNKNOWN, .path = kind,
	    .sys = sys };

	return l->fn(l->arg, &t, e);
}

/* A unit made of what is looked for: it, and what is upon it. */
static int
look_at_unit(struct look *l, struct netbsd_thing *t, const char *kind, int n,
    struct dd_err *e)
{
	char path[HOST_DEVICE_PATH], disk[16];
	struct stat st;

	netbsd_node(path, kind, n, netbsd_sys->getrawpartition(), false);
	if (netbsd_sys->stat(path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	(void)snprintf(disk, sizeof(disk), "%s%d", kind, n);
	t->rdev = st.st_rdev;
	t->path = path;
	t->disk = disk;
	if (l->fn(l->arg, t, e) == -1)
		return -1;
	return look_at_device(l, st.st_rdev, disk, e);
}

/* Each must be opened to be asked. */
static int
look_at_cgds(struct look *l, dev_t rdev, const char *disk, struct dd_err *e)
{
	struct netbsd_unit u = { .in_use = false };
	int n, fd, sys, rc = 0;

	for (n = 0; rc == 0 && n < NETBSD_UNITS; n++) {
		struct netbsd_thing t = { .what = NETBSD_CGD, .under = rdev,
		    .on = disk };

		if ((fd = netbsd_open("cgd", n, O_RDONLY)) == -1) {
			if (!netbsd_is_absent(errno))
				return tell_unknown(l, "cgd", errno, e);
			continue;
		}
		sys = netbsd_ask_cgd(fd, n, &u) == -1 ? errno : 0;
		(void)netbsd_sys->close(fd);
		if (sys != 0)
			rc = tell_unknown(l, "cgd", sys, e);
		else if (u.in_use && overlaps(rdev, u.dev))
			rc = look_at_unit(l, &t, "cgd", n, e);
	}
	return rc;
}

/* A wedge is a device of its own.  One without a node has nobody opened. */
static int
look_at_wedge(struct look *l, dev_t disk, const struct dkwedge_info *w,
    struct dd_err *e)
{
	struct netbsd_thing t = { .what = NETBSD_WEDGE, .under = disk };
	char path[HOST_DEVICE_PATH];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/dev/%.15s", w->dkw_devname);
	if (netbsd_sys->stat(path, &st) == -1)
		return 0;
	t.rdev = st.st_rdev;
	t.path = path;
	if (l->fn(l->arg, &t, e) == -1)
		return -1;
	return look_at_device(l, st.st_rdev, NULL, e);
}

static int
look_at_wedges(struct look *l, dev_t rdev, const char *disk,
    struct dd_err *e)
{
	struct dkwedge_info *w = NULL;
	char path[HOST_DEVICE_PATH];
	size_t i, n = 0;
	int rc, fd;

	(void)snprintf(path, sizeof(path), "/dev/r%s%c", disk,
	    'a' + netbsd_sys->getrawpartition());
	fd = netbsd_sys->open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return netbsd_is_absent(errno) ? 0 :
		    dd_fail_sys(e, errno, "%s", path);
	rc = netbsd_wedges(fd, &w, &n, e);
	(void)netbsd_sys->close(fd);
	for (i = 0; rc == 0 && i < n; i++)
		rc = look_at_wedge(l, rdev, &w[i], e);
	free(w);
	return rc;
}

/* disk: its name where it may have wedges. */
static int
look_at_device(struct look *l, dev_t rdev, const char *disk,
    struct dd_err *e)
{
	int rc;

	if (l->depth == DEPTH)
		return 0;
	l->depth++;
	rc = look_at_mounts(l, rdev, e);
	if (rc == 0 && disk != NULL)
		rc = look_at_wedges(l, rdev, disk, e);
	if (rc == 0)
		rc = look_at_cgds(l, rdev, disk, e);
	l->depth--;
	return rc;
}

/* One that is open answers for all of them. */
static int
open_any_vnd(void)
{
	int n, fd = -1;

	for (n = 0; n < NETBSD_UNITS && fd == -1; n++)
		if ((fd = netbsd_open("vnd", n, O_RDONLY)) == -1 &&
		    !netbsd_is_absent(errno))
			break;
	return fd;
}

int
netbsd_walk_vnds(dev_t dev, ino_t ino, int except, netbsd_walk_fn *fn,
    void *arg, struct dd_err *e)
{
	struct look l = { .fn = fn, .arg = arg };
	struct netbsd_unit u = { .in_use = false };
	int n, rc, fd = open_any_vnd();

	if (fd == -1)
		return netbsd_is_absent(errno) ? 0 :
		    tell_unknown(&l, "vnd", errno, e);
	rc = read_mounts(&l, e);
	for (n = 0; rc == 0 && n < NETBSD_UNITS; n++) {
		struct netbsd_thing t = { .what = NETBSD_VND };

		if (netbsd_ask_vnd(fd, n, &u) == -1) {
			if (errno != ENXIO)	/* behind the last one */
				rc = tell_unknown(&l, "vnd", errno, e);
			break;
		}
		if (n == except || !u.in_use ||
		    (ino != 0 && (u.dev != dev || u.ino != ino)))
			continue;
		t.dev = u.dev;
		t.ino = u.ino;
		rc = look_at_unit(&l, &t, "vnd", n, e);
	}
	(void)netbsd_sys->close(fd);
	free(l.mounts);
	return rc;
}

/* The name of the disk that this is all of; NULL: it is none that may have
 * wedges. */
static const char *
disk_of(dev_t rdev, char name[16])
{
	static const char *const kinds[] = { "vnd", "cgd", "wd", "sd", "ld",
	    "raid", "xbd" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (netbsd_is_of(rdev, kinds[i]))
			break;
	if (i == sizeof(kinds) / sizeof(kinds[0]) ||
	    (int)DISKPART(rdev) != netbsd_sys->getrawpartition())
		return NULL;
	(void)snprintf(name, 16, "%s%u", kinds[i], (unsigned)DISKUNIT(rdev));
	return name;
}

int
netbsd_walk_device(dev_t rdev, netbsd_walk_fn *fn, void *arg,
    struct dd_err *e)
{
	struct look l = { .fn = fn, .arg = arg };
	char name[16];
	int rc;

	rc = read_mounts(&l, e);
	if (rc == 0)
		rc = look_at_device(&l, rdev, disk_of(rdev, name), e);
	free(l.mounts);
	return rc;
}
#endif
