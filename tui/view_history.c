/* Who did what, and how it ended: all jobs or one domU's; and one of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/generations.h"
#include "tui/history.h"
#include "tui/columns.h"
#include "tui/views.h"

/* -- one job ------------------------------------------------------------- */

struct record_view {
	struct pager	pager;	/* first: see view_ops.paged */
	struct hist_row	row;
};

static const enum cmd record_commands[] = {
	CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_HELP, CMD_BACK, PAGING_COMMANDS,
};

static void
record_title(const void *state, char *buf, size_t cap)
{
	(void)snprintf(buf, cap, "job %s",
	    ((const struct record_view *)state)->row.id);
}

static void
fact(struct text *t, const char *name, const char *value, int width)
{
	if (value[0] == '\0')
		return;
	text_add(t, STYLE_DIM, "%s", name);
	text_tab(t, 12);
	text_wrap(t, STYLE_NORMAL, 12, width, value);
}

static void
record_layout(const struct model *m, void *state, int rows, int cols)
{
	struct record_view *v = state;
	const struct hist_row *r = &v->row;
	struct text *t = &v->pager.text;
	const int width = cols - 2;
	char buf[64];

	(void)m;
	text_reset(t);
	text_line(t, r->style, "%s", r->outcome);
	if (r->message[0] != '\0')
		text_wrap(t, STYLE_NORMAL, 0, width, r->message);
	text_end(t);
	text_add(t, STYLE_DIM, "$ ");
	text_wrap(t, STYLE_NORMAL, 2, width, r->command);
	text_end(t);
	fact(t, "by", r->who, width);
	fact(t, "begun", time_text(buf, r->started), width);
	if (r->duration >= 0) {
		(void)snprintf(buf, sizeof(buf), "%.2f s",
		    (double)r->duration / 1000);
		fact(t, "took", buf, width);
	}
	fact(t, "domU", r->domu, width);
	fact(t, "image", r->image, width);
	hist_generations(r, buf, sizeof(buf));
	fact(t, "generation", buf, width);
	pager_layout(&v->pager, rows - 1, width);
}

static void
record_render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct record_view *v = state;
	char line[LIST_CELL];

	(void)m;
	hist_what(&v->row, line, sizeof(line));
	paging_render(&v->pager, c, r, line);
}

static void
record_dispose(void *state)
{
	struct record_view *v = state;

	pager_dispose(&v->pager);
	hist_row_dispose(&v->row);
	free(v);
}

const struct view_ops record_ops = {
	.commands = record_commands,
	.ncommands = sizeof(record_commands) / sizeof(record_commands[0]),
	.paged = true, .title = record_title, .layout = record_layout,
	.render = record_render, .free = record_dispose,
};

static void
open_record(struct app *app, const struct hist_row *r)
{
	struct record_view *v = calloc(1, sizeof(*v));

	if (v == NULL || !hist_row_copy(&v->row, r)) {
		app_say_nomem(app);
		free(v);
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	(void)app_push(app, &record_ops, v);
}

/* -- the list ------------------------------------------------------------ */

struct history_view {
	struct list	 list;
	char		*domu;		/* NULL: all */
	struct history	*history;	/* NULL: not read */
	struct dd_err	 error;
	unsigned	 ticket, changes;
	bool		 asked;
	struct text	 head;
};

static const enum cmd commands[] = {
	CMD_OPEN, CMD_FILTER, CMD_UNFILTER, CMD_SORT, CMD_REFRESH, CMD_HELP,
	CMD_BACK, CMD_UP, CMD_DOWN, CMD_LEFT, CMD_RIGHT, CMD_PAGE_UP,
	CMD_PAGE_DOWN, CMD_HOME, CMD_END, CMD_REVERSE,
};

static void
title(const void *state, char *buf, size_t cap)
{
	const struct history_view *v = state;

	(void)snprintf(buf, cap, "%s%shistory", v->domu != NULL ? v->domu :
	    "", v->domu != NULL ? " > " : "");
}

static void
where(const void *state, char *buf, size_t cap)
{
	const struct list *l = &((const struct history_view *)state)->list;

	if (l->n > (size_t)l->page)
		(void)snprintf(buf, cap, "%zu/%zu", l->sel + 1, l->n);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct history_view *v = state;
	size_t row;

	(void)app;
	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		return !list_selected(&v->list, &row) ? "no job is selected" :
		    NULL;
	case CMD_FILTER:
	case CMD_SORT:
	case CMD_REVERSE:
		return v->history == NULL || v->history->n == 0 ?
		    "there is no job" : NULL;
	case CMD_UNFILTER:
		return v->list.filter[0] == '\0' ? "" : NULL;
	default:
		return NULL;
	}
}

static void
ask(struct app *app, struct history_view *v)
{
	struct hist_look *l = hist_look_new(app->model.config->state_dir,
	    v->domu);

	v->changes = app->model.changes;
	v->asked = true;
	if (l == NULL)
		app_say_nomem(app);
	else
		v->ticket = app_look(app, &l->look);
}

static void
changed(struct app *app, void *state)
{
	struct history_view *v = state;

	if (!v->asked || v->changes != app->model.changes)
		ask(app, v);
}

static bool
looked(struct app *app, void *state, struct look *look)
{
	struct hist_look *l = (struct hist_look *)look;
	struct history_view *v = state;
	struct dd_err e = DD_ERR_INIT;

	if (look->ticket != v->ticket)
		return false;
	v->ticket = 0;
	v->error = l->e;
	if (list_update(&v->list, l->found, &e) == -1)
		app_say_error(app, &e);
	history_free(v->history);
	v->history = l->found;
	l->found = NULL;
	return true;
}

static void
set_filter(struct app *app, struct history_view *v, const char *text)
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
command(struct app *app, void *state, enum cmd cmd)
{
	struct history_view *v = state;
	struct dd_err e = DD_ERR_INIT;
	size_t row;

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		if (list_selected(&v->list, &row))
			open_record(app, &v->history->v[row]);
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
		ask(app, v);
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
layout(const struct model *m, void *state, int rows, int cols)
{
	struct history_view *v = state;
	struct text *t = &v->head;

	(void)m;
	text_reset(t);
	if (v->error.code != ERR_NONE) {
		text_wrap(t, STYLE_ERROR, 0, cols - 2, v->error.msg);
		if (v->error.hint[0] != '\0')
			text_wrap(t, STYLE_DIM, 0, cols - 2, v->error.hint);
	} else if (v->history == NULL)
		text_line(t, STYLE_DIM, "reading the history");
	else if (v->history->n == 0)
		text_line(t, STYLE_DIM, "Nothing was written down yet.");
	else if (v->list.n == 0)
		text_line(t, STYLE_DIM, "no job matches the filter");
	list_layout(&v->list, rows - 1 - (int)t->nlines);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct history_view *v = state;
	const int head = (int)v->head.nlines;
	char line[INPUT_MAX];
	int i;

	(void)m;
	(void)snprintf(line, sizeof(line), "History%s%s", v->domu != NULL ?
	    " of " : "", v->domu != NULL ? v->domu : "");
	chrome_title(c, r, line, "");
	for (i = 0; i < head; i++)
		text_draw(&v->head, (size_t)i, c, r.y + 1 + i, r.x + 1,
		    r.cols - 2, 0, NULL);
	if (v->list.n > 0)
		list_render(&v->list, c, (struct rect){ r.y + 1 + head,
		    r.x + 1, r.rows - 1 - head, r.cols - 2 });
}

static void
dispose(void *state)
{
	struct history_view *v = state;

	list_dispose(&v->list);
	history_free(v->history);
	text_dispose(&v->head);
	free(v->domu);
	free(v);
}

static struct list *
list_of(void *state)
{
	return &((struct history_view *)state)->list;
}

const struct view_ops history_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.list = list_of,
	.title = title, .where = where, .why_not = why_not,
	.command = command, .prompted = prompted, .changed = changed,
	.looked = looked, .layout = layout, .render = render,
	.free = dispose,
};

void
view_history_open(struct app *app, const char *domu)
{
	struct history_view *v = calloc(1, sizeof(*v));

	if (v != NULL) {
		list_init(&v->list, &hist_rows, app->model.utf8);
		columns_apply(app->model.config, &v->list);
		v->list.sort = HIST_SORT_NUMBER;
		v->list.reverse = true;
		v->head.utf8 = app->model.utf8;
		if (domu != NULL)
			v->domu = strdup(domu);
	}
	if (v == NULL || (domu != NULL && v->domu == NULL)) {
		app_say_nomem(app);
		free(v);
		return;
	}
	(void)app_push(app, &history_ops, v);
}
