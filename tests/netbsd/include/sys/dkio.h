/* See sys/ioctl.h. */
#ifndef TESTS_NETBSD_DKIO_H
#define TESTS_NETBSD_DKIO_H
#include <sys/disk.h>
#include <sys/disklabel.h>
#include <sys/ioctl.h>

#define DIOCGDINFO	_IOR('d', 101, struct disklabel)
#define DIOCGWEDGEINFO	_IOR('d', 122, struct dkwedge_info)
#define DIOCLWEDGES	_IOWR('d', 124, struct dkwedge_list)

#endif
