/*
 * The generations of one image of a domU, newest first, and what can be done
 * with them.  They are read by a look: when the view opens, when another image
 * is chosen, and when something may have changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/columns.h"
#include "tui/gens_view.h"

static const enum cmd commands[] = {
	CMD_ROLLBACK, CMD_SWAP, CMD_FILES, CMD_DIFF, CMD_GOOD, CMD_BAD, CMD_PIN,
	CMD_NEXT_IMAGE, CMD_PRUNE, CMD_DESTROY, CMD_SORT, CMD_HISTORY, CMD_REFRESH,
	CMD_JOBS, CMD_JOB, CMD_HELP, CMD_BACK, CMD_UP, CMD_DOWN, CMD_LEFT,
	CMD_PAGE_UP, CMD_PAGE_DOWN, CMD_HOME, CMD_END, CMD_REVERSE,
};

/* In the order of asking: what is changed most comes first. */
static const enum fleet_role roles[] = { ROLE_PKG, ROLE_ROOT, ROLE_LOCAL,
	ROLE_SWAP };
#define NROLES	(sizeof(roles) / sizeof(roles[0]))

static void
title(const void *state, char *buf, size_t cap)
{
	const struct gens_view *v = state;

	(void)snprintf(buf, cap, "%s > %s", v->name,
	    fleet_role_name(v->role));
}

static void
where(const void *state, char *buf, size_t cap)
{
	const struct list *l = &((const struct gens_view *)state)->list;

	if (l->n > (size_t)l->page)
		(void)snprintf(buf, cap, "%zu/%zu", l->sel + 1, l->n);
}

/* -- reading ------------------------------------------------------------- */

static void
ask(struct app *app, struct gens_view *v)
{
	const struct fleet_image *img = gens_image(&app->model, v);
	struct gen_look *l;

	v->changes = app->model.changes;
	v->asked = true;
	if (img == NULL)
		return;
	l = gen_look_new(img->path, app->model.config->state_dir);
	if (l == NULL)
		app_say_nomem(app);
	else
		v->ticket = app_look(app, &l->look);
}

static void
changed(struct app *app, void *state)
{
	struct gens_view *v = state;

	if (!v->asked || v->changes != app->model.changes)
		ask(app, v);
}

static void
show(struct app *app, struct gens_view *v, struct generations *gens)
{
	struct dd_err e = DD_ERR_INIT;

	if (list_update(&v->list, gens, &e) == -1)
		app_say_error(app, &e);
	generations_free(v->gens);
	v->gens = gens;
}

/* What is read first: the one in place is selected. */
static void
select_place(struct gens_view *v)
{
	const struct gen_row *g = generations_place(v->gens);

	if (g != NULL && v->list.sel_id == NULL)
		list_select(&v->list, g->id);
}

static bool
looked(struct app *app, void *state, struct look *look)
{
	struct gen_look *l = (struct gen_look *)look;
	struct gens_view *v = state;

	if (look->ticket != v->ticket)
		return false;
	v->ticket = 0;
	v->error = l->e;
	v->history = l->history;
	show(app, v, l->found);
	l->found = NULL;
	select_place(v);
	return true;
}

/* -- what can be done ---------------------------------------------------- */

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct gens_view *v = state;
	const struct fleet_domu *d = gens_domu(&app->model, v);
	const struct gen_row *g = gens_selected(v);

	switch (cmd) {
	case CMD_SWAP:
		return d == NULL ? "the domU is gone" : role_why_not(d,
		    v->role);
	case CMD_ROLLBACK:
	case CMD_DIFF:
	case CMD_GOOD:
	case CMD_BAD:
	case CMD_PIN:
	case CMD_PRUNE:
	case CMD_DESTROY:
		if (d == NULL)
			return "the domU is gone";
		if (g == NULL)
			return v->ticket != 0 ? "it is still being read" :
			    "no generation is selected";
		if (cmd == CMD_DIFF && g->in_place)
			return "that is the one in place: select another";
		if (cmd == CMD_DESTROY && g->in_place)
			return "it is in place: roll back or swap first";
		return (cmd == CMD_ROLLBACK || cmd == CMD_PRUNE ||
		    cmd == CMD_DIFF) && v->gens->n < 2 ?
		    "there is only the one in place" : NULL;
	case CMD_FILES:
		return g == NULL ? "no generation is selected" : NULL;
	case CMD_SORT:
	case CMD_REVERSE:
		return g == NULL ? "there is nothing to sort" : NULL;
	case CMD_JOBS:
	case CMD_JOB:
		return model_job(&app->model) == NULL ?
		    "no job was started yet" : NULL;
	default:
		return NULL;
	}
}

static void
to_next_image(struct app *app, struct gens_view *v)
{
	const struct fleet_domu *d = gens_domu(&app->model, v);
	size_t i = 0, n;

	while (roles[i] != v->role)
		i++;
	for (n = 1; d != NULL && n < NROLES; n++)
		if (role_why_not(d, roles[(i + n) % NROLES]) == NULL) {
			v->role = roles[(i + n) % NROLES];
			show(app, v, NULL);
			free(v->list.sel_id);
			v->list.sel_id = NULL;
			dd_err_clear(&v->error);
			ask(app, v);
			return;
		}
	app_say(app, STYLE_WARN, "it has no other image");
}

/* What a domU wrote is not to be missed by a slip of a finger. */
static void
remark(struct order *o, const struct gens_view *v, const struct gen_row *to)
{
	const struct gen_row *place = generations_place(v->gens);
	char since[TIME_TEXT];

	if (v->role == ROLE_LOCAL && place != NULL) {
		o->grave = true;
		(void)snprintf(o->remark, sizeof(o->remark), "What %s wrote "
		    "since %s goes out of sight with generation %u; it is "
		    "kept there.", v->name, time_text(since,
		    place->name.time), place->name.n);
	} else if (!to->in_place && to->name.mark == GEN_BAD) {
		o->grave = true;
		(void)snprintf(o->remark, sizeof(o->remark), "Generation %u "
		    "is marked bad.", to->name.n);
	}
}

static void
roll_back(struct app *app, const struct gens_view *v, const struct gen_row *g)
{
	struct order o = { .recipe = &recipe_rollback };

	order_set_target(&o, ROLLBACK_TARGET, gens_domu(&app->model, v),
	    v->role);
	if (!g->in_place)
		order_set(&o, ROLLBACK_TO, g->id);
	remark(&o, v, g);
	view_preview_run(app, &o);
}

/* The last good one always stays; but where none is marked so, what goes may
 * be the last that worked. */
static void
prune(struct app *app, const struct gens_view *v)
{
	struct order o = { .recipe = &recipe_prune };
	size_t i = 0;

	order_set_target(&o, 0, gens_domu(&app->model, v), v->role);
	while (i < v->gens->n && v->gens->v[i].name.mark != GEN_GOOD)
		i++;
	if (i == v->gens->n) {
		(void)snprintf(o.typed, sizeof(o.typed), "%s", v->name);
		(void)snprintf(o.remark, sizeof(o.remark), "No generation is "
		    "marked good: what is deleted may be the last that "
		    "worked, and there is no undo.  + marks one good, and the "
		    "last good one is kept.");
	}
	view_preview_run(app, &o);
}

static void
destroy(struct app *app, const struct gens_view *v)
{
	struct order o = { .recipe = &recipe_destroy };
	char image[INPUT_MAX];

	order_set_target(&o, 0, gens_domu(&app->model, v), v->role);
	(void)snprintf(image, sizeof(image), "%s@%s", order_image(&o),
	    gens_selected(v)->id);
	order_set(&o, 0, image);
	(void)snprintf(o.typed, sizeof(o.typed), "%.*s",
	    (int)sizeof(o.typed) - 1, image);
	view_preview_run(app, &o);
}

/* drydock VERB DOMU:ROLE@N; NULL: it did not start, which is said. */
static struct action *
run_on(struct app *app, const struct gens_view *v, const char *verb,
    bool changes)
{
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX], text[INPUT_MAX + 32];
	const char *words[] = { verb, what, NULL };
	struct action *a;

	(void)snprintf(what, sizeof(what), "%s:%s@%s",
	    gens_domu(&app->model, v)->name, fleet_role_name(v->role),
	    gens_selected(v)->id);
	(void)snprintf(text, sizeof(text), "%s %s", verb, what);
	if ((a = app_run(app, text, changes, words, &e)) == NULL)
		app_say_error(app, &e);
	return a;
}

static void
diff(struct app *app, const struct gens_view *v)
{
	struct action *a = run_on(app, v, "diff", false);

	if (a != NULL)
		view_job_open(app, a);
	action_unref(a);
}

static void
open_files(struct app *app, const struct gens_view *v,
    const struct gen_row *g)
{
	const struct fleet_domu *d = gens_domu(&app->model, v);
	const struct fleet_disk *disk = d == NULL ? NULL :
	    fleet_disk_of(d, v->role);
	char name[INPUT_MAX];
	struct browse b = { .name = name, .image = g->path,
	    .params = g->params_path };

	if (disk != NULL && disk->image != NULL) {
		if (b.params == NULL)
			b.params = disk->params;
		if (b.params == NULL)
			b.part = disk->image->part;
		b.written = g->in_place && describe_is_written(
		    app->model.fleet, disk->image);
	}
	(void)snprintf(name, sizeof(name), "%s > %s > %s", v->name,
	    fleet_role_name(v->role), g->id);
	view_browser_open(app, &b);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	static const char *const marks[CMD_COUNT] = { [CMD_GOOD] = "good",
	    [CMD_BAD] = "bad" };
	struct gens_view *v = state;
	struct dd_err e = DD_ERR_INIT;

	switch (cmd) {
	case CMD_ROLLBACK:
		roll_back(app, v, gens_selected(v));
		break;
	case CMD_SWAP:
		view_prepare_open(app, &recipe_swap,
		    gens_domu(&app->model, v), v->role);
		break;
	case CMD_DIFF:
		diff(app, v);
		break;
	case CMD_FILES:
		open_files(app, v, gens_selected(v));
		break;
	case CMD_GOOD:
	case CMD_BAD:
		action_unref(run_on(app, v, marks[cmd], true));
		break;
	case CMD_PIN:
		action_unref(run_on(app, v, gens_selected(v)->name.pinned ?
		    "unpin" : "pin", true));
		break;
	case CMD_PRUNE:
		prune(app, v);
		break;
	case CMD_DESTROY:
		destroy(app, v);
		break;
	case CMD_NEXT_IMAGE:
		to_next_image(app, v);
		break;
	case CMD_SORT:
	case CMD_REVERSE:
		if ((cmd == CMD_SORT ? list_sort_next(&v->list, &e) :
		    list_sort_reverse(&v->list, &e)) == -1)
			app_say_error(app, &e);
		break;
	case CMD_JOBS:
		view_jobs_open(app);
		break;
	case CMD_HISTORY:
		view_history_open(app, v->name);
		break;
	case CMD_REFRESH:
		app->model.loading = app->want_refresh = true;
		break;
	case CMD_JOB:
		view_job_open(app, model_job(&app->model));
		break;
	case CMD_BACK:
	case CMD_LEFT:
		app_pop(app);
		break;
	default:
		(void)list_command(&v->list, cmd);
	}
}

static void
dispose(void *state)
{
	struct gens_view *v = state;

	list_dispose(&v->list);
	generations_free(v->gens);
	text_dispose(&v->head);
	text_dispose(&v->detail);
	free(v->id);
	free(v->name);
	free(v);
}

static struct list *
list_of(void *state)
{
	return &((struct gens_view *)state)->list;
}

const struct view_ops gens_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.list = list_of,
	.title = title, .where = where, .why_not = why_not,
	.command = command, .changed = changed, .looked = looked,
	.layout = gens_layout, .render = gens_render, .free = dispose,
};

void
view_generations_open(struct app *app, const struct fleet_domu *d,
    enum fleet_role role)
{
	struct gens_view *v = calloc(1, sizeof(*v));

	if (v != NULL) {
		list_init(&v->list, &gen_rows, app->model.utf8);
		columns_apply(app->model.config, &v->list);
		v->list.sort = GEN_SORT_NUMBER;
		v->list.reverse = true;
		v->head.utf8 = v->detail.utf8 = app->model.utf8;
		v->role = role;
		v->id = strdup(domu_id(d));
		v->name = strdup(d->name);
	}
	if (v == NULL || v->id == NULL || v->name == NULL) {
		app_say_nomem(app);
		if (v != NULL)
			dispose(v);
		return;
	}
	(void)app_push(app, &gens_ops, v);
}
