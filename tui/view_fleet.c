/*
 * The fleet view: a list of all domUs, and a pane with what is known of the one
 * selected, beside the list where the screen is wide, below it where it is
 * high, and nowhere on the smallest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tui/columns.h"
#include "tui/command_line.h"
#include "tui/fleet_more.h"
#include "tui/life.h"

#define BESIDE_COLS	100	/* screen from which the pane stands beside */
#define BELOW_ROWS	15	/* room from which it stands below */

struct fleet_view {
	struct list	list;
	struct text	notes;	/* on the fleet as a whole, above the list */
	struct text	pane;
	struct text	empty;	/* what stands there when there is no domU */
	int		empty_cols;	/* that is made for; 0: not made */
	bool		beside;
	int		notes_rows, list_rows, list_cols, pane_rows;
};

static const enum cmd commands[] = {
	CMD_OPEN, CMD_RECOVER, CMD_UNMARK, DOMU_COMMANDS, CMD_FILTER,
	CMD_UNFILTER, CMD_SORT, CMD_MARK, CMD_MARK_ALL, CMD_REFRESH,
	CMD_FINDINGS, CMD_HISTORY, CMD_HOST, CMD_JOBS, CMD_JOB, CMD_LOG,
	CMD_HELP, CMD_QUIT, CMD_UP, CMD_DOWN, CMD_RIGHT, CMD_PAGE_UP,
	CMD_PAGE_DOWN, CMD_HOME, CMD_END,
	CMD_REVERSE, CMD_PREPARE_ANY,
};

/* The domU selected, or NULL. */
static const struct fleet_domu *
selected(const struct model *m, const struct fleet_view *v)
{
	size_t row;

	if (m->fleet == NULL || !list_selected(&v->list, &row))
		return NULL;
	return &m->fleet->domus[row];
}

static void
where(const void *state, char *buf, size_t cap)
{
	const struct list *l = &((const struct fleet_view *)state)->list;

	int n = 0;

	if (l->nmarked > 0)
		n = snprintf(buf, cap, "%zu marked  ", l->nmarked);
	if (l->n > (size_t)l->page)
		(void)snprintf(buf + n, cap - (size_t)n, "%zu/%zu",
		    l->sel + 1, l->n);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct fleet_view *v = state;
	const struct fleet_domu *d = selected(&app->model, v);

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		return d == NULL ? "no domU is selected" : NULL;
	case CMD_FILTER:
	case CMD_SORT:
	case CMD_REVERSE:
		return app->model.fleet == NULL ||
		    app->model.fleet->ndomus == 0 ? "there is no domU" : NULL;
	case CMD_MARK:
	case CMD_MARK_ALL:
		return d == NULL ? "there is no domU" : NULL;
	case CMD_UNMARK:
		return v->list.nmarked == 0 ? "" : NULL;
	case CMD_ROLLBACK:
	case CMD_SWAP:
		return v->list.nmarked > 0 ? NULL :
		    domu_why_not(&app->model, d, cmd);
	case CMD_LIFE:
	case CMD_START:
		return v->list.nmarked == 0 ?
		    domu_why_not(&app->model, d, cmd) :
		    life_why_not_marked(&app->model, &v->list, cmd);
	case CMD_UNFILTER:
		return v->list.filter[0] == '\0' ? "" : NULL;
	case CMD_RECOVER:
		return app->model.cuts == 0 ? "nothing was cut short" :
		    NULL;
	case CMD_JOBS:
	case CMD_JOB:
		return model_job(&app->model) == NULL ?
		    "no job was started yet" : NULL;
	default:
		return domu_why_not(&app->model, d, cmd);
	}
}

static void
say_filter(struct app *app, const struct fleet_view *v)
{
	if (v->list.filter[0] == '\0')
		app->message[0] = '\0';
	else
		app_say(app, v->list.n > 0 ? STYLE_DIM : STYLE_WARN,
		    "%zu of %zu domUs match \"%s\"; %s shows all", v->list.n,
		    app->model.fleet->ndomus, v->list.filter,
		    command_key(CMD_UNFILTER));
}

static void
set_filter(struct app *app, struct fleet_view *v, const char *text)
{
	struct dd_err e = DD_ERR_INIT;

	if (list_filter(&v->list, text, &e) == -1)
		app_say_error(app, &e);
}

static void
prompted(struct app *app, void *state, const char *text,
    enum prompt_step step)
{
	struct fleet_view *v = state;

	set_filter(app, v, step == PROMPT_CANCELLED ? "" : text);
	if (step != PROMPT_CHANGED)
		say_filter(app, v);
}

static void
sort(struct app *app, struct fleet_view *v, enum cmd cmd)
{
	struct dd_err e = DD_ERR_INIT;

	if ((cmd == CMD_SORT ? list_sort_next(&v->list, &e) :
	    list_sort_reverse(&v->list, &e)) == -1)
		app_say_error(app, &e);
	else	/* The column may be one that has no room. */
		app_say(app, STYLE_DIM, "sorted by %s%s",
		    fleet_rows.columns[v->list.sort].title,
		    v->list.reverse ? ", reversed" : "");
}

static void
mark(struct app *app, struct fleet_view *v, enum cmd cmd)
{
	struct dd_err e = DD_ERR_INIT;

	if ((cmd == CMD_MARK ? list_mark(&v->list, &e) :
	    list_mark_all(&v->list, &e)) == -1)
		app_say_error(app, &e);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct fleet_view *v = state;

	if (v->list.nmarked > 0 && fleet_for_marked(app, &v->list, cmd))
		return;
	if (domu_command(app, selected(&app->model, v), cmd))
		return;
	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		view_domu_open(app, selected(&app->model, v));
		break;
	case CMD_PREPARE_ANY:
		view_prepare_open(app, &recipe_root, NULL,
		    ROLE_ROOT);
		break;
	case CMD_MARK:
	case CMD_MARK_ALL:
		mark(app, v, cmd);
		break;
	case CMD_UNMARK:
		list_unmark(&v->list);
		break;
	case CMD_FILTER:
		app_prompt(app, "/", v->list.filter);
		break;
	case CMD_UNFILTER:
		set_filter(app, v, "");
		break;
	case CMD_SORT:
	case CMD_REVERSE:
		sort(app, v, cmd);
		break;
	case CMD_REFRESH:
		app->model.loading = app->want_refresh = true;
		break;
	case CMD_JOB:
		view_job_open(app, model_job(&app->model));
		break;
	case CMD_QUIT:
		fleet_quit(app);
		break;
	case CMD_JOBS:
		view_jobs_open(app);
		break;
	case CMD_HISTORY:
		view_history_open(app, NULL);
		break;
	case CMD_FINDINGS:
		view_findings_open(app);
		break;
	case CMD_HOST:
	case CMD_LOG:
		(void)command_anywhere(app, cmd);
		break;
	case CMD_RECOVER:
		fleet_recover(app);
		break;
	default:
		(void)list_command(&v->list, cmd);
	}
}

static void
changed(struct app *app, void *state)
{
	struct fleet_view *v = state;
	const struct fleet *fleet = app->model.fleet;
	struct dd_err e = DD_ERR_INIT;

	if (list_update(&v->list, fleet, &e) == -1)
		app_say_error(app, &e);
	v->empty_cols = 0;
}

static void
fill_pane(struct fleet_view *v, const struct model *m, int width)
{
	const struct fleet_domu *d = selected(m, v);

	text_reset(&v->pane);
	if (d == NULL)
		return;
	describe_short(&v->pane, m, d, width);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct fleet_view *v = state;
	int room, wanted;

	if (m->fleet == NULL)
		return;
	if (m->fleet->ndomus == 0) {
		/* It asks the file system: once a snapshot. */
		if (v->empty_cols != cols)
			fleet_fill_empty(&v->empty, m->config, cols - 3);
		v->empty_cols = cols;
		return;
	}
	text_reset(&v->notes);
	fleet_fill_banner(&v->notes, m, cols - 1);
	describe_findings(&v->notes, &m->fleet->findings, cols - 1);
	v->notes_rows = (int)v->notes.nlines > rows / 4 ? rows / 4 :
	    (int)v->notes.nlines;
	room = rows - v->notes_rows;
	v->beside = cols >= BESIDE_COLS;
	v->list.source = v->beside ? &fleet_rows_beside : &fleet_rows;
	v->list_rows = room;
	v->list_cols = cols;
	v->pane_rows = 0;
	if (v->beside) {
		v->list_cols = cols - (cols / 5 * 2 > 64 ? 64 :
		    cols / 5 * 2);
		v->pane_rows = room;
		fill_pane(v, m, cols - v->list_cols - 3);
	} else if (room >= BELOW_ROWS) {
		/* The pane takes what the list does not need, but at least a
		 * part that stays the same from domU to domU. */
		wanted = room - (int)m->fleet->ndomus - 1;
		v->pane_rows = wanted > room * 9 / 20 ? wanted :
		    room * 9 / 20;
		if (v->pane_rows > room - 4)
			v->pane_rows = room - 4;
		v->list_rows = room - v->pane_rows;
		fill_pane(v, m, cols - 1);
	}
	list_layout(&v->list, v->list_rows);
}

static void
render_pane(const struct model *m, const struct fleet_view *v,
    struct canvas *c, struct rect r)
{
	const struct fleet_domu *d = selected(m, v);
	char title[256];
	const char *cfg;
	int i, n;

	if (d == NULL)
		return;
	cfg = d->cfg != NULL ? d->cfg : "no configuration";
	if (!v->beside)
		chrome_title(c, r, describe_title(d, m->now, title,
		    sizeof(title)), cfg);
	else {
		n = canvas_text(c, r.y, r.x, r.cols, STYLE_TITLE, d->name);
		(void)canvas_cut(c, r.y, r.x + n + 2, r.cols - n - 2,
		    STYLE_DIM, CUT_START, cfg);
	}
	for (i = 1; i < r.rows && (size_t)i <= v->pane.nlines; i++)
		text_draw(&v->pane, (size_t)i - 1, c, r.y + i, r.x, r.cols,
		    0, NULL);
	if (v->pane.nlines < (size_t)r.rows || r.rows < 2)
		return;
	r.y += r.rows - 1;
	canvas_fill(c, (struct rect){ r.y, r.x, 1, r.cols }, STYLE_NORMAL);
	canvas_glyph(c, r.y, r.x, STYLE_DIM, GLYPH_DOWN);
	(void)canvas_text(c, r.y, r.x + 2, r.cols - 2, STYLE_DIM,
	    "Enter shows all");
}

static void
render_text(const struct text *t, struct canvas *c, struct rect r)
{
	int i;

	for (i = 0; i < r.rows; i++)
		text_draw(t, (size_t)i, c, r.y + i, r.x + 2, r.cols - 2, 0,
		    NULL);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct fleet_view *v = state;
	int i;

	if (m->fleet == NULL) {
		(void)canvas_text(c, r.y + 1, r.x + 2, r.cols - 2, STYLE_DIM,
		    m->loading ? "reading the fleet" :
		    "the fleet could not be read");
		return;
	}
	if (m->fleet->ndomus == 0) {
		render_text(&v->empty, c, r);
		return;
	}
	for (i = 0; i < v->notes_rows; i++)
		text_draw(&v->notes, (size_t)i, c, r.y + i, r.x, r.cols, 0,
		    NULL);
	r.y += v->notes_rows;
	list_render(&v->list, c, (struct rect){ r.y, r.x, v->list_rows,
	    v->list_cols });
	if (v->list.n == 0)
		(void)canvas_text(c, r.y + 2, r.x + 3, v->list_cols - 3,
		    STYLE_DIM, "no domU matches the filter");
	if (v->beside) {
		for (i = 0; i < v->pane_rows; i++)
			canvas_glyph(c, r.y + i, r.x + v->list_cols,
			    STYLE_FRAME, GLYPH_VLINE);
		render_pane(m, v, c, (struct rect){ r.y,
		    r.x + v->list_cols + 2, v->pane_rows,
		    r.cols - v->list_cols - 3 });
	} else if (v->pane_rows > 0)
		render_pane(m, v, c, (struct rect){ r.y + v->list_rows, r.x,
		    v->pane_rows, r.cols });
}

static void
dispose(void *state)
{
	struct fleet_view *v = state;

	list_dispose(&v->list);
	text_dispose(&v->notes);
	text_dispose(&v->pane);
	text_dispose(&v->empty);
	free(v);
}

static struct list *
list_of(void *state)
{
	return &((struct fleet_view *)state)->list;
}

const struct view_ops fleet_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.list = list_of,
	.where = where, .why_not = why_not, .command = command,
	.prompted = prompted, .changed = changed, .layout = layout,
	.render = render, .free = dispose,
};

int
view_fleet_open(struct app *app, struct dd_err *e)
{
	struct fleet_view *v = calloc(1, sizeof(*v));
	bool utf8 = app->model.utf8;

	if (v == NULL)
		return dd_fail_nomem(e);
	list_init(&v->list, &fleet_rows, utf8);
	columns_apply(app->model.config, &v->list);
	v->list.sort = FLEET_SORT_NAME;
	v->notes.utf8 = v->pane.utf8 = v->empty.utf8 = utf8;
	(void)app_push(app, &fleet_ops, v);
	return 0;
}
