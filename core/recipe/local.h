/*
 * prepare local: a domU's own etc, tmp and var, made from a root.
 */
#ifndef DD_RECIPE_LOCAL_H
#define DD_RECIPE_LOCAL_H

#include "core/recipe/recipe.h"

struct prepare_local {
	const char	*hostname;	/* NULL: as it is */
	const char	*ip;		/* "192.0.2.7/24", "2001:db8::7/64" */
	const char	*gateway;	/* NULL: none */
	bool		 pkg_readonly;	/* xbd3 is attached read-only */
	struct progress	*progress;	/* may be NULL */
	/* What was left out of the copy, and why; may be NULL. */
	void		(*skipped)(void *arg, const char *path, const char *why);
	void		*arg;
	/* out */
	struct release	 release;
	uint64_t	 files, bytes;	/* copied */
};

/*
 * Copy etc, tmp and var of root into local, as far as they are not there, and
 * make them this domU's.  Files that are there keep their content, but
 * for the edits; so the second time nothing changes.
 * ERR_NOSPC when it does not fit, with what is needed and free.
 */
int	prepare_local(struct tree *root, struct tree *local,
	    struct prepare_local *, struct dd_err *);

/*
 * The first entropy file, where there is none.  It is made apart and last:
 * its content is random, so a plan can't be told to have it.
 */
#define LOCAL_ENTROPY	"/var/db/entropy-file"
int	prepare_local_entropy(struct tree *local, struct dd_err *);

/* The rules, for tests. */
extern const struct rule local_ttys_console, local_ttys_others;
extern const struct rule local_crontab;

/* rc.conf with our block in it: what was there of it is replaced. */
int	local_rc_conf(const struct prepare_local *, const char *text,
	    size_t len, struct buf *out, struct dd_err *e);

#endif
