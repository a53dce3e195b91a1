/* The generations view: what it shows, and the commands it runs. */
#include <sys/stat.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/tui_play.h"
#include "tui/generations.h"

#define NOW	1795867200	/* 2026-11-28 12:00 */
#define HOUR	3600
#define DAY	(24 * HOUR)

static void
put(struct generations *g, struct gen_row r, const char *note,
    const char *source)
{
	(void)snprintf(r.id, sizeof(r.id), "%u", r.name.n);
	r.kernel = strdup("");
	r.path = strdup(r.in_place ? "/xen/pkg.img" :
	    "/xen/.pkg.img.d/3-20261125T120000Z+bad");
	r.who = strdup(source[0] != '\0' ? "jlam (sudo)" : "");
	r.source = strdup(source);
	r.sha256 = strdup(source[0] != '\0' ? "021e86743a4c77a85b19130a4b8bd4"
	    "a3405943fef5a368c23bbb7926eb2b362e" : "");
	r.note = strdup(note);
	g->v = realloc(g->v, (g->n + 1) * sizeof(*g->v));
	g->v[g->n++] = r;
}

/* Four: pinned, good, bad, in place. */
static struct generations *
fix_generations(void)
{
	struct generations *g = calloc(1, sizeof(*g));

	g->managed = true;
	put(g, (struct gen_row){ .name = { 1, NOW - 400 * DAY, GEN_UNMARKED,
	    true }, .allocated = 900 << 20, .written = NOW - 300 * DAY }, "",
	    "");
	put(g, (struct gen_row){ .name = { 2, NOW - 9 * DAY, GEN_GOOD, false },
	    .allocated = 910 << 20, .written = NOW - 8 * DAY, .orig = true },
	    "2026Q3", "/xen/in/pkg-2026Q3.img");
	put(g, (struct gen_row){ .name = { 3, NOW - 3 * DAY, GEN_BAD, false },
	    .allocated = 911 << 20, .written = NOW - 2 * DAY }, "php falls "
	    "over", "/xen/in/pkg-try.img");
	put(g, (struct gen_row){ .name = { 4, NOW - 3 * HOUR, GEN_UNMARKED,
	    false }, .in_place = true, .allocated = 915 << 20,
	    .written = NOW - HOUR }, "2026Q4", "/xen/in/pkg-2026Q4.img");
	return g;
}

/* Answer the look that is out. */
static void
answer(struct app *app, struct generations *found)
{
	struct look *l = app->looks;

	T(l != NULL);
	if (l == NULL)
		return;
	app->looks = l->next;
	((struct gen_look *)l)->found = found;
	app_looked(app, l);
}

static void
open_view(struct app *app)
{
	open_app(app);
	app->model.now = NOW;
	press(app, "g");
	answer(app, fix_generations());
}

static void
screens(void)
{
	struct app app;

	open_app(&app);
	app.model.now = NOW;
	press(&app, "g");
	T(shows(&app, "reading the generations"));
	press(&app, "u");
	T(shows(&app, "it is still being read"));
	answer(&app, fix_generations());
	press(&app, "Home");
	golden_sizes(&app, "generations");
	golden_at(&app, "generations", 60, 16);
	press(&app, "Down Down");
	T(shows(&app, "pkg-2026Q3.img"));
	T(shows(&app, "an untouched copy is kept"));
	press(&app, "Esc");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
roll_back(void)
{
	struct app app;

	/* In place: to the one before, whichever that is. */
	open_view(&app);
	press(&app, "u");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:pkg --dry-run");
	previewed(&app, "db1:pkg: generation 2 would be in place\n");
	T(shows(&app, "[ Roll back ]  [ Cancel ]"));
	press(&app, "Esc Down Down u");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:pkg --to 2 --dry-run");
	previewed(&app, "db1:pkg: generation 2 would be in place\n");
	T(shows(&app, "[ Roll back ]"));
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:pkg --to 2 --plan 3fa9c0de");
	/* What it did is read anew. */
	T(app.looks == NULL);
	end(&app, 0, "", "");
	answer(&app, fix_generations());
	press(&app, "Enter");
	T(shows(&app, "Generations of db1:pkg"));
	/* One that is bad is not gone back to by a slip. */
	press(&app, "Up u");
	previewed(&app, "db1:pkg: generation 3 would be in place\n");
	T(shows(&app, "Generation 3 is marked bad."));
	T(shows(&app, "[ Cancel ]  [ Roll back ]"));
	app_dispose(&app);
}

/* What a domU wrote goes out of sight: Cancel comes first. */
static void
local(void)
{
	struct action *preview;
	struct app app;

	open_view(&app);
	press(&app, "Tab Tab");
	answer(&app, NULL);	/* of root: came too late */
	T(shows(&app, "Generations of db1:local"));
	T(shows(&app, "reading the generations"));
	answer(&app, fix_generations());
	press(&app, "u");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:local --dry-run");
	previewed(&app, "db1:local: generation 3 would be in place, 4 would "
	    "be kept\n");
	preview = child;
	golden_sizes(&app, "rollback-local");
	press(&app, "Enter");
	T(child == preview);
	press(&app, "Tab");
	answer(&app, NULL);
	T(shows(&app, "Generations of db1:swap"));
	press(&app, "Tab");
	T(shows(&app, "Generations of db1:pkg"));
	app_dispose(&app);
}

static void
marks_and_diff(void)
{
	static const struct {
		const char	*key, *command;
	} cases[] = {
		{ "+", "good db1:pkg@4" }, { "-", "bad db1:pkg@4" },
		{ "P", "pin db1:pkg@4" }, { "End P", "unpin db1:pkg@1" },
		{ "d", "diff db1:pkg@1" },
	};
	struct app app;
	char line[128];
	size_t i;

	open_view(&app);
	press(&app, "d");
	T(shows(&app, "that is the one in place"));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		press(&app, cases[i].key);
		(void)snprintf(line, sizeof(line), "drydock --config "
		    "'/etc/my dock.conf' %s", cases[i].command);
		T_STR(child->command, line);
		end(&app, 0, "changed -0755 /bin/php\n", "");
		if (child->changes)
			answer(&app, fix_generations());
	}
	T(app.looks == NULL);
	T(shows(&app, "changed -0755 /bin/php"));
	press(&app, "Enter");
	T(shows(&app, "Generations of db1:pkg"));
	app_dispose(&app);
}

static void
prune(void)
{
	struct action *preview;
	struct app app;

	open_view(&app);
	press(&app, "D");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prune "
	    "db1:pkg");
	previewed(&app, "/xen/pkg.img: 3 goes, 911 MiB\n"
	    "/xen/pkg.img: 2 stays, 910 MiB: the last good one\n"
	    "/xen/pkg.img: 1 stays, 900 MiB: it is pinned\n"
	    "1 would go: --yes deletes them, 911 MiB\nplan: 3fa9c0de\n");
	preview = child;
	golden_sizes(&app, "prune");
	press(&app, "Enter");
	T(child == preview);
	press(&app, "D");
	previewed(&app, "no generation is to go\nplan: 3fa9c0de\n");
	preview = child;
	T(shows(&app, "no generation is to go"));
	press(&app, "Enter D");
	previewed(&app, "1 would go\n");
	press(&app, "Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prune "
	    "db1:pkg --plan 3fa9c0de");
	T(child->changes);
	end(&app, 0, "", "");
	app_dispose(&app);
}

/* f walks through a generation, by its own parameters file. */
static void
files(void)
{
	struct generations *g;
	struct app app;

	open_app(&app);
	app.model.now = NOW;
	press(&app, "g");
	g = fix_generations();
	g->v[0].params_path = strdup("/nowhere/1.params");
	answer(&app, g);
	press(&app, "f");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' ls -a "
	    "--json -m 20000 /xen/pkg.img:/");
	T(shows(&app, "db1 > pkg > 4 > /"));
	end(&app, 1 << 8, "", "");
	press(&app, "q Down Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' ls -a "
	    "--json -m 20000 /xen/.pkg.img.d/3-20261125T120000Z+bad:/");
	end(&app, 1 << 8, "", "");
	press(&app, "q End f");
	look(&app);
	T(shows(&app, "/nowhere/1.params"));
	app_dispose(&app);
}

static void
unmark_good(struct generations *g)
{
	g->v[1].name.mark = GEN_UNMARKED;
}

static void
prune_what_may_be_the_last_good(void)
{
	struct action *preview;
	struct generations *g;
	struct app app;

	open_app(&app);
	app.model.now = NOW;
	press(&app, "g");
	g = fix_generations();
	unmark_good(g);
	answer(&app, g);
	press(&app, "D");
	previewed(&app, "/xen/pkg.img: 2 goes, 910 MiB\nplan: 3fa9c0de\n");
	preview = child;
	golden_sizes(&app, "prune-typed");
	/* Cancel is marked, and stays so until the whole name stands there. */
	press(&app, "Tab Tab Right Enter");
	T(child == preview);
	T(shows(&app, "Generations of db1:pkg"));
	press(&app, "D");
	previewed(&app, "plan: 3fa9c0de\n");
	preview = child;
	(void)shows(&app, "Type db1");
	type(&app, "db");
	press(&app, "Enter");
	T(child == preview);
	T(shows(&app, "that is not the word that is asked for"));
	press(&app, "Tab");
	T(shows(&app, "type the word that is asked for"));
	type(&app, "1q");		/* q is a letter here */
	press(&app, "Enter");
	T(child == preview);
	T(shows(&app, "db1q"));
	app_key(&app, K_BACKSPACE);
	golden_at(&app, "prune-typed-yes", 80, 24);
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' prune "
	    "db1:pkg --plan 3fa9c0de");
	end(&app, 0, "", "");
	app_dispose(&app);
}

/* One that nobody is to read again: its name is typed. */
static void
destroy(void)
{
	struct action *preview;
	struct app app;

	open_app(&app);
	app.model.now = NOW;
	press(&app, "g");
	answer(&app, fix_generations());
	press(&app, "X");
	T(shows(&app, "it is in place"));
	press(&app, "Down X");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' destroy "
	    "db1:pkg@3 -n");
	end(&app, 0, "db1:pkg@3: 910 MiB would be destroyed\n", "");
	preview = child;
	golden_sizes(&app, "destroy");
	press(&app, "Tab Enter");	/* Cancel is what is marked */
	T(child == preview);
	press(&app, "X");
	end(&app, 0, "", "");
	preview = child;
	(void)shows(&app, "Type db1:pkg@3");
	type(&app, "db1:pkg@");
	press(&app, "Enter");
	T(child == preview);
	type(&app, "3");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' destroy "
	    "db1:pkg@3 --yes");
	end(&app, 0, "", "");
	app_dispose(&app);
}

static void
ages(void)
{
	static const struct {
		int64_t		 seconds;
		const char	*text;
	} cases[] = { { -5, "0s" }, { 0, "0s" }, { 119, "119s" },
	    { 120, "2m" }, { 2 * HOUR - 1, "119m" }, { 2 * HOUR, "2h" },
	    { 47 * HOUR, "47h" }, { 2 * DAY, "2d" }, { 400 * DAY, "400d" } };
	char text[AGE_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		T_STR(age_text(text, NOW - cases[i].seconds, NOW),
		    cases[i].text);
}

/* From the disk: the store's folder, and no history. */
static void
from_the_disk(void)
{
	char dir[] = "/tmp/test-tui-gens.XXXXXX", path[256], name[256];
	struct gen_look *l;
	struct stat st;

	T(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof(path), "%s/pkg.img", dir);
	T(truncate(path, 0) == -1 && close(creat(path, 0644)) == 0);
	T(stat(path, &st) == 0);
	(void)snprintf(name, sizeof(name), "%s/.pkg.img.d", dir);
	T(mkdir(name, 0755) == 0);
	(void)snprintf(name, sizeof(name), "%s/.pkg.img.d/"
	    "1-20261126T115035Z+good", dir);
	T(close(creat(name, 0644)) == 0);
	(void)snprintf(path, sizeof(path), "2-20261127T081500Z+pinned@%llu",
	    (unsigned long long)st.st_ino);
	(void)snprintf(name, sizeof(name), "%s/.pkg.img.d/in-place", dir);
	T(symlink(path, name) == 0);
	(void)snprintf(path, sizeof(path), "%s/pkg.img", dir);
	l = gen_look_new(path, dir);
	l->look.run(&l->look);
	T(l->found != NULL);
	T_EQ(l->history.code, ERR_NONE);
	if (l->found != NULL) {
		T_EQ(l->found->n, 2);
		T(generations_place(l->found) == &l->found->v[1]);
		T(l->found->v[0].name.mark == GEN_GOOD);
		T(l->found->v[1].name.pinned);
	}
	l->look.free(&l->look);
	/* A history that is none: said, and the rest is there. */
	(void)snprintf(name, sizeof(name), "%s/history.db", dir);
	T(close(creat(name, 0644)) == 0);
	T(truncate(name, 4096) == 0);
	l = gen_look_new(path, dir);
	l->look.run(&l->look);
	T(l->found != NULL);
	T(l->history.code != ERR_NONE);
	l->look.free(&l->look);
	l = gen_look_new("/nowhere/pkg.img", dir);
	l->look.run(&l->look);
	T(l->found == NULL && l->e.code != ERR_NONE);
	l->look.free(&l->look);
	(void)snprintf(path, sizeof(path), "rm -rf '%s'", dir);
	T(system(path) == 0);
}

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(screens);
	T_RUN(roll_back);
	T_RUN_BOTH(local);
	T_RUN(marks_and_diff);
	T_RUN(files);
	T_RUN_BOTH(prune);
	T_RUN_BOTH(prune_what_may_be_the_last_good);
	T_RUN_BOTH(destroy);
	T_RUN(ages);
	T_RUN(from_the_disk);
	return t_done();
}
