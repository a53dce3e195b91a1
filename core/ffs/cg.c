/*
 * Cylinder groups at work.
 *
 * A group that is being changed is kept in memory with two fragment maps: the
 * one of now, in its block, and the one of the committed state.  Only what is
 * free in both is given out ("available"), so everything given out may be
 * written directly, and what a transaction frees stays untouched until it is
 * committed.  Only the maps and totals are kept up on the way; all else that
 * follows from them is made by cg_recompute when the block is written.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/cg.h"

#define CG_KEPT		((size_t)8 << 20)	/* bytes of groups in memory */

static uint8_t *
inode_map(const struct ffs *fs, const struct ffs_cg *c)
{
	return c->raw + fs->layout.iusedoff;
}

int
cg_bad(uint32_t cg, const char *what, struct dd_err *e)
{
	(void)dd_fail(e, ERR_CORRUPT, "cylinder group %u: %s", cg, what);
	return dd_hint(e, "run 'drydock check' on the image");
}

void
cg_changed(struct ffs *fs, struct ffs_cg *c)
{
	c->dirty = true;
	fs->dirty = true;
	fs->changes++;
}

/* The fields that this file relies on, and the sums, against the maps. */
static int
check_group(const struct ffs *fs, const struct ffs_cg *c, uint8_t *scratch,
    struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	const struct cg_layout *l = &fs->layout;
	const struct ffs_csum *cs = &fs->cs[c->cg];
	const uint8_t *raw = c->raw;
	const int64_t base = sb_cgbase(s, c->cg);
	uint32_t i;

	if (get32le(raw + CG_O_MAGIC) != CG_MAGIC ||
	    get32le(raw + CG_O_CGX) != c->cg)
		return cg_bad(c->cg, "it is not where it should be", e);
	if (get32le(raw + CG_O_IUSEDOFF) != l->iusedoff ||
	    get32le(raw + CG_O_FREEOFF) != l->freeoff ||
	    get32le(raw + CG_O_CLUSTEROFF) != l->clusteroff ||
	    get32le(raw + CG_O_CLUSTERSUMOFF) != l->clustersumoff)
		return cg_bad(c->cg, "its maps do not stand where NetBSD "
		    "puts them", e);
	if (s->version == 2 && (get32le(raw + CG_O_INITEDIBLK) > s->ipg ||
	    get32le(raw + CG_O_INITEDIBLK) % s->inopb != 0))
		return cg_bad(c->cg, "cg_initediblk can't be", e);
	for (i = 0; i < c->ndblk; i++)
		if (bit_test(cg_free_map(fs, c), i) &&
		    !frag_is_data(s, base + i))
			return cg_bad(c->cg, "its own blocks are marked "
			    "free", e);
	memcpy(scratch, raw, s->bsize);
	cg_recompute(s, c->cg, scratch, cs->ndir);
	if (memcmp(scratch + CG_O_CS, raw + CG_O_CS, CSUM_SIZE) != 0 ||
	    (int32_t)get32le(raw + CG_O_CS + 4) != cs->nbfree ||
	    (int32_t)get32le(raw + CG_O_CS + 8) != cs->nifree ||
	    (int32_t)get32le(raw + CG_O_CS + 12) != cs->nffree)
		return cg_bad(c->cg, "its sums do not fit its maps", e);
	return 0;
}

static int
write_group(struct ffs *fs, struct ffs_cg *c, struct dd_err *e)
{
	if (!c->dirty)
		return 0;
	put32le(c->raw + CG_O_OLD_TIME, (uint32_t)fs->now.sec);
	if (!sb_is_old(&fs->sb))
		put64le(c->raw + CG_O_TIME, (uint64_t)fs->now.sec);
	cg_recompute(&fs->sb, c->cg, c->raw, fs->cs[c->cg].ndir);
	if (blk_pwrite(fs->b, c->raw, fs->sb.bsize,
	    (uint64_t)sb_cgtod(&fs->sb, c->cg) << fs->sb.fshift,
	    BLK_JOURNALED, e) == -1)
		return -1;
	c->dirty = false;
	return 0;
}

static void
free_group(struct ffs_cg *c)
{
	if (c == NULL)
		return;
	free(c->raw);
	free(c->committed);
	free(c);
}

/* Put away the group that was not used for longest. */
static int
put_one_away(struct ffs *fs, struct dd_err *e)
{
	struct ffs_cg *c, *oldest = NULL;
	size_t at = 0;
	uint64_t key;

	while ((c = map_next(&fs->cgs, &at, &key)) != NULL)
		if (oldest == NULL || c->used < oldest->used)
			oldest = c;
	if (write_group(fs, oldest, e) == -1)
		return -1;
	(void)map_del(&fs->cgs, oldest->cg);
	free_group(oldest);
	return 0;
}

static int
read_group(struct ffs *fs, struct ffs_cg *c, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	const uint64_t at = (uint64_t)sb_cgtod(s, c->cg) << s->fshift;
	const size_t map_len = (s->fpg + 7) / 8;
	uint8_t *scratch = NULL;
	int rc = -1;

	c->ndblk = sb_cg_frags(s, c->cg);
	c->raw = malloc(s->bsize);
	c->committed = malloc(map_len);
	scratch = malloc(s->bsize);
	if (c->raw == NULL || c->committed == NULL || scratch == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (blk_pread(fs->b, c->raw, s->bsize, at, e) == -1 ||
	    check_group(fs, c, scratch, e) == -1 ||
	    blk_pread_committed(fs->b, scratch, s->bsize, at, e) == -1)
		goto out;
	memcpy(c->committed, scratch + fs->layout.freeoff, map_len);
	rc = 0;
out:
	free(scratch);
	return rc;
}

int
cg_get(struct ffs *fs, uint32_t cg, struct ffs_cg **out, struct dd_err *e)
{
	struct ffs_cg *c = map_get(&fs->cgs, cg);

	if (c != NULL) {
		c->used = ++fs->cg_clock;
		*out = c;
		return 0;
	}
	if (fs->cgs.len >= 4 && fs->cgs.len * 2 * fs->sb.bsize >= CG_KEPT &&
	    put_one_away(fs, e) == -1)
		return -1;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return dd_fail_nomem(e);
	c->cg = cg;
	if (read_group(fs, c, e) == -1)
		goto fail;
	if (map_put(&fs->cgs, cg, c) == -1) {
		(void)dd_fail_nomem(e);
		goto fail;
	}
	cg_count(fs, c);
	c->used = ++fs->cg_clock;
	*out = c;
	return 0;
fail:
	free_group(c);
	return -1;
}

/*
 * Inode blocks of UFS2 past cg_initediblk hold whatever was on the disk:
 * those up to the one with the inode are cleared.
 */
static int
clear_inode_blocks(struct ffs *fs, uint32_t cg, uint32_t inited,
    uint32_t index, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	struct ffs_buf *b;

	for (; inited <= index; inited += s->inopb) {
		if (cache_get(fs, sb_ino_frag(s, cg * s->ipg + inited),
		    s->bsize, true, &b, e) == -1)
			return -1;
		cache_dirty(fs, b);
		cache_put(fs, b);
	}
	return 0;
}

/*
 * Always the lowest one: older kernels of NetBSD judge by the number of inodes
 * in use whether the next one lies behind cg_initediblk, and so rely on there
 * being few gaps.
 */
int
cg_take_inode(struct ffs *fs, uint32_t cg, bool dir, uint32_t *ino,
    struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	struct ffs_cg *c;
	uint32_t i, inited;

	if (cg_get(fs, cg, &c, e) == -1)
		return -1;
	for (i = c->lowest_inode; i < s->ipg && bit_test(inode_map(fs, c),
	    i); i++)
		;
	if (i == s->ipg || cg * s->ipg + i < FFS_ROOT)
		return cg_bad(cg, "its inode map does not fit its sums",
		    e);
	inited = get32le(c->raw + CG_O_INITEDIBLK);
	if (s->version == 2 && i >= inited) {
		if (clear_inode_blocks(fs, cg, inited, i, e) == -1 ||
		    cg_get(fs, cg, &c, e) == -1)
			return -1;
		put32le(c->raw + CG_O_INITEDIBLK,
		    i - i % s->inopb + s->inopb);
	}
	bit_set(inode_map(fs, c), i);
	c->lowest_inode = i + 1;
	put32le(c->raw + CG_O_IROTOR, i);
	fs->cs[cg].nifree--;
	fs->sb.cs_nifree--;
	if (dir) {
		fs->cs[cg].ndir++;
		fs->sb.cs_ndir++;
	}
	cg_changed(fs, c);
	*ino = cg * s->ipg + i;
	return 0;
}

int
free_inode(struct ffs *fs, uint32_t ino, bool dir, struct dd_err *e)
{
	struct ffs_cg *c;
	uint32_t i = ino % fs->sb.ipg;

	if (cg_get(fs, ino / fs->sb.ipg, &c, e) == -1)
		return -1;
	if (!bit_test(inode_map(fs, c), i))
		return cg_bad(c->cg, "an inode in use is marked free", e);
	bit_clear(inode_map(fs, c), i);
	if (i < c->lowest_inode)
		c->lowest_inode = i;
	if (i < get32le(c->raw + CG_O_IROTOR))
		put32le(c->raw + CG_O_IROTOR, i);
	fs->cs[c->cg].nifree++;
	fs->sb.cs_nifree++;
	if (dir) {
		fs->cs[c->cg].ndir--;
		fs->sb.cs_ndir--;
	}
	cg_changed(fs, c);
	return 0;
}

int
cg_flush(struct ffs *fs, struct dd_err *e)
{
	struct ffs_cg *c;
	size_t at = 0;
	uint64_t key;

	while ((c = map_next(&fs->cgs, &at, &key)) != NULL)
		if (write_group(fs, c, e) == -1)
			return -1;
	return 0;
}

void
cg_committed(struct ffs *fs)
{
	struct ffs_cg *c;
	size_t at = 0;
	uint64_t key;

	while ((c = map_next(&fs->cgs, &at, &key)) != NULL) {
		memcpy(c->committed, cg_free_map(fs, c), (fs->sb.fpg + 7) / 8);
		cg_count(fs, c);
	}
	fs->avail_blocks = fs->sb.cs_nbfree;
	fs->avail_frags = fs->sb.cs_nffree;
}

void
cg_dispose(struct ffs *fs)
{
	struct ffs_cg *c;
	size_t at = 0;
	uint64_t key;

	while ((c = map_next(&fs->cgs, &at, &key)) != NULL)
		free_group(c);
	map_dispose(&fs->cgs);
}
