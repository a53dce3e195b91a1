/*
 * What prepare root would change, as its --dry-run said it; from here it is
 * done, with the plan that the preview ended with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/views.h"

struct preview_view {
	struct pager		 pager;		/* first: see view_ops.paged */
	struct action		*action;	/* the dry run */
	struct prepare		 prepare;
	int			 width;		/* the text is made for */
};

static const enum cmd commands[] = {
	CMD_APPLY, CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_HELP, CMD_BACK,
	PAGING_COMMANDS,
};

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "preview");
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct preview_view *v = state;

	(void)app;
	return cmd == CMD_APPLY && v->action->plan[0] == '\0' ?
	    "there is nothing to apply" : NULL;
}

static void
fill_question(struct text *t, const struct model *m, const void *data,
    int width)
{
	const struct preview_view *v = data;
	const struct fleet_image *image;
	struct buf users = BUF_INIT;

	text_wrap(t, STYLE_TITLE, 0, width, v->prepare.image);
	image = image_of_path(m->fleet, v->prepare.image);
	if (image != NULL && describe_users(m->fleet, image, NULL, 6,
	    &users) > 0) {
		text_add(t, STYLE_WARN, "used by ");
		text_wrap(t, STYLE_WARN, 0, width, users.p);
	}
	text_end(t);
	text_wrap(t, STYLE_NORMAL, 0, width, "It is changed as the preview "
	    "shows, whole or not at all.  Files that change are kept in it "
	    "as *.orig.  There is no undo: copy the image first if you may "
	    "want it back.");
	buf_dispose(&users);
}

static void
apply(struct app *app, void *data)
{
	struct preview_view *v = data;
	const char *const args[] = { "prepare", "root", v->prepare.image,
	    "-k", v->prepare.kernel, "--plan", v->action->plan, NULL };
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX + 32];
	struct action *a;

	(void)snprintf(what, sizeof(what), "prepare root of %s",
	    v->prepare.image);
	if ((a = app_run(app, what, true, args, &e)) == NULL) {
		app_say_error(app, &e);
		return;
	}
	app_pop_all(app);	/* v is gone */
	view_job_open(app, a);
	action_unref(a);
}

static const struct question question = {
	.title = "Prepare this root image?", .yes = "Prepare",
	.fill = fill_question, .run = apply,
};

static void
command(struct app *app, void *state, enum cmd cmd)
{
	if (cmd == CMD_APPLY)
		view_confirm_open(app, &question, state);
	else if (cmd == CMD_BACK)
		app_pop(app);
}

/* Lines of a diff, and of "added", "removed" and "changed" files. */
static enum style
line_style(const char *line)
{
	static const struct {
		const char	*start;
		enum style	 style;
	} starts[] = {
		{ "+++ ", STYLE_TITLE }, { "--- ", STYLE_TITLE },
		{ "@@", STYLE_COLUMN }, { "+", STYLE_ADDED },
		{ "-", STYLE_REMOVED }, { "added ", STYLE_ADDED },
		{ "removed ", STYLE_REMOVED }, { "changed ", STYLE_PENDING },
		{ "plan: ", STYLE_DIM },
	};
	size_t i;

	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(line, starts[i].start,
		    strlen(starts[i].start)) == 0)
			return starts[i].style;
	return STYLE_NORMAL;
}

static void
fill(struct preview_view *v, int width)
{
	const struct action *a = v->action;
	struct text *t = &v->pager.text;

	if (v->width == width)
		return;
	v->width = width;
	text_reset(t);
	text_add(t, STYLE_DIM, "$ ");
	text_wrap(t, STYLE_DIM, 2, width, a->command);
	text_end(t);
	text_content(t, a->err.p, a->err.len, NULL);
	text_content(t, a->out.p, a->out.len, line_style);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct preview_view *v = state;

	(void)m;
	fill(v, cols - 2);
	pager_layout(&v->pager, rows - 1, cols - 2);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct preview_view *v = state;
	char line[INPUT_MAX + 64];

	(void)m;
	(void)snprintf(line, sizeof(line), "Preview: nothing is changed yet "
	    "in %s", base_name(v->prepare.image));
	paging_render(&v->pager, c, r, line);
}

static void
dispose(void *state)
{
	struct preview_view *v = state;

	pager_dispose(&v->pager);
	action_unref(v->action);
	free(v);
}

static const struct view_ops preview_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.paged = true, .title = title, .why_not = why_not,
	.command = command, .layout = layout, .render = render,
	.free = dispose,
};

void
view_preview_open(struct app *app, struct action *a,
    const struct prepare *prepare)
{
	struct preview_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	v->action = action_ref(a);
	v->prepare = *prepare;
	(void)app_push(app, &preview_ops, v);
}
