/* Help, made from the command table: what works on the screen that asked, then
 * what other screens know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/views.h"

struct help_view {
	struct pager		 pager;	/* first: see view_ops.paged */
	const struct view_ops	*of;	/* the view that asked */
};

static const enum cmd commands[] = {
	CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_BACK, PAGING_COMMANDS,
};

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "help");
}

#define KEYS_COL	2
#define HELP_COL	19

/* Its keys; of: but those letters that mean something else on that view.  What
 * Enter and Esc mean there depends on what there is. */
static void
command_keys(struct text *t, enum cmd cmd, const struct view_ops *of)
{
	const char *at = command_info(cmd)->keys, *key;
	bool any = false;
	enum cmd other;
	uint32_t k;

	for (key = at; (k = key_parse(&at)) != 0; key = at) {
		other = of == NULL ? CMD_NONE : command_find(of->commands,
		    of->ncommands, k);
		if (k >= ' ' && k < K_UP && other != cmd && other != CMD_NONE)
			continue;
		key += strspn(key, " ");
		text_add(t, STYLE_KEY, "%s%.*s", any ? " " : "",
		    (int)(at - key), key);
		any = true;
	}
}

static void
command_line(struct text *t, enum cmd cmd, const struct view_ops *of,
    int width)
{
	const struct command *c = command_info(cmd);

	text_tab(t, KEYS_COL);
	command_keys(t, cmd, of);
	text_tab(t, HELP_COL);
	text_wrap(t, STYLE_NORMAL, HELP_COL, width, c->help);
}

static void
sign_line(struct text *t, int severity, const char *meaning, int width)
{
	text_tab(t, KEYS_COL);
	text_add(t, severity_style(severity), "%s", severity_sign(severity));
	text_tab(t, HELP_COL);
	text_wrap(t, STYLE_NORMAL, HELP_COL, width, meaning);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct help_view *v = state;
	struct text *t = &v->pager.text;
	bool here[CMD_COUNT] = { false };
	int width = cols - 2;
	size_t i;

	(void)m;
	text_reset(t);
	text_line(t, STYLE_TITLE, "On the screen that you came from");
	for (i = 0; i < v->of->ncommands; i++) {
		command_line(t, v->of->commands[i], v->of, width);
		here[v->of->commands[i]] = true;
	}
	for (i = 0; i < APP_EVERYWHERE; i++) {
		command_line(t, app_everywhere[i], v->of, width);
		here[app_everywhere[i]] = true;
	}
	text_end(t);
	text_line(t, STYLE_TITLE, "On others");
	for (i = 0; i < CMD_COUNT; i++)
		if (!here[i])
			command_line(t, (enum cmd)i, NULL, width);
	text_end(t);
	text_line(t, STYLE_TITLE, "Signs");
	sign_line(t, SEV_ERROR, "a fault: something does not work or is in "
	    "danger", width);
	sign_line(t, SEV_WARNING, "a warning: look at it soon", width);
	sign_line(t, SEV_NOTE, "a note", width);
	text_tab(t, KEYS_COL);
	text_gauge(t, STYLE_OK, 8, 400);
	text_tab(t, HELP_COL);
	text_wrap(t, STYLE_NORMAL, HELP_COL, width, "how full the file "
	    "system in an image is");
	text_end(t);
	text_wrap(t, STYLE_DIM, 0, width, "All of this can be done by "
	    "commands as well: drydock --help, drydock(8).");
	pager_layout(&v->pager, rows - 1, width);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct help_view *v = state;

	(void)m;
	paging_render(&v->pager, c, r, "Help");
}

static void
dispose(void *state)
{
	struct help_view *v = state;

	pager_dispose(&v->pager);
	free(v);
}

const struct view_ops help_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.paged = true, .title = title, .layout = layout, .render = render,
	.free = dispose,
};

void
view_help_open(struct app *app, const struct view_ops *of)
{
	struct help_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	v->of = of;
	(void)app_push(app, &help_ops, v);
}
