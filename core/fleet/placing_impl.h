/* Inside core/fleet: between placing.c and placing_plan.c, placing_kernel.c. */
#ifndef DD_FLEET_PLACING_IMPL_H
#define DD_FLEET_PLACING_IMPL_H

#include "core/fleet/placing.h"

/* Steps for p->restart: down, and up again. */
int	placing_shut_down(void *ctx, struct dd_err *);
int	placing_start(void *ctx, struct dd_err *);
int	placing_start_again(void *ctx, struct dd_err *);	/* to undo */

/* With p->key: what belongs to the one that comes, and to the one in place once
 * that is out. */
int	placing_add_key(struct placing *, struct dd_err *);
/* A parameters file that another image has, too, does not follow this one. */
int	placing_check_follower(struct placing *, struct dd_err *);
/* What is in place is what was: the file that follows it, too. */
int	placing_untell(struct placing *, struct dd_err *);

/* Open and lock the kernel's generations, and settle which one comes. */
int	placing_plan_kernel(struct placing *, struct dd_err *);
/* Say which kernel goes with the generation that comes in, and with the one in
 * place where it goes out with that. */
int	placing_say_kernel(struct placing *, struct dd_err *);
/* The root's generation that went with the kernel that word names is deleted:
 * delete that, too, unless another one goes with it. */
int	placing_delete_kernel(const struct store *root, const char *word,
	    struct dd_err *);
/* After a crash: a kernel that the root in place goes with. */
int	placing_recover_kernel(const struct store *root, const char *kernel,
	    bool *interrupted, struct dd_err *);

#endif
