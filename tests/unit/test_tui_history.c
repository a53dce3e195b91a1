/* The history: as it is shown, and as it is read. */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "core/store/db.h"
#include "tests/unit/tui_play.h"
#include "tui/history.h"

static void
put(struct history *h, struct hist_row r, const char *action,
    const char *domu, const char *message)
{
	r.number = 12 - (int64_t)h->n;
	(void)snprintf(r.id, sizeof(r.id), "%lld", (long long)r.number);
	r.started = 1795867200 - 4000 * (int64_t)h->n;
	r.who = strdup("jlam (sudo)");
	r.action = strdup(action);
	r.domu = strdup(domu);
	r.image = strdup("/xen/pkg.img");
	r.command = strdup("drydock swap db1:pkg /xen/in/pkg-2026Q4.img "
	    "--note 'the packages of this quarter, tested on db9'");
	r.message = strdup(message);
	h->v = realloc(h->v, (h->n + 1) * sizeof(*h->v));
	h->v[h->n++] = r;
}

static struct history *
fix_history(void)
{
	struct history *h = calloc(1, sizeof(*h));

	put(h, (struct hist_row){ .outcome = "at work", .duration = -1,
	    .style = STYLE_PENDING, .from = 4 }, "swap", "db1", "");
	put(h, (struct hist_row){ .outcome = "cut short", .duration = -1,
	    .style = STYLE_ERROR, .from = 4, .to = 5 }, "swap", "db1", "");
	put(h, (struct hist_row){ .outcome = "done", .duration = 312,
	    .style = STYLE_OK, .from = 3, .to = 4 }, "rollback", "web1", "");
	put(h, (struct hist_row){ .outcome = "failed", .duration = 61200,
	    .style = STYLE_WARN }, "prepare root", "", "/xen/root.img: no "
	    "space left on device");
	return h;
}

static void
answer(struct app *app, const char *domu, struct history *found,
    const char *why)
{
	struct hist_look *l = (struct hist_look *)app->looks;

	T(l != NULL);
	if (l == NULL)
		return;
	T(domu == NULL ? l->domu == NULL : l->domu != NULL &&
	    strcmp(l->domu, domu) == 0);
	app->looks = l->look.next;
	l->found = found;
	if (why != NULL)
		(void)dd_fail(&l->e, ERR_CORRUPT, "%s", why);
	app_looked(app, &l->look);
}

static void
screens(void)
{
	struct app app;

	open_app(&app);
	press(&app, "H");
	T(shows(&app, "reading the history"));
	answer(&app, NULL, fix_history(), NULL);
	golden_sizes(&app, "history");
	press(&app, "Down Down Enter");
	golden_sizes(&app, "history-job");
	press(&app, "Esc /");
	type(&app, "SPACE");
	press(&app, "Enter");
	T(shows(&app, "failed"));
	T(!shows(&app, "rollback"));
	press(&app, "Esc Esc");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
of_one_domu(void)
{
	struct app app;

	open_app(&app);
	press(&app, "Enter H");
	answer(&app, "db1", fix_history(), NULL);
	T(shows(&app, "History of db1"));
	press(&app, "r");
	answer(&app, "db1", NULL, "history.db: file is not a database");
	T(shows(&app, "history.db: file is not a database"));
	press(&app, "Enter s /");
	press(&app, "r");
	answer(&app, "db1", calloc(1, sizeof(struct history)), NULL);
	T(shows(&app, "Nothing was written down yet."));
	app_dispose(&app);
}

static struct hist_look *
read_from(const char *dir, const char *domu)
{
	struct hist_look *l = hist_look_new(dir, domu);

	l->look.run(&l->look);
	return l;
}

static void
from_the_disk(void)
{
	char dir[] = "/tmp/test-tui-hist.XXXXXX", path[256];
	struct db_job job = { .started = 1, .who = "jlam", .pid = 999999999,
	    .action = "swap", .domu = "web1", .image = "/xen/\x1b.img",
	    .command = "x" };
	struct dd_err e = DD_ERR_INIT;
	struct hist_look *l;
	struct db *db = NULL;
	char *moved = NULL;
	int64_t id;

	T(mkdtemp(dir) != NULL);
	l = read_from(dir, NULL);	/* never written */
	T(l->found != NULL && l->found->n == 0 && l->e.code == ERR_NONE);
	l->look.free(&l->look);
	T_OK(db_open(dir, &db, &moved, &e));
	T_OK(db_job_begin(db, &job, &id, &e));
	job.domu = NULL;
	T_OK(db_job_begin(db, &job, &id, &e));
	T_OK(db_job_end(db, id, 5, "none", "", 1, 2, NULL, 0, &e));
	db_close(db);
	l = read_from(dir, NULL);
	T(l->found != NULL && l->found->n == 2);
	if (l->found != NULL && l->found->n == 2) {
		T_STR(l->found->v[0].outcome, "done");
		T_STR(l->found->v[1].outcome, "cut short");
		T_STR(l->found->v[1].image, "/xen/\\033.img");
	}
	l->look.free(&l->look);
	l = read_from(dir, "web1");
	T(l->found != NULL && l->found->n == 1);
	l->look.free(&l->look);
	/* Damaged. */
	(void)snprintf(path, sizeof(path), "rm -f '%s'/history.db*; echo no "
	    "database, by far no database >'%s/history.db'", dir, dir);
	T(system(path) == 0);
	l = read_from(dir, NULL);
	T(l->found == NULL && l->e.code == ERR_CORRUPT);
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
	T_RUN(of_one_domu);
	T_RUN(from_the_disk);
	return t_done();
}
