/* Inside core/fleet: between placing.c and placing_plan.c, placing_kernel.c. */
#ifndef DD_FLEET_PLACING_IMPL_H
#define DD_FLEET_PLACING_IMPL_H

#include "core/fleet/placing.h"

/* Open and lock the kernel's generations, and settle which one comes. */
int	placing_plan_kernel(struct placing *, struct dd_err *);
/* Generation n of the root goes with generation k of the kernel (0: the one
 * that stands there, which has no generations). */
int	placing_say_kernel(struct placing *, uint32_t n, uint32_t k,
	    struct dd_err *);
/* The root's generation that went with the kernel that word names is deleted:
 * delete that, too, unless another one goes with it. */
int	placing_delete_kernel(const struct store *root, const char *word,
	    struct dd_err *);
/* After a crash: the kernel that the root in place goes with. */
int	placing_recover_kernel(struct store *root, bool *interrupted,
	    struct dd_err *);

#endif
