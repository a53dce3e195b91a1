/* The themes there are, as rows of a list. */
#ifndef DD_TUI_THEME_ROWS_H
#define DD_TUI_THEME_ROWS_H

#include "core/theme/theme.h"
#include "tui/list.h"

struct theme_row {
	char		*name;
	char		*path;		/* NULL: built in */
	struct theme	 theme;
	struct dd_err	 why;		/* it can't be used; ERR_NONE: it can */
};

struct theme_rows {
	struct theme_row	*v;
	size_t			 n;
};

/* Read all of them.  NULL: out of memory, or whatever e says. */
struct theme_rows *theme_rows_read(const struct xen_ops *, const char *config,
	    struct dd_err *);
void	theme_rows_free(struct theme_rows *);

extern const struct list_source theme_rows_source;

#endif
