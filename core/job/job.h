/*
 * Jobs: operations that happen whole or leave the world as it was.
 *
 * A job is a list of steps.  All are checked, then each is run; when one
 * fails, or the operator wants to stop, those that ran are undone in reverse
 * order.  A step that is scaffolding (a lock, a mount) is undone at the end
 * whatever happens.  Undoing stops at the first failure, so that nothing is
 * pulled from under what stands on it: the error is then ERR_RECOVER.
 *
 * Before the first step that changes something runs, the log is told what the
 * job is about to do; in the end how it ended.  What a crash left between the
 * two is for `drydock recover`.
 */
#ifndef DD_JOB_JOB_H
#define DD_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/progress.h"

/* Functions may be NULL.  ctx is the job's. */
struct job_step {
	const char	*name;		/* "keep the image in place" */
	bool		 scaffold;
	/* Could it be done?  Changes nothing. */
	int		(*check)(void *ctx, struct dd_err *);
	int		(*run)(void *ctx, struct dd_err *);
	int		(*undo)(void *ctx, struct dd_err *);
};

/* Where jobs are written down. */
struct job_log {
	/* The job is about to begin.  A failure is told, and the job goes on: a
	 * full /var must not keep anybody from rolling back. */
	int	(*begin)(void *arg, struct dd_err *);
	/* It ended with result (ERR_NONE: well). */
	int	(*end)(void *arg, const struct dd_err *result,
		    struct dd_err *);
};

struct job {
	const char		*name;	/* "swap of /xen/web1/pkg.img" */
	const struct job_step	*steps;	/* until one without a name */
	void			*ctx;
	struct progress		*progress;	/* for cancel; may be NULL */
	const struct job_log	*log;	/* NULL: it is not written down */
	void			*log_arg;
};

int	job_run(const struct job *, struct dd_err *);

#endif
