/* All that is known of one domU, in a pager; found anew in each snapshot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/views.h"

struct domu_view {
	struct pager	pager;	/* first: see view_ops.paged */
	char		*id;
	char		*name;
};

static const enum cmd commands[] = {
	DOMU_COMMANDS, CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_HISTORY, CMD_REFRESH,
	CMD_HELP, CMD_BACK, PAGING_COMMANDS,
};

static const struct fleet_domu *
find(const struct model *m, const struct domu_view *v)
{
	size_t i;

	for (i = 0; m->fleet != NULL && i < m->fleet->ndomus; i++)
		if (strcmp(domu_id(&m->fleet->domus[i]), v->id) == 0)
			return &m->fleet->domus[i];
	return NULL;
}

static void
title(const void *state, char *buf, size_t cap)
{
	const struct domu_view *v = state;

	(void)snprintf(buf, cap, "%s", v->name);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	return domu_why_not(&app->model, find(&app->model, state), cmd);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	if (domu_command(app, find(&app->model, state), cmd))
		return;
	switch (cmd) {
	case CMD_HISTORY:
		view_history_open(app, ((struct domu_view *)state)->name);
		break;
	case CMD_BACK:
	case CMD_LEFT:
		app_pop(app);
		break;
	case CMD_REFRESH:
		app->model.loading = app->want_refresh = true;
		break;
	default:
		break;
	}
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	const struct fleet_domu *d;
	struct domu_view *v = state;
	struct text *t = &v->pager.text;

	text_reset(t);
	if ((d = find(m, v)) != NULL)
		describe_full(t, m, d, cols - 2);
	else
		text_line(t, STYLE_WARN, "This domU is gone: its "
		    "configuration was removed or renamed.");
	pager_layout(&v->pager, rows - 1, cols - 2);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct domu_view *v = state;

	(void)m;
	paging_render(&v->pager, c, r, v->name);
}

static void
dispose(void *state)
{
	struct domu_view *v = state;

	pager_dispose(&v->pager);
	free(v->id);
	free(v->name);
	free(v);
}

static const struct view_ops domu_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.paged = true, .title = title, .why_not = why_not,
	.command = command, .layout = layout, .render = render,
	.free = dispose,
};

void
view_domu_open(struct app *app, const struct fleet_domu *d)
{
	struct domu_view *v = calloc(1, sizeof(*v));

	if (v != NULL) {
		pager_init(&v->pager, app->model.utf8);
		v->id = strdup(domu_id(d));
		v->name = strdup(d->name);
	}
	if (v == NULL || v->id == NULL || v->name == NULL) {
		app_say_nomem(app);
		if (v != NULL)
			dispose(v);
		return;
	}
	(void)app_push(app, &domu_ops, v);
}
