/* Xen tells while the console is up: what the screen shows then. */
#include <time.h>

#include "core/base/clock.h"
#include "tests/unit/tui_play.h"

static struct xen_domain domains[] = {
	{ .id = 3, .name = (char *)"db1", .state = XEN_RUNNING, .vcpus = 2,
	    .memory = 512 << 20, .cpu_time = 83000000000, .cpu = 1234 },
	{ .id = 7, .name = (char *)"web1", .state = XEN_PAUSED, .vcpus = 1,
	    .memory = 64 << 20, .cpu_time = 1500000000, .cpu = -1 },
};
static struct xen_now now = { .at = 1, .domains = domains, .ndomains = 2,
    .host = { .version = "4.17.3", .memory = 8ULL << 30,
    .free = 1200 << 20, .cpus = 4 } };

static const struct dd_err none = DD_ERR_INIT;

/* Xen tells for the first time. */
static void
open_live(struct app *app)
{
	domains[0].started = (int64_t)time(NULL) - 86400 * 3 - 5 * 3600;
	domains[1].started = (int64_t)time(NULL) - 12 * 60 - 5;
	now.ndomains = 2;
	domains[1].state = XEN_PAUSED;
	open_app(app);
	app_xen(app, &now, &none, 0);
}

static void
figures(void)
{
	struct app app;

	open_live(&app);
	golden_screen(&app, "live-80x24", 80, 24, true);
	golden_screen(&app, "live-132x43", 132, 43, false);
	golden_screen(&app, "live-40x12", 40, 12, false);
	press(&app, "Enter");
	golden_screen(&app, "live-domu-80x24", 80, 24, false);
	app_dispose(&app);
}

static void
what_the_operator_did_stays(void)
{
	struct app app;

	open_live(&app);
	press(&app, "j j j Space");		/* web1 is marked, web2 next */
	T(shows(&app, "1 marked"));
	T(shows(&app, "web2.cfg"));
	domains[1].state = XEN_CRASHED;
	app_xen(&app, &now, &none, 0);
	T(shows(&app, "crashed"));
	T(shows(&app, "1 marked"));
	T(shows(&app, "web2.cfg"));
	press(&app, "/");
	type(&app, "web1");
	now.ndomains = 1;
	app_xen(&app, &now, &none, 0);
	T(shows(&app, "web1        off"));
	T(!shows(&app, "! db1"));
	press(&app, "Esc");
	T(shows(&app, "1 marked"));
	T(shows(&app, "! db1         running"));
	app_dispose(&app);
}

/* Sorted by a figure, the cursor stays with its domU, not with its place. */
static void
sorted(void)
{
	struct app app;

	domains[1].cpu = 5;
	open_live(&app);
	press(&app, "s s");
	T(shows(&app, "sorted by CPU"));
	press(&app, "Home j");
	T(shows(&app, "web1.cfg"));
	domains[1].cpu = 2000;
	app_xen(&app, &now, &none, 0);
	T(shows(&app, "web1.cfg"));
	press(&app, "k");
	T(shows(&app, "web1.cfg"));		/* it is the first now */
	domains[1].cpu = -1;
	app_dispose(&app);
}

static void
read_anew(void)
{
	struct fleet *fleet = fix_fleet();
	struct app app;

	open_live(&app);
	/* the new snapshot knows no more of Xen than the old one did */
	app_fleet(&app, fleet, &none);
	T(shows(&app, "web1       paused"));
	/* or it was read later than Xen told */
	fleet = fix_fleet();
	fleet->asked = 5;
	fleet->domus[3].state = STATE_RUNNING;
	app_fleet(&app, fleet, &none);
	T(shows(&app, "web1       running"));
	app_dispose(&app);
}

static void
waiting(void)
{
	struct dd_err why = DD_ERR_INIT;
	struct app app;

	open_live(&app);
	(void)dd_fail(&why, ERR_IO, "xenstored does not answer");
	/* what else we do does not wait */
	app_xen(&app, NULL, &why, clock_ms() - 12300);
	golden_screen(&app, "live-waiting-80x24", 80, 24, false);
	press(&app, "j g");
	T(shows(&app, "Generations"));
	press(&app, "q");
	dd_err_clear(&why);
	(void)dd_fail(&why, ERR_PERM, "Xen can't be asked: Permission denied");
	app_xen(&app, NULL, &why, 0);
	T(shows(&app, "Xen can't be asked: Permission denied"));
	T(!shows(&app, "waiting"));
	T(shows(&app, "web1       unknown"));
	dd_err_clear(&why);
	(void)dd_fail(&why, ERR_NOENT, "no Xen here");
	app_xen(&app, NULL, &why, 0);
	T(shows(&app, "no Xen here"));
	T(shows(&app, "web1       off"));
	app_xen(&app, &now, &none, 0);
	T(shows(&app, "4 CPUs, 1.2 GiB of 8 GiB free"));
	T(shows(&app, "db1        running"));
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN(figures);
	T_RUN(what_the_operator_did_stays);
	T_RUN(sorted);
	T_RUN(read_anew);
	T_RUN(waiting);
	return t_done();
}
