/* A dialog over a list: which of its columns are shown, and by which it is
 * sorted. */
#include <stdio.h>
#include <stdlib.h>

#include "tui/columns.h"

struct columns_view {
	struct list	*list;
	int		 sel;
	struct rect	 box;
};

static const enum cmd commands[] = {
	CMD_SORT_BY, CMD_SHOW, CMD_HELP, CMD_BACK, CMD_UP, CMD_DOWN, CMD_HOME,
	CMD_END,
};

#define BOX_COLS	30

static const struct list_column *
column(const struct columns_view *v, int col)
{
	return &v->list->source->columns[col];
}

/* The next with a title from there on, or from where one is. */
static int
next(const struct columns_view *v, int from, int step)
{
	const int n = v->list->source->ncolumns;
	int col = from;

	while (col >= 0 && col < n && column(v, col)->title[0] == '\0')
		col += step;
	return col >= 0 && col < n ? col : v->sel;
}

static int
shown(const struct columns_view *v)
{
	int col, n = 0;

	for (col = 0; col < v->list->source->ncolumns; col++)
		n += column(v, col)->title[0] != '\0' &&
		    !v->list->hidden[col];
	return n;
}

static void
sort_by(struct app *app, struct columns_view *v)
{
	struct list *l = v->list;
	struct dd_err e = DD_ERR_INIT;
	const int col = v->sel;

	if (list_sort_by(l, col, &e) == -1)
		app_say_error(app, &e);
	app_pop(app);		/* v is gone */
	app_say(app, STYLE_DIM, "sorted by %s%s",
	    l->source->columns[col].title, l->reverse ? ", reversed" : "");
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct columns_view *v = state;

	(void)app;
	return cmd == CMD_SORT_BY && v->list->sort < 0 ?
	    "these stay in the order in which they began" : NULL;
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct columns_view *v = state;
	bool *hidden = &v->list->hidden[v->sel];

	switch (cmd) {
	case CMD_SHOW:
		if (!*hidden && shown(v) == 1)
			app_say(app, STYLE_WARN, "one column has to stay");
		else
			*hidden = !*hidden;
		break;
	case CMD_SORT_BY:
		sort_by(app, v);
		break;
	case CMD_UP:
		v->sel = next(v, v->sel - 1, -1);
		break;
	case CMD_DOWN:
		v->sel = next(v, v->sel + 1, 1);
		break;
	case CMD_HOME:
		v->sel = next(v, 0, 1);
		break;
	case CMD_END:
		v->sel = next(v, v->list->source->ncolumns - 1, -1);
		break;
	case CMD_BACK:
		app_pop(app);
		break;
	default:
		break;
	}
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct columns_view *v = state;
	int high = v->list->source->ncolumns + 2;

	(void)m;
	if (high > rows)
		high = rows;
	v->box = (struct rect){ 1 + (rows - high) / 2, (cols - BOX_COLS) / 2,
	    high, BOX_COLS };
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct columns_view *v = state;
	const struct list *l = v->list;
	const struct rect b = v->box;
	const int room = b.rows - 2;
	int col, y, x, from = v->sel >= room ? v->sel - room + 1 : 0;

	(void)m;
	(void)r;
	canvas_fill(c, b, STYLE_NORMAL);
	canvas_frame(c, b, STYLE_FRAME);
	(void)canvas_text(c, b.y, b.x + 2, b.cols - 4, STYLE_TITLE,
	    " Columns ");
	for (col = from, y = 0; col < l->source->ncolumns && y < room;
	    col++) {
		if (column(v, col)->title[0] == '\0')
			continue;
		x = b.x + 2;
		(void)canvas_text(c, b.y + 1 + y, x, 4, STYLE_KEY,
		    l->hidden[col] ? "[ ]" : "[x]");
		x += 4;
		x += canvas_text(c, b.y + 1 + y, x, b.cols - 8,
		    l->hidden[col] ? STYLE_DIM : STYLE_NORMAL,
		    column(v, col)->title);
		if (col == l->sort)
			canvas_glyph(c, b.y + 1 + y, x, STYLE_COLUMN,
			    l->reverse ? GLYPH_DOWN : GLYPH_UP);
		if (col == v->sel) {
			canvas_select(c, (struct rect){ b.y + 1 + y,
			    b.x + 1, 1, b.cols - 2 });
			c->cursor_y = b.y + 1 + y;
			c->cursor_x = b.x + 2;
		}
		y++;
	}
}

const struct view_ops columns_ops = {
	.overlay = true, .commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.why_not = why_not, .command = command, .layout = layout,
	.render = render, .free = free,
};

void
view_columns_open(struct app *app, struct list *list)
{
	struct columns_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	v->list = list;
	v->sel = next(v, list->sort > 0 ? list->sort : 0, 1);
	(void)app_push(app, &columns_ops, v);
}
