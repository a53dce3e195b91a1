/* Xen tells while the console is up: what the screen shows then. */
#include <time.h>

#include "core/base/clock.h"
#include "tests/unit/tui_play.h"
#include "tui/follower.h"

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
	golden_sizes(&app, "live");
	press(&app, "Enter");
	golden_sizes(&app, "live-domu");
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
	golden_at(&app, "live-waiting", 80, 24);
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

/* -- what is told, one thing after the other -------------------------------- */

struct step {
	int		rc;		/* of watch_read; 0: the end */
	enum dd_code	code;
	unsigned	id;
};
static struct step script[8];
static int at, kicks, opened, freed;

static int
play_open(unsigned seconds, struct xen_watch **w, struct dd_err *e)
{
	T_EQ(seconds, 7);
	(void)e;
	opened++;
	*w = (struct xen_watch *)&at;
	return 0;
}

static int
play_fd(const struct xen_watch *w)
{
	(void)w;
	return at < 0 ? -1 : 5;
}

static int
play_read(struct xen_watch *w, struct xen_now *told, struct dd_err *e)
{
	(void)w;
	if (script[at].rc == -1)
		(void)dd_fail(e, script[at].code, "no");
	if (script[at].rc == 1) {
		*told = (struct xen_now){ .ndomains = 1,
		    .domains = calloc(1, sizeof(*told->domains)) };
		told->domains[0].id = script[at].id;
		told->domains[0].name = (char *)(uintptr_t)"web1";
	}
	return script[at].rc == 0 ? 0 : script[at++].rc;
}

static void
play_kick(struct xen_watch *w)
{
	(void)w;
	kicks++;
}

static void
play_close(struct xen_watch *w)
{
	(void)w;
	opened--;
}

static void
play_free(struct xen_domain *v, size_t n)
{
	T_EQ(n, 1);
	freed++;
	free(v);
}

static const struct xen_ops played = { .watch_open = play_open,
    .watch_fd = play_fd, .watch_read = play_read, .watch_kick = play_kick,
    .watch_close = play_close, .domains_free = play_free };

static enum news
news_of(struct follower *f, const struct step *steps)
{
	for (at = 0; steps[at].rc != 0; at++)
		script[at] = steps[at];
	script[at].rc = 0;
	at = 0;
	return follower_read(f);
}

/* The news when the next things told are these. */
#define TOLD(...)							\
	news_of(&f, (const struct step[]){ __VA_ARGS__, { 0, 0, 0 } })

static void
following(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct follower f;

	T_OK(follower_open(&f, &played, 0, &e));	/* not wanted */
	T_EQ(opened, 0);
	T_EQ(follower_fd(&f), -1);
	T_EQ(follower_read(&f), NEWS_NONE);
	T(follower_why_not(&f) == NULL);
	follower_kick(&f);
	follower_close(&f);

	T_OK(follower_open(&f, &played, 7, &e));
	T_EQ(follower_fd(&f), 5);
	T_EQ(TOLD({ 0, 0, 0 }), NEWS_NONE);
	/* until it answers there is no use in asking */
	T(follower_why_not(&f) != NULL);
	T(!follower_answers(&f));
	T_EQ(TOLD({ 1, 0, 3 }), NEWS_SET);
	T(follower_answers(&f));
	T(follower_why_not(&f) == NULL);
	T_EQ(TOLD({ 1, 0, 3 }, { 1, 0, 3 }), NEWS_FIGURES);
	T_EQ(TOLD({ 1, 0, 4 }, { 1, 0, 4 }), NEWS_SET);
	T_EQ(TOLD({ -1, ERR_IO, 0 }), NEWS_SET);
	T_EQ(follower_why_not(&f)->code, ERR_IO);
	T_EQ(TOLD({ -1, ERR_IO, 0 }), NEWS_FIGURES);
	T_EQ(TOLD({ -1, ERR_PERM, 0 }), NEWS_SET);
	T_EQ(TOLD({ -1, ERR_IO, 0 }, { 1, 0, 4 }), NEWS_SET);
	T(follower_answers(&f));
	T_EQ(f.now.domains[0].id, 4);
	/* it was another domain once */
	T_EQ(restarts_count(&f.restarts, "web1", f.heard), 1);
	follower_kick(&f);
	T_EQ(kicks, 1);
	T_EQ(TOLD({ -1, ERR_IO, 0 }), NEWS_SET);
	at = -1;		/* the watch has ended: one may ask oneself */
	T(follower_why_not(&f) == NULL);
	T(!follower_answers(&f));
	follower_close(&f);
	T_EQ(opened, 0);
	T_EQ(freed, 6);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(figures);
	T_RUN(what_the_operator_did_stays);
	T_RUN(sorted);
	T_RUN(read_anew);
	T_RUN_BOTH(waiting);
	T_RUN(following);
	return t_done();
}
