/* From one key to another; see recrypt.h. */
#include <stdlib.h>

#include "core/cgd/cipher.h"
#include "core/cgd/recrypt.h"

struct half {
	struct cgd_cipher	*cipher;	/* NULL: plain */
	uint32_t		 sector_size;
};

struct recrypt {
	struct half	from, to;
};

static int
open_half(const struct recrypt_side *side, struct half *h, struct dd_err *e)
{
	h->sector_size = side->sector_size;
	if (side->params == NULL)
		return 0;
	return cgd_cipher_open(side->params->algorithm, side->params->keylen,
	    side->params->ivmethod, side->key->p, side->sector_size,
	    &h->cipher, e);
}

int
recrypt_open(const struct recrypt_side *from, const struct recrypt_side *to,
    struct recrypt **out, struct dd_err *e)
{
	struct recrypt *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return dd_fail_nomem(e);
	if (open_half(from, &r->from, e) == -1 ||
	    open_half(to, &r->to, e) == -1) {
		recrypt_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
recrypt_close(struct recrypt *r)
{
	if (r == NULL)
		return;
	cgd_cipher_close(r->from.cipher);
	cgd_cipher_close(r->to.cipher);
	free(r);
}

int
recrypt_run(struct recrypt *r, void *buf, size_t len, uint64_t off,
    struct dd_err *e)
{
	if (r->from.cipher != NULL && cgd_decrypt(r->from.cipher, buf, len,
	    off / r->from.sector_size, e) == -1)
		return -1;
	if (r->to.cipher != NULL && cgd_encrypt(r->to.cipher, buf, len,
	    off / r->to.sector_size, e) == -1)
		return -1;
	return 0;
}
