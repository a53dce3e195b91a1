/*
 * The findings view: the list, where it leads, and what mends each of them; and
 * the thread that finds them.
 */
#include <poll.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/unit/scratch.h"
#include "tests/unit/tui_play.h"
#include "tui/loader.h"
#include "xen/xen.h"

/* A finding by hand; domus: names, up to NULL. */
static void
add(struct doctor *all, enum fleet_kind kind, enum fleet_severity severity,
    const char *const *domus, const char *image, const char *text,
    const char *hint)
{
	struct doctor_finding *f;

	all->v = realloc(all->v, (all->n + 1) * sizeof(*all->v));
	f = &all->v[all->n];
	*f = (struct doctor_finding){ .kind = kind, .severity = severity,
	    .mend = fleet_kind_mend(kind), .order = all->n,
	    .image = image == NULL ? NULL : strdup(image),
	    .text = strdup(text), .hint = hint == NULL ? NULL :
	    strdup(hint) };
	for (; domus != NULL && *domus != NULL; domus++) {
		f->domus = realloc(f->domus, (f->ndomus + 1) *
		    sizeof(*f->domus));
		f->domus[f->ndomus++] = strdup(*domus);
	}
	all->n++;
	all->count[severity]++;
}

#define NAMES(...)	(const char *const []){ __VA_ARGS__, NULL }

/* One of each way to mend, and more. */
static struct doctor *
fix_doctor(void)
{
	struct doctor *all = calloc(1, sizeof(*all));

	add(all, FOUND_MISSING_IMAGE, SEV_ERROR, NAMES("web2"),
	    "/xen/web2/pkg.img", "pkg: /xen/web2/pkg.img: No such file or "
	    "directory", "xl won't start the domU: bring the file back, or "
	    "correct the disk in its configuration");
	add(all, FOUND_TWO_WRITERS, SEV_ERROR, NAMES("web1", "web2"),
	    "/xen/web1/local.img", "local: /xen/web1/local.img is attached "
	    "read-write by web2 and here", "an image has one writer, or "
	    "readers only: give each domU its own copy, or attach it "
	    "read-only (r) everywhere");
	add(all, FOUND_INTERRUPTED, SEV_ERROR, NAMES("db1"), "/xen/pkg.img",
	    "pkg: /xen/pkg.img: another generation was being put in place, "
	    "and that was cut short", "run: drydock recover");
	add(all, FOUND_NEARLY_FULL, SEV_WARNING, NAMES("db1"),
	    "/xen/db1/local.img", "local: /xen/db1/local.img is 96% full",
	    "remove files, or give it a larger image");
	add(all, FOUND_NOT_CLEAN, SEV_WARNING, NAMES("j\xc3\xb6rg"),
	    "/xen/j\xc3\xb6rg/local.img", "local: /xen/j\xc3\xb6rg/local.img "
	    "was not unmounted cleanly", "boot the domU, which checks it, or "
	    "run: drydock check --repair IMAGE");
	add(all, FOUND_STALE_DEVICE, SEV_WARNING, NULL, NULL, "drydock "
	    "process 4711, which is dead, left /dev/loop3", "run: drydock "
	    "devices --clean");
	all->v[all->n - 1].device = strdup("/dev/loop3");
	add(all, FOUND_OLD_GENERATION, SEV_NOTE, NAMES("db1"),
	    "/xen/pkg.img", "pkg: runs with generation 3; 4 is in place, and "
	    "takes effect at the next start", "a restart makes it take "
	    "effect");
	add(all, FOUND_PRUNABLE, SEV_NOTE, NULL, NULL, "34 old generations of "
	    "12 images take 17 GiB", "drydock prune shows which would go");
	add(all, FOUND_NO_CONFIG, SEV_NOTE, NAMES("odd\x1b[31m"), NULL,
	    "runs without a configuration here", NULL);
	return all;
}

static void
visit(struct app *app, struct doctor *d)
{
	struct dd_err e = DD_ERR_INIT;

	app_doctor(app, d);
	app_fleet(app, fix_fleet(), &e);
}

static void
open_findings(struct app *app)
{
	struct dd_err e = DD_ERR_INIT;

	T_OK(app_init(app, in_utf8, &config, &e));
	app->runner = &fake;
	app->config_path = "/etc/my dock.conf";
	(void)snprintf(app->model.host, sizeof(app->model.host), "dom0");
	visit(app, fix_doctor());
	press(app, "!");
}

static void
screens(void)
{
	struct app app;

	open_findings(&app);
	golden_sizes(&app, "findings");
	app_dispose(&app);
}

static void
moving_about(void)
{
	struct app app;

	open_findings(&app);
	T(shows(&app, "3 errors, 3 warnings, 3 notes"));
	T(shows(&app, "xl won't start the domU"));
	press(&app, "Down");
	T(shows(&app, "domUs web1, web2"));
	/* a filter by words of any column */
	press(&app, "/");
	type(&app, "warning clean");
	press(&app, "Enter");
	T(shows(&app, "was not unmounted cleanly"));
	T(!shows(&app, "is 96% full"));
	press(&app, "/");
	type(&app, "xyzzy");
	press(&app, "Enter");
	T(shows(&app, "nothing matches the filter"));
	press(&app, "m");
	T(shows(&app, "nothing is selected"));
	press(&app, "Esc");
	T(shows(&app, "is 96% full"));
	/* by domU; the host comes last */
	press(&app, "s Home");
	T(shows(&app, "/xen/db1/local.img is 96% full") ||
	    shows(&app, "another generation"));
	press(&app, "End");
	T(shows(&app, "drydock prune shows which would go"));
	press(&app, "q");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
to_what_it_is_about(void)
{
	struct app app;

	open_findings(&app);
	press(&app, "Enter");
	T(shows(&app, "findings > web2"));
	press(&app, "Esc /");
	type(&app, "loop3");
	press(&app, "Enter Enter");
	T(shows(&app, "findings > host"));
	press(&app, "q Esc /");
	type(&app, "prunable");
	press(&app, "Enter Enter");
	T(shows(&app, "it is about the fleet as a whole"));
	app_dispose(&app);
}

/* Select the finding of that kind, and mend it. */
static void
mend(struct app *app, const char *kind)
{
	child = NULL;
	press(app, "/ ^U");
	type(app, kind);
	press(app, "Enter m");
}

static void
is_run(const char *command)
{
	char want[256];

	(void)snprintf(want, sizeof(want), "drydock --config "
	    "'/etc/my dock.conf' %s", command);
	T(child != NULL);
	if (child != NULL)
		T_STR(child->command, want);
}

static void
recover_is_asked_for(void)
{
	struct app app;

	open_findings(&app);
	mend(&app, "interrupted");
	T(child == NULL);
	T(shows(&app, "Recover?"));
	T(shows(&app, "another generation was being put in place"));
	press(&app, "Enter");			/* Cancel */
	T(child == NULL);
	mend(&app, "interrupted");
	press(&app, "Tab Enter");
	is_run("recover");
	T(child->changes);
	end(&app, 0, "/xen/pkg.img: its generations are in order again\n", "");
	T(app.want_refresh);
	app_dispose(&app);
}

static void
repair_is_previewed(void)
{
	struct app app;

	open_findings(&app);
	mend(&app, "not-clean");
	is_run("check --repair '/xen/j\xc3\xb6rg/local.img' --dry-run");
	T(!child->changes);
	end(&app, 0, "repairable: the superblock counts 448 free blocks, there "
	    "are 460\n/xen/local.img: 1 mended (dry run: nothing was "
	    "written)\n", "");
	T(shows(&app, "Repair /xen/j\xc3\xb6rg/local.img?"));
	T(shows(&app, "counts 448 free blocks"));
	press(&app, "Enter");			/* it can be undone */
	is_run("check --repair '/xen/j\xc3\xb6rg/local.img'");
	T(child->changes);
	app_dispose(&app);
}

static void
stale_devices_are_previewed(void)
{
	struct app app;

	open_findings(&app);
	mend(&app, "stale-device");
	is_run("devices --clean --dry-run");
	end(&app, 0, "would take down /dev/loop3 (left by drydock process 4711, "
	    "which is dead)\n", "");
	T(shows(&app, "Take down stale devices?"));
	T(shows(&app, "would take down /dev/loop3"));
	golden_at(&app, "findings-clean", 80, 24);
	press(&app, "Enter");			/* Cancel stands first */
	T(shows(&app, "Findings"));
	is_run("devices --clean --dry-run");
	mend(&app, "stale-device");
	end(&app, 0, "would take down /dev/loop3\n", "");
	press(&app, "Tab Enter");
	is_run("devices --clean");
	end(&app, 0, "took down /dev/loop3\n", "");
	/* what was stale may be gone by now */
	press(&app, "Enter");
	mend(&app, "stale-device");
	end(&app, 0, "nothing is stale\n", "");
	T(shows(&app, "nothing is stale"));
	T(!shows(&app, "Take down stale"));
	app_dispose(&app);
}

static void
old_generations_are_previewed(void)
{
	struct app app;

	open_findings(&app);
	mend(&app, "prunable");
	is_run("prune");
	previewed(&app, "/xen/pkg.img: 1 goes, 16 MiB\n34 would go: --yes "
	    "deletes them, 17 GiB\nplan: 3fa9c0de\n");
	T(shows(&app, "Prune the fleet?"));
	T(shows(&app, "there is no undo"));
	press(&app, "Enter");			/* nothing was typed */
	is_run("prune");
	mend(&app, "prunable");
	previewed(&app, "/xen/pkg.img: 1 goes, 16 MiB\nplan: 3fa9c0de\n");
	golden_at(&app, "findings-prune", 80, 24);
	type(&app, "prune");
	press(&app, "Enter");
	is_run("prune --plan 3fa9c0de");
	app_dispose(&app);
}

static void
a_reboot_is_asked_for(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f = fix_fleet();
	struct app app;

	open_findings(&app);
	mend(&app, "old-generation");
	T(child == NULL);
	T(shows(&app, "no Xen here: domUs are started and stopped on a dom0"));
	free(f->xen);
	f->xen = NULL;
	app_doctor(&app, fix_doctor());
	app_fleet(&app, f, &e);
	mend(&app, "old-generation");
	T(shows(&app, "Reboot db1?"));
	press(&app, "Tab Enter");
	is_run("reboot db1 --yes");
	app_dispose(&app);
}

/* What no command mends says what does. */
static void
some_are_the_operators(void)
{
	struct app app;

	open_findings(&app);
	mend(&app, "two-writers");
	T(child == NULL);
	T(shows(&app, "an image has one writer"));
	mend(&app, "no-config");
	T(shows(&app, "no command mends it"));
	app_dispose(&app);
}

/* The fleet is read anew: the selection stays, what is gone is gone. */
static void
while_it_changes(void)
{
	struct doctor *less = calloc(1, sizeof(*less));
	struct app app;

	open_findings(&app);
	press(&app, "Down Down Down");
	T(shows(&app, "hint  remove files, or give it a larger image"));
	add(less, FOUND_TWO_WRITERS, SEV_ERROR, NAMES("web1", "web2"), "/x",
	    "two", NULL);
	add(less, FOUND_NEARLY_FULL, SEV_WARNING, NAMES("db1"),
	    "/xen/db1/local.img", "local: it is 94% full", "another hint");
	visit(&app, less);
	T(shows(&app, "hint  another hint"));
	T(shows(&app, "1 error, 1 warning"));
	T(!shows(&app, "takes effect"));
	visit(&app, calloc(1, sizeof(struct doctor)));
	T(shows(&app, "All is well."));
	press(&app, "Enter");
	T(shows(&app, "nothing is selected"));
	visit(&app, fix_doctor());
	T(shows(&app, "3 errors"));
	app_dispose(&app);
}

/* What no domU's own findings say is counted in the header, too. */
static void
the_header_counts(void)
{
	struct doctor *all = calloc(1, sizeof(*all));
	struct app app;

	open_app(&app);
	T(shows(&app, "!! 2  ! 1"));
	press(&app, "!");
	T(shows(&app, "the fleet could not be read"));
	press(&app, "q");
	/* one that all is well with else, one that has a warning, one of its
	 * own with errors, and the host */
	add(all, FOUND_CRASHED, SEV_ERROR, NAMES("web1"), NULL, "c", NULL);
	visit(&app, all);
	T(shows(&app, "!! 3  ! 1"));
	all = calloc(1, sizeof(*all));
	add(all, FOUND_CRASHED, SEV_ERROR, NAMES("db1"), NULL, "c", NULL);
	visit(&app, all);
	T(shows(&app, "!! 3"));
	T(!shows(&app, "!! 3  ! 1"));
	all = calloc(1, sizeof(*all));
	add(all, FOUND_REBOOT_LOOP, SEV_WARNING, NAMES("web2"), NULL, "c",
	    NULL);
	add(all, FOUND_STALE_DEVICE, SEV_WARNING, NULL, NULL, "d", NULL);
	add(all, FOUND_PRUNABLE, SEV_NOTE, NULL, NULL, "p", NULL);
	visit(&app, all);
	T(shows(&app, "!! 2  ! 2"));
	app_dispose(&app);
}

/* -- the thread ------------------------------------------------------------ */

static int
nobody(bool disks, struct xen_domain **v, size_t *n, struct dd_err *e)
{
	(void)disks;
	(void)e;
	*v = NULL;
	*n = 0;
	return 0;
}

static void
nobody_free(struct xen_domain *v, size_t n)
{
	(void)v;
	(void)n;
}

/* The next snapshot's findings. */
static struct doctor *
next_visit(struct loader *l, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct dd_err e = DD_ERR_INIT;
	struct doctor *d = NULL;
	struct fleet *f = NULL;
	char c;

	T_EQ(poll(&p, 1, 60000), 1);
	T_EQ(read(fd, &c, 1), 1);
	T(loader_take(l, &f, &d, &e));
	if (f == NULL || d == NULL) {
		T_FAIL("nothing was found: %s", e.msg);
		exit(1);
	}
	fleet_free(f);
	return d;
}

/* How many of those found are of that kind. */
static size_t
of_kind(const struct doctor *d, enum fleet_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < d->n; i++)
		n += d->v[i].kind == kind;
	return n;
}

static void
found_by_the_loader(void)
{
	struct dd_err e = DD_ERR_INIT, why = DD_ERR_INIT;
	struct xen_domain domain = { .name = (char *)(uintptr_t)"web1" };
	struct restarts r = { .n = 0 };
	struct xen_ops ops = xen_ops;
	char *folders[] = { strdup(scratch("xen")), NULL };
	struct config conf = { .config_dirs = folders,
	    .state_dir = strdup(scratch("state")), .keep = 5 };
	struct loader *l = NULL;
	struct doctor *d;
	const char *cfg;
	char text[700];
	int wake[2];

	T_EQ(mkdir(folders[0], 0700), 0);
	(void)snprintf(text, sizeof(text), "name = 'web1'\ndisk = [ "
	    "'%s/none.img,raw,xvda,r' ]\n", scratch_dir);
	cfg = scratch_file("xen/web1.cfg", 0, text, strlen(text), 0);
	ops.domains = nobody;
	ops.domains_free = nobody_free;
	T_EQ(pipe(wake), 0);
	T_OK(loader_start(&ops, &conf, NULL, wake[1], &l, &e));
	d = next_visit(l, wake[0]);
	T_EQ(of_kind(d, FOUND_MISSING_IMAGE), 1);
	T_EQ(of_kind(d, FOUND_REBOOT_LOOP), 0);
	doctor_free(d);
	/* what was seen of restarts meanwhile */
	for (; domain.id < 4; domain.id++)
		T_OK(restarts_take(&r, &domain, 1, clock_ms(), &e));
	loader_restarts(l, &r);
	loader_request(l, NULL);
	d = next_visit(l, wake[0]);
	T_EQ(of_kind(d, FOUND_REBOOT_LOOP), 1);
	doctor_free(d);
	/* a Xen that is known not to answer is asked for nothing */
	ops.domains = NULL;
	(void)dd_fail(&why, ERR_IO, "no answer");
	loader_request(l, &why);
	d = next_visit(l, wake[0]);
	T_EQ(of_kind(d, FOUND_XEN), 1);
	doctor_free(d);
	T(loader_stop(l));
	restarts_dispose(&r);
	T_EQ(unlink(cfg), 0);
	free(folders[0]);
	free(conf.state_dir);
	(void)close(wake[0]);
	(void)close(wake[1]);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(screens);
	T_RUN(moving_about);
	T_RUN(to_what_it_is_about);
	T_RUN(recover_is_asked_for);
	T_RUN(repair_is_previewed);
	T_RUN_BOTH(stale_devices_are_previewed);
	T_RUN_BOTH(old_generations_are_previewed);
	T_RUN(a_reboot_is_asked_for);
	T_RUN(some_are_the_operators);
	T_RUN(while_it_changes);
	T_RUN(the_header_counts);
	T_RUN(found_by_the_loader);
	return t_done();
}
