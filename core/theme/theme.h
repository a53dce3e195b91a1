/*
 * Themes: files in xl.conf syntax that say how each role looks;
 * drydock.theme(5).  What a theme does not say is as in the theme "mono", so
 * attributes are there wherever colours are not.
 */
#ifndef DD_THEME_THEME_H
#define DD_THEME_THEME_H

#include "core/base/buf.h"
#include "core/fleet/xen_ops.h"
#include "core/theme/style.h"

#define THEME_NAME	64
#define THEME_MAX	(64 * 1024)	/* bytes of a file */

struct theme {
	char			 name[THEME_NAME];
	char			 about[128];	/* in a line; or "" */
	struct style_look	 looks[DEPTH_COUNT][STYLE_COUNT];
	/* What is laid over the look of a cell that is selected. */
	struct style_look	 selected[DEPTH_COUNT];
	unsigned		 line_of[STYLE_COUNT + 1];/* of its file,
					 * then that of "selected"; 0: none */
};

/* How a cell with this style (STYLE_SELECTED included) looks. */
struct style_look theme_look(const struct theme *, enum style_depth,
	    unsigned style);
const char *style_name(unsigned style);

/*
 * Parse a theme; path is for messages, and gives the name.  Unknown and
 * duplicate keys, colours and attributes are ERR_CONFIG with file and line.
 */
int	theme_parse(const struct xen_ops *, const struct buf *text,
	    const char *path, struct theme *, struct dd_err *);

/* -- where themes are ---------------------------------------------------- */

/*
 * A name stands for NAME.theme in the folder drydock/themes beside the
 * drydock.conf that was read (or, without one, where it would be), then where
 * themes are installed, then for one that is built in.  What has a slash in
 * it, or ends in ".theme", is a file.
 */
struct theme_entry {
	char	*name;
	char	*path;		/* NULL: built in */
};

struct theme_list {
	struct theme_entry	*v;	/* by name, each name once */
	size_t			 n;
};

/* config: path of the drydock.conf that was read, or NULL. */
int	theme_names(const char *config, struct theme_list *, struct dd_err *);
void	theme_list_dispose(struct theme_list *);

/* A theme's text; where it is from ("built-in" included) goes to path, fresh
 * memory.  No such theme: ERR_NOENT, with the names there are. */
int	theme_read(const char *config, const char *theme, struct buf *text,
	    char **path, struct dd_err *);
int	theme_load(const struct xen_ops *, const char *config,
	    const char *theme, struct theme *, struct dd_err *);
/* One that is built in, whatever files there are. */
int	theme_builtin(const struct xen_ops *, const char *name,
	    struct theme *, struct dd_err *);

/* The themes that are built in; {NULL, NULL} at the end. */
struct theme_source {
	const char	*name, *text;
};
extern const struct theme_source theme_builtins[];

/* -- are they good? ------------------------------------------------------ */

/* Is the role used in lists, where a line may be selected? */
bool	theme_in_lists(unsigned style);

/* What could be better: each is told with its line (0: none). */
typedef void theme_tell(void *arg, unsigned line, const char *text);
void	theme_check(const struct theme *, theme_tell *, void *arg);

#endif
