/*
 * Two sides of a re-encryption, an image under the one, and what it is to be
 * under the other: made by the ciphers alone.
 */
#ifndef DD_TESTS_REKEY_SIDES_H
#define DD_TESTS_REKEY_SIDES_H

#include "core/cgd/cipher.h"
#include "core/cgd/inplace.h"
#include "tests/unit/t.h"

struct side {
	struct recrypt_side	 side;
	struct cgd_params	 params;
	struct secret		 key;
	char			 algorithm[32], ivmethod[32];
};

/* bits 0: plain.  Of each seed another key. */
static inline void
side_make(struct side *s, const char *algorithm, uint32_t bits,
    uint32_t sector_size, unsigned seed)
{
	struct dd_err e = DD_ERR_INIT;
	size_t i;

	secret_free(&s->key);
	*s = (struct side){ .side = { .sector_size = sector_size } };
	if (bits == 0)
		return;
	(void)snprintf(s->algorithm, sizeof(s->algorithm), "%s", algorithm);
	(void)snprintf(s->ivmethod, sizeof(s->ivmethod), "encblkno1");
	if (secret_alloc(&s->key, bits / 8, &e) == -1)
		exit(1);
	for (i = 0; i < s->key.len; i++)
		s->key.p[i] = (uint8_t)(seed * 77 + i * i * 13 + i + 1);
	s->params = (struct cgd_params){ .algorithm = s->algorithm,
	    .ivmethod = s->ivmethod, .keylen = bits };
	s->side.params = &s->params;
	s->side.key = &s->key;
}

/* What is plain, under that side. */
static inline void
side_encrypt(const struct side *s, uint8_t *buf, size_t len)
{
	struct dd_err e = DD_ERR_INIT;
	struct cgd_cipher *c = NULL;

	if (s->side.params == NULL)
		return;
	if (cgd_cipher_open(s->algorithm, s->params.keylen, s->ivmethod,
	    s->key.p, s->side.sector_size, &c, &e) == -1 ||
	    cgd_encrypt(c, buf, len, 0, &e) == -1) {
		printf("not ok - %s\n", e.msg);
		exit(1);
	}
	cgd_cipher_close(c);
}

/* Sectors that tell where they belong; one is zeros, as most of a disk is. */
static inline void
side_plain(uint8_t *buf, size_t len)
{
	uint32_t x = 4711;
	size_t i;

	for (i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		buf[i] = i / 512 % 7 == 3 ? 0 : (uint8_t)x;
	}
}

#endif
