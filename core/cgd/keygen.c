/*
 * Key generation as cgdconfig(8) does it, from libgcrypt's primitives.
 */
#include <string.h>
#include <stdio.h>
#include <time.h>

#include <gcrypt.h>

#include "core/base/bytes.h"
#include "core/base/spawn.h"
#include "core/base/vis.h"
#include "core/cgd/keygen.h"

#define SHA1_LEN	20
#define SHARED_LEN	32		/* main keys of shared keygens */
#define CALIBRATE_AT	20000		/* iterations that are timed */

static int
gfail(struct dd_err *e, const char *what, gcry_error_t r)
{
	return dd_fail(e, ERR_UNSUP, "%s: %s", what, gcry_strerror(r));
}

/* T_index of PBKDF2: U1 ^ U2 ^ ... */
static gcry_error_t
pbkdf2_block(gcry_md_hd_t md, const struct secret *pass,
    const struct cgd_bits *salt, uint32_t index, uint32_t iterations,
    uint8_t t[SHA1_LEN])
{
	uint8_t be[4], u[SHA1_LEN];
	gcry_error_t r;
	uint32_t i;
	int j;

	if ((r = gcry_md_setkey(md, pass->p, pass->len)) != 0)
		return r;
	put32be(be, index);
	gcry_md_write(md, salt->bytes.p, salt->bytes.len);
	gcry_md_write(md, be, sizeof(be));
	memcpy(u, gcry_md_read(md, 0), SHA1_LEN);
	memcpy(t, u, SHA1_LEN);
	for (i = 1; i < iterations; i++) {
		gcry_md_reset(md);
		gcry_md_write(md, u, SHA1_LEN);
		memcpy(u, gcry_md_read(md, 0), SHA1_LEN);
		for (j = 0; j < SHA1_LEN; j++)
			t[j] ^= u[j];
	}
	secret_wipe(u, sizeof(u));
	return 0;
}

/* cgdconfig's first PBKDF2 counted blocks from 0 where the standard says 1. */
static gcry_error_t
pbkdf2_old(const struct secret *pass, const struct cgd_bits *salt,
    uint32_t iterations, struct secret *key)
{
	uint8_t t[SHA1_LEN];
	gcry_md_hd_t md;
	gcry_error_t r;
	size_t at, n;
	uint32_t index = 0;

	r = gcry_md_open(&md, GCRY_MD_SHA1, GCRY_MD_FLAG_HMAC |
	    GCRY_MD_FLAG_SECURE);
	if (r != 0)
		return r;
	for (at = 0; at < key->len && r == 0; at += n) {
		n = key->len - at < SHA1_LEN ? key->len - at : SHA1_LEN;
		r = pbkdf2_block(md, pass, salt, index++, iterations, t);
		memcpy(key->p + at, t, n);
	}
	gcry_md_close(md);
	secret_wipe(t, sizeof(t));
	return r;
}

int
cgd_pbkdf2(const struct secret *pass, const struct cgd_bits *salt,
    uint32_t iterations, bool old, struct secret *key, struct dd_err *e)
{
	gcry_error_t r;

	if (old)
		r = pbkdf2_old(pass, salt, iterations, key);
	else
		r = gcry_kdf_derive(pass->p, pass->len, GCRY_KDF_PBKDF2,
		    GCRY_MD_SHA1, salt->bytes.p, salt->bytes.len, iterations,
		    key->len, key->p);
	return r == 0 ? 0 : gfail(e, "pkcs5_pbkdf2", r);
}

static int
argon2id(const struct cgd_keygen *kg, const struct secret *pass,
    struct secret *key, struct dd_err *e)
{
	const unsigned long param[4] = { key->len, kg->iterations, kg->memory,
	    kg->parallelism };
	gcry_kdf_hd_t kdf;
	gcry_error_t r;

	r = gcry_kdf_open(&kdf, GCRY_KDF_ARGON2, GCRY_KDF_ARGON2ID, param, 4,
	    pass->p, pass->len, kg->salt.bytes.p, kg->salt.bytes.len, NULL, 0,
	    NULL, 0);
	if (r != 0)
		return gfail(e, "argon2id", r);
	r = gcry_kdf_compute(kdf, NULL);
	if (r == 0)
		r = gcry_kdf_final(kdf, key->len, key->p);
	gcry_kdf_close(kdf);
	return r == 0 ? 0 : gfail(e, "argon2id", r);
}

/* HKDF-Expand of RFC 5869 with HMAC-SHA256. */
static int
hkdf_expand(const struct secret *prk, const struct cgd_bits *info,
    struct secret *out, struct dd_err *e)
{
	uint8_t t[32], index = 1;
	gcry_md_hd_t md;
	gcry_error_t r;
	size_t at, n;

	r = gcry_md_open(&md, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC |
	    GCRY_MD_FLAG_SECURE);
	if (r != 0)
		return gfail(e, "hkdf", r);
	r = gcry_md_setkey(md, prk->p, prk->len);
	for (at = 0; at < out->len && r == 0; at += n, index++) {
		gcry_md_reset(md);
		if (at > 0)
			gcry_md_write(md, t, sizeof(t));
		gcry_md_write(md, info->bytes.p, info->bytes.len);
		gcry_md_write(md, &index, 1);
		memcpy(t, gcry_md_read(md, 0), sizeof(t));
		n = out->len - at < sizeof(t) ? out->len - at : sizeof(t);
		memcpy(out->p + at, t, n);
	}
	gcry_md_close(md);
	secret_wipe(t, sizeof(t));
	return r == 0 ? 0 : gfail(e, "hkdf", r);
}

static int
ask(const struct cgd_keygen *kg, struct cgd_asker *asker,
    struct secret *pass, struct dd_err *e)
{
	char prompt[128], id[65] = "";

	if (kg->shared_id != NULL)
		vis_str(id, sizeof(id), kg->shared_id);
	(void)snprintf(prompt, sizeof(prompt), "passphrase%s%s: ",
	    id[0] != '\0' ? " of shared key " : "", id);
	return asker->passphrase(asker, prompt, pass, e);
}

/* What one keygen yields: key has the length wanted; it may come out
 * otherwise (a stored key has its own). */
static int
from_keygen(const struct cgd_keygen *kg, struct cgd_asker *asker,
    struct secret *key, struct dd_err *e)
{
	struct secret pass = SECRET_INIT, out = SECRET_INIT;
	int rc = -1;

	switch (kg->method) {
	case CGD_PBKDF2_SHA1:
	case CGD_PBKDF2_OLD:
		if (ask(kg, asker, &pass, e) == 0)
			rc = cgd_pbkdf2(&pass, &kg->salt, kg->iterations,
			    kg->method == CGD_PBKDF2_OLD, key, e);
		break;
	case CGD_ARGON2ID:
		if (ask(kg, asker, &pass, e) == 0)
			rc = argon2id(kg, &pass, key, e);
		break;
	case CGD_STOREDKEY:
		if (secret_alloc(&out, kg->key.bytes.len, e) == -1)
			break;
		memcpy(out.p, kg->key.bytes.p, out.len);
		secret_free(key);
		*key = out;
		rc = 0;
		break;
	case CGD_RANDOMKEY:
	case CGD_URANDOMKEY:
		gcry_randomize(key->p, key->len, GCRY_VERY_STRONG_RANDOM);
		rc = 0;
		break;
	case CGD_SHELL_CMD:
		if (asker->may_run != NULL &&
		    asker->may_run(asker, kg->cmd, e) == -1)
			break;
		if (spawn_output(kg->cmd, key->len, asker->limit, &out,
		    e) == -1)
			break;
		if (out.len != key->len) {
			(void)dd_fail(e, ERR_FORMAT, "shell_cmd: gave %zu "
			    "bytes, the key has %zu", out.len, key->len);
			secret_free(&out);
			break;
		}
		secret_free(key);
		*key = out;
		rc = 0;
		break;
	}
	secret_free(&pass);
	return rc;
}

/* acc ^= k, by cgdconfig's rule for unequal lengths (see keygen.h). */
static int
xor_in(struct secret *acc, struct secret *k, struct dd_err *e)
{
	size_t i, shorter = acc->len < k->len ? acc->len : k->len;
	struct secret sum = SECRET_INIT;

	if (secret_alloc(&sum, acc->len > k->len ? acc->len : k->len, e) == -1)
		return -1;
	for (i = 0; i < shorter; i++)
		sum.p[i] = acc->p[i] ^ k->p[i];
	secret_free(acc);
	*acc = sum;
	return 0;
}

static int
one_keygen(const struct cgd_keygen *kg, struct cgd_asker *asker, size_t len,
    struct secret *out, struct dd_err *e)
{
	struct secret raw = SECRET_INIT;
	int rc;

	if (secret_alloc(&raw, kg->shared_id != NULL ? SHARED_LEN : len,
	    e) == -1)
		return -1;
	rc = from_keygen(kg, asker, &raw, e);
	if (rc == 0 && kg->shared_id != NULL) {
		rc = secret_alloc(out, len, e);
		if (rc == 0 && (rc = hkdf_expand(&raw, &kg->subkey, out,
		    e)) == -1)
			secret_free(out);
		secret_free(&raw);
	} else if (rc == 0)
		*out = raw;
	else
		secret_free(&raw);
	return rc;
}

int
cgd_key_make(const struct cgd_params *p, struct cgd_asker *asker,
    struct secret *key, struct dd_err *e)
{
	struct secret acc = SECRET_INIT, k = SECRET_INIT;
	size_t len = p->keylen / 8;
	unsigned i;
	int rc = -1;

	if (asker->key != NULL)
		return asker->key(asker, len, key, e);
	if (p->nkeygens == 0) {
		(void)dd_fail(e, ERR_FORMAT, "the parameters file has no "
		    "keygen: there is no key");
		return dd_hint(e, "--key-fd gives the key itself");
	}
	for (i = 0; i < p->nkeygens; i++) {
		if (one_keygen(&p->keygens[i], asker, len, &k, e) == -1)
			goto out;
		if (i == 0) {
			acc = k;
			k = (struct secret)SECRET_INIT;
		} else if (xor_in(&acc, &k, e) == -1)
			goto out;
		secret_free(&k);
	}
	if (acc.len < len) {
		(void)dd_fail(e, ERR_FORMAT, "the keygens give %zu bytes, the "
		    "key has %zu", acc.len, len);
		goto out;
	}
	secret_cut(&acc, len);
	*key = acc;
	acc = (struct secret)SECRET_INIT;
	rc = 0;
out:
	secret_free(&acc);
	secret_free(&k);
	return rc;
}

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int
cgd_pbkdf2_calibrate(size_t keylen, uint32_t *iterations, struct dd_err *e)
{
	struct secret pass = SECRET_INIT, key = SECRET_INIT;
	struct cgd_bits salt = { .bits = 128 };
	double start, took, n;
	int rc = -1;

	if (secret_alloc(&pass, 16, e) == -1 ||
	    secret_alloc(&key, keylen, e) == -1 ||
	    secret_alloc(&salt.bytes, 16, e) == -1)
		goto out;
	start = now();
	if (cgd_pbkdf2(&pass, &salt, CALIBRATE_AT, false, &key, e) == -1)
		goto out;
	took = now() - start;
	n = took > 0 ? CALIBRATE_AT / took : CALIBRATE_AT;
	*iterations = n < 1000 ? 1000 : n > 100e6 ? 100000000 : (uint32_t)n;
	rc = 0;
out:
	secret_free(&pass);
	secret_free(&key);
	secret_free(&salt.bytes);
	return rc;
}

static int
random_bits(struct cgd_bits *b, uint32_t bits, struct dd_err *e)
{
	if (secret_alloc(&b->bytes, bits / 8, e) == -1)
		return -1;
	b->bits = bits;
	gcry_randomize(b->bytes.p, b->bytes.len, GCRY_VERY_STRONG_RANDOM);
	return 0;
}

/*
 * argon2id: 1 GiB at one pass is what libargon2 and NetBSD's calibration end
 * at on large machines; a dom0 has little, so 64 MiB and three passes, RFC
 * 9106's second recommendation, with one lane.
 */
#define ARGON2_MEMORY	(64 * 1024)	/* KiB */
#define ARGON2_PASSES	3

int
cgd_keygen_fresh(struct cgd_keygen *kg, uint32_t keylen, struct dd_err *e)
{
	switch (kg->method) {
	case CGD_PBKDF2_SHA1:
	case CGD_PBKDF2_OLD:
		if (cgd_pbkdf2_calibrate(keylen / 8, &kg->iterations, e) ==
		    -1)
			return -1;
		return random_bits(&kg->salt, 128, e);
	case CGD_ARGON2ID:
		kg->iterations = ARGON2_PASSES;
		kg->memory = ARGON2_MEMORY;
		kg->parallelism = 1;
		kg->version = 19;
		return random_bits(&kg->salt, 128, e);
	case CGD_STOREDKEY:
		return random_bits(&kg->key, keylen, e);
	case CGD_RANDOMKEY:
	case CGD_URANDOMKEY:
		return 0;
	case CGD_SHELL_CMD:
		return dd_fail(e, ERR_USAGE, "shell_cmd can't be made up: "
		    "write its command into the file");
	}
	return 0;
}
