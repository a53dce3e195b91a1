/* Stack of views and dispatch of events; chrome.c draws around them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tui/app.h"
#include "tui/columns.h"
#include "tui/command_line.h"
#include "tui/views.h"

int
app_init(struct app *app, bool utf8, const struct config *config,
    struct dd_err *e)
{
	*app = (struct app){ .runner = &runner_posix, .program = "drydock" };
	model_init(&app->model, utf8, config);
	app->model.loading = true;
	if (view_fleet_open(app, e) == -1) {
		app_dispose(app);
		return -1;
	}
	return 0;
}

static struct view *
top(struct app *app)
{
	return &app->stack[app->depth - 1];
}

bool
app_on_top(const struct app *app, const void *state)
{
	return app->depth > 0 && app->stack[app->depth - 1].state == state;
}

static void
tell(struct app *app, struct view *v)
{
	if (v->ops->changed != NULL)
		v->ops->changed(app, v->state);
}

static void
drop(struct app *app)
{
	struct view v = *top(app);

	app->depth--;
	app->prompt.active = false;
	if (v.ops->free != NULL)
		v.ops->free(v.state);
}

void
app_dispose(struct app *app)
{
	struct look *l;

	while (app->depth > 0)
		drop(app);
	command_line_dispose(app);
	action_unref(app->lent);
	app->lent = NULL;
	while ((l = app->looks) != NULL) {
		app->looks = l->next;
		l->free(l);
	}
	model_dispose(&app->model);
}

bool
app_push(struct app *app, const struct view_ops *ops, void *state)
{
	if (app->depth == APP_DEPTH) {
		app_say(app, STYLE_WARN, "too many screens are open");
		if (ops->free != NULL)
			ops->free(state);
		return false;
	}
	app->prompt.active = false;
	app->stack[app->depth++] = (struct view){ ops, state };
	tell(app, top(app));
	return true;
}

void
app_pop(struct app *app)
{
	if (app->depth == 1)
		return;
	drop(app);
	tell(app, top(app));
}

void
app_pop_passing(struct app *app)
{
	while (app->depth > 1 && top(app)->ops->passing)
		drop(app);
	tell(app, top(app));
}

void
app_say(struct app *app, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(app->message, sizeof(app->message), fmt, ap);
	va_end(ap);
	app->message_style = style;
}

void
app_say_error(struct app *app, const struct dd_err *e)
{
	app_say(app, STYLE_ERROR, "%s%s%s", e->msg,
	    e->hint[0] != '\0' ? ": " : "", e->hint);
}

void
app_say_nomem(struct app *app)
{
	app_say(app, STYLE_ERROR, "out of memory");
}

void
app_prompt(struct app *app, const char *label, const char *text)
{
	app->prompt.active = true;
	app->prompt.command = false;
	app->prompt.label = label;
	input_set(&app->prompt.input, text);
}

/* pass and a newline. */
static int
hand_in(struct action *a, const struct secret *pass, struct dd_err *e)
{
	if (pass == NULL || pass->p == NULL)
		return 0;
	if (secret_alloc(&a->passphrases, pass->len + 1, e) == -1)
		return -1;
	memcpy(a->passphrases.p, pass->p, pass->len);
	a->passphrases.p[pass->len] = '\n';
	return 0;
}

struct action *
app_run_passphrase(struct app *app, const char *title, bool changes,
    const char *const *args, const struct secret *pass, struct dd_err *e)
{
	struct action *a;

	a = action_new(app->program, app->config_path, args, title);
	if (a == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	a->changes = changes;
	(void)snprintf(a->id, sizeof(a->id), "%u", ++app->nactions);
	a->began = app->model.now;
	if (hand_in(a, pass, e) == -1 || app->runner->start(a, e) == -1) {
		action_unref(a);
		return NULL;
	}
	model_add_action(&app->model, a);
	return a;
}

struct action *
app_run(struct app *app, const char *title, bool changes,
    const char *const *args, struct dd_err *e)
{
	return app_run_passphrase(app, title, changes, args, NULL, e);
}

int
app_lend(struct app *app, const char *title, const char *const *args,
    struct dd_err *e)
{
	struct action *a;

	if (app->lent != NULL)
		return 0;	/* keys that came before it began */
	a = action_new(app->program, app->config_path, args, title);
	if (a == NULL)
		return dd_fail_nomem(e);
	(void)snprintf(a->id, sizeof(a->id), "%u", ++app->nactions);
	a->began = app->model.now;
	app->lent = a;
	return 0;
}

void
app_lent(struct app *app)
{
	model_add_action(&app->model, app->lent);
}

static void
unlend(struct app *app)
{
	action_unref(app->lent);
	app->lent = NULL;
	app->want_redraw = true;
}

void
app_lend_failed(struct app *app, const struct dd_err *e)
{
	unlend(app);
	app_say_error(app, e);
}

/* What came of it in the domU is not known: it is looked at anew. */
static void
take_back(struct app *app, struct action *a)
{
	app->want_refresh = true;
	if (a->status == 0)
		app_say(app, STYLE_DIM, "back from the %s", a->title);
	else
		view_job_open(app, a);
	unlend(app);
}

/* Each view hears of a change; the top one may leave or be replaced. */
static void
tell_views(struct app *app)
{
	size_t i;

	for (i = 0; i < app->depth; i++)
		tell(app, &app->stack[i]);
}

void
app_fleet(struct app *app, struct fleet *fleet, const struct dd_err *e)
{
	struct fleet *old = model_set_fleet(&app->model, fleet, e);

	if (fleet == NULL)
		app_say_error(app, e);
	tell_views(app);
	fleet_free(old);
}

void
app_xen(struct app *app, const struct xen_now *now, const struct dd_err *why,
    int64_t heard)
{
	model_set_xen(&app->model, now, why, heard);
	tell_views(app);
}

void
app_doctor(struct app *app, struct doctor *doctor)
{
	model_set_doctor(&app->model, doctor);
}

void
app_action(struct app *app, struct action *a)
{
	if (!a->running && a->ended == 0)
		a->ended = app->model.now;
	log_action(&app->model.log, a);
	if (!a->running && a->changes) {
		app->model.changes++;
		app->want_refresh = true;
		if (a->status == 0)
			app_say(app, STYLE_OK, "%s: done", a->title);
		else
			app_say(app, STYLE_ERROR, "%s: failed; %s tells more",
			    a->title, command_key(CMD_JOB));
	}
	tell_views(app);
	if (a == app->lent && !a->running)
		take_back(app, a);
}

void
app_theme(struct app *app, const struct theme *theme)
{
	app->theme = *theme;
	app->want_theme = true;
}

unsigned
app_look(struct app *app, struct look *l)
{
	struct look **at = &app->looks;

	while (*at != NULL)
		at = &(*at)->next;
	l->next = NULL;
	*at = l;
	if (++app->tickets == 0)
		app->tickets = 1;
	return l->ticket = app->tickets;
}

void
app_looked(struct app *app, struct look *l)
{
	size_t i;

	for (i = 0; i < app->depth; i++)
		if (app->stack[i].ops->looked != NULL &&
		    app->stack[i].ops->looked(app, app->stack[i].state, l))
			break;
	l->free(l);
}

static void
prompt_key(struct app *app, uint32_t key)
{
	struct view *v = top(app);
	struct input *in = &app->prompt.input;
	enum prompt_step step;

	if (key == K_ENTER)
		step = PROMPT_ACCEPTED;
	else if (key == K_ESC || key == K_CTRL('c') ||
	    (key == K_BACKSPACE && in->len == 0))
		step = PROMPT_CANCELLED;
	else if (input_key(in, key))
		step = PROMPT_CHANGED;
	else
		return;
	if (step != PROMPT_CHANGED)
		app->prompt.active = false;
	if (v->ops->prompted != NULL)
		v->ops->prompted(app, v->state, in->text, step);
	else
		paging_prompted(app, v->state, in->text, step);
}

const char *
app_why_not(const struct app *app, enum cmd cmd)
{
	const struct view *v = &app->stack[app->depth - 1];
	const char *why = NULL;

	if (v->ops->why_not != NULL)
		why = v->ops->why_not(app, v->state, cmd);
	if (why == NULL && v->ops->paged)
		why = paging_why_not(v->state, cmd);
	return why;
}

static void
choose_columns(struct app *app)
{
	struct view *v = top(app);

	if (v->ops->list != NULL)
		view_columns_open(app, v->ops->list(v->state));
	else
		app_say(app, STYLE_WARN, "there are no columns here");
}

void
app_command(struct app *app, enum cmd cmd)
{
	struct view *v = top(app);
	const char *why = app_why_not(app, cmd);

	if (why != NULL)
		app_say(app, STYLE_WARN, "%s", why[0] != '\0' ? why :
		    "there is nothing to do that to now");
	else if (cmd == CMD_REDRAW)
		app->want_redraw = true;
	else if (cmd == CMD_HELP)
		view_help_open(app, v->ops);
	else if (cmd == CMD_THEMES)
		view_themes_open(app);
	else if (cmd == CMD_COMMAND)
		command_line_open(app, "");
	else if (cmd == CMD_COLUMNS)
		choose_columns(app);
	else if (cmd == CMD_SETTINGS)
		view_settings_open(app);
	else if (v->ops->paged && paging_command(app, v->state, cmd))
		return;
	else if (v->ops->command != NULL)
		v->ops->command(app, v->state, cmd);
	else if (cmd == CMD_BACK)
		app_pop(app);
}

/* The first two also over a dialog. */
const enum cmd app_everywhere[APP_EVERYWHERE] = { CMD_REDRAW, CMD_THEMES,
	CMD_COMMAND, CMD_COLUMNS, CMD_SETTINGS };

/* Of several commands the first that there is; then those of every view. */
enum cmd
app_meaning(const struct app *app, uint32_t key)
{
	const struct view_ops *ops = app->stack[app->depth - 1].ops;
	const char *why;
	size_t i;

	for (i = 0; i < ops->ncommands; i++) {
		if (command_find(&ops->commands[i], 1, key) == CMD_NONE)
			continue;
		why = app_why_not(app, ops->commands[i]);
		if (why == NULL || why[0] != '\0')
			return ops->commands[i];
	}
	/* A dialog is left before anything else is opened. */
	return command_find(app_everywhere, ops->overlay ? 2 :
	    APP_EVERYWHERE, key);
}

static bool
moves(enum cmd cmd)
{
	return cmd == CMD_UP || cmd == CMD_DOWN || cmd == CMD_PAGE_UP ||
	    cmd == CMD_PAGE_DOWN;
}

void
app_key(struct app *app, uint32_t key)
{
	struct view *v = top(app);
	enum cmd cmd;

	app->message[0] = '\0';
	cmd = app_meaning(app, key);
	if (app->small && cmd != CMD_QUIT && cmd != CMD_REDRAW)
		return;
	if (app->prompt.active && app->prompt.command) {
		command_line_key(app, key);
		return;
	}
	/* While a filter is typed the arrows still move in the list; not while
	 * it is asked what to do with what is selected there. */
	if (app->prompt.active && (key < K_UP || !moves(cmd) ||
	    app->prompt.label[0] != '/'))
		prompt_key(app, key);
	else if (v->ops->key != NULL && v->ops->key(app, v->state, key))
		return;
	else if (cmd != CMD_NONE)
		app_command(app, cmd);
}
