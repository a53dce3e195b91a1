/*
 * The log: the command lines that the console ran, newest first.  The one
 * selected stands below in full, to be selected by the terminal; it can be sent
 * to the terminal's clipboard, or be taken into the command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "tui/command_line.h"
#include "tui/list.h"
#include "tui/views.h"

/* -- rows: of a struct model --------------------------------------------- */

enum { COL_TIME, COL_STATE, COL_TOOK, COL_COMMAND, COL_COUNT };

static const struct list_column columns[COL_COUNT] = {
	[COL_TIME] = { "AT", .min = 8, .max = 8, .rank = 2 },
	[COL_STATE] = { "RESULT", .min = 7, .max = 11, .rank = 1 },
	[COL_TOOK] = { "TOOK", .min = 5, .max = 8, .rank = 3,
	    .right = true },
	[COL_COMMAND] = { "COMMAND", .min = 14, .rank = 0 },
};

static const struct log_entry *
entry_of(const void *rows, size_t row)
{
	const struct log *log = &((const struct model *)rows)->log;

	return &log->v[log->n - 1 - row];
}

static size_t
count(const void *rows)
{
	return ((const struct model *)rows)->log.n;
}

static const char *
id(const void *rows, size_t row)
{
	return entry_of(rows, row)->id;
}

/* What follows "drydock" and --config: what differs. */
static const char *
words_of(const struct log_entry *l)
{
	const char *s = l->command;
	static const char config[] = "drydock --config ";
	char quote = '\0';

	if (strncmp(s, config, sizeof(config) - 1) != 0)
		return strncmp(s, "drydock ", 8) == 0 ? s + 8 : s;
	for (s += sizeof(config) - 1; *s != '\0'; s++)
		if (quote != '\0')
			quote = *s == quote ? '\0' : quote;
		else if (*s == '\'' || *s == '"')
			quote = *s;
		else if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == ' ')
			break;
	return s + (*s == ' ');
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	const struct model *m = rows;
	const struct log_entry *l = entry_of(rows, row);
	const time_t at = (time_t)l->began;
	int64_t took;
	struct tm tm;

	switch (column) {
	case COL_TIME:
		if (localtime_r(&at, &tm) != NULL)
			(void)strftime(c->text, sizeof(c->text), "%H:%M:%S",
			    &tm);
		c->style = STYLE_DIM;
		break;
	case COL_STATE:
		(void)snprintf(c->text, sizeof(c->text), "%s", l->state);
		c->style = l->ended == 0 ? STYLE_PENDING : l->failed ?
		    STYLE_ERROR : STYLE_OK;
		break;
	case COL_TOOK:
		took = (l->ended == 0 ? m->now : l->ended) - l->began;
		(void)snprintf(c->text, sizeof(c->text), took < 100 ?
		    "%lld s" : "%lld min", (long long)(took < 0 ? 0 :
		    took < 100 ? took : took / 60));
		break;
	default:
		(void)snprintf(c->text, sizeof(c->text), "%.*s",
		    LIST_CELL - 1, words_of(l));
	}
}

static int
compare(const void *rows, size_t a, size_t b, int column)
{
	(void)rows;
	(void)column;
	return (a > b) - (a < b);	/* newest first */
}

static bool
match(const void *rows, size_t row, const char *filter)
{
	return strcasestr(entry_of(rows, row)->command, filter) != NULL;
}

static const struct list_source source = {
	.columns = columns, .ncolumns = COL_COUNT, .count = count, .id = id,
	.cell = cell, .compare = compare, .match = match,
};

/* -- the view ------------------------------------------------------------ */

struct log_view {
	struct list	list;
	struct text	pane;
	int		pane_rows;
};

static const enum cmd commands[] = {
	CMD_OPEN, CMD_EDIT, CMD_COPY, CMD_FILTER, CMD_UNFILTER, CMD_HELP,
	CMD_BACK, CMD_UP, CMD_DOWN, CMD_LEFT, CMD_RIGHT, CMD_PAGE_UP,
	CMD_PAGE_DOWN, CMD_HOME, CMD_END,
};

static const struct log_entry *
selected(const struct model *m, const struct log_view *v)
{
	size_t row;

	return m->log.n > 0 && list_selected(&v->list, &row) ?
	    entry_of(m, row) : NULL;
}

/* With what it printed, while that is kept. */
static struct action *
action_of(const struct model *m, const struct log_entry *l)
{
	struct action *a = m->actions;

	while (a != NULL && strcmp(a->id, l->id) != 0)
		a = a->next;
	return a;
}

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "log");
}

static void
where(const void *state, char *buf, size_t cap)
{
	const struct list *l = &((const struct log_view *)state)->list;

	if (l->n > (size_t)l->page)
		(void)snprintf(buf, cap, "%zu/%zu", l->sel + 1, l->n);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct log_view *v = state;
	const struct log_entry *l = selected(&app->model, v);

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		return l == NULL ? "nothing was run yet" :
		    action_of(&app->model, l) == NULL ?
		    "what it printed is no longer kept" : NULL;
	case CMD_EDIT:
	case CMD_COPY:
	case CMD_FILTER:
		return l == NULL && v->list.filter[0] == '\0' ?
		    "nothing was run yet" : NULL;
	case CMD_UNFILTER:
		return v->list.filter[0] == '\0' ? "" : NULL;
	default:
		return NULL;
	}
}

static void
set_filter(struct app *app, struct log_view *v, const char *text)
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
	struct log_view *v = state;
	const struct log_entry *l = selected(&app->model, v);

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		view_job_open(app, action_of(&app->model, l));
		break;
	case CMD_EDIT:
		if (l != NULL)
			command_line_open(app, words_of(l));
		break;
	case CMD_COPY:
		if (l != NULL)
			app_copy(app, l->command);
		break;
	case CMD_FILTER:
		app_prompt(app, "/", v->list.filter);
		break;
	case CMD_UNFILTER:
		set_filter(app, v, "");
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
	struct log_view *v = state;
	struct dd_err e = DD_ERR_INIT;

	if (list_update(&v->list, &app->model, &e) == -1)
		app_say_error(app, &e);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct log_view *v = state;
	const struct log_entry *l = selected(m, v);

	text_reset(&v->pane);
	if (l != NULL) {
		text_wrap(&v->pane, STYLE_TITLE, 0, cols - 2, l->command);
		if (l->message != NULL)
			text_wrap(&v->pane, STYLE_ERROR, 0, cols - 2,
			    l->message);
	}
	v->pane_rows = (int)v->pane.nlines > rows / 2 ? rows / 2 :
	    (int)v->pane.nlines;
	list_layout(&v->list, rows - 2 - v->pane_rows);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct log_view *v = state;
	int i, y;

	(void)m;
	chrome_title(c, r, "Commands that this console ran", "");
	list_render(&v->list, c, (struct rect){ r.y + 1, r.x + 1,
	    r.rows - 2 - v->pane_rows, r.cols - 2 });
	if (v->list.n == 0) {
		(void)canvas_text(c, r.y + 2, r.x + 3, r.cols - 3, STYLE_DIM,
		    v->list.filter[0] != '\0' ? "no command matches the filter"
		    : "nothing was run yet");
		return;
	}
	y = r.y + r.rows - v->pane_rows - 1;
	chrome_title(c, (struct rect){ y, r.x, 1, r.cols }, "In full", "");
	for (i = 0; i < v->pane_rows; i++)
		text_draw(&v->pane, (size_t)i, c, y + 1 + i, r.x + 1,
		    r.cols - 2, 0, NULL);
}

static void
dispose(void *state)
{
	struct log_view *v = state;

	list_dispose(&v->list);
	text_dispose(&v->pane);
	free(v);
}

static struct list *
list_of(void *state)
{
	return &((struct log_view *)state)->list;
}

const struct view_ops log_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.list = list_of, .title = title, .where = where, .why_not = why_not,
	.command = command, .prompted = prompted, .changed = changed,
	.layout = layout, .render = render, .free = dispose,
};

void
view_log_open(struct app *app)
{
	struct log_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	list_init(&v->list, &source, app->model.utf8);
	v->list.sort = -1;	/* they stay in the model's order */
	v->pane.utf8 = app->model.utf8;
	(void)app_push(app, &log_ops, v);
}
