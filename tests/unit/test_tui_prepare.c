/*
 * The flow of the recipes, from the fleet to the result, with children that
 * this test plays.
 */
#include "tests/unit/tui_play.h"

static const char diff[] =
    "--- /etc/rc\n"
    "+++ /etc/rc\n"
    "@@ -20,6 +20,8 @@\n"
    " umask 022\n"
    " \n"
    "+. /etc/rc.pre-hooks\n"
    "+\n"
    " if [ -e ./rc.subr ] ; then\n"
    "-\t. ./rc.subr\n"
    " else\n"
    "added    d0755 0:0 /local\n"
    "removed  c0600 0:0 0,0 /dev/console\n"
    "plan: 3fa9c0de\n";

/* From the list to the preview. */
static void
open_preview(struct app *app)
{
	open_app(app);
	press(app, "p Enter");
	T(child->running && !child->changes);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prepare "
	    "root /xen/root.img -k netbsd-XENU --dry-run");
	tell(app, "{\"event\":\"plan\",\"hash\":\"3fa9c0de\"}");
	tell(app, "{\"event\":\"result\",\"status\":0,\"code\":\"none\","
	    "\"message\":\"\",\"hint\":\"\"}");
	end(app, 0, diff, "");
}

static void
form_shows_image_and_kernel(void)
{
	struct app app;

	open_app(&app);
	press(&app, "p");
	golden_sizes(&app, "prepare-form");
	/* An image is needed, any will do. */
	press(&app, "Up ^U Down Enter");
	T(shows(&app, "Image: a path is missing"));
	type(&app, "-odd.img");
	press(&app, "Enter");
	T_STR(child->argv[7], "./-odd.img");
	app_dispose(&app);
}

/* The local image of db1 is missing here, so that its size is asked for. */
static void
local_form(void)
{
	struct app app;

	open_app(&app);
	app.model.fleet->domus[0].disks[2].params = strdup("/xen/db1/params");
	press(&app, "L");
	golden_sizes(&app, "local-form");
	press(&app, "Enter");
	T(shows(&app, "Size: a value is missing"));
	press(&app, "Tab");
	T(shows(&app, "only paths are completed"));
	type(&app, "256m");
	press(&app, "Down Down");
	type(&app, "192.0.2.7/24");
	press(&app, "Down");
	type(&app, "192.0.2.1");
	press(&app, "Enter");
	T(!child->changes);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prepare "
	    "local /xen/root.img /xen/db1/local.img -s 256m --hostname db1 "
	    "--ip 192.0.2.7/24 --gateway 192.0.2.1 -c /xen/db1/params "
	    "--dry-run");
	tell(&app, "{\"event\":\"plan\",\"hash\":\"3fa9c0de\"}");
	end(&app, 0, diff, "");
	press(&app, "Enter");
	golden_at(&app, "local-confirm", 80, 24);
	press(&app, "Tab Enter");
	T(child->changes);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prepare "
	    "local /xen/root.img /xen/db1/local.img -s 256m --hostname db1 "
	    "--ip 192.0.2.7/24 --gateway 192.0.2.1 -c /xen/db1/params "
	    "--plan 3fa9c0de");
	end(&app, 0, "", "");
	app_dispose(&app);
}

/* What the preview asks: No leads back, Yes adds the words it named. */
static void
question_of_a_preview(void)
{
	static const char asked[] = "{\"event\":\"question\",\"text\":"
	    "\"A command makes the key.  Run it?\",\"detail\":"
	    "\"vault get \\u001b[31m\",\"answer\":[\"--allow-cmd\","
	    "\"12ab\"]}";
	struct app app;

	open_app(&app);
	press(&app, "p Enter");
	tell(&app, asked);
	end(&app, 1 << 8, "", "drydock: nobody has allowed it\n");
	T(shows(&app, "A command makes the key.  Run it?"));
	T(shows(&app, "vault get \\033[31m"));
	press(&app, "Enter");
	T(!child->running);
	T(shows(&app, "nobody has allowed it"));
	press(&app, "Enter Enter");
	tell(&app, asked);
	end(&app, 1 << 8, "", "");
	press(&app, "Right Enter");
	T(child->running);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prepare "
	    "root /xen/root.img -k netbsd-XENU --allow-cmd 12ab --dry-run");
	tell(&app, "{\"event\":\"plan\",\"hash\":\"3fa9c0de\"}");
	end(&app, 0, diff, "");
	press(&app, "Enter Right Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prepare "
	    "root /xen/root.img -k netbsd-XENU --allow-cmd 12ab "
	    "--plan 3fa9c0de");
	end(&app, 0, "", "");
	app_dispose(&app);
}

/* An image that is there has its size; what is empty is left out. */
static void
local_that_is_there(void)
{
	struct app app;

	open_app(&app);
	press(&app, "L Up ^U");
	type(&app, "/dev/null");
	press(&app, "Down");
	T(!shows(&app, "Size"));
	press(&app, "^U Up Up ^U");
	type(&app, "-r");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prepare "
	    "local ./-r /dev/null --dry-run");
	/* Without a passphrase it can't be done here. */
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"x\","
	    "\"message\":\"/p needs a passphrase, and there is no terminal\","
	    "\"hint\":\"run the command on a terminal\"}");
	end(&app, 1 << 8, "", "");
	T(shows(&app, "Failed: nothing was changed."));
	T(shows(&app, "run the command on a terminal"));
	app_dispose(&app);
}

static void
whole_flow(void)
{
	struct app app;

	open_preview(&app);
	golden_sizes(&app, "preview");
	press(&app, "Enter");
	golden_sizes(&app, "confirm");
	press(&app, "Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prepare "
	    "root /xen/root.img -k netbsd-XENU --plan 3fa9c0de");
	T(child->changes);
	tell(&app, "{\"event\":\"progress\",\"what\":\"copying "
	    "netbsd-XENU\",\"done\":31,\"total\":50}");
	golden_sizes(&app, "progress");
	T(!app.want_refresh);
	tell(&app, "{\"event\":\"result\",\"status\":0,\"code\":\"none\","
	    "\"message\":\"\",\"hint\":\"\"}");
	end(&app, 0, "/xen/root.img is prepared.\n", "");
	golden_sizes(&app, "result");
	T(app.want_refresh);
	press(&app, "Enter");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
enter_alone_never_writes(void)
{
	struct app app;
	struct action *preview;

	open_preview(&app);
	preview = child;
	press(&app, "Enter Enter");		/* Cancel is marked */
	T(child == preview);
	T(shows(&app, "Nothing is written yet."));
	press(&app, "Enter Esc Enter q");
	T(child == preview);
	app_dispose(&app);
}

static void
failure_says_why_and_what_to_do(void)
{
	struct app app;

	open_preview(&app);
	press(&app, "Enter Right Enter");
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"plan\","
	    "\"message\":\"the image is no longer what the preview saw\","
	    "\"hint\":\"preview again\"}");
	end(&app, 1 << 8, "", "drydock: a note on the way\ndrydock: the image "
	    "is no longer what the preview saw\nhint: preview again\n");
	golden_sizes(&app, "failed");
	app_dispose(&app);
}

static void
killed_child_and_bad_events(void)
{
	struct app app;

	open_preview(&app);
	press(&app, "Enter Tab Enter");
	tell(&app, "not json");
	tell(&app, "[1,2]");
	tell(&app, "{\"event\":7}");
	tell(&app, "{\"event\":\"progress\",\"what\":\"\\u001b[2J\","
	    "\"done\":-1,\"total\":\"x\"}");
	T(shows(&app, "\\033[2J"));
	end(&app, 9, "", "");
	T(shows(&app, "Failed."));
	T(shows(&app, "killed by signal 9"));
	app_dispose(&app);
}

static void
preview_that_fails_leads_back_to_the_form(void)
{
	struct app app;

	open_app(&app);
	press(&app, "p Enter");
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"missing\","
	    "\"message\":\"netbsd-XENU: No such file or directory\","
	    "\"hint\":\"name the kernel with -k\"}");
	end(&app, 1 << 8, "", "");
	T(shows(&app, "Failed: nothing was changed."));
	T(shows(&app, "name the kernel with -k"));
	press(&app, "Enter");
	T(shows(&app, "Prepare a root image"));
	app_dispose(&app);
}

static void
cancel_and_leave(void)
{
	struct app app;

	/* Leaving a preview stops it. */
	open_app(&app);
	press(&app, "p Enter Esc");
	T_EQ(stops, 1);
	end(&app, 1 << 8, "", "");
	T(shows(&app, "Prepare a root image"));
	app_dispose(&app);

	/* Leaving a job does not; it can be shown again and stopped. */
	open_preview(&app);
	press(&app, "Enter Tab Enter");
	tell(&app, "{\"event\":\"progress\",\"what\":\"x\",\"done\":1,"
	    "\"total\":4}");
	press(&app, "Esc");
	T_EQ(stops, 0);
	T(shows(&app, "prepare root of /xen/root.img: 25 %, v shows it"));
	press(&app, "q");
	golden_sizes(&app, "quit");
	press(&app, "Enter");
	T(!app.want_quit);
	press(&app, "v c");
	T_EQ(stops, 1);
	T(shows(&app, "Stopping: it undoes what it began."));
	press(&app, "c");
	T_EQ(stops, 1);
	press(&app, "Esc");
	end(&app, 1 << 8, "", "");
	T(shows(&app, "prepare root of /xen/root.img: failed; v tells"));
	press(&app, "v");
	T(shows(&app, "Cancelled."));
	press(&app, "Esc q");
	T(app.want_quit);
	app_dispose(&app);
}

/* On an image that is prepared already Enter does nothing. */
static void
nothing_to_apply(void)
{
	struct app app;

	open_app(&app);
	press(&app, "p Enter");
	tell(&app, "{\"event\":\"plan\",\"hash\":\"3fa9c0de\"}");
	end(&app, 0, "/xen/root.img: prepared already\nplan: 3fa9c0de\n", "");
	T(shows(&app, "Nothing would change."));
	press(&app, "Enter");
	T(shows(&app, "there is nothing to apply"));
	app_dispose(&app);
}

/* A preview that ends while help is open waits until that is closed. */
static void
preview_waits_for_the_top(void)
{
	struct app app;

	open_app(&app);
	press(&app, "p Enter ?");
	T(shows(&app, "─ Help ──"));
	tell(&app, "{\"event\":\"plan\",\"hash\":\"3fa9c0de\"}");
	end(&app, 0, diff, "");
	T(shows(&app, "─ Help ──"));
	press(&app, "Esc");
	T(shows(&app, "Nothing is written yet."));
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(form_shows_image_and_kernel);
	T_RUN_BOTH(local_form);
	T_RUN(question_of_a_preview);
	T_RUN(local_that_is_there);
	T_RUN_BOTH(whole_flow);
	T_RUN(enter_alone_never_writes);
	T_RUN_BOTH(failure_says_why_and_what_to_do);
	T_RUN(killed_child_and_bad_events);
	T_RUN(preview_that_fails_leads_back_to_the_form);
	T_RUN_BOTH(cancel_and_leave);
	T_RUN(nothing_to_apply);
	T_RUN(preview_waits_for_the_top);
	return t_done();
}
