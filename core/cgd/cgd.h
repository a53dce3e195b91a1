/*
 * The cgd layer of the block stack: sectors are decrypted on the way up and
 * encrypted on the way down.  Same size, same offsets; the unit is the sector
 * of the layer below.
 */
#ifndef DD_CGD_CGD_H
#define DD_CGD_CGD_H

#include "core/cgd/params.h"
#include "core/disk/blk.h"

/* Owns lower from success on.  key: keylen / 8 bytes, not kept.  threads: a
 * second core may help with long reads and writes. */
int	cgd_open(struct blk *lower, const struct cgd_params *,
	    const struct secret *key, bool threads, struct blk **,
	    struct dd_err *);

#endif
