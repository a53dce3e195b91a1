/*
 * The overlay as a layer; see overlay.h.  Two kinds share the struct: one with
 * transactions, and one that lays a pending journal over what is below.
 */
#include <stdlib.h>

#include "core/disk/overlay_impl.h"

#define MEMORY		((size_t)32 << 20)	/* then it spills */
#define MEMORY_LAID	((size_t)8 << 20)	/* the same, laid over */
#define MEMORY_MARKS	((size_t)1 << 20)

static int
txn_pread(struct blk *b, void *p, size_t len, uint64_t off, struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (blk_pread(o->lower, p, len, off, e) == -1 ||
	    pages_lay(&o->held, p, len, off, e) == -1)
		return -1;
	return pages_lay(&o->pages, p, len, off, e);
}

static int
txn_pread_committed(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	return blk_pread_committed(((struct overlay *)b)->lower, p, len, off,
	    e);
}

static int
fail_broken(const struct overlay *o, struct dd_err *e)
{
	if (e->code == ERR_NONE)
		*e = o->broken;
	return -1;
}

static int
txn_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (o->broken.code != ERR_NONE)
		return fail_broken(o, e);
	if (how == BLK_MARK)
		return pages_put(&o->marks, p, len, off, e);
	if (how == BLK_JOURNALED)
		pages_drop(&o->held, len, off);	/* it is written first */
	if (how == BLK_JOURNALED || !o->commits)
		return pages_put(&o->pages, p, len, off, e);
	if (overlay_direct(o, p, len, off, e) == -1)
		return -1;
	pages_drop(&o->pages, len, off);
	pages_drop(&o->marks, len, off);
	return 0;
}

static int
txn_flush(struct blk *b, struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (o->broken.code != ERR_NONE)
		return fail_broken(o, e);
	if (!o->commits)
		return 0;
	if (overlay_commit(o, e) == -1)
		return -1;
	pages_reset(&o->pages);
	pages_reset(&o->marks);
	pages_reset(&o->held);
	o->direct = 0;
	o->through = false;
	return 0;
}

void
overlay_free(struct overlay *o)
{
	pages_dispose(&o->pages);
	pages_dispose(&o->marks);
	pages_dispose(&o->held);
	free(o->journal);
	free(o);
}

static void
overlay_close(struct blk *b)
{
	struct overlay *o = (struct overlay *)b;

	blk_close(o->lower);
	overlay_free(o);
}

const struct blk_ops overlay_txn_ops = {
	.name = "overlay",
	.pread = txn_pread,
	.pread_committed = txn_pread_committed,
	.pwrite = txn_pwrite,
	.flush = txn_flush,
	.close = overlay_close,
};

static int
laid_pread(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (blk_pread(o->lower, p, len, off, e) == -1)
		return -1;
	return pages_lay(&o->pages, p, len, off, e);
}

const struct blk_ops overlay_laid_ops = {
	.name = "pending journal",
	.pread = laid_pread,
	.pread_committed = laid_pread,
	.close = overlay_close,
};

struct overlay *
overlay_new(struct blk *lower, const struct blk_ops *ops, struct dd_err *e)
{
	size_t memory = ops == &overlay_txn_ops ? MEMORY : MEMORY_LAID;
	struct overlay *o = calloc(1, sizeof(*o));

	if (o == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	o->b.ops = ops;
	o->b.size = lower->size;
	o->b.sector_size = lower->sector_size;
	o->b.writable = lower->writable;
	o->lower = lower;
	if (pages_init(&o->pages, memory, e) == -1 ||
	    pages_init(&o->marks, MEMORY_MARKS, e) == -1 ||
	    pages_init(&o->held, OVERLAY_HELD, e) == -1) {
		overlay_free(o);
		return NULL;
	}
	return o;
}

void
overlay_amounts(const struct blk *b, uint64_t *journaled, uint64_t *direct)
{
	const struct overlay *o = (const struct overlay *)b;

	*journaled = b->ops == &overlay_txn_ops ? o->pages.bytes : 0;
	*direct = b->ops == &overlay_txn_ops ? o->direct : 0;
}
