/*
 * Progress and cancel: the last callback of every long operation.
 */
#ifndef DD_BASE_PROGRESS_H
#define DD_BASE_PROGRESS_H

#include <stdint.h>

#include "core/base/err.h"

struct progress {
	/* what: short text, valid during the call; done, total: bytes, or
	 * items where the text says so; total 0: not known.  May be called
	 * very often: the callee thins out. */
	void	(*report)(struct progress *p, const char *what, uint64_t done,
		    uint64_t total);
	/* Non-zero: the operator wants to stop (set from a signal handler). */
	volatile int *cancel;
};

/* p may be NULL.  -1 with ERR_CANCEL when the operator wants to stop. */
int	progress_tick(struct progress *p, const char *what, uint64_t done,
	    uint64_t total, struct dd_err *e);

#endif
