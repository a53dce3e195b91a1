/* Units of vnd and cgd, and the wedges on them; see netbsd_impl.h. */
#ifdef __NetBSD__
#include <sys/ioctl.h>
#include <sys/disk.h>
#include <sys/dkio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dev/cgdvar.h>
#include <dev/vndvar.h>

#include "core/host/netbsd_impl.h"

void
netbsd_node(char path[HOST_DEVICE_PATH], const char *kind, int unit,
    int part, bool raw)
{
	(void)snprintf(path, HOST_DEVICE_PATH, "/dev/%s%s%d%c",
	    raw ? "r" : "", kind, unit, 'a' + part);
}

int
netbsd_open(const char *kind, int unit, int flags)
{
	char path[HOST_DEVICE_PATH];
	int part = netbsd_sys->getrawpartition();

	if (part < 0) {
		errno = ENXIO;
		return -1;
	}
	netbsd_node(path, kind, unit, part, true);
	return netbsd_sys->open(path, flags | O_CLOEXEC);
}

int
netbsd_ask_vnd(int fd, int unit, struct netbsd_unit *u)
{
	struct vnd_user v;

	memset(&v, 0, sizeof(v));
	v.vnu_unit = unit;
	if (netbsd_sys->ioctl(fd, VNDIOCGET, &v) == -1)
		return -1;
	*u = (struct netbsd_unit){ .in_use = v.vnu_ino != 0,
	    .dev = v.vnu_dev, .ino = v.vnu_ino };
	return 0;
}

/* It answers for the unit that is open, whatever number it is asked for. */
int
netbsd_ask_cgd(int fd, int unit, struct netbsd_unit *u)
{
	struct cgd_user c;

	memset(&c, 0, sizeof(c));
	c.cgu_unit = unit;
	if (netbsd_sys->ioctl(fd, CGDIOCGET, &c) == -1)
		return -1;
	*u = (struct netbsd_unit){ .in_use = c.cgu_dev != 0,
	    .dev = c.cgu_dev };
	return 0;
}

bool
netbsd_is_of(dev_t rdev, const char *driver)
{
	int maj = netbsd_sys->getdevmajor(driver, S_IFBLK);

	return maj >= 0 && host_major(rdev) == (uint32_t)maj;
}

int
netbsd_unit_of(const char *name, const char *kind)
{
	size_t len = strlen(kind);
	char *end;
	long n;

	if (strncmp(name, "/dev/", 5) == 0)
		name += 5;
	if (strncmp(name, kind, len) != 0 || name[len] < '0' ||
	    name[len] > '9')
		return -1;
	n = strtol(name + len, &end, 10);
	if (n >= NETBSD_UNITS || (end[0] != '\0' && end[1] != '\0'))
		return -1;
	return (int)n;
}

int
netbsd_wedges(int fd, struct dkwedge_info **v, size_t *n, struct dd_err *e)
{
	struct dkwedge_list l;
	struct dkwedge_info *w;

	memset(&l, 0, sizeof(l));
	if (netbsd_sys->ioctl(fd, DIOCLWEDGES, &l) == -1)
		return dd_fail_sys(e, errno, "DIOCLWEDGES");
	w = calloc(l.dkwl_nwedges + 1, sizeof(*w));
	if (w == NULL)
		return dd_fail_nomem(e);
	l.dkwl_buf = w;
	l.dkwl_bufsize = l.dkwl_nwedges * sizeof(*w);
	if (l.dkwl_nwedges > 0 &&
	    netbsd_sys->ioctl(fd, DIOCLWEDGES, &l) == -1) {
		(void)dd_fail_sys(e, errno, "DIOCLWEDGES");
		free(w);
		return -1;
	}
	*v = w;
	*n = l.dkwl_bufsize == 0 ? 0 : l.dkwl_ncopied;
	return 0;
}

bool
netbsd_is_absent(int sys)
{
	return sys == ENOENT || sys == ENXIO || sys == ENODEV;
}

int
netbsd_no_unit(const char *kind, int next, struct dd_err *e)
{
	(void)dd_fail(e, ERR_NOSPC, "no %s device is free", kind);
	return dd_hint(e, "cd /dev && sh MAKEDEV %s%d makes "
	    "another", kind, next);
}

int
netbsd_tell_device(struct host_device *d, struct dd_err *e)
{
	struct stat st;

	if (netbsd_sys->stat(d->path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", d->path);
	if (!S_ISBLK(st.st_mode))
		return dd_fail(e, ERR_TYPE, "%s: is no block device",
		    d->path);
	if (d->rdev != 0 && d->rdev != st.st_rdev)
		return dd_fail(e, ERR_TYPE, "%s: has another number by now",
		    d->path);
	d->rdev = st.st_rdev;
	return 0;
}

int
netbsd_stays(const char *kind, int n, int sys, struct dd_err *e)
{
	struct dd_err was = *e;

	dd_err_clear(e);
	(void)dd_fail(e, ERR_RECOVER, "%.600s; and %s%d stays: %s", was.msg,
	    kind, n, strerror(sys));
	return dd_hint(e, "%sconfig -u %s%d takes it away", kind, kind, n);
}
#endif
