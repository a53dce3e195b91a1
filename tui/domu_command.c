/* What can be done with a domU, from every view that shows one; see views.h. */
#include <string.h>

#include "tui/cipher.h"
#include "tui/life.h"

/* The image of the domU that each command is about.  A root is asked for where
 * the domU has none. */
static const struct {
	enum cmd	 cmd;
	enum fleet_role	 role;		/* ROLE_OTHER: none is needed */
	bool		 anyway;	/* also without a domU */
} about[] = {
	{ CMD_ROLLBACK, ROLE_PKG, false },
	{ CMD_SWAP, ROLE_PKG, false },
	{ CMD_GENERATIONS, ROLE_OTHER, false },
	{ CMD_PREPARE, ROLE_OTHER, true },
	{ CMD_PREPARE_LOCAL, ROLE_OTHER, false },
};

const char *
role_why_not(const struct fleet_domu *d, enum fleet_role role)
{
	const struct fleet_disk *disk;

	if (d->error != NULL)
		return "its configuration can't be read";
	if (d->name[0] == '-')
		return "its name begins with -: drydock's commands take no "
		    "such name";
	disk = fleet_disk_of(d, role);
	if (disk != NULL && disk->image != NULL)
		return NULL;
	switch (role) {
	case ROLE_ROOT:
		return "it has no root image";
	case ROLE_SWAP:
		return "it has no swap image";
	case ROLE_LOCAL:
		return "it has no local image";
	default:
		return "it has no pkg image";
	}
}

const char *
domu_why_not(const struct model *m, const struct fleet_domu *d, enum cmd cmd)
{
	size_t i;

	for (i = 0; i < sizeof(about) / sizeof(about[0]); i++) {
		if (about[i].cmd != cmd)
			continue;
		if (d == NULL && !about[i].anyway)
			return "no domU is selected";
		return about[i].role == ROLE_OTHER ? NULL :
		    role_why_not(d, about[i].role);
	}
	if (cipher_is_command(cmd))
		return cipher_why_not(d, cmd);
	return life_why_not(m, d, cmd);
}

static void
roll_back(struct app *app, const struct fleet_domu *d)
{
	struct order o = { .recipe = &recipe_rollback };

	order_set_target(&o, ROLLBACK_TARGET, d, ROLE_PKG);
	view_preview_run(app, &o);
}

/* Of pkg, or where there is none of what it has. */
static void
open_generations(struct app *app, const struct fleet_domu *d)
{
	static const enum fleet_role roles[] = { ROLE_PKG, ROLE_ROOT,
	    ROLE_LOCAL, ROLE_SWAP };
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (role_why_not(d, roles[i]) == NULL) {
			view_generations_open(app, d, roles[i]);
			return;
		}
	app_say(app, STYLE_WARN, "%s", role_why_not(d, ROLE_PKG));
}

bool
domu_command(struct app *app, const struct fleet_domu *d, enum cmd cmd)
{
	switch (cmd) {
	case CMD_ROLLBACK:
		roll_back(app, d);
		return true;
	case CMD_SWAP:
		view_prepare_open(app, &recipe_swap, d, ROLE_PKG);
		return true;
	case CMD_GENERATIONS:
		open_generations(app, d);
		return true;
	case CMD_PREPARE:
		view_prepare_open(app, &recipe_root, d, ROLE_ROOT);
		return true;
	case CMD_PREPARE_LOCAL:
		view_prepare_open(app, &recipe_local, d, ROLE_LOCAL);
		return true;
	default:
		if (cipher_is_command(cmd)) {
			cipher_command(app, d, cmd);
			return true;
		}
		return life_command(app, d, cmd);
	}
}
