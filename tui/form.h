/* The state of a form; its commands stand in view_prepare.c, what it draws in
 * form_show.c. */
#ifndef DD_TUI_FORM_H
#define DD_TUI_FORM_H

#include "tui/chooser.h"
#include "tui/views.h"

struct prepare_view {
	const struct recipe *recipe;
	struct input	field[RECIPE_FIELDS];
	char		note[RECIPE_FIELDS][512];
	enum style	note_style[RECIPE_FIELDS];
	bool		is_new;		/* the image is missing, and is made */
	size_t		focus;
	struct buf	names;		/* what could complete the path */
	struct text	about;
	size_t		first, last;	/* fields that are shown */
	int		step;		/* rows of each */
	struct chooser	chooser;	/* for the field of FIELD_IMAGE */
};

/* Is the field asked for? */
bool	form_asks(const struct prepare_view *, size_t field);

void	form_layout(const struct model *, void *state, int rows, int cols);
void	form_render(const struct model *, const void *state, struct canvas *,
	    struct rect);

#endif
