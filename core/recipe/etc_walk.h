/*
 * /etc of three trees side by side: the root that a domU had, the one that it
 * gets, and its own local image.  For merge_etc.h.
 *
 * The names are those of the two roots: what only the domU has is its own.
 * Nothing is reached by a symlink: each name is looked up in a directory that
 * was found to be one.  Left out are what recipes put aside (*.orig), the
 * hook of a shared root, which local images must not have, and what is a
 * device, a fifo or a socket in either root.  /etc/rc of a root is its rc.orig
 * where it has one, the rc without the hook, as prepare local takes it.
 */
#ifndef DD_RECIPE_ETC_WALK_H
#define DD_RECIPE_ETC_WALK_H

#include "core/base/hash.h"
#include "core/base/map.h"
#include "core/tree/tree.h"

enum { ETC_OLD, ETC_NEW, ETC_LOCAL, ETC_TREES };

/* What stands at a path in one of the trees. */
struct etc_spot {
	bool		 there;
	struct tree_node node;
	/* The permissions of a symlink, and what the local tree can't have, are
	 * made the same in all three. */
	struct tree_stat st;
	char		 sum[HASH_HEX];	/* "": not yet known */
};

struct etc_walk;

/* path is w->path.p.  *enter: go into the directory that it is in a root. */
typedef int etc_visit_fn(struct etc_walk *, struct etc_spot [ETC_TREES],
	    bool *enter, struct dd_err *);

/* t to arg are set by the caller, all else is zero. */
struct etc_walk {
	struct tree	*t[ETC_TREES];
	struct progress	*progress;	/* may be NULL */
	etc_visit_fn	*visit;
	/* Behind what is in a directory that was entered; may be NULL. */
	void		(*leave)(struct etc_walk *,
			    const struct etc_spot [ETC_TREES]);
	void		*arg;

	struct buf	 path;
	bool		 gone;		/* the directory that this is in is none
					 * in the local tree any more */
	struct map	 seen[2];
	struct buf	 scratch;
	struct hash	*hash;
	uint64_t	 files;
};

/* ERR_RULE where one of the three has no directory /etc. */
int	etc_walk(struct etc_walk *, struct dd_err *);

static inline bool
etc_is(const struct etc_spot *s, enum tree_type type)
{
	return s->there && s->st.type == type;
}

/* How two spots of the trees i and j differ: times don't count, nor the content
 * of directories. */
#define ETC_CONTENT	0x01	/* or one is not there, or of another type */
#define ETC_ATTR	0x02	/* permissions, owner, flags */
int	etc_differ(struct etc_walk *, int i, struct etc_spot *, int j,
	    struct etc_spot *, unsigned *how, struct dd_err *);

/* The same for directories with all that is in them, which must be plain files,
 * symlinks and directories. */
int	etc_same_all(struct etc_walk *, int i, struct etc_spot *, int j,
	    struct etc_spot *, bool *same, struct dd_err *);

/* Where a root has what is path in the local tree. */
const char *etc_source(struct tree *root, const char *path);

/* All of a regular file that has at most max bytes, appended; its node, so no
 * symlink is followed. */
int	etc_read(struct tree *, const struct etc_spot *, size_t max,
	    struct buf *, struct dd_err *);

#endif
