/*
 * Which domUs are started again and again.  Xen does not remember that: a domU
 * that reboots is another domain, with another number, and nobody tells how many
 * came before it.  So it is known only of what was looked at meanwhile.
 */
#ifndef DD_FLEET_RESTARTS_H
#define DD_FLEET_RESTARTS_H

#include "core/fleet/life.h"

#define RESTARTS_SPAN	600	/* seconds: those before do not count */
#define RESTARTS_MANY	2	/* as many in that span are too many */

/* Starts as zeros; dispose is idempotent. */
struct restarts {
	struct restarts_of	*v;
	size_t			 n;
};

/* What Xen has at a moment, in milliseconds of clock_ms.  Fails only for lack
 * of memory. */
int	restarts_take(struct restarts *, const struct xen_domain *, size_t n,
	    int64_t now, struct dd_err *);
/* How often that domU was started anew of late. */
unsigned restarts_count(const struct restarts *, const char *name,
	    int64_t now);
int	restarts_copy(const struct restarts *from, struct restarts *to,
	    struct dd_err *);
void	restarts_dispose(struct restarts *);

/* Look again and again for so many seconds.  ERR_CANCEL: the operator stops
 * that; ERR_NOENT: there is no Xen. */
int	restarts_watch(const struct life *, unsigned seconds,
	    struct restarts *, struct dd_err *);

#endif
