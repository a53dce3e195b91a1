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
free_map(const struct ffs *fs, const struct ffs_cg *c)
{
	return c->raw + fs->layout.freeoff;
}

static uint8_t *
inode_map(const struct ffs *fs, const struct ffs_cg *c)
{
	return c->raw + fs->layout.iusedoff;
}

/* The free fragments of the block at bit i, now. */
static uint8_t
bits_now(const struct ffs *fs, const struct ffs_cg *c, uint32_t i)
{
	uint8_t bits = cg_block_bits(&fs->sb, free_map(fs, c), i);

	if (c->ndblk - i < fs->sb.frag)
		bits &= (uint8_t)((1U << (c->ndblk - i)) - 1);
	return bits;
}

static uint8_t
bits_available(const struct ffs *fs, const struct ffs_cg *c, uint32_t i)
{
	return bits_now(fs, c, i) &
	    cg_block_bits(&fs->sb, c->committed, i);
}

static uint8_t
full_block(const struct ffs *fs)
{
	return (uint8_t)((1U << fs->sb.frag) - 1);
}

/* Count a block's available bits in, or out. */
static void
count_available(struct ffs *fs, struct ffs_cg *c, uint8_t bits, bool in)
{
	uint32_t runs[FFS_MAXFRAG] = { 0 };
	uint32_t i;

	if (bits == full_block(fs)) {
		c->blocks += in ? 1U : -1U;
		fs->avail_blocks += in ? 1 : -1;
		return;
	}
	fs->avail_frags += __builtin_popcount(bits) * (in ? 1 : -1);
	cg_count_runs(&fs->sb, bits, runs);
	for (i = 1; i < fs->sb.frag; i++)
		c->runs[i] += in ? runs[i] : -runs[i];
}

/* Count a whole group anew.  The totals of the file system have it already,
 * from its superblock. */
static void
count_group(struct ffs *fs, struct ffs_cg *c)
{
	const int64_t blocks = fs->avail_blocks, frags = fs->avail_frags;
	uint32_t i;

	c->blocks = 0;
	c->lowest = 0;
	memset(c->runs, 0, sizeof(c->runs));
	for (i = 0; i < c->ndblk; i += fs->sb.frag)
		count_available(fs, c, bits_available(fs, c, i), true);
	fs->avail_blocks = blocks;
	fs->avail_frags = frags;
}

/* Is this fragment for data, and not one of the group's own? */
static bool
is_data(const struct ffs_sb *s, int64_t frag)
{
	uint32_t cg = (uint32_t)(frag / s->fpg);
	int64_t cs_end = s->csaddr + (int64_t)((s->cssize + s->fsize - 1) >>
	    s->fshift);

	if (frag >= s->csaddr && frag < cs_end)
		return false;
	return frag >= sb_cgdmin(s, cg) ||
	    (cg > 0 && frag < sb_cgsblock(s, cg));
}

static int
bad_group(uint32_t cg, const char *what, struct dd_err *e)
{
	(void)dd_fail(e, ERR_CORRUPT, "cylinder group %u: %s", cg, what);
	return dd_hint(e, "run 'drydock check' on the image");
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
	int64_t f;

	if (get32le(raw + CG_O_MAGIC) != CG_MAGIC ||
	    get32le(raw + CG_O_CGX) != c->cg)
		return bad_group(c->cg, "it is not where it should be", e);
	if (get32le(raw + CG_O_IUSEDOFF) != l->iusedoff ||
	    get32le(raw + CG_O_FREEOFF) != l->freeoff ||
	    get32le(raw + CG_O_CLUSTEROFF) != l->clusteroff ||
	    get32le(raw + CG_O_CLUSTERSUMOFF) != l->clustersumoff)
		return bad_group(c->cg, "its maps do not stand where NetBSD "
		    "puts them", e);
	if (s->version == 2 && (get32le(raw + CG_O_INITEDIBLK) > s->ipg ||
	    get32le(raw + CG_O_INITEDIBLK) % s->inopb != 0))
		return bad_group(c->cg, "cg_initediblk can't be", e);
	for (f = sb_cgsblock(s, c->cg); f < sb_cgdmin(s, c->cg); f++)
		if (bit_test(free_map(fs, c), (uint64_t)(f -
		    sb_cgbase(s, c->cg))))
			return bad_group(c->cg, "its own blocks are marked "
			    "free", e);
	memcpy(scratch, raw, s->bsize);
	cg_recompute(s, c->cg, scratch, cs->ndir);
	if (memcmp(scratch + CG_O_CS, raw + CG_O_CS, CSUM_SIZE) != 0 ||
	    (int32_t)get32le(raw + CG_O_CS + 4) != cs->nbfree ||
	    (int32_t)get32le(raw + CG_O_CS + 8) != cs->nifree ||
	    (int32_t)get32le(raw + CG_O_CS + 12) != cs->nffree)
		return bad_group(c->cg, "its sums do not fit its maps", e);
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
	count_group(fs, c);
	c->used = ++fs->cg_clock;
	*out = c;
	return 0;
fail:
	free_group(c);
	return -1;
}

/* The totals of the group and the file system, as one block changes. */
static void
count_now(struct ffs *fs, const struct ffs_cg *c, uint8_t bits, int sign)
{
	struct ffs_csum *cs = &fs->cs[c->cg];
	int n = sign * __builtin_popcount(bits);

	if (bits == full_block(fs)) {
		cs->nbfree += sign;
		fs->sb.cs_nbfree += sign;
	} else {
		cs->nffree += n;
		fs->sb.cs_nffree += n;
	}
}

static void
changed(struct ffs *fs, struct ffs_cg *c)
{
	c->dirty = true;
	fs->dirty = true;
	fs->changes++;
}

/* n fragments of one block, from bit i of its group on. */
static void
set_bits(struct ffs *fs, struct ffs_cg *c, uint32_t i, uint32_t n,
    bool is_free)
{
	uint32_t block = i - i % fs->sb.frag;

	count_now(fs, c, bits_now(fs, c, block), -1);
	count_available(fs, c, bits_available(fs, c, block), false);
	for (; n > 0; n--, i++)
		if (is_free)
			bit_set(free_map(fs, c), i);
		else
			bit_clear(free_map(fs, c), i);
	count_now(fs, c, bits_now(fs, c, block), 1);
	count_available(fs, c, bits_available(fs, c, block), true);
	if (is_free && block < c->lowest)
		c->lowest = block;
	changed(fs, c);
}

void
cg_take(struct ffs *fs, struct ffs_cg *c, uint32_t i, uint32_t n)
{
	put32le(c->raw + (n == fs->sb.frag ? CG_O_ROTOR : CG_O_FROTOR), i);
	set_bits(fs, c, i, n, false);
}

int
free_frags(struct ffs *fs, int64_t frag, uint32_t nfrags, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	struct ffs_cg *c;
	uint32_t bit, i;

	if (frag <= 0 || frag > s->size - nfrags || nfrags > s->frag ||
	    (uint64_t)frag % s->frag + nfrags > s->frag)
		return dd_fail(e, ERR_CORRUPT, "address %lld is no block to "
		    "be freed", (long long)frag);
	if (cg_get(fs, (uint32_t)(frag / s->fpg), &c, e) == -1)
		return -1;
	bit = (uint32_t)(frag % s->fpg);
	for (i = 0; i < nfrags; i++)
		if (!is_data(s, frag + i) ||
		    bit_test(free_map(fs, c), bit + i))
			return bad_group(c->cg, "a block of a file is marked "
			    "free, or not for files", e);
	set_bits(fs, c, bit, nfrags, true);
	cache_drop(fs, frag, nfrags);
	return 0;
}

bool
cg_is_available(const struct ffs *fs, const struct ffs_cg *c, uint32_t i,
    uint32_t n)
{
	uint32_t shift = i % fs->sb.frag;
	uint32_t want = ((1U << n) - 1) << shift;

	return i < c->ndblk && shift + n <= fs->sb.frag &&
	    (bits_available(fs, c, i - shift) & want) == want;
}

bool
cg_find_blocks(const struct ffs *fs, struct ffs_cg *c, uint32_t want,
    uint32_t *bit)
{
	const uint8_t full = full_block(fs);
	uint32_t run = 0, best = 0, i;

	if (c->blocks == 0)
		return false;
	for (i = c->lowest; i < c->ndblk && best < want; i += fs->sb.frag) {
		if (bits_available(fs, c, i) != full) {
			run = 0;
			continue;
		}
		if (best == 0)
			c->lowest = i;
		if (++run > best) {
			best = run;
			*bit = i - (run - 1) * fs->sb.frag;
		}
	}
	return best > 0;
}

/* The first run of exactly n set bits. */
static bool
find_run(uint8_t bits, uint32_t frag, uint32_t n, uint32_t *at)
{
	uint32_t run = 0, i;

	for (i = 0; i <= frag; i++) {
		if (i < frag && (bits >> i & 1) != 0) {
			run++;
			continue;
		}
		if (run == n) {
			*at = i - n;
			return true;
		}
		run = 0;
	}
	return false;
}

bool
cg_find_frags(const struct ffs *fs, const struct ffs_cg *c, uint32_t n,
    uint32_t *bit)
{
	const uint32_t frag = fs->sb.frag;
	uint32_t start = get32le(c->raw + CG_O_FROTOR);
	uint32_t nblocks = (c->ndblk + frag - 1) / frag;
	uint32_t size, at, i, k;
	uint8_t bits;

	for (size = n; size < frag && c->runs[size] == 0; size++)
		;
	if (size >= frag)
		return false;
	start = start < c->ndblk ? start / frag : 0;
	for (k = 0; k < nblocks; k++) {
		i = (start + k) % nblocks * frag;
		bits = bits_available(fs, c, i);
		if (bits != full_block(fs) &&
		    find_run(bits, frag, size, &at)) {
			*bit = i + at;
			return true;
		}
	}
	return false;
}

int
frags_are_new(struct ffs *fs, int64_t frag, uint32_t nfrags, bool *yes,
    struct dd_err *e)
{
	struct ffs_cg *c;

	*yes = false;
	if (frag <= 0 || frag > fs->sb.size - nfrags)
		return 0;
	for (; nfrags > 0; nfrags--, frag++) {
		if (!is_data(&fs->sb, frag))
			return 0;
		if (cg_get(fs, (uint32_t)(frag / fs->sb.fpg), &c, e) == -1)
			return -1;
		if (!bit_test(c->committed, (uint64_t)(frag % fs->sb.fpg)))
			return 0;
	}
	*yes = true;
	return 0;
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
		return bad_group(cg, "its inode map does not fit its sums",
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
	changed(fs, c);
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
		return bad_group(c->cg, "an inode in use is marked free", e);
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
	changed(fs, c);
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
		memcpy(c->committed, free_map(fs, c), (fs->sb.fpg + 7) / 8);
		count_group(fs, c);
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
