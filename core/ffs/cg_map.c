/*
 * The fragment map of a cylinder group: what is available in it, taken and
 * given back.
 *
 * Along with the map go the totals of the group and of the file system, and
 * how many whole blocks and shorter runs of each length are available.
 */
#include <string.h>

#include "core/ffs/cg.h"

/* The free fragments of the block at bit i, now. */
static uint8_t
bits_now(const struct ffs *fs, const struct ffs_cg *c, uint32_t i)
{
	uint8_t bits = cg_block_bits(&fs->sb, cg_free_map(fs, c), i);

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

/* Count the available bits of the block at bit `at` in, or out. */
static void
count_available(struct ffs *fs, struct ffs_cg *c, uint32_t at, uint8_t bits,
    bool in)
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
	for (i = 1; i < fs->sb.frag; i++) {
		c->runs[i] += in ? runs[i] : -runs[i];
		if (in && runs[i] > 0)
			c->where[i] = at;
	}
}

/* Count a whole group anew.  The totals of the file system have it already,
 * from its superblock. */
void
cg_count(struct ffs *fs, struct ffs_cg *c)
{
	const int64_t blocks = fs->avail_blocks, frags = fs->avail_frags;
	uint32_t i;

	c->blocks = 0;
	c->lowest = 0;
	memset(c->runs, 0, sizeof(c->runs));
	for (i = 0; i < c->ndblk; i += fs->sb.frag)
		count_available(fs, c, i, bits_available(fs, c, i),
		    true);
	fs->avail_blocks = blocks;
	fs->avail_frags = frags;
}

/* Is this fragment for data, and not one of the group's own? */
bool
frag_is_data(const struct ffs_sb *s, int64_t frag)
{
	uint32_t cg = (uint32_t)(frag / s->fpg);
	int64_t cs_end = s->csaddr + (int64_t)((s->cssize + s->fsize - 1) >>
	    s->fshift);

	if (frag >= s->csaddr && frag < cs_end)
		return false;
	return frag >= sb_cgdmin(s, cg) ||
	    (cg > 0 && frag < sb_cgsblock(s, cg));
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

/* n fragments of one block, from bit i of its group on. */
static void
set_bits(struct ffs *fs, struct ffs_cg *c, uint32_t i, uint32_t n,
    bool is_free)
{
	uint32_t block = i - i % fs->sb.frag;

	count_now(fs, c, bits_now(fs, c, block), -1);
	count_available(fs, c, block, bits_available(fs, c, block), false);
	for (; n > 0; n--, i++)
		if (is_free)
			bit_set(cg_free_map(fs, c), i);
		else
			bit_clear(cg_free_map(fs, c), i);
	count_now(fs, c, bits_now(fs, c, block), 1);
	count_available(fs, c, block, bits_available(fs, c, block), true);
	if (is_free && block < c->lowest)
		c->lowest = block;
	cg_changed(fs, c);
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
		if (!frag_is_data(s, frag + i) ||
		    bit_test(cg_free_map(fs, c), bit + i))
			return cg_bad(c->cg, "a block of a file is marked "
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

/* The first run of exactly n available bits in a block that is not available
 * as a whole. */
static bool
find_run(const struct ffs *fs, const struct ffs_cg *c, uint32_t block,
    uint32_t n, uint32_t *bit)
{
	const uint32_t frag = fs->sb.frag;
	uint8_t bits = bits_available(fs, c, block);
	uint32_t run = 0, i;

	if (bits == full_block(fs))
		return false;
	for (i = 0; i <= frag; i++) {
		if (i < frag && (bits >> i & 1) != 0) {
			run++;
			continue;
		}
		if (run == n) {
			*bit = block + i - n;
			return true;
		}
		run = 0;
	}
	return false;
}

/* Are 64 bits of the map from i on, a multiple of 64, all the same? */
static bool
uniform(const struct ffs *fs, const struct ffs_cg *c, uint32_t i)
{
	uint64_t bits;

	if (i % 64 != 0 || c->ndblk - i < 64)
		return false;
	bits = get64le(cg_free_map(fs, c) + i / 8) &
	    get64le(c->committed + i / 8);
	return bits == 0 || bits == UINT64_MAX;
}

/* Where such a run was last seen, it mostly is; else the group is searched. */
bool
cg_find_frags(const struct ffs *fs, struct ffs_cg *c, uint32_t n,
    uint32_t *bit)
{
	const uint32_t frag = fs->sb.frag;
	uint32_t nblocks = (c->ndblk + frag - 1) / frag;
	uint32_t size, start, i, block;

	for (size = n; size < frag && c->runs[size] == 0; size++)
		;
	if (size >= frag)
		return false;
	start = c->where[size] / frag;
	for (i = 0; i < nblocks; i++) {
		block = (start + i) % nblocks * frag;
		if (uniform(fs, c, block))
			i += 64 / frag - 1;
		else if (find_run(fs, c, block, size, bit)) {
			c->where[size] = block;
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
		if (!frag_is_data(&fs->sb, frag))
			return 0;
		if (cg_get(fs, (uint32_t)(frag / fs->sb.fpg), &c, e) == -1)
			return -1;
		if (!bit_test(c->committed, (uint64_t)(frag % fs->sb.fpg)))
			return 0;
	}
	*yes = true;
	return 0;
}

