/* What the views draw: golden screens, at each size and character set. */
#include "tests/unit/tui_help.h"

static char *dirs[] = { (char []){ "/nowhere/xen" }, NULL };
static const struct config config = { .config_dirs = dirs };

static void
open_app(struct app *app, struct fleet *fleet)
{
	struct dd_err e = DD_ERR_INIT;

	T_OK(app_init(app, in_utf8, &config, &e));
	(void)snprintf(app->model.host, sizeof(app->model.host), "dom0");
	if (fleet != NULL)
		app_fleet(app, fleet, &e);
}

static void
fleet_screens(void)
{
	struct app app;

	open_app(&app, fix_fleet());
	press(&app, "G");
	golden_sizes(&app, "fleet");
	golden_at(&app, "fleet", 100, 24);
	golden_at(&app, "fleet", 60, 16);
	golden_at(&app, "fleet", 39, 12);
	app_dispose(&app);
}

/* Nobody answers a question that can't be read. */
static void
no_keys_without_room(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct canvas c;
	struct app app;

	open_app(&app, fix_fleet());
	T_OK(canvas_init(&c, 9, 39, true, &e));
	app_render(&app, &c);
	press(&app, "Enter");
	T(app.depth == 1);
	T(shows(&app, "FINDINGS"));	/* there is room again */
	press(&app, "Enter");
	T(app.depth == 2);
	press(&app, "Esc");
	app_render(&app, &c);
	press(&app, "q");
	T(app.want_quit);
	canvas_dispose(&c);
	app_dispose(&app);
}

static void
loading_and_empty_fleet(void)
{
	struct fleet *none = calloc(1, sizeof(*none));
	struct app app;

	open_app(&app, NULL);
	T(shows(&app, "reading the fleet"));
	app_dispose(&app);
	open_app(&app, none);
	T(shows(&app, "No domU found."));
	T(shows(&app, "    /nowhere/xen  (No such file"));
	golden_sizes(&app, "empty");
	press(&app, "Enter");
	T(shows(&app, "no domU is selected"));
	app_dispose(&app);
}

static void
filter_as_you_type(void)
{
	struct app app;

	open_app(&app, fix_fleet());
	press(&app, "/");
	type(&app, "web jk");
	golden_at(&app, "filter-nothing", 80, 24);
	press(&app, "^W");
	T(shows(&app, "web1"));
	T(shows(&app, "web2"));
	T(!shows(&app, "running"));
	/* Arrows move in the list while the filter is typed. */
	press(&app, "Down Enter");
	T(shows(&app, "2 of 5 domUs match"));
	T(shows(&app, "web2 "));
	press(&app, "Esc");
	golden_at(&app, "filter-gone", 80, 24);
	app_dispose(&app);
}

static void
domu_screens(void)
{
	struct app app;

	open_app(&app, fix_fleet());
	press(&app, "G l");
	golden_sizes(&app, "domu");
	press(&app, "/");
	type(&app, "LOCAL.IMG");
	press(&app, "Enter");
	golden_at(&app, "domu-search", 80, 24);
	press(&app, "h");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
help_is_made_from_the_table(void)
{
	struct app app;
	int id;

	open_app(&app, fix_fleet());
	press(&app, "?");
	golden_at(&app, "help", 80, 60);
	golden_sizes(&app, "help");
	press(&app, "q");
	for (id = 0; id < CMD_COUNT; id++) {
		const char *keys = command_info((enum cmd)id)->keys, *end;
		int n = 0;

		while (key_parse(&keys) != 0)
			n++;
		end = keys + strspn(keys, " ");
		if (n == 0 || *end != '\0')
			T_FAIL("%s: bad keys",
			    command_info((enum cmd)id)->name);
	}
	app_dispose(&app);
}

/* Terminals have neither function keys nor arrows that can be relied on. */
static void
each_command_has_a_plain_key(void)
{
	const char *keys;
	uint32_t key;
	bool plain;
	int id;

	for (id = 0; id < CMD_COUNT; id++) {
		keys = command_info((enum cmd)id)->keys;
		plain = false;
		while ((key = key_parse(&keys)) != 0)
			plain = plain || key < K_DEL;
		if (!plain)
			T_FAIL("%s needs a key that is not on every keyboard",
			    command_info((enum cmd)id)->name);
	}
}

/* drydock(8) names the first key of each command, on a line ".It Cm ...". */
static void
manual_knows_every_key(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct buf man = BUF_INIT;
	const char *section, *at, *end;
	size_t len;
	bool known;
	int id;

	T_OK(fs_read_file("man/drydock.8", 1 << 20, &man, &e));
	section = strstr(man.p, ".Sh THE CONSOLE");
	for (id = 0; id < CMD_COUNT; id++) {
		const char *key = command_key((enum cmd)id);

		known = false;
		len = strlen(key);
		for (at = section; !known && (at = strstr(at, ".It Cm ")) !=
		    NULL; at = end) {
			end = at + strcspn(at, "\n");
			for (at += 7; !known && at + len <= end; at++)
				known = strncmp(at, key, len) == 0 &&
				    strchr("& ", at[-1]) != NULL &&
				    strchr(" \n", at[len]) != NULL;
		}
		if (!known)
			T_FAIL("%s: %s is not in drydock(8)",
			    command_info((enum cmd)id)->name, key);
	}
	buf_dispose(&man);
}

/* The selected domU stays selected whatever the new snapshot brings. */
static void
selection_survives_a_refresh(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f = fix_fleet();
	struct app app;
	size_t d;

	open_app(&app, f);
	press(&app, "Down Down Down");
	T(shows(&app, "─ web1 ──"));
	f = fix_fleet();
	d = fix_domu(f, "aaa");
	fix_disk(f, d, ROLE_ROOT, false, f->images[0]);
	app_fleet(&app, f, &e);
	T(shows(&app, "─ web1 ──"));
	press(&app, "Home");
	T(shows(&app, "─ aaa ──"));
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(fleet_screens);
	T_RUN(no_keys_without_room);
	T_RUN_BOTH(loading_and_empty_fleet);
	T_RUN_BOTH(filter_as_you_type);
	T_RUN_BOTH(domu_screens);
	T_RUN_BOTH(help_is_made_from_the_table);
	T_RUN(each_command_has_a_plain_key);
	T_RUN(manual_knows_every_key);
	T_RUN(selection_survives_a_refresh);
	return t_done();
}
