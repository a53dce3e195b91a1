/* The key of an encrypted layer; see open.h. */
#include "core/cgd/open.h"

#define TRIES	3

/*
 * A layer's view that does not own what it lies on, so that a key can be tried
 * without losing the layer when it does not fit.
 */
struct borrowed {
	struct blk	 blk;
	struct blk	*lower;
};

static int
borrowed_pread(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	return blk_pread(((struct borrowed *)b)->lower, p, len, off, e);
}

static void
borrowed_close(struct blk *b)
{
	(void)b;
}

static const struct blk_ops borrowed_ops = {
	.name = "borrowed",
	.pread = borrowed_pread,
	.pread_committed = borrowed_pread,
	.close = borrowed_close,
};

static int
key_fits(struct blk *lower, const struct cgd_params *p,
    const struct secret *key, bool *fits, struct dd_err *e)
{
	struct borrowed view = { .lower = lower };
	struct blk *plain;
	int rc;

	view.blk = *lower;
	view.blk.ops = &borrowed_ops;
	view.blk.writable = false;
	if (cgd_open(&view.blk, p, key, false, &plain, e) == -1)
		return -1;
	rc = cgd_verify_layer(plain, p->verify, fits, e);
	blk_close(plain);
	return rc;
}

static bool
asks(const struct cgd_params *p, const struct cgd_asker *asker)
{
	return asker->key == NULL && cgd_params_wants_passphrase(p);
}

static int
wrong_key(const struct cgd_params *p, bool asked, struct dd_err *e)
{
	(void)dd_fail(e, ERR_PERM, asked ?
	    "wrong passphrase: what it decrypts is no %s" :
	    "the key does not fit: what it decrypts is no %s",
	    p->verify == CGD_VERIFY_FFS ? "file system" :
	    p->verify == CGD_VERIFY_DISKLABEL ? "disklabel" :
	    cgd_verify_name(p->verify));
	return dd_hint(e, "or the parameters file belongs to another image");
}

/* Ask twice, and the same must come out. */
static int
reenter(const struct cgd_params *p, struct cgd_asker *asker,
    const struct secret *key, bool *fits, struct dd_err *e)
{
	struct secret again = SECRET_INIT;
	unsigned char differ = 0;
	size_t i;

	if (cgd_key_make(p, asker, &again, e) == -1)
		return -1;
	for (i = 0; i < key->len; i++)
		differ |= key->p[i] ^ again.p[i];
	*fits = differ == 0;
	secret_free(&again);
	return 0;
}

int
cgd_key_verified(struct blk *lower, const struct cgd_params *p,
    struct cgd_asker *asker, bool retry, struct secret *out,
    struct dd_err *e)
{
	struct secret key = SECRET_INIT;
	bool fits = false;
	int tries, rc = -1;

	tries = retry && asks(p, asker) &&
	    (p->verify == CGD_VERIFY_DISKLABEL || p->verify == CGD_VERIFY_FFS)
	    ? TRIES : 1;
	while (!fits && tries-- > 0) {
		secret_free(&key);
		if (cgd_key_make(p, asker, &key, e) == -1)
			goto out;
		if (p->verify == CGD_VERIFY_REENTER && asks(p, asker)) {
			if (reenter(p, asker, &key, &fits, e) == -1)
				goto out;
		} else if (key_fits(lower, p, &key, &fits, e) == -1)
			goto out;
	}
	if (!fits) {
		(void)wrong_key(p, asks(p, asker), e);
		goto out;
	}
	*out = key;
	key = (struct secret)SECRET_INIT;
	rc = 0;
out:
	secret_free(&key);
	return rc;
}

int
cgd_key_new(const struct cgd_params *p, struct cgd_asker *asker, bool confirm,
    struct secret *out, struct dd_err *e)
{
	struct secret key = SECRET_INIT;
	bool same = true;
	int rc = -1;

	if (asker->key == NULL && cgd_params_is_random(p)) {
		(void)dd_fail(e, ERR_USAGE, "the key is a random one: what is "
		    "written with it can't be read again");
		return dd_hint(e, "randomkey and urandomkey are for swap; "
		    "drydock cgd params new makes others");
	}
	if (cgd_key_make(p, asker, &key, e) == -1)
		goto out;
	if ((confirm || p->verify == CGD_VERIFY_REENTER) &&
	    asks(p, asker) && reenter(p, asker, &key, &same, e) == -1)
		goto out;
	if (!same) {
		(void)dd_fail(e, ERR_PERM, "the passphrases differ");
		(void)dd_hint(e, "repeat the command");
		goto out;
	}
	*out = key;
	key = (struct secret)SECRET_INIT;
	rc = 0;
out:
	secret_free(&key);
	return rc;
}
