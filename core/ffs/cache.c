/*
 * The metadata cache, and the way to the layer below.
 *
 * Inode blocks, directories and indirect blocks go through buffers; file data
 * and cylinder groups (cg.c keeps those) do not.  Buffers are kept in order of
 * use and pushed out from the end when there are too many.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/ffs_impl.h"

#define CACHE_MAX	((size_t)8 << 20)	/* bytes */

static void
unlink_buf(struct ffs *fs, struct ffs_buf *b)
{
	if (b->prev != NULL)
		b->prev->next = b->next;
	else
		fs->lru_head = b->next;
	if (b->next != NULL)
		b->next->prev = b->prev;
	else
		fs->lru_tail = b->prev;
	b->prev = b->next = NULL;
}

static void
link_first(struct ffs *fs, struct ffs_buf *b)
{
	b->prev = NULL;
	b->next = fs->lru_head;
	if (fs->lru_head != NULL)
		fs->lru_head->prev = b;
	else
		fs->lru_tail = b;
	fs->lru_head = b;
}

static void
forget(struct ffs *fs, struct ffs_buf *b)
{
	(void)map_del(&fs->bufs, (uint64_t)b->frag);
	unlink_buf(fs, b);
	fs->cached -= b->len;
	free(b);
}

static int
write_back(struct ffs *fs, struct ffs_buf *b, struct dd_err *e)
{
	if (!b->dirty)
		return 0;
	if (ffs_frag_write(fs, b->data, b->len, b->frag, e) == -1)
		return -1;
	b->dirty = false;
	return 0;
}

static int
make_room(struct ffs *fs, uint32_t len, struct dd_err *e)
{
	struct ffs_buf *b, *prev;

	for (b = fs->lru_tail; b != NULL && fs->cached + len > CACHE_MAX;
	    b = prev) {
		prev = b->prev;
		if (b->refs > 0)
			continue;
		if (write_back(fs, b, e) == -1)
			return -1;
		forget(fs, b);
	}
	return 0;
}

static int
check_range(const struct ffs *fs, int64_t frag, size_t len,
    struct dd_err *e)
{
	uint64_t n = (len + fs->sb.fsize - 1) >> fs->sb.fshift;

	if (frag > 0 && n <= (uint64_t)fs->sb.size &&
	    (uint64_t)frag <= (uint64_t)fs->sb.size - n)
		return 0;
	return dd_fail(e, ERR_CORRUPT, "address %lld (%llu fragments) lies "
	    "outside the file system", (long long)frag,
	    (unsigned long long)n);
}

/* A buffer with the content of the disk, or zeros; linked nowhere yet. */
static struct ffs_buf *
new_buf(struct ffs *fs, int64_t frag, uint32_t len, bool fresh,
    struct dd_err *e)
{
	struct ffs_buf *b = calloc(1, sizeof(*b) + len);

	if (b == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	b->frag = frag;
	b->len = len;
	b->data = (uint8_t *)(b + 1);
	if (!fresh && ffs_frag_read(fs, b->data, len, frag, e) == -1) {
		free(b);
		return NULL;
	}
	return b;
}

int
cache_get(struct ffs *fs, int64_t frag, uint32_t len, bool fresh,
    struct ffs_buf **out, struct dd_err *e)
{
	struct ffs_buf *b;

	if (check_range(fs, frag, len, e) == -1)
		return -1;
	b = map_get(&fs->bufs, (uint64_t)frag);
	if (b != NULL && b->len != len) {
		if (b->refs > 0)
			return dd_fail(e, ERR_CORRUPT, "the block at address "
			    "%lld is used in two ways", (long long)frag);
		if (write_back(fs, b, e) == -1)
			return -1;
		forget(fs, b);
		b = NULL;
	}
	if (b != NULL) {
		unlink_buf(fs, b);
		if (fresh)
			memset(b->data, 0, b->len);
	} else {
		if (make_room(fs, len, e) == -1 ||
		    (b = new_buf(fs, frag, len, fresh, e)) == NULL)
			return -1;
		if (map_put(&fs->bufs, (uint64_t)frag, b) == -1) {
			free(b);
			return dd_fail_nomem(e);
		}
		fs->cached += len;
	}
	link_first(fs, b);
	b->refs++;
	*out = b;
	return 0;
}

void
cache_put(struct ffs *fs, struct ffs_buf *b)
{
	(void)fs;
	if (b != NULL)
		b->refs--;
}

void
cache_dirty(struct ffs *fs, struct ffs_buf *b)
{
	b->dirty = true;
	fs->dirty = true;
	fs->changes++;
}

int
cache_flush(struct ffs *fs, struct dd_err *e)
{
	struct ffs_buf *b;

	for (b = fs->lru_tail; b != NULL; b = b->prev)
		if (write_back(fs, b, e) == -1)
			return -1;
	return 0;
}

void
cache_drop(struct ffs *fs, int64_t frag, uint32_t nfrags)
{
	struct ffs_buf *b;

	/* One that is held is freed by a tree that contains itself: the
	 * caller will fail. */
	for (; nfrags > 0; nfrags--, frag++)
		if ((b = map_get(&fs->bufs, (uint64_t)frag)) != NULL &&
		    b->refs == 0)
			forget(fs, b);
}

void
cache_dispose(struct ffs *fs)
{
	while (fs->lru_head != NULL)
		forget(fs, fs->lru_head);
	map_dispose(&fs->bufs);
}

int
ffs_frag_read(struct ffs *fs, void *p, size_t len, int64_t frag,
    struct dd_err *e)
{
	if (check_range(fs, frag, len, e) == -1)
		return -1;
	return blk_pread(fs->b, p, len, (uint64_t)frag << fs->sb.fshift, e);
}
