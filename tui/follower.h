/*
 * Follows what Xen has while the console is up: takes what a watch of Xen tells
 * (xen_ops.h), and judges what that means for the fleet on the screen.  Nothing
 * here waits.
 */
#ifndef DD_TUI_FOLLOWER_H
#define DD_TUI_FOLLOWER_H

#include "core/fleet/live.h"
#include "core/fleet/restarts.h"

enum news {
	NEWS_NONE,
	NEWS_FIGURES,		/* all that there is goes on */
	NEWS_SET,		/* the fleet is to be read anew, too */
};

struct follower {
	const struct xen_ops	*xen;
	struct xen_watch	*watch;		/* NULL: Xen is not watched */
	struct live_shares	 shares;
	struct restarts		 restarts;	/* of domUs, as they were seen */
	struct xen_now		 now;		/* the last that was told */
	struct dd_err		 why;		/* why nothing is; or none */
	uint64_t		 mark;		/* of the last news */
	int64_t			 heard;		/* clock_ms, of the last
						 * answer, or the start */
};

/* seconds 0: don't watch.  Call it while there is no other thread. */
int	follower_open(struct follower *, const struct xen_ops *,
	    unsigned seconds, struct dd_err *);
void	follower_close(struct follower *);
/* For poll(2); -1: there is nothing to wait for. */
int	follower_fd(const struct follower *);
/* Take all that was told. */
enum news follower_read(struct follower *);
/* Have it told anew now. */
void	follower_kick(struct follower *);
/* Is Xen watched, and has it answered? */
bool	follower_answers(const struct follower *);
/* Why there is no use in asking Xen; NULL: it answers, or is not watched. */
const struct dd_err *follower_why_not(const struct follower *);

#endif
