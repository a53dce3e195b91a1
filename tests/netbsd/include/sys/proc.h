/* See sys/ioctl.h. */
#ifndef TESTS_NETBSD_PROC_H
#define TESTS_NETBSD_PROC_H

#define SACTIVE		2
#define SDYING		3
#define SZOMB		5
#define SDEAD		6

#endif
