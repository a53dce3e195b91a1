/* Help, made from the command table: what works on the screen that asked, then
 * what other screens know. */
#include <stdio.h>
#include <stdlib.h>

#include "tui/views.h"

struct help_view {
	struct pager	pager;
};

static const enum cmd commands[] = {
	CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_BACK, PAGING_COMMANDS,
};

static const char help_title[] = "Help";

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "help");
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct help_view *v = state;

	(void)app;
	return paging_why_not(&v->pager, cmd);
}

static void
prompted(struct app *app, void *state, const char *text,
    enum prompt_step step)
{
	struct help_view *v = state;

	paging_prompted(app, &v->pager, text, step);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct help_view *v = state;

	if (cmd == CMD_BACK)
		app_pop(app);
	else
		(void)paging_command(app, &v->pager, cmd);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct help_view *v = state;

	(void)m;
	pager_layout(&v->pager, rows - 1, cols - 2);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct help_view *v = state;

	(void)m;
	paging_render(&v->pager, c, r, help_title);
}

static void
dispose(void *state)
{
	struct help_view *v = state;

	pager_dispose(&v->pager);
	free(v);
}

static const struct view_ops help_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.title = title, .why_not = why_not, .command = command,
	.prompted = prompted, .layout = layout, .render = render,
	.free = dispose,
};

static void
command_line(struct text *t, enum cmd cmd)
{
	const struct command *c = command_info(cmd);

	text_add(t, STYLE_NORMAL, "  ");
	text_add(t, STYLE_KEY, "%s", c->keys);
	text_tab(t, 18);
	text_line(t, STYLE_NORMAL, "%s", c->help);
}

void
view_help_open(struct app *app, const struct view_ops *of)
{
	struct help_view *v = calloc(1, sizeof(*v));
	bool here[CMD_COUNT] = { false };
	struct text *t;
	size_t i;

	if (v == NULL) {
		app_say(app, STYLE_ERROR, "out of memory");
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	t = &v->pager.text;
	text_line(t, STYLE_TITLE, "On this screen");
	for (i = 0; i < of->ncommands; i++) {
		command_line(t, of->commands[i]);
		here[of->commands[i]] = true;
	}
	text_end(t);
	text_line(t, STYLE_TITLE, "On other screens");
	for (i = 0; i < CMD_COUNT; i++)
		if (!here[i])
			command_line(t, (enum cmd)i);
	text_end(t);
	text_line(t, STYLE_TITLE, "Signs");
	text_add(t, STYLE_ERROR, "  %s", severity_sign(SEV_ERROR));
	text_tab(t, 18);
	text_line(t, STYLE_NORMAL, "a fault: something does not work or is "
	    "in danger");
	text_add(t, STYLE_WARN, "  %s", severity_sign(SEV_WARNING));
	text_tab(t, 18);
	text_line(t, STYLE_NORMAL, "a warning: look at it soon");
	text_add(t, STYLE_DIM, "  %s", severity_sign(SEV_NOTE));
	text_tab(t, 18);
	text_line(t, STYLE_NORMAL, "a note");
	text_add(t, STYLE_NORMAL, "  ");
	text_gauge(t, STYLE_OK, 8, 400);
	text_tab(t, 18);
	text_line(t, STYLE_NORMAL, "how full the file system in an image is");
	text_end(t);
	text_line(t, STYLE_DIM, "All of this can be done by commands as well: "
	    "drydock --help, drydock(8).");
	(void)app_push(app, &help_ops, v);
}
