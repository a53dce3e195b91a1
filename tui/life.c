/* What can be asked of domUs; see life.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/batch.h"
#include "tui/life.h"
#include "tui/menu.h"

/* -- when it makes sense ------------------------------------------------- */

static const char *
off_why_not(const struct fleet_domu *d)
{
	size_t i;

	if (d->state != STATE_OFF)
		return "it runs already";
	if (d->error != NULL)
		return "its configuration can't be read";
	if (d->cfg == NULL)
		return "it has no configuration here";
	for (i = 0; i < d->ndisks; i++)
		if (d->disks[i].image != NULL && d->disks[i].image->pending)
			return "a change of an image was cut short: recover "
			    "first";
	return NULL;
}

static const char *
there_why_not(const struct fleet_domu *d)
{
	return d->state == STATE_OFF ? "it does not run" : NULL;
}

/* It must hear it. */
static const char *
running_why_not(const struct fleet_domu *d)
{
	switch (d->state) {
	case STATE_PAUSED:
		return "it is paused, and hears nothing";
	case STATE_CRASHED:
		return "it has crashed, and hears nothing";
	case STATE_DYING:
		return "it is going down";
	default:
		return there_why_not(d);
	}
}

static const char *
paused_why_not(const struct fleet_domu *d)
{
	return d->state != STATE_PAUSED ? "it is not paused" : NULL;
}

/* -- what is asked for --------------------------------------------------- */

#define OF_DOMU	.image = 0, .nfields = 1, .field = {			\
	{ .label = "DomU", .flags = FIELD_FIXED } }

static const struct recipe start = {
	.words = { "start" }, .title = "start", .heading = "Start",
	.question = "Start", .yes = "Start", .undoable = true,
	.warning = "From its configuration, with the images that are in place "
	    "now.",
	.why_not = off_why_not, OF_DOMU,
};

static const struct recipe shut_down = {
	.words = { "shutdown" }, .title = "shutdown", .heading = "Shut down",
	.question = "Shut down", .yes = "Shut down", .sure = "--yes",
	.warning = "Its own shutdown runs, and is waited for, three minutes at "
	    "most.  Who ends the waiting does not end the shutdown.",
	.why_not = running_why_not, OF_DOMU,
};

static const struct recipe reboot = {
	.words = { "reboot" }, .title = "reboot", .heading = "Reboot",
	.question = "Reboot", .yes = "Reboot", .sure = "--yes",
	.warning = "Its own reboot runs; it is not waited for.",
	.why_not = running_why_not, OF_DOMU,
};

static const struct recipe pause_it = {
	.words = { "pause" }, .title = "pause", .question = "Pause",
	.yes = "Pause", .sure = "--yes",
	.warning = "It stops where it is, for whoever uses it too, and keeps "
	    "its memory, until it goes on.",
	.why_not = running_why_not, OF_DOMU,
};

static const struct recipe unpause = {
	.words = { "unpause" }, .title = "unpause", .question = "Unpause",
	.yes = "Unpause", .undoable = true,
	.warning = "It goes on where it was.",
	.why_not = paused_why_not, OF_DOMU,
};

static const struct recipe kill_it = {
	.words = { "kill" }, .title = "kill", .question = "Kill",
	.yes = "Kill", .sure = "--yes", .grave = true,
	.warning = "THIS IS A POWER CUT.  It is not asked, and can save "
	    "nothing: what it has not written to its disks is lost, and its "
	    "file systems will want a check.  As long as it reacts at all, "
	    "shut it down instead.",
	.why_not = there_why_not, OF_DOMU,
};

static const struct {
	enum cmd		 cmd;
	const struct recipe	*recipe;	/* NULL: the console */
	bool			 many;		/* also for all marked */
} verbs[] = {
	{ CMD_START, &start, true },
	{ CMD_SHUTDOWN, &shut_down, true },
	{ CMD_REBOOT, &reboot, true },
	{ CMD_CONSOLE, NULL, false },
	{ CMD_PAUSE, &pause_it, false },
	{ CMD_UNPAUSE, &unpause, false },
	{ CMD_KILL, &kill_it, false },
};
#define NVERBS	(sizeof(verbs) / sizeof(verbs[0]))

/* NVERBS: it is none. */
static size_t
verb_of(enum cmd cmd)
{
	size_t i = 0;

	while (i < NVERBS && verbs[i].cmd != cmd)
		i++;
	return i;
}

/* Without Xen nothing can be asked, whatever it is. */
static const char *
xen_why_not(const struct model *m)
{
	static char why[320];
	const char *xen;

	if (m->fleet == NULL)
		return "the fleet is not read yet";
	if ((xen = model_xen(m)) == NULL)
		return NULL;
	(void)snprintf(why, sizeof(why), "%s: domUs are started and stopped on "
	    "a dom0, by root", xen);
	return why;
}

const char *
life_why_not(const struct model *m, const struct fleet_domu *d, enum cmd cmd)
{
	const size_t i = verb_of(cmd);
	const char *why;

	if (i == NVERBS && cmd != CMD_LIFE)
		return NULL;
	if ((why = xen_why_not(m)) != NULL)
		return why;
	if (d == NULL)
		return "no domU is selected";
	if (d->name[0] == '-')
		return "its name begins with -: drydock's commands take no "
		    "such name";
	if (i == NVERBS)
		return NULL;
	return verbs[i].recipe == NULL ? there_why_not(d) :
	    verbs[i].recipe->why_not(d);
}

const char *
life_why_not_marked(const struct model *m, const struct list *l,
    enum cmd cmd)
{
	const size_t v = verb_of(cmd);
	const char *why = xen_why_not(m);
	size_t i;

	if (why != NULL || (v == NVERBS && cmd == CMD_LIFE))
		return why;
	if (v < NVERBS && !verbs[v].many)
		return "one domU at a time: take the marks away";
	for (i = 0; i < m->fleet->ndomus; i++)
		if (list_is_marked(l, i) &&
		    life_why_not(m, &m->fleet->domus[i], cmd) == NULL)
			return NULL;
	return "none of those marked can";
}

/* -- and how ------------------------------------------------------------- */

struct asked {
	struct question	 q;
	char		 title[INPUT_MAX + 64];
	struct order	 order;
	enum fleet_state state;
};

static void
fill(struct text *t, const struct model *m, const void *data, int width)
{
	const struct asked *a = data;
	const struct recipe *r = a->order.recipe;
	char line[INPUT_MAX + 32];

	(void)m;
	(void)snprintf(line, sizeof(line), "%s: %s", order_image(&a->order),
	    fleet_state_name(a->state));
	text_wrap(t, STYLE_TITLE, 0, width, line);
	text_end(t);
	text_wrap(t, r->grave ? STYLE_ERROR : STYLE_NORMAL, 0, width,
	    r->warning);
}

static void
run(struct app *app, void *data)
{
	const struct asked *a = data;
	const char *words[RECIPE_WORDS + 3];
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX + 32];
	struct action *job;

	(void)snprintf(what, sizeof(what), "%s of %s",
	    a->order.recipe->title, order_image(&a->order));
	order_carry_out(&a->order, NULL, words);
	if ((job = app_run(app, what, true, words, &e)) == NULL) {
		app_say_error(app, &e);
		return;
	}
	view_job_open(app, job);
	action_unref(job);
}

static void
ask(struct app *app, const struct fleet_domu *d, const struct recipe *r)
{
	struct asked *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		app_say_nomem(app);
		return;
	}
	a->order.recipe = r;
	a->state = d->state;
	order_set(&a->order, r->image, d->name);
	(void)snprintf(a->title, sizeof(a->title), "%s %s?", r->question,
	    d->name);
	a->q = (struct question){ .title = a->title, .yes = r->yes,
	    .yes_first = r->undoable, .fill = fill, .run = run,
	    .done = free };
	view_confirm_open(app, &a->q, a);
}

static void
console(struct app *app, const struct fleet_domu *d)
{
	const char *const words[] = { "console", d->name, NULL };
	struct dd_err e = DD_ERR_INIT;
	char title[INPUT_MAX + 32];

	(void)snprintf(title, sizeof(title), "console of %s", d->name);
	if (app_lend(app, title, words, &e) == -1)
		app_say_error(app, &e);
}

static const enum cmd menu_verbs[] = { LIFE_COMMANDS };
static const enum cmd menu_commands[] = { MENU_COMMANDS(LIFE_COMMANDS) };

static const char *
verb_why_not(const struct model *m, const struct fleet_domu *d,
    const struct list *marked, enum cmd cmd)
{
	return marked != NULL ? life_why_not_marked(m, marked, cmd) :
	    life_why_not(m, d, cmd);
}

static void
verb_command(struct app *app, const struct fleet_domu *d,
    const struct list *marked, enum cmd cmd)
{
	if (marked != NULL)
		(void)life_command_marked(app, marked, cmd);
	else
		(void)life_command(app, d, cmd);
}

const struct menu life_menu = {
	.verbs = menu_verbs,
	.nverbs = sizeof(menu_verbs) / sizeof(menu_verbs[0]),
	.why_not = verb_why_not, .command = verb_command,
	.ops = MENU_OPS(menu_commands),
};

bool
life_command(struct app *app, const struct fleet_domu *d, enum cmd cmd)
{
	const size_t i = verb_of(cmd);

	if (cmd == CMD_LIFE)
		view_menu_open(app, &life_menu, d, NULL);
	else if (i == NVERBS)
		return false;
	else if (verbs[i].recipe == NULL)
		console(app, d);
	else
		ask(app, d, verbs[i].recipe);
	return true;
}

bool
life_command_marked(struct app *app, const struct list *l, enum cmd cmd)
{
	const size_t i = verb_of(cmd);
	struct batch *b;

	if (cmd == CMD_LIFE)
		view_menu_open(app, &life_menu, NULL, l);
	else if (i == NVERBS || !verbs[i].many)
		return false;
	else if ((b = batch_new(verbs[i].recipe, app->model.fleet, l)) == NULL)
		app_say_nomem(app);
	else
		view_batch_open(app, b);
	return true;
}
