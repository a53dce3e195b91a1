/* The life of domUs: the menu, the questions, several at once, the console. */
#include "tests/unit/tui_play.h"
#include "tui/life.h"

#define STATUS(n)	((n) << 8)	/* as wait(2) has an exit status */

/* On a dom0: db1 runs, the others are off. */
static struct fleet *
dom0(void)
{
	struct fleet *f = fix_fleet();

	free(f->xen);
	f->xen = NULL;
	return f;
}

static void
set_state(struct app *app, const char *name, enum fleet_state state)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f = dom0();
	size_t i;

	for (i = 0; i < f->ndomus; i++)
		if (strcmp(f->domus[i].name, name) == 0)
			f->domus[i].state = state;
	app_fleet(app, f, &e);
}

static void
open_dom0(struct app *app)
{
	struct dd_err e = DD_ERR_INIT;

	open_app(app);
	app_fleet(app, dom0(), &e);
}

static void
menu(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct app app;

	open_dom0(&app);
	press(&app, "x");
	golden_sizes(&app, "life");
	/* What makes no sense says why, and does nothing. */
	press(&app, "t");
	T(shows(&app, "it runs already"));
	press(&app, "Up Enter");
	T(shows(&app, "it runs already"));
	T(child == NULL);
	/* The menu follows the domU. */
	set_state(&app, "db1", STATE_PAUSED);
	T(shows(&app, "db1, paused"));
	press(&app, "d");
	T(shows(&app, "it is paused, and hears nothing"));
	press(&app, "o");
	T(shows(&app, "Unpause db1?"));
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' unpause "
	    "db1");
	end(&app, 0, "db1: goes on\n", "");
	T(shows(&app, "db1: goes on"));
	press(&app, "Enter x");
	app_fleet(&app, calloc(1, sizeof(struct fleet)), &e);
	press(&app, "K");
	T(shows(&app, "this domU is gone"));
	app_dispose(&app);
}

static void
starts(void)
{
	struct app app;

	open_dom0(&app);
	press(&app, "t");
	T(shows(&app, "it runs already"));
	/* a question that nobody saw yet is not answered */
	press(&app, "Down t Enter");
	T(child == NULL);
	T(shows(&app, "with the images that are in place now"));
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' start "
	    "'j\xc3\xb6rg'");
	T(child->changes);
	T(!app.want_refresh);
	end(&app, STATUS(0), "j\xc3\xb6rg: is started\n", "");
	T(app.want_refresh);
	T(shows(&app, "Done."));
	press(&app, "Enter");
	T(shows(&app, "\xe2\x94\x80 j\xc3\xb6rg \xe2\x94\x80"));
	/* in a domU's own view, too; odd has no configuration to read */
	press(&app, "Down Enter t");
	T(shows(&app, "its configuration can't be read"));
	app_dispose(&app);
}

/* Cancel is the first answer where it is interrupted. */
static void
asks_before_it_ends(void)
{
	static const char *const ends[][2] = { { "d", "shutdown" },
	    { "b", "reboot" }, { "p", "pause" }, { "K", "kill" } };
	char want[128];
	struct app app;
	size_t i;

	open_dom0(&app);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		child = NULL;
		press(&app, "x");
		press(&app, ends[i][0]);
		T(shows(&app, "db1: running"));
		press(&app, "Enter");
		T(child == NULL);
		press(&app, "x");
		press(&app, ends[i][0]);
		if (strcmp(ends[i][1], "kill") == 0)
			golden_sizes(&app, "life-kill");
		press(&app, "Tab Enter");
		(void)snprintf(want, sizeof(want), "drydock --config "
		    "'/etc/my dock.conf' %s db1 --yes", ends[i][1]);
		T_STR(child->command, want);
		end(&app, STATUS(0), "", "");
		press(&app, "Enter");
	}
	/* a shutdown that is waited for can be let go */
	press(&app, "x d Tab Enter");
	tell(&app, "{\"event\":\"progress\",\"what\":\"waiting for db1 to be "
	    "gone, 3 s of at most 180\",\"done\":0,\"total\":0}");
	T(shows(&app, "3 s of at most 180"));
	press(&app, "c");
	T_EQ(stops, 1);
	app_dispose(&app);
}

static void
without_xen(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct app app;
	struct fleet *f;

	open_app(&app);
	press(&app, "x");
	T(shows(&app, "no Xen here: domUs are started and stopped on a dom0"));
	press(&app, "C");
	T(shows(&app, "no Xen here: "));
	press(&app, "Space t");
	T(shows(&app, "no Xen here: "));
	f = fix_fleet();
	free(f->xen);
	f->xen = strdup("Xen can't be asked: Permission denied");
	app_fleet(&app, f, &e);
	press(&app, "t");
	T(shows(&app, "Xen can't be asked: Permission denied: domUs are"));
	T(child == NULL && app.lent == NULL);
	app_dispose(&app);
}

/* db1 and web1 run. */
static void
open_running(struct app *app)
{
	open_dom0(app);
	set_state(app, "web1", STATE_RUNNING);
	app->model.fleet->domus[0].state = STATE_RUNNING;
	press(app, "*");
}

static void
all_that_are_marked(void)
{
	struct app app;

	open_running(&app);
	press(&app, "x C");
	T(shows(&app, "one domU at a time"));
	press(&app, "d");
	golden_sizes(&app, "life-batch");
	T(child == NULL);
	press(&app, "Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' shutdown "
	    "db1 --yes");
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"held\","
	    "\"message\":\"db1: still runs after 180 seconds\","
	    "\"hint\":\"\"}");
	/* one that fails does not keep the rest */
	end(&app, STATUS(1), "", "");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' shutdown "
	    "web1 --yes");
	end(&app, STATUS(0), "web1: is shut down\n", "");
	golden_at(&app, "life-batch-ended", 80, 24);
	press(&app, "Enter");
	T(shows(&app, "5 marked"));
	app_dispose(&app);
}

/* Who stops them means all. */
static void
stops_all(void)
{
	struct action *first;
	struct app app;

	open_running(&app);
	press(&app, "x b Tab Enter");
	first = child;
	press(&app, "c");
	T_EQ(stops, 1);
	end(&app, STATUS(1), "", "");
	T(child == first);
	T(shows(&app, "not begun"));
	app_dispose(&app);
	/* and where none can nothing is asked */
	open_dom0(&app);
	press(&app, "Space t");
	T(shows(&app, "none of those marked can"));
	T(child == NULL);
	app_dispose(&app);
}

/* What the loop does when it lends the terminal. */
static void
lend(struct app *app)
{
	struct dd_err e = DD_ERR_INIT;

	T(app->lent != NULL);
	T_OK(app->runner->lend(app->lent, &e));
	app_lent(app);
}

static void
goes_to_the_console(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct app app;

	open_dom0(&app);
	press(&app, "Down C");
	T(shows(&app, "it does not run"));
	press(&app, "Up C C");
	lend(&app);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' console "
	    "db1");
	T(!app.want_redraw);
	end(&app, STATUS(0), "", "");
	T(app.lent == NULL && app.want_redraw && app.want_refresh);
	T(shows(&app, "back from the console of db1"));
	/* why it failed is not lost with the screen */
	press(&app, "x C");
	lend(&app);
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"io\","
	    "\"message\":\"xl console ended with an error\",\"hint\":\"\"}");
	end(&app, STATUS(1), "", "unable to attach console\n");
	T(app.lent == NULL);
	T(shows(&app, "xl console ended with an error"));
	T(shows(&app, "unable to attach console"));
	press(&app, "Enter C");
	T(app.lent != NULL);
	(void)dd_fail(&e, ERR_NOENT, "drydock: was moved");
	app_lend_failed(&app, &e);
	T(shows(&app, "drydock: was moved"));
	T(app.lent == NULL && app.want_redraw);
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok - skipped\n");
		return 0;
	}
	T_RUN_BOTH(menu);
	T_RUN(starts);
	T_RUN_BOTH(asks_before_it_ends);
	T_RUN(without_xen);
	T_RUN_BOTH(all_that_are_marked);
	T_RUN(stops_all);
	T_RUN(goes_to_the_console);
	return t_done();
}
