/*
 * Block devices that are made of files, and who has them: what the kernel has,
 * what drydock wrote down when it made them (core/host/stack.h), and what Xen
 * says that domUs are served.  A moment's picture.
 *
 * Stale is what a job of drydock's has left: what the record of a process says
 * that is dead, and what block-drydock attached for a domain that is not there
 * any more.  Only that is ever taken down.
 */
#ifndef DD_FLEET_DEVICES_H
#define DD_FLEET_DEVICES_H

#include "core/fleet/fleet.h"
#include "core/host/crypt.h"
#include "core/host/host.h"
#include "core/host/stack.h"

/* Where it is looked for (host_devices), and what takes it down (host_kernel,
 * host_crypt); tests have their own. */
struct devices_host {
	int	(*list)(host_made_fn *, void *arg, struct dd_err *);
	const struct host_kernel *kernel;
	const struct host_crypt	 *crypt;
};

/* This host's. */
struct devices_host devices_here(void);

enum device_holding {
	DEVICE_MOUNT,		/* what: where */
	DEVICE_UPON,		/* another device, which lies on it */
	DEVICE_DOMU,		/* a domU, as vdev */
	DEVICE_JOB		/* a drydock process at work */
};

struct device_holder {
	enum device_holding kind;
	char	*what, *vdev;	/* not escaped; vdev of a domU alone */
	size_t	 device;	/* the index of the other device */
	pid_t	 pid;		/* of a job */
};

/* Strings are not escaped. */
struct device {
	enum host_making kind;		/* never a mount */
	dev_t	 rdev;
	char	*path;			/* "/dev/loop3" */
	char	*name;			/* of a mapping, or NULL */
	size_t	 under;			/* what it lies on: an index; its own
					 * of one that is made of a file */
	char	*image;			/* the file under all; NULL: its path is
					 * not known */
	dev_t	 dev;			/* which that is; both 0: not known */
	ino_t	 ino;
	bool	 readonly, foreign;	/* as in host.h */
	int	 opens;			/* -1: not known */
	struct device_holder *holders;
	size_t	 nholders;
	size_t	 left;			/* index of the record that has it; or
					 * DEVICES_NONE */
	bool	 orphan;		/* block-drydock's, for a domain that has
					 * gone */
	char	*stale;			/* why, escaped; or NULL */
};

#define DEVICES_NONE	((size_t)-1)

struct devices {
	struct device	  *v;		/* each behind the one it lies on */
	size_t		   n;
	struct stack_left *left;	/* records */
	size_t		   nleft;
	char		  *untold;	/* why records could not be read (they
					 * are root's), or NULL */
	char		  *xen;		/* NULL: Xen answers; else why not */
	bool		   no_xen;	/* and that is since there is none */
};

/* Asks Xen (NULL: that is not wanted) after it has looked: what is about to be made for a domU that
 * starts is not taken for stale. */
int	devices_load(const struct devices_host *, const struct xen_ops *,
	    struct devices **, struct dd_err *);
void	devices_free(struct devices *);

/* How a device is called: a mapping by its name. */
const char *device_name(const struct device *);
/* "mounted on /mnt, web1 as xvdb", escaped, appended to b; nothing where nobody
 * has it. */
void	device_holders(const struct device *, struct buf *b);
/* Does the disk of a domU show that device's file, as configured or as it
 * runs? */
bool	device_is_of(const struct device *, const struct fleet_disk *);

/* Is it one of those that the record names? */
bool	device_is_written(const struct device *, const struct stack_left *);

/* One thing that was left: what of it there is, escaped ("the mount at /x,
 * drydock-7-0, /dev/loop3"), its image or NULL, and who left it ("drydock
 * process 7, which is dead").  why: it stays; NULL: it is down, or would be. */
struct devices_leaving {
	const char	*what, *image, *by;
	const struct dd_err *why;
};
typedef void devices_leaving_fn(void *arg, const struct devices_leaving *);

/*
 * Take down all that is stale, what lies on top first, and tell of each; dry_run:
 * tell only.  What somebody holds is not begun with.  ERR_RECOVER: something
 * stays.
 */
int	devices_clean(const struct devices_host *, const struct devices *,
	    bool dry_run, devices_leaving_fn *, void *arg, struct dd_err *);

#endif
