/*
 * The block map, reading: from logical blocks of a file to addresses.
 *
 * The first 12 blocks are addressed by the inode; then three trees of indirect
 * blocks follow, one, two and three levels deep.  Address 0 is a hole, at any
 * level.
 */
#include "core/ffs/ffs_impl.h"

/* Where a logical block is found: levels of indirection (0: in the inode),
 * and its index among the blocks of that tree. */
int
bmap_locate(const struct ffs_sb *s, uint64_t lbn, unsigned *levels,
    uint64_t *index, struct dd_err *e)
{
	uint64_t span = FFS_NDADDR;

	*index = lbn;
	for (*levels = 0; *levels <= FFS_NIADDR; (*levels)++) {
		if (*index < span)
			return 0;
		*index -= span;
		span = *levels == 0 ? s->nindir : span * s->nindir;
	}
	return dd_fail(e, ERR_CORRUPT, "block %llu lies behind the largest "
	    "file", (unsigned long long)lbn);
}

/* Entry i of an indirect block. */
int64_t
indir_get(const struct ffs_sb *s, const struct ffs_buf *b, uint64_t i)
{
	if (s->version == 1)
		return (int32_t)get32le(b->data + i * 4);
	return (int64_t)get64le(b->data + i * 8);
}

static int
check_addr(const struct ffs *fs, const struct ffs_inode *ip, int64_t addr,
    struct dd_err *e)
{
	if (addr >= 0 && addr < fs->sb.size)
		return 0;
	return dd_fail(e, ERR_CORRUPT, "inode %u: block address %lld lies "
	    "outside the file system", ip->ino, (long long)addr);
}

/*
 * How many of the n addresses from entry i on (of b, or of the inode where b
 * is NULL) go on as the first one says: all holes, or one behind the other.
 */
static uint64_t
run_length(const struct ffs_sb *s, const struct ffs_inode *ip,
    const struct ffs_buf *b, uint64_t i, uint64_t n)
{
	int64_t first = 0, addr;
	uint64_t k;

	for (k = 0; k < n; k++) {
		addr = b == NULL ? ip->db[i + k] : indir_get(s, b, i + k);
		if (k == 0)
			first = addr;
		else if (first == 0 ? addr != 0 :
		    addr != first + (int64_t)(k * s->frag))
			break;
	}
	return k;
}

int
bmap_extent(struct ffs *fs, const struct ffs_inode *ip, uint64_t lbn,
    uint64_t max, int64_t *frag, uint64_t *n, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	struct ffs_buf *b;
	unsigned levels;
	uint64_t index, below, i;
	int64_t addr;

	if (bmap_locate(s, lbn, &levels, &index, e) == -1)
		return -1;
	if (levels == 0) {
		if (check_addr(fs, ip, ip->db[index], e) == -1)
			return -1;
		*frag = ip->db[index];
		*n = run_length(s, ip, NULL, index,
		    min64(max, FFS_NDADDR - index));
		return 0;
	}
	addr = ip->ib[levels - 1];
	/* below: blocks that one entry of the current level leads to */
	for (below = 1; levels > 1; levels--)
		below *= s->nindir;
	for (;; below /= s->nindir) {
		if (check_addr(fs, ip, addr, e) == -1)
			return -1;
		if (addr == 0) {
			*frag = 0;
			*n = min64(max, below * s->nindir -
			    index % (below * s->nindir));
			return 0;
		}
		if (cache_get(fs, addr, s->bsize, false, &b, e) == -1)
			return dd_context(e, "inode %u", ip->ino);
		i = index / below % s->nindir;
		addr = indir_get(s, b, i);
		if (below == 1)
			break;
		cache_put(fs, b);
	}
	*frag = addr;
	*n = run_length(s, ip, b, i, min64(max, s->nindir - i));
	cache_put(fs, b);
	return check_addr(fs, ip, addr, e);
}

int
bmap_get(struct ffs *fs, const struct ffs_inode *ip, uint64_t lbn,
    int64_t *frag, struct dd_err *e)
{
	uint64_t n;

	return bmap_extent(fs, ip, lbn, 1, frag, &n, e);
}

uint32_t
block_bytes(const struct ffs_sb *s, uint64_t size, uint64_t lbn)
{
	uint64_t start = lbn << s->bshift;

	if (lbn >= FFS_NDADDR || size >= start + s->bsize)
		return s->bsize;
	return size <= start ? 0 : (uint32_t)round_up(size - start, s->fsize);
}
