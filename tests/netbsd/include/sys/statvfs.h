/* See sys/ioctl.h; the system's has more. */
#ifndef TESTS_NETBSD_STATVFS_H
#define TESTS_NETBSD_STATVFS_H

#define ST_NOWAIT	2

struct statvfs {
	unsigned long	f_flag;
	unsigned long	f_fsid;
	char		f_fstypename[32];
	char		f_mntonname[1024];
	char		f_mntfromname[1024];
};

#endif
