/*
 * What the recipes' commands share: a recipe runs on the image's overlay, what
 * it has changed there is compared with what is committed, and shown; only
 * then it is committed, or dropped for a dry run.
 */
#ifndef DD_CMD_PREPARING_H
#define DD_CMD_PREPARING_H

#include "core/cmd/change_out.h"
#include "core/cmd/place.h"

struct preparing {
	const char		*image;
	const char		*plan;		/* --plan */
	const char		*done;		/* "merged"; NULL: "prepared" */
	bool			 dry_run, json;
	struct progress		*progress;
	/* out */
	char			 hash[HASH_HEX];
	size_t			 changes;
	size_t			 added;		/* of them */
	size_t			 nodes;		/* and removed from /dev */
	struct buf		 text;		/* preview, or summary */
	struct json_object	*list;		/* with --json */
};

#define PREPARING_ARGS(p)						\
	{ 'n', "dry-run", ARG_FLAG, &(p).dry_run, NULL,			\
	    "show what would change, and change nothing" },		\
	{ 0, "plan", ARG_STRING, &(p).plan, "HASH",			\
	    "only if just that would change: from --dry-run" },		\
	{ 0, "json", ARG_FLAG, &(p).json, NULL, "as JSON" }

/* To be called with the options parsed. */
int	preparing_begin(struct preparing *, const struct cmd_env *,
	    const char *image, struct dd_err *);
/* Take in what differs; before may be NULL (nothing).  ERR_PLAN when it is not
 * what --plan says. */
int	preparing_compare(struct preparing *, struct tree *before,
	    struct tree *after, struct dd_err *);
/* Something that is added but not compared. */
int	preparing_note_added(struct preparing *, const char *path,
	    const char *what, struct dd_err *);
/* Compare the image's tree with what is committed, and commit it. */
int	preparing_commit(struct preparing *, struct image *, struct tree *after,
	    struct dd_err *);
/* w: how it was written; next: what the operator does now, or NULL. */
struct writing;
int	preparing_report(struct preparing *, const struct writing *w,
	    const char *release, const char *next, struct dd_err *);
void	preparing_dispose(struct preparing *);

#endif
