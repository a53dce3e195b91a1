/*
 * Adiantum (XChaCha12, AES-256, NH and Poly1305), a tweakable cipher on whole
 * sectors.  Crowley and Biggers, "Adiantum: length-preserving encryption for
 * entry-level processors", 2018.  AES and Poly1305 are libgcrypt's;
 * ChaCha12 and NH, which it lacks, are here.
 */
#ifndef DD_CGD_ADIANTUM_H
#define DD_CGD_ADIANTUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct adiantum;

int	adiantum_open(const uint8_t key[32], struct adiantum **,
	    struct dd_err *);
void	adiantum_close(struct adiantum *);

/* In place; len at least 16 and a multiple of 16.  tlen: tweak bytes. */
int	adiantum_run(struct adiantum *, bool encrypt, uint8_t *buf, size_t len,
	    const uint8_t *tweak, size_t tlen, struct dd_err *);

/* For the test vectors: XChaCha12 keystream XORed over buf. */
void	xchacha12_xor(const uint8_t key[32], const uint8_t nonce[24],
	    uint8_t *buf, size_t len);

#endif
