/* How images are encrypted, on the screen. */
#include "core/fleet/encryption.h"
#include "tests/unit/tui_play.h"

/* The disk of that role is a cgd, of which that is known. */
static struct encryption *
encrypt(struct fleet *f, const char *domu, enum fleet_role role,
    const char *params, const char *algorithm, uint32_t keylen)
{
	struct fleet_disk *d = (struct fleet_disk *)(uintptr_t)
	    fleet_disk_of(fleet_find(f, domu), role);
	struct encryption *c = calloc(1, sizeof(*c));

	d->params = strdup(params);
	d->encryption = c;
	d->image->probe.kind = PROBE_ENCRYPTED;
	c->algorithm = strdup(algorithm);
	c->keylen = keylen;
	c->verify = "ffs";
	c->keygens = calloc(1, sizeof(*c->keygens));
	c->keygens[0] = (struct encryption_keygen){ .method = "argon2id",
	    .iterations = 4, .memory = 262144 };
	c->nkeygens = 1;
	c->file_time = 1709290000;
	return c;
}

static void
open_encrypted(struct app *app)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f = fix_fleet();
	struct encryption *c;

	(void)encrypt(f, "db1", ROLE_LOCAL, "/xen/db1/local.params", "aes-xts",
	    256);
	c = encrypt(f, "db1", ROLE_PKG, "/xen/pkg.params", "blowfish-cbc",
	    128);
	c->weak = ENCRYPTION_SMALL_BLOCKS;
	c->key_time = 1712000000;
	T_OK(app_init(app, true, &config, &e));
	app->runner = &fake;
	app->config_path = "/etc/my dock.conf";
	(void)snprintf(app->model.host, sizeof(app->model.host), "dom0");
	app_fleet(app, f, &e);
}

static void
disks(void)
{
	struct app app;

	open_encrypted(&app);
	golden_screen(&app, "keys-fleet-80x24", 80, 24, true);
	golden_screen(&app, "keys-fleet-60x16", 60, 16, false);
	golden_screen(&app, "keys-fleet-132x43", 132, 43, false);
	press(&app, "Enter");
	T(shows(&app, "/xen/root.img"));
	press(&app, "End");
	golden_screen(&app, "keys-domu-80x24", 80, 24, true);
	app_dispose(&app);
}

int
main(void)
{
	if (!utf8_locale()) {
		printf("# skip no UTF-8 locale\nok 1 - skipped\n");
		return 0;
	}
	T(setenv("TZ", "UTC", 1) == 0);
	T_RUN(disks);
	return t_done();
}
