/*
 * The packages in a pkg image, whose root is what the domU sees at /usr/pkg:
 * the directories of pkgdb there, or of .pkgdb (pkgsrc's PKG_DBDIR; before
 * 2019 it was /var/db/pkg, which is not in this image).
 */
#ifndef DD_RECIPE_PACKAGES_H
#define DD_RECIPE_PACKAGES_H

#include "core/tree/tree.h"

#define PACKAGES_MAX	65536

/* Raw, as an image has them: who prints them escapes them (vis.h). */
struct package {
	char	*name;			/* "py312-setuptools"; owns both */
	char	*version;		/* "69.5.1nb1"; "" where it has none */
};

struct packages {
	struct package	*v;		/* in order of name, then of version, by
					 * bytes */
	size_t		 n;
};

#define PACKAGES_INIT	{ .v = NULL }

/*
 * p starts as PACKAGES_INIT and is filled on success.  A package is a directory
 * with a +CONTENTS in it.  No database, or an empty one: n is 0.
 * ERR_FORMAT where there are more than PACKAGES_MAX.
 */
int	packages_read(struct tree *, struct packages *, struct dd_err *);
void	packages_dispose(struct packages *);	/* idempotent */

/*
 * What differs, in order of names: old NULL: the package is new; new NULL: it
 * is gone; else another version of it.  fn returns 0 to go on; anything else
 * stops and is returned.
 */
typedef int packages_fn(void *arg, const char *name, const char *old,
	    const char *new);
int	packages_diff(const struct packages *old, const struct packages *new,
	    packages_fn *, void *arg);

#endif
