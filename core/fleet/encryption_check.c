/* What is wrong with parameters files, or weak; see encryption.h. */
#include "core/fleet/encryption.h"
#include "core/fleet/fleet_impl.h"

/* The file as it is, before what it says. */
static int
check_file(struct fleet_findings *f, const struct fleet_disk *d,
    const char *label, struct dd_err *e)
{
	const struct encryption *c = d->encryption;

	switch (c->code) {
	case ERR_NOENT:
		return finding_add(f, FOUND_MISSING_PARAMS, SEV_WARNING,
		    "without its parameters file nobody can decrypt the "
		    "image: bring it back, or correct the key in the domU's "
		    "configuration", e,
		    "%s: parameters file %s", label, c->error);
	case ERR_PERM:
		return finding_add(f, FOUND_NOT_SEEN, SEV_NOTE, "as root "
		    "drydock reads it, and tells how the image is encrypted", e,
		    "%s: parameters file %s", label, c->error);
	case ERR_TYPE:
		return finding_add(f, FOUND_BAD_PARAMS, SEV_WARNING,
		    "drydock_*_params in the domU's configuration is to name "
		    "the file that cgdconfig(8), or drydock cgd params new, "
		    "made", e,
		    "%s: parameters file %s", label, c->error);
	default:
		return finding_add(f, FOUND_BAD_PARAMS, SEV_WARNING,
		    c->hint != NULL ? c->hint : "without its parameters file "
		    "nobody can decrypt the image: look at it, a copy may be "
		    "good", e,
		    "%s: parameters file %s", label, c->error);
	}
}

int
encryption_check(struct fleet_findings *f, const struct fleet_disk *d,
    const char *label, struct dd_err *e)
{
	const struct encryption *c = d->encryption;

	if (c == NULL)
		return 0;
	if (c->error != NULL)
		return check_file(f, d, label, e);
	if ((c->weak & ENCRYPTION_FEW_ITERATIONS) != 0 && finding_add(f,
	    FOUND_WEAK_KEYGEN, SEV_NOTE, "drydock cgd passwd -k argon2id "
	    "gives it a costly one, for the same key", e, "%s: %s: "
	    "pkcs5_pbkdf2 of fewer than %d iterations: passphrases can be "
	    "tried fast", label, d->params, ENCRYPTION_ITERATIONS) == -1)
		return -1;
	if ((c->weak & ENCRYPTION_OPEN_KEY) != 0 && finding_add(f,
	    FOUND_OPEN_KEY, SEV_NOTE, "chmod 600 it; who may have read it has "
	    "the key, which only drydock rekey changes", e, "%s: %s holds a "
	    "key, and others than its owner may read it (mode %04o)", label,
	    d->params, c->mode) == -1)
		return -1;
	if ((c->weak & ENCRYPTION_SMALL_BLOCKS) != 0)
		return finding_add(f, FOUND_WEAK_CIPHER, SEV_NOTE,
		    "drydock rekey --algorithm aes-xts, or adiantum, encrypts "
		    "it anew", e, "%s: %s: %s has blocks of 64 bits, of which "
		    "some repeat in large images", label, d->params, c->algorithm);
	return 0;
}
