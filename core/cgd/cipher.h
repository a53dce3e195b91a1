/*
 * The ciphers of cgd(4), a run of sectors at a time.
 *
 * Source: NetBSD sys/dev/cgd.c, cgd_crypto.c.  The unit is one sector; its
 * number, a little-endian 64-bit integer padded with zeros to the cipher's
 * block, makes the IV.
 */
#ifndef DD_CGD_CIPHER_H
#define DD_CGD_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct cgd_algorithm {
	const char	*name;		/* "aes-xts" */
	uint32_t	 default_bits;
	uint32_t	 min_bits, max_bits, step_bits;
	bool		 uses_ivmethod;
};

const struct cgd_algorithm *cgd_algorithm_find(const char *name);
/* The n-th, NULL behind the last. */
const struct cgd_algorithm *cgd_algorithm_at(size_t n);
const char *cgd_algorithm_names(void);		/* "aes-cbc, aes-xts, ..." */
bool	cgd_algorithm_takes(const struct cgd_algorithm *, uint32_t bits);
/* Bytes of the blocks that the algorithm encrypts; 0: unknown algorithm. */
unsigned cgd_algorithm_block(const char *name);
/* Times that the block number is encrypted: 1, 8; 0: unknown method. */
unsigned cgd_ivmethod_rounds(const char *ivmethod);

struct cgd_cipher;

/* key: bits / 8 bytes.  sector_size: 512 to 4096.  One thread at a time. */
int	cgd_cipher_open(const char *algorithm, uint32_t bits,
	    const char *ivmethod, const uint8_t *key, uint32_t sector_size,
	    struct cgd_cipher **, struct dd_err *);
void	cgd_cipher_close(struct cgd_cipher *);	/* NULL is fine */

/* In place: len bytes (whole sectors), the first of which is number. */
int	cgd_encrypt(struct cgd_cipher *, void *buf, size_t len,
	    uint64_t number, struct dd_err *);
int	cgd_decrypt(struct cgd_cipher *, void *buf, size_t len,
	    uint64_t number, struct dd_err *);

#endif
