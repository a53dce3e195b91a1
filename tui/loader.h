/*
 * Reads the fleet in a thread of its own and hands over snapshots, so that no
 * key press waits for a disk.  It reads when asked, and looks every few seconds
 * whether the configurations changed; nothing else wakes it.
 *
 * Who is told by Xen already says so, so that reading does not wait for a Xen
 * that does not answer.
 */
#ifndef DD_TUI_LOADER_H
#define DD_TUI_LOADER_H

#include "core/fleet/doctor.h"

struct loader;

/* Starts with a first reading; when why_not is given that waits for the first
 * request, but only for a moment.  wake_fd gets a byte for each snapshot.  xen
 * and config must outlive it. */
int	loader_start(const struct xen_ops *, const struct config *,
	    const struct dd_err *why_not, int wake_fd, struct loader **,
	    struct dd_err *);
/* why_not: why Xen can't be asked; NULL: ask it. */
void	loader_request(struct loader *, const struct dd_err *why_not);
/* The same, but for news that may come thick and fast: not before we have done
 * nothing for a good while longer than a reading takes. */
void	loader_request_later(struct loader *, const struct dd_err *why_not);
/* Which domUs were started anew, for what is read from now on; copied. */
void	loader_restarts(struct loader *, const struct restarts *);
/* The newest snapshot and what is wrong with it, owned by the caller.  false:
 * nothing new.  true with *fleet NULL: reading failed, e says why, and *doctor is
 * NULL. */
bool	loader_take(struct loader *, struct fleet **fleet, struct doctor **,
	    struct dd_err *e);
/* false: it is stuck in a reading, and goes on using xen and config until the
 * process ends.  NULL is fine. */
bool	loader_stop(struct loader *);

#endif
