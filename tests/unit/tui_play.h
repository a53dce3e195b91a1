/*
 * For the tests of the console's flows: children that the test plays, and a
 * console on the fleet of tui_help.h.
 */
#ifndef DD_TESTS_TUI_PLAY_H
#define DD_TESTS_TUI_PLAY_H

#include "tests/unit/tui_help.h"

static char *dirs[] = { (char []){ "/etc/xen" }, NULL };
static const struct config config = { .config_dirs = dirs,
    .state_dir = (char []){ "/nowhere/state" } };

/* The child that runs, and how often it was asked to stop. */
static struct action *child;
static int stops;

static int
fake_start(struct action *a, struct dd_err *e)
{
	(void)e;
	child = a;
	a->running = true;
	return 0;
}

static void
fake_stop(struct action *a)
{
	a->stopping = true;
	stops++;
}

static const struct runner_ops fake = { fake_start, fake_stop, fake_start };

static inline void
tell(struct app *app, const char *line)
{
	action_feed(child, line, strlen(line));
	action_feed(child, "\n", 1);
	app_action(app, child);
}

/* status: as wait(2) has it. */
static inline void
end(struct app *app, int status, const char *out, const char *err)
{
	(void)buf_str(&child->out, out);
	(void)buf_str(&child->err, err);
	action_end(child, status);
	app_action(app, child);
}

static inline void
open_app(struct app *app)
{
	struct dd_err e = DD_ERR_INIT;

	T_OK(app_init(app, in_utf8, &config, &e));
	app->runner = &fake;
	app->config_path = "/etc/my dock.conf";
	(void)snprintf(app->model.host, sizeof(app->model.host), "dom0");
	app_fleet(app, fix_fleet(), &e);
	child = NULL;
	stops = 0;
}

/* The child was a preview that went well. */
static inline void
previewed(struct app *app, const char *out)
{
	tell(app, "{\"event\":\"plan\",\"hash\":\"3fa9c0de\"}");
	end(app, 0, out, "");
}

/* Do what looks the console asked for, as its thread would. */
static inline void
look(struct app *app)
{
	struct look *l;

	while ((l = app->looks) != NULL) {
		app->looks = l->next;
		l->run(l);
		app_looked(app, l);
	}
}

#endif
