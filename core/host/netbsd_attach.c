/*
 * A vnd of a file: set up, told which of its devices is the part that is
 * wanted, and cleared.
 *
 * A vnd opens the file by its path, which may be another file's by then, so it
 * is asked afterwards what it shows.  It reads the disklabel when it is opened
 * with a file, not when it gets one; so it is opened once more.  The first
 * descriptor stays until all is well, for it can always take the vnd back.
 */
#ifdef __NetBSD__
#include <sys/ioctl.h>
#include <sys/disk.h>
#include <sys/disklabel.h>
#include <sys/dkio.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dev/vndvar.h>

#include "core/host/netbsd_impl.h"

#define SECTOR	512		/* of a vnd without a geometry */

/* The device that is all of the unit. */
static int
raw_device(int unit, struct host_device *d, struct dd_err *e)
{
	int raw = netbsd_sys->getrawpartition();

	*d = (struct host_device){ .rdev = 0 };
	netbsd_node(d->path, "vnd", unit, raw, false);
	netbsd_node(d->raw, "vnd", unit, raw, true);
	return netbsd_tell_device(d, e);
}

static bool
is_shown(const struct netbsd_unit *u, dev_t dev, ino_t ino)
{
	return u->in_use && u->dev == dev && u->ino == ino;
}

/* ---- others */

/*
 * Of a vnd it can't be told whether it only reads, so that nobody, not even a
 * reader, comes beside one: a file system that changes under a kernel that has
 * it mounted can end that.
 */
static int
refuse(void *image, const struct host_holder *h, struct dd_err *e)
{
	(void)dd_fail(e, ERR_HELD, "%s: is in use: %s", (const char *)image,
	    h->text);
	return dd_hint(e, "unmount and detach it first; drydock takes nothing "
	    "away by force");
}

static int
look_for_others(const struct host_part *p, int except, struct dd_err *e)
{
	return netbsd_holders(p->dev, p->ino, except, refuse,
	    (void *)(uintptr_t)p->image, e);
}

/* ---- set up, clear */

static int
clear_vnd(int fd)
{
	struct vnd_ioctl v;

	memset(&v, 0, sizeof(v));		/* never VNDIOF_FORCE */
	return netbsd_sys->ioctl(fd, VNDIOCCLR, &v);
}

/* Take the vnd away that we have just made. */
static int
drop_vnd(int fd, int n, struct dd_err *e)
{
	return clear_vnd(fd) == -1 ? netbsd_stays("vnd", n, errno, e) : -1;
}

struct take {
	const struct host_part *part;
	uint64_t size;			/* of what was taken */
};

/* 1: it is ours now, 0: it is somebody else's, -1. */
static int
try_vnd(int fd, int n, void *take, struct dd_err *e)
{
	struct take *t = take;
	const struct host_part *p = t->part;
	struct netbsd_unit u = { .in_use = false };
	struct vnd_ioctl v;
	char *path;
	int r, sys;

	if (netbsd_ask_vnd(fd, n, &u) == -1)
		return dd_fail_sys(e, errno, "vnd%d", n);
	if (u.in_use)
		return 0;
	if ((path = strdup(p->image)) == NULL)
		return dd_fail_nomem(e);
	memset(&v, 0, sizeof(v));
	v.vnd_file = path;
	v.vnd_flags = p->readonly ? VNDIOF_READONLY : 0;
	r = netbsd_sys->ioctl(fd, VNDIOCSET, &v);
	sys = errno;
	free(path);
	if (r == -1)
		return sys == EBUSY ? 0 : dd_fail_sys(e, sys, "%s: vnd%d",
		    p->image, n);
	t->size = v.vnd_size;
	if (netbsd_ask_vnd(fd, n, &u) == -1)
		(void)dd_fail_sys(e, errno, "vnd%d", n);
	else if (!is_shown(&u, p->dev, p->ino))
		(void)dd_fail(e, ERR_HELD, "%s: was replaced meanwhile",
		    p->image);
	else
		return 1;
	return drop_vnd(fd, n, e);
}

/*
 * Open each unit that has a node, until what is asked of one isn't 0.  Returns the
 * unit, with *fd open, where that is 1; else -1.
 */
static int
first_unit(int (*ask)(int fd, int n, void *arg, struct dd_err *), void *arg,
    int *fd, struct dd_err *e)
{
	int n, next = -1, rc;

	for (n = 0; n < NETBSD_UNITS; n++) {
		if ((*fd = netbsd_open("vnd", n, O_RDWR)) == -1) {
			if (!netbsd_is_absent(errno))
				return dd_fail_sys(e, errno, "vnd%d", n);
			if (errno == ENOENT && next == -1)
				next = n;
			continue;
		}
		if ((rc = ask(*fd, n, arg, e)) == 1)
			return n;
		(void)netbsd_sys->close(*fd);
		if (rc == -1)
			return -1;
	}
	return netbsd_no_unit("vnd", next == -1 ? n : next, e);
}

static int
is_free(int fd, int n, void *arg, struct dd_err *e)
{
	struct netbsd_unit u = { .in_use = false };

	(void)arg;
	return netbsd_ask_vnd(fd, n, &u) == -1 ?
	    dd_fail_sys(e, errno, "vnd%d", n) : !u.in_use;
}

int
netbsd_choose(struct host_device *d, struct dd_err *e)
{
	int fd, unit = first_unit(is_free, NULL, &fd, e);

	if (unit == -1)
		return -1;
	(void)netbsd_sys->close(fd);
	return raw_device(unit, d, e);
}

/* The unit that was chosen. */
static int
take_chosen(const char *path, struct take *t, int *fd, struct dd_err *e)
{
	int unit = netbsd_unit_of(path, "vnd"), rc;

	if (unit == -1)
		return dd_fail(e, ERR_TYPE, "%s: is no vnd", path);
	if ((*fd = netbsd_open("vnd", unit, O_RDWR)) == -1)
		return dd_fail_sys(e, errno, "vnd%d", unit);
	if ((rc = try_vnd(*fd, unit, t, e)) == 1)
		return unit;
	(void)netbsd_sys->close(*fd);
	return rc == -1 ? -1 : dd_fail(e, ERR_EXIST, "vnd%d: was taken "
	    "meanwhile", unit);
}

/* ---- which of its devices */

static int
no_such_part(const struct host_part *p, const char *where, struct dd_err *e)
{
	(void)dd_fail(e, ERR_UNSUP, "%s: the kernel sees no partition of %"
	    PRIu64 " bytes at %" PRIu64 " in its %s", p->image, p->len,
	    p->off, where);
	return dd_hint(e, "the image may have two tables of partitions that "
	    "differ: drydock disk shows them");
}

static bool
is_at(const struct host_part *p, uint64_t first, uint64_t count,
    uint64_t sector)
{
	return count > 0 && p->off == first * sector &&
	    p->len == count * sector;
}

/* Where there are wedges, no other partitions can be opened. */
static int
find_wedge(const struct host_part *p, const struct dkwedge_info *w, size_t n,
    struct host_device *d, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (w[i].dkw_offset >= 0 && is_at(p,
		    (uint64_t)w[i].dkw_offset, w[i].dkw_size, SECTOR))
			break;
	if (i == n)
		return no_such_part(p, "wedges", e);
	(void)snprintf(d->path, sizeof(d->path), "/dev/%.15s",
	    w[i].dkw_devname);
	(void)snprintf(d->raw, sizeof(d->raw), "/dev/r%.15s",
	    w[i].dkw_devname);
	return 0;
}

static int
find_partition(int fd, int unit, const struct host_part *p,
    struct host_device *d, struct dd_err *e)
{
	struct disklabel l;
	int i, n, raw = netbsd_sys->getrawpartition();

	memset(&l, 0, sizeof(l));
	if (netbsd_sys->ioctl(fd, DIOCGDINFO, &l) == -1)
		return dd_fail_sys(e, errno, "vnd%d: its disklabel", unit);
	n = l.d_npartitions < MAXPARTITIONS ? l.d_npartitions : MAXPARTITIONS;
	for (i = 0; i < n; i++)
		if (i != raw && l.d_partitions[i].p_fstype != FS_UNUSED &&
		    is_at(p, l.d_partitions[i].p_offset,
		    l.d_partitions[i].p_size, l.d_secsize))
			break;
	if (i == n)
		return no_such_part(p, "disklabel", e);
	netbsd_node(d->path, "vnd", unit, i, false);
	netbsd_node(d->raw, "vnd", unit, i, true);
	return 0;
}

static int
find_part(int fd, int unit, const struct take *t, struct host_device *d,
    struct dd_err *e)
{
	const struct host_part *p = t->part;
	struct dkwedge_info *w = NULL;
	size_t n = 0;
	int rc;

	if (p->off == 0 && p->len - p->len % SECTOR == t->size)
		return raw_device(unit, d, e);
	if (netbsd_wedges(fd, &w, &n, e) == -1)
		return -1;
	rc = n > 0 ? find_wedge(p, w, n, d, e) :
	    find_partition(fd, unit, p, d, e);
	free(w);
	return rc == -1 ? -1 : netbsd_tell_device(d, e);
}

/* Have it read the disklabel. */
static int
read_label(int unit, struct dd_err *e)
{
	int fd = netbsd_open("vnd", unit, O_RDONLY);

	if (fd == -1)
		return dd_fail_sys(e, errno, "vnd%d", unit);
	(void)netbsd_sys->close(fd);
	return 0;
}

/* The device is there, and nobody else has come by the file meanwhile. */
static int
settle(int fd, int unit, const struct take *t, struct host_device *d,
    struct dd_err *e)
{
	const struct host_part *p = t->part;
	struct netbsd_unit u = { .in_use = false };

	if (read_label(unit, e) == -1 ||
	    find_part(fd, unit, t, d, e) == -1 ||
	    look_for_others(p, unit, e) == -1)
		return -1;
	if (netbsd_ask_vnd(fd, unit, &u) == -1)
		return dd_fail_sys(e, errno, "vnd%d", unit);
	if (!is_shown(&u, p->dev, p->ino))
		return dd_fail(e, ERR_HELD, "vnd%d: was taken away meanwhile",
		    unit);
	return 0;
}

/* Cleared again, if it is ours still. */
static int
undo(int fd, int unit, const struct host_part *p, struct dd_err *e)
{
	struct netbsd_unit u = { .in_use = false };

	if (netbsd_ask_vnd(fd, unit, &u) == -1)
		return netbsd_stays("vnd", unit, errno, e);
	return is_shown(&u, p->dev, p->ino) ? drop_vnd(fd, unit, e) : -1;
}

int
netbsd_attach(const struct host_part *p, struct host_device *dev,
    struct dd_err *e)
{
	struct host_device d = { .rdev = 0 };
	struct take t = { .part = p };
	int unit, fd, rc;

	if (look_for_others(p, -1, e) == -1)
		return -1;
	unit = dev->path[0] != '\0' ? take_chosen(dev->path, &t, &fd, e) :
	    first_unit(try_vnd, &t, &fd, e);
	if (unit == -1)
		return -1;
	rc = settle(fd, unit, &t, &d, e);
	if (rc == 0)
		*dev = d;
	else
		rc = undo(fd, unit, p, e);
	(void)netbsd_sys->close(fd);
	return rc;
}

/* ---- what was attached */

int
netbsd_shows(const struct host_device *d, dev_t dev, ino_t ino,
    struct dd_err *e)
{
	struct netbsd_unit u = { .in_use = false };
	int rc = netbsd_file_under(d->rdev, &u, e);

	return rc == 1 ? is_shown(&u, dev, ino) : rc;
}

static int
say_who(void *unit, const struct host_holder *h, struct dd_err *e)
{
	(void)dd_fail(e, ERR_HELD, "vnd%d: is in use still: %s",
	    *(const int *)unit, h->text);
	return dd_hint(e, "unmount that, or end it with cgdconfig -u, first");
}

static int
refuse_used(int unit, struct dd_err *e)
{
	struct host_device d = { .rdev = 0 };

	netbsd_node(d.path, "vnd", unit, netbsd_sys->getrawpartition(),
	    false);
	if (netbsd_tell_device(&d, e) == -1 ||
	    host_device_holders(d.rdev, say_who, &unit, e) == -1)
		return -1;
	(void)dd_fail(e, ERR_HELD, "vnd%d: is in use still", unit);
	return dd_hint(e, "fstat tells who has one of its devices open");
}

/* Gone is as good. */
int
netbsd_detach(const struct host_device *dev, struct dd_err *e)
{
	struct host_device d = *dev;
	int unit, fd, sys, rc;

	if (netbsd_tell_device(&d, e) == -1 ||
	    (rc = netbsd_vnd_under(d.rdev, &unit, e)) == -1)
		return -1;
	if (rc == 0)
		return 0;
	if ((fd = netbsd_open("vnd", unit, O_RDWR)) == -1)
		return dd_fail_sys(e, errno, "vnd%d", unit);
	sys = clear_vnd(fd) == -1 ? errno : 0;
	(void)netbsd_sys->close(fd);
	if (sys == 0 || sys == ENXIO)
		return 0;
	return sys == EBUSY ? refuse_used(unit, e) :
	    dd_fail_sys(e, sys, "vnd%d", unit);
}
#endif
