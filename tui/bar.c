/*
 * The last line, as letters with what they do, or as F1 to F10.  Where they do
 * not all fit, the last two letters (help and the way out) stay, and of what
 * function keys do there is less of each.
 */
#include <stdio.h>
#include <string.h>

#include "core/fleet/config.h"
#include "tui/bar.h"

#define KEY_TEXT	16

struct item {
	enum cmd	 cmd;
	char		 key[KEY_TEXT];
	int		 x, width;	/* key and label */
};

struct bar {
	struct item	 v[CMD_COUNT];
	int		 n;
};

static bool
by_functions(const struct app *app)
{
	const struct config *c = app->model.config;

	return c != NULL && c->bar != NULL && strcmp(c->bar, "functions") == 0;
}

static void
lay_functions(const struct app *app, struct bar *b, int cols)
{
	struct item *i;
	enum cmd cmd;
	int f, n;

	for (f = 0; f < 10; f++) {
		cmd = app_meaning(app, K_F1 + (uint32_t)f);
		if (cmd == CMD_NONE || app_why_not(app, cmd) != NULL)
			continue;
		i = &b->v[b->n++];
		i->cmd = cmd;
		(void)snprintf(i->key, KEY_TEXT, "%d", f + 1);
	}
	for (n = 0; n < b->n; n++) {
		b->v[n].x = n * cols / b->n;
		b->v[n].width = (n + 1) * cols / b->n - b->v[n].x - 1;
	}
}

/* The first key that works; false: none does, since they are typed. */
static bool
put_key(const struct view *v, enum cmd cmd, char text[KEY_TEXT])
{
	const bool typing = v->ops->typing != NULL && v->ops->typing(v->state);
	const char *at = command_info(cmd)->keys, *key;
	uint32_t k;

	for (key = at; (k = key_parse(&at)) != 0; key = at) {
		if (typing && k >= ' ' && k < K_UP)
			continue;
		key += strspn(key, " ");
		(void)snprintf(text, KEY_TEXT, "%.*s", (int)(at - key), key);
		return true;
	}
	return false;
}

static void
lay_letters(const struct app *app, struct bar *b, int cols)
{
	const struct view *v = &app->stack[app->depth - 1];
	const struct view_ops *ops = v->ops;
	struct item *i;
	int n, x = 0, width = 0;
	size_t c;

	for (c = 0; c < ops->ncommands && b->n < CMD_COUNT; c++) {
		if (command_info(ops->commands[c])->label[0] == '\0' ||
		    app_why_not(app, ops->commands[c]) != NULL ||
		    !put_key(v, ops->commands[c], b->v[b->n].key))
			continue;
		i = &b->v[b->n++];
		i->cmd = ops->commands[c];
		i->width = (int)(strlen(i->key) +
		    strlen(command_info(i->cmd)->label));
		width += i->width + 2;
	}
	while (width - 2 > cols && b->n > 2) {
		width -= b->v[b->n - 3].width + 2;
		b->v[b->n - 3] = b->v[b->n - 2];
		b->v[b->n - 2] = b->v[b->n - 1];
		b->n--;
	}
	for (n = 0; n < b->n; n++) {
		b->v[n].x = x;
		x += b->v[n].width + 2;
	}
}

static void
lay(const struct app *app, struct bar *b, int cols)
{
	b->n = 0;
	if (by_functions(app))
		lay_functions(app, b, cols);
	else
		lay_letters(app, b, cols);
}

void
bar_render(const struct app *app, struct canvas *c, int y)
{
	const bool functions = by_functions(app);
	const struct item *i;
	char label[64];
	struct bar b;
	int n, x;

	lay(app, &b, c->cols);
	for (n = 0; n < b.n; n++) {
		i = &b.v[n];
		x = i->x + canvas_text(c, y, i->x, c->cols - i->x, STYLE_KEY,
		    i->key);
		canvas_fill(c, (struct rect){ y, x, 1, i->x + i->width - x +
		    !functions }, STYLE_BAR);
		(void)snprintf(label, sizeof(label), "%.*s", functions ?
		    i->x + i->width - x : 63, command_info(i->cmd)->label);
		(void)canvas_text(c, y, x, c->cols - x, STYLE_BAR, label);
	}
}

enum cmd
bar_at(const struct app *app, int cols, int x)
{
	struct bar b;
	int n;

	lay(app, &b, cols);
	for (n = 0; n < b.n; n++)
		if (x >= b.v[n].x && x < b.v[n].x + b.v[n].width)
			return b.v[n].cmd;
	return CMD_NONE;
}
