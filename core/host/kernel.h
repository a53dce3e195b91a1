/*
 * What this host's kernel makes of images: block devices made of a file
 * (NetBSD: vnd, Linux: loop), devices that show one of those decrypted (cgd,
 * dm-crypt), and mounts.
 *
 * Each call makes one thing, or takes one down, or fails and leaves nothing;
 * so the one who calls (stack.h) can write down what is about to be.  Nothing
 * is ever forced: what somebody uses stays, with ERR_HELD.  All of it is for
 * root.
 */
#ifndef DD_HOST_KERNEL_H
#define DD_HOST_KERNEL_H

#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/secret.h"

#define HOST_DEVICE_PATH	80	/* bytes of a device's path, with its end */

struct host_device {
	dev_t	 rdev;				/* of the block device */
	char	 path[HOST_DEVICE_PATH];	/* "/dev/loop3", "/dev/vnd0d" */
	char	 raw[HOST_DEVICE_PATH];		/* "/dev/rvnd0d"; where there
						 * are none, as path */
};

/* A regular file, and which bytes of it. */
struct host_part {
	const char	*image;		/* path; the caller's */
	dev_t		 dev;		/* which must be this one still */
	ino_t		 ino;
	uint64_t	 off, len;	/* bytes; the partition, or all of it */
	bool		 readonly;
};

/* As in a cgd parameters file; the key's bytes are the caller's. */
struct host_cipher {
	const char		*algorithm;	/* "aes-xts" */
	const char		*ivmethod;	/* "encblkno1" */
	uint32_t		 keybits;
	uint32_t		 sector_size;	/* 0: 512 */
	/* The sector of 512 bytes as which the part's first one was encrypted:
	 * it is a partition inside of what is encrypted. */
	uint64_t		 first;
	const struct secret	*key;
};

/* What will be asked of the kernel. */
struct host_need {
	bool			 readonly;
	const char		*fstype;	/* "ffs", "ext4", "xfs"; NULL:
						 * nothing is mounted */
	const struct host_cipher *cipher;	/* without a key yet; or NULL */
};

struct host_kernel {
	const char	*name;			/* "Linux" */
	/* Can all of that be done here?  Asked before anything is attached;
	 * ERR_UNSUP says what is missing, ERR_PERM that it is for root, and
	 * the hint what can be done instead. */
	int	(*check)(const struct host_need *, struct dd_err *);
	/* The device that attach would take, so that it can be written down
	 * before; NULL where a device that nobody uses goes with the process
	 * that attached it. */
	int	(*choose)(struct host_device *, struct dd_err *);
	/* A device of the file's bytes: the chosen one, which may be taken
	 * meanwhile (ERR_EXIST); without choose any.  ERR_HELD where another
	 * has the file in a way that does not go with this one. */
	int	(*attach)(const struct host_part *, struct host_device *,
		    struct dd_err *);
	/* Does that device show this file, decrypted or not?  1, 0, -1. */
	int	(*shows)(const struct host_device *, dev_t, ino_t,
		    struct dd_err *);
	int	(*detach)(const struct host_device *, struct dd_err *);
	/* name: by which it is found again where the host names such devices
	 * ("drydock-1234-0"). */
	int	(*decrypt)(const struct host_device *under,
		    const struct host_cipher *, const char *name,
		    bool readonly, struct host_device *, struct dd_err *);
	/* path[0] '\0': it was about to be made; by its name alone, or where
	 * they have no names as what lies on rdev (0: nothing does).  None
	 * there is fine. */
	int	(*undecrypt)(const struct host_device *, const char *name,
		    struct dd_err *);
	/* What a boot would run before it mounts that; ERR_FORMAT where it
	 * needs somebody who decides. */
	int	(*fsck)(const struct host_device *, const char *fstype,
		    struct dd_err *);
	/* nosuid, nodev, noexec; dir is ours, empty, and nobody else's.
	 * ERR_UNCLEAN: it can't be read before its journal is replayed. */
	int	(*mount)(const struct host_device *, const char *fstype,
		    const char *dir, bool readonly, struct dd_err *);
	/* Nothing mounted there is fine. */
	/* All that was written below dir is on the device: what could not be,
	 * for want of space or an error of the disk, is told here and nowhere
	 * else.  NULL: unmount tells it. */
	int	(*sync)(const char *dir, struct dd_err *);
	int	(*unmount)(const char *dir, struct dd_err *);
};

/* This host's; tests hand in their own. */
extern const struct host_kernel *const host_kernel;

#endif
