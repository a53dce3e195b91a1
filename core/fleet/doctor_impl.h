/*
 * Inside the doctor: who looks, and the list that is made.
 *
 *	doctor.c	the list, and the findings that the fleet has already
 *	doctor_domus.c	domUs that crash, roots that differ, what could go
 *	doctor_host.c	devices that were left, devices that there are none of
 *	doctor_cuts.c	what was cut short: kernels, copies, the history
 */
#ifndef DD_FLEET_DOCTOR_IMPL_H
#define DD_FLEET_DOCTOR_IMPL_H

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/fleet/devices.h"
#include "core/fleet/doctor.h"

struct doctor_visit {
	const struct fleet	*fleet;
	const struct doctor_ask	*ask;
	struct doctor		*out;
	struct map		 seen;	/* findings of images: number + 1 */
	/* Files that we have no right to look at, and the first of them. */
	size_t			 nunseen;
	const struct fleet_finding *unseen;
};

/* A new finding, its text escaped; hint may be NULL.  NULL: out of memory.  It
 * is valid until the next one. */
struct doctor_finding *doctor_add(struct doctor_visit *, enum fleet_kind,
	    enum fleet_severity, const char *hint, struct dd_err *,
	    const char *fmt, ...) DD_PRINTF(6, 7);
/* What it is about.  The domU that was named last is passed over, so is
 * NULL. */
int	doctor_of_domu(struct doctor_finding *, const char *name,
	    struct dd_err *);
int	doctor_of_users(const struct fleet *, struct doctor_finding *,
	    const struct fleet_image *, struct dd_err *);
int	doctor_set(char **field, const char *, struct dd_err *);
/* The finding of that kind that the image has; or NULL. */
struct doctor_finding *doctor_find(struct doctor_visit *, enum fleet_kind,
	    const struct fleet_image *);
int	doctor_is_of(struct doctor_visit *, struct doctor_finding *,
	    const struct fleet_image *, struct dd_err *);

int	doctor_domus(struct doctor_visit *, struct dd_err *);
int	doctor_host(struct doctor_visit *, struct dd_err *);
int	doctor_cuts(struct doctor_visit *, struct dd_err *);

#endif
