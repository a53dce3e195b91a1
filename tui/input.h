/* The one line editor: for filters, searches and the fields of forms. */
#ifndef DD_TUI_INPUT_H
#define DD_TUI_INPUT_H

#include "tui/canvas.h"

#define INPUT_MAX	1024

struct input {
	char	text[INPUT_MAX];	/* UTF-8 */
	size_t	len;
	size_t	cur;			/* byte that the cursor stands on */
};

void	input_set(struct input *, const char *);
/* Take a key; false: it is none for an editor. */
bool	input_key(struct input *, uint32_t key);
/* Put text in at the cursor, as far as there is room. */
void	input_insert(struct input *, const char *, size_t len);
/* Draw in width columns, scrolled to the cursor, which shows if focused. */
void	input_render(const struct input *, struct canvas *, int y, int x,
	    int width, bool focused);

#endif
