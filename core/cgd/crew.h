/*
 * Inside core/cgd: threads that re-encrypt an area and take its checksums, so
 * that the disk and the processors work at the same time.  The threads do no
 * input or output.
 */
#ifndef DD_CGD_CREW_H
#define DD_CGD_CREW_H

#include "core/base/hash.h"
#include "core/cgd/recrypt.h"

struct crew;

/* chunk: bytes of one checksum, a multiple of RECRYPT_UNIT. */
int	crew_open(const struct recrypt_side *from,
	    const struct recrypt_side *to, size_t chunk, struct crew **,
	    struct dd_err *);
void	crew_close(struct crew *);	/* waits; NULL is fine */

/* Begin with what lies off bytes behind the begin of the cgd; data and sums
 * are the crew's until crew_wait, which comes before the next crew_start. */
void	crew_start(struct crew *, uint8_t *data, size_t len, uint64_t off,
	    uint8_t (*sums)[HASH_LEN]);
/* Help, and wait until all is done. */
int	crew_wait(struct crew *, struct dd_err *);

#endif
