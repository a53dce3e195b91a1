/* What mends a finding; see mend.h. */
#include <stdio.h>

#include "tui/fleet_more.h"
#include "tui/life.h"
#include "tui/mend.h"

static const struct recipe recipe_clean = {
	.words = { "devices", "--clean" }, .title = "clean-up",
	.what = "stale devices", .question = "Take down",
	.warning = "Only what a dead command of drydock's, or block-drydock "
	    "for a domU that has gone, has left.  What somebody else holds "
	    "stays.",
	.yes = "Take down", .dry = "--dry-run", .brief = true,
	.planless = true, .nothing = "nothing is stale",
};

static const struct recipe recipe_repair = {
	.words = { "check", "--repair" }, .title = "repair",
	.question = "Repair",
	.warning = "Its journal is replayed, and what needs no decision is "
	    "mended, all or nothing.  drydock undo, or rolling back, takes "
	    "that back.",
	.yes = "Repair", .dry = "--dry-run", .brief = true, .planless = true,
	.undoable = true, .image = 0, .nfields = 1, .field = {
		{ .label = "Image", .flags = FIELD_FIXED | FIELD_PATH },
	},
};

/* The domU, as it is now; or NULL. */
static const struct fleet_domu *
domu_of(const struct model *m, const struct doctor_finding *f)
{
	return f->ndomus == 0 || m->fleet == NULL ? NULL :
	    fleet_find(m->fleet, f->domus[0]);
}

const char *
mend_why_not(const struct model *m, const struct doctor_finding *f)
{
	switch (f->mend) {
	case MEND_NONE:
		return f->hint != NULL ? f->hint : "no command mends it";
	case MEND_RESTART:
		return life_why_not(m, domu_of(m, f), CMD_REBOOT);
	case MEND_REPAIR:
		return f->image == NULL ? "it is of no image" : NULL;
	default:
		return NULL;
	}
}

static void
prune(struct app *app)
{
	struct order o = { .recipe = &recipe_prune };

	(void)snprintf(o.typed, sizeof(o.typed), "prune");
	(void)snprintf(o.remark, sizeof(o.remark), "All of these are deleted: "
	    "there is no undo.  Of an image without a generation that is "
	    "marked good it may be the last that worked; the domU's "
	    "generations show them, and mark or pin what shall stay.");
	view_preview_run(app, &o);
}

void
mend_begin(struct app *app, const struct doctor_finding *f)
{
	struct order o = { .recipe = &recipe_clean };

	switch (f->mend) {
	case MEND_RECOVER:
		fleet_recover(app);
		break;
	case MEND_RESTART:
		(void)life_command(app, domu_of(&app->model, f), CMD_REBOOT);
		break;
	case MEND_REPAIR:
		o.recipe = &recipe_repair;
		order_set(&o, 0, f->image);
		view_preview_run(app, &o);
		break;
	case MEND_CLEAN:
		view_preview_run(app, &o);
		break;
	case MEND_PRUNE:
		prune(app);
		break;
	case MEND_NONE:
		break;
	}
}
