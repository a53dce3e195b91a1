/* J: what was started, how far it is, and what came of it. */
#include "tests/unit/tui_play.h"

#define NOW	1795867200

static void
live(void)
{
	struct action *swap;
	struct app app;

	open_app(&app);
	app.model.now = NOW;
	press(&app, "J");
	T(shows(&app, "no job was started yet"));
	press(&app, "u");
	previewed(&app, "db1:pkg: generation 3 would be in place\n");
	T(shows(&app, "[ Roll back ]"));
	press(&app, "Enter");
	app.model.now = NOW + 2;
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"plan\","
	    "\"message\":\"what would be done now is not what was planned\","
	    "\"hint\":\"\"}");
	end(&app, 1 << 8, "", "");
	press(&app, "Enter u");
	previewed(&app, "db1:pkg: generation 3 would be in place\n");
	T(shows(&app, "[ Roll back ]"));
	press(&app, "Enter");
	swap = child;
	tell(&app, "{\"event\":\"job\",\"name\":\"rollback\"}");
	tell(&app, "{\"event\":\"step\",\"name\":\"bring it in\",\"n\":1,"
	    "\"of\":5}");
	T(shows(&app, "step 1 of 5, bring it in"));
	tell(&app, "{\"event\":\"progress\",\"what\":\"copying the image\","
	    "\"done\":12582912,\"total\":50331648,\"rate\":9437184,"
	    "\"eta\":4}");
	T(shows(&app, "copying the image, 12 MiB of 48 MiB, 9 MiB/s, 4s"));
	T(shows(&app, " 25%"));
	press(&app, "Esc J");
	app.model.now = NOW + 5;
	golden_sizes(&app, "jobs");
	/* Items are no bytes. */
	tell(&app, "{\"event\":\"step\",\"name\":\"change it\",\"n\":2,"
	    "\"of\":5}");
	tell(&app, "{\"event\":\"progress\",\"what\":\"merging\",\"done\":3,"
	    "\"total\":40}");
	press(&app, "Enter");
	T(shows(&app, "step 2 of 5, change it: merging, 3 of 40"));
	press(&app, "Esc c");
	T_EQ(stops, 1);
	T(shows(&app, "stopping"));
	end(&app, 1 << 8, "", "");
	T(shows(&app, "cancelled"));
	press(&app, "Down Enter");
	T(shows(&app, "what would be done now"));
	press(&app, "Esc Esc");
	T(shows(&app, "FINDINGS"));
	T(swap == child);
	app_dispose(&app);
}

/* V: the command lines, also of what is gone, to be copied. */
static void
log_of_commands(void)
{
	struct app app;
	int i;

	open_app(&app);
	app.model.now = NOW;
	press(&app, "V");
	T(shows(&app, "nothing was run yet"));
	press(&app, "e y Enter");
	T(shows(&app, "nothing was run yet"));
	press(&app, "q u");
	previewed(&app, "db1:pkg: generation 3 would be in place\n");
	T(shows(&app, "[ Roll back ]"));
	press(&app, "Enter");
	app.model.now = NOW + 61;
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"plan\","
	    "\"message\":\"what would be done now is not what was planned\","
	    "\"hint\":\"\"}");
	end(&app, 1 << 8, "", "");
	press(&app, "Enter Enter f");
	end(&app, 0, "", "");
	press(&app, "r");
	tell(&app, "{\"event\":\"nothing\"}");
	press(&app, "q q q V");
	app.model.now = NOW + 65;
	golden_sizes(&app, "log");
	/* what a mere look printed is not kept for long */
	press(&app, "End Enter");
	T(shows(&app, "what it printed is no longer kept"));
	press(&app, "Up Enter");
	T(shows(&app, "what would be done now is not what was planned"));
	press(&app, "Enter y");
	T_STR(app.copy, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:pkg --plan 3fa9c0de");
	app_copied(&app, false);
	T(shows(&app, "this terminal takes no copies"));
	press(&app, "y");
	app_copied(&app, true);
	T(shows(&app, "sent to the terminal's clipboard"));
	press(&app, "e");
	T_STR(app.prompt.input.text, "rollback db1:pkg --plan 3fa9c0de");
	press(&app, "Esc /");
	type(&app, "ls -a");
	press(&app, "Enter");
	T(!shows(&app, "rollback"));
	press(&app, "Esc Esc");
	/* no more than that many are kept */
	for (i = 0; i < LOG_MAX + 5; i++) {
		press(&app, "u");
		end(&app, 1 << 8, "", "");
		press(&app, "Esc");
	}
	T_EQ(app.model.log.n, LOG_MAX);
	app_dispose(&app);
}

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(live);
	T_RUN_BOTH(log_of_commands);
	return t_done();
}
