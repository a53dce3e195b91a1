/*
 * The form of a recipe: which images, and what they are to become.  It ends in
 * a preview, never in a change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/complete.h"
#include "tui/form.h"

static const enum cmd commands[] = {
	CMD_PREVIEW, CMD_ACCEPT, CMD_TAKE, CMD_COMPLETE, CMD_NEXT_FIELD, CMD_HELP, CMD_BACK,
	CMD_PREV_FIELD,
};

static void
title(const void *state, char *buf, size_t cap)
{
	const struct prepare_view *v = state;

	(void)snprintf(buf, cap, "%s", v->recipe->title);
}

static bool
chooses(const struct prepare_view *v)
{
	return (v->recipe->field[v->focus].flags & FIELD_IMAGE) != 0;
}

/* The chooser follows what stands in its field. */
static void
typed(struct app *app, struct prepare_view *v)
{
	if (chooses(v))
		chooser_typed(app, &v->chooser, v->field[v->focus].text);
}

static void
complete(struct app *app, struct prepare_view *v)
{
	struct input *in = &v->field[v->focus];
	struct buf more = BUF_INIT;
	char head[INPUT_MAX];
	bool waiting;
	size_t n;

	(void)snprintf(head, sizeof(head), "%.*s", (int)in->cur, in->text);
	buf_reset(&v->names);
	n = complete_soon(head, &more, &v->names, &waiting);
	if (waiting)
		app_say(app, STYLE_WARN, "its folder does not answer: Tab asks "
		    "again");
	else if (n == 0)
		app_say(app, STYLE_WARN, "nothing begins like that");
	if (more.len > 0)
		input_insert(in, more.p, more.len);
	/* The chooser shows them already. */
	if (n == 1 || chooses(v))
		buf_reset(&v->names);
	typed(app, v);
	buf_dispose(&more);
	form_look(&app->model, v, v->focus);
}

/* by: fields to go on; one before is all but one. */
static void
move(struct app *app, struct prepare_view *v, size_t by)
{
	form_look(&app->model, v, v->focus);
	buf_reset(&v->names);
	v->chooser.active = false;
	v->chooser.list.unmarked = true;
	do {
		v->focus = (v->focus + by) % v->recipe->nfields;
	} while (!form_asks(v, v->focus));
	form_hint(v);
}

/* A folder is no image yet. */
static bool
missing(const struct recipe_field *f, const struct input *in)
{
	return (f->flags & FIELD_OPTIONAL) == 0 && (in->len == 0 ||
	    ((f->flags & FIELD_IMAGE) != 0 && in->text[in->len - 1] == '/'));
}

/* false: something is missing, which is said. */
static bool
take(struct app *app, struct prepare_view *v, struct order *o)
{
	const struct recipe *r = v->recipe;
	const struct recipe_choice *choice;
	struct dd_err e = DD_ERR_INIT;
	const char *why;
	size_t i;

	*o = (struct order){ .recipe = r };
	for (i = 0; i < r->nfields; i++)
		form_look(&app->model, v, i);
	for (i = 0; i < r->nfields; i++) {
		if (!form_asks(v, i) && (v->batch != NULL ||
		    !form_is(v, i, FIELD_FIXED | FIELD_TARGET)))
			continue;
		if (form_is(v, i, FIELD_SECRET))
			continue;
		if (missing(&r->field[i], &v->field[i])) {
			v->focus = i;
			app_say(app, STYLE_WARN, "%s: a %s is missing",
			    r->field[i].label,
			    (r->field[i].flags & FIELD_PATH) != 0 ? "path" :
			    "value");
			return false;
		}
		order_set(o, i, v->field[i].text);
		choice = form_choice(v, i);
		if (choice != NULL && choice->in_place != NULL)
			form_take_in_place(v, choice->in_place, o);
	}
	if ((why = form_secrets_why_not(v)) != NULL) {
		app_say(app, STYLE_WARN, "%s: %s", r->field[v->focus].label,
		    why);
		return false;
	}
	if (form_take_secrets(v, o, &e) == 0)
		return true;
	app_say_error(app, &e);
	return false;
}

/* The form was all there is to ask; it is gone. */
static void
go_on(struct app *app, const struct order *o)
{
	const char *words[RECIPE_WORDS + 3];
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX + 32];
	struct action *a;

	(void)snprintf(what, sizeof(what), "%s of %s", o->recipe->title,
	    order_image(o));
	order_carry_out(o, NULL, words);
	if ((a = app_run_passphrase(app, what, true, words,
	    order_passphrases(o), &e)) == NULL) {
		app_say_error(app, &e);
		return;
	}
	order_tell_pause(o, a);
	app_pop_passing(app);
	view_job_open(app, a);
	action_unref(a);
}

static void
preview(struct app *app, struct prepare_view *v)
{
	struct batch *b;
	struct order o;
	size_t i;

	if (!take(app, v, &o))
		return;
	if (v->batch == NULL) {
		if (v->recipe->direct)
			go_on(app, &o);
		else
			view_preview_run(app, &o);
		order_dispose(&o);
		return;
	}
	if ((b = batch_copy(v->batch)) == NULL) {
		app_say_nomem(app);
		return;
	}
	for (i = 0; i < v->recipe->nfields; i++)
		if ((v->recipe->field[i].flags & FIELD_FIXED) == 0)
			batch_set(b, i, v->field[i].text);
	view_batch_open(app, b);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct prepare_view *v = state;

	(void)app;
	switch (cmd) {
	case CMD_PREVIEW:	/* in the bar: what Enter does now */
		return v->chooser.active || v->recipe->direct ? "" : NULL;
	case CMD_ACCEPT:
		return v->recipe->direct ? NULL : "";
	case CMD_TAKE:
		return v->chooser.active ? NULL : "";
	case CMD_COMPLETE:
		return (v->recipe->field[v->focus].flags & FIELD_PATH) == 0 ?
		    "only paths are completed" : NULL;
	default:
		return NULL;
	}
}

/* A key while the field is one for which files are shown; true: taken. */
static bool
choose(struct app *app, struct prepare_view *v, uint32_t k)
{
	struct input *in = &v->field[v->focus];
	char path[INPUT_MAX];

	switch (chooser_key(app, &v->chooser, k, path, sizeof(path))) {
	case CHOSEN_NOT:
		return false;
	case CHOSEN_MOVED:
		break;
	case CHOSEN_FOLDER:
		input_set(in, path);
		typed(app, v);
		break;
	case CHOSEN_FILE:
		input_set(in, path);
		typed(app, v);
		move(app, v, 1);
		break;
	}
	return true;
}

/* Yes or no: by Space, y and n. */
static bool
switch_key(struct input *in, uint32_t k)
{
	if (k == ' ')
		input_set(in, strcmp(in->text, "yes") == 0 ? "no" : "yes");
	else if (k == 'y' || k == 'n')
		input_set(in, k == 'y' ? "yes" : "no");
	else	/* what is no character moves on */
		return k >= ' ' && k < K_UP && k != K_DEL;
	return true;
}

static bool
typing(const void *state)
{
	const struct prepare_view *v = state;

	return !form_is(v, v->focus, FIELD_SWITCH | FIELD_CHOICE |
	    FIELD_TARGET);
}

static bool
key(struct app *app, void *state, uint32_t k)
{
	struct prepare_view *v = state;

	if (chooses(v) && choose(app, v, k))
		return true;
	if (form_is(v, v->focus, FIELD_SWITCH))
		return switch_key(&v->field[v->focus], k);
	if (form_is(v, v->focus, FIELD_CHOICE | FIELD_TARGET)) {
		if (!form_choose(v, v->focus, k))
			return false;
		form_look(&app->model, v, v->focus);
		return true;
	}
	if (form_is(v, v->focus, FIELD_SECRET)) {
		if (!hidden_key(&v->hidden[v->focus], k))
			return false;
		form_hint(v);
		return true;
	}
	if (!input_key(&v->field[v->focus], k))
		return false;
	form_set_note(v, v->focus, STYLE_DIM, "");
	buf_reset(&v->names);
	typed(app, v);
	return true;
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct prepare_view *v = state;

	switch (cmd) {
	case CMD_PREVIEW:
	case CMD_ACCEPT:
		preview(app, v);
		break;
	case CMD_COMPLETE:
		complete(app, v);
		break;
	case CMD_NEXT_FIELD:
		move(app, v, 1);
		break;
	case CMD_PREV_FIELD:
		move(app, v, v->recipe->nfields - 1);
		break;
	case CMD_BACK:
		app_pop(app);
		break;
	default:
		break;
	}
}

static void
changed(struct app *app, void *state)
{
	struct prepare_view *v = state;

	if (v->chooser.folder == NULL)
		typed(app, v);
}

static bool
looked(struct app *app, void *state, struct look *l)
{
	return chooser_looked(app, &((struct prepare_view *)state)->chooser,
	    l);
}

static void
dispose(void *state)
{
	struct prepare_view *v = state;

	chooser_dispose(&v->chooser);
	batch_free(v->batch);
	form_unhide(v);
	buf_dispose(&v->names);
	text_dispose(&v->about);
	free(v);
}

const struct view_ops prepare_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.passing = true, .title = title, .why_not = why_not, .key = key,
	.typing = typing,
	.command = command, .changed = changed,
	.looked = looked, .layout = form_layout, .render = form_render,
	.free = dispose,
};

static struct prepare_view *
new_form(struct app *app, const struct recipe *recipe)
{
	struct prepare_view *v = calloc(1, sizeof(*v));
	struct dd_err e = DD_ERR_INIT;

	if (v == NULL) {
		app_say_nomem(app);
		return NULL;
	}
	v->recipe = recipe;
	if (form_hide(v, &e) == -1) {
		app_say_error(app, &e);
		form_unhide(v);
		free(v);
		return NULL;
	}
	v->about.utf8 = app->model.utf8;
	chooser_init(&v->chooser, app->model.utf8);
	return v;
}

void
view_prepare_open(struct app *app, const struct recipe *recipe,
    const struct fleet_domu *d, enum fleet_role role)
{
	struct prepare_view *v = new_form(app, recipe);

	if (v == NULL)
		return;
	form_fill(&app->model, v, d, role);
	(void)app_push(app, &prepare_ops, v);
}

void
view_prepare_many(struct app *app, const struct recipe *recipe,
    struct batch *batch)
{
	struct prepare_view *v = new_form(app, recipe);

	if (v == NULL) {
		batch_free(batch);
		return;
	}
	v->batch = batch;
	form_fill(&app->model, v, NULL, ROLE_PKG);
	(void)app_push(app, &prepare_ops, v);
}
