/*
 * All that is wrong with the fleet and its host, the gravest first; below the
 * list what there is to say of the finding selected, and what mends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/quote.h"
#include "tui/found_rows.h"
#include "tui/mend.h"

#define WIDE		100	/* columns from which kinds are shown */
#define LIST_LEAST	4	/* rows of the list, its titles among them */

struct findings_view {
	struct list	 list;
	struct found	*found;		/* the rows; NULL: none yet */
	unsigned	 visit;		/* the model's, that they are of */
	struct text	 pane;
	int		 list_rows, pane_rows;
};

static const enum cmd commands[] = {
	CMD_OPEN, CMD_MEND, CMD_FILTER, CMD_UNFILTER, CMD_SORT, CMD_REFRESH,
	CMD_HISTORY, CMD_HOST, CMD_JOBS, CMD_JOB, CMD_HELP, CMD_BACK,
	CMD_UP, CMD_DOWN, CMD_LEFT, CMD_RIGHT, CMD_PAGE_UP, CMD_PAGE_DOWN, CMD_HOME,
	CMD_END, CMD_REVERSE,
};

static const struct doctor_finding *
selected(const struct findings_view *v)
{
	size_t row;

	if (v->found == NULL || !list_selected(&v->list, &row))
		return NULL;
	return &v->found->doctor->v[row];
}

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "findings");
}

static void
where(const void *state, char *buf, size_t cap)
{
	const struct list *l = &((const struct findings_view *)state)->list;

	if (l->n > (size_t)l->page)
		(void)snprintf(buf, cap, "%zu/%zu", l->sel + 1, l->n);
}

/* What it is about has a view of its own: a domU, or else the host. */
static const char *
open_why_not(const struct app *app, const struct doctor_finding *f)
{
	if (f == NULL)
		return "nothing is selected";
	if (f->ndomus == 0)
		return f->device != NULL || f->image != NULL ? NULL :
		    "it is about the fleet as a whole";
	return fleet_find(app->model.fleet, f->domus[0]) == NULL ?
	    "the domU is not there any more" : NULL;
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct findings_view *v = state;
	const struct doctor_finding *f = selected(v);

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		return open_why_not(app, f);
	case CMD_MEND:
		return f == NULL ? "nothing is selected" :
		    mend_why_not(&app->model, f);
	case CMD_FILTER:
	case CMD_SORT:
	case CMD_REVERSE:
		return v->found == NULL || v->found->n == 0 ?
		    "there is nothing" : NULL;
	case CMD_UNFILTER:
		return v->list.filter[0] == '\0' ? "" : NULL;
	case CMD_JOBS:
	case CMD_JOB:
		return model_job(&app->model) == NULL ?
		    "no job was started yet" : NULL;
	default:
		return NULL;
	}
}

static struct list *
list_of(void *state)
{
	return &((struct findings_view *)state)->list;
}

static void
set_filter(struct app *app, struct findings_view *v, const char *text)
{
	struct dd_err e = DD_ERR_INIT;

	if (list_filter(&v->list, text, &e) == -1)
		app_say_error(app, &e);
}

static void
prompted(struct app *app, void *state, const char *text,
    enum prompt_step step)
{
	set_filter(app, state, step == PROMPT_CANCELLED ? "" : text);
}

static void
open_subject(struct app *app, const struct doctor_finding *f)
{
	if (f->ndomus > 0)
		view_domu_open(app, fleet_find(app->model.fleet,
		    f->domus[0]));
	else
		view_host_open(app);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct findings_view *v = state;
	struct dd_err e = DD_ERR_INIT;

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		open_subject(app, selected(v));
		break;
	case CMD_MEND:
		mend_begin(app, selected(v));
		break;
	case CMD_FILTER:
		app_prompt(app, "/", v->list.filter);
		break;
	case CMD_UNFILTER:
		set_filter(app, v, "");
		break;
	case CMD_SORT:
	case CMD_REVERSE:
		if ((cmd == CMD_SORT ? list_sort_next(&v->list, &e) :
		    list_sort_reverse(&v->list, &e)) == -1)
			app_say_error(app, &e);
		break;
	case CMD_REFRESH:
		app->model.loading = app->want_refresh = true;
		break;
	case CMD_HISTORY:
		view_history_open(app, NULL);
		break;
	case CMD_HOST:
		view_host_open(app);
		break;
	case CMD_JOBS:
		view_jobs_open(app);
		break;
	case CMD_JOB:
		view_job_open(app, model_job(&app->model));
		break;
	case CMD_BACK:
	case CMD_LEFT:
		app_pop(app);
		break;
	default:
		(void)list_command(&v->list, cmd);
	}
}

/* What the rows say is the model's: a new one takes them away. */
static void
changed(struct app *app, void *state)
{
	struct findings_view *v = state;
	struct found *old = v->found, *now = NULL;
	struct dd_err e = DD_ERR_INIT;

	if (v->visit == app->model.visits)
		return;
	v->visit = app->model.visits;
	if (app->model.doctor != NULL &&
	    (now = found_new(app->model.doctor)) == NULL)
		app_say_nomem(app);
	v->found = now;
	if (list_update(&v->list, now, &e) == -1)
		app_say_error(app, &e);
	found_free(old);
}

/* -- what it says ---------------------------------------------------------- */

static void
put_line(struct text *t, const char *name, enum style style, int width,
    const char *s)
{
	text_add(t, STYLE_DIM, "%s", name);
	text_tab(t, 6);
	text_wrap(t, style, 6, width, s);
}

static void
put_mend(struct text *t, const struct doctor_finding *f, int width)
{
	const char *argv[DOCTOR_WORDS];
	struct buf line = BUF_INIT;
	size_t i;

	if (!doctor_mend(f, argv))
		return;
	for (i = 0; argv[i] != NULL; i++)
		(void)quote_word(&line, argv[i]);
	if (!line.failed)
		put_line(t, command_key(CMD_MEND), STYLE_KEY, width, line.p);
	buf_dispose(&line);
}

/* All of them, where there are several. */
static void
put_domus(struct text *t, const struct doctor_finding *f, int width)
{
	struct buf names = BUF_INIT;
	size_t i;

	for (i = 0; i < f->ndomus && i < 100; i++)
		(void)buf_printf(&names, "%s%s", i > 0 ? ", " : "",
		    f->domus[i]);
	if (f->ndomus > i)
		(void)buf_printf(&names, " and %zu more", f->ndomus - i);
	if (f->ndomus > 1 && !names.failed)
		put_line(t, "domUs", STYLE_NORMAL, width, names.p);
	buf_dispose(&names);
}

static void
fill_pane(struct findings_view *v, int width)
{
	const struct doctor_finding *f = selected(v);
	struct buf about = BUF_INIT;
	struct text *t = &v->pane;

	text_reset(t);
	if (f == NULL)
		return;
	if (f->ndomus > 0) {
		doctor_about(f, &about);
		text_add(t, STYLE_TITLE, "%s: ", about.failed ? "?" : about.p);
		buf_dispose(&about);
	}
	text_wrap(t, severity_style((int)f->severity), 0, width, f->text);
	if (f->hint != NULL)
		put_line(t, "hint", STYLE_NORMAL, width, f->hint);
	put_mend(t, f, width);
	put_domus(t, f, width);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct findings_view *v = state;
	int most = rows - 2 - LIST_LEAST;

	(void)m;
	v->list.source = cols >= WIDE ? &found_rows_wide : &found_rows;
	fill_pane(v, cols - 2);
	v->pane_rows = v->pane.nlines == 0 ? 0 : (int)v->pane.nlines + 1;
	if (most > rows / 2)
		most = rows / 2;
	if (v->pane_rows > most)
		v->pane_rows = most;
	v->list_rows = rows - 1 - v->pane_rows;
	list_layout(&v->list, v->list_rows);
}

/* "2 errors, 1 warning, 5 notes"; where that is too wide, the gravest. */
static void
counts(const struct doctor *all, int room, char *buf, size_t cap)
{
	size_t n = 0;
	int s, more;

	buf[0] = '\0';
	for (s = SEV_ERROR; s >= (int)SEV_NOTE; s--) {
		if (all->count[s] == 0)
			continue;
		more = snprintf(buf + n, cap - n, "%s%zu %s%s",
		    n > 0 ? ", " : "", all->count[s],
		    fleet_severity_name((enum fleet_severity)s),
		    all->count[s] == 1 ? "" : "s");
		if ((int)n + more > room || n + (size_t)more >= cap) {
			buf[n] = '\0';
			break;
		}
		n += (size_t)more;
	}
}

static void
render_pane(const struct findings_view *v, struct canvas *c, struct rect r)
{
	int i;

	canvas_hline(c, r.y, r.x, r.cols, STYLE_FRAME);
	for (i = 1; i < r.rows && (size_t)i <= v->pane.nlines; i++)
		text_draw(&v->pane, (size_t)i - 1, c, r.y + i, r.x + 1,
		    r.cols - 2, 0, NULL);
	if (v->pane.nlines >= (size_t)r.rows)
		canvas_glyph(c, r.y + r.rows - 1, r.x + r.cols - 1, STYLE_DIM,
		    GLYPH_DOWN);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct findings_view *v = state;
	const char *empty = v->found == NULL ? (m->loading ?
	    "reading the fleet" : "the fleet could not be read") :
	    v->found->n == 0 ? "All is well." : v->list.n == 0 ?
	    "nothing matches the filter" : NULL;
	static const char title[] = "Findings";
	char note[96] = "";

	if (v->found != NULL)
		counts(v->found->doctor, r.cols - (int)sizeof(title) - 6,
		    note, sizeof(note));
	chrome_title(c, r, title, note);
	if (empty != NULL) {
		(void)canvas_text(c, r.y + 2, r.x + 2, r.cols - 2,
		    v->found != NULL && v->found->n == 0 ? STYLE_OK :
		    STYLE_DIM, empty);
		return;
	}
	list_render(&v->list, c, (struct rect){ r.y + 1, r.x + 1,
	    v->list_rows, r.cols - 2 });
	if (v->pane_rows > 1)
		render_pane(v, c, (struct rect){ r.y + 1 + v->list_rows, r.x,
		    v->pane_rows, r.cols });
}

static void
dispose(void *state)
{
	struct findings_view *v = state;

	list_dispose(&v->list);
	found_free(v->found);
	text_dispose(&v->pane);
	free(v);
}

const struct view_ops findings_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.list = list_of, .title = title, .where = where, .why_not = why_not,
	.command = command, .prompted = prompted, .changed = changed,
	.layout = layout, .render = render, .free = dispose,
};

void
view_findings_open(struct app *app)
{
	struct findings_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	list_init(&v->list, &found_rows, app->model.utf8);
	v->pane.utf8 = app->model.utf8;
	(void)app_push(app, &findings_ops, v);
}
