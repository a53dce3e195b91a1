/*
 * What a device is made of, from the top down: cgds, a wedge, a vnd, its file.
 */
#ifdef __NetBSD__
#include <sys/disk.h>
#include <sys/disklabel.h>
#include <sys/ioctl.h>
#include <sys/dkio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/host/netbsd_impl.h"

#define DEPTH	8		/* of cgds on cgds */

/* 1, 0: it is made of nothing, or there is none; -1. */
static int
ask(const char *kind, int (*how)(int, int, struct netbsd_unit *), int n,
    struct netbsd_unit *u, struct dd_err *e)
{
	int fd = netbsd_open(kind, n, O_RDONLY), sys;

	if (fd == -1)
		return netbsd_is_absent(errno) ? 0 :
		    dd_fail_sys(e, errno, "%s%d", kind, n);
	sys = how(fd, n, u) == -1 ? errno : 0;
	(void)netbsd_sys->close(fd);
	return sys != 0 ? dd_fail_sys(e, sys, "%s%d", kind, n) : u->in_use;
}

/* 1: a vnd, 0, -1. */
static int
disk_under_wedge(unsigned n, int *unit, struct dd_err *e)
{
	struct dkwedge_info w;
	char path[HOST_DEVICE_PATH];
	int fd, sys;

	(void)snprintf(path, sizeof(path), "/dev/rdk%u", n);
	if ((fd = netbsd_sys->open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return netbsd_is_absent(errno) ? 0 :
		    dd_fail_sys(e, errno, "%s", path);
	memset(&w, 0, sizeof(w));
	sys = netbsd_sys->ioctl(fd, DIOCGWEDGEINFO, &w) == -1 ? errno : 0;
	(void)netbsd_sys->close(fd);
	if (sys != 0)
		return netbsd_is_absent(sys) ? 0 :
		    dd_fail_sys(e, sys, "%s", path);
	*unit = netbsd_unit_of(w.dkw_parent, "vnd");
	return *unit != -1;
}

int
netbsd_vnd_under(dev_t rdev, int *unit, struct dd_err *e)
{
	struct netbsd_unit u = { .dev = rdev };
	int depth, rc;

	for (depth = 0; depth < DEPTH && netbsd_is_of(u.dev, "cgd"); depth++)
		if ((rc = ask("cgd", netbsd_ask_cgd, (int)DISKUNIT(u.dev), &u,
		    e)) != 1)
			return rc;
	if (netbsd_is_of(u.dev, "dk"))
		return disk_under_wedge(host_minor(u.dev), unit, e);
	*unit = (int)DISKUNIT(u.dev);
	return netbsd_is_of(u.dev, "vnd");
}

int
netbsd_file_under(dev_t rdev, struct netbsd_unit *u, struct dd_err *e)
{
	int unit, rc = netbsd_vnd_under(rdev, &unit, e);

	return rc == 1 ? ask("vnd", netbsd_ask_vnd, unit, u, e) : rc;
}

bool
host_backing_file(dev_t rdev, dev_t *dev, ino_t *ino)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct netbsd_unit u = { .in_use = false };

	if (netbsd_file_under(rdev, &u, &ignored) != 1)
		return false;
	*dev = u.dev;
	*ino = u.ino;
	return true;
}
#endif
