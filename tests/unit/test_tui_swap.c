/* w: another image comes in; the form with its files, and what it runs. */
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/tui_play.h"
#include "tui/chooser.h"
#include "tui/views.h"

static const struct {
	const char	*name, *what;
	uint64_t	 mib;
	bool		 folder;
} in_xen[] = {
	{ "..", "folder", 0, true },
	{ "db1", "folder", 0, true },
	{ "notes.txt", "not an image", 0, false },
	{ "pkg-2026Q4.img", "pkg, FFSv2, clean", 900, false },
	{ "pkg-try\x1b.img", "pkg, FFSv2, not clean", 900, false },
	{ "pkg.img", "pkg, FFSv2, clean", 1024, false },
	{ "root.img", "root, FFSv2, NetBSD 9.3, clean", 256, false },
};
#define NFILES	(sizeof(in_xen) / sizeof(in_xen[0]))

static struct choices *
fix_choices(void)
{
	struct choices *c = calloc(1, sizeof(*c));
	size_t i;

	c->v = calloc(NFILES, sizeof(*c->v));
	for (i = 0; i < NFILES; i++) {
		c->v[i] = (struct choice){ .name = strdup(in_xen[i].name),
		    .folder = in_xen[i].folder, .known = in_xen[i].folder,
		    .size = in_xen[i].mib << 20 };
		(void)snprintf(c->v[i].what, sizeof(c->v[i].what), "%s",
		    in_xen[i].folder ? in_xen[i].what : "");
	}
	c->n = NFILES;
	return c;
}

/* Answer the looks: the first is at a folder, then one at each file. */
static void
answer_folder(struct app *app, const char *folder)
{
	struct folder_look *l = (struct folder_look *)app->looks;

	T(l != NULL);
	if (l == NULL)
		return;
	T_STR(l->folder, folder);
	app->looks = l->look.next;
	l->found = fix_choices();
	app_looked(app, &l->look);
}

static void
answer_kinds(struct app *app)
{
	struct kind_look *l;
	size_t i;

	while ((l = (struct kind_look *)app->looks) != NULL) {
		app->looks = l->look.next;
		for (i = 0; i < NFILES; i++)
			if (strcmp(base_name(l->path), in_xen[i].name) == 0)
				(void)snprintf(l->what, sizeof(l->what), "%s",
				    in_xen[i].what);
		app_looked(app, &l->look);
	}
}

static void
open_form(struct app *app)
{
	open_app(app);
	press(app, "w");
	T(shows(app, "reading the folder"));
	answer_folder(app, "/xen/");
	T(shows(app, "..."));
	answer_kinds(app);
}

static const char coming[] =
    "db1:pkg: generation 5 would be in place, 4 would be kept\n"
    "  /xen/pkg.img\n"
    "  from /xen/pkg-2026Q4.img, by copy\n"
    "  used by db1 and web1\n"
    "plan: 3fa9c0de\n";

static void
form(void)
{
	struct app app;

	open_form(&app);
	golden_sizes(&app, "swap-form");
	/* A folder is no image. */
	press(&app, "Enter");
	T(shows(&app, "Image: a path is missing"));
	press(&app, "Down Down Down");
	golden_at(&app, "swap-chosen", 80, 24);
	press(&app, "Enter");
	T(shows(&app, "/xen/pkg-2026Q4.img"));
	type(&app, "2026Q4, tested on db9");
	press(&app, "Down Space");
	golden_sizes(&app, "swap-filled");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' swap "
	    "db1:pkg /xen/pkg-2026Q4.img --note '2026Q4, tested on db9' "
	    "--move --dry-run");
	(void)buf_str(&child->err, "drydock: warning: it is not clean\n");
	previewed(&app, coming);
	golden_sizes(&app, "swap-ask");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' swap "
	    "db1:pkg /xen/pkg-2026Q4.img --note '2026Q4, tested on db9' "
	    "--move --plan 3fa9c0de");
	end(&app, 0, "", "");
	press(&app, "Enter");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

/* What is typed filters; arrows go through the files and on to the fields. */
static void
typing_and_arrows(void)
{
	struct app app;

	open_form(&app);
	type(&app, "pkg-");
	T(shows(&app, "pkg-2026Q4.img"));
	T(shows(&app, "pkg-try\\033.img"));
	T(!shows(&app, "root.img"));
	type(&app, "x");
	T(shows(&app, "no file begins like that"));
	press(&app, "^W");
	/* Past the end of the files: the next field. */
	type(&app, "r");
	press(&app, "Down");
	T(shows(&app, "Take"));
	press(&app, "Down");
	type(&app, "why");
	press(&app, "Up ^W Down Right");
	T(shows(&app, "/xen/db1/"));
	answer_folder(&app, "/xen/db1/");
	answer_kinds(&app);
	/* And up again. */
	press(&app, "^N ^P Up");
	T(shows(&app, "Preview"));
	press(&app, "Down Up Enter");
	answer_folder(&app, "/xen/");
	answer_kinds(&app);
	T(shows(&app, "  /xen/\n"));
	T(!shows(&app, "/xen/db1/"));
	press(&app, "Down Down Enter Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' swap "
	    "db1:pkg /xen/notes.txt --note why --dry-run");
	end(&app, 1 << 8, "", "");
	press(&app, "Enter Esc");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

/* An answer that comes when the form is gone, or elsewhere, is dropped. */
static void
late_answers(void)
{
	struct folder_look *l;
	struct app app;

	open_app(&app);
	press(&app, "w");
	l = (struct folder_look *)app.looks;
	app.looks = NULL;
	l->found = fix_choices();
	press(&app, "^W");
	app_looked(&app, &l->look);
	T(shows(&app, "reading the folder"));
	l = (struct folder_look *)app.looks;
	app.looks = NULL;
	press(&app, "Esc");
	app_looked(&app, &l->look);
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

/* From the disk. */
static void
looks(void)
{
	char dir[] = "/tmp/test-tui-swap.XXXXXX", path[256];
	struct folder_look *f;
	struct kind_look *k;

	T(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof(path), "%s/.hidden", dir);
	T(close(open(path, O_CREAT | O_WRONLY, 0644)) == 0);
	(void)snprintf(path, sizeof(path), "%s/fifo", dir);
	T(mkfifo(path, 0644) == 0);
	(void)snprintf(path, sizeof(path), "%s/empty.img", dir);
	T(close(open(path, O_CREAT | O_WRONLY, 0644)) == 0);
	T(truncate(path, 1 << 20) == 0);
	f = folder_look_new(dir);
	f->look.run(&f->look);
	T(f->found != NULL && f->found->n == 3);
	if (f->found != NULL && f->found->n == 3) {
		T_STR(f->found->v[0].name, "..");
		T_STR(f->found->v[1].name, "empty.img");
		T(!f->found->v[1].known);
		T_STR(f->found->v[2].what, "not a file");
	}
	f->look.free(&f->look);
	k = kind_look_new(path);
	k->look.run(&k->look);
	T_STR(k->what, "empty, as swap is");
	k->look.free(&k->look);
	k = kind_look_new("Makefile");
	k->look.run(&k->look);
	T_STR(k->what, "not an image");
	k->look.free(&k->look);
	f = folder_look_new("/nowhere/");
	f->look.run(&f->look);
	T(f->found == NULL);
	T_STR(f->why, "No such file or directory");
	f->look.free(&f->look);
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
	T_RUN_BOTH(form);
	T_RUN(typing_and_arrows);
	T_RUN(late_answers);
	T_RUN(looks);
	return t_done();
}
