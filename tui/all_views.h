/* Every view, for what has to be right in all of them. */
#ifndef DD_TUI_ALL_VIEWS_H
#define DD_TUI_ALL_VIEWS_H

#include "tui/app.h"

struct named_view {
	const struct view_ops	*ops;
	const char		*name;	/* "on the fleet" */
};

/* The i-th; NULL: there are no more. */
const struct named_view *all_views(size_t i);

#endif
