/*
 * A block layer in memory for tests.  The disk (struct memdisk) outlives the
 * layer, as a file outlives its descriptor.  A layer opened on it behaves as
 * one with an overlay: direct writes reach the disk at once, journaled ones
 * are seen by the writer and reach the disk with flush; close without flush
 * drops them.
 */
#ifndef DD_TESTS_MEMBLK_H
#define DD_TESTS_MEMBLK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/disk/blk.h"

struct memdisk {
	uint8_t		*data;
	uint64_t	 size;
	unsigned long	 reads, direct, journaled, flushes;	/* calls */
	int		 fail_flush;	/* as when the power goes */
};

struct memblk {
	struct blk	 blk;
	struct memdisk	*disk;
	uint8_t		*now;		/* NULL: read-only, or as the disk */
};

static int
memblk_pread(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *err)
{
	struct memblk *m = (struct memblk *)b;

	(void)err;
	m->disk->reads++;
	memcpy(p, (m->now == NULL ? m->disk->data : m->now) + off, len);
	return 0;
}

static int
memblk_pread_committed(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *err)
{
	struct memblk *m = (struct memblk *)b;

	(void)err;
	memcpy(p, m->disk->data + off, len);
	return 0;
}

static int
memblk_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *err)
{
	struct memblk *m = (struct memblk *)b;

	(void)err;
	if (how == BLK_DIRECT) {
		m->disk->direct++;
		memcpy(m->disk->data + off, p, len);
	} else
		m->disk->journaled++;
	if (how != BLK_MARK)
		memcpy(m->now + off, p, len);
	return 0;
}

static int
memblk_flush(struct blk *b, struct dd_err *err)
{
	struct memblk *m = (struct memblk *)b;

	if (m->disk->fail_flush)
		return dd_fail(err, ERR_IO, "the power is gone");
	m->disk->flushes++;
	memcpy(m->disk->data, m->now, m->disk->size);
	return 0;
}

static void
memblk_close(struct blk *b)
{
	struct memblk *m = (struct memblk *)b;

	free(m->now);
	free(m);
}

static const struct blk_ops memblk_ops = {
	.name = "memory",
	.pread = memblk_pread,
	.pread_committed = memblk_pread_committed,
	.pwrite = memblk_pwrite,
	.flush = memblk_flush,
	.close = memblk_close,
};

/* NULL: out of memory. */
static inline struct blk *
memblk_open(struct memdisk *d, bool writable)
{
	struct memblk *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->blk = (struct blk){ &memblk_ops, d->size, 512, writable };
	m->disk = d;
	if (writable) {
		if ((m->now = malloc(d->size)) == NULL) {
			free(m);
			return NULL;
		}
		memcpy(m->now, d->data, d->size);
	}
	return &m->blk;
}

/* An empty disk; -1: out of memory. */
static inline int
memdisk_init(struct memdisk *d, uint64_t size)
{
	*d = (struct memdisk){ .data = calloc(1, size), .size = size };
	return d->data == NULL ? -1 : 0;
}

static inline void
memdisk_dispose(struct memdisk *d)
{
	free(d->data);
	d->data = NULL;
}

/* A disk of what zstd finds in a file; -1: no such file, or no zstd. */
static inline int
memdisk_load(struct memdisk *d, const char *zst)
{
	char cmd[1200];
	FILE *f;
	size_t cap = 0, n;
	uint8_t *more;

	*d = (struct memdisk){ .data = NULL };
	(void)snprintf(cmd, sizeof(cmd), "zstd -q -d -c '%s'", zst);
	if ((f = popen(cmd, "r")) == NULL)
		return -1;
	do {
		if (d->size == cap) {
			cap = cap == 0 ? 1 << 20 : cap * 2;
			if ((more = realloc(d->data, cap)) == NULL)
				break;
			d->data = more;
		}
		n = fread(d->data + d->size, 1, cap - d->size, f);
		d->size += n;
	} while (n > 0);
	return pclose(f) == 0 && d->size > 0 ? 0 : -1;
}

#endif
