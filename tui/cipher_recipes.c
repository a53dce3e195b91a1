/* The recipes for encrypted images; see recipe.h. */
#include <stddef.h>
#include <string.h>

#include "core/fleet/encryption.h"
#include "tui/recipe.h"

#define REKEYING	"it is being re-encrypted: go on with that first"

/* A form asks for one, once. */
static const char *
passphrases_why_not(const struct encryption *c)
{
	if (c->passphrases > 1)
		return "its key is made of several passphrases: drydock cgd "
		    "passwd, and rekey, ask for each";
	if (c->passphrases > 0 && strcmp(c->verify, "re-enter") == 0)
		return "its passphrase is verified by typing it twice: "
		    "drydock cgd passwd, and rekey, ask for that";
	return NULL;
}

static const char *
passwd_why_not(const struct fleet_domu *d, const struct fleet_disk *disk)
{
	const struct encryption *c = disk->encryption;

	(void)d;
	if (disk->image->rekeying)
		return REKEYING;
	if (c == NULL)
		return "no image of it is known to be encrypted";
	if (c->error != NULL)
		return c->error;
	if (c->random)
		return "its key is a new one each time: there is no "
		    "passphrase";
	return passphrases_why_not(c);
}

static const struct recipe_choice passwd_keygens[] = {
	{ .label = "as before", .note = "Space changes it" },
	{ .label = "argon2id", .words = { "-k", "argon2id" },
	    .note = "costs a guesser memory; NetBSD has it from 10 on" },
	{ .label = "pkcs5_pbkdf2/sha1", .words = { "-k",
	    "pkcs5_pbkdf2/sha1" }, .note = "older NetBSD has it, too" },
	{ .label = NULL }
};

const struct recipe recipe_passwd = {
	.words = { "cgd", "passwd" }, .title = "passphrase",
	.heading = "Another passphrase",
	.about = "The key of the image stays, and with it the image: only its "
	    "parameters file is made anew.  Who knows the key, or has an old "
	    "copy of that file and the old passphrase, still reads the "
	    "image; against a key that leaked only another key helps.",
	.preview = "The preview tries the old passphrase, and changes "
	    "nothing.",
	.question = "Change the passphrase of", .yes = "Change",
	.warning = "The new file goes into place once it has opened the "
	    "image; until then the old one stays.  There is no way back to "
	    "the old passphrase but to change it again.",
	.dry = "-n", .brief = true, .planless = true,
	.target_why_not = passwd_why_not, .image = 0, .nfields = 5,
	.field = {
		{ .label = "Image", .flags = FIELD_TARGET },
		{ .label = "Keygen", .flags = FIELD_CHOICE,
		    .choices = passwd_keygens },
		{ .label = "Old", .flags = FIELD_OLD,
		    .note = "the passphrase that opens it now" },
		{ .label = "New", .flags = FIELD_NEW },
		{ .label = "New, again", .flags = FIELD_AGAIN },
	},
};

/* Fields of recipe_rekey, and which of them are asked for. */
enum { REKEY_TARGET, REKEY_CIPHER, REKEY_FILE, REKEY_KEYGEN, REKEY_OLD,
	REKEY_NEW, REKEY_AGAIN, REKEY_SPARSE, REKEY_READBACK, REKEY_IN_PLACE,
	REKEY_RESTART, REKEY_FIELDS };
#define BIT(field)	(1u << (field))
#define NEW_KEY		(BIT(REKEY_NEW) | BIT(REKEY_AGAIN))

static const char *
rekey_why_not(const struct fleet_domu *d, const struct fleet_disk *disk)
{
	const struct encryption *c = disk->encryption;

	(void)d;
	if (disk->image->rekeying)
		return REKEYING;
	if (disk->image->missing)
		return "its image is missing";
	if (c != NULL && c->error != NULL)
		return c->error;
	if (c != NULL && c->random)
		return "its key is a new one each time already";
	return c != NULL ? passphrases_why_not(c) : NULL;
}

#define CIPHER(name, bits, about)					\
	{ .label = name " " #bits, .note = about, .drops = BIT(REKEY_FILE), \
	    .words = { "--algorithm", name, "--keylen", #bits } }

static const struct recipe_choice rekey_ciphers[] = {
	CIPHER("aes-xts", 256, "Space changes it; fast where the processor "
	    "has AES"),
	CIPHER("aes-xts", 512, "AES-256 with a tweak"),
	CIPHER("adiantum", 256, "fast on every processor; NetBSD has it from "
	    "10 on"),
	CIPHER("aes-cbc", 128, "for NetBSD before 8"),
	CIPHER("aes-cbc", 192, "for NetBSD before 8"),
	CIPHER("aes-cbc", 256, "for NetBSD before 8"),
	{ .label = "of a parameters file", .note = "that cgdconfig or "
	    "drydock cgd params new made", .drops = BIT(REKEY_KEYGEN),
	    .frees = NEW_KEY },
	{ .label = "plain", .note = "not encrypted any more",
	    .words = { "--plain" }, .drops = BIT(REKEY_FILE) |
	    BIT(REKEY_KEYGEN) | NEW_KEY },
	{ .label = NULL }
};

static const struct recipe_choice rekey_keygens[] = {
	{ .label = "argon2id", .words = { "-k", "argon2id" },
	    .note = "costs a guesser memory; NetBSD has it from 10 on" },
	{ .label = "pkcs5_pbkdf2/sha1", .words = { "-k",
	    "pkcs5_pbkdf2/sha1" }, .note = "older NetBSD has it, too" },
	{ .label = NULL }
};

static const struct recipe_choice rekey_readback[] = {
	{ .label = "yes", .note = "what was written is read again from the "
	    "disk, and compared" },
	{ .label = "no", .note = "faster; a disk that writes wrongly is not "
	    "noticed", .words = { "--no-readback" } },
	{ .label = NULL }
};

static const struct recipe_choice rekey_in_place[] = {
	{ .label = "no", .note = "a new generation; the old one is kept until "
	    "it is deleted" },
	{ .label = "yes", .note = "takes no room, but there is no way back",
	    .words = { "--in-place", "--yes" }, .drops = BIT(REKEY_SPARSE),
	    .in_place = "THE IMAGE ITSELF IS CHANGED: nothing is kept, and "
	    "there is no way back but to encrypt it anew once more.  Until "
	    "all is done no domU can use it.  It can be paused, and a power "
	    "cut loses nothing; but both passphrases are needed to go on." },
	{ .label = NULL }
};

const struct recipe recipe_rekey = {
	.words = { "rekey" }, .title = "rekey",
	.heading = "Another key",
	.about = "Every sector is encrypted anew, which takes as long as "
	    "copying the image.  Who had the old key reads nothing of the new "
	    "image; but still the old generation, and old copies.",
	.preview = "The preview opens the image with the old passphrase, and "
	    "changes nothing.",
	.question = "Encrypt anew", .yes = "Encrypt",
	.warning = "The image and its key change in one step, once all is "
	    "written.  The old generation stays, under the old key, and u "
	    "brings it back, until it is deleted.",
	.dry = "-n", .brief = true, .target_why_not = rekey_why_not,
	.image = REKEY_TARGET, .nfields = REKEY_FIELDS, .field = {
		[REKEY_TARGET] = { .label = "Image", .flags = FIELD_TARGET },
		[REKEY_CIPHER] = { .label = "New key", .flags = FIELD_CHOICE,
		    .choices = rekey_ciphers },
		[REKEY_FILE] = { .label = "File", .option = "--new-params",
		    .flags = FIELD_PATH },
		[REKEY_KEYGEN] = { .label = "Keygen", .flags = FIELD_CHOICE,
		    .choices = rekey_keygens },
		[REKEY_OLD] = { .label = "Old", .flags = FIELD_OLD,
		    .note = "the passphrase that opens it now" },
		[REKEY_NEW] = { .label = "New", .flags = FIELD_NEW },
		[REKEY_AGAIN] = { .label = "New, again",
		    .flags = FIELD_AGAIN },
		[REKEY_SPARSE] = { .label = "Sparse", .option = "--sparse",
		    .flags = FIELD_SWITCH | FIELD_OPTIONAL, .preset = "no",
		    .note = "yes: holes stay holes, which shows where nothing "
		    "is" },
		[REKEY_READBACK] = { .label = "Read back",
		    .flags = FIELD_CHOICE, .choices = rekey_readback },
		[REKEY_IN_PLACE] = { .label = "In place",
		    .flags = FIELD_CHOICE, .choices = rekey_in_place },
		[REKEY_RESTART] = { .label = "Restart",
		    .option = "--restart", .flags = FIELD_SWITCH |
		    FIELD_OPTIONAL | FIELD_RUNNING, .preset = "no",
		    .note = "yes: the domU is shut down meanwhile, and "
		    "started again" },
	},
};

/* -- one in place, later ------------------------------------------------- */

static const char *
rekeying_why_not(const struct fleet_domu *d, const struct fleet_disk *disk)
{
	(void)d;
	return disk->image->rekeying ? NULL :
	    "no image of it is being re-encrypted in place";
}

/* Without a form. */
const struct recipe recipe_pause = {
	.words = { "rekey", "--pause" }, .title = "pause",
	.target_why_not = rekeying_why_not, .image = 0, .nfields = 1,
	.field = { { .label = "Image", .flags = FIELD_TARGET } },
};

const struct recipe recipe_resume = {
	.words = { "rekey", "--resume" }, .title = "rekey",
	.heading = "Go on with a re-encryption",
	.about = "A part of the image is under the new key and the rest under "
	    "the old one, so both are needed.  It goes on where it paused, or "
	    "was cut short; until it is done no domU can use the image.",
	.preview = "Wrong passphrases are noticed, and change nothing.",
	.direct = true, .pausable = true, .target_why_not = rekeying_why_not,
	.image = 0, .nfields = 3, .field = {
		{ .label = "Image", .flags = FIELD_TARGET },
		{ .label = "Old", .flags = FIELD_PASS | FIELD_OPTIONAL,
		    .note = "the passphrase of before; empty: there was "
		    "none" },
		{ .label = "New", .flags = FIELD_PASS | FIELD_OPTIONAL,
		    .note = "that of the new key; empty: it asks for none" },
	},
};
