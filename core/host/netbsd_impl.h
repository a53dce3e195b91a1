/*
 * Shared by netbsd*.c.
 *
 * Every call of the system goes through one table, so that a test can put a
 * model of the kernel behind it, and have each call fail in turn.
 *
 * vnd and cgd have numbered units, and of each a node for every partition.
 * One is asked, set up and cleared by its raw partition ("/dev/rvnd0d"); a unit
 * that isn't set up can be opened by that alone.  Only the block device keeps
 * others away: one is open once, and a unit with an open one isn't cleared.
 */
#ifndef DD_HOST_NETBSD_IMPL_H
#define DD_HOST_NETBSD_IMPL_H

#include <sys/types.h>
#include <sys/stat.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/host/host.h"
#include "core/host/kernel.h"

struct buf;
struct dkwedge_info;
struct kinfo_proc2;
struct statvfs;

#define NETBSD_UNITS	256	/* whose nodes are looked for */

/* As the calls of that name: -1 and errno. */
struct netbsd_sys {
	int	(*open)(const char *, int flags);
	int	(*close)(int fd);
	int	(*ioctl)(int fd, unsigned long request, void *);
	int	(*stat)(const char *, struct stat *);
	int	(*getvfsstat)(struct statvfs *, size_t, int flags);
	int	(*mount)(const char *type, const char *dir, int flags, void *,
		    size_t);
	int	(*unmount)(const char *dir, int flags);
	uid_t	(*geteuid)(void);
	int	(*getrawpartition)(void);
	int	(*getdevmajor)(const char *driver, mode_t);
	/* kern.proc2 of one process: 1, 0: there is none, -1 */
	int	(*process)(pid_t, struct kinfo_proc2 *);
	/* spawn_run() */
	int	(*run)(const char *const *argv, unsigned limit, struct buf *,
		    int *status, struct dd_err *);
};

extern const struct netbsd_sys *netbsd_sys;

/* ---- units; kind: "vnd", "cgd" */

/* What a unit is made of; of a cgd the device under it, and no inode. */
struct netbsd_unit {
	bool	in_use;
	dev_t	dev;
	ino_t	ino;
};

/* The node of a partition (0: a), in /dev. */
void	netbsd_node(char path[HOST_DEVICE_PATH], const char *kind, int unit,
	    int part, bool raw);
/* Its raw partition; -1 and errno. */
int	netbsd_open(const char *kind, int unit, int flags);
/* Ask the open unit that has this number; -1 and errno. */
int	netbsd_ask_vnd(int fd, int unit, struct netbsd_unit *);
int	netbsd_ask_cgd(int fd, int unit, struct netbsd_unit *);
/* Is that block device one of this driver's? */
bool	netbsd_is_of(dev_t, const char *driver);
/* "vnd3d", "/dev/vnd3d", "vnd3": 3; -1: it is no such unit. */
int	netbsd_unit_of(const char *name, const char *kind);
/* The partitions that the kernel made devices (dk) of; *v in fresh memory, for
 * free(). */
int	netbsd_wedges(int fd, struct dkwedge_info **v, size_t *n,
	    struct dd_err *);
/* Is it that there is no such unit (it may be one that is being cleared), or no
 * such driver in the kernel? */
bool	netbsd_is_absent(int sys);
/* ERR_NOSPC: all are in use; `next` has no node yet. */
int	netbsd_no_unit(const char *kind, int next, struct dd_err *);
/* Fill in rdev of a path; ERR_TYPE where there was another number in it. */
int	netbsd_tell_device(struct host_device *, struct dd_err *);
/* What failed (e) could not be undone: ERR_RECOVER with both.  -1. */
int	netbsd_stays(const char *kind, int unit, int sys, struct dd_err *);

/* ---- vnd; as in struct host_kernel */

/* A free one, by its raw partition. */
int	netbsd_choose(struct host_device *, struct dd_err *);
/* The chosen one (ERR_EXIST: it was taken meanwhile); path[0] '\0': any. */
int	netbsd_attach(const struct host_part *, struct host_device *,
	    struct dd_err *);
int	netbsd_shows(const struct host_device *, dev_t, ino_t,
	    struct dd_err *);
int	netbsd_detach(const struct host_device *, struct dd_err *);

/* ---- what stands on what; netbsd_walk.c */

enum netbsd_what {
	NETBSD_VND,
	NETBSD_WEDGE,
	NETBSD_CGD,
	NETBSD_MOUNT,
	NETBSD_UNKNOWN		/* path ("vnd") can't be asked: sys, an errno */
};

/* Strings as the kernel has them; they end with the call. */
struct netbsd_thing {
	enum netbsd_what what;
	dev_t	 rdev, under;	/* its number (of no mount); what it lies on */
	const char *path;	/* "/dev/vnd0d"; of a mount: where it is */
	const char *disk;	/* of a vnd or cgd: "vnd0" */
	const char *on;		/* what a mount or a cgd says it lies on; NULL */
	dev_t	 dev;		/* of a vnd: its file */
	ino_t	 ino;
	bool	 readonly;	/* of a mount; of others it isn't known */
	int	 sys;
};

typedef int netbsd_walk_fn(void *arg, const struct netbsd_thing *,
	    struct dd_err *);

/* The vnds that show a file (ino 0: all), but for that unit (-1: for none), each
 * followed by what stands on it. */
int	netbsd_walk_vnds(dev_t, ino_t, int except, netbsd_walk_fn *, void *arg,
	    struct dd_err *);
/* What stands on a device. */
int	netbsd_walk_device(dev_t rdev, netbsd_walk_fn *, void *arg,
	    struct dd_err *);

/* ---- holders */

/* As host_holders(), but for that vnd unit (-1: for none). */
int	netbsd_holders(dev_t, ino_t, int except, host_holder_fn *, void *arg,
	    struct dd_err *);

/* The vnd that this is a partition or a wedge of, or the one under a cgd: 1; 0:
 * none, or no longer; -1. */
int	netbsd_vnd_under(dev_t rdev, int *unit, struct dd_err *);
/* And the file that it shows. */
int	netbsd_file_under(dev_t rdev, struct netbsd_unit *, struct dd_err *);

extern const struct host_kernel netbsd_kernel;

#endif
