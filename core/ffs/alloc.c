/*
 * Where things go.
 *
 * As FFS does it: a file's blocks one behind the other, in the group of its
 * inode; a large file changes group every fs_maxbpg blocks, so that it leaves
 * room for others; files stay in the group of their directory; directories
 * spread over the groups, first-level ones most.  The rules for directories
 * are Grigoriy Orlov's, as NetBSD's ffs_dirpref has them, without chance:
 * the same operations on the same image give the same image.
 */
#include "core/base/units.h"
#include "core/ffs/cg.h"

#define AVGFILESIZE	16384		/* where the superblock says 0 */
#define AVGFPDIR	64

static int
no_space(const struct ffs *fs, uint64_t need, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	uint64_t now = (uint64_t)(s->cs_nbfree * s->frag + s->cs_nffree);
	uint64_t avail = ffs_avail_frags(fs);
	char a[UNITS_MAX], b[UNITS_MAX], c[UNITS_MAX];

	(void)dd_fail(e, ERR_NOSPC, "the file system is full: %s needed, %s "
	    "free", units_format(a, need << s->fshift),
	    units_format(b, avail << s->fshift));
	if (now > avail)
		return dd_hint(e, "%s are freed by this change, but can't be "
		    "used before it is done: do it in two steps",
		    units_format(c, (now - avail) << s->fshift));
	return dd_hint(e, "make room in the image, or make a larger one");
}

uint64_t
ffs_avail_frags(const struct ffs *fs)
{
	return (uint64_t)(fs->avail_blocks * fs->sb.frag + fs->avail_frags);
}

int
alloc_check(struct ffs *fs, uint64_t blocks, uint32_t tail, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	uint64_t have = (uint64_t)fs->avail_blocks;
	struct ffs_cg *c;
	uint32_t cg, bit;

	if (blocks + (tail > 0) <= have)
		return 0;
	for (cg = 0; blocks <= have && cg < s->ncg; cg++) {
		if (fs->cs[cg].nffree < (int32_t)tail)
			continue;
		if (cg_get(fs, cg, &c, e) == -1)
			return -1;
		if (cg_find_frags(fs, c, tail, &bit))
			return 0;
	}
	return no_space(fs, blocks * s->frag + tail, e);
}

/* Take n fragments in this group; want: see alloc_blocks. */
static int
take_in_group(struct ffs *fs, uint32_t cg, uint32_t n, uint32_t want,
    int64_t *frag, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	const struct ffs_csum *cs = &fs->cs[cg];
	struct ffs_cg *c;
	uint32_t bit;

	if (cs->nbfree == 0 && (n == s->frag || cs->nffree < (int32_t)n))
		return 0;
	if (cg_get(fs, cg, &c, e) == -1)
		return -1;
	if ((n == s->frag || !cg_find_frags(fs, c, n, &bit)) &&
	    !cg_find_blocks(fs, c, want, &bit))
		return 0;
	cg_take(fs, c, bit, n);
	*frag = sb_cgbase(s, cg) + bit;
	return 1;
}

int
alloc_blocks(struct ffs *fs, const struct ffs_inode *ip, int64_t pref,
    uint32_t nfrags, uint32_t want, int64_t *frag, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	uint32_t cg = ip->ino / s->ipg, k, bit;
	struct ffs_cg *c;
	int rc;

	if (pref > 0 && pref < s->size) {
		cg = (uint32_t)(pref / s->fpg);
		bit = (uint32_t)(pref % s->fpg);
		if (cg_get(fs, cg, &c, e) == -1)
			return -1;
		if (nfrags == s->frag && cg_is_available(fs, c, bit, nfrags)) {
			cg_take(fs, c, bit, nfrags);
			*frag = pref;
			return 0;
		}
	}
	for (k = 0; k < s->ncg; k++) {
		rc = take_in_group(fs, cg, nfrags, want, frag, e);
		if (rc != 0)
			return rc == 1 ? 0 : -1;
		cg = cg + 1 < s->ncg ? cg + 1 : 0;
	}
	return no_space(fs, nfrags, e);
}

int
alloc_frags(struct ffs *fs, const struct ffs_inode *ip, int64_t pref,
    uint32_t nfrags, int64_t *frag, struct dd_err *e)
{
	return alloc_blocks(fs, ip, pref, nfrags, 1, frag, e);
}

int
extend_frags(struct ffs *fs, int64_t frag, uint32_t old, uint32_t nfrags,
    bool *done, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	uint32_t bit = (uint32_t)(frag % s->fpg) + old;
	struct ffs_cg *c;

	*done = false;
	if ((uint64_t)frag % s->frag + nfrags > s->frag)
		return 0;
	if (cg_get(fs, (uint32_t)(frag / s->fpg), &c, e) == -1)
		return -1;
	if (cg_is_available(fs, c, bit, nfrags - old)) {
		cg_take(fs, c, bit, nfrags - old);
		*done = true;
	}
	return 0;
}

/* The first group from cg on with at least the average of free blocks. */
static uint32_t
roomy_group(const struct ffs *fs, uint32_t cg)
{
	const struct ffs_sb *s = &fs->sb;
	int64_t avg = s->cs_nbfree / s->ncg;
	uint32_t k;

	for (k = 0; k < s->ncg; k++) {
		cg = cg < s->ncg ? cg : 0;
		if (fs->cs[cg].nbfree >= avg)
			break;
		cg++;
	}
	return cg;
}

int64_t
alloc_pref(const struct ffs *fs, const struct ffs_inode *ip, uint64_t lbn,
    int64_t prev)
{
	const struct ffs_sb *s = &fs->sb;
	uint32_t own = ip->ino / s->ipg;

	if (lbn > FFS_NDADDR && (lbn - FFS_NDADDR) % s->maxbpg == 0) {
		if (prev != 0)
			own = (uint32_t)(prev / s->fpg) + 1;
		return sb_cgdmin(s, roomy_group(fs, own));
	}
	if (prev != 0)
		return prev + s->frag;
	if (lbn < FFS_NDADDR + s->nindir)
		return 0;
	return sb_cgdmin(s, roomy_group(fs,
	    (uint32_t)((own + lbn / s->maxbpg) % s->ncg)));
}

/* A group for a directory right under the root: the least used. */
static uint32_t
group_for_top_dir(struct ffs *fs, int64_t avg_ifree, int64_t avg_bfree)
{
	const struct ffs_sb *s = &fs->sb;
	uint32_t cg = fs->dir_cg, best = cg, k;
	int32_t least = INT32_MAX;

	for (k = 0; k < s->ncg; k++) {
		cg = cg + 1 < s->ncg ? cg + 1 : 0;
		if (fs->cs[cg].ndir < least &&
		    fs->cs[cg].nifree >= avg_ifree &&
		    fs->cs[cg].nbfree >= avg_bfree) {
			best = cg;
			least = fs->cs[cg].ndir;
		}
	}
	fs->dir_cg = best;
	return best;
}

/* How many directories in a row may go to one group: as many as leave room
 * for the files to be expected in them. */
static int64_t
most_contiguous_dirs(const struct ffs *fs, int64_t avg_bfree,
    int64_t avg_ndir)
{
	const struct ffs_sb *s = &fs->sb;
	int64_t per_file = s->avgfilesize > 0 && s->avgfilesize < INT32_MAX ?
	    s->avgfilesize : AVGFILESIZE;
	int64_t per_dir = s->avgfpdir > 0 && s->avgfpdir < INT32_MAX ?
	    s->avgfpdir : AVGFPDIR;
	int64_t group = (int64_t)s->fsize * s->fpg;
	int64_t size, most, now;

	if (__builtin_mul_overflow(per_file, per_dir, &size))
		size = INT64_MAX;
	if (avg_ndir > 0) {
		now = (group - avg_bfree * s->bsize) / avg_ndir;
		if (size < now)
			size = now;
	}
	most = avg_bfree * s->bsize / size;
	if (most > s->ipg / per_dir)
		most = s->ipg / per_dir;
	if (most > UINT8_MAX)
		most = UINT8_MAX;
	return most < 1 ? 1 : most;
}

static uint32_t
group_for_dir(struct ffs *fs, uint32_t parent)
{
	const struct ffs_sb *s = &fs->sb;
	const int64_t ifree = s->cs_nifree / s->ncg;
	const int64_t bfree = s->cs_nbfree / s->ncg;
	const int64_t ndir = s->cs_ndir / s->ncg;
	const uint32_t home = parent / s->ipg;
	int64_t min_ifree, min_bfree, max_ndir, contig;
	uint32_t cg, k;

	if (parent == FFS_ROOT)
		return group_for_top_dir(fs, ifree, bfree);
	min_ifree = ifree - ifree / 4;
	min_bfree = bfree - bfree / 4;
	max_ndir = ndir + s->ipg / 16;
	contig = most_contiguous_dirs(fs, bfree, ndir);
	for (k = 0; k < s->ncg; k++) {
		cg = (home + k) % s->ncg;
		if (fs->cs[cg].ndir < max_ndir && fs->cs[cg].nifree > 0 &&
		    fs->cs[cg].nifree >= min_ifree &&
		    fs->cs[cg].nbfree > 0 &&
		    fs->cs[cg].nbfree >= min_bfree &&
		    fs->contig_dirs[cg] < contig)
			return cg;
	}
	for (k = 0; k < s->ncg; k++)
		if (fs->cs[(home + k) % s->ncg].nifree >= ifree)
			return (home + k) % s->ncg;
	return home;
}

int
alloc_inode(struct ffs *fs, uint32_t parent, bool dir, uint32_t *ino,
    struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	uint32_t cg = dir ? group_for_dir(fs, parent) : parent / s->ipg;
	uint32_t k;

	for (k = 0; k < s->ncg; k++) {
		if (fs->cs[cg].nifree > 0)
			break;
		cg = cg + 1 < s->ncg ? cg + 1 : 0;
	}
	if (k == s->ncg) {
		(void)dd_fail(e, ERR_NOSPC, "the file system has no free "
		    "inode: 1 needed, all %llu are in use",
		    (unsigned long long)s->ncg * s->ipg);
		return dd_hint(e, "remove files, or make an image with more "
		    "inodes");
	}
	if (cg_take_inode(fs, cg, dir, ino, e) == -1)
		return -1;
	if (dir && fs->contig_dirs[cg] < UINT8_MAX)
		fs->contig_dirs[cg]++;
	else if (!dir && fs->contig_dirs[cg] > 0)
		fs->contig_dirs[cg]--;
	return 0;
}
