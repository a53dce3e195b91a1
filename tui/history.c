/* The history, read; see history.h.  hist_rows.c shows it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/fleet/record.h"
#include "tui/history.h"

#define JOBS_MAX	2000	/* nobody scrolls through more */

static char *
visible(const char *s)
{
	struct buf b = BUF_INIT;

	if (s != NULL)
		(void)vis_buf(&b, s, strlen(s));
	(void)buf_str(&b, "");
	return buf_steal(&b);
}

void
hist_row_dispose(struct hist_row *r)
{
	free(r->who);
	free(r->action);
	free(r->domu);
	free(r->image);
	free(r->command);
	free(r->message);
}

static bool
whole(struct hist_row *r)
{
	if (r->who != NULL && r->action != NULL && r->domu != NULL &&
	    r->image != NULL && r->command != NULL && r->message != NULL)
		return true;
	hist_row_dispose(r);
	return false;
}

bool
hist_row_copy(struct hist_row *to, const struct hist_row *r)
{
	*to = *r;
	to->who = strdup(r->who);
	to->action = strdup(r->action);
	to->domu = strdup(r->domu);
	to->image = strdup(r->image);
	to->command = strdup(r->command);
	to->message = strdup(r->message);
	return whole(to);
}

static void
set_outcome(struct hist_row *r, const struct db_job *j)
{
	if (j->code == NULL) {
		r->outcome = record_alive(j) ? "at work" : "cut short";
		r->style = record_alive(j) ? STYLE_PENDING : STYLE_ERROR;
	} else if (strcmp(j->code, "none") == 0) {
		r->outcome = "done";
		r->style = STYLE_OK;
	} else {
		r->outcome = strcmp(j->code, "cancelled") == 0 ?
		    "cancelled" : "failed";
		r->style = STYLE_WARN;
	}
}

static int
take(void *arg, const struct db_job *j, struct dd_err *e)
{
	struct history *h = arg;
	struct hist_row *v = realloc(h->v, (h->n + 1) * sizeof(*v)), *r;

	if (v == NULL)
		return dd_fail_nomem(e);
	h->v = v;
	r = &v[h->n];
	*r = (struct hist_row){ .number = j->id, .started = j->started,
	    .duration = j->duration, .from = j->from, .to = j->to,
	    .who = visible(j->who), .action = visible(j->action),
	    .domu = visible(j->domu), .image = visible(j->image),
	    .command = visible(j->command), .message = visible(j->message) };
	(void)snprintf(r->id, sizeof(r->id), "%lld", (long long)j->id);
	set_outcome(r, j);
	if (!whole(r))
		return dd_fail_nomem(e);
	h->n++;
	return 0;
}

static void
look_run(struct look *look)
{
	struct hist_look *l = (struct hist_look *)look;
	struct history *h = calloc(1, sizeof(*h));
	struct db *db = NULL;
	int rc = 0;

	if (h == NULL) {
		(void)dd_fail_nomem(&l->e);
		return;
	}
	/* One that was never written is an empty one. */
	if (db_open_read(l->state_dir, &db, &l->e) == -1) {
		if (l->e.code == ERR_NOENT)
			dd_err_clear(&l->e);
		else
			rc = -1;
	} else
		rc = db_jobs(db, l->domu, NULL, false, JOBS_MAX, take, h,
		    &l->e);
	db_close(db);
	/* What could be read before the damage is worth showing. */
	if (rc == 0 || h->n > 0)
		l->found = h;
	else
		history_free(h);
}

static void
look_free(struct look *look)
{
	struct hist_look *l = (struct hist_look *)look;

	history_free(l->found);
	free(l->state_dir);
	free(l->domu);
	free(l);
}

struct hist_look *
hist_look_new(const char *state_dir, const char *domu)
{
	struct hist_look *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->look.run = look_run;
	l->look.free = look_free;
	l->state_dir = strdup(state_dir);
	if (domu != NULL)
		l->domu = strdup(domu);
	if (l->state_dir != NULL && (domu == NULL || l->domu != NULL))
		return l;
	look_free(&l->look);
	return NULL;
}

void
history_free(struct history *h)
{
	size_t i;

	for (i = 0; h != NULL && i < h->n; i++)
		hist_row_dispose(&h->v[i]);
	if (h != NULL)
		free(h->v);
	free(h);
}
