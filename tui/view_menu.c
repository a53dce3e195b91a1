/* The view of every menu; see menu.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/menu.h"

#define WIDEST		72
#define LABEL_COL	4
#define ABOUT_COL	16

struct menu_view {
	const struct menu	*menu;
	char			*id;	/* of the domU; or NULL, and: */
	const struct list	*marked;
	char			 title[INPUT_MAX + 32];
	size_t			 sel;
	struct rect		 box;
};

/* NULL: it is gone. */
static const struct fleet_domu *
find(const struct model *m, const struct menu_view *v)
{
	size_t i;

	for (i = 0; v->id != NULL && m->fleet != NULL && i < m->fleet->ndomus;
	    i++)
		if (strcmp(domu_id(&m->fleet->domus[i]), v->id) == 0)
			return &m->fleet->domus[i];
	return NULL;
}

static const char *
verb_why_not(const struct model *m, const struct menu_view *v, enum cmd cmd)
{
	const struct fleet_domu *d = find(m, v);

	return d == NULL && v->marked == NULL ? "this domU is gone" :
	    v->menu->why_not(m, d, v->marked, cmd);
}

static bool
is_verb(const struct menu_view *v, enum cmd cmd)
{
	size_t i = 0;

	while (i < v->menu->nverbs && v->menu->verbs[i] != cmd)
		i++;
	return i < v->menu->nverbs;
}

const char *
menu_why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct menu_view *v = state;

	if (cmd == CMD_CHOOSE)
		cmd = v->menu->verbs[v->sel];
	return is_verb(v, cmd) ? verb_why_not(&app->model, v, cmd) : NULL;
}

static void
choose(struct app *app, const struct menu_view *v, enum cmd cmd)
{
	const struct fleet_domu *d = find(&app->model, v);
	const struct list *marked = v->marked;
	const struct menu *menu = v->menu;

	app_pop(app);		/* v is gone */
	menu->command(app, d, marked, cmd);
}

void
menu_command(struct app *app, void *state, enum cmd cmd)
{
	struct menu_view *v = state;

	switch (cmd) {
	case CMD_CHOOSE:
		choose(app, v, v->menu->verbs[v->sel]);
		break;
	case CMD_UP:
		v->sel -= v->sel > 0;
		break;
	case CMD_DOWN:
		v->sel += v->sel + 1 < v->menu->nverbs;
		break;
	case CMD_HOME:
		v->sel = 0;
		break;
	case CMD_END:
		v->sel = v->menu->nverbs - 1;
		break;
	case CMD_BACK:
		app_pop(app);
		break;
	default:
		if (is_verb(v, cmd))
			choose(app, v, cmd);
	}
}

void
menu_layout(const struct model *m, void *state, int rows, int cols)
{
	struct menu_view *v = state;
	const struct fleet_domu *d = find(m, v);
	const int width = cols - 2 > WIDEST ? WIDEST : cols - 2;
	const int high = (int)v->menu->nverbs + 2 > rows ? rows :
	    (int)v->menu->nverbs + 2;

	if (d != NULL)
		(void)snprintf(v->title, sizeof(v->title), "%s, %s", d->name,
		    fleet_state_name(d->state));
	v->box = (struct rect){ 1 + (rows - high) / 2, (cols - width) / 2,
	    high, width };
}

static void
render_verb(const struct model *m, const struct menu_view *v, size_t i,
    struct canvas *c, struct rect r)
{
	const enum cmd verb = v->menu->verbs[i];
	const struct command *info = command_info(verb);
	const char *why = verb_why_not(m, v, verb);
	const enum style style = why != NULL ? STYLE_DIM : STYLE_NORMAL;

	(void)canvas_text(c, r.y, r.x + 1, LABEL_COL - 1, why != NULL ?
	    STYLE_DIM : STYLE_KEY, command_key(verb));
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

void
menu_render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct menu_view *v = state;
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
	for (i = top; i < v->menu->nverbs && i < top + page; i++)
		render_verb(m, v, i, c, (struct rect){ b.y + 1 +
		    (int)(i - top), b.x + 1, 1, b.cols - 2 });
}

void
menu_dispose(void *state)
{
	struct menu_view *v = state;

	free(v->id);
	free(v);
}

void
view_menu_open(struct app *app, const struct menu *menu,
    const struct fleet_domu *d, const struct list *marked)
{
	struct menu_view *v = calloc(1, sizeof(*v));

	if (v == NULL || (d != NULL &&
	    (v->id = strdup(domu_id(d))) == NULL)) {
		free(v);
		app_say_nomem(app);
		return;
	}
	v->menu = menu;
	v->marked = marked;
	if (marked != NULL)
		(void)snprintf(v->title, sizeof(v->title), "%zu domU%s",
		    marked->nmarked, marked->nmarked == 1 ? "" : "s");
	while (v->sel + 1 < menu->nverbs &&
	    verb_why_not(&app->model, v, menu->verbs[v->sel]) != NULL)
		v->sel++;
	(void)app_push(app, &menu->ops, v);
}
