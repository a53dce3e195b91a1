/*
 * Several domUs, one after the other: the first one (the canary) alone, then as
 * many at once as may be unavailable.  At the first that fails no more are
 * begun; those at work come to their own end.  Each is a drydock of its own, so
 * that each is whole or as it was, whatever happens to us.
 */
#ifndef DD_CMD_ROLLING_H
#define DD_CMD_ROLLING_H

#include "core/cmd/child.h"
#include "core/cmd/json_out.h"

enum rolling_state {
	ROLLING_UNTOUCHED,
	ROLLING_THERE,		/* had it already */
	ROLLING_AT_WORK,
	ROLLING_DONE,
	ROLLING_FAILED
};

struct rolling_member {
	const char		*name;		/* for the table; the caller's */
	char			*word;		/* DOMU:ROLE[@N]; ours */
	enum rolling_state	 state;
	struct dd_err		 why;		/* of one that failed */
	struct child		 child;
};

struct rolling {
	struct rolling_member	*v;
	size_t			 n;
	uint64_t		 width;		/* at once; 0: 1 */
	/* The words that make a member's command, CHILD_ARGS at most with the
	 * NULL behind them. */
	void			(*words)(void *arg, const struct
				    rolling_member *, const char **);
	void			*arg;
};

#define ROLLING_ARG(width)						\
	{ 0, "max-unavailable", ARG_NUMBER, &(width), "N",		\
	    "restart so many domUs at a time (1)" }

/* Make room for n members, of which there is none yet; rolling_dispose it. */
int	rolling_init(struct rolling *, size_t n, struct dd_err *);
/* Add one of these: DOMU:ROLE, or with generation n, if not 0, DOMU:ROLE@N. */
int	rolling_add(struct rolling *, const char *domu, const char *role,
	    uint32_t n, bool there, struct dd_err *);
/* All that are ROLLING_UNTOUCHED.  -1: one failed (with its own code; ERR_PARTLY
 * where others have it, ERR_RECOVER where something is left), or the operator
 * wanted to stop (ERR_CANCEL, or ERR_PARTLY). */
int	rolling_run(const struct cmd_env *, struct rolling *,
	    struct dd_err *);
/* Who is where: a line for each, appended; and as JSON. */
void	rolling_text(const struct rolling *, bool planned, struct buf *);
struct json_object *rolling_json(const struct rolling *);
void	rolling_dispose(struct rolling *);

#endif
