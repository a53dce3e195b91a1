/* Inside merge_etc: the plan, which is made first and whole (merge_etc.c), its
 * execution (merge_apply.c), and what both need (merge_parts.c). */
#ifndef DD_RECIPE_MERGE_IMPL_H
#define DD_RECIPE_MERGE_IMPL_H

#include "core/recipe/etc_walk.h"
#include "core/recipe/merge_etc.h"

enum merge_act {
	MERGE_REMOVE,		/* with all that is in it */
	MERGE_COPY,		/* from the new root, over what is there */
	MERGE_TEXT,		/* as a file with attr */
	MERGE_ATTR,
	MERGE_MKDIR,		/* with attr */
	MERGE_RMDIR		/* if it is empty */
};

struct merge_item {
	enum merge_act	 act;
	char		*path;
	struct tree_attr attr;
};

struct merger {
	struct merge_etc	*o;
	struct tree		*t[ETC_TREES];
	struct merge_item	*items;
	size_t			 n, cap;
	bool			 users;	/* the password files differ */
	bool			 failed;/* no memory, where nobody could say */
};

/* The texts of the three spots, merged into out, which is empty.  *why: NULL,
 * or what is in the way, and *line where.  *same: the result is local's. */
int	merge_texts(struct tree *const t[ETC_TREES],
	    const struct etc_spot s[ETC_TREES], struct buf *out,
	    const char **why, size_t *line, bool *same, struct dd_err *e);

/* What a node has that tree t can have. */
struct tree_attr merge_attr_of(const struct tree *t,
	    const struct tree_stat *);
/* Local's attributes in a, by the same rule as contents; false: a conflict. */
bool	merge_attr(const struct etc_spot s[ETC_TREES], struct tree_attr *a);
bool	merge_has_attr(const struct tree_stat *, const struct tree_attr *);

/* -1: no memory. */
int	merge_note(struct etc_notes *, const char *path, const char *why,
	    size_t line);

int	merge_apply(struct merger *, struct dd_err *);

#endif
