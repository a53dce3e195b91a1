/* See sys/ioctl.h. */
#ifndef TESTS_NETBSD_MOUNT_H
#define TESTS_NETBSD_MOUNT_H

#define MOUNT_FFS	"ffs"
#define MNT_RDONLY	0x00000001
#define MNT_NOEXEC	0x00000004
#define MNT_NOSUID	0x00000008
#define MNT_NODEV	0x00000010
#define MNT_FORCE	0x00080000

#endif
