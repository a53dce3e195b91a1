/*
 * Opening an encrypted layer: key made, cgd put on, verified.
 */
#ifndef DD_CGD_OPEN_H
#define DD_CGD_OPEN_H

#include "core/cgd/cgd.h"
#include "core/cgd/keygen.h"

/*
 * Put a cgd with the key that p and the asker give on lower, which it
 * owns from success on, and verify it with p's method.  A key that does not
 * fit: asked again up to three times when retry is set and the method is
 * disklabel or ffs and a passphrase is asked for at all, else
 * ERR_PERM; lower is as it was.  With verify_method none any key is taken.
 */
int	cgd_open_verified(struct blk *lower, const struct cgd_params *p,
	    struct cgd_asker *, bool retry, struct blk **, struct dd_err *);

#endif
