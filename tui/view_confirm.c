/*
 * A question before something happens; see struct question.  Where a word has
 * to be typed for yes the answer that is marked follows what is typed.
 */
#include <stdlib.h>
#include <string.h>

#include "tui/input.h"
#include "tui/views.h"

#define WIDEST	72
#define BORDER	6	/* columns of frame and blanks, both sides */
#define FRAME	4	/* rows of frame, blank and answers */
#define TYPING	2	/* rows more where a word is to be typed */

struct confirm_view {
	struct pager		 body;	/* first: see view_ops.paged */
	const struct question	*q;
	void			*data;
	bool			 yes;	/* which answer is marked */
	bool			 shown;	/* it was on the screen */
	bool			 chosen;
	struct rect		 box;
	struct input		 input;	/* where a word is to be typed */
};

static const enum cmd commands[] = {
	CMD_NEXT_ANSWER, CMD_CHOOSE, CMD_BACK, CMD_PREV_ANSWER, CMD_UP,
	CMD_DOWN, CMD_PAGE_UP, CMD_PAGE_DOWN,
};

/* Rows of the box that are not the body's. */
static int
around(const struct confirm_view *v)
{
	return FRAME + (v->q->typed != NULL ? TYPING : 0);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct confirm_view *v = state;

	(void)app;
	if (v->q->typed == NULL || v->yes)
		return NULL;
	if (cmd == CMD_NEXT_ANSWER || cmd == CMD_PREV_ANSWER)
		return "type the word that is asked for, or Esc";
	return cmd == CMD_CHOOSE && v->input.len > 0 ?
	    "that is not the word that is asked for; Esc leaves all as it is" :
	    NULL;
}

/* Letters are text where a word is to be typed, and mean nothing else. */
static bool
key(struct app *app, void *state, uint32_t k)
{
	struct confirm_view *v = state;

	(void)app;
	if (v->q->typed == NULL || !v->shown || !input_key(&v->input, k))
		return false;
	v->yes = strcmp(v->input.text, v->q->typed) == 0;
	return true;
}

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
	high = (int)t->nlines + around(v);
	if (high > rows)
		high = rows;
	v->box = (struct rect){ 1 + (rows - high) / 2, (cols - width) / 2,
	    high, width };
	pager_layout(&v->body, high - around(v), width - BORDER);
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

/* "Type web1 to go on:" and the field.  Where both do not fit the word goes
 * first, and what can't be read then is in the title. */
static void
render_typing(const struct confirm_view *v, struct canvas *c, int y)
{
	const int x = v->box.x + 3, room = v->box.cols - BORDER;
	const int field = room / 3;
	int n;

	n = canvas_text(c, y, x, room - field - 1, STYLE_NORMAL, "Type ");
	n += canvas_text(c, y, x + n, room - field - 1 - n, STYLE_KEY,
	    v->q->typed);
	n += canvas_text(c, y, x + n, room - field - 1 - n, STYLE_NORMAL,
	    ":") + 1;
	input_render(&v->input, c, y, x + n, room - n, true);
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
	    b.rows - around(v), b.cols - BORDER });
	if (v->body.text.nlines > v->body.top + (size_t)v->body.rows)
		canvas_glyph(c, b.y + b.rows + 1 - around(v), b.x + b.cols - 2,
		    STYLE_KEY, GLYPH_DOWN);
	x = b.x + b.cols - 3 - (int)strlen(yes) - 4 - 2 - 10;
	if (v->q->yes_first && v->q->typed == NULL) {
		x += 2 + button(c, b.y + b.rows - 2, x, yes, v->yes);
		(void)button(c, b.y + b.rows - 2, x, "Cancel", !v->yes);
	} else {
		x += 2 + button(c, b.y + b.rows - 2, x, "Cancel", !v->yes);
		(void)button(c, b.y + b.rows - 2, x, yes, v->yes);
	}
	if (v->q->typed != NULL)
		render_typing(v, c, b.y + b.rows - FRAME);
}

/* On an answer: it is marked; on the one that is, it is taken.  Where a word is
 * to be typed that alone marks yes. */
static void
click(struct app *app, void *state, int y, int x)
{
	struct confirm_view *v = state;
	const int end = v->box.x + v->box.cols - 3;
	const int yes = (int)strlen(v->q->yes) + 4, cancel = 10;
	const bool first = v->q->yes_first && v->q->typed == NULL;
	const int right = first ? cancel : yes;
	bool chosen;

	if (y != v->box.y + v->box.rows - 2 || x >= end ||
	    x < end - yes - cancel - 2)
		return;
	chosen = (x >= end - right) != first;
	if (chosen == v->yes)
		choose(app, v);
	else if (v->q->typed == NULL)
		v->yes = chosen;
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

const struct view_ops confirm_ops = {
	.overlay = true, .paged = true, .commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.why_not = why_not, .key = key, .command = command, .click = click,
	.layout = layout, .render = render, .free = dispose,
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
	v->yes = q->yes_first && q->typed == NULL;
	(void)app_push(app, &confirm_ops, v);
}
