/* The operator's own keys: keys = [ "rollback=u F7" ] in drydock.conf. */
#ifndef DD_TUI_KEYMAP_H
#define DD_TUI_KEYMAP_H

#include "core/fleet/config.h"

/*
 * Give commands the keys that the configuration says, in place of those they
 * have.  An error tells file and line; the table is then as it was without
 * any.  A key that would mean two commands on one screen is one, unless it
 * does so in the table, too.
 */
int	keymap_set(const struct config *, struct dd_err *);

#endif
