/* Asks for a passphrase; see view_passphrase_open.  It is gone from memory when
 * the view is, but for the copy that who asked was given. */
#include <stdlib.h>

#include "tui/hidden.h"
#include "tui/views.h"

#define WIDEST	72
#define BORDER	6	/* columns of frame and blanks, both sides */
#define FRAME	4	/* rows: frame, blank and field */

struct passphrase_view {
	const struct passphrase_question *q;
	void		*data;
	struct hidden	 typed;
	struct text	 about;
	struct rect	 box;
};

static const enum cmd commands[] = { CMD_ACCEPT, CMD_BACK };

static bool
key(struct app *app, void *state, uint32_t k)
{
	struct passphrase_view *v = state;

	(void)app;
	return hidden_key(&v->typed, k);
}

static void
accept(struct app *app, struct passphrase_view *v)
{
	const struct passphrase_question *q = v->q;
	struct secret given = SECRET_INIT;
	struct dd_err e = DD_ERR_INIT;
	void *data = v->data;

	if (v->typed.len == 0) {
		app_say(app, STYLE_WARN, "nothing was typed; Esc leaves");
		return;
	}
	if (hidden_copy(&v->typed, &given, &e) == -1) {
		app_say_error(app, &e);
		return;
	}
	app_pop(app);		/* v is gone */
	q->run(app, data, &given);
	secret_free(&given);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct passphrase_view *v = state;
	void (*cancelled)(struct app *, void *) = v->q->cancelled;
	void *data = v->data;

	if (cmd == CMD_ACCEPT) {
		accept(app, v);
		return;
	}
	if (cmd != CMD_BACK)
		return;
	app_pop(app);
	if (cancelled != NULL)
		cancelled(app, data);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct passphrase_view *v = state;
	int width = cols - 2 > WIDEST ? WIDEST : cols - 2, high;

	(void)m;
	text_reset(&v->about);
	text_wrap(&v->about, STYLE_NORMAL, 0, width - BORDER, v->q->about);
	high = (int)v->about.nlines + FRAME;
	if (high > rows)
		high = rows;
	v->box = (struct rect){ 1 + (rows - high) / 2, (cols - width) / 2,
	    high, width };
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct passphrase_view *v = state;
	struct rect b = v->box;
	int i, x;

	(void)m;
	(void)r;
	canvas_fill(c, b, STYLE_NORMAL);
	canvas_frame(c, b, STYLE_FRAME);
	x = b.x + 2 + canvas_text(c, b.y, b.x + 3, b.cols - 6, STYLE_TITLE,
	    v->q->title);
	canvas_fill(c, (struct rect){ b.y, b.x + 2, 1, 1 }, STYLE_NORMAL);
	canvas_fill(c, (struct rect){ b.y, x + 1, 1, 1 }, STYLE_NORMAL);
	for (i = 0; i < b.rows - FRAME; i++)
		text_draw(&v->about, (size_t)i, c, b.y + 1 + i, b.x + 3,
		    b.cols - BORDER, 0, NULL);
	hidden_render(&v->typed, c, b.y + b.rows - 2, b.x + 3,
	    b.cols - BORDER, true);
}

static void
dispose(void *state)
{
	struct passphrase_view *v = state;

	hidden_dispose(&v->typed);
	text_dispose(&v->about);
	free(v);
}

const struct view_ops passphrase_ops = {
	.overlay = true, .commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.key = key, .command = command, .layout = layout, .render = render,
	.free = dispose,
};

bool
view_passphrase_open(struct app *app, const struct passphrase_question *q,
    void *data)
{
	struct passphrase_view *v = calloc(1, sizeof(*v));
	struct dd_err e = DD_ERR_INIT;

	if (v == NULL) {
		app_say_nomem(app);
		return false;
	}
	v->q = q;
	v->data = data;
	v->about.utf8 = app->model.utf8;
	if (hidden_init(&v->typed, &e) == -1) {
		app_say_error(app, &e);
		dispose(v);
		return false;
	}
	return app_push(app, &passphrase_ops, v);
}
