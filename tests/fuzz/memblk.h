/* A layer in memory, read-only, for fuzz targets. */
#ifndef DD_TESTS_MEMBLK_H
#define DD_TESTS_MEMBLK_H

#include <stdlib.h>
#include <string.h>

#include "core/disk/blk.h"

struct memblk {
	struct blk	 b;
	const uint8_t	*data;
};

static inline int
memblk_pread(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	(void)e;
	memcpy(p, ((struct memblk *)b)->data + off, len);
	return 0;
}

static inline void
memblk_close(struct blk *b)
{
	free(b);
}

/* The whole sectors of data, which stays the caller's.  NULL: no memory. */
static inline struct blk *
memblk_open(const uint8_t *data, size_t len, uint32_t sector_size)
{
	static const struct blk_ops ops = {
		.name = "memory",
		.pread = memblk_pread,
		.pread_committed = memblk_pread,
		.close = memblk_close,
	};
	struct memblk *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->b.ops = &ops;
	m->b.size = len - len % sector_size;
	m->b.sector_size = sector_size;
	m->data = data;
	return &m->b;
}

#endif
