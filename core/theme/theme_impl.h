/* What a file says, before it is known what follows from that. */
#ifndef DD_THEME_THEME_IMPL_H
#define DD_THEME_THEME_IMPL_H

#include "core/theme/theme.h"

enum { ROLE_SELECTED = STYLE_COUNT, ROLE_COUNT };

struct look_said {
	bool			 said, has_fg, has_bg;
	struct style_look	 look;
};

/* at[DEPTH_TRUE]: for all depths that have none of their own. */
struct role_said {
	struct look_said	 at[DEPTH_COUNT];
};

struct theme_said {
	struct role_said	 roles[ROLE_COUNT];
};

/* Parse; of the theme only name, about and line_of are filled. */
int	theme_said(const struct xen_ops *, const struct buf *text,
	    const char *path, struct theme_said *, struct theme *,
	    struct dd_err *);

/* The text of one that is built in, or ERR_NOENT. */
int	theme_builtin_text(const char *name, struct buf *, struct dd_err *);

#endif
