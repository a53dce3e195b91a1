/* Another passphrase for the same key; see convert.h. */
#include <string.h>

#include "core/cgd/convert.h"
#include "core/cgd/open.h"

static int
add_fresh(struct cgd_params *p, enum cgd_method method, struct dd_err *e)
{
	struct cgd_keygen *kg = &p->keygens[p->nkeygens];

	/* one more is to follow */
	if (p->nkeygens + 1 >= CGD_KEYGENS_MAX)
		return dd_fail(e, ERR_USAGE, "more than %u keygens",
		    CGD_KEYGENS_MAX - 1);
	p->nkeygens++;
	kg->method = method;
	return cgd_keygen_fresh(kg, p->keylen, e);
}

/* What is missing between the key that there is and the one wanted. */
static int
add_difference(struct cgd_params *p, const struct secret *is,
    const struct secret *key, struct dd_err *e)
{
	struct cgd_keygen *kg = &p->keygens[p->nkeygens++];
	size_t i;

	kg->method = CGD_STOREDKEY;
	kg->key.bits = p->keylen;
	if (secret_alloc(&kg->key.bytes, key->len, e) == -1)
		return -1;
	for (i = 0; i < key->len; i++)
		kg->key.bytes.p[i] = is->p[i] ^ key->p[i];
	return 0;
}

/* The old text without its keygens, and then the new ones. */
static int
text_of(const struct cgd_params *old, const struct cgd_params *p,
    struct secret *text, struct dd_err *e)
{
	struct secret rest = SECRET_INIT, keygens = SECRET_INIT;
	int rc = -1;

	if (cgd_params_cut_keygens(old, &rest, e) == 0 &&
	    cgd_params_keygens_text(p, &keygens, e) == 0 &&
	    secret_alloc(text, rest.len + keygens.len, e) == 0) {
		memcpy(text->p, rest.p, rest.len);
		memcpy(text->p + rest.len, keygens.p, keygens.len);
		rc = 0;
	}
	secret_free(&rest);
	secret_free(&keygens);
	return rc;
}

int
cgd_convert(const struct cgd_params *old, const struct secret *key,
    const enum cgd_method *methods, unsigned n, struct cgd_asker *asker,
    bool confirm, struct cgd_params *out, struct dd_err *e)
{
	struct cgd_params p = { .keylen = old->keylen,
	    .verify = CGD_VERIFY_NONE };
	struct secret is = SECRET_INIT, text = SECRET_INIT;
	unsigned i;
	int rc = -1;

	for (i = 0; i < n; i++)
		if (add_fresh(&p, methods[i], e) == -1)
			goto out;
	if (cgd_key_new(&p, asker, confirm, &is, e) == 0 &&
	    add_difference(&p, &is, key, e) == 0 &&
	    text_of(old, &p, &text, e) == 0)
		rc = cgd_params_parse(text.p, text.len, "the new parameters",
		    out, e);
out:
	secret_free(&is);
	secret_free(&text);
	cgd_params_dispose(&p);
	return rc;
}
