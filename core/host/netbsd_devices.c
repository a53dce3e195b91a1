/*
 * vnd units, cgd units upon them, and mounts of these; see host.h.  What lies
 * on what is told by names (vnd0 and vnd0e), since a device number's unit and
 * partition are packed differently on each port.
 *
 * A vnd tells its file by number alone, and not whether it is read-only.
 */
#ifdef __NetBSD__
#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysctl.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dev/cgdvar.h>
#include <dev/vndvar.h>

#include "core/host/host.h"

#define UNITS	256		/* more nodes than anybody has made */
#define NAME	16		/* "vnd123" */
#define PATH	32		/* "/dev/rvnd123d" */

struct walk {
	host_made_fn	*fn;
	void		*arg;
	char		 raw;		/* the letter of a whole disk */
	struct statvfs	*mounts;
	int		 nmounts;
};

static int	tell_device(struct walk *, struct host_made *,
		    const char *kind, int n, struct dd_err *);

/* "vnd0" and "vnd0e"? */
static bool
is_part_of(const char *part, const char *disk)
{
	size_t len = strlen(disk);

	return strncmp(part, disk, len) == 0 &&
	    isalpha((unsigned char)part[len]) && part[len + 1] == '\0';
}

static int
tell_mounts(struct walk *w, const struct host_made *device, const char *disk,
    struct dd_err *e)
{
	int i;

	for (i = 0; i < w->nmounts; i++) {
		const struct statvfs *m = &w->mounts[i];
		const struct host_made made = { .kind = HOST_MADE_MOUNT,
		    .rdev = device->rdev, .path = m->f_mntonname,
		    .readonly = (m->f_flag & ST_RDONLY) != 0, .opens = -1 };

		if (strncmp(m->f_mntfromname, "/dev/", 5) == 0 &&
		    is_part_of(m->f_mntfromname + 5, disk) &&
		    w->fn(w->arg, &made, e) == -1)
			return -1;
	}
	return 0;
}

/* A cgd answers for the unit that is open, whatever number it is asked for.
 * 1; 0: there is no such unit, or no such driver in this kernel; -1. */
static int
open_unit(const struct walk *w, const char *kind, int n, int *fd,
    struct dd_err *e)
{
	char path[PATH];

	(void)snprintf(path, sizeof(path), "/dev/r%s%d%c", kind, n, w->raw);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd != -1)
		return 1;
	if (errno == ENXIO || errno == ENOENT || errno == ENODEV)
		return 0;
	(void)dd_fail_sys(e, errno, "%s", path);
	return dd_hint(e, "only root may look at these");
}

static int
tell_cgds_on(struct walk *w, const struct host_made *device,
    const char *disk, struct dd_err *e)
{
	struct cgd_user u;
	const char *under;
	int n, fd, rc = 0;

	for (n = 0; rc != -1 && n < UNITS; n++) {
		struct host_made made = { .kind = HOST_MADE_UPON,
		    .under = device->rdev };

		if ((rc = open_unit(w, "cgd", n, &fd, e)) != 1)
			continue;
		memset(&u, 0, sizeof(u));
		u.cgu_unit = n;
		if (ioctl(fd, CGDIOCGET, &u) == -1)
			u.cgu_dev = 0;
		(void)close(fd);
		under = u.cgu_dev == 0 ? NULL : devname(u.cgu_dev, S_IFBLK);
		if (under != NULL && is_part_of(under, disk))
			rc = tell_device(w, &made, "cgd", n, e);
	}
	return rc == -1 ? -1 : 0;
}

static int
tell_device(struct walk *w, struct host_made *made, const char *kind, int n,
    struct dd_err *e)
{
	char disk[NAME], path[PATH];
	struct stat st;

	(void)snprintf(disk, sizeof(disk), "%s%d", kind, n);
	(void)snprintf(path, sizeof(path), "/dev/%s%c", disk, w->raw);
	if (stat(path, &st) == -1 || !S_ISBLK(st.st_mode))
		return 0;
	made->rdev = st.st_rdev;
	made->path = path;
	made->opens = -1;
	if (w->fn(w->arg, made, e) == -1 ||
	    tell_mounts(w, made, disk, e) == -1)
		return -1;
	return tell_cgds_on(w, made, disk, e);
}

static int
tell_vnds(struct walk *w, struct dd_err *e)
{
	struct vnd_user u;
	int n, fd, rc = 0;

	for (n = 0; rc != -1 && n < UNITS; n++) {
		struct host_made made = { .kind = HOST_MADE_OF_FILE };

		if ((rc = open_unit(w, "vnd", n, &fd, e)) != 1)
			continue;
		memset(&u, 0, sizeof(u));
		u.vnu_unit = n;
		if (ioctl(fd, VNDIOCGET, &u) == -1)
			u.vnu_ino = 0;
		(void)close(fd);
		made.dev = u.vnu_dev;
		made.ino = u.vnu_ino;
		if (u.vnu_ino != 0)
			rc = tell_device(w, &made, "vnd", n, e);
	}
	return rc == -1 ? -1 : 0;
}

int
host_devices(host_made_fn *fn, void *arg, struct dd_err *e)
{
	struct walk w = { .fn = fn, .arg = arg };
	size_t len = sizeof(int);
	int raw;

	if (sysctlbyname("kern.rawpartition", &raw, &len, NULL, 0) == -1)
		return dd_fail_sys(e, errno, "kern.rawpartition");
	w.raw = (char)('a' + raw);
	w.nmounts = getmntinfo(&w.mounts, MNT_NOWAIT);
	return tell_vnds(&w, e);
}
#endif
