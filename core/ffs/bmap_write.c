/*
 * The block map, writing: blocks and the indirect blocks that lead to them
 * come and go.  An indirect block is allocated right before the data that it
 * leads to, so that a large file lies on disk as it is read.
 */
#include "core/ffs/ffs_impl.h"

static void
indir_put(const struct ffs_sb *s, struct ffs_buf *b, uint64_t i,
    int64_t addr)
{
	if (s->version == 1)
		put32le(b->data + i * 4, (uint32_t)addr);
	else
		put64le(b->data + i * 8, (uint64_t)addr);
}

void
inode_add_frags(const struct ffs *fs, struct ffs_inode *ip, int64_t nfrags)
{
	int64_t sectors = nfrags * (int64_t)(fs->sb.fsize / 512);

	/* A wrong count on disk must not wrap. */
	if (sectors < 0 && ip->blocks < (uint64_t)-sectors)
		ip->blocks = 0;
	else
		ip->blocks += (uint64_t)sectors;
}

static int
new_indirect(struct ffs *fs, struct ffs_inode *ip, int64_t *pref,
    int64_t *addr, struct dd_err *e)
{
	struct ffs_buf *b;

	if (alloc_frags(fs, ip, *pref, fs->sb.frag, addr, e) == -1 ||
	    cache_get(fs, *addr, fs->sb.bsize, true, &b, e) == -1)
		return -1;
	cache_dirty(fs, b);
	cache_put(fs, b);
	inode_add_frags(fs, ip, fs->sb.frag);
	*pref = *addr + fs->sb.frag;
	return 0;
}

/*
 * The indirect block with the address of lbn, held, and the index in it; what
 * is missing on the way is made.  *b is NULL where the inode has the address.
 */
static int
get_leaf(struct ffs *fs, struct ffs_inode *ip, uint64_t lbn, int64_t *pref,
    struct ffs_buf **b, uint64_t *slot, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	struct ffs_buf *up = NULL, *down;
	uint64_t index, below = 1, i = 0;
	unsigned levels, l;
	int64_t addr;

	*b = NULL;
	if (bmap_locate(s, lbn, &levels, &index, e) == -1)
		return -1;
	for (l = 1; l < levels; l++)
		below *= s->nindir;
	for (l = levels; l > 0; l--, below /= s->nindir) {
		addr = up == NULL ? ip->ib[levels - 1] : indir_get(s, up, i);
		if (addr == 0) {
			if (new_indirect(fs, ip, pref, &addr, e) == -1)
				goto fail;
			if (up == NULL)
				ip->ib[levels - 1] = addr;
			else {
				indir_put(s, up, i, addr);
				cache_dirty(fs, up);
			}
		}
		if (cache_get(fs, addr, s->bsize, false, &down, e) == -1)
			goto fail;
		cache_put(fs, up);
		up = down;
		i = index / below % s->nindir;
	}
	*b = up;
	*slot = levels == 0 ? lbn : i;
	return 0;
fail:
	cache_put(fs, up);
	return -1;
}

int
bmap_alloc(struct ffs *fs, struct ffs_inode *ip, uint64_t lbn,
    uint32_t nfrags, int64_t prev, uint32_t want, int64_t *frag,
    struct dd_err *e)
{
	int64_t pref = alloc_pref(fs, ip, lbn, prev);
	struct ffs_buf *b;
	uint64_t slot;
	int rc;

	if (get_leaf(fs, ip, lbn, &pref, &b, &slot, e) == -1)
		return -1;
	rc = alloc_blocks(fs, ip, pref, nfrags, want, frag, e);
	if (rc == 0 && b == NULL)
		ip->db[slot] = *frag;
	else if (rc == 0) {
		indir_put(&fs->sb, b, slot, *frag);
		cache_dirty(fs, b);
	}
	cache_put(fs, b);
	if (rc == 0)
		inode_add_frags(fs, ip, nfrags);
	return rc;
}

/*
 * Free what a tree of indirect blocks leads to from its block `keep` on, and
 * the tree itself when nothing is kept.  A tree that names a block twice ends
 * at the second time: it is free then.
 */
static int
free_tree(struct ffs *fs, struct ffs_inode *ip, int64_t addr,
    unsigned levels, uint64_t keep, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	struct ffs_buf *b;
	uint64_t span = 1, rest = keep, i;
	unsigned l;
	int64_t child;
	int rc = 0;

	for (l = 1; l < levels; l++)
		span *= s->nindir;
	if (cache_get(fs, addr, s->bsize, false, &b, e) == -1)
		return -1;
	for (i = keep / span, rest %= span; rc == 0 && i < s->nindir;
	    i++, rest = 0) {
		if ((child = indir_get(s, b, i)) == 0)
			continue;
		if (levels > 1)
			rc = free_tree(fs, ip, child, levels - 1, rest, e);
		else if ((rc = free_frags(fs, child, s->frag, e)) == 0)
			inode_add_frags(fs, ip, -(int64_t)s->frag);
		if (keep > 0 && rest == 0) {
			indir_put(s, b, i, 0);
			cache_dirty(fs, b);
		}
	}
	cache_put(fs, b);
	if (rc == 0 && keep == 0) {
		rc = free_frags(fs, addr, s->frag, e);
		inode_add_frags(fs, ip, -(int64_t)s->frag);
	}
	return rc;
}

int
bmap_truncate(struct ffs *fs, struct ffs_inode *ip, uint64_t keep,
    struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	uint64_t base = FFS_NDADDR, span = s->nindir, lbn;
	uint32_t n;
	int l;

	for (lbn = keep; lbn < FFS_NDADDR; lbn++) {
		if (ip->db[lbn] == 0)
			continue;
		n = block_bytes(s, ip->size, lbn) >> s->fshift;
		if (n == 0)
			return dd_fail(e, ERR_CORRUPT, "inode %u has a block "
			    "behind its end", ip->ino);
		if (free_frags(fs, ip->db[lbn], n, e) == -1)
			return -1;
		ip->db[lbn] = 0;
		inode_add_frags(fs, ip, -(int64_t)n);
	}
	for (l = 0; l < FFS_NIADDR; l++, base += span, span *= s->nindir) {
		if (ip->ib[l] == 0 || keep >= base + span)
			continue;
		if (free_tree(fs, ip, ip->ib[l], (unsigned)l + 1,
		    keep > base ? keep - base : 0, e) == -1)
			return dd_context(e, "inode %u", ip->ino);
		if (keep <= base)
			ip->ib[l] = 0;
	}
	return 0;
}
