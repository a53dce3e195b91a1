/* The actions of this session, newest first; those that run show how far they
 * are.  The rows are the model's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/list.h"
#include "tui/views.h"

/* -- rows: of a struct model --------------------------------------------- */

enum { COL_NUMBER, COL_WHAT, COL_STATE, COL_TOOK, COL_PROGRESS, COL_COUNT };

static const struct list_column columns[COL_COUNT] = {
	[COL_NUMBER] = { "N", .min = 3, .max = 4, .rank = 3, .right = true },
	[COL_WHAT] = { "WHAT", .min = 14, .max = 40, .rank = 0 },
	[COL_STATE] = { "STATE", .min = 9, .max = 11, .rank = 0 },
	[COL_TOOK] = { "TOOK", .min = 6, .max = 8, .rank = 2,
	    .right = true },
	[COL_PROGRESS] = { "HOW FAR", .min = 12, .rank = 1 },
};

static struct action *
action_of(const void *rows, size_t row)
{
	struct action *a = ((const struct model *)rows)->actions;

	while (row-- > 0 && a->next != NULL)
		a = a->next;
	return a;
}

static size_t
count(const void *rows)
{
	const struct action *a = ((const struct model *)rows)->actions;
	size_t n = 0;

	for (; a != NULL; a = a->next)
		n++;
	return n;
}

static const char *
id(const void *rows, size_t row)
{
	return action_of(rows, row)->id;
}

static void
put_took(const struct model *m, const struct action *a, char *buf, size_t cap)
{
	int64_t s = (a->running || a->ended == 0 ? m->now : a->ended) -
	    a->began;

	if (s < 100)
		(void)snprintf(buf, cap, "%d s", s < 0 ? 0 : (int)s);
	else
		(void)snprintf(buf, cap, "%lld min", (long long)(s / 60));
}

static void
put_progress(const struct action *a, struct list_cell *c)
{
	char text[ACTION_PROGRESS];

	if (!a->running) {
		(void)snprintf(c->text, sizeof(c->text), "%.*s",
		    LIST_CELL - 1, a->message);
		return;
	}
	action_progress(a, text);
	(void)snprintf(c->text, sizeof(c->text), "%.*s", LIST_CELL - 1, text);
	c->cut = CUT_START;	/* the figures are at the end */
	if (a->total > 0) {
		c->gauge = (int)((double)a->done * 1000 / (double)a->total);
		c->gauge_style = STYLE_PENDING;
	}
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	const struct action *a = action_of(rows, row);
	const char *text = NULL;

	switch (column) {
	case COL_NUMBER:
		text = a->id;
		break;
	case COL_WHAT:
		text = a->title;
		break;
	case COL_STATE:
		text = action_state(a);
		c->style = a->running ? STYLE_PENDING : a->status == 0 ?
		    STYLE_OK : a->stopping ? STYLE_WARN : STYLE_ERROR;
		break;
	case COL_TOOK:
		put_took(rows, a, c->text, sizeof(c->text));
		break;
	default:
		put_progress(a, c);
	}
	if (text != NULL)
		(void)snprintf(c->text, sizeof(c->text), "%s", text);
}

static int
compare(const void *rows, size_t a, size_t b, int column)
{
	(void)rows;
	(void)column;
	return (a > b) - (a < b);	/* as the model has them */
}

static const struct list_source source = {
	.columns = columns, .ncolumns = COL_COUNT, .count = count, .id = id,
	.cell = cell, .compare = compare,
};

/* -- the view ------------------------------------------------------------ */

struct jobs_view {
	struct list	list;
};

static const enum cmd commands[] = {
	CMD_OPEN, CMD_STOP, CMD_HELP, CMD_BACK, CMD_UP, CMD_DOWN, CMD_LEFT,
	CMD_RIGHT, CMD_PAGE_UP, CMD_PAGE_DOWN, CMD_HOME, CMD_END,
};

static struct action *
selected(const struct model *m, const struct jobs_view *v)
{
	size_t row;

	return list_selected(&v->list, &row) ? action_of(m, row) : NULL;
}

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "jobs");
}

static void
where(const void *state, char *buf, size_t cap)
{
	const struct list *l = &((const struct jobs_view *)state)->list;

	if (l->n > (size_t)l->page)
		(void)snprintf(buf, cap, "%zu/%zu", l->sel + 1, l->n);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct action *a = selected(&app->model, state);

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		return a == NULL ? "no job is selected" : NULL;
	case CMD_STOP:
		return a == NULL || !a->running ? "" : a->stopping ?
		    "it was asked to stop already" : NULL;
	default:
		return NULL;
	}
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct jobs_view *v = state;

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		view_job_open(app, selected(&app->model, v));
		break;
	case CMD_STOP:
		app->runner->stop(selected(&app->model, v));
		break;
	case CMD_BACK:
	case CMD_LEFT:
		app_pop(app);
		break;
	default:
		(void)list_command(&v->list, cmd);
	}
}

static void
changed(struct app *app, void *state)
{
	struct jobs_view *v = state;
	struct dd_err e = DD_ERR_INIT;

	if (list_update(&v->list, &app->model, &e) == -1)
		app_say_error(app, &e);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	(void)m;
	(void)cols;
	list_layout(&((struct jobs_view *)state)->list, rows - 1);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct jobs_view *v = state;

	(void)m;
	chrome_title(c, r, "Jobs of this session", "");
	list_render(&v->list, c, (struct rect){ r.y + 1, r.x + 1, r.rows - 1,
	    r.cols - 2 });
}

static void
dispose(void *state)
{
	list_dispose(&((struct jobs_view *)state)->list);
	free(state);
}

static struct list *
list_of(void *state)
{
	return &((struct jobs_view *)state)->list;
}

const struct view_ops jobs_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.list = list_of,
	.title = title, .where = where, .why_not = why_not,
	.command = command, .changed = changed, .layout = layout,
	.render = render, .free = dispose,
};

void
view_jobs_open(struct app *app)
{
	struct jobs_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	list_init(&v->list, &source, app->model.utf8);
	v->list.sort = -1;	/* they stay in the model's order */
	(void)app_push(app, &jobs_ops, v);
}
