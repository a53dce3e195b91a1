/*
 * From one key to another: what is read as one side is made what is written as
 * the other.  Either side may be plain.  One thread's: it owns its ciphers.
 */
#ifndef DD_CGD_RECRYPT_H
#define DD_CGD_RECRYPT_H

#include "core/cgd/params.h"

/* Lengths and offsets are multiples of this, which all sector sizes divide. */
#define RECRYPT_UNIT	4096

struct recrypt_side {
	const struct cgd_params	*params;	/* NULL: plain */
	const struct secret	*key;		/* keylen / 8 bytes */
	uint32_t		 sector_size;	/* of the layer below */
};

struct recrypt;

/* The sides are not kept. */
int	recrypt_open(const struct recrypt_side *from,
	    const struct recrypt_side *to, struct recrypt **,
	    struct dd_err *);
void	recrypt_close(struct recrypt *);	/* NULL is fine */

/* In place: len bytes that begin off bytes behind the begin of what is, or
 * will be, the cgd.  At its end len may be any number of sectors of both. */
int	recrypt_run(struct recrypt *, void *buf, size_t len, uint64_t off,
	    struct dd_err *);

#endif
