/* Marks, and what is done with all domUs that have one. */
#include "tests/unit/tui_play.h"
#include "tui/views.h"

/* db1 and web1 share a pkg image, here also web2 has one; jörg has none. */
static void
open_marked(struct app *app)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f;
	size_t i;

	open_app(app);
	f = fix_fleet();
	for (i = 0; i < f->ndomus; i++)
		if (strcmp(f->domus[i].name, "j\xc3\xb6rg") == 0) {
			fix_disk(f, i, ROLE_PKG, true, fix_image(f,
			    "/xen/own/pkg.img", 64, 5));
			fix_disk(f, i, ROLE_SWAP, true, fix_image(f,
			    "/xen/own/swap.img", 64, -1));
		}
	app_fleet(app, f, &e);
	press(app, "*");
}

static void
marks(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct app app;

	open_app(&app);
	press(&app, "Space Down Space");
	golden_at(&app, "marks", 80, 24);
	T(shows(&app, "2 marked"));
	/* They stay through a new snapshot and a filter. */
	app_fleet(&app, fix_fleet(), &e);
	press(&app, "/");
	type(&app, "web");
	press(&app, "Enter");
	T(shows(&app, "2 of 5 domUs match"));
	press(&app, "*");
	T(shows(&app, "4 marked"));
	press(&app, "*");
	T(!shows(&app, "marked"));
	press(&app, "*");
	T(shows(&app, "2 marked"));
	/* First the marks, then the filter. */
	press(&app, "Esc");
	T(!shows(&app, "marked"));
	T(!shows(&app, "running"));
	press(&app, "Esc");
	T(shows(&app, "running"));
	press(&app, "Space Up Space");
	T(!shows(&app, "marked"));
	app_dispose(&app);
}

static void
roll_back_all(void)
{
	struct action *first;
	struct app app;

	open_marked(&app);
	press(&app, "u");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:pkg --dry-run");
	previewed(&app, "db1:pkg: generation 3 would be in place, 4 would be "
	    "kept\n  /xen/pkg.img\n  used by db1 and web1\n  takes effect at "
	    "the next start of db1\nplan: x\n");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "'j\xc3\xb6rg:pkg' --dry-run");
	previewed(&app, "j\xc3\xb6rg:pkg: generation 1 would be in place, 2 "
	    "would be kept\n");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "web2:pkg --dry-run");
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"missing\","
	    "\"message\":\"/xen/web2/pkg.img: no generation before 1\","
	    "\"hint\":\"\"}");
	first = child;
	end(&app, 1 << 8, "", "");
	press(&app, "Enter");		/* nothing was on the screen yet */
	T(child == first);
	golden_sizes(&app, "batch-ask");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "db1:pkg --plan 3fa9c0de");
	press(&app, "Enter q Esc");
	T(shows(&app, "jobs run one after the other"));
	end(&app, 0, "db1:pkg: generation 3 is in place, 4 is kept\n", "");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rollback "
	    "'j\xc3\xb6rg:pkg' --plan 3fa9c0de");
	press(&app, "Down");
	golden_at(&app, "batch-runs", 80, 24);
	end(&app, 0, "j\xc3\xb6rg:pkg: generation 1 is in place, 2 is kept\n",
	    "");
	first = child;
	golden_sizes(&app, "batch-ended");
	press(&app, "Enter");
	T(child == first);
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

/* The first failure is the last job. */
static void
swap_all_until_one_fails(void)
{
	struct app app;

	open_marked(&app);
	press(&app, "w");
	T(shows(&app, "Swap in another image"));
	T(shows(&app, "for 4 images"));
	golden_sizes(&app, "batch-form");
	press(&app, "Enter");
	T(shows(&app, "Image: a path is missing"));
	type(&app, "/xen/in/pkg.img");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' swap "
	    "db1:pkg /xen/in/pkg.img --dry-run");
	previewed(&app, "db1:pkg: generation 5 would be in place\n");
	previewed(&app, "j\xc3\xb6rg:pkg: generation 2 would be in place\n");
	previewed(&app, "web2:pkg: generation 2 would be in place\n");
	T(shows(&app, "Swap 3 images?"));
	/* Cancel leads back to the table, and on to the form. */
	press(&app, "Esc");
	T(shows(&app, "Nothing is written yet."));
	press(&app, "Enter");
	T(shows(&app, "Swap 3 images?"));
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' swap "
	    "db1:pkg /xen/in/pkg.img --plan 3fa9c0de");
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"space\","
	    "\"message\":\"no space left on device\",\"hint\":\"\"}");
	end(&app, 1 << 8, "", "");
	golden_at(&app, "batch-failed", 80, 24);
	press(&app, "Enter");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

static void
leave_while_looking(void)
{
	struct app app;

	open_marked(&app);
	press(&app, "u Esc");
	T_EQ(stops, 1);
	end(&app, 1 << 8, "", "");
	T(shows(&app, "FINDINGS"));
	/* c stops the job, and the rest is not begun. */
	press(&app, "u");
	previewed(&app, "db1:pkg: x\n");
	previewed(&app, "j\xc3\xb6rg:pkg: x\n");
	previewed(&app, "web2:pkg: x\n");
	T(shows(&app, "Roll back 3 images?"));
	press(&app, "Enter c");
	T_EQ(stops, 2);
	end(&app, 1 << 8, "", "");
	T(shows(&app, "not begun"));
	T(shows(&app, "0 of 4 done"));
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(marks);
	T_RUN_BOTH(roll_back_all);
	T_RUN_BOTH(swap_all_until_one_fails);
	T_RUN(leave_while_looking);
	return t_done();
}
