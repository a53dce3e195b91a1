/*
 * Shared by linux*.c.
 */
#ifndef DD_HOST_LINUX_IMPL_H
#define DD_HOST_LINUX_IMPL_H

#include "core/base/buf.h"
#include "core/host/crypt.h"
#include "core/host/host.h"
#include "core/host/kernel.h"
#include "core/host/linux_parse.h"

#define LINUX_NAME	256	/* of a device: NAME_MAX and its end */

/* Replace the content of b by that of a file in /proc or /sys.  1: read; 0:
 * there is none, or what it is of has gone meanwhile; -1: error. */
int	linux_read(const char *path, struct buf *b, struct dd_err *);
/* A device's number in a file of /sys; 1, 0, -1 as above. */
int	linux_read_dev(const char *path, dev_t *, struct dd_err *);

/* The kernel's huge_encode_dev(): 12 bits of major, 20 bits of minor. */
dev_t	linux_loop_dev(uint64_t);
/* The kernel's name of a device; its number, where there is no /sys. */
void	linux_device_name(dev_t, char name[LINUX_NAME]);
/*
 * A mount goes by its device's number; but that of some file systems (btrfs)
 * is made up, with major 0, and then the source names a device of theirs.
 */
bool	linux_is_mount_of(const struct proc_mount *, dev_t);

/* Processes that have the file open for writing, but for our own, as far as we
 * may see their files: a disk that qemu serves is in no loop device, and not
 * always locked. */
int	linux_writers(dev_t, ino_t, host_holder_fn *, void *arg,
	    struct dd_err *);

/* ---- linux_loop.c */

struct linux_loop {
	const char	*image;		/* for messages, and its path */
	const char	*name;		/* as losetup(8) shows it */
	uint64_t	 off, len;	/* bytes; len 0: to its end */
	bool		 readonly;
};

/* The name of those that the kernel driver attaches, by which they are told
 * from another's who got the number of one that has gone.  The kernel keeps
 * 63 bytes of it. */
#define LINUX_LOOP_OURS		"drydock, kernel driver"

/* ERR_HELD where somebody has the file in a way that does not go with it. */
int	linux_loop_refuse_held(const struct linux_loop *, dev_t, ino_t,
	    struct dd_err *);
/* A descriptor of the image, which must be that file still; or -1. */
int	linux_loop_open_image(const struct linux_loop *, dev_t, ino_t,
	    struct dd_err *);
/* Make a free loop device show the file: its descriptor, or -1.  The device
 * goes when nobody has it open any more. */
int	linux_loop_of(int file, const struct linux_loop *, struct dd_err *);

/* ---- linux_dm.c */

/* What is to be shown decrypted. */
struct linux_map {
	const char	*name;
	dev_t		 under;
	uint64_t	 sectors;	/* of 512 bytes */
	uint64_t	 first;		/* as which its first one was encrypted */
	bool		 readonly;
	uint32_t	 keybits;
	const char	*key;		/* its name in the keyring */
};

struct linux_mapping {
	dev_t	 rdev;
	char	 path[HOST_CRYPT_NAME];
	bool	 readonly;
	int	 opens;			/* how often it is open */
	bool	 whole;			/* else half set up, or going */
};

/* /dev/mapper/control, or -1. */
int	linux_dm_open(struct dd_err *);
int	linux_dm_map(int dm, const struct linux_map *, struct linux_mapping *,
	    struct dd_err *);
/* 1, 0: there is none of that name, -1. */
int	linux_dm_find(const char *name, struct linux_mapping *,
	    struct dd_err *);
/* Whatever there is of that name; none at all is fine. */
int	linux_dm_remove(const char *name, struct dd_err *);
/* Is dm-crypt loaded?  1, 0, -1. */
int	linux_dm_has_crypt(struct dd_err *);

/* ---- linux_mount.c: see struct host_kernel */
int	linux_check(const struct host_need *, struct dd_err *);
int	linux_fsck(const struct host_device *, const char *fstype,
	    struct dd_err *);
int	linux_mount(const struct host_device *, const char *fstype,
	    const char *dir, bool readonly, struct dd_err *);
int	linux_sync(const char *dir, struct dd_err *);
int	linux_unmount(const char *dir, struct dd_err *);

/* host_room(), where new ones are made through control, and dir lists those
 * that there are. */
void	linux_room(const char *control, const char *dir, struct host_room *);

#endif
