/* Parts of the fleet view. */
#ifndef DD_TUI_FLEET_MORE_H
#define DD_TUI_FLEET_MORE_H

#include "tui/views.h"

/* Leave drydock; asks first while a job runs. */
void	fleet_quit(struct app *);
/* What is done with all domUs that are marked; false: another command. */
bool	fleet_for_marked(struct app *, const struct list *, enum cmd);
/* Run drydock recover, after a question. */
void	fleet_recover(struct app *);
/* What stands there where no domU was found.  Asks the file system. */
void	fleet_fill_empty(struct text *, const struct config *, int width);
/* What was cut short, above all else. */
void	fleet_fill_banner(struct text *, const struct model *, int width);

#endif
