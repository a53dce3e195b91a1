/*
 * The life of domUs: what can be asked of one, when that makes sense, and how
 * it is asked about.
 */
#ifndef DD_TUI_LIFE_H
#define DD_TUI_LIFE_H

#include "tui/views.h"

/* In the order of the menu. */
#define LIFE_COMMANDS	CMD_START, CMD_SHUTDOWN, CMD_REBOOT, CMD_CONSOLE, \
	CMD_PAUSE, CMD_UNPAUSE, CMD_KILL

/* Why not; NULL: it can be asked, or it is another command.  d may be NULL.
 * Valid until the next call. */
const char *life_why_not(const struct model *, const struct fleet_domu *d,
	    enum cmd);
/* The same for all domUs that are marked: NULL where one of them can. */
const char *life_why_not_marked(const struct model *, const struct list *,
	    enum cmd);
/* Ask, then do it; CMD_LIFE opens the menu.  false: it is another command. */
bool	life_command(struct app *, const struct fleet_domu *, enum cmd);
bool	life_command_marked(struct app *, const struct list *, enum cmd);

#endif
