/* See sys/ioctl.h. */
#ifndef TESTS_NETBSD_VNDVAR_H
#define TESTS_NETBSD_VNDVAR_H
#include <sys/types.h>
#include <sys/ioctl.h>
#include <stdint.h>

struct vndgeom {
	uint32_t	vng_secsize, vng_nsectors, vng_ntracks,
			vng_ncylinders;
};

struct vnd_ioctl {
	char		*vnd_file;
	int		 vnd_flags;
	struct vndgeom	 vnd_geom;
	unsigned	 vnd_osize;
	uint64_t	 vnd_size;
};

struct vnd_user {
	int		vnu_unit;
	dev_t		vnu_dev;
	ino_t		vnu_ino;
};

#define VNDIOF_HASGEOM	0x01
#define VNDIOF_READONLY	0x02
#define VNDIOF_FORCE	0x04

#define VNDIOCSET	_IOWR('F', 0, struct vnd_ioctl)
#define VNDIOCCLR	_IOW('F', 1, struct vnd_ioctl)
#define VNDIOCGET	_IOWR('F', 3, struct vnd_user)

#endif
