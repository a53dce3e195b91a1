/*
 * drydock run by drydock: in a session of its own, so that what ends ours (a
 * hang-up, ^C) does not end it.
 */
#ifndef DD_CMD_CHILD_H
#define DD_CMD_CHILD_H

#include <sys/types.h>

#include "core/base/buf.h"
#include "core/cmd/cmd.h"

#define CHILD_ARGS	32
#define CHILD_AT_ONCE	32

/* One at work.  It starts as CHILD_INIT. */
struct child {
	pid_t		 pid;		/* 0: none, or it has ended */
	int		 fd;		/* what it says comes from here; -1 */
	struct buf	 said;
	int		 status;	/* of waitpid(2), once it has ended */
};

#define CHILD_INIT	{ .fd = -1 }

/* What becomes of the child's standard output and error. */
enum child_out {
	CHILD_SILENT,		/* nobody hears it, and nobody waits for it */
	CHILD_ERRORS,		/* output is ours; errors are taken */
	CHILD_TAKEN		/* both are taken */
};

/* Run the command of these words, at most CHILD_ARGS, NULL behind the last.
 * events: tell ours about its progress. */
int	child_start(const struct cmd_env *, const char *const *words,
	    enum child_out, bool events, struct child *, struct dd_err *);
/* Take what it says until it has ended: 0; or until the operator wants to
 * stop, where that is asked for: 1. */
int	child_wait(const struct cmd_env *, struct child *, bool until_cancel,
	    struct dd_err *);
/* The same for whichever of n, at most CHILD_AT_ONCE, ends first: its index, or -1 with e. */
int	child_wait_any(struct child **, size_t n, struct dd_err *);
/* Did it end well?  Where it did not, its message becomes e, with a code of the
 * same exit status. */
int	child_result(const struct child *, struct dd_err *e);
void	child_dispose(struct child *);

#endif
