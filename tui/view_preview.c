/*
 * What a recipe would change, as its --dry-run said it; from here it is
 * done, with the plan that the preview ended with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/views.h"

enum kind { NONE, KIND_EDITED, KIND_CHANGED, KIND_ADDED, KIND_REMOVED,
	KIND_PLAN, KIND_COUNT };

struct preview_view {
	struct pager		 pager;		/* first: see view_ops.paged */
	struct action		*action;	/* the dry run */
	struct order		 order;
	struct question		 question;
	size_t			 changes;
	size_t			 count[KIND_COUNT];	/* of them */
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
	return cmd == CMD_APPLY && (v->changes == 0 ||
	    v->action->plan[0] == '\0') ? "there is nothing to apply" : NULL;
}

static void
fill_question(struct text *t, const struct model *m, const void *data,
    int width)
{
	const struct preview_view *v = data;
	const struct fleet_image *image;
	struct buf users = BUF_INIT;

	text_wrap(t, STYLE_TITLE, 0, width, order_image(&v->order));
	image = image_of_path(m->fleet, order_image(&v->order));
	if (image != NULL && describe_users(m->fleet, image, NULL, 6,
	    &users) > 0) {
		text_add(t, STYLE_WARN, "used by ");
		text_wrap(t, STYLE_WARN, 0, width, users.p);
	}
	text_end(t);
	text_wrap(t, STYLE_NORMAL, 0, width, v->order.recipe->warning);
	buf_dispose(&users);
}

static void
apply(struct app *app, void *data)
{
	struct preview_view *v = data;
	const char *words[RECIPE_WORDS + 3];
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX + 32];
	struct action *a;

	(void)snprintf(what, sizeof(what), "%s of %s",
	    v->order.recipe->title, order_image(&v->order));
	order_carry_out(&v->order, v->action->plan, words);
	if ((a = app_run_passphrase(app, what, true, words,
	    order_passphrases(&v->order), &e)) == NULL) {
		app_say_error(app, &e);
		return;
	}
	app_pop_passing(app);	/* v is gone */
	view_job_open(app, a);
	action_unref(a);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	const struct preview_view *v = state;

	if (cmd == CMD_APPLY)
		view_confirm_open(app, &v->question, state);
	else if (cmd == CMD_BACK)
		app_pop(app);
}

/* What lines begin with: those of diffs, and one for each other change. */
static const struct {
	const char	*start;
	enum style	 style;
	enum kind	 kind;
} starts[] = {
	{ "+++ ", STYLE_TITLE, KIND_EDITED }, { "--- ", STYLE_TITLE, NONE },
	{ "@@", STYLE_COLUMN, NONE }, { "+", STYLE_ADDED, NONE },
	{ "-", STYLE_REMOVED, NONE }, { "added ", STYLE_ADDED, KIND_ADDED },
	{ "removed ", STYLE_REMOVED, KIND_REMOVED },
	{ "changed ", STYLE_PENDING, KIND_CHANGED },
	{ "plan: ", STYLE_DIM, KIND_PLAN }, { "", STYLE_NORMAL, NONE },
};

/* The entry of starts that the line has; the last fits all. */
static size_t
start_of(const char *line)
{
	size_t i = 0;

	while (strncmp(line, starts[i].start, strlen(starts[i].start)) != 0)
		i++;
	return i;
}

static enum style
line_style(const char *line)
{
	return starts[start_of(line)].style;
}

/* Count the changes, of each kind and all. */
static void
count_changes(struct preview_view *v)
{
	const char *line = v->action->out.p;
	enum kind kind;

	while (line != NULL && *line != '\0') {
		kind = starts[start_of(line)].kind;
		v->count[kind]++;
		v->changes += kind != NONE && kind != KIND_PLAN;
		line = strchr(line, '\n');
		line += line != NULL;
	}
}

static void
summary(const struct preview_view *v, struct text *t, int width)
{
	static const char *const kinds[] = { [KIND_EDITED] = "edited",
	    [KIND_CHANGED] = "changed otherwise", [KIND_ADDED] = "added",
	    [KIND_REMOVED] = "removed" };
	struct buf b = BUF_INIT;
	int kind, first = 0;

	(void)buf_printf(&b, "Would change %zu file%s", v->changes,
	    v->changes == 1 ? "" : "s");
	for (kind = KIND_EDITED; kind <= KIND_REMOVED; kind++)
		if (v->count[kind] > 0)
			(void)buf_printf(&b, "%s %zu %s", first++ == 0 ? ":" :
			    ",", v->count[kind], kinds[kind]);
	(void)buf_str(&b, ".  Nothing is written yet.");
	text_wrap(t, STYLE_TITLE, 0, width, v->changes == 0 ?
	    "Nothing would change." : b.failed ? "" : b.p);
	buf_dispose(&b);
}

/* The lines that are part of diffs, or those that are not: thousands of nodes
 * may go from /dev, and what is edited must be seen before. */
static void
fill_changes(const struct preview_view *v, struct text *t, bool diffs)
{
	const char *line = v->action->out.p, *next;
	enum kind kind;

	for (; line != NULL && *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		kind = starts[start_of(line)].kind;
		if ((kind == NONE || kind == KIND_EDITED) == diffs)
			text_content(t, line, (size_t)(next - line),
			    line_style);
	}
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
	summary(v, t, width);
	text_end(t);
	text_content(t, a->err.p, a->err.len, NULL);
	fill_changes(v, t, true);
	fill_changes(v, t, false);
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
	(void)snprintf(line, sizeof(line), "Preview of %s",
	    order_image(&v->order));
	paging_render(&v->pager, c, r, line);
}

static void
dispose(void *state)
{
	struct preview_view *v = state;

	pager_dispose(&v->pager);
	action_unref(v->action);
	order_dispose(&v->order);
	free(v);
}

const struct view_ops preview_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.passing = true, .paged = true, .title = title, .why_not = why_not,
	.command = command, .layout = layout, .render = render,
	.free = dispose,
};

void
view_preview_run(struct app *app, const struct order *o)
{
	const char *words[RECIPE_WORDS + 3];
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX + 32];
	struct action *a;

	(void)snprintf(what, sizeof(what), "preview of %s", order_image(o));
	order_preview(o, words);
	if ((a = app_run_passphrase(app, what, false, words,
	    order_passphrases(o), &e)) == NULL) {
		app_say_error(app, &e);
		return;
	}
	view_job_preview(app, a, o);
	action_unref(a);
}

void
view_preview_open(struct app *app, struct action *a,
    const struct order *order)
{
	struct preview_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	v->action = action_ref(a);
	order_copy(&v->order, order);
	v->question = (struct question){ .title = order->recipe->question,
	    .yes = order->recipe->yes,
	    .typed = order->typed[0] != '\0' ? v->order.typed : NULL,
	    .fill = fill_question, .run = apply };
	count_changes(v);
	(void)app_push(app, &preview_ops, v);
}
