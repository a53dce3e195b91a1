/* T: themes are seen at once, kept by Enter, and left by Esc. */
#include "tests/unit/scratch.h"
#include "tests/unit/tui_play.h"
#include "xen/xen.h"

/* A console of its own, with themes built in and in files. */
static void
open_themes(struct app *app, const char *conf)
{
	struct dd_err e = DD_ERR_INIT;

	T_OK(app_init(app, in_utf8, &config, &e));
	(void)snprintf(app->model.host, sizeof(app->model.host), "dom0");
	app_fleet(app, fix_fleet(), &e);
	app->xen = &xen_ops;
	app->config_path = conf;
	T_OK(theme_builtin(&xen_ops, "default", &app->theme, &e));
	press(app, "T");
}

/* The theme in use, if it was told to be used since the last time. */
static const char *
told(struct app *app)
{
	if (!app->want_theme)
		return "";
	app->want_theme = false;
	return app->theme.name;
}

static void
screens(void)
{
	struct app app;

	open_themes(&app, "/nowhere/drydock.conf");
	golden_sizes(&app, "themes");
	app_dispose(&app);
}

static void
seen_kept_and_left(void)
{
	struct app app;

	open_themes(&app, "/nowhere/drydock.conf");
	T_STR(told(&app), "");
	T(shows(&app, "drydock > themes"));
	press(&app, "Down");
	T_STR(told(&app), "deuteranopia-safe");
	press(&app, "Home");
	T_STR(told(&app), "amber");
	press(&app, "T");
	T(shows(&app, "these are the themes"));
	press(&app, "Esc");
	T_STR(told(&app), "default");
	T_EQ(app.depth, 1);

	/* the one that is in use is where one begins */
	press(&app, "T Down Enter");
	T_STR(told(&app), "deuteranopia-safe");
	T_EQ(app.depth, 1);
	T(shows(&app, "theme = \"deuteranopia-safe\" in drydock.conf"));
	press(&app, "T Down");
	T_STR(told(&app), "green");
	press(&app, "q");
	T_STR(told(&app), "deuteranopia-safe");
	app_dispose(&app);
}

static void
put(const char *name, const char *text)
{
	struct dd_err e = DD_ERR_INIT;

	T_OK(fs_replace_file(scratch(name), text, strlen(text), 0644, &e));
}

static void
files_with_faults_and_edited(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct app app;

	T_OK(fs_mkdirs(scratch("drydock/themes"), 0755, &e));
	put("drydock/themes/a.theme", "about = \"mine\"\nok = \"grene\"\n");
	open_themes(&app, scratch("drydock.conf"));
	press(&app, "Home");
	T_STR(told(&app), "");
	T(shows(&app, "did you mean green?"));
	press(&app, "Enter");
	T(shows(&app, "this theme has a fault"));
	T(shows(&app, "drydock > themes"));
	put("drydock/themes/a.theme", "about = \"mine\"\nok = \"green\"\n");
	press(&app, "r");
	T_STR(told(&app), "a");
	T(shows(&app, " mine "));
	T(app.theme.looks[DEPTH_8][STYLE_OK].fg == 2);
	press(&app, "Enter");
	T(shows(&app, "theme = \"a\" in drydock.conf keeps it for good"));
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(screens);
	T_RUN(seen_kept_and_left);
	T_RUN(files_with_faults_and_edited);
	return t_done();
}
