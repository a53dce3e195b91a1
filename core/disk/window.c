/* A partition as a layer: every offset moved by the partition's start. */
#include <stdlib.h>

#include "core/disk/window.h"

struct window {
	struct blk	 b;
	struct blk	*lower;
	uint64_t	 off;
};

static int
window_pread(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	struct window *w = (struct window *)b;

	return blk_pread(w->lower, p, len, w->off + off, e);
}

static int
window_pread_committed(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	struct window *w = (struct window *)b;

	return blk_pread_committed(w->lower, p, len, w->off + off, e);
}

static int
window_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *e)
{
	struct window *w = (struct window *)b;

	return blk_pwrite(w->lower, p, len, w->off + off, how, e);
}

static int
window_flush(struct blk *b, struct dd_err *e)
{
	return blk_flush(((struct window *)b)->lower, e);
}

struct blk *
window_release(struct blk *b)
{
	struct blk *lower = ((struct window *)b)->lower;

	free(b);
	return lower;
}

static void
window_close(struct blk *b)
{
	blk_close(window_release(b));
}

static const struct blk_ops window_ops = {
	.name = "partition",
	.pread = window_pread,
	.pread_committed = window_pread_committed,
	.pwrite = window_pwrite,
	.flush = window_flush,
	.close = window_close,
};

int
window_open(struct blk *lower, uint64_t off, uint64_t len, struct blk **out,
    struct dd_err *e)
{
	struct window *w;

	if (off > lower->size || len > lower->size - off)
		return dd_fail(e, ERR_CORRUPT,
		    "the partition ends at byte %llu, the image at %llu",
		    (unsigned long long)(off + len),
		    (unsigned long long)lower->size);
	if (off % lower->sector_size != 0 || len % lower->sector_size != 0)
		return dd_fail(e, ERR_CORRUPT, "the partition at byte %llu "
		    "does not lie on %u-byte sectors",
		    (unsigned long long)off, lower->sector_size);
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return dd_fail_nomem(e);
	w->b.ops = &window_ops;
	w->b.size = len;
	w->b.sector_size = lower->sector_size;
	w->b.writable = lower->writable;
	w->lower = lower;
	w->off = off;
	*out = &w->b;
	return 0;
}
