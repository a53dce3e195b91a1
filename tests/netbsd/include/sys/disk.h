/* See sys/ioctl.h. */
#ifndef TESTS_NETBSD_DISK_H
#define TESTS_NETBSD_DISK_H
#include <stdint.h>

struct dkwedge_info {
	char		dkw_devname[16];
	uint8_t		dkw_wname[128];
	char		dkw_parent[16];
	int64_t		dkw_offset;
	uint64_t	dkw_size;
	char		dkw_ptype[32];
};

struct dkwedge_list {
	void		*dkwl_buf;
	size_t		 dkwl_bufsize;
	unsigned	 dkwl_nwedges;
	unsigned	 dkwl_ncopied;
};

#endif
