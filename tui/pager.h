/* The one pager: scrolls a text, searches in it. */
#ifndef DD_TUI_PAGER_H
#define DD_TUI_PAGER_H

#include "tui/keys.h"
#include "tui/text.h"

struct pager {
	struct text	text;
	size_t		top;	/* first line on screen */
	int		left;	/* first column on screen */
	int		rows, cols;	/* from pager_layout */
	int		columns;	/* of the widest line */
	char		search[64];
	size_t		found;	/* the line found last */
};

void	pager_init(struct pager *, bool utf8);
void	pager_dispose(struct pager *);
/* Fit the position to the room and to the text, which may have changed. */
void	pager_layout(struct pager *, int rows, int cols);
void	pager_render(const struct pager *, struct canvas *, struct rect);
/* Movement commands; false: not one of them, or at the left edge already. */
bool	pager_command(struct pager *, enum cmd);
/* Look for what holds `search`: from the top of the screen on, or with `again`
 * from behind (direction -1: before) what was found last, around the
 * end.  false: there is none. */
bool	pager_find(struct pager *, int direction, bool again);
/* "1-20 of 300", or "" where all fits. */
#define PAGER_WHERE	64
void	pager_where(const struct pager *, char buf[PAGER_WHERE]);

#endif
