/*
 * A window: one partition of the layer below, seen as a layer of its own.
 */
#ifndef DD_DISK_WINDOW_H
#define DD_DISK_WINDOW_H

#include "core/disk/blk.h"
#include "core/disk/part.h"

/* A window on [off, off+len) of lower, which it owns from success on. */
int	window_open(struct blk *lower, uint64_t off, uint64_t len,
	    struct blk **, struct dd_err *);

/* Close the window alone; what was below it is returned and the caller's. */
struct blk *window_release(struct blk *);

#endif
