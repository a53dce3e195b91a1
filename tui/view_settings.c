/* What drydock.conf says, from where, and which keys are not the usual ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/views.h"

struct settings_view {
	struct pager	pager;		/* first: see view_ops.paged */
};

static const enum cmd commands[] = {
	CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_HELP, CMD_BACK, PAGING_COMMANDS,
};

#define VALUE_COL	18
#define KEYS_COL	18
#define NARROW		60

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "settings");
}

struct filling {
	struct text	*t;
	int		 width;
};

static void
fill_key(void *arg, const char *name, const char *value, unsigned line)
{
	const struct filling *f = arg;

	text_add(f->t, STYLE_TITLE, " %s", name);
	text_tab(f->t, VALUE_COL);
	if (line == 0)
		text_add(f->t, STYLE_DIM, "default   ");
	else
		text_add(f->t, STYLE_NORMAL, "line %-4u ", line);
	if (f->width < NARROW) {
		text_end(f->t);
		text_tab(f->t, 4);
	}
	text_wrap(f->t, line == 0 ? STYLE_DIM : STYLE_NORMAL,
	    f->width < NARROW ? 4 : VALUE_COL + 10, f->width,
	    value[0] != '\0' ? value : "not said");
}

static void
fill_keys(struct text *t, int width)
{
	int id;

	for (id = 0; id < CMD_COUNT; id++) {
		const struct command *c = command_info((enum cmd)id);
		const char *usual = command_usual((enum cmd)id);

		text_add(t, STYLE_TITLE, " %s", c->name);
		text_tab(t, KEYS_COL);
		text_add(t, STYLE_KEY, "%-10s ", c->keys);
		if (strcmp(c->keys, usual) != 0)
			text_add(t, STYLE_PENDING, "(usually %s) ", usual);
		if (width < NARROW) {
			text_end(t);
			text_tab(t, 4);
		}
		text_wrap(t, STYLE_DIM, width < NARROW ? 4 : KEYS_COL + 11,
		    width, c->help);
	}
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct settings_view *v = state;
	struct text *t = &v->pager.text;
	const struct config *conf = m->config;
	struct filling f = { t, cols - 2 };

	text_reset(t);
	text_line(t, STYLE_TITLE, "Settings");
	if (conf->path != NULL)
		text_wrap(t, STYLE_NORMAL, 1, f.width, conf->path);
	else
		text_wrap(t, STYLE_NORMAL, 1, f.width, "There is no "
		    "configuration file: all has its default.  It would be "
		    CONFIG_PATH " or " CONFIG_PATH_PKGSRC ".");
	config_each(conf, fill_key, &f);
	text_end(t);
	text_line(t, STYLE_TITLE, "Keys");
	text_wrap(t, STYLE_DIM, 1, f.width, "They are changed by a line such "
	    "as keys = [ \"rollback=u F7\" ] there, before drydock is "
	    "started.");
	fill_keys(t, f.width);
	pager_layout(&v->pager, rows - 1, cols - 2);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct settings_view *v = state;

	(void)m;
	paging_render(&v->pager, c, r, "Settings");
}

static void
dispose(void *state)
{
	struct settings_view *v = state;

	pager_dispose(&v->pager);
	free(v);
}

const struct view_ops settings_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.paged = true, .title = title, .layout = layout, .render = render,
	.free = dispose,
};

void
view_settings_open(struct app *app)
{
	struct settings_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	(void)app_push(app, &settings_ops, v);
}
