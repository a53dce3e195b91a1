/*
 * A cipher on two cores: a long run of sectors is halved, and a thread, which
 * is started at the first of them, takes the second half.
 */
#ifndef DD_CGD_PAIR_H
#define DD_CGD_PAIR_H

#include "core/cgd/cipher.h"

/* Shorter runs than this are not worth waking a thread for. */
#define CGD_PAIR_MIN	((size_t)128 * 1024)

struct cgd_pair;

/* As cgd_cipher_open; with one processor, or threads false, all is done by
 * the caller's thread. */
int	cgd_pair_open(const char *algorithm, uint32_t bits,
	    const char *ivmethod, const uint8_t *key, uint32_t sector_size,
	    bool threads, struct cgd_pair **, struct dd_err *);
void	cgd_pair_close(struct cgd_pair *);	/* NULL is fine */

/* In place; one caller at a time.  Returns when all of it is done. */
int	cgd_pair_run(struct cgd_pair *, bool encrypt, void *buf, size_t len,
	    uint64_t number, struct dd_err *);

#endif
