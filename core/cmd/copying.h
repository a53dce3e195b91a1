/* What cp and create share: how a copy is asked for and told about. */
#ifndef DD_CMD_COPYING_H
#define DD_CMD_COPYING_H

#include "core/cmd/cmd.h"
#include "core/cmd/change_out.h"

struct copying {
	struct copy_opts	 o;
	const char		*owner;		/* --owner */
	bool			 json, dry_run;
	struct json_object	*skipped;	/* paths */
	struct json_object	*changes;	/* with json and dry_run */
	char			 plan[HASH_HEX];
};

#define COPYING_ARGS(c)							\
	{ 'n', "dry-run", ARG_FLAG, &(c).dry_run, NULL,			\
	    "show what would change, and change nothing" },		\
	{ 0, "owner", ARG_STRING, &(c).owner, "UID:GID",		\
	    "who owns the copies (default: as the sources)" },		\
	{ 0, "json", ARG_FLAG, &(c).json, NULL, "as JSON" }

/* To be called with the options parsed. */
int	copying_begin(struct copying *, const struct cmd_env *,
	    struct dd_err *);
/* Make the plan's hash of the difference; a dry run shows it.  before may be
 * NULL (nothing). */
int	copying_preview(struct copying *, struct tree *before,
	    struct tree *after, struct dd_err *);
/* One change that a dry run shows; text ends with a newline. */
void	copying_change(struct copying *, enum change_kind, const char *path,
	    const char *text);
/* What could not be kept, once, on standard error. */
void	copying_tell_lost(const struct copying *);
/* Add what was copied to doc (--json), or print the plan. */
int	copying_report(struct copying *, struct json_object *doc,
	    struct dd_err *);
void	copying_dispose(struct copying *);

#endif
