/*
 * The menu of what can be asked of a domU, or of all that are marked: what
 * makes no sense now stands there dim, with the reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/life.h"

#define WIDEST		72
#define LABEL_COL	4
#define ABOUT_COL	16

struct life_view {
	char			*id;	/* of the domU; or NULL, and: */
	const struct list	*marked;
	char			 title[INPUT_MAX + 32];
	size_t			 sel;
	struct rect		 box;
};

static const enum cmd verbs[] = { LIFE_COMMANDS };
#define NVERBS	(sizeof(verbs) / sizeof(verbs[0]))

static const enum cmd commands[] = {
	CMD_CHOOSE, LIFE_COMMANDS, CMD_HELP, CMD_BACK, CMD_UP, CMD_DOWN,
	CMD_HOME, CMD_END,
};

/* NULL: it is gone. */
static const struct fleet_domu *
find(const struct model *m, const struct life_view *v)
{
	size_t i;

	for (i = 0; v->id != NULL && m->fleet != NULL && i < m->fleet->ndomus;
	    i++)
		if (strcmp(domu_id(&m->fleet->domus[i]), v->id) == 0)
			return &m->fleet->domus[i];
	return NULL;
}

static const char *
verb_why_not(const struct model *m, const struct life_view *v, enum cmd cmd)
{
	const struct fleet_domu *d;

	if (v->marked != NULL)
		return life_why_not_marked(m, v->marked, cmd);
	d = find(m, v);
	return d == NULL ? "this domU is gone" :
	    life_why_not(m, d, cmd);
}

static bool
is_verb(enum cmd cmd)
{
	size_t i = 0;

	while (i < NVERBS && verbs[i] != cmd)
		i++;
	return i < NVERBS;
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct life_view *v = state;

	if (cmd == CMD_CHOOSE)
		cmd = verbs[v->sel];
	return is_verb(cmd) ? verb_why_not(&app->model, v, cmd) : NULL;
}

static void
choose(struct app *app, const struct life_view *v, enum cmd cmd)
{
	const struct fleet_domu *d = find(&app->model, v);
	const struct list *marked = v->marked;

	app_pop(app);		/* v is gone */
	if (marked != NULL)
		(void)life_command_marked(app, marked, cmd);
	else
		(void)life_command(app, d, cmd);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct life_view *v = state;

	switch (cmd) {
	case CMD_CHOOSE:
		choose(app, v, verbs[v->sel]);
		break;
	case CMD_UP:
		v->sel -= v->sel > 0;
		break;
	case CMD_DOWN:
		v->sel += v->sel + 1 < NVERBS;
		break;
	case CMD_HOME:
		v->sel = 0;
		break;
	case CMD_END:
		v->sel = NVERBS - 1;
		break;
	case CMD_BACK:
		app_pop(app);
		break;
	default:
		if (is_verb(cmd))
			choose(app, v, cmd);
	}
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct life_view *v = state;
	const struct fleet_domu *d = find(m, v);
	const int width = cols - 2 > WIDEST ? WIDEST : cols - 2;
	const int high = (int)NVERBS + 2 > rows ? rows : (int)NVERBS + 2;

	if (d != NULL)
		(void)snprintf(v->title, sizeof(v->title), "%s, %s", d->name,
		    fleet_state_name(d->state));
	v->box = (struct rect){ 1 + (rows - high) / 2, (cols - width) / 2,
	    high, width };
}

static void
render_verb(const struct model *m, const struct life_view *v, size_t i,
    struct canvas *c, struct rect r)
{
	const struct command *info = command_info(verbs[i]);
	const char *why = verb_why_not(m, v, verbs[i]);
	const enum style style = why != NULL ? STYLE_DIM : STYLE_NORMAL;

	(void)canvas_text(c, r.y, r.x + 1, LABEL_COL - 1, why != NULL ?
	    STYLE_DIM : STYLE_KEY, command_key(verbs[i]));
	(void)canvas_text(c, r.y, r.x + LABEL_COL, ABOUT_COL - LABEL_COL - 1,
	    style, info->label);
	(void)canvas_text(c, r.y, r.x + ABOUT_COL, r.cols - ABOUT_COL, style,
	    why != NULL ? why : info->help);
	if (i != v->sel)
		return;
	canvas_select(c, r);
	c->cursor_y = r.y;
	c->cursor_x = r.x;
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct life_view *v = state;
	const struct rect b = v->box;
	const size_t page = (size_t)b.rows - 2;
	const size_t top = v->sel < page ? 0 : v->sel - page + 1;
	size_t i;
	int n;

	(void)r;
	canvas_fill(c, b, STYLE_NORMAL);
	canvas_frame(c, b, STYLE_FRAME);
	n = canvas_text(c, b.y, b.x + 3, b.cols - 6, STYLE_TITLE, v->title);
	canvas_fill(c, (struct rect){ b.y, b.x + 2, 1, 1 }, STYLE_NORMAL);
	canvas_fill(c, (struct rect){ b.y, b.x + 3 + n, 1, 1 },
	    STYLE_NORMAL);
	for (i = top; i < NVERBS && i < top + page; i++)
		render_verb(m, v, i, c, (struct rect){ b.y + 1 +
		    (int)(i - top), b.x + 1, 1, b.cols - 2 });
}

static void
dispose(void *state)
{
	struct life_view *v = state;

	free(v->id);
	free(v);
}

static const struct view_ops life_ops = {
	.overlay = true, .commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.why_not = why_not, .command = command, .layout = layout,
	.render = render, .free = dispose,
};

void
view_life_open(struct app *app, const struct fleet_domu *d,
    const struct list *marked)
{
	struct life_view *v = calloc(1, sizeof(*v));

	if (v == NULL || (d != NULL &&
	    (v->id = strdup(domu_id(d))) == NULL)) {
		free(v);
		app_say_nomem(app);
		return;
	}
	v->marked = marked;
	if (marked != NULL)
		(void)snprintf(v->title, sizeof(v->title), "%zu domU%s",
		    marked->nmarked, marked->nmarked == 1 ? "" : "s");
	while (v->sel + 1 < NVERBS &&
	    verb_why_not(&app->model, v, verbs[v->sel]) != NULL)
		v->sel++;
	(void)app_push(app, &life_ops, v);
}
