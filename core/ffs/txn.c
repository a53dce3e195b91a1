/*
 * The transaction: from the first change to the commit.
 *
 * Changes collect in the cache, in the cylinder groups and in the layers
 * below.  An operation that fails half-way, after it changed something,
 * spoils the transaction: nothing of it can be committed any more.
 */
#include <stdlib.h>

#include "core/ffs/cg.h"

int
ffs_break(struct ffs *fs, struct dd_err *e)
{
	if (fs->broken.code == ERR_NONE)
		fs->broken = *e;
	dir_index_dispose(fs);
	return -1;
}

int
ffs_may_write(struct ffs *fs, struct dd_err *e)
{
	if (!fs->writable)
		return dd_fail(e, ERR_PERM, "the file system is open for "
		    "reading only");
	if (fs->broken.code == ERR_NONE)
		return 0;
	if (e->code == ERR_NONE)
		*e = fs->broken;
	return -1;
}

int
op_end(struct ffs *fs, int rc, struct dd_err *e)
{
	bool changed = fs->changes != fs->changes_seen;

	fs->changes_seen = fs->changes;
	return rc == -1 && changed ? ffs_break(fs, e) : rc;
}

/*
 * Fragments that are free in the committed state go down directly, all others
 * are journaled: in runs of one kind.  Where the maps can't be trusted (a file
 * system under repair), everything is journaled.
 */
int
ffs_frag_write(struct ffs *fs, const void *buf, size_t len, int64_t frag,
    struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	const uint8_t *p = buf;
	const uint32_t n = (uint32_t)(len >> s->fshift);
	bool direct = false, next = false;
	uint32_t from, i;

	for (from = i = 0; i <= n; i++) {
		if (i < n && !fs->untrusted && frags_are_new(fs, frag + i, 1,
		    &next, e) == -1)
			return -1;
		if (i > from && (i == n || next != direct)) {
			if (blk_pwrite(fs->b, p + ((size_t)from << s->fshift),
			    (size_t)(i - from) << s->fshift,
			    (uint64_t)(frag + from) << s->fshift,
			    direct ? BLK_DIRECT : BLK_JOURNALED, e) == -1)
				return -1;
			from = i;
		}
		direct = next;
	}
	return 0;
}

static int
write_cs(struct ffs *fs, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	size_t len = round_up((uint64_t)s->ncg * CSUM_SIZE, s->fsize);
	uint8_t *raw = calloc(1, len);
	uint32_t i;
	int rc;

	if (raw == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < s->ncg; i++) {
		uint8_t *p = raw + (size_t)i * CSUM_SIZE;

		put32le(p, (uint32_t)fs->cs[i].ndir);
		put32le(p + 4, (uint32_t)fs->cs[i].nbfree);
		put32le(p + 8, (uint32_t)fs->cs[i].nifree);
		put32le(p + 12, (uint32_t)fs->cs[i].nffree);
	}
	rc = blk_pwrite(fs->b, raw, len, (uint64_t)s->csaddr << s->fshift,
	    BLK_JOURNALED, e);
	free(raw);
	return rc;
}

static int
write_sb(struct ffs *fs, uint8_t clean, enum blk_how how, struct dd_err *e)
{
	fs->sb.clean = clean;
	sb_encode(&fs->sb);
	return blk_pwrite(fs->b, fs->sb.raw, round_up(SB_FIELDS,
	    fs->b->sector_size), fs->sb.at, how, e);
}

static int
commit(struct ffs *fs, struct dd_err *e)
{
	fs->sb.time = fs->now.sec;
	fs->sb.fmod = 0;
	if (cache_flush(fs, e) == -1 || cg_flush(fs, e) == -1 ||
	    write_cs(fs, e) == -1 || write_sb(fs, 0, BLK_MARK, e) == -1 ||
	    write_sb(fs, 1, BLK_JOURNALED, e) == -1)
		return -1;
	return blk_flush(fs->b, e);
}

int
ffs_commit(struct ffs *fs, struct dd_err *e)
{
	if (ffs_may_write(fs, e) == -1)
		return -1;
	if (!fs->dirty)
		return 0;
	if (commit(fs, e) == -1)
		return ffs_break(fs, e);
	cg_committed(fs);
	fs->dirty = false;
	return 0;
}
