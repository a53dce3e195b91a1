/* The recipes, and command lines made from their forms; see recipe.h. */
#include <stdio.h>
#include <string.h>

#include "tui/action.h"
#include "tui/recipe.h"

#define WORD(n)		WORD_OF(n)
#define WORD_OF(n)	#n

static const char *
image_of(const struct fleet_domu *d, enum fleet_role role)
{
	const struct fleet_disk *disk = fleet_disk_of(d, role);

	return disk == NULL || disk->image == NULL ? NULL : disk->image->path;
}

static const char *
root_of(const struct fleet_domu *d)
{
	return image_of(d, ROLE_ROOT);
}

static const char *
local_of(const struct fleet_domu *d)
{
	return image_of(d, ROLE_LOCAL);
}

static const char *
local_params_of(const struct fleet_domu *d)
{
	const struct fleet_disk *disk = fleet_disk_of(d, ROLE_LOCAL);

	return disk == NULL ? NULL : disk->params;
}

static const char *
name_of(const struct fleet_domu *d)
{
	return d->name;
}

const struct recipe recipe_root = {
	.words = { "prepare", "root" }, .title = "prepare root",
	.heading = "Prepare a root image",
	.about = "Makes a full NetBSD install in the image fit to be a "
	    "shared, read-only root: /dev in memory, the hook in /etc/rc "
	    "that mounts /local, the kernel as /netbsd.",
	.question = "Prepare this root image?", .yes = "Prepare",
	.dry = "--dry-run",
	.warning = "It is changed as the preview shows, whole or not at all.  "
	    "Files that change are kept in it as *.orig.  The way back: u where "
	    "the image has generations, else drydock undo, until somebody "
	    "else writes to it.",
	.image = 0, .nfields = 2, .field = {
		{ .label = "Image", .flags = FIELD_PATH, .of_domu = root_of },
		{ .label = "Kernel", .option = "-k", .flags = FIELD_PATH,
		    .preset = "netbsd-XENU" },
	},
};

const struct recipe recipe_local = {
	.words = { "prepare", "local" }, .title = "prepare local",
	.heading = "Prepare a local image",
	.about = "Copies etc, tmp and var of the root to the domU's own "
	    "image, and makes them this domU's: fstab, rc.conf, encrypted "
	    "swap.  What is in the image already stays.",
	.question = "Prepare this local image?", .yes = "Prepare",
	.dry = "--dry-run",
	.warning = "It is made or changed as the preview shows, whole or not "
	    "at all.  The way back: u where the image has generations, else "
	    "drydock undo, until somebody else writes to it.",
	.image = 1, .nfields = 7, .field = {
		{ .label = "Root", .flags = FIELD_PATH, .of_domu = root_of },
		{ .label = "Local", .flags = FIELD_PATH | FIELD_MADE,
		    .of_domu = local_of },
		{ .label = "Size", .option = "-s", .flags = FIELD_FOR_NEW,
		    .note = "of the new image, such as 256m or 2g" },
		{ .label = "Hostname", .option = "--hostname",
		    .flags = FIELD_OPTIONAL, .of_domu = name_of },
		{ .label = "IP/prefix", .option = "--ip",
		    .flags = FIELD_OPTIONAL,
		    .note = "such as 192.0.2.7/24; empty: as it is" },
		{ .label = "Gateway", .option = "--gateway",
		    .flags = FIELD_OPTIONAL,
		    .note = "the default route; empty: as it is" },
		{ .label = "Parameters", .option = "-c",
		    .flags = FIELD_PATH | FIELD_OPTIONAL,
		    .of_domu = local_params_of,
		    .note = "the file of an encrypted local; "
		    "empty: not encrypted" },
	},
};

const struct recipe recipe_rollback = {
	.words = { "rollback" }, .title = "rollback",
	.heading = "Roll back", .question = "Roll back",
	.warning = "Nothing is lost: what goes out of place is kept, and "
	    "comes back in the same way.",
	.yes = "Roll back", .dry = "--dry-run", .brief = true,
	.undoable = true, .image = ROLLBACK_TARGET, .nfields = 2, .field = {
		[ROLLBACK_TARGET] = { .label = "Image",
		    .flags = FIELD_FIXED },
		[ROLLBACK_TO] = { .label = "Generation", .option = "--to",
		    .flags = FIELD_FIXED | FIELD_OPTIONAL },
	},
};

/* The fields of both swaps. */
#define SWAP_FIELDS							\
	[SWAP_TARGET] = { .label = "Of", .flags = FIELD_FIXED },	\
	[SWAP_IMAGE] = { .label = "Image",				\
	    .flags = FIELD_PATH | FIELD_IMAGE,				\
	    .note = "type, or choose below by the arrows" },		\
	[SWAP_NOTE] = { .label = "Note", .option = "--note",		\
	    .flags = FIELD_OPTIONAL,					\
	    .note = "why, for generations and history" }

const struct recipe recipe_swap = {
	.words = { "swap" }, .title = "swap",
	.heading = "Swap in another image",
	.about = "The image comes in by copy, shares its blocks where the "
	    "file system can do that, or is moved.  The one in place is kept "
	    "as a generation.",
	.question = "Swap the image of",
	.warning = "Nothing is lost: the one in place is kept, and u brings it "
	    "back.",
	.yes = "Swap", .dry = "--dry-run", .brief = true, .undoable = true,
	.image = SWAP_TARGET, .nfields = 4, .field = {
		SWAP_FIELDS,
		[SWAP_MOVE] = { .label = "Move", .option = "--move",
		    .flags = FIELD_OPTIONAL | FIELD_SWITCH, .preset = "no",
		    .note = "Space changes it; no: the file stays, and is "
		    "copied" },
	},
};

/* The same image for each marked domU: it can't be moved to all of them.  It is
 * only a form; what runs are recipe_swap's commands. */
const struct recipe recipe_swap_many = {
	.title = "swap", .heading = "Swap in another image",
	.about = "A copy of the image comes in for each of the marked domUs.",
	.image = SWAP_TARGET, .nfields = 3, .field = { SWAP_FIELDS },
};

const struct recipe recipe_prune = {
	.words = { "prune" }, .title = "prune", .question = "Prune",
	.what = "the fleet",
	.warning = "Those that go are deleted: there is no undo.  P pins one "
	    "that shall stay.",
	.yes = "Delete", .brief = true, .nothing = "no generation is to go",
	.image = 0, .nfields = 1, .field = {
		{ .label = "Image", .flags = FIELD_FIXED },
	},
};

const struct recipe recipe_destroy = {
	.words = { "destroy" }, .title = "destroy", .question = "Destroy",
	.warning = "Nobody will read it again: the generation goes, and the "
	    "parameters that belong to it alone.  Its blocks are given back, "
	    "not written over: drydock destroy --overwrite does that, where "
	    "the disk keeps no old copies.",
	.yes = "Destroy", .dry = "-n", .sure = "--yes", .brief = true,
	.planless = true, .image = 0, .nfields = 1, .field = {
		{ .label = "Image", .flags = FIELD_FIXED },
	},
};

void
order_set(struct order *o, size_t field, const char *value)
{
	const unsigned flags = o->recipe->field[field].flags;
	const bool path = (flags & FIELD_PATH) != 0;

	if ((flags & FIELD_SWITCH) != 0 && strcmp(value, "yes") != 0)
		value = "";

	(void)snprintf(o->value[field], sizeof(o->value[field]), "%s%s",
	    path && *value == '-' ? "./" : "", value);
}

void
order_set_target(struct order *o, size_t field, const struct fleet_domu *d,
    enum fleet_role role)
{
	(void)snprintf(o->value[field], sizeof(o->value[field]), "%s:%s",
	    d->name, fleet_role_name(role));
}

const char *
order_image(const struct order *o)
{
	const char *s = o->value[o->recipe->image];

	return s[0] == '\0' && o->recipe->what != NULL ? o->recipe->what : s;
}

void
order_copy(struct order *o, const struct order *from)
{
	*o = *from;
	(void)secrets_ref(o->secrets);
}

void
order_dispose(struct order *o)
{
	secrets_unref(o->secrets);
	o->secrets = NULL;
}

void
order_tell_pause(const struct order *o, struct action *a)
{
	if (o->in_place || o->recipe->pausable)
		a->pause = strdup(order_image(o));	/* or not at all */
}

const struct secret *
order_passphrases(const struct order *o)
{
	return o->secrets == NULL ? NULL : &o->secrets->lines;
}

/* The words of the choice that was made; how many. */
static size_t
choice_words(const struct recipe_field *f, const char *label,
    const char **words)
{
	const struct recipe_choice *c = f->choices;
	size_t n = 0;

	while (c->label != NULL && strcmp(c->label, label) != 0)
		c++;
	for (; c->label != NULL && n < CHOICE_WORDS && c->words[n] != NULL;
	    n++)
		words[n] = c->words[n];
	return n;
}

static void
order_words(const struct order *o, const char *mode, const char *arg,
    const char *words[RECIPE_WORDS + 3])
{
	const struct recipe *r = o->recipe;
	size_t i, n = 0;

	words[n++] = r->words[0];
	if (r->words[1] != NULL)
		words[n++] = r->words[1];
	for (i = 0; i < r->nfields; i++) {
		if (o->value[i][0] == '\0')
			continue;
		if ((r->field[i].flags & FIELD_CHOICE) != 0) {
			n += choice_words(&r->field[i], o->value[i],
			    words + n);
			continue;
		}
		if (r->field[i].option != NULL)
			words[n++] = r->field[i].option;
		if ((r->field[i].flags & FIELD_SWITCH) != 0)
			continue;
		words[n++] = o->value[i];
	}
	for (i = 0; i < 2 && o->answer[0][0] != '\0'; i++)
		words[n++] = o->answer[i];
	if (o->secrets != NULL) {
		words[n++] = "--passphrase-fd";
		words[n++] = WORD(ACTION_PASSPHRASE_FD);
	}
	words[n++] = mode;
	words[n++] = arg;
	words[n] = NULL;
}

void
order_preview(const struct order *o, const char *words[RECIPE_WORDS + 3])
{
	order_words(o, o->recipe->dry, NULL, words);
}

void
order_carry_out(const struct order *o, const char *plan,
    const char *words[RECIPE_WORDS + 3])
{
	if (plan != NULL)
		order_words(o, "--plan", plan, words);
	else
		order_words(o, o->recipe->sure, NULL, words);
}
