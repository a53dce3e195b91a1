/* Inside core/tree: files whose data sets out for the disk early. */
#ifndef DD_TREE_EAGER_H
#define DD_TREE_EAGER_H

#include "core/disk/blk.h"

/*
 * From now on, whenever some megabytes were written to this layer (made by
 * file_open), the host begins to write them out: the disk works while the copy
 * does, and the sync at the end has little left.
 */
void	eager_file(struct blk *);

#endif
