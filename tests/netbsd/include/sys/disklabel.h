/* See sys/ioctl.h; the label itself has more than what is here. */
#ifndef TESTS_NETBSD_DISKLABEL_H
#define TESTS_NETBSD_DISKLABEL_H
#include <stdint.h>

#define MAXPARTITIONS	16
#define FS_UNUSED	0
#define FS_BSDFFS	7

#define DISKUNIT(dev)	(host_minor(dev) / MAXPARTITIONS)
#define DISKPART(dev)	(host_minor(dev) % MAXPARTITIONS)
#define DISKMINOR(unit, part)	((unit) * MAXPARTITIONS + (part))

struct partition {
	uint32_t	p_size, p_offset;	/* sectors */
	uint8_t		p_fstype;
};

struct disklabel {
	uint32_t	 d_secsize;		/* bytes */
	uint16_t	 d_npartitions;
	struct partition d_partitions[MAXPARTITIONS];
};

#endif
