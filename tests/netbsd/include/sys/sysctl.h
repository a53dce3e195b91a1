/* See sys/ioctl.h; the system's has more. */
#ifndef TESTS_NETBSD_SYSCTL_H
#define TESTS_NETBSD_SYSCTL_H
#include <stdint.h>

struct kinfo_proc2 {
	int64_t		p_uvalid;
	uint32_t	p_ustart_sec, p_ustart_usec;
	uint64_t	p_realstat;
};

#endif
