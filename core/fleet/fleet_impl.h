/*
 * How a fleet is built; shared by the files of this folder only.
 *
 *	domu.c		one xl.cfg -> one struct fleet_domu
 *	roles.c		which disk is root, swap, local, pkg
 *	running.c	what Xen has now: states, and domUs without an xl.cfg
 *	live.c		what Xen tells later
 *	images.c	disks -> images, each file once, probed
 *	encryption.c	what parameters files tell
 *	findings.c	what is wrong with each domU, and its disks
 *	kernels.c	which kernels don't go with their roots
 *	fleet.c		folders -> fleet
 */
#ifndef DD_FLEET_FLEET_IMPL_H
#define DD_FLEET_FLEET_IMPL_H

#include "core/base/buf.h"
#include "core/fleet/fleet.h"
#include "core/fleet/scan.h"

/* One xl.cfg while it is read. */
struct domu_cfg {
	const struct xen_ops	*ops;
	const struct xen_cfg	*cfg;
	const struct scan	*scan;
	const char		*path;
};

/* Fill d from text, the content of the file at path.  What is wrong with it
 * becomes d->error and findings; fails only for lack of memory.  d is to be
 * disposed of in either case. */
int	domu_read(const struct xen_ops *, const char *path,
	    const struct buf *text, struct fleet_domu *d, struct dd_err *e);
/* The same for a file that could not be read: a row with the error. */
int	domu_unreadable(const char *path, const struct dd_err *why,
	    struct fleet_domu *d, struct dd_err *e);
void	domu_dispose(struct fleet_domu *);
/* Copy what is known of a disk. */
int	domu_copy_disk(struct fleet_disk *, const struct xen_disk *,
	    struct dd_err *);

/* Set the role of each disk; keys that make no sense become findings. */
int	roles_assign(const struct domu_cfg *, struct fleet_domu *,
	    struct dd_err *);

/* The same by position alone. */
void	roles_by_position(struct fleet_domu *);

/* Does the disk count in the order that gives roles? */
bool	roles_counts(const struct fleet_disk *);

/* What a domU's health is told by; see fleet.h. */
#define HEALTH_KEY		"drydock_health"
#define HEALTH_CONSOLE_KEY	"drydock_health_console"

/* The keys of a role: which disk, and its cgd parameters file; NULL where the
 * role has no such key. */
const char *roles_key(enum fleet_role);
const char *roles_params_key(enum fleet_role);

/* Ask Xen what runs, or (untold) know why not: set f->xen and the states, add
 * rows. */
int	running_load(const struct xen_ops *, const struct dd_err *untold,
	    struct fleet *, struct dd_err *);
/* The rows of that name among the first n, which are sorted: how many, the
 * first in *at. */
size_t	running_rows(const struct fleet *, size_t n, const char *name,
	    size_t *at);
void	running_overlay(struct fleet_domu *, const struct xen_domain *);
/* It does not run, or that is not known. */
void	running_stopped(struct fleet_domu *, enum fleet_state);
/* Is this the name of a configuration in xl's folders? */
bool	fleet_is_cfg_name(const char *);
/* A new row at the end of f->domus; valid until the next one.  NULL: out of memory. */
struct fleet_domu *fleet_new_row(struct fleet *, struct dd_err *);
/* Put f->domus in order. */
void	fleet_sort(struct fleet *);

/* Make f->images from the disks of f->domus, which are sorted; look: into
 * each, too.  keep: as many generations as prune would leave. */
int	images_load(struct fleet *, bool look, unsigned keep,
	    struct dd_err *);
void	images_free(struct fleet *);

/* Add to the findings of every domU what its images and neighbours tell. */
int	findings_make(struct fleet *, const struct config *,
	    struct dd_err *);

/* And what its kernel and its root tell of each other. */
int	kernels_check(struct fleet *, struct dd_err *);

#endif
