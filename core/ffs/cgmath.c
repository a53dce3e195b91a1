/*
 * What a cylinder group's block holds, as arithmetic on its bytes: where the
 * maps stand, and the sums that follow from them.
 *
 * Everything that can be derived is derived in one place, so that the
 * allocator, format and check can't disagree about it.
 */
#include <string.h>

#include "core/ffs/ffs_impl.h"

static uint32_t
old_field(const struct ffs_sb *s, unsigned off)
{
	return get32le(s->raw + off);
}

bool
cg_layout(const struct ffs_sb *s, struct cg_layout *l)
{
	uint64_t at = CG_SIZE;
	uint64_t cpg, nrpos;

	memset(l, 0, sizeof(*l));
	if (s->version == 1) {
		cpg = old_field(s, SB_O_OLD_CPG);
		nrpos = old_field(s, SB_O_OLD_NRPOS);
		if (cpg > s->bsize || nrpos > s->bsize)
			return false;
		l->btotoff = (uint32_t)at;
		at += cpg * 4;
		l->boff = (uint32_t)at;
		at += cpg * nrpos * 2;
		if (at > s->bsize)
			return false;
	}
	l->iusedoff = (uint32_t)at;
	at += (s->ipg + 7ULL) / 8;
	l->freeoff = (uint32_t)at;
	at += (s->fpg + 7ULL) / 8;
	if (s->contigsumsize > 0) {
		/* The sum for clusters of no block is never used; its four
		 * bytes overlap the end of the fragment map. */
		at = round_up(at - 4, 4);
		l->clustersumoff = (uint32_t)at;
		at += (s->contigsumsize + 1ULL) * 4;
		l->clusteroff = (uint32_t)at;
		l->nclusters = s->fpg / s->frag;
		at += (l->nclusters + 7) / 8;
	}
	l->nextfreeoff = (uint32_t)at;
	return at <= s->bsize;
}

uint8_t
cg_block_bits(const struct ffs_sb *s, const uint8_t *map, uint32_t i)
{
	return (uint8_t)(map[i / 8] >> (i % 8) & ((1U << s->frag) - 1));
}

void
cg_count_runs(const struct ffs_sb *s, uint8_t bits,
    uint32_t frsum[FFS_MAXFRAG])
{
	uint32_t run = 0, j;

	for (j = 0; j <= s->frag; j++) {
		if (bits >> j & 1) {
			run++;
			continue;
		}
		if (run > 0 && run < s->frag)
			frsum[run]++;
		run = 0;
	}
}

/* The block at fragment bit of a group, in 4.4BSD's rotational tables. */
static void
count_rotation(const struct ffs_sb *s, const struct cg_layout *l,
    uint8_t *raw, uint32_t bit)
{
	uint64_t sector = (uint64_t)bit << (old_field(s, SB_O_FSBTODB) & 15);
	uint64_t spc = old_field(s, SB_O_OLD_SPC);
	uint64_t nsect = old_field(s, SB_O_OLD_NSECT);
	uint64_t npsect = old_field(s, SB_O_OLD_NPSECT);
	uint64_t nrpos = old_field(s, SB_O_OLD_NRPOS);
	uint64_t cyl, pos = 0;
	uint8_t *p;

	if (spc == 0 || nsect == 0 || npsect == 0)
		return;
	cyl = sector / spc;
	if (nrpos > 1)
		pos = (sector % spc / nsect *
		    old_field(s, SB_O_OLD_TRACKSKEW) + sector % spc % nsect *
		    old_field(s, SB_O_OLD_INTERLEAVE)) % nsect * nrpos /
		    npsect;
	if (cyl >= old_field(s, SB_O_OLD_CPG) || pos >= nrpos)
		return;
	p = raw + l->btotoff + cyl * 4;
	put32le(p, get32le(p) + 1);
	p = raw + l->boff + (cyl * nrpos + pos) * 2;
	put16le(p, (uint16_t)(get16le(p) + 1));
}

/* Number of cylinders: only 4.4BSD ever used it, but fsck compares. */
static uint32_t
old_cylinders(const struct ffs_sb *s, uint32_t cg, uint32_t ndblk)
{
	uint32_t cpg = old_field(s, SB_O_OLD_CPG);
	uint32_t per;

	if (cg != s->ncg - 1 || cpg == 0)
		return cpg;
	if (sb_is_old(s))
		return old_field(s, SB_O_OLD_NCYL) % cpg;
	per = s->fpg / cpg;
	return per == 0 ? 0 : (ndblk + per - 1) / per;
}

static void
put_static(const struct ffs_sb *s, const struct cg_layout *l, uint32_t cg,
    uint8_t *raw)
{
	uint32_t ndblk = sb_cg_frags(s, cg);
	bool v1 = s->version == 1;

	put32le(raw + CG_O_FIRSTFIELD, 0);
	put32le(raw + CG_O_MAGIC, CG_MAGIC);
	put32le(raw + CG_O_CGX, cg);
	put16le(raw + CG_O_OLD_NCYL, v1 ?
	    (uint16_t)old_cylinders(s, cg, ndblk) : 0);
	put16le(raw + CG_O_OLD_NIBLK, v1 ? (uint16_t)s->ipg : 0);
	put32le(raw + CG_O_NDBLK, ndblk);
	put32le(raw + CG_O_OLD_BTOTOFF, l->btotoff);
	put32le(raw + CG_O_OLD_BOFF, l->boff);
	put32le(raw + CG_O_IUSEDOFF, l->iusedoff);
	put32le(raw + CG_O_FREEOFF, l->freeoff);
	put32le(raw + CG_O_NEXTFREEOFF, l->nextfreeoff);
	put32le(raw + CG_O_CLUSTERSUMOFF, l->clustersumoff);
	put32le(raw + CG_O_CLUSTEROFF, l->clusteroff);
	put32le(raw + CG_O_NCLUSTERBLKS, l->clusteroff == 0 ? 0 :
	    ndblk / s->frag);
	put32le(raw + CG_O_NIBLK, v1 ? 0 : s->ipg);
}

/* How many runs there are of each length up to contigsumsize. */
static void
put_clustersum(const struct ffs_sb *s, const struct cg_layout *l,
    uint8_t *raw, uint32_t nblocks)
{
	const uint8_t *map = raw + l->clusteroff;
	uint32_t run = 0, i;
	uint8_t *p;

	memset(raw + l->clustersumoff + 4, 0, s->contigsumsize * 4UL);
	for (i = 0; i <= nblocks; i++) {
		if (i < nblocks && bit_test(map, i)) {
			run++;
			continue;
		}
		if (run > s->contigsumsize)
			run = s->contigsumsize;
		if (run > 0) {
			p = raw + l->clustersumoff + run * 4UL;
			put32le(p, get32le(p) + 1);
		}
		run = 0;
	}
}

static uint32_t
count_bits(const uint8_t *map, uint32_t nbits)
{
	uint32_t n = 0, i;

	for (i = 0; i < nbits / 8; i++)
		n += (uint32_t)__builtin_popcount(map[i]);
	for (i = nbits - nbits % 8; i < nbits; i++)
		n += (uint32_t)bit_test(map, i);
	return n;
}

void
cg_recompute(const struct ffs_sb *s, uint32_t cg, uint8_t *raw, int32_t ndir)
{
	struct cg_layout l;
	uint32_t frsum[FFS_MAXFRAG] = { 0 };
	uint32_t ndblk = sb_cg_frags(s, cg);
	uint32_t full = (1U << s->frag) - 1;
	uint32_t nbfree = 0, nffree = 0, i;
	uint8_t bits;

	(void)cg_layout(s, &l);
	put_static(s, &l, cg, raw);
	if (sb_is_old(s))
		memset(raw + l.btotoff, 0, l.iusedoff - l.btotoff);
	if (l.clusteroff != 0)
		memset(raw + l.clusteroff, 0, (l.nclusters + 7) / 8);

	for (i = 0; i < ndblk; i += s->frag) {
		bits = cg_block_bits(s, raw + l.freeoff, i);
		if (bits == full) {
			nbfree++;
			if (l.clusteroff != 0)
				bit_set(raw + l.clusteroff, i / s->frag);
			if (sb_is_old(s))
				count_rotation(s, &l, raw, i);
		} else if (bits != 0) {
			nffree += (uint32_t)__builtin_popcount(bits);
			cg_count_runs(s, bits, frsum);
		}
	}

	put32le(raw + CG_O_CS, (uint32_t)ndir);
	put32le(raw + CG_O_CS + 4, nbfree);
	put32le(raw + CG_O_CS + 8, s->ipg -
	    count_bits(raw + l.iusedoff, s->ipg));
	put32le(raw + CG_O_CS + 12, nffree);
	for (i = 0; i < FFS_MAXFRAG; i++)
		put32le(raw + CG_O_FRSUM + i * 4, frsum[i]);
	if (l.clusteroff != 0)
		put_clustersum(s, &l, raw, ndblk / s->frag);
}
