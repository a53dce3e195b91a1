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
	c->passphrases = 1;
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
	T_OK(app_init(app, in_utf8, &config, &e));
	app->runner = &fake;
	app->config_path = "/etc/my dock.conf";
	(void)snprintf(app->model.host, sizeof(app->model.host), "dom0");
	app_fleet(app, f, &e);
	child = NULL;
}

static void
disks(void)
{
	struct app app;

	open_encrypted(&app);
	golden_sizes(&app, "keys-fleet");
	golden_at(&app, "keys-fleet", 60, 16);
	press(&app, "Enter");
	T(shows(&app, "/xen/root.img"));
	press(&app, "End");
	golden_sizes(&app, "keys-domu");
	press(&app, "End");
	golden_at(&app, "keys-domu-end", 40, 12);
	app_dispose(&app);
}

/* -- another passphrase -------------------------------------------------- */

/* What the child that was started last is to read: "" for nothing. */
static char given[256];

static int
start(struct action *a, struct dd_err *e)
{
	given[0] = '\0';
	if (a->passphrases.p != NULL)
		(void)snprintf(given, sizeof(given), "%.*s",
		    (int)a->passphrases.len,
		    (const char *)a->passphrases.p);
	return fake_start(a, e);
}

static const struct runner_ops secretive = { start, fake_stop, start };

/* Is it nowhere but where it is to be: neither on the screen nor in what is
 * run and written down? */
static bool
kept_quiet(struct app *app, const char *secret)
{
	size_t i;

	for (i = 0; child != NULL && child->argv[i] != NULL; i++)
		if (strstr(child->argv[i], secret) != NULL)
			return false;
	return !shows(app, secret) && (child == NULL ||
	    (strstr(child->command, secret) == NULL &&
	    strstr(child->title, secret) == NULL));
}

static void
passphrase_form(void)
{
	struct app app;

	open_encrypted(&app);
	app.runner = &secretive;
	press(&app, "e");
	golden_sizes(&app, "keys-menu");
	press(&app, "p");
	golden_sizes(&app, "passwd-form");
	type(&app, "the old one");
	/* nothing is asked for twice without a second look */
	press(&app, "Enter");
	T(shows(&app, "New: a passphrase is missing"));
	type(&app, "P4ssw0rd");
	T(shows(&app, "weak, about "));
	press(&app, "^U");
	type(&app, "kT7#mq2!vX9z");
	T(shows(&app, "strong, about "));
	press(&app, "Down");
	type(&app, "kT7#");
	T(shows(&app, "the same so far"));
	type(&app, "w");
	golden_sizes(&app, "passwd-typed");
	press(&app, "Enter");
	T(shows(&app, "New, again: not the same as before"));
	app_key(&app, K_BACKSPACE);
	type(&app, "mq2!vX9z");
	T(shows(&app, "the same\n") && !shows(&app, "so far"));
	T(kept_quiet(&app, "kT7#") && kept_quiet(&app, "old one"));
	/* the new one is changed once it was typed again */
	press(&app, "Up");
	type(&app, ".");
	T(shows(&app, "not the same: ^U begins anew"));
	app_key(&app, K_BACKSPACE);
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cgd "
	    "passwd db1:local --passphrase-fd 4 -n");
	T_STR(given, "the old one\nkT7#mq2!vX9z\n");
	T(kept_quiet(&app, "kT7#") && kept_quiet(&app, "old one"));
	end(&app, 0, "/xen/db1/local.params: would get another passphrase\n",
	    "");
	golden_sizes(&app, "passwd-ask");
	press(&app, "Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cgd "
	    "passwd db1:local --passphrase-fd 4");
	T_STR(given, "the old one\nkT7#mq2!vX9z\n");
	T(kept_quiet(&app, "kT7#") && kept_quiet(&app, "old one"));
	end(&app, 0, "The key is the one that it was\n", "");
	press(&app, "Enter");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

/* Which image, and which keygen; a wrong passphrase leads back to the form. */
static void
passphrase_of_another(void)
{
	struct app app;

	open_encrypted(&app);
	app.runner = &secretive;
	press(&app, "e Enter");
	T(shows(&app, "db1:local"));
	T(!shows(&app, "blowfish-cbc"));
	/* two images: the first field chooses */
	press(&app, "Up Up Space");
	T(shows(&app, "db1:pkg"));
	T(shows(&app, "blowfish-cbc 128"));
	press(&app, "Down Left");
	T(shows(&app, "pkcs5_pbkdf2/sha1"));
	type(&app, "z");		/* letters choose nothing */
	press(&app, "Left");
	T(shows(&app, "argon2id"));
	press(&app, "Down");
	type(&app, "a");
	press(&app, "Down");
	type(&app, "b");
	press(&app, "Down");
	type(&app, "b");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cgd "
	    "passwd db1:pkg -k argon2id --passphrase-fd 4 -n");
	T_STR(given, "a\nb\n");
	tell(&app, "{\"event\":\"result\",\"message\":\"wrong passphrase\"}");
	end(&app, 1 << 8, "", "");
	T(shows(&app, "wrong passphrase"));
	press(&app, "Enter");
	T(shows(&app, "argon2id"));
	press(&app, "Enter");
	T_STR(given, "a\nb\n");
	end(&app, 1 << 8, "", "");
	app_dispose(&app);
}

/* A second factor that is a command: it is asked whether that may run, and the
 * passphrases are there for the second try, too. */
static void
passphrase_and_command(void)
{
	struct app app;

	open_encrypted(&app);
	app.runner = &secretive;
	press(&app, "e p");
	type(&app, "a");
	press(&app, "Down");
	type(&app, "b");
	press(&app, "Down");
	type(&app, "b");
	press(&app, "Enter");
	tell(&app, "{\"event\":\"question\",\"text\":\"Run it?\",\"detail\":"
	    "\"vault\",\"answer\":[\"--allow-cmd\",\"1234\"]}");
	given[0] = '\0';
	end(&app, 1 << 8, "", "");
	T(shows(&app, "Run it?"));
	press(&app, "Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cgd "
	    "passwd db1:local --allow-cmd 1234 --passphrase-fd 4 -n");
	T_STR(given, "a\nb\n");
	end(&app, 0, "fine\n", "");
	press(&app, "Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' cgd "
	    "passwd db1:local --allow-cmd 1234 --passphrase-fd 4");
	T_STR(given, "a\nb\n");
	end(&app, 0, "", "");
	app_dispose(&app);
}

/* Where there is none to change. */
static void
passphrase_refused(void)
{
	static const struct {
		unsigned	 passphrases;
		bool		 random;
		const char	*error, *verify, *why;
	} cases[] = {
		{ 0, true, NULL, "ffs", "a new one each time" },
		{ 2, false, NULL, "ffs", "several passphrases" },
		{ 1, false, NULL, "re-enter", "by typing it twice" },
		{ 0, false, "/xen/p: Permission denied", "ffs",
		    "Permission denied" },
	};
	struct encryption *c;
	struct app app;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_app(&app);
		c = encrypt(app.model.fleet, "db1", ROLE_LOCAL, "/xen/p",
		    "aes-xts", 256);
		c->passphrases = cases[i].passphrases;
		c->random = cases[i].random;
		c->verify = cases[i].verify;
		if (cases[i].error != NULL)
			c->error = strdup(cases[i].error);
		press(&app, "e");
		T(shows(&app, cases[i].why));
		press(&app, "p");
		T(shows(&app, cases[i].why));
		app_dispose(&app);
	}
	open_app(&app);
	press(&app, "e p");
	T(shows(&app, "no image of it is known to be encrypted"));
	app_dispose(&app);
	/* a stored key: there is no old one to be asked for */
	open_app(&app);
	app.runner = &secretive;
	c = encrypt(app.model.fleet, "db1", ROLE_LOCAL, "/xen/p", "aes-xts",
	    256);
	c->passphrases = 0;
	press(&app, "e p");
	T(!shows(&app, "opens it now"));
	type(&app, "new");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Enter");
	T_STR(given, "new\n");
	end(&app, 1 << 8, "", "");
	app_dispose(&app);
}

/* -- another key --------------------------------------------------------- */

static void
rekey_form(void)
{
	struct app app;

	open_encrypted(&app);
	app.runner = &secretive;
	press(&app, "e r");
	golden_sizes(&app, "rekey-form");
	type(&app, "old");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "db1:local --algorithm aes-xts --keylen 256 -k argon2id "
	    "--passphrase-fd 4 -n");
	T_STR(given, "old\nnew\n");
	previewed(&app, "/xen/db1/local.img: would be encrypted anew\n");
	golden_sizes(&app, "rekey-ask");
	press(&app, "Tab Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "db1:local --algorithm aes-xts --keylen 256 -k argon2id "
	    "--passphrase-fd 4 --plan 3fa9c0de");
	T_STR(given, "old\nnew\n");
	tell(&app, "{\"event\":\"step\",\"name\":\"encrypt\",\"n\":3,"
	    "\"of\":6}");
	tell(&app, "{\"event\":\"progress\",\"what\":\"encrypting\",\"done\":"
	    "104857600,\"total\":536870912,\"rate\":1048576,\"eta\":412}");
	golden_sizes(&app, "rekey-runs");
	end(&app, 0, "", "");
	app_dispose(&app);
}

/* What is chosen decides what is asked for, and what runs. */
static void
rekey_answers(void)
{
	struct app app;

	open_encrypted(&app);
	app.runner = &secretive;
	/* to plain: no new passphrase; the domU runs, and may be restarted */
	press(&app, "e r Up Up Left");
	T(shows(&app, "not encrypted any more"));
	T(!shows(&app, "New, again"));
	T(!shows(&app, "argon2id\n"));
	press(&app, "Down");
	type(&app, "old");
	press(&app, "Down Space Down Space Down Down Space Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "db1:local --plain --sparse --no-readback --restart "
	    "--passphrase-fd 4 -n");
	T_STR(given, "old\n");
	end(&app, 1 << 8, "", "");
	press(&app, "Enter Esc");
	/* parameters of a file that ask for nothing */
	press(&app, "e r Up Up Left Left Down Enter");
	T(shows(&app, "File: a path is missing"));
	type(&app, "-new.params");
	press(&app, "Enter");
	T(shows(&app, "Old: a passphrase is missing"));
	type(&app, "old");
	T(shows(&app, "it asks for none"));
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "db1:local --new-params ./-new.params --passphrase-fd 4 -n");
	T_STR(given, "old\n");
	end(&app, 1 << 8, "", "");
	press(&app, "Enter Esc");
	/* one that is not encrypted yet: no old passphrase */
	press(&app, "e r Up Up Up Left");
	T(shows(&app, "not encrypted"));
	T(!shows(&app, "opens it now"));
	press(&app, "Down Right Right Down Right Down");
	type(&app, "new");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "db1:swap --algorithm adiantum --keylen 256 -k "
	    "pkcs5_pbkdf2/sha1 --passphrase-fd 4 -n");
	T_STR(given, "new\n");
	end(&app, 1 << 8, "", "");
	app_dispose(&app);
}

/* In place: the image's name has to be typed. */
static void
rekey_in_place(void)
{
	struct action *preview;
	struct app app;

	open_encrypted(&app);
	app.runner = &secretive;
	press(&app, "e r");
	type(&app, "old");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Down Down Down Space");
	T(shows(&app, "there is no way back"));
	T(!shows(&app, "Sparse"));
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "db1:local --algorithm aes-xts --keylen 256 -k argon2id "
	    "--in-place --yes --passphrase-fd 4 -n");
	/* it names no plan */
	end(&app, 0, "/xen/db1/local.img: would be encrypted anew\n", "");
	preview = child;
	golden_sizes(&app, "rekey-in-place");
	type(&app, "local");
	press(&app, "Enter");
	T(child == preview);
	T(shows(&app, "not the word that is asked for"));
	type(&app, ".img");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "db1:local --algorithm aes-xts --keylen 256 -k argon2id "
	    "--in-place --yes --passphrase-fd 4");
	T_STR(given, "old\nnew\n");
	end(&app, 0, "", "");
	app_dispose(&app);
}

/* It is being re-encrypted, and 40% of it is done. */
static void
half_done(struct app *app)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *f = fix_fleet();
	struct fleet_image *img;

	(void)encrypt(f, "db1", ROLE_LOCAL, "/xen/db1/local.params", "aes-xts",
	    256);
	img = fleet_disk_of(fleet_find(f, "db1"), ROLE_LOCAL)->image;
	img->rekeying = true;
	img->rekey_percent = 40;
	img->error = strdup("/xen/db1/local.img: is being re-encrypted");
	app_fleet(app, f, &e);
}

/* A job in place pauses by a key, and goes on by another. */
static void
rekey_paused(void)
{
	struct action *job;
	struct app app;

	open_encrypted(&app);
	app.runner = &secretive;
	press(&app, "e r");
	type(&app, "old");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Down Down Down Space Enter");
	end(&app, 0, "", "");
	(void)shows(&app, "Type local.img");
	type(&app, "local.img");
	press(&app, "Enter");
	job = child;
	tell(&app, "{\"event\":\"progress\",\"what\":\"re-encrypting\",\"done\":"
	    "214748364,\"total\":536870912,\"rate\":9437184,\"eta\":34}");
	golden_sizes(&app, "rekey-pausable");
	press(&app, "p");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "--pause db1:local");
	T_STR(given, "");
	T(shows(&app, "asked to pause"));
	end(&app, 0, "", "");
	T(!shows(&app, "Go on"));
	child = job;
	half_done(&app);
	end(&app, 0, "/xen/db1/local.img: paused, 40% is under the new "
	    "key\n", "");
	golden_at(&app, "rekey-paused", 80, 24);
	press(&app, "p");		/* it does not run: no such key */
	T(child == job);
	press(&app, "o");
	golden_sizes(&app, "rekey-resume");
	type(&app, "old");
	press(&app, "Down");
	type(&app, "new");
	press(&app, "Enter");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "--resume db1:local --passphrase-fd 4");
	T_STR(given, "old\nnew\n");
	T(kept_quiet(&app, "old\n") && kept_quiet(&app, "new\n"));
	/* which can be paused again */
	T(shows(&app, "pPause") || shows(&app, "PPause"));
	end(&app, 0, "", "");
	press(&app, "Enter");
	T(shows(&app, "FINDINGS"));
	app_dispose(&app);
}

/* The same from the menu, by whoever finds it so; and nothing else. */
static void
rekey_found_half_done(void)
{
	struct app app;

	open_app(&app);
	app.runner = &secretive;
	press(&app, "e P");
	T(shows(&app, "no image of it is being re-encrypted"));
	press(&app, "Esc");
	half_done(&app);
	golden_at(&app, "rekey-half", 80, 24);
	press(&app, "e");
	golden_sizes(&app, "rekey-half-menu");
	press(&app, "p");
	T(shows(&app, "go on with that first"));
	press(&app, "P");
	T_STR(child->command, "drydock --config '/etc/my dock.conf' rekey "
	    "--pause db1:local");
	end(&app, 0, "", "");
	press(&app, "e o Down");
	type(&app, "new");
	press(&app, "Enter");
	/* from plain: there is no old one */
	T_STR(given, "new\n");
	end(&app, 0, "", "");
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
	T_RUN_BOTH(disks);
	T_RUN_BOTH(passphrase_form);
	T_RUN(passphrase_of_another);
	T_RUN(passphrase_and_command);
	T_RUN(passphrase_refused);
	T_RUN_BOTH(rekey_form);
	T_RUN(rekey_answers);
	T_RUN_BOTH(rekey_in_place);
	T_RUN_BOTH(rekey_paused);
	T_RUN_BOTH(rekey_found_half_done);
	return t_done();
}
