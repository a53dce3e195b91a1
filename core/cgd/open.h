/*
 * Opening an encrypted layer: the key made, and verified.
 */
#ifndef DD_CGD_OPEN_H
#define DD_CGD_OPEN_H

#include "core/cgd/cgd.h"
#include "core/cgd/keygen.h"

/*
 * Make the key of p, asking the asker, and verify with p's method that it fits
 * what is decrypted of lower.  One that does not: asked again, up to three
 * times, when retry is set, the method is disklabel or ffs, and a passphrase
 * is asked for at all; else ERR_PERM.  With verify_method none any key fits.
 */
int	cgd_key_verified(struct blk *lower, const struct cgd_params *p,
	    struct cgd_asker *, bool retry, struct secret *key,
	    struct dd_err *);

/*
 * Make the key for something that is new, so that nothing can tell a slip of
 * the fingers: with confirm, or verify method re-enter, passphrases are asked
 * twice.  A random key, which nobody could make again, is ERR_USAGE.
 */
int	cgd_key_new(const struct cgd_params *p, struct cgd_asker *,
	    bool confirm, struct secret *key, struct dd_err *e);

#endif
