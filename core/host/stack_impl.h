/*
 * Inside core/host: stack.c makes stacks, stack_left.c knows their records.
 */
#ifndef DD_HOST_STACK_IMPL_H
#define DD_HOST_STACK_IMPL_H

#include "core/host/stack.h"

/* "DIR/KIND", of stack_dir; in fresh memory, or NULL with e. */
#define STACK_RECORDS	"stack"
#define STACK_MOUNTS	"mnt"
char	*stack_path(const char *kind, const char *name, struct dd_err *);

/* A folder that is ours alone: who could write there would say what is taken
 * down.  ERR_PERM. */
int	stack_check_folder(const char *dir, struct dd_err *);

/* What is there of it, mount first, and the record last. */
int	stack_take_down(const struct host_kernel *, const struct stack_left *,
	    struct dd_err *);
void	stack_left_dispose(struct stack_left *);

#endif
