/*
 * cgd's ciphers over libgcrypt.
 *
 * CBC modes: the IV of a sector is its number encrypted under the same key,
 * once (encblkno1) or eight times (encblkno8, and its alias encblkno).
 * XTS: the number is the tweak.  Adiantum: the number, 16 bytes, is the tweak.
 */
#include <stdlib.h>
#include <string.h>

#include <gcrypt.h>

#include "core/base/bytes.h"
#include "core/cgd/adiantum.h"
#include "core/cgd/cipher.h"

enum kind { KIND_CBC, KIND_XTS, KIND_ADIANTUM };

struct algorithm {
	struct cgd_algorithm	 pub;
	enum kind		 kind;
	unsigned		 block;		/* bytes */
};

static const struct algorithm algorithms[] = {
	{ { "aes-cbc", 128, 128, 256, 64, true }, KIND_CBC, 16 },
	{ { "aes-xts", 256, 256, 512, 256, false }, KIND_XTS, 16 },
	{ { "adiantum", 256, 256, 256, 256, false }, KIND_ADIANTUM, 16 },
	{ { "3des-cbc", 192, 192, 192, 192, true }, KIND_CBC, 8 },
	{ { "blowfish-cbc", 128, 40, 448, 8, true }, KIND_CBC, 8 },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

struct cgd_cipher {
	const struct algorithm	*alg;
	uint32_t		 sector_size;
	unsigned		 rounds;
	gcry_cipher_hd_t	 data, iv;	/* iv: ECB, KIND_CBC only */
	struct adiantum		*adiantum;
};

const struct cgd_algorithm *
cgd_algorithm_at(size_t n)
{
	return n < COUNT(algorithms) ? &algorithms[n].pub : NULL;
}

const struct cgd_algorithm *
cgd_algorithm_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(algorithms); i++)
		if (strcmp(algorithms[i].pub.name, name) == 0)
			return &algorithms[i].pub;
	return NULL;
}

unsigned
cgd_algorithm_block(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(algorithms); i++)
		if (strcmp(algorithms[i].pub.name, name) == 0)
			return algorithms[i].block;
	return 0;
}

const char *
cgd_algorithm_names(void)
{
	return "aes-cbc, aes-xts, adiantum, 3des-cbc, blowfish-cbc";
}

bool
cgd_algorithm_takes(const struct cgd_algorithm *a, uint32_t bits)
{
	return bits >= a->min_bits && bits <= a->max_bits &&
	    (bits - a->min_bits) % a->step_bits == 0;
}

unsigned
cgd_ivmethod_rounds(const char *m)
{
	if (strcmp(m, "encblkno1") == 0)
		return 1;
	if (strcmp(m, "encblkno8") == 0 || strcmp(m, "encblkno") == 0)
		return 8;
	return 0;
}

static int
gcry_algo(const struct algorithm *a, uint32_t bits)
{
	if (a->block == 8)
		return a->pub.max_bits == 192 ? GCRY_CIPHER_3DES :
		    GCRY_CIPHER_BLOWFISH;
	if (a->kind == KIND_XTS)
		bits /= 2;
	return bits == 128 ? GCRY_CIPHER_AES128 : bits == 192 ?
	    GCRY_CIPHER_AES192 : GCRY_CIPHER_AES256;
}

static int
fail(struct dd_err *e, const char *what, gcry_error_t r)
{
	return dd_fail(e, ERR_UNSUP, "%s: %s", what, gcry_strerror(r));
}

/* Keys that libgcrypt calls weak are taken: the kernel takes them, too. */
static int
open_handle(gcry_cipher_hd_t *hd, int algo, int mode, const uint8_t *key,
    size_t len, struct dd_err *e)
{
	gcry_error_t r;

	r = gcry_cipher_open(hd, algo, mode, GCRY_CIPHER_SECURE);
	if (r != 0)
		return fail(e, "cipher", r);
	(void)gcry_cipher_ctl(*hd, GCRYCTL_SET_ALLOW_WEAK_KEY, NULL, 1);
	r = gcry_cipher_setkey(*hd, key, len);
	if (r != 0 && gcry_err_code(r) != GPG_ERR_WEAK_KEY)
		return fail(e, "cipher key", r);
	return 0;
}

int
cgd_cipher_open(const char *algorithm, uint32_t bits, const char *ivmethod,
    const uint8_t *key, uint32_t sector_size, struct cgd_cipher **out,
    struct dd_err *e)
{
	const struct cgd_algorithm *pub = cgd_algorithm_find(algorithm);
	struct cgd_cipher *c;
	int algo, rc = -1;

	if (pub == NULL || !cgd_algorithm_takes(pub, bits))
		return dd_fail(e, ERR_UNSUP, "no such cipher: %s with %u bits",
		    algorithm, bits);
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return dd_fail_nomem(e);
	c->alg = (const struct algorithm *)pub;
	c->sector_size = sector_size;
	c->rounds = cgd_ivmethod_rounds(ivmethod);
	algo = gcry_algo(c->alg, bits);
	switch (c->alg->kind) {
	case KIND_CBC:
		if (c->rounds == 0) {
			(void)dd_fail(e, ERR_UNSUP, "unknown iv-method: %s",
			    ivmethod);
			goto out;
		}
		if (open_handle(&c->iv, algo, GCRY_CIPHER_MODE_ECB, key,
		    bits / 8, e) == -1 || open_handle(&c->data, algo,
		    GCRY_CIPHER_MODE_CBC, key, bits / 8, e) == -1)
			goto out;
		break;
	case KIND_XTS:
		if (open_handle(&c->data, algo, GCRY_CIPHER_MODE_XTS, key,
		    bits / 8, e) == -1)
			goto out;
		break;
	case KIND_ADIANTUM:
		if (adiantum_open(key, &c->adiantum, e) == -1)
			goto out;
		break;
	}
	*out = c;
	rc = 0;
out:
	if (rc == -1)
		cgd_cipher_close(c);
	return rc;
}

void
cgd_cipher_close(struct cgd_cipher *c)
{
	if (c == NULL)
		return;
	gcry_cipher_close(c->data);
	gcry_cipher_close(c->iv);
	adiantum_close(c->adiantum);
	free(c);
}

/* One sector through libgcrypt. */
static gcry_error_t
sector(struct cgd_cipher *c, bool encrypt, uint8_t *p, uint64_t number)
{
	uint8_t iv[16] = { 0 };
	gcry_error_t r = 0;
	unsigned i;

	put64le(iv, number);
	if (c->alg->kind == KIND_CBC)
		for (i = 0; i < c->rounds && r == 0; i++)
			r = gcry_cipher_encrypt(c->iv, iv, c->alg->block,
			    NULL, 0);
	if (r == 0)
		r = gcry_cipher_setiv(c->data, iv, c->alg->block);
	if (r != 0)
		return r;
	return encrypt ?
	    gcry_cipher_encrypt(c->data, p, c->sector_size, NULL, 0) :
	    gcry_cipher_decrypt(c->data, p, c->sector_size, NULL, 0);
}

static int
run(struct cgd_cipher *c, bool encrypt, void *buf, size_t len,
    uint64_t number, struct dd_err *e)
{
	uint8_t *p = buf, *end = p + len;
	gcry_error_t r;

	for (; p < end; p += c->sector_size, number++) {
		if (c->alg->kind == KIND_ADIANTUM) {
			uint8_t tweak[16] = { 0 };

			put64le(tweak, number);
			if (adiantum_run(c->adiantum, encrypt, p,
			    c->sector_size, tweak, sizeof(tweak), e) == -1)
				return -1;
		} else if ((r = sector(c, encrypt, p, number)) != 0)
			return fail(e, c->alg->pub.name, r);
	}
	return 0;
}

int
cgd_encrypt(struct cgd_cipher *c, void *buf, size_t len, uint64_t number,
    struct dd_err *e)
{
	return run(c, true, buf, len, number, e);
}

int
cgd_decrypt(struct cgd_cipher *c, void *buf, size_t len, uint64_t number,
    struct dd_err *e)
{
	return run(c, false, buf, len, number, e);
}
