/* A question before something happens; see struct question. */
#include <stdlib.h>
#include <string.h>

#include "tui/views.h"

#define WIDEST	72
#define BORDER	6	/* columns of frame and blanks, both sides */

struct confirm_view {
	struct pager		 body;	/* first: see view_ops.paged */
	const struct question	*q;
	void			*data;
	bool			 yes;	/* which answer is marked */
	bool			 shown;	/* it was on the screen */
	bool			 chosen;
	struct rect		 box;
};

static const enum cmd commands[] = {
	CMD_NEXT_ANSWER, CMD_CHOOSE, CMD_BACK, CMD_PREV_ANSWER, CMD_UP,
	CMD_DOWN, CMD_PAGE_UP, CMD_PAGE_DOWN,
};

static void
choose(struct app *app, struct confirm_view *v)
{
	const struct question *q = v->q;
	void (*done)(void *) = q->done;
	void *data = v->data;
	bool yes = v->yes;

	/* Keys may have waited since before there was something to read. */
	if (q->yes_first && !v->shown)
		return;
	v->chosen = true;	/* so that data stays */
	app_pop(app);
	if (yes)
		q->run(app, data);
	if (done != NULL)
		done(data);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct confirm_view *v = state;

	switch (cmd) {
	case CMD_NEXT_ANSWER:
	case CMD_PREV_ANSWER:
		v->yes = !v->yes;
		break;
	case CMD_CHOOSE:
		choose(app, v);
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
	struct confirm_view *v = state;
	struct text *t = &v->body.text;
	int width = cols - 2 > WIDEST ? WIDEST : cols - 2, high;

	text_reset(t);
	v->q->fill(t, m, v->data, width - BORDER);
	high = (int)t->nlines + 4;
	if (high > rows)
		high = rows;
	v->box = (struct rect){ 1 + (rows - high) / 2, (cols - width) / 2,
	    high, width };
	pager_layout(&v->body, high - 4, width - BORDER);
	v->shown = true;
}

static int
button(struct canvas *c, int y, int x, const char *label, bool marked)
{
	int n = (int)strlen(label) + 4;

	(void)canvas_text(c, y, x, n, STYLE_BUTTON, "[ ");
	(void)canvas_text(c, y, x + 2, n, STYLE_BUTTON, label);
	(void)canvas_text(c, y, x + n - 2, 2, STYLE_BUTTON, " ]");
	if (marked) {
		canvas_select(c, (struct rect){ y, x, 1, n });
		c->cursor_y = y;
		c->cursor_x = x + 2;
	}
	return n;
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct confirm_view *v = state;
	const char *yes = v->q->yes;
	struct rect b = v->box;
	int x;

	(void)m;
	(void)r;
	canvas_fill(c, b, STYLE_NORMAL);
	canvas_frame(c, b, STYLE_FRAME);
	x = b.x + 2 + canvas_text(c, b.y, b.x + 3, b.cols - 6, STYLE_TITLE,
	    v->q->title);
	canvas_fill(c, (struct rect){ b.y, b.x + 2, 1, 1 }, STYLE_NORMAL);
	canvas_fill(c, (struct rect){ b.y, x + 1, 1, 1 }, STYLE_NORMAL);
	pager_render(&v->body, c, (struct rect){ b.y + 1, b.x + 3,
	    b.rows - 4, b.cols - BORDER });
	if (v->body.text.nlines > v->body.top + (size_t)v->body.rows)
		canvas_glyph(c, b.y + b.rows - 3, b.x + b.cols - 2,
		    STYLE_KEY, GLYPH_DOWN);
	x = b.x + b.cols - 3 - (int)strlen(yes) - 4 - 2 - 10;
	if (v->q->yes_first) {
		x += 2 + button(c, b.y + b.rows - 2, x, yes, v->yes);
		(void)button(c, b.y + b.rows - 2, x, "Cancel", !v->yes);
	} else {
		x += 2 + button(c, b.y + b.rows - 2, x, "Cancel", !v->yes);
		(void)button(c, b.y + b.rows - 2, x, yes, v->yes);
	}
}

static void
dispose(void *state)
{
	struct confirm_view *v = state;

	pager_dispose(&v->body);
	if (!v->chosen && v->q->done != NULL)
		v->q->done(v->data);
	free(v);
}

static const struct view_ops confirm_ops = {
	.overlay = true, .paged = true, .commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.command = command, .layout = layout, .render = render,
	.free = dispose,
};

void
view_confirm_open(struct app *app, const struct question *q, void *data)
{
	struct confirm_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		if (q->done != NULL)
			q->done(data);
		return;
	}
	pager_init(&v->body, app->model.utf8);
	v->q = q;
	v->data = data;
	v->yes = q->yes_first;
	(void)app_push(app, &confirm_ops, v);
}
