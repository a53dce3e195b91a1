/*
 * A directory's names, read whole and sorted, so that it may
 * change while one goes through them.
 */
#ifndef DD_TREE_LIST_H
#define DD_TREE_LIST_H

#include "core/base/map.h"
#include "core/tree/tree.h"

struct tree_entry {
	uint32_t	name;		/* offset in names */
	uint32_t	link;		/* tree_walk's */
	uint64_t	id;		/* 0: not known */
};

/* Starts as TREE_LIST_INIT; dispose is idempotent. */
struct tree_list {
	struct buf		 names;	/* each terminated */
	struct tree_entry	*v;	/* in order of bytes */
	size_t			 n, cap;
};

#define TREE_LIST_INIT	{ .v = NULL }

int	tree_list_read(struct tree_list *, struct tree *,
	    struct tree_node dir, struct dd_err *);
void	tree_list_dispose(struct tree_list *);

static inline const char *
tree_list_name(const struct tree_list *l, size_t i)
{
	return l->names.p + l->v[i].name;
}

/* The node of entry i of the directory, which has not lost it since. */
int	tree_list_node(const struct tree_list *, size_t i, struct tree *,
	    struct tree_node dir, struct tree_node *, struct dd_err *);

/*
 * To be called for each directory that a traversal enters, with a map that
 * lives as long as the traversal.  A directory has one parent: one that
 * is met again is a loop, or a knot that would take exponential time.
 */
int	tree_enter(struct map *seen, const struct tree_stat *, unsigned depth,
	    const char *path, struct dd_err *);

#endif
