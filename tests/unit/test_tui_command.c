/* The command line, the settings, and the operator's own keys. */
#include "tests/unit/tui_play.h"
#include "tui/all_views.h"
#include "tui/columns.h"
#include "tui/command_line.h"
#include "tui/keymap.h"

static const char *const drydocks[] = { "cgd params new", "cgd passwd",
	"console", "generations", "prune", "rollback", "show", "swap", NULL };

static void
open_line(struct app *app)
{
	open_app(app);
	app->commands = drydocks;
}

static void
split(void)
{
	const char *words[COMMAND_WORDS + 1];
	char line[] = "  swap web1 'a b'\"c d\"  '' ", open[] = "a 'b",
	    many[200] = "";
	size_t i;

	T(command_split(line, words) == 0);
	T_STR(words[0], "swap");
	T_STR(words[1], "web1");
	T_STR(words[2], "a bc d");
	T_STR(words[3], "");
	T(words[4] == NULL);
	T(command_split(open, words) == -1);
	for (i = 0; i < COMMAND_WORDS; i++)
		(void)strcat(many, " x");
	T(command_split(many, words) == 0 && words[COMMAND_WORDS] == NULL);
	for (i = 0; i < COMMAND_WORDS + 1; i++)
		memcpy(many + 2 * i, " y", 3);
	T(command_split(many, words) == -1);
}

/* What Tab makes of the text. */
static void
completes(struct app *app, const char *text, const char *to)
{
	press(app, ":");
	type(app, text);
	press(app, "Tab");
	T_STR(app->prompt.input.text, to);
	press(app, "Esc");
	T(!app->prompt.active);
}

static void
completion(void)
{
	struct app app;

	open_line(&app);
	completes(&app, "rollb", "rollback ");
	completes(&app, "cg", "cgd ");
	completes(&app, "cgd pass", "cgd passwd ");
	completes(&app, "cgd pa", "cgd pa");
	completes(&app, "show web", "show web");
	completes(&app, "show web1", "show web1 ");
	completes(&app, "swap web1:p", "swap web1:pkg ");
	completes(&app, "swap j", "swap j\xc3\xb6rg ");
	completes(&app, "themes amb", "themes amber ");
	completes(&app, "nothing-like-it", "nothing-like-it");
	press(&app, ":");
	type(&app, "show w");
	press(&app, "Tab");
	T_STR(app.prompt.input.text, "show web");
	T(shows(&app, "web1  web2"));
	golden_sizes(&app, "command");
	type(&app, "1");
	T(!shows(&app, "web1  web2"));
	app_dispose(&app);
}

static void
line(struct app *app, const char *text)
{
	press(app, ":");
	type(app, text);
	press(app, "Enter");
}

static void
running(void)
{
	struct app app;

	open_line(&app);
	line(&app, "host");
	T(shows(&app, "File systems that hold images"));
	line(&app, "generations web1 root");
	T(shows(&app, "Generations of web1:root"));
	line(&app, "sort");
	T(shows(&app, "there is nothing to sort"));
	line(&app, "generations web1 swap");
	T(shows(&app, "web1: it has no swap image"));
	line(&app, "open db1");
	T(shows(&app, "─ db1 ──"));
	line(&app, "back");
	T(shows(&app, "Generations of web1:root"));
	line(&app, "show web1");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' show "
	    "web1");
	T(!child->changes);
	end(&app, 0, "all of it\n", "");
	T(shows(&app, "all of it") && !shows(&app, "said more"));
	line(&app, "log web1");
	T(shows(&app, "log takes no more words"));
	line(&app, "cat root.img:/log");
	child->cut = true;
	end(&app, 0, "the beginning\n", "");
	T(shows(&app, "said more"));
	line(&app, "prune 'web1:pkg' --keep 3");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prune "
	    "web1:pkg --keep 3");
	T(child->changes);
	end(&app, 0, "", "");
	app_dispose(&app);

	open_line(&app);
	/* a command of the console asks; the same one of drydock's with more
	 * words is run as it stands */
	line(&app, "rollback web1");
	T(strstr(child->command, "rollback web1:pkg --dry-run") != NULL);
	T(!child->changes);
	app_dispose(&app);
	open_line(&app);
	line(&app, "rollback web1 --to 3");
	T(strstr(child->command, "rollback web1 --to 3") != NULL);
	T(child->changes);
	app_dispose(&app);
}

static void
mistakes(void)
{
	struct app app;

	open_line(&app);
	line(&app, "rolback");
	T(shows(&app, "rolback: unknown command; did you mean rollback?"));
	line(&app, "xyzzy");
	T(shows(&app, "unknown command; Tab shows what there is"));
	line(&app, "diff");
	T(shows(&app, "diff means nothing here"));
	line(&app, "open nobody");
	T(shows(&app, "nobody: no such domU"));
	line(&app, "show 'web1");
	T(shows(&app, "a quote is open"));
	line(&app, "unmark");
	T(shows(&app, "there is nothing to do that to now"));
	line(&app, "");
	T(child == NULL);
	/* not over a question */
	line(&app, "start db1");
	press(&app, "Esc");
	app_dispose(&app);
}

static void
recall(void)
{
	struct app app;
	int i;

	open_line(&app);
	line(&app, "one");
	line(&app, "two");
	line(&app, "two");
	press(&app, ": Up");
	T_STR(app.prompt.input.text, "two");
	press(&app, "Up Up");
	T_STR(app.prompt.input.text, "one");
	press(&app, "Down Down");
	T_STR(app.prompt.input.text, "");
	press(&app, "BS");
	T(!app.prompt.active);
	for (i = 0; i < 50; i++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "n%d", i);
		line(&app, text);
	}
	T_EQ(app.lines.n, APP_LINES);
	press(&app, ": Up");
	T_STR(app.prompt.input.text, "n49");
	app_dispose(&app);
}

static void
settings(void)
{
	struct app app;

	open_line(&app);
	press(&app, "F2");
	golden_sizes(&app, "settings");
	press(&app, "q");
	T(shows(&app, "FINDINGS"));
	press(&app, "O");
	T(!shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
function_bar(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct config c = config;
	struct app app;

	c.bar = (char []){ "functions" };
	T_OK(app_init(&app, in_utf8, &c, &e));
	app.runner = &fake;
	(void)snprintf(app.model.host, sizeof(app.model.host), "dom0");
	app_fleet(&app, fix_fleet(), &e);
	golden_sizes(&app, "functions");
	press(&app, "F10");
	T(app.want_quit);
	app_dispose(&app);
}

/* -- columns ------------------------------------------------------------- */

static void
columns(void)
{
	struct app app;

	open_line(&app);
	press(&app, "|");
	golden_sizes(&app, "columns");
	/* STATE goes, and the list is sorted by MEM, then the other way */
	press(&app, "Down Space Down Down Enter");
	T(shows(&app, "sorted by MEM"));
	T(!shows(&app, "STATE"));
	press(&app, "| Enter");
	T(shows(&app, "sorted by MEM, reversed"));
	press(&app, "| Home Down Space Esc");
	T(shows(&app, "STATE"));
	/* one has to stay */
	press(&app, "| Home Down Space Down Space Down Space Down Space Down "
	    "Space Down Space Down Space Down Space Down Space Home Space");
	T(shows(&app, "one column has to stay"));
	press(&app, "q V |");
	press(&app, "Enter");
	T(shows(&app, "these stay in the order in which they began"));
	press(&app, "q q ? |");
	T(shows(&app, "there are no columns here"));
	app_dispose(&app);
}

static void
columns_of_the_configuration(void)
{
	char *v[] = { (char []){ "name" }, (char []){ "PKG" } };
	char *wrong[] = { (char []){ "NAME" }, (char []){ "PGK" } };
	char *odd[] = { (char []){ "x\033" } };
	unsigned lines[] = { 3, 4 };
	struct dd_err e = DD_ERR_INIT;
	struct config c = config;
	struct app app;

	c.path = (char []){ "/etc/dd.conf" };
	c.columns_fleet = (struct config_list){ v, lines, 2 };
	T_OK(columns_check(&c, &e));
	T_OK(app_init(&app, in_utf8, &c, &e));
	app_fleet(&app, fix_fleet(), &e);
	T(shows(&app, "NAME"));
	T(shows(&app, " PKG"));
	T(!shows(&app, "STATE"));
	T(!shows(&app, "FINDINGS"));
	app_dispose(&app);
	c.columns_fleet.v = wrong;
	T(columns_check(&c, &e) == -1);
	T_STR(e.msg, "/etc/dd.conf:4: columns_fleet: no column is called PGK");
	T_STR(e.hint, "did you mean PKG?");
	dd_err_clear(&e);
	c.columns_fleet.n = 0;
	c.columns_files = (struct config_list){ odd, lines, 1 };
	T(columns_check(&c, &e) == -1);
	T_STR(e.msg, "/etc/dd.conf:3: columns_files: no column is called "
	    "x\\033");
	T_STR(e.hint, "there are: MODE, OWNER, SIZE, CHANGED, NAME");
}

/* -- keys ---------------------------------------------------------------- */

static int
set(struct config *c, char **v, unsigned *lines, size_t n, struct dd_err *e)
{
	c->path = (char []){ "/etc/dd.conf" };
	c->keys = (struct config_list){ v, lines, n };
	dd_err_clear(e);
	return keymap_set(c, e);
}

static void
own_keys(void)
{
	struct config c = config;
	struct dd_err e = DD_ERR_INIT;
	char *v[] = { (char []){ "rollback=U F7" },
	    (char []){ "swap= u" }, (char []){ "refresh=F12" } };
	unsigned lines[] = { 4, 5, 5 };
	struct app app;

	T_OK(set(&c, v, lines, 3, &e));
	open_line(&app);
	T(shows(&app, "URoll back  uSwap"));
	press(&app, "U");
	T(strstr(child->command, "rollback") != NULL);
	press(&app, "Esc u");
	T(shows(&app, "Swap in another image"));
	press(&app, "Esc O");
	T(shows(&app, "Settings"));
	press(&app, "/");
	type(&app, "usually");
	press(&app, "Enter");
	T(shows(&app, "(usually u F7)"));
	press(&app, "q ?");
	T(shows(&app, "U F7"));
	app_dispose(&app);
	/* moving about has other keys, and gives way */
	(void)strcpy(v[2], "host=k");
	T_OK(set(&c, v, lines, 3, &e));
	open_line(&app);
	press(&app, "k");
	T(shows(&app, "File systems that hold images"));
	app_dispose(&app);
	T_OK(set(&c, NULL, NULL, 0, &e));
	T_STR(command_key(CMD_ROLLBACK), "u");
}

static void
refused(const char *entry, const char *msg, const char *hint)
{
	struct config c = config;
	struct dd_err e = DD_ERR_INIT;
	char text[64], *v[] = { (char []){ "back=q Esc" }, text };
	unsigned lines[] = { 2, 9 };

	(void)snprintf(text, sizeof(text), "%s", entry);
	T(set(&c, v, lines, 2, &e) == -1);
	T_STR(e.msg, msg);
	if (hint != NULL)
		T_STR(e.hint, hint);
	/* nothing stays of it */
	T_STR(command_key(CMD_BACK), "Esc");
}

static void
wrong_keys(void)
{
	refused("rolback=u", "/etc/dd.conf:9: keys: rolback is no command of "
	    "the console", "did you mean rollback?");
	refused("rollback=Entr", "/etc/dd.conf:9: keys: Entr is no key",
	    "did you mean Enter?");
	refused("rollback=^Z", "/etc/dd.conf:9: keys: the terminal takes ^Z "
	    "for itself", NULL);
	refused("rollback=^1", "/etc/dd.conf:9: keys: ^1 is no key", NULL);
	refused("rollback", "/etc/dd.conf:9: keys: \"rollback\" is not of the "
	    "form COMMAND=KEY", NULL);
	refused("=u", "/etc/dd.conf:9: keys: \"=u\" is not of the form "
	    "COMMAND=KEY", NULL);
	refused("rollback= ", "/etc/dd.conf:9: keys: no key is named for "
	    "rollback", "write \"rollback=u\"");
	refused("back=x", "/etc/dd.conf:9: keys: back stands there twice",
	    NULL);
	refused("rollback=w", "/etc/dd.conf:9: keys: w would be rollback and "
	    "swap on the fleet", "give one of the two another key");
	refused("diff=P", "/etc/dd.conf:9: keys: P would be diff and pin on "
	    "generations", NULL);
	refused("rollback=|", "/etc/dd.conf:9: keys: | would be rollback and "
	    "columns on the fleet", NULL);
	refused("swap=Up", "/etc/dd.conf:9: keys: Up would be swap and up on "
	    "the fleet", NULL);
}

/* No screen has a key for two commands that the table did not mean so: what
 * all_views has is what app_push is given. */
static void
views_are_known(void)
{
	const struct named_view *v;
	struct app app;
	size_t i;
	bool found = false;

	open_line(&app);
	for (i = 0; (v = all_views(i)) != NULL; i++)
		found = found || v->ops == app.stack[0].ops;
	T(found);
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN(split);
	T_RUN_BOTH(completion);
	T_RUN(running);
	T_RUN(mistakes);
	T_RUN(recall);
	T_RUN_BOTH(settings);
	T_RUN_BOTH(function_bar);
	T_RUN_BOTH(columns);
	T_RUN(columns_of_the_configuration);
	T_RUN(own_keys);
	T_RUN(wrong_keys);
	T_RUN(views_are_known);
	return t_done();
}
