/*
 * Checksums that nobody can forge, by libgcrypt.  Both are 32 bytes long.
 */
#ifndef DD_BASE_HASH_H
#define DD_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define HASH_LEN	32
#define HASH_HEX	(2 * HASH_LEN + 1)

enum hash_kind {
	HASH_SHA256,
	HASH_BLAKE2B		/* BLAKE2b-256: faster where SHA is not in the
				 * processor */
};

struct hash;

int	hash_open(enum hash_kind, struct hash **, struct dd_err *);
void	hash_add(struct hash *, const void *, size_t);
/* The sum of what was added so far; the next one starts anew. */
void	hash_result(struct hash *, uint8_t sum[HASH_LEN]);
void	hash_close(struct hash *);	/* NULL is fine */

/* The sum of one piece. */
void	hash_once(enum hash_kind, const void *, size_t,
	    uint8_t sum[HASH_LEN]);
char	*hash_hex(char hex[HASH_HEX], const uint8_t sum[HASH_LEN]);

#endif
