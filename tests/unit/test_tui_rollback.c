/* u: the generation before comes back, with children that this test plays. */
#include "tests/unit/tui_play.h"

static const char back[] =
    "db1:pkg: generation 3 would be in place, 4 would be kept\n"
    "  /xen/pkg.img\n"
    "  it came in on 2026-11-19 09:15, and was last written to on "
    "2026-11-20 18:40\n"
    "  used by db1 and web1\n"
    "  takes effect at the next start of db1\n"
    "plan: 3fa9c0de\n";

static void
open_question(struct app *app)
{
	open_app(app);
	press(app, "u");
	T(child->running && !child->changes);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:pkg --dry-run");
	previewed(app, back);
}

static void
two_keys(void)
{
	struct app app;

	open_question(&app);
	golden_sizes(&app, "rollback");
	press(&app, "Enter");
	T(child->changes);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:pkg --plan 3fa9c0de");
	end(&app, 0, "db1:pkg: generation 3 is in place, 4 is kept\n", "");
	T(shows(&app, "Done."));
	T(shows(&app, "4 is kept"));
	press(&app, "Enter");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

/* Enter answers only what was on the screen, and only once. */
static void
enter_too_early_and_too_often(void)
{
	struct action *first;
	struct app app;

	open_app(&app);
	press(&app, "u Enter Enter");
	first = child;
	T(child->running && !child->changes);
	previewed(&app, back);
	press(&app, "Enter");		/* had waited: nothing was drawn */
	T(child == first);
	T(shows(&app, "[ Roll back ]  [ Cancel ]"));
	press(&app, "Enter");
	T(child != first && child->changes);
	first = child;
	press(&app, "Enter Enter");
	T(child == first);
	T(shows(&app, "it still runs"));
	end(&app, 0, "", "");
	press(&app, "Enter");
	T(child == first);
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
no_is_no(void)
{
	struct action *preview;
	struct app app;

	open_question(&app);
	preview = child;
	T(shows(&app, "[ Roll back ]"));
	press(&app, "Tab Enter");
	T(child == preview);
	T(shows(&app, "FINDINGS"));
	press(&app, "u");
	previewed(&app, back);
	T(shows(&app, "[ Roll back ]"));
	preview = child;
	press(&app, "Esc");
	T(child == preview);
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
nothing_to_go_back_to(void)
{
	struct app app;

	open_app(&app);
	press(&app, "u");
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"missing\","
	    "\"message\":\"/xen/pkg.img: no generation before 1 to roll back "
	    "to\",\"hint\":\"there is only the one in place\"}");
	end(&app, 1 << 8, "", "");
	T(shows(&app, "Failed: nothing was changed."));
	T(shows(&app, "there is only the one in place"));
	press(&app, "Enter Down");
	T(shows(&app, "FINDINGS"));
	child = NULL;
	press(&app, "u");		/* jörg has no pkg */
	T(child == NULL);
	T(shows(&app, "it has no pkg image"));
	press(&app, "Down u");
	T(child == NULL);
	T(shows(&app, "its configuration can't be read"));
	app_dispose(&app);
}

static void
from_the_domu(void)
{
	struct app app;

	open_app(&app);
	press(&app, "Enter u");
	previewed(&app, back);
	T(shows(&app, "[ Roll back ]"));
	press(&app, "Enter");
	end(&app, 1 << 8, "", "drydock: no space\n");
	T(shows(&app, "Failed: nothing was changed."));
	press(&app, "Enter");
	T(shows(&app, "drydock > db1"));
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(two_keys);
	T_RUN(enter_too_early_and_too_often);
	T_RUN(no_is_no);
	T_RUN(nothing_to_go_back_to);
	T_RUN(from_the_domu);
	return t_done();
}
