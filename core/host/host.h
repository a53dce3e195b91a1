/*
 * What only this kernel knows.  linux*.c and netbsd.c each fill all of it.
 */
#ifndef DD_HOST_HOST_H
#define DD_HOST_HOST_H

#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

/* The two halves of a device number in the host's own encoding. */
uint32_t host_major(dev_t);
uint32_t host_minor(dev_t);
dev_t	 host_makedev(uint32_t major, uint32_t minor);

/* A block device's number as backend drivers want it in xenstore. */
void	 host_device_number(dev_t, char *, size_t cap);

/* Make the empty file dst share the blocks of src (reflink).  false: this file
 * system can't. */
bool	 host_clone(int dst, int src);

/* Begin to write this range of the file to the disk, without waiting.  A
 * hint: it may do nothing. */
void	 host_start_writing(int fd, uint64_t off, uint64_t len);

/* Give the disk back what the file's blocks hold, as far as the file system
 * passes that on: all of it reads as zeros then.  A hint: it may do nothing. */
void	 host_discard(int fd, uint64_t len);

enum host_holding {
	HOST_LOOP,		/* a block device that is made of it */
	HOST_MOUNT,		/* a file system mounted from that, or it */
	HOST_LOCK,		/* a process has locked it */
	HOST_OPEN,		/* a process has it open for writing */
	HOST_UNKNOWN		/* there may be one: the text says why */
};

/*
 * One that has a file.  The text is one line, escaped, for a message:
 *	loop device /dev/loop3		NetBSD: vnd device /dev/vnd3
 *	mounted on /mnt (from /dev/loop3)
 *	locked by process 123 (qemu-system-x86)
 *	open for writing in process 123 (qemu-system-x86)
 */
struct host_holder {
	enum host_holding kind;
	bool	writable;	/* may write; also true where not known, as of
				 * every lock */
	pid_t	pid;		/* of a HOST_LOCK or HOST_OPEN, where it is
				 * known; else 0 */
	char	text[512];
};

/* Returns 0 to go on, or -1 with e, which ends the look-up with that. */
typedef int host_holder_fn(void *arg, const struct host_holder *,
	    struct dd_err *e);

/*
 * Who has a regular file in a way of the kernel's own: loop devices made of
 * it, and file systems mounted from those (from their partitions and from
 * devices stacked upon them too).  On NetBSD also cgds on those, which keep
 * them open.
 *
 * What can't be seen: mounts in other mount namespaces.  What this host lacks
 * (no /sys in a container) counts as nothing there; a loop device whose file
 * can't be told gives one HOST_UNKNOWN.  Without the right to open loop
 * devices their files are told by name.
 *
 * It is a moment's picture: the next moment may have another holder.  May
 * block on a dead network file system.
 */
int	 host_holders(dev_t, ino_t, host_holder_fn *, void *arg,
	    struct dd_err *);

/*
 * Processes that have locked the file (of a block device: its node), but for
 * our own.  One that merely has it open is none, and those of other pid
 * namespaces can't be seen.  Who has an fcntl lock of an open file description
 * is found where we may see that process's files; else pid is 0.  NetBSD tells
 * none of it: one HOST_UNKNOWN.
 *
 * Takes some ten milliseconds: the kernel makes the reader of /proc/locks wait.
 */
int	 host_lock_holders(dev_t, ino_t, host_holder_fn *, void *arg,
	    struct dd_err *);

/* As host_holders(), for a block device of that number. */
int	 host_device_holders(dev_t rdev, host_holder_fn *, void *arg,
	    struct dd_err *);

/* The file that a loop (or vnd) device is made of, or the one on which a mapping
 * such as dm-crypt lies.  false: it is no such device, or that can't be
 * told. */
bool	 host_backing_file(dev_t rdev, dev_t *dev, ino_t *ino);

/* What host_devices() finds. */
enum host_making {
	HOST_MADE_OF_FILE,	/* a block device: loop, vnd */
	HOST_MADE_PART,		/* a partition of one of these */
	HOST_MADE_UPON,		/* one upon one of these: dm-crypt, cgd */
	HOST_MADE_MOUNT		/* a file system mounted from one of these */
};

/* Strings as the kernel has them, not escaped; they end with the call. */
struct host_made {
	enum host_making kind;
	dev_t	 rdev;		/* its number; of a mount its device's */
	dev_t	 under;		/* of a PART or UPON: the one it lies on */
	const char *path;	/* "/dev/loop3"; of a mount: where it is */
	const char *name;	/* of a mapping ("drydock-7-51714"), or NULL */
	const char *image;	/* HOST_MADE_OF_FILE: the file's path, as it
				 * was once; NULL: not known */
	dev_t	 dev;		/* and which file that is; both 0: can't be */
	ino_t	 ino;		/* told */
	bool	 readonly;
	bool	 foreign;	/* it is known that no kernel driver of
				 * drydock's (kernel.h) has attached it */
	int	 opens;		/* how often it is open; -1: not known */
};

typedef int host_made_fn(void *arg, const struct host_made *,
	    struct dd_err *e);

/*
 * All block devices that are made of a file, each followed by what stands upon
 * it.  What lies on two devices comes once.  Otherwise as host_holders().
 */
int	 host_devices(host_made_fn *, void *arg, struct dd_err *);

/* Devices that files can be made into. */
struct host_room {
	const char	*kind;		/* "vnd" */
	unsigned	 used;
	unsigned	 all;		/* 0: as many as are wanted, or that
					 * can't be told */
	unsigned	 next;		/* the number of the first that there
					 * is none of */
};
void	 host_room(struct host_room *);

/* No core dump of this process, where a program takes that by a pipe, either. */
void	 host_no_dumps(void);

/* When the process pid started, as a number that tells it from a later process
 * of the same pid, after a reboot too; 0: there is none, or it can't be
 * told.  The number isn't a time. */
uint64_t host_process_start(pid_t pid);

/* Is there a process pid that has not ended?  One that has, and whose parent
 * has not asked how, is gone. */
bool	 host_process_alive(pid_t pid);

#endif
