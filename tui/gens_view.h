/* The generations view's state; its commands stand in view_generations.c, what
 * it draws in gens_show.c. */
#ifndef DD_TUI_GENS_VIEW_H
#define DD_TUI_GENS_VIEW_H

#include "tui/generations.h"
#include "tui/views.h"

struct gens_view {
	struct list		 list;
	char			*id, *name;	/* of the domU */
	enum fleet_role		 role;
	struct generations	*gens;		/* NULL: not read */
	struct dd_err		 error;		/* why not */
	struct dd_err		 history;
	unsigned		 ticket;	/* of the look; 0: none */
	unsigned		 changes;	/* the model's, then */
	bool			 asked;
	struct text		 head, detail;
	int			 detail_rows;
};

/* NULL: it is gone. */
const struct fleet_domu *gens_domu(const struct model *,
	    const struct gens_view *);
const struct fleet_image *gens_image(const struct model *,
	    const struct gens_view *);
/* The generation selected, or NULL. */
const struct gen_row *gens_selected(const struct gens_view *);

void	gens_layout(const struct model *, void *state, int rows, int cols);
void	gens_render(const struct model *, const void *state, struct canvas *,
	    struct rect);

#endif
