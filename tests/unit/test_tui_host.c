/* The host view: Xen, space, devices; what can't be told says so. */
#include "tests/unit/tui_play.h"
#include "tui/space.h"

static const char devices[] =
	"{ \"xen\": null, \"devices\": [\n"
	"{ \"device\": \"/dev/loop3\", \"name\": null, \"made_of\": \"file\", "
	"\"image\": \"/xen/db1/local.img\", \"holders\": [ { \"kind\": "
	"\"domu\", \"what\": \"db1\", \"vdev\": \"xvdc\", \"pid\": null } ], "
	"\"stale\": null },\n"
	"{ \"device\": \"/dev/loop4\", \"made_of\": \"file\", \"image\": "
	"\"/xen/odd\\u001b[31m.img\", \"holders\": [ { \"kind\": \"device\", "
	"\"what\": \"drydock-7-0\" } ], \"stale\": null },\n"
	"{ \"device\": \"/dev/dm-0\", \"name\": \"drydock-7-0\", \"made_of\": "
	"\"device\", \"image\": \"/xen/odd\\u001b[31m.img\", \"holders\": [ "
	"{ \"kind\": \"mount\", \"what\": \"/var/lib/drydock/mnt/7\" } ], "
	"\"stale\": \"left by drydock process 7, which is dead\" }\n],\n"
	"\"records\": [ { \"record\": \"/x/7\", \"pid\": 7, \"alive\": false, "
	"\"image\": \"/xen/odd.img\", \"mount\": \"/var/lib/drydock/mnt/7\" },"
	" { \"record\": \"/x/9\", \"pid\": 9, \"alive\": true, \"image\": "
	"\"/xen/root.img\", \"mount\": null } ],\n"
	"\"room\": { \"kind\": \"vnd\", \"used\": 2, \"all\": 4 } }\n";

static void
open_host(struct app *app)
{
	open_app(app);
	press(app, "I");
}

/* Answer the look at space. */
static void
answer(struct app *app)
{
	struct space_look *l = (struct space_look *)app->looks;

	T(l != NULL);
	if (l == NULL)
		return;
	app->looks = l->look.next;
	spaces_free(l->v, l->n);
	l->v = calloc(3, sizeof(*l->v));
	l->n = 3;
	l->v[0] = (struct space){ .at = strdup("/xen"), .size = 100ULL << 30,
	    .free = 3ULL << 30, .images = 12, .taken = 90ULL << 30 };
	l->v[1] = (struct space){ .at = strdup("/a/path/that/is/long"),
	    .size = 10ULL << 30, .free = 8ULL << 30, .images = 1,
	    .taken = 1 << 20 };
	l->v[2] = (struct space){ .at = strdup("/gone"),
	    .error = strdup("Stale file handle") };
	app_looked(app, &l->look);
}

static void
screens(void)
{
	struct app app;

	open_host(&app);
	T_STR(child->command, "drydock --config '/etc/my dock.conf' devices "
	    "--json");
	T(shows(&app, "asking the kernel"));
	T(shows(&app, "looking"));
	golden_at(&app, "host-waits", 80, 24);
	answer(&app);
	end(&app, 0, devices, "");
	golden_sizes(&app, "host");
	press(&app, "/");
	type(&app, "dead");
	press(&app, "Enter");
	T(shows(&app, "which is dead"));
	app_dispose(&app);
}

static void
with_xen(void)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f = fix_fleet();
	struct app app;

	free(f->xen);
	f->xen = NULL;
	f->host = (struct xen_host){ .version = "4.17.3", .cpus = 4,
	    .memory = 16ULL << 30, .free = 1ULL << 30 };
	f->domus[0].id = 7;
	T_OK(app_init(&app, in_utf8, &config, &e));
	app.runner = &fake;
	(void)snprintf(app.model.host, sizeof(app.model.host), "dom0");
	app_fleet(&app, f, &e);
	press(&app, "I");
	answer(&app);
	end(&app, 0, devices, "");
	golden_sizes(&app, "host-xen");
	app_dispose(&app);
}

static void
failures(void)
{
	struct action *a;
	struct app app;

	open_host(&app);
	answer(&app);
	tell(&app, "{\"event\":\"result\",\"status\":1,\"code\":\"perm\","
	    "\"message\":\"only root may look\",\"hint\":\"\"}");
	end(&app, 1 << 8, "", "");
	T(shows(&app, "only root may look"));
	press(&app, "r");
	T(!shows(&app, "only root may look"));
	end(&app, 0, "nonsense", "");
	T(shows(&app, "the devices can't be told"));
	press(&app, "r");
	end(&app, 0, "{ \"devices\": 7, \"records\": [ 3, null, {} ], "
	    "\"room\": [] }", "");
	T(shows(&app, " none"));
	/* left while it reads */
	press(&app, "r");
	a = action_ref(child);
	press(&app, "q");
	T(a->stopping);
	T(shows(&app, "FINDINGS"));
	action_unref(a);
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
	T_RUN_BOTH(with_xen);
	T_RUN(failures);
	return t_done();
}
