/*
 * After the root that domUs share was replaced by that of another release:
 * each domU's own etc follows, as a merge of three: what the old root had,
 * what the new one has, and what the domU's administrator made of it.
 */
#ifndef DD_RECIPE_MERGE_ETC_H
#define DD_RECIPE_MERGE_ETC_H

#include "core/recipe/recipe.h"

/* A path and what is to be said of it.  Paths are raw: who prints them escapes
 * them (vis.h). */
struct etc_note {
	char		*path;
	const char	*why;
	size_t		 line;		/* of the domU's file; 0: none */
};

struct etc_notes {
	struct etc_note	*v;
	size_t		 n;
};

struct merge_etc {
	struct progress	*progress;	/* may be NULL */
	/* Asked of each conflict; true: the domU's file stays as it is.  NULL:
	 * none does. */
	bool		(*keep)(void *arg, const char *path);
	void		*arg;
	/* out, zero before; each a number of paths */
	unsigned	 taken;		/* from the new root: content, or
					 * attributes */
	unsigned	 merged;	/* texts */
	unsigned	 added, removed;
	unsigned	 kept;		/* as changed here */
	struct etc_notes conflicts;
	struct etc_notes left;		/* for people to look at: not done */
};

/*
 * Carry over to local's /etc what changed in /etc from old_root to new_root.
 * What changed is content, type, a symlink's target, permissions, owner, flags;
 * not times.  Where only the root changed the new one is taken, with
 * its times; where both did, texts are merged (merge3.h; up to
 * RECIPE_TEXT_MAX) and keep the domU's attributes but for those that only the
 * root changed.  What is new in the root and stands here with the same content
 * stays; what the root lost goes, unless it was changed here (left says so);
 * directories go when they are empty then.  Devices, fifos, sockets, *.orig
 * and the hook of the root are left alone.
 *
 * The password files are one database that pwd_mkdb(8) makes: when users
 * changed in the root all four of them are in left, and not touched.
 * group is a text like others.
 *
 * Conflicts: nothing is written, ERR_RULE; conflicts has all of them, those
 * that keep accepted left out.  After another error local is to be
 * dropped, as with every recipe.  A second run changes nothing.
 * The lists are valid on failure, too; dispose is idempotent.
 */
int	merge_etc(struct tree *old_root, struct tree *new_root,
	    struct tree *local, struct merge_etc *, struct dd_err *);
void	merge_etc_dispose(struct merge_etc *);

/*
 * What needs attention after a root was replaced: each path that differs
 * between the roots while the domU has neither what the old one has nor what
 * the new one has.  pwd.db and spwd.db are not named: they follow from
 * master.passwd.  fn returns 0, or -1 to stop with its error.
 */
int	etc_changed(struct tree *old_root, struct tree *new_root,
	    struct tree *local,
	    int (*fn)(void *arg, const char *path, struct dd_err *),
	    void *arg, struct dd_err *);

#endif
