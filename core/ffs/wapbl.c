/*
 * WAPBL, NetBSD's journal: is there anything to replay, and what?
 *
 * Source of the layout: sys/sys/wapbl_replay.h, sys/kern/vfs_wapbl.c.
 *
 * The log is a range of the device, behind the file system or inside it (then
 * held by an inode, contiguous).  Two header blocks are written in turns; the
 * newer says where the records lie in the ring behind them.  A record is one
 * block: a list of device blocks whose new content follows it, of blocks that
 * were freed since and must not be written, or of inodes that have no name
 * yet or any more (check finds those by itself).
 *
 * Scanning the ring gives a map from device blocks to their last content in
 * the log.  A writer copies them to their places; a reader gets a layer that
 * fetches them from the log as they are asked for, so that nothing of an
 * encrypted device is kept anywhere in the clear.  Nothing in the log is
 * trusted: each record and each target is checked, and the work is bounded.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/ffs_impl.h"

#define WAPBL_VERSION		1
#define WAPBL_END_PARTITION	1
#define WAPBL_IN_FILESYSTEM	2

/* fs_journallocs, the same for both places */
#define LOC_ADDR		0	/* in units of LOC_UNIT */
#define LOC_COUNT		1
#define LOC_UNIT		2	/* bytes */

#define WC_HEADER		0x5741424cU
#define WC_INODES		0x5741424dU
#define WC_REVOCATIONS		0x5741424eU
#define WC_BLOCKS		0x5741424fU

enum {	/* struct wapbl_wc_header */
	H_TYPE = 0, H_GENERATION = 12, H_LOG_SHIFT = 40, H_FS_SHIFT = 44,
	H_HEAD = 48, H_TAIL = 56, H_CIRC_OFF = 64, H_CIRC_SIZE = 72
};
enum {	/* struct wapbl_wc_blocklist */
	R_TYPE = 0, R_LEN = 4, R_COUNT = 8, R_BLOCKS = 16, R_BLOCK_SIZE = 16
};

#define UNIT_MAX		4096	/* bytes of a log block */
#define LOG_MAX			(1ULL << 28)
#define FS_UNIT_MAX		FFS_BSIZE_MAX
/* Freed blocks that are looked at before we give up; 32 GiB of them. */
#define REVOKED_MAX		(1ULL << 26)

struct wapbl {
	struct blk	*b;
	uint64_t	 base, size;	/* of the log, bytes */
	uint32_t	 unit;		/* log block, bytes */
	uint32_t	 fs_unit;	/* device block, bytes */
	uint64_t	 circ_off, circ_size;	/* ring, from base */
	uint64_t	 head, tail;
	uint32_t	 generation;
	uint8_t		 header[UNIT_MAX];
	struct map	 blocks;	/* device block -> 1 + place in log */
	uint64_t	 revoked;
};

static int
damaged(struct dd_err *e, const char *what)
{
	(void)dd_fail(e, ERR_CORRUPT, "the journal (WAPBL) is damaged: %s",
	    what);
	return dd_hint(e, "run fsck_ffs on NetBSD, or take the image from a "
	    "backup");
}

static bool
configured(const struct ffs_sb *s)
{
	return !sb_is_old(s) && (s->flags & FS_FLAG_DOWAPBL) != 0;
}

/* Where the superblock says that the log is. */
static int
locate(struct wapbl *w, struct blk *b, const struct ffs_sb *s,
    struct dd_err *e)
{
	uint64_t unit = s->journallocs[LOC_UNIT];
	uint64_t end;

	if (s->journal_version != WAPBL_VERSION)
		return damaged(e, "it is of a version that is not known");
	if (s->journal_location != WAPBL_END_PARTITION &&
	    s->journal_location != WAPBL_IN_FILESYSTEM)
		return damaged(e, "it is at a place that is not known");
	if (unit < 512 || unit > UNIT_MAX || (unit & (unit - 1)) != 0)
		return damaged(e, "the size of its blocks can't be");
	w->b = b;
	w->unit = (uint32_t)unit;
	if (__builtin_mul_overflow(s->journallocs[LOC_ADDR], unit,
	    &w->base) || __builtin_mul_overflow(s->journallocs[LOC_COUNT],
	    unit, &w->size) || __builtin_add_overflow(w->base, w->size, &end)
	    || end > b->size || w->size < 3 * unit)
		return damaged(e, "it lies outside the image");
	if (w->size > LOG_MAX)
		return dd_fail(e, ERR_UNSUP, "a journal of %llu bytes is more "
		    "than drydock replays", (unsigned long long)w->size);
	return 0;
}

/* An offset into the ring; 0 stands for its start. */
static bool
in_ring(const struct wapbl *w, uint64_t off)
{
	return off == 0 || (off >= w->circ_off && off % w->unit == 0 &&
	    off - w->circ_off < w->circ_size);
}

static int
read_header(struct wapbl *w, struct dd_err *e)
{
	uint8_t two[2 * UNIT_MAX];
	const uint8_t *h = two, *second = two + w->unit;
	uint32_t shift;

	if (blk_pread(w->b, two, 2UL * w->unit, w->base, e) == -1)
		return -1;
	if (get32le(h + H_TYPE) != WC_HEADER)
		return damaged(e, "it has no header");
	if (get32le(second + H_TYPE) == WC_HEADER &&
	    get32le(second + H_GENERATION) > get32le(h + H_GENERATION))
		h = second;
	memcpy(w->header, h, w->unit);
	w->generation = get32le(h + H_GENERATION);
	w->circ_off = get64le(h + H_CIRC_OFF);
	w->circ_size = get64le(h + H_CIRC_SIZE);
	w->head = get64le(h + H_HEAD);
	w->tail = get64le(h + H_TAIL);
	shift = get32le(h + H_FS_SHIFT);
	if (get32le(h + H_LOG_SHIFT) >= 32 ||
	    w->unit != 1U << get32le(h + H_LOG_SHIFT))
		return damaged(e, "its header disagrees with the superblock");
	if (shift >= 32 || 1U << shift < w->unit ||
	    1U << shift > FS_UNIT_MAX)
		return damaged(e, "the size of its device blocks can't be");
	w->fs_unit = 1U << shift;
	if (w->circ_off < 2 * w->unit || w->circ_off > w->size ||
	    w->circ_off % w->unit != 0 || w->circ_size < w->unit ||
	    w->circ_size > w->size - w->circ_off ||
	    w->circ_size % w->unit != 0 || w->circ_size < w->fs_unit)
		return damaged(e, "its ring can't be");
	if (!in_ring(w, w->head) || !in_ring(w, w->tail))
		return damaged(e, "head or tail lie outside its ring");
	return 0;
}

static uint64_t
advance(const struct wapbl *w, uint64_t off, uint64_t len)
{
	uint64_t at = off < w->circ_off ? 0 : off - w->circ_off;

	return w->circ_off + (at + len) % w->circ_size;
}

/* Read len bytes from off of the ring on; len is at most the ring's size. */
static int
read_ring(struct wapbl *w, void *p, uint32_t len, uint64_t off,
    struct dd_err *e)
{
	uint64_t start = off < w->circ_off ? w->circ_off : off;
	uint64_t first = min64(len, w->circ_off + w->circ_size - start);

	if (blk_pread(w->b, p, first, w->base + start, e) == -1)
		return -1;
	if (first == len)
		return 0;
	return blk_pread(w->b, (uint8_t *)p + first, len - first,
	    w->base + w->circ_off, e);
}

/* One entry of a list: n device blocks from block *key on. */
static int
read_target(const struct wapbl *w, const uint8_t *p, uint64_t *key,
    uint64_t *n, struct dd_err *e)
{
	uint64_t sector = get64le(p), at, end;
	uint32_t len = get32le(p + 12);

	if (len % w->fs_unit != 0 || len > FFS_BSIZE_MAX ||
	    __builtin_mul_overflow(sector, 512ULL, &at) ||
	    __builtin_add_overflow(at, (uint64_t)len, &end) ||
	    at % w->fs_unit != 0 || end > w->b->size)
		return damaged(e, "a record names blocks that can't be");
	if (at < w->base + w->size && end > w->base)
		return damaged(e, "a record names blocks of the journal");
	*key = at / w->fs_unit;
	*n = len / w->fs_unit;
	return 0;
}

/* The record is followed by the content; *used counts both. */
static int
take_blocks(struct wapbl *w, const uint8_t *rec, uint64_t off, uint64_t *used,
    struct dd_err *e)
{
	uint32_t count = get32le(rec + R_COUNT), i;
	uint64_t key, n;

	for (i = 0; i < count; i++) {
		if (read_target(w, rec + R_BLOCKS + i * R_BLOCK_SIZE, &key, &n,
		    e) == -1)
			return -1;
		for (; n > 0; n--, key++) {
			if (*used + w->fs_unit > w->circ_size)
				return damaged(e, "a record is larger than "
				    "the ring");
			if (map_put(&w->blocks, key, (void *)(uintptr_t)
			    (advance(w, off, *used) + 1)) == -1)
				return dd_fail_nomem(e);
			*used += w->fs_unit;
		}
	}
	return 0;
}

static int
take_revocations(struct wapbl *w, const uint8_t *rec, struct dd_err *e)
{
	uint32_t count = get32le(rec + R_COUNT), i;
	uint64_t key, n;

	for (i = 0; i < count; i++) {
		if (read_target(w, rec + R_BLOCKS + i * R_BLOCK_SIZE, &key, &n,
		    e) == -1)
			return -1;
		w->revoked += n;
		if (w->revoked > REVOKED_MAX)
			return damaged(e, "too many freed blocks");
		for (; n > 0; n--, key++)
			(void)map_del(&w->blocks, key);
	}
	return 0;
}

static int
scan(struct wapbl *w, struct dd_err *e)
{
	uint8_t rec[UNIT_MAX];
	uint64_t off = w->tail, total = 0, used;
	uint32_t type, most;
	int rc;

	most = (w->unit - R_BLOCKS) / R_BLOCK_SIZE;
	while (off != w->head) {
		if (read_ring(w, rec, w->unit, off, e) == -1)
			return -1;
		type = get32le(rec + R_TYPE);
		used = w->unit;
		if ((type == WC_BLOCKS || type == WC_REVOCATIONS) &&
		    get32le(rec + R_COUNT) > most)
			return damaged(e, "a record is too long");
		if (type == WC_BLOCKS)
			rc = take_blocks(w, rec, off, &used, e);
		else if (type == WC_REVOCATIONS)
			rc = take_revocations(w, rec, e);
		else if (type == WC_INODES)
			rc = 0;
		else
			return damaged(e, "a record is of no known type");
		if (rc == -1)
			return -1;
		total += used;
		if (get32le(rec + R_LEN) != used || total > w->circ_size)
			return damaged(e, "its records don't add up");
		off = advance(w, off, used);
	}
	return 0;
}

/* Everything up to the map. */
static int
open_log(struct wapbl *w, struct blk *b, const struct ffs_sb *s,
    struct dd_err *e)
{
	memset(w, 0, sizeof(*w));
	if (locate(w, b, s, e) == -1 || read_header(w, e) == -1 ||
	    scan(w, e) == -1) {
		map_dispose(&w->blocks);
		return -1;
	}
	return 0;
}

int
wapbl_dirty(struct blk *b, const struct ffs_sb *s, bool *dirty,
    struct dd_err *e)
{
	struct wapbl *w;
	int rc = -1;

	*dirty = false;
	if (!configured(s))
		return 0;
	if ((w = malloc(sizeof(*w))) == NULL)
		return dd_fail_nomem(e);
	if (open_log(w, b, s, e) == 0) {
		*dirty = w->head != w->tail;
		map_dispose(&w->blocks);
		rc = 0;
	}
	free(w);
	return rc;
}

/* The device as it is after a replay. */
struct laid {
	struct blk	 b;
	struct wapbl	 w;		/* w.b: the layer below */
};

static int
laid_pread(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	struct laid *l = (struct laid *)b;
	struct wapbl *w = &l->w;
	uint8_t *to = p;
	uint32_t skip, n;
	void *val;

	if (blk_pread(w->b, p, len, off, e) == -1)
		return -1;
	for (; len > 0; to += n, off += n, len -= n) {
		skip = (uint32_t)(off % w->fs_unit);
		n = (uint32_t)min64(len, w->fs_unit - skip);
		val = map_get(&w->blocks, off / w->fs_unit);
		if (val != NULL && read_ring(w, to, n, advance(w,
		    (uintptr_t)val - 1, skip), e) == -1)
			return -1;
	}
	return 0;
}

static void
laid_close(struct blk *b)
{
	blk_close(wapbl_release(b));
}

static const struct blk_ops laid_ops = {
	.name = "wapbl",
	.pread = laid_pread,
	.pread_committed = laid_pread,
	.close = laid_close,
};

int
wapbl_lay(struct blk **b, const struct ffs_sb *s, struct dd_err *e)
{
	struct laid *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return dd_fail_nomem(e);
	if (open_log(&l->w, *b, s, e) == -1) {
		free(l);
		return -1;
	}
	l->b = (struct blk){ .ops = &laid_ops, .size = (*b)->size,
	    .sector_size = (*b)->sector_size };
	*b = &l->b;
	return 0;
}

struct blk *
wapbl_release(struct blk *b)
{
	struct laid *l = (struct laid *)b;
	struct blk *lower = l->w.b;

	map_dispose(&l->w.blocks);
	free(l);
	return lower;
}

/* Each block's last content, to its place. */
static int
replay(struct wapbl *w, struct dd_err *e)
{
	uint8_t *buf = malloc(w->fs_unit);
	uint64_t key;
	size_t at = 0;
	void *val;
	int rc = -1;

	if (buf == NULL)
		return dd_fail_nomem(e);
	while ((val = map_next(&w->blocks, &at, &key)) != NULL)
		if (read_ring(w, buf, w->fs_unit, (uintptr_t)val - 1,
		    e) == -1 || blk_pwrite(w->b, buf, w->fs_unit,
		    key * w->fs_unit, BLK_JOURNALED, e) == -1)
			goto out;
	rc = 0;
out:
	free(buf);
	return rc;
}

/* Both headers, in their turn: nothing between head and tail. */
static int
empty_log(struct wapbl *w, struct dd_err *e)
{
	unsigned i;

	put64le(w->header + H_HEAD, 0);
	put64le(w->header + H_TAIL, 0);
	for (i = 0; i < 2; i++) {
		w->generation++;
		put32le(w->header + H_GENERATION, w->generation);
		if (blk_pwrite(w->b, w->header, w->unit, w->base +
		    w->generation % 2 * w->unit, BLK_JOURNALED, e) == -1)
			return -1;
	}
	return 0;
}

int
wapbl_replay_write(struct blk *b, const struct ffs_sb *s, struct dd_err *e)
{
	struct wapbl *w = malloc(sizeof(*w));
	int rc = -1;

	if (w == NULL)
		return dd_fail_nomem(e);
	if (open_log(w, b, s, e) == 0) {
		if (replay(w, e) == 0)
			rc = empty_log(w, e);
		map_dispose(&w->blocks);
	}
	free(w);
	return rc;
}
