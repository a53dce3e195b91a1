/* The command lines that the console ran, and how they ended: also of those
 * whose output is no longer kept. */
#ifndef DD_TUI_LOG_H
#define DD_TUI_LOG_H

#include "tui/action.h"

#define LOG_MAX		500

struct log_entry {
	char		 id[12];	/* of the action */
	char		*command;	/* as one would type it */
	char		*message;	/* why it failed, or NULL */
	int64_t		 began, ended;	/* seconds since 1970; ended 0: runs */
	char		 state[16];	/* action_state */
	bool		 failed;
};

struct log {
	struct log_entry *v;		/* oldest first */
	size_t		  n;
};

/* It began, or something became of it.  What has no memory is not told. */
void	log_action(struct log *, const struct action *);
void	log_dispose(struct log *);

#endif
