/*
 * Choosing a theme: a list, and what each role looks like.  The theme that is
 * selected is the one in use at once; leaving brings the one before back, and
 * Enter keeps it while the console runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/theme_rows.h"
#include "tui/views.h"

#define BESIDE_COLS	100	/* from there on the samples stand beside */
#define BESIDE_PANE	44
#define LIST_ROWS	3	/* the list keeps, with its heads */

struct themes_view {
	struct list		 list;
	struct theme_rows	*rows;
	struct theme		 before;
	struct text		 fault;		/* of the one selected */
	bool			 beside;
	int			 list_rows, list_cols, pane_rows;
};

static const enum cmd commands[] = {
	CMD_KEEP, CMD_REFRESH, CMD_HELP, CMD_BACK, CMD_UP, CMD_DOWN,
	CMD_PAGE_UP, CMD_PAGE_DOWN, CMD_HOME, CMD_END,
};

/* What a role looks like is shown on what it is used for. */
static const char *const samples[STYLE_COUNT] = {
	[STYLE_NORMAL] = "web1", [STYLE_HEADER] = "drydock",
	[STYLE_TITLE] = "pkg.img", [STYLE_COLUMN] = "DOMU",
	[STYLE_DIM] = "128 MiB", [STYLE_OK] = "running",
	[STYLE_WARN] = "! 97%", [STYLE_ERROR] = "!! gone",
	[STYLE_HELD] = "in use", [STYLE_PENDING] = "waiting",
	[STYLE_ADDED] = "+ line", [STYLE_REMOVED] = "- line",
	[STYLE_MATCH] = "found", [STYLE_KEY] = "F5",
	[STYLE_BAR] = "Refresh", [STYLE_FRAME] = "------",
	[STYLE_FIELD] = "typed", [STYLE_BUTTON] = "[ Yes ]",
	[STYLE_REST] = "......",
};

#define NAME_COLS	10
#define SAMPLE_COLS	8
#define CELL_COLS	(NAME_COLS + 2 * SAMPLE_COLS + 2)
#define BRIEF_COLS	(NAME_COLS - 1)

static const struct theme_row *
selected(const struct themes_view *v)
{
	size_t row;

	return v->rows == NULL || !list_selected(&v->list, &row) ? NULL :
	    &v->rows->v[row];
}

/* -- what is done -------------------------------------------------------- */

static void
apply(struct app *app, const struct themes_view *v)
{
	const struct theme_row *r = selected(v);

	if (r != NULL && r->why.code == ERR_NONE)
		app_theme(app, &r->theme);
}

static int
read_themes(struct app *app, struct themes_view *v, struct dd_err *e)
{
	struct theme_rows *rows;

	rows = theme_rows_read(app->xen, app->config_path, e);
	if (rows == NULL || list_update(&v->list, rows, e) == -1) {
		theme_rows_free(rows);
		(void)list_update(&v->list, v->rows, e);
		return -1;
	}
	theme_rows_free(v->rows);
	v->rows = rows;
	return 0;
}

/* They may have been edited meanwhile: then that is seen. */
static void
refresh(struct app *app, struct themes_view *v)
{
	struct dd_err e = DD_ERR_INIT;

	if (read_themes(app, v, &e) == -1)
		app_say_error(app, &e);
	else
		apply(app, v);
}

static void
keep(struct app *app, struct themes_view *v)
{
	const struct theme_row *r = selected(v);
	char name[THEME_NAME];

	if (r == NULL || r->why.code != ERR_NONE)
		return;
	(void)snprintf(name, sizeof(name), "%s", r->name);
	app_theme(app, &r->theme);
	app_pop(app);
	app_say(app, STYLE_OK, "theme = \"%s\" in drydock.conf keeps it for "
	    "good", name);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct themes_view *v = state;

	if (cmd == CMD_KEEP)
		keep(app, v);
	else if (cmd == CMD_REFRESH)
		refresh(app, v);
	else if (cmd == CMD_BACK) {
		app_theme(app, &v->before);
		app_pop(app);
	} else if (list_command(&v->list, cmd))
		apply(app, v);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct theme_row *r = selected(state);

	(void)app;
	if (cmd == CMD_THEMES)
		return "these are the themes";
	if (cmd != CMD_KEEP || (r != NULL && r->why.code == ERR_NONE))
		return NULL;
	return "this theme has a fault";
}

/* -- what is shown ------------------------------------------------------- */

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "themes");
}

static int
pane_needs(int cell, int cols)
{
	const int columns = cols / cell < 1 ? 1 : cols / cell;

	return 1 + (STYLE_COUNT + columns - 1) / columns;
}

static void
fill_fault(struct themes_view *v, int width)
{
	const struct theme_row *r = selected(v);

	text_reset(&v->fault);
	if (r == NULL || r->why.code == ERR_NONE)
		return;
	text_wrap(&v->fault, STYLE_ERROR, 0, width, r->why.msg);
	text_wrap(&v->fault, STYLE_NORMAL, 0, width, r->why.hint);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct themes_view *v = state;
	int wanted = pane_needs(CELL_COLS, cols - 1);

	(void)m;
	v->beside = cols >= BESIDE_COLS;
	v->list_rows = rows;
	v->list_cols = v->beside ? cols - BESIDE_PANE : cols;
	v->pane_rows = rows;
	if (!v->beside) {
		if (wanted > rows - LIST_ROWS - 2)
			wanted = pane_needs(BRIEF_COLS, cols - 1);
		if (wanted > rows - LIST_ROWS)
			wanted = rows - LIST_ROWS;
		v->pane_rows = wanted;
		v->list_rows = rows - wanted;
	}
	list_layout(&v->list, v->list_rows);
	fill_fault(v, v->beside ? BESIDE_PANE - 3 : cols - 2);
}

/* A role: its name, and what it looks like, selected as well; or its name
 * alone, which looks like it. */
static void
render_role(struct canvas *c, int y, int x, unsigned style, bool brief)
{
	const char *sample = samples[style] == NULL ? "text" : samples[style];

	if (brief) {
		(void)canvas_text(c, y, x, BRIEF_COLS - 1, style,
		    style_name(style));
		return;
	}
	(void)canvas_text(c, y, x, NAME_COLS - 1, STYLE_NORMAL,
	    style_name(style));
	(void)canvas_text(c, y, x + NAME_COLS, SAMPLE_COLS, style, sample);
	if (theme_in_lists(style))
		(void)canvas_text(c, y, x + NAME_COLS + SAMPLE_COLS,
		    SAMPLE_COLS, style | STYLE_SELECTED, sample);
}

static void
render_roles(struct canvas *c, struct rect r)
{
	const bool brief = pane_needs(CELL_COLS, r.cols) > r.rows + 1;
	const int cell = brief ? BRIEF_COLS : CELL_COLS;
	const int columns = r.cols / cell < 1 ? 1 : r.cols / cell;
	const int down = (STYLE_COUNT + columns - 1) / columns;
	int i;

	for (i = 0; i < STYLE_COUNT; i++)
		if (i % down < r.rows)
			render_role(c, r.y + i % down, r.x + i / down * cell,
			    (unsigned)i, brief);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct themes_view *v = state;
	const struct theme_row *row = selected(v);
	struct rect pane = r;
	int i;

	(void)m;
	list_render(&v->list, c, (struct rect){ r.y, r.x, v->list_rows,
	    v->list_cols - (v->beside ? 1 : 0) });
	if (v->beside) {
		for (i = 0; i < r.rows; i++)
			canvas_glyph(c, r.y + i, r.x + v->list_cols,
			    STYLE_FRAME, GLYPH_VLINE);
		pane = (struct rect){ r.y + 1, r.x + v->list_cols + 2,
		    r.rows - 1, r.cols - v->list_cols - 3 };
		(void)canvas_text(c, r.y, pane.x, pane.cols, STYLE_TITLE,
		    "what each role looks like");
	} else {
		pane.y += v->list_rows;
		pane.rows = v->pane_rows;
		chrome_title(c, pane, "what each role looks like", row == NULL
		    ? "" : row->name);
		pane = (struct rect){ pane.y + 1, r.x + 1, pane.rows - 1,
		    r.cols - 1 };
	}
	if (v->fault.nlines == 0)
		render_roles(c, pane);
	for (i = 0; i < pane.rows && i < (int)v->fault.nlines; i++)
		text_draw(&v->fault, (size_t)i, c, pane.y + i, pane.x,
		    pane.cols, 0, NULL);
}

static void
dispose(void *state)
{
	struct themes_view *v = state;

	list_dispose(&v->list);
	text_dispose(&v->fault);
	theme_rows_free(v->rows);
	free(v);
}

const struct view_ops themes_ops = {
	.commands = commands, .ncommands = sizeof(commands) /
	    sizeof(commands[0]),
	.title = title, .why_not = why_not, .command = command,
	.layout = layout, .render = render, .free = dispose,
};

void
view_themes_open(struct app *app)
{
	struct themes_view *v = calloc(1, sizeof(*v));
	struct dd_err e = DD_ERR_INIT;

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	v->before = app->theme;
	v->fault = (struct text)TEXT_INIT(app->model.utf8);
	list_init(&v->list, &theme_rows_source, app->model.utf8);
	if (read_themes(app, v, &e) == -1) {
		app_say_error(app, &e);
		dispose(v);
		return;
	}
	list_select(&v->list, app->theme.name);
	(void)app_push(app, &themes_ops, v);
}
