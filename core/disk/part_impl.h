/*
 * Inside core/disk: what the readers of partition tables share.
 */
#ifndef DD_DISK_PART_IMPL_H
#define DD_DISK_PART_IMPL_H

#include "core/disk/part.h"

/* Each returns 1 when it found its table and filled t, 0 when there is none,
 * -1 with the error. */

/* A disklabel in the first sectors behind base (bytes). */
int	part_read_disklabel(struct blk *, uint64_t base, struct part_table *,
	    struct dd_err *);
/* protected: a protective MBR says that there must be one. */
int	part_read_gpt(struct blk *, bool protected, struct part_table *,
	    struct dd_err *);

#endif
