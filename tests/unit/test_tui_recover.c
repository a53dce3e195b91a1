/* The banner for what was cut short, R, and how that is found. */
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/store/db.h"
#include "tests/unit/tui_play.h"

static void
cut(struct app *app, size_t n, const char *text)
{
	struct dd_err e = DD_ERR_INIT;
	struct cuts c = { .n = n, .text = text == NULL ? NULL :
	    strdup(text) };

	app_cuts(app, &c);
	app_fleet(app, fix_fleet(), &e);
}

static void
banner_and_question(void)
{
	struct app app;

	open_app(&app);
	press(&app, "R");
	T(shows(&app, "nothing was cut short"));
	cut(&app, 1, "/xen/pkg.img: a generation was on its way into place\n"
	    "job 12, swap of /xen/pkg.img: it never ended\n");
	press(&app, "Home");
	golden_screen(&app, "recover-80x24", 80, 24, true);
	golden_screen(&app, "recover-40x12", 40, 12, false);
	press(&app, "R");
	golden_screen(&app, "recover-ask-80x24", 80, 24, false);
	child = NULL;
	press(&app, "Enter");
	T(child == NULL);
	press(&app, "R Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' recover");
	T(child->changes);
	end(&app, 0, "/xen/pkg.img: its generations are in order again\n", "");
	T(app.want_refresh);
	cut(&app, 0, NULL);
	press(&app, "Enter");
	T(!shows(&app, "cut short"));
	cut(&app, 3, "a\nb\nc\n");
	T(shows(&app, "3 changes were cut short: R brings them to an end"));
	app_dispose(&app);
}

static void
found_on_the_disk(void)
{
	char dir[] = "/tmp/test-tui-cuts.XXXXXX", path[256], to[256];
	struct db_job job = { .started = 1, .who = "jlam", .pid = 999999999,
	    .action = "swap", .image = "/xen/pkg\x1b.img", .command = "x" };
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f = fix_fleet();
	struct db *db = NULL;
	char *moved = NULL;
	struct cuts c;
	struct stat st;
	int64_t id;

	T(mkdtemp(dir) != NULL);
	cuts_find(f, dir, &c);
	T_EQ(c.n, 0);
	cuts_dispose(&c);
	/* A job whose process is gone. */
	T_OK(db_open(dir, &db, &moved, &e));
	T_OK(db_job_begin(db, &job, &id, &e));
	db_close(db);
	cuts_find(f, dir, &c);
	T_EQ(c.n, 1);
	T_STR(c.text, "job 1, swap of /xen/pkg\\033.img: it never ended\n");
	cuts_dispose(&c);
	/* An image with a journal, and one whose flip was cut short. */
	f->images[0]->pending = true;
	(void)snprintf(path, sizeof(path), "%s/pkg.img", dir);
	T(close(open(path, O_CREAT | O_WRONLY, 0644)) == 0);
	T(stat(path, &st) == 0);
	free(f->images[1]->path);
	f->images[1]->path = strdup(path);
	(void)snprintf(path, sizeof(path), "%s/.pkg.img.d", dir);
	T(mkdir(path, 0755) == 0);
	(void)snprintf(to, sizeof(to), "2-20261127T081500Z@%llu",
	    (unsigned long long)st.st_ino);
	(void)snprintf(path, sizeof(path), "%s/.pkg.img.d/in-place.new", dir);
	T(symlink(to, path) == 0);
	cuts_find(f, dir, &c);
	T_EQ(c.n, 2);
	T(c.text != NULL && strstr(c.text, "/pkg.img: a generation was on "
	    "its way into place\n") != NULL);
	T(c.text != NULL && strstr(c.text, "/xen/root.img: a change of it is "
	    "not finished\n") != NULL);
	cuts_dispose(&c);
	fleet_free(f);
	(void)snprintf(path, sizeof(path), "rm -rf '%s'", dir);
	T(system(path) == 0);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN(banner_and_question);
	T_RUN(found_on_the_disk);
	return t_done();
}
