/*
 * The question of a brief recipe: what its preview said in a few lines, and
 * whether that shall be done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/views.h"

struct asking {
	struct question	 q;
	char		 title[INPUT_MAX + 64];
	struct action	*action;	/* the preview */
	struct order	 order;
};

/* What the commands print is escaped already.  A line's blanks are kept, in
 * further lines of it too. */
static void
put_lines(struct text *t, enum style first, enum style style, int width,
    const char *s)
{
	const char *end;
	char line[1024];
	int indent;

	for (; s != NULL && *s != '\0'; s = end + (*end == '\n')) {
		end = s + strcspn(s, "\n");
		if (strncmp(s, "plan: ", 6) == 0)
			continue;
		indent = (int)strspn(s, " ");
		(void)snprintf(line, sizeof(line), "%.*s",
		    (int)(end - s) - indent, s + indent);
		text_add(t, style, "%*s", indent, "");
		text_wrap(t, first, indent, width, line);
		first = style;
	}
}

static void
fill(struct text *t, const struct model *m, const void *data, int width)
{
	const struct asking *a = data;

	(void)m;
	put_lines(t, STYLE_TITLE, STYLE_NORMAL, width, a->action->out.p);
	put_lines(t, STYLE_WARN, STYLE_WARN, width, a->action->err.p);
	text_end(t);
	if (a->order.remark[0] != '\0')
		text_wrap(t, a->order.grave ? STYLE_WARN : STYLE_NORMAL, 0,
		    width, a->order.remark);
	else
		text_wrap(t, STYLE_NORMAL, 0, width,
		    a->order.recipe->warning);
	text_end(t);
	text_add(t, STYLE_DIM, "$ ");
	text_wrap(t, STYLE_DIM, 2, width, a->action->command);
}

static bool
planless(const struct order *o)
{
	return o->recipe->planless || o->in_place;
}

static void
run(struct app *app, void *data)
{
	struct asking *a = data;
	const struct recipe *r = a->order.recipe;
	const char *words[RECIPE_WORDS + 3];
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX + 32];
	struct action *job;

	(void)snprintf(what, sizeof(what), "%s of %s", r->title,
	    order_image(&a->order));
	order_carry_out(&a->order, planless(&a->order) ? NULL :
	    a->action->plan, words);
	if ((job = app_run_passphrase(app, what, true, words,
	    order_passphrases(&a->order), &e)) == NULL) {
		app_say_error(app, &e);
		return;
	}
	order_tell_pause(&a->order, job);
	app_pop_passing(app);
	view_job_open(app, job);
	action_unref(job);
}

static void
done(void *data)
{
	struct asking *a = data;

	action_unref(a->action);
	order_dispose(&a->order);
	free(a);
}

void
view_ask_open(struct app *app, struct action *preview, const struct order *o)
{
	struct asking *a;

	if (preview->plan[0] == '\0' && !planless(o)) {
		app_say(app, STYLE_ERROR, "the preview named no plan: "
		    "nothing can be done");
		return;
	}
	if ((a = calloc(1, sizeof(*a))) == NULL) {
		app_say_nomem(app);
		return;
	}
	a->action = action_ref(preview);
	order_copy(&a->order, o);
	(void)snprintf(a->title, sizeof(a->title), "%s %s?",
	    o->recipe->question, order_image(o));
	a->q = (struct question){ .title = a->title, .yes = o->recipe->yes,
	    .yes_first = o->recipe->undoable && !o->grave,
	    .typed = o->typed[0] != '\0' ? a->order.typed : NULL,
	    .fill = fill, .run = run, .done = done };
	view_confirm_open(app, &a->q, a);
}
