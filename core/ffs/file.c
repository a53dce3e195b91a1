/*
 * File content, reading.  A read walks the extents of the file, so that what
 * lies together on disk comes with one call of the layer below.
 *
 * Hostile block maps can name the same blocks again and again, and so hold
 * more than any disk.  Reading onwards through one file is therefore counted,
 * and ends when it has seen more than the file system can hold.
 */
#include <string.h>

#include "core/ffs/ffs_impl.h"

/* A pass over a file has met n blocks from lbn on.  A hole of that length
 * counts as one: it stands in an indirect block, or next to one. */
static int
count_seen(const struct ffs *fs, struct ffs_seen *seen,
    const struct ffs_inode *ip, uint64_t lbn, uint64_t n, bool hole,
    struct dd_err *e)
{
	uint64_t from = lbn;

	if (seen->ino != ip->ino || lbn + 1 < seen->next) {
		seen->ino = ip->ino;
		seen->blocks = 0;
	} else if (from < seen->next)
		from = seen->next;	/* short reads, inside one block */
	if (lbn + n > from)
		seen->blocks += hole ? 1 : lbn + n - from;
	seen->next = lbn + n;
	if (seen->blocks / 2 <= (uint64_t)fs->sb.size / fs->sb.frag)
		return 0;
	return dd_fail(e, ERR_CORRUPT, "inode %u: holds more than the file "
	    "system does; its block map is damaged", ip->ino);
}

int
file_extent(struct ffs *fs, struct ffs_seen *seen, const struct ffs_inode *ip,
    uint64_t lbn, uint64_t max, int64_t *frag, uint64_t *n, struct dd_err *e)
{
	if (bmap_extent(fs, ip, lbn, max, frag, n, e) == -1)
		return -1;
	return count_seen(fs, seen, ip, lbn, *n, *frag == 0, e);
}

/*
 * len bytes from byte `skip` of the fragments at frag on.  Whole sectors come
 * straight into p, the rest by way of the bounce buffer.
 */
static int
read_run(struct ffs *fs, uint8_t *p, uint64_t len, int64_t frag,
    uint64_t skip, struct dd_err *e)
{
	const uint32_t fsize = fs->sb.fsize;
	uint64_t n, in;

	for (; len > 0; p += n, len -= n, skip += n) {
		in = skip % fsize;
		if (in == 0 && len >= fs->sb.bsize) {
			n = round_down(len, fsize);
			if (ffs_frag_read(fs, p, n, frag +
			    (int64_t)(skip / fsize), e) == -1)
				return -1;
			continue;
		}
		n = min64(len, fs->sb.bsize - in);
		if (ffs_frag_read(fs, fs->bounce, round_up(in + n, fsize),
		    frag + (int64_t)(skip / fsize), e) == -1)
			return -1;
		memcpy(p, fs->bounce + in, n);
	}
	return 0;
}

int
file_read(struct ffs *fs, const struct ffs_inode *ip, void *buf, size_t len,
    uint64_t off, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	uint8_t *p = buf;
	uint64_t lbn, skip, blocks, n;
	int64_t frag;

	for (; len > 0; p += n, len -= n, off += n) {
		lbn = off >> s->bshift;
		skip = off % s->bsize;
		if (bmap_extent(fs, ip, lbn, ((skip + len - 1) >> s->bshift)
		    + 1, &frag, &blocks, e) == -1)
			return -1;
		n = min64(len, (blocks << s->bshift) - skip);
		if (frag == 0) {
			memset(p, 0, n);
			continue;
		}
		if (count_seen(fs, &fs->seen_read, ip, lbn, blocks, false,
		    e) == -1)
			return -1;
		if (read_run(fs, p, n, frag, skip, e) == -1)
			return dd_context(e, "inode %u", ip->ino);
	}
	return 0;
}

int
ffs_read(struct ffs *fs, uint32_t ino, void *buf, size_t len, uint64_t off,
    size_t *got, struct dd_err *e)
{
	struct ffs_inode in;
	size_t n = 0;

	if (ffs_iget_used(fs, ino, &in, e) == -1)
		return -1;
	if (inode_type(&in) != FFS_REG)
		return dd_fail(e, ERR_TYPE, "inode %u is not a regular file",
		    ino);
	if (off < in.size) {
		n = (size_t)min64(len, in.size - off);
		if (file_read(fs, &in, buf, n, off, e) == -1)
			return -1;
	}
	*got = n;
	return 0;
}

int
ffs_next_data(struct ffs *fs, uint32_t ino, uint64_t off, uint64_t *start,
    uint64_t *end, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	struct ffs_inode in;
	uint64_t lbn, last, n;
	int64_t frag;
	bool found = false;

	if (ffs_iget_used(fs, ino, &in, e) == -1)
		return -1;
	if (inode_type(&in) != FFS_REG)
		return dd_fail(e, ERR_TYPE, "inode %u is not a regular file",
		    ino);
	last = (in.size + s->bsize - 1) >> s->bshift;
	*start = *end = in.size;
	for (lbn = off >> s->bshift; lbn < last; lbn += n) {
		if (file_extent(fs, &fs->seen_map, &in, lbn, last - lbn,
		    &frag, &n, e) == -1)
			return -1;
		if (frag == 0 && found)
			break;
		if (frag == 0)
			continue;
		if (!found) {
			found = true;
			*start = lbn << s->bshift;
			if (*start < off)
				*start = off;
		}
		*end = min64((lbn + n) << s->bshift, in.size);
	}
	return 0;
}

int
ffs_readlink(struct ffs *fs, uint32_t ino, char *buf, size_t cap,
    struct dd_err *e)
{
	struct ffs_inode in;

	if (ffs_iget_used(fs, ino, &in, e) == -1)
		return -1;
	if (inode_type(&in) != FFS_LNK)
		return dd_fail(e, ERR_TYPE, "inode %u is not a symbolic link",
		    ino);
	if (in.size >= cap)
		return dd_fail(e, ERR_CORRUPT, "inode %u: the target is %llu "
		    "bytes long, with room for %zu", ino,
		    (unsigned long long)in.size, cap);
	if (!inode_is_inline(fs, &in)) {
		if (file_read(fs, &in, buf, in.size, 0, e) == -1)
			return -1;
	} else if (in.size > sizeof(in.inl))
		return dd_fail(e, ERR_CORRUPT, "inode %u: the target's length "
		    "of %llu can't be", ino, (unsigned long long)in.size);
	else
		memcpy(buf, in.inl, in.size);
	buf[in.size] = '\0';
	return 0;
}
