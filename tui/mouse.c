/* The mouse; see mouse.h.  What stands in a row of the screen the canvas knows
 * from drawing. */
#include "tui/bar.h"
#include "tui/list.h"
#include "tui/mouse.h"

#define WHEEL_LINES	3

static void
wheel(struct app *app, uint32_t key)
{
	int i;

	for (i = 0; i < WHEEL_LINES; i++)
		app_key(app, key);
}

static void
press(struct app *app, const struct canvas *c, int y, int x, bool twice)
{
	struct view *v = &app->stack[app->depth - 1];
	struct list *l = v->ops->list == NULL ? NULL :
	    v->ops->list(v->state);
	enum cmd cmd;

	if (y < 0 || y >= c->rows || app->prompt.active || app->small)
		return;
	if (y == c->rows - 1) {
		cmd = bar_at(app, c->cols, x);
		if (cmd != CMD_NONE)
			app_command(app, cmd);
	} else if (v->ops->click != NULL)
		v->ops->click(app, v->state, y, x);
	else if (l != NULL && c->hits[y].list == l) {
		list_go(l, c->hits[y].at);
		if (twice)
			app_key(app, K_ENTER);
	}
}

void
app_mouse(struct app *app, const struct canvas *c, uint32_t key)
{
	switch (K_MOUSE_KIND(key)) {
	case MOUSE_UP:
		wheel(app, K_UP);
		break;
	case MOUSE_DOWN:
		wheel(app, K_DOWN);
		break;
	default:
		press(app, c, (int)K_MOUSE_Y(key), (int)K_MOUSE_X(key),
		    K_MOUSE_KIND(key) == MOUSE_TWICE);
	}
}
