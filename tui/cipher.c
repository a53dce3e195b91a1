/* What can be asked for of encrypted images; see cipher.h. */
#include <stdio.h>
#include <string.h>

#include "core/fleet/encryption.h"
#include "core/fleet/target.h"
#include "tui/cipher.h"
#include "tui/menu.h"

static const struct {
	enum cmd		 cmd;
	const struct recipe	*recipe;
} verbs[] = {
	{ CMD_PASSPHRASE, &recipe_passwd },
	{ CMD_REKEY, &recipe_rekey },
	{ CMD_REKEY_PAUSE, &recipe_pause },
	{ CMD_REKEY_RESUME, &recipe_resume },
};
#define NVERBS	(sizeof(verbs) / sizeof(verbs[0]))

/* NVERBS: it is none. */
static size_t
verb_of(enum cmd cmd)
{
	size_t i = 0;

	while (i < NVERBS && verbs[i].cmd != cmd)
		i++;
	return i;
}

bool
cipher_is_command(enum cmd cmd)
{
	return cmd == CMD_ENCRYPTION || verb_of(cmd) < NVERBS;
}

/* NULL: it can be for one of its images.  Else what stands in the way of the
 * first that is encrypted. */
static const char *
images_why_not(const struct fleet_domu *d, const struct recipe *r)
{
	const char *why = NULL, *first = NULL;
	const struct fleet_disk *disk;
	int i;

	for (i = ROLE_ROOT; i < ROLE_COUNT; i++) {
		disk = fleet_disk_of(d, (enum fleet_role)i);
		if (disk == NULL || disk->image == NULL)
			continue;
		if ((why = r->target_why_not(d, disk)) == NULL)
			return NULL;
		if (disk->params != NULL && first == NULL)
			first = why;
	}
	return first != NULL ? first : why != NULL ? why : "it has no image";
}

const char *
cipher_why_not(const struct fleet_domu *d, enum cmd cmd)
{
	if (d == NULL)
		return "no domU is selected";
	if (d->error != NULL)
		return "its configuration can't be read";
	if (d->name[0] == '-')
		return "its name begins with -: drydock's commands take no "
		    "such name";
	return cmd == CMD_ENCRYPTION ? NULL :
	    images_why_not(d, verbs[verb_of(cmd)].recipe);
}

/* -- the menu ------------------------------------------------------------ */

static const enum cmd menu_verbs[] = { CIPHER_COMMANDS };
static const enum cmd menu_commands[] = { MENU_COMMANDS(CIPHER_COMMANDS) };

static const char *
verb_why_not(const struct model *m, const struct fleet_domu *d,
    const struct list *marked, enum cmd cmd)
{
	(void)m;
	(void)marked;
	return cipher_why_not(d, cmd);
}

static void
verb_command(struct app *app, const struct fleet_domu *d,
    const struct list *marked, enum cmd cmd)
{
	(void)marked;
	cipher_command(app, d, cmd);
}

const struct menu cipher_menu = {
	.verbs = menu_verbs,
	.nverbs = sizeof(menu_verbs) / sizeof(menu_verbs[0]),
	.why_not = verb_why_not, .command = verb_command,
	.ops = MENU_OPS(menu_commands),
};

void
cipher_pause(struct app *app, const char *word)
{
	const char *const words[] = { "rekey", "--pause", word, NULL };
	struct dd_err e = DD_ERR_INIT;
	char title[INPUT_MAX + 32];
	struct action *a;

	(void)snprintf(title, sizeof(title), "pause of %s", word);
	if ((a = app_run(app, title, true, words, &e)) == NULL)
		app_say_error(app, &e);
	else
		app_say(app, STYLE_PENDING, "%s: asked to pause", word);
	action_unref(a);
}

/* Each of its images that is being re-encrypted. */
static void
pause_all(struct app *app, const struct fleet_domu *d)
{
	struct order o = { .recipe = &recipe_pause };
	const struct fleet_disk *disk;
	int i;

	for (i = ROLE_ROOT; i < ROLE_COUNT; i++) {
		disk = fleet_disk_of(d, (enum fleet_role)i);
		if (disk == NULL || disk->image == NULL ||
		    !disk->image->rekeying)
			continue;
		order_set_target(&o, 0, d, (enum fleet_role)i);
		cipher_pause(app, order_image(&o));
	}
}

void
cipher_command(struct app *app, const struct fleet_domu *d, enum cmd cmd)
{
	if (cmd == CMD_ENCRYPTION)
		view_menu_open(app, &cipher_menu, d, NULL);
	else if (cmd == CMD_REKEY_PAUSE)
		pause_all(app, d);
	else
		view_prepare_open(app, verbs[verb_of(cmd)].recipe, d,
		    ROLE_LOCAL);
}

bool
cipher_can_resume(const struct model *m, const char *word)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct target t;

	return m->fleet != NULL && target_find(m->fleet, word, &t,
	    &ignored) == 0 && t.disk->image->rekeying;
}

void
cipher_resume(struct app *app, const char *word)
{
	struct dd_err e = DD_ERR_INIT;
	struct target t;

	if (target_find(app->model.fleet, word, &t, &e) == -1)
		app_say_error(app, &e);
	else
		view_prepare_open(app, &recipe_resume, t.domu, t.role);
}
