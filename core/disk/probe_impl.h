/* Inside core/disk: between probe.c and probe_ffs.c. */
#ifndef DD_DISK_PROBE_IMPL_H
#define DD_DISK_PROBE_IMPL_H

#include "core/disk/probe.h"

/* Read len bytes from anywhere; zeros behind the layer's end.  len <=
 * PROBE_READ. */
#define PROBE_READ	4096
int	probe_read(struct blk *, void *, size_t len, uint64_t off,
	    struct dd_err *);

/* Is there an FFS?  1: out is filled; 0; -1. */
int	probe_ffs(struct blk *, struct probe *out, struct dd_err *);

#endif
