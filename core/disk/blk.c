/* The checks that every layer shares; see blk.h. */
#include "core/disk/blk.h"

static int
check(const struct blk *b, size_t len, uint64_t off, struct dd_err *e)
{
	uint64_t end;

	if (off % b->sector_size != 0 || len % b->sector_size != 0)
		return dd_fail(e, ERR_CORRUPT,
		    "%s: access at byte %llu is not aligned to its %u-byte "
		    "sectors", b->ops->name, (unsigned long long)off,
		    b->sector_size);
	if (__builtin_add_overflow(off, (uint64_t)len, &end) || end > b->size)
		return dd_fail(e, ERR_CORRUPT,
		    "%s: access at byte %llu lies behind the end (%llu "
		    "bytes)", b->ops->name, (unsigned long long)off,
		    (unsigned long long)b->size);
	return 0;
}

int
blk_pread(struct blk *b, void *p, size_t len, uint64_t off, struct dd_err *e)
{
	if (check(b, len, off, e) == -1)
		return -1;
	return b->ops->pread(b, p, len, off, e);
}

int
blk_pread_committed(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	if (check(b, len, off, e) == -1)
		return -1;
	return b->ops->pread_committed(b, p, len, off, e);
}

int
blk_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *e)
{
	if (!b->writable)
		return dd_fail(e, ERR_PERM, "opened for reading only");
	if (check(b, len, off, e) == -1)
		return -1;
	return b->ops->pwrite(b, p, len, off, how, e);
}

int
blk_flush(struct blk *b, struct dd_err *e)
{
	return b->writable ? b->ops->flush(b, e) : 0;
}

void
blk_close(struct blk *b)
{
	if (b != NULL)
		b->ops->close(b);
}
