/* The recipes for encrypted images; see recipe.h. */
#include <stddef.h>

#include "core/fleet/encryption.h"
#include "tui/recipe.h"

static const char *
passwd_why_not(const struct fleet_domu *d, const struct fleet_disk *disk)
{
	const struct encryption *c = disk->encryption;

	(void)d;
	if (c == NULL)
		return "no image of it is known to be encrypted";
	if (c->error != NULL)
		return c->error;
	if (c->random)
		return "its key is a new one each time: there is no "
		    "passphrase";
	if (c->passphrases > 1)
		return "its key is made of several passphrases: drydock cgd "
		    "passwd asks for each";
	return NULL;
}

static const struct recipe_choice passwd_keygens[] = {
	{ .label = "as before", .note = "Space changes it" },
	{ .label = "argon2id", .words = { "-k", "argon2id" },
	    .note = "costs a guesser memory; NetBSD has it from 10 on" },
	{ .label = "pkcs5_pbkdf2/sha1", .words = { "-k",
	    "pkcs5_pbkdf2/sha1" }, .note = "every NetBSD since 3 has it" },
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
