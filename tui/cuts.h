/*
 * What was cut short by a crash and waits for drydock recover.
 */
#ifndef DD_TUI_CUTS_H
#define DD_TUI_CUTS_H

#include "core/fleet/fleet.h"

struct cuts {
	size_t	 n;		/* changes */
	char	*text;		/* a line each, fit for a screen; or NULL */
};

/* Look at every image and into the history; may take long.  What can't be read
 * is no cut: who shows that says why. */
void	cuts_find(const struct fleet *, const char *state_dir, struct cuts *);
void	cuts_dispose(struct cuts *);

#endif
