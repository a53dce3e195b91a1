/* New parameters; see cgd_wanted.h. */
#include <string.h>

#include "core/base/units.h"
#include "core/cgd/cipher.h"
#include "core/cgd/keygen.h"
#include "core/cmd/cgd_wanted.h"

static int
unknown(const char *what, const char *given, const char *known,
    struct dd_err *e)
{
	(void)dd_fail(e, ERR_USAGE, "unknown %s: %s", what, given);
	return dd_hint(e, "known: %s", known);
}

/* One more keygen: their keys are XORed. */
static int
add_keygen(const char *name, struct cgd_params *p, struct dd_err *e)
{
	struct cgd_keygen *kg = &p->keygens[p->nkeygens];
	int method = cgd_method_parse(name);

	if (method == -1 || method == CGD_SHELL_CMD ||
	    method == CGD_PBKDF2_OLD)
		return unknown("keygen", name, "pkcs5_pbkdf2/sha1, "
		    "argon2id, storedkey, randomkey, urandomkey", e);
	if (p->nkeygens == CGD_KEYGENS_MAX)
		return dd_fail(e, ERR_USAGE, "more than %u keygens",
		    CGD_KEYGENS_MAX);
	p->nkeygens++;
	kg->method = (enum cgd_method)method;
	return cgd_keygen_fresh(kg, p->keylen, e);
}

/* Fill params from the arguments. */
static int
fill(const struct cgd_wanted *w, struct cgd_params *p, struct dd_err *e)
{
	const struct cgd_algorithm *alg = cgd_algorithm_find(w->algorithm);
	uint64_t bits;
	size_t i;
	int verify;

	if (alg == NULL)
		return unknown("algorithm", w->algorithm, cgd_algorithm_names(), e);
	bits = alg->default_bits;
	if (w->bits != NULL && units_number(w->bits, 1, 1024, "key length",
	    &bits, e) == -1)
		return -1;
	if (!cgd_algorithm_takes(alg, (uint32_t)bits)) {
		(void)dd_fail(e, ERR_USAGE, "%s does not take keys of %u bits",
		    w->algorithm, (unsigned)bits);
		return dd_hint(e, "%u to %u bits in steps of %u",
		    alg->min_bits, alg->max_bits, alg->step_bits);
	}
	if ((verify = cgd_verify_parse(w->verify)) == -1)
		return unknown("verify method", w->verify,
		    "none, disklabel, ffs, mbr, gpt, re-enter", e);
	if (cgd_ivmethod_rounds(w->ivmethod) == 0)
		return unknown("iv-method", w->ivmethod,
		    "encblkno1, encblkno8", e);
	p->algorithm = strdup(w->algorithm);
	p->ivmethod = strdup(w->ivmethod);
	if (p->algorithm == NULL || p->ivmethod == NULL)
		return dd_fail_nomem(e);
	p->keylen = (uint32_t)bits;
	p->verify = (enum cgd_verify)verify;
	for (i = 0; i < w->keygens.n; i++)
		if (add_keygen(w->keygens.v[i], p, e) == -1)
			return -1;
	return w->keygens.n > 0 || w->keyless ? 0 :
	    add_keygen("pkcs5_pbkdf2/sha1", p, e);
}

int
cgd_wanted_make(const struct cgd_wanted *w, struct cgd_params *p,
    struct dd_err *e)
{
	return fill(w, p, e) == -1 ? -1 : cgd_params_generate(p, e);
}
