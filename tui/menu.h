/*
 * Menus of what can be asked for of a domU, or of all that are marked: what
 * makes no sense now stands there dim, with the reason.
 */
#ifndef DD_TUI_MENU_H
#define DD_TUI_MENU_H

#include "tui/views.h"

struct menu {
	const enum cmd	*verbs;		/* in their order */
	size_t		 nverbs;
	/* Why not; NULL: it can be asked for.  marked NULL: of d, which may be
	 * gone.  Valid until the next call. */
	const char	*(*why_not)(const struct model *,
			    const struct fleet_domu *d,
			    const struct list *marked, enum cmd);
	/* It was chosen; the menu is gone. */
	void		(*command)(struct app *, const struct fleet_domu *d,
			    const struct list *marked, enum cmd);
	struct view_ops	 ops;		/* MENU_OPS */
};

/* The view of a menu whose commands are those of a table: MENU_COMMANDS with
 * the verbs. */
#define MENU_COMMANDS(...)						\
	CMD_CHOOSE, __VA_ARGS__, CMD_HELP, CMD_BACK, CMD_UP, CMD_DOWN,	\
	CMD_HOME, CMD_END
#define MENU_OPS(table) {						\
	.overlay = true, .commands = table,				\
	.ncommands = sizeof(table) / sizeof((table)[0]),		\
	.why_not = menu_why_not, .command = menu_command,		\
	.layout = menu_layout, .render = menu_render,			\
	.free = menu_dispose }

/* The menu of a domU, or of all that are marked in the list of the fleet, which
 * outlives it. */
void	view_menu_open(struct app *, const struct menu *,
	    const struct fleet_domu *, const struct list *marked);

/* For MENU_OPS only. */
const char *menu_why_not(const struct app *, const void *state, enum cmd);
void	menu_command(struct app *, void *state, enum cmd);
void	menu_layout(const struct model *, void *state, int rows, int cols);
void	menu_render(const struct model *, const void *state,
	    struct canvas *, struct rect);
void	menu_dispose(void *state);

#endif
