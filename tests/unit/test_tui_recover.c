/* The banner for what was cut short, and R. */
#include "tests/unit/tui_play.h"

/* texts: of findings that recover mends, up to NULL; among others. */
static void
cut(struct app *app, const char *const *texts)
{
	struct doctor *all = calloc(1, sizeof(*all));
	struct dd_err e = DD_ERR_INIT;
	size_t n = 0;

	while (texts[n] != NULL)
		n++;
	all->v = calloc(n + 1, sizeof(*all->v));
	for (; all->n < n; all->n++)
		all->v[all->n] = (struct doctor_finding){
		    .kind = FOUND_INTERRUPTED, .severity = SEV_ERROR,
		    .mend = MEND_RECOVER, .text = strdup(texts[all->n]) };
	all->v[all->n++] = (struct doctor_finding){ .kind = FOUND_PRUNABLE,
	    .mend = MEND_PRUNE, .text = strdup("old generations") };
	app_doctor(app, all);
	app_fleet(app, fix_fleet(), &e);
}

#define TEXTS(...)	(const char *const []){ __VA_ARGS__, NULL }

static void
banner_and_question(void)
{
	struct app app;

	open_app(&app);
	press(&app, "R");
	T(shows(&app, "nothing was cut short"));
	cut(&app, TEXTS("pkg: /xen/pkg.img: another generation was being put "
	    "in place, and that was cut short"));
	press(&app, "Home");
	golden_sizes(&app, "recover");
	press(&app, "R");
	golden_sizes(&app, "recover-ask");
	child = NULL;
	press(&app, "Enter");
	T(child == NULL);
	press(&app, "R Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' recover");
	T(child->changes);
	end(&app, 0, "/xen/pkg.img: its generations are in order again\n", "");
	T(app.want_refresh);
	cut(&app, (const char *const []){ NULL });
	press(&app, "Enter");
	T(!shows(&app, "cut short"));
	cut(&app, TEXTS("a", "b", "c"));
	T(shows(&app, "3 changes were cut short: R brings them to an end"));
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T_RUN_BOTH(banner_and_question);
	return t_done();
}
