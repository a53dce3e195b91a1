/* Inside core/tree: files whose data sets out for the disk early. */
#ifndef DD_TREE_EAGER_H
#define DD_TREE_EAGER_H

#include "core/disk/blk.h"

/*
 * From now on, as soon as writes to this layer (made by file_open) have come
 * past a stretch of the file, the host begins to write that out: the disk
 * works while the copy does, and the sync at the end has little left.
 */
void	eager_file(struct blk *);

#endif
