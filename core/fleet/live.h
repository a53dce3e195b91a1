/*
 * What a watch of Xen tells (xen_ops.h), laid over a fleet that was read
 * before, without a look into any image.
 */
#ifndef DD_FLEET_LIVE_H
#define DD_FLEET_LIVE_H

#include "core/fleet/fleet.h"

/* Permille of one processor that a domU had, whose cpu_time was before and is
 * after, ms milliseconds later.  -1: not to be told, as when it started anew
 * in between. */
int	live_cpu_share(uint64_t before, uint64_t after, int64_t ms);

/* The domUs' cpu_time at one moment, and the shares that came out then.  It
 * starts as zeros; dispose is idempotent. */
struct live_sample {
	unsigned	id;
	uint64_t	cpu_time;
	int		share;
};
struct live_shares {
	int64_t			 at;	/* clock_ms */
	struct live_sample	*v;
	size_t			 n;
};

/* Set cpu of each domain.  What comes too soon after the moment before to be
 * told from noise has the shares of then.  Fails only for lack of memory. */
int	live_shares_take(struct live_shares *, struct xen_now *,
	    struct dd_err *);
void	live_shares_dispose(struct live_shares *);

/* The same for as long as no domU comes, goes or changes its state, and no
 * disk does: then the fleet as it was read is still the right one. */
uint64_t live_mark(const struct xen_now *);

/* Lay it over.  A domU that the fleet has no row for has none until the fleet
 * is read anew.  What the fleet knows from a later moment stays. */
void	live_follow(struct fleet *, const struct xen_now *);
/* Xen does not tell any more, and why. */
void	live_lose(struct fleet *, const struct dd_err *why);

#endif
