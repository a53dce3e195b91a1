/* Jobs; see job.h. */
#include <stdio.h>

#include "core/base/events.h"
#include "core/job/job.h"

static int
check_all(const struct job *j, struct dd_err *e)
{
	const struct job_step *s;

	for (s = j->steps; s->name != NULL; s++)
		if (s->check != NULL && s->check(j->ctx, e) == -1)
			return -1;
	return 0;
}

/* Some of the system's calls leave off at a signal of their own accord; the
 * operator's wish is looked for between steps, too. */
static int
run_all(const struct job *j, size_t *done, struct dd_err *e)
{
	size_t n;

	for (n = 0; j->steps[n].name != NULL; n++)
		;
	for (*done = 0; *done < n; (*done)++) {
		const struct job_step *s = &j->steps[*done];

		if (j->progress != NULL && j->progress->cancel != NULL &&
		    *j->progress->cancel)
			return dd_fail(e, ERR_CANCEL, "cancelled");
		events_step(s->name, *done + 1, n);
		if (s->run != NULL && s->run(j->ctx, e) == -1)
			return -1;
	}
	return 0;
}

/* scaffolds: only those; else all. */
static int
take_down(const struct job *j, size_t done, bool scaffolds, struct dd_err *e)
{
	const struct job_step *s;

	while (done-- > 0) {
		s = &j->steps[done];
		if (s->undo == NULL || (scaffolds && !s->scaffold))
			continue;
		if (s->undo(j->ctx, e) == -1)
			return dd_context(e, "undoing \"%s\"", s->name);
	}
	return 0;
}

static int
left_over(const struct dd_err *why, struct dd_err *e)
{
	struct dd_err first = *e;

	dd_err_clear(e);
	if (first.code == ERR_NONE)
		(void)dd_fail(e, ERR_RECOVER, "%s", why->msg);
	else
		(void)dd_fail(e, ERR_RECOVER, "%s; then %s", first.msg,
		    why->msg);
	return dd_hint(e, "drydock recover brings it to an end, when what "
	    "failed is mended");
}

static void
tell(const char *what, const struct dd_err *why)
{
	events_message("%s: %s", what, why->msg);
	fprintf(stderr, "drydock: %s: %s\n", what, why->msg);
}

int
job_run(const struct job *j, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	size_t done = 0;
	int rc;

	if (check_all(j, e) == -1)
		return -1;
	events_job(j->name);
	if (j->log != NULL && j->log->begin(j->log_arg, &why) == -1)
		tell("the history can't be written", &why);
	dd_err_clear(&why);
	rc = run_all(j, &done, e);
	if (take_down(j, done, rc == 0, &why) == -1)
		rc = left_over(&why, e);
	dd_err_clear(&why);
	if (j->log != NULL && j->log->end(j->log_arg, e, &why) == -1)
		tell("the history can't be written", &why);
	return rc;
}
