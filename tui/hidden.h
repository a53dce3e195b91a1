/*
 * A line editor for passphrases: what is typed lies in locked memory, and
 * shows as a star each.
 */
#ifndef DD_TUI_HIDDEN_H
#define DD_TUI_HIDDEN_H

#include "core/base/secret.h"
#include "tui/canvas.h"

#define HIDDEN_MAX	1024	/* bytes of UTF-8 */

struct hidden {
	struct secret	 text;	/* HIDDEN_MAX bytes, of which len are used */
	size_t		 len;
};

int	hidden_init(struct hidden *, struct dd_err *);
void	hidden_dispose(struct hidden *);	/* wipes; idempotent */
/* Take a key; false: it is none for an editor. */
bool	hidden_key(struct hidden *, uint32_t key);
/* A copy of what was typed, in locked memory of its own. */
int	hidden_copy(const struct hidden *, struct secret *, struct dd_err *);
/* The cursor shows if focused. */
void	hidden_render(const struct hidden *, struct canvas *, int y, int x,
	    int width, bool focused);

#endif
