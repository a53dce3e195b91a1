/* Which columns lists show: columns_fleet = [ "NAME", "STATE" ] in drydock.conf,
 * or chosen while the console runs. */
#ifndef DD_TUI_COLUMNS_H
#define DD_TUI_COLUMNS_H

#include "core/fleet/config.h"
#include "tui/app.h"
#include "tui/list.h"

/* Do all columns that are named there exist?  An error tells file and line. */
int	columns_check(const struct config *, struct dd_err *);
/* Show those that the configuration names for the list's rows; all, where it
 * names none.  config may be NULL. */
void	columns_apply(const struct config *, struct list *);

/* Choose columns of the list of the view on top, which outlives the dialog. */
void	view_columns_open(struct app *, struct list *);

#endif
