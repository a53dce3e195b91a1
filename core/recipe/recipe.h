/*
 * Recipes: what to change in an image, in terms of a tree.
 *
 * A recipe is a table of steps that run in order on a tree that is committed
 * by the caller afterwards, or not at all.  Running one on a tree that it
 * was committed to changes nothing.  Errors name file, line and rule.
 */
#ifndef DD_RECIPE_RECIPE_H
#define DD_RECIPE_RECIPE_H

#include "core/base/progress.h"
#include "core/recipe/release.h"
#include "core/recipe/rule.h"
#include "core/tree/tree.h"

#define RECIPE_TEXT_MAX	(1024 * 1024)	/* bytes of a text file */

/* What prepare root is given. */
struct prepare_root {
	const char	*kernel;	/* path on the host */
	unsigned	 disks;		/* that /dev must have: 4 or more */
	struct progress	*progress;	/* may be NULL */
	/* out */
	struct release	 release;
};

int	prepare_root(struct tree *, struct prepare_root *, struct dd_err *);

#define PREPARE_DISKS_MAX	16

/* For the recipes (edit.c). */

/*
 * Apply a rule to a regular file.  When its text changes, the file as it was
 * becomes FILE.orig, unless there is one, and a new one with its owner, mode
 * and flags takes its place.
 */
int	recipe_edit(struct tree *, const char *path, const struct rule *,
	    const void *arg, struct dd_err *);

/* A regular file must be there; rule is for the message (ERR_RULE). */
int	recipe_expect(struct tree *, const char *path, const char *rule,
	    struct tree_stat *, struct dd_err *);

/*
 * Give a file this content.  Nothing happens when it has it.  One that is
 * there becomes FILE.orig when keep is set (unless there is one) and lends
 * its attributes; a new one gets mode, root and wheel.
 */
int	recipe_write(struct tree *, const char *path, const char *text,
	    size_t len, uint16_t mode, bool keep, struct dd_err *);

/* What something new gets: root and wheel, where the tree can give owners, and
 * that mode. */
struct tree_attr recipe_attr(const struct tree *, uint16_t mode);

/* mkdir -p, root and wheel, 0755; ERR_RULE where something else stands. */
int	recipe_mkdir(struct tree *, const char *path, struct dd_err *);

#endif
