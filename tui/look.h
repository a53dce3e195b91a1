/*
 * Looks: what a view wants to know of the disk is found out by a thread, so
 * that no key press waits.  A view asks by app_look, which gives the look a
 * ticket, and gets it back in view_ops.looked.
 */
#ifndef DD_TUI_LOOK_H
#define DD_TUI_LOOK_H

#include <stdbool.h>

#include "core/base/err.h"

/* Stands first in a struct of the view's. */
struct look {
	struct look	*next;
	unsigned	 ticket;
	/* In the thread: it has nothing but the look to work on. */
	void		(*run)(struct look *);
	void		(*free)(struct look *);
};

struct looker;

/* wake_fd gets a byte for each look that is done. */
int	looker_start(int wake_fd, struct looker **, struct dd_err *);
/* Takes the look over; they are done in order. */
void	looker_put(struct looker *, struct look *);
/* One that is done, the caller's from now on, or NULL. */
struct look *looker_take(struct looker *);
/* false: it is stuck in a look, whose end the process may not see.  NULL is
 * fine. */
bool	looker_stop(struct looker *);

#endif
