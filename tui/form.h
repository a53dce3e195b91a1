/* The state of a form; its commands stand in view_prepare.c, what
 * stands in it in form_fill.c, what it draws in form_show.c. */
#ifndef DD_TUI_FORM_H
#define DD_TUI_FORM_H

#include "tui/batch.h"
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
	struct batch	*batch;		/* for several; or NULL */
	struct chooser	chooser;	/* for the field of FIELD_IMAGE */
};

/* Put what is known of the domU (or NULL) and its image of that role in. */
void	form_fill(const struct model *, struct prepare_view *,
	    const struct fleet_domu *, enum fleet_role);
/* Say under a field what its path leads to, or what it is for. */
void	form_look(const struct model *, struct prepare_view *, size_t field);
void	form_set_note(struct prepare_view *, size_t field, enum style,
	    const char *text);

/* Is the field asked for? */
bool	form_asks(const struct prepare_view *, size_t field);

void	form_layout(const struct model *, void *state, int rows, int cols);
void	form_render(const struct model *, const void *state, struct canvas *,
	    struct rect);

#endif
