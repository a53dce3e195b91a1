/* See sys/ioctl.h. */
#ifndef TESTS_NETBSD_CGDVAR_H
#define TESTS_NETBSD_CGDVAR_H
#include <sys/types.h>
#include <sys/ioctl.h>

struct cgd_ioctl {
	const char	*ci_disk;
	int		 ci_flags;
	int		 ci_unit;
	size_t		 ci_size;
	const char	*ci_alg;
	const char	*ci_ivmethod;
	size_t		 ci_keylen;
	const char	*ci_key;
	size_t		 ci_blocksize;
};

struct cgd_user {
	int		cgu_unit;
	dev_t		cgu_dev;
	char		cgu_alg[32];
	size_t		cgu_blocksize;
	int		cgu_mode;
	int		cgu_keylen;
};

#define CGDIOCSET	_IOWR('F', 18, struct cgd_ioctl)
#define CGDIOCCLR	_IOW('F', 19, struct cgd_ioctl)
#define CGDIOCGET	_IOWR('F', 20, struct cgd_user)

#endif
