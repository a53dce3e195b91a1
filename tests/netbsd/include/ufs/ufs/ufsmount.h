/* See sys/ioctl.h. */
#ifndef TESTS_NETBSD_UFSMOUNT_H
#define TESTS_NETBSD_UFSMOUNT_H

struct ufs_args {
	char	*fspec;
};

#endif
