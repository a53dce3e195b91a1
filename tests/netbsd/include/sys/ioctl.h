/*
 * For tests/unit/test_netbsd.c elsewhere than on NetBSD: what core/host/netbsd*.c
 * use of NetBSD's headers, declared anew.  The layouts are those of a 64-bit
 * NetBSD 9 and later; the test checks the numbers that follow from them.
 */
#ifndef TESTS_NETBSD_IOCTL_H
#define TESTS_NETBSD_IOCTL_H

/* Direction, size of the argument, group, number. */
#define NETBSD_IOC(dir, g, n, t)	((unsigned long)(dir) |		\
    ((unsigned long)sizeof(t) << 16) | ((unsigned long)(g) << 8) | (n))
#undef _IOR
#undef _IOW
#undef _IOWR
#define _IOR(g, n, t)	NETBSD_IOC(0x40000000U, g, n, t)
#define _IOW(g, n, t)	NETBSD_IOC(0x80000000U, g, n, t)
#define _IOWR(g, n, t)	NETBSD_IOC(0xc0000000U, g, n, t)

#endif
