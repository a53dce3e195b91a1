/*
 * Adiantum; see adiantum.h.  The message is split into a left part L and the
 * last 16 bytes R:
 *
 *	R += Hash(tweak, L);  R = AES(R);  L ^= XChaCha12(R);  R -= Hash(…, L)
 *
 * and backwards for decryption; Hash is Poly1305 over the tweak plus Poly1305
 * over NH of L, sums being modulo 2^128.
 */
#include <stdlib.h>
#include <string.h>

#include <gcrypt.h>

#include "core/base/bytes.h"
#include "core/base/secret.h"
#include "core/cgd/adiantum.h"

#define NH_PASSES	4
#define NH_UNIT		1024		/* bytes hashed to one NH sum */
#define NH_WORDS	(NH_UNIT / 4 + 4 * (NH_PASSES - 1))
#define BLOCK		16

/* Lives in locked memory. */
struct keys {
	uint8_t		xchacha[32];
	/* One stream of XChaCha12, in this order: */
	uint8_t		aes[32];
	uint8_t		poly_tweak[32];		/* r; s is zero */
	uint8_t		poly_left[32];
	uint32_t	nh[NH_WORDS];
};

struct adiantum {
	struct secret		 mem;
	struct keys		*k;
	gcry_cipher_hd_t	 aes;
	gcry_mac_hd_t		 poly;
};

static inline uint32_t
rotl(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

#define QUARTER(a, b, c, d) do {					\
	a += b; d = rotl(d ^ a, 16);					\
	c += d; b = rotl(b ^ c, 12);					\
	a += b; d = rotl(d ^ a, 8);					\
	c += d; b = rotl(b ^ c, 7);					\
} while (0)

static void
chacha12_rounds(uint32_t x[16])
{
	int i;

	for (i = 0; i < 12; i += 2) {
		QUARTER(x[0], x[4], x[8], x[12]);
		QUARTER(x[1], x[5], x[9], x[13]);
		QUARTER(x[2], x[6], x[10], x[14]);
		QUARTER(x[3], x[7], x[11], x[15]);
		QUARTER(x[0], x[5], x[10], x[15]);
		QUARTER(x[1], x[6], x[11], x[12]);
		QUARTER(x[2], x[7], x[8], x[13]);
		QUARTER(x[3], x[4], x[9], x[14]);
	}
}

static void
chacha_init(uint32_t x[16], const uint8_t key[32], const uint8_t *last16)
{
	int i;

	x[0] = 0x61707865;		/* "expand 32-byte k" */
	x[1] = 0x3320646e;
	x[2] = 0x79622d32;
	x[3] = 0x6b206574;
	for (i = 0; i < 8; i++)
		x[4 + i] = get32le(key + 4 * i);
	for (i = 0; i < 4; i++)
		x[12 + i] = get32le(last16 + 4 * i);
}

void
xchacha12_xor(const uint8_t key[32], const uint8_t nonce[24], uint8_t *buf,
    size_t len)
{
	uint32_t s[16], x[16];
	uint8_t sub[32], tail[16] = { 0 }, stream[64];
	size_t i, n;

	chacha_init(x, key, nonce);		/* HChaCha12 */
	chacha12_rounds(x);
	for (i = 0; i < 4; i++) {
		put32le(sub + 4 * i, x[i]);
		put32le(sub + 16 + 4 * i, x[12 + i]);
	}
	memcpy(tail + 8, nonce + 16, 8);
	chacha_init(s, sub, tail);
	for (; len > 0; buf += n, len -= n) {
		memcpy(x, s, sizeof(x));
		chacha12_rounds(x);
		for (i = 0; i < 16; i++)
			put32le(stream + 4 * i, x[i] + s[i]);
		n = len < sizeof(stream) ? len : sizeof(stream);
		for (i = 0; i < n; i++)
			buf[i] ^= stream[i];
		if (++s[12] == 0)
			s[13]++;
	}
	secret_wipe(sub, sizeof(sub));
	secret_wipe(s, sizeof(s));
	secret_wipe(x, sizeof(x));
	secret_wipe(stream, sizeof(stream));
}

/* NH of one unit (len a multiple of 16, at most NH_UNIT): four 64-bit sums. */
static void
nh(const uint32_t *key, const uint8_t *m, size_t len, uint8_t out[32])
{
	uint64_t sum[NH_PASSES] = { 0 };
	uint32_t m0, m1, m2, m3;
	size_t i;
	int p;

	for (i = 0; i < len; i += 16, key += 4) {
		m0 = get32le(m + i);
		m1 = get32le(m + i + 4);
		m2 = get32le(m + i + 8);
		m3 = get32le(m + i + 12);
		for (p = 0; p < NH_PASSES; p++) {
			const uint32_t *k = key + 4 * p;

			sum[p] += (uint64_t)(uint32_t)(m0 + k[0]) *
			    (uint32_t)(m2 + k[2]);
			sum[p] += (uint64_t)(uint32_t)(m1 + k[1]) *
			    (uint32_t)(m3 + k[3]);
		}
	}
	for (p = 0; p < NH_PASSES; p++)
		put64le(out + 8 * p, sum[p]);
}

/* acc += v, or acc -= v, modulo 2^128, little-endian. */
static void
add128(uint8_t acc[BLOCK], const uint8_t v[BLOCK], bool subtract)
{
	uint64_t lo = get64le(acc), hi = get64le(acc + 8);
	uint64_t vlo = get64le(v), vhi = get64le(v + 8), sum;

	if (subtract) {
		sum = lo - vlo;
		hi = hi - vhi - (lo < vlo);
	} else {
		sum = lo + vlo;
		hi = hi + vhi + (sum < lo);
	}
	put64le(acc, sum);
	put64le(acc + 8, hi);
}

static int
fail(struct dd_err *e, gcry_error_t r)
{
	return dd_fail(e, ERR_UNSUP, "adiantum: %s", gcry_strerror(r));
}

static int
poly_end(struct adiantum *a, gcry_error_t r, uint8_t out[BLOCK],
    struct dd_err *e)
{
	size_t n = BLOCK;

	if (r == 0)
		r = gcry_mac_read(a->poly, out, &n);
	return r != 0 ? fail(e, r) : 0;
}

/* Poly1305 over the tweak, which starts with the message's length in bits. */
static int
hash_tweak(struct adiantum *a, size_t len, const uint8_t *tweak, size_t tlen,
    uint8_t out[BLOCK], struct dd_err *e)
{
	uint8_t head[BLOCK] = { 0 };
	gcry_error_t r;

	put64le(head, (uint64_t)len * 8);
	if ((r = gcry_mac_setkey(a->poly, a->k->poly_tweak, 32)) == 0 &&
	    (r = gcry_mac_write(a->poly, head, sizeof(head))) == 0)
		r = gcry_mac_write(a->poly, tweak, tlen);
	return poly_end(a, r, out, e);
}

static int
hash_left(struct adiantum *a, const uint8_t *left, size_t len,
    uint8_t out[BLOCK], struct dd_err *e)
{
	uint8_t sums[32];
	gcry_error_t r;
	size_t n;

	r = gcry_mac_setkey(a->poly, a->k->poly_left, 32);
	for (; len > 0 && r == 0; left += n, len -= n) {
		n = len < NH_UNIT ? len : NH_UNIT;
		nh(a->k->nh, left, n, sums);
		r = gcry_mac_write(a->poly, sums, sizeof(sums));
	}
	return poly_end(a, r, out, e);
}

int
adiantum_run(struct adiantum *a, bool encrypt, uint8_t *buf, size_t len,
    const uint8_t *tweak, size_t tlen, struct dd_err *e)
{
	uint8_t ht[BLOCK], hl[BLOCK], nonce[24] = { 0 };
	uint8_t *right = buf + len - BLOCK;
	size_t left = len - BLOCK;
	gcry_error_t r = 0;

	if (hash_tweak(a, left, tweak, tlen, ht, e) == -1 ||
	    hash_left(a, buf, left, hl, e) == -1)
		return -1;
	add128(right, ht, false);
	add128(right, hl, false);
	if (encrypt)
		r = gcry_cipher_encrypt(a->aes, right, BLOCK, NULL, 0);
	if (r != 0)
		return fail(e, r);
	memcpy(nonce, right, BLOCK);
	nonce[BLOCK] = 1;
	xchacha12_xor(a->k->xchacha, nonce, buf, left);
	if (!encrypt)
		r = gcry_cipher_decrypt(a->aes, right, BLOCK, NULL, 0);
	if (r != 0)
		return fail(e, r);
	if (hash_left(a, buf, left, hl, e) == -1)
		return -1;
	add128(right, ht, true);
	add128(right, hl, true);
	return 0;
}

int
adiantum_open(const uint8_t key[32], struct adiantum **out,
    struct dd_err *e)
{
	uint8_t nonce[24] = { 1 };
	struct secret stream = SECRET_INIT;
	struct adiantum *a;
	gcry_error_t r;
	int i, rc = -1;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return dd_fail_nomem(e);
	if (secret_alloc(&a->mem, sizeof(*a->k), e) == -1 ||
	    secret_alloc(&stream, 32 + 16 + 16 + 4 * NH_WORDS, e) == -1)
		goto out;
	a->k = (struct keys *)(void *)a->mem.p;
	memcpy(a->k->xchacha, key, 32);
	xchacha12_xor(key, nonce, stream.p, stream.len);
	memcpy(a->k->aes, stream.p, 32);
	memcpy(a->k->poly_tweak, stream.p + 32, 16);
	memcpy(a->k->poly_left, stream.p + 48, 16);
	for (i = 0; i < NH_WORDS; i++)
		a->k->nh[i] = get32le(stream.p + 64 + 4 * i);
	r = gcry_cipher_open(&a->aes, GCRY_CIPHER_AES256,
	    GCRY_CIPHER_MODE_ECB, GCRY_CIPHER_SECURE);
	if (r == 0)
		r = gcry_cipher_setkey(a->aes, a->k->aes, 32);
	if (r == 0)
		r = gcry_mac_open(&a->poly, GCRY_MAC_POLY1305,
		    GCRY_MAC_FLAG_SECURE, NULL);
	if (r != 0) {
		(void)fail(e, r);
		goto out;
	}
	*out = a;
	rc = 0;
out:
	secret_free(&stream);
	if (rc == -1)
		adiantum_close(a);
	return rc;
}

void
adiantum_close(struct adiantum *a)
{
	if (a == NULL)
		return;
	gcry_cipher_close(a->aes);
	gcry_mac_close(a->poly);
	secret_free(&a->mem);
	free(a);
}
