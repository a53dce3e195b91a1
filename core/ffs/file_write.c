/*
 * File content, writing.
 *
 * What a transaction did not allocate itself is never written over: a block
 * that is changed moves to a free place, so data can go to the disk at once
 * and an abort leaves what was.  A run of whole blocks that lie together goes
 * down with one call.
 *
 * Kept true for NetBSD's kernel: only the last block may be shorter than a
 * block, and only among the first 12; it is never a hole; bytes behind the end
 * of the file are zero.
 */
#include <string.h>

#include "core/ffs/ffs_impl.h"

struct writer {
	struct ffs	 *fs;
	struct ffs_inode *ip;		/* with the old size */
	uint64_t	  size;		/* the new one */
	int64_t		  prev;		/* address of the block before */
	uint32_t	  want;		/* blocks still to come, at most */
	/* A run of whole blocks that is not written yet. */
	const uint8_t	 *run;
	size_t		  run_len;
	int64_t		  run_frag;
};

/* One block on its way from the old state to the new one. */
struct change {
	uint64_t	lbn;
	int64_t		from, to;	/* addresses; from 0: a hole */
	uint32_t	old_bytes, new_bytes;
	uint32_t	valid;		/* bytes of old content to be kept */
	bool		own;		/* allocated in this transaction */
};

static int
flush_run(struct writer *w, struct dd_err *e)
{
	size_t len = w->run_len;

	w->run_len = 0;
	return len == 0 ? 0 :
	    ffs_frag_write(w->fs, w->run, len, w->run_frag, e);
}

static int
add_to_run(struct writer *w, const uint8_t *p, size_t len, int64_t frag,
    struct dd_err *e)
{
	if (w->run_len > 0 && w->run + w->run_len == p && w->run_frag +
	    (int64_t)(w->run_len >> w->fs->sb.fshift) == frag) {
		w->run_len += len;
		return 0;
	}
	if (flush_run(w, e) == -1)
		return -1;
	w->run = p;
	w->run_len = len;
	w->run_frag = frag;
	return 0;
}

static int
look_at(const struct writer *w, uint64_t lbn, struct change *c,
    struct dd_err *e)
{
	struct ffs *fs = w->fs;
	const uint64_t start = lbn << fs->sb.bshift;
	const uint64_t kept = min64(w->ip->size, w->size);

	*c = (struct change){ .lbn = lbn };
	if (bmap_get(fs, w->ip, lbn, &c->from, e) == -1)
		return -1;
	c->new_bytes = block_bytes(&fs->sb, w->size, lbn);
	if (c->from == 0)
		return 0;
	c->old_bytes = block_bytes(&fs->sb, w->ip->size, lbn);
	if (kept > start)
		c->valid = (uint32_t)min64(kept - start, c->old_bytes);
	return frags_are_new(fs, c->from, c->old_bytes >> fs->sb.fshift,
	    &c->own, e);
}

/* Give the block its new size where it is, if it may stay there. */
static int
resize_in_place(struct writer *w, struct change *c, struct dd_err *e)
{
	struct ffs *fs = w->fs;
	const uint32_t old = c->old_bytes >> fs->sb.fshift;
	const uint32_t new = c->new_bytes >> fs->sb.fshift;
	bool done = true;

	/* A cut between fragments changes no content. */
	if (!c->own && !(new < old && c->valid == c->new_bytes))
		return 0;
	if (new > old && extend_frags(fs, c->from, old, new, &done, e) == -1)
		return -1;
	if (new < old && free_frags(fs, c->from + new, old - new, e) == -1)
		return -1;
	if (!done)
		return 0;
	inode_add_frags(fs, w->ip, (int64_t)new - old);
	c->to = c->from;
	return 0;
}

static int
place(struct writer *w, struct change *c, struct dd_err *e)
{
	const struct ffs_sb *s = &w->fs->sb;

	if (c->from != 0 && resize_in_place(w, c, e) == -1)
		return -1;
	if (c->to == 0 && bmap_alloc(w->fs, w->ip, c->lbn,
	    c->new_bytes >> s->fshift, w->prev, w->want, &c->to, e) == -1)
		return -1;
	w->prev = c->to;
	if (w->want > 1)
		w->want--;
	return 0;
}

/* What stays of the old content, new bytes over it, zeros behind; of the
 * block in place only the fragments that change. */
static int
write_mixed(struct writer *w, const struct change *c, const uint8_t *p,
    uint32_t in, uint32_t n, struct dd_err *e)
{
	struct ffs *fs = w->fs;
	const uint32_t fsize = fs->sb.fsize;
	uint32_t lo = 0, hi = c->new_bytes, kept = c->valid;
	uint8_t *block = fs->block;

	if (c->to == c->from) {
		if (!c->own)
			return 0;
		lo = in - in % fsize;
		if (lo > c->old_bytes)
			lo = c->old_bytes;
		if (n > 0 && c->new_bytes == c->old_bytes)
			hi = (uint32_t)round_up(in + n, fsize);
	}
	if (lo == hi)
		return 0;
	if (kept > hi)
		kept = hi;
	if (kept > lo && ffs_frag_read(fs, block + lo, round_up(kept - lo,
	    fsize), c->from + lo / fsize, e) == -1)
		return -1;
	if (kept < lo)
		kept = lo;
	memset(block + kept, 0, hi - kept);
	if (n > 0)
		memcpy(block + in, p, n);
	return ffs_frag_write(fs, block + lo, hi - lo, c->to + lo / fsize, e);
}

/* Bytes [in, in + n) of block lbn come from p, the rest is kept; n 0: give
 * the block the size it has in a file of w->size. */
static int
write_block(struct writer *w, uint64_t lbn, const uint8_t *p, uint32_t in,
    uint32_t n, struct dd_err *e)
{
	const struct ffs_sb *s = &w->fs->sb;
	struct change c;
	int rc;

	if (look_at(w, lbn, &c, e) == -1 || place(w, &c, e) == -1)
		return -1;
	if (n == c.new_bytes)
		rc = add_to_run(w, p, n, c.to, e);
	else
		rc = write_mixed(w, &c, p, in, n, e);
	if (rc == 0 && c.from != 0 && c.to != c.from) {
		rc = free_frags(w->fs, c.from, c.old_bytes >> s->fshift, e);
		inode_add_frags(w->fs, w->ip,
		    -(int64_t)(c.old_bytes >> s->fshift));
	}
	return rc;
}

/* The old last block becomes a whole one when the file grows past it. */
static int
fill_old_tail(struct writer *w, uint64_t before, struct dd_err *e)
{
	const struct ffs_sb *s = &w->fs->sb;
	uint64_t size = w->ip->size, last;

	if (size == 0)
		return 0;
	last = (size - 1) >> s->bshift;
	if (last >= before || last >= FFS_NDADDR || w->ip->db[last] == 0 ||
	    size % s->bsize == 0)
		return 0;
	return write_block(w, last, NULL, 0, 0, e);
}

/* Is there room for what blocks [first, last] need? */
static int
check_room(struct writer *w, uint64_t first, uint64_t last, struct dd_err *e)
{
	struct ffs *fs = w->fs;
	const struct ffs_sb *s = &fs->sb;
	uint64_t n = last - first + 1;
	/* every indirect block that could be needed, and the old tail */
	uint64_t more = 1 + (last < FFS_NDADDR ? 0 :
	    n / s->nindir + n / s->nindir / s->nindir + 2 * FFS_NIADDR);
	uint64_t blocks = 0, lbn;
	uint32_t tail = 0;
	struct change c;
	bool holes = false;

	if (n + more <= (uint64_t)fs->avail_blocks)
		return 0;
	if (n > (uint64_t)s->size)	/* before counting that far */
		return alloc_check(fs, n, 0, e);
	for (lbn = first; lbn <= last; lbn++) {
		if (look_at(w, lbn, &c, e) == -1)
			return -1;
		holes |= c.from == 0 && lbn >= FFS_NDADDR;
		if (c.own && c.old_bytes == c.new_bytes)
			continue;
		if (c.new_bytes == s->bsize)
			blocks++;
		else
			tail = c.new_bytes >> s->fshift;
	}
	if (w->ip->size > 0 && first > (w->ip->size - 1) >> s->bshift)
		blocks += block_bytes(s, w->ip->size, (w->ip->size - 1) >>
		    s->bshift) < s->bsize;
	return alloc_check(fs, blocks + (holes ? more - 1 : 0), tail, e);
}

static void
begin(struct writer *w, struct ffs *fs, struct ffs_inode *ip, uint64_t size)
{
	*w = (struct writer){
		.fs = fs, .ip = ip, .size = size, .want = 1,
	};
}

int
file_write(struct ffs *fs, struct ffs_inode *ip, const void *buf, size_t len,
    uint64_t off, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	const uint8_t *p = buf;
	const uint64_t end = off + len;
	const uint64_t first = off >> s->bshift, last = (end - 1) >> s->bshift;
	struct writer w;
	uint64_t lbn;
	uint32_t in, n;

	begin(&w, fs, ip, end > ip->size ? end : ip->size);
	if (check_room(&w, first, last, e) == -1 ||
	    fill_old_tail(&w, first, e) == -1)
		return -1;
	if (first > 0 && bmap_get(fs, ip, first - 1, &w.prev, e) == -1)
		return -1;
	w.want = last - first < UINT16_MAX ? (uint32_t)(last - first + 1) :
	    UINT16_MAX;
	for (lbn = first; lbn <= last; lbn++, p += n, off += n) {
		in = (uint32_t)(off % s->bsize);
		n = (uint32_t)min64(s->bsize - in, end - off);
		if (write_block(&w, lbn, p, in, n, e) == -1)
			return -1;
	}
	ip->size = w.size;
	return flush_run(&w, e);
}

static int
grow(struct writer *w, struct dd_err *e)
{
	const struct ffs_sb *s = &w->fs->sb;
	uint64_t last = (w->size - 1) >> s->bshift;

	if (check_room(w, last, last, e) == -1 ||
	    fill_old_tail(w, last + 1, e) == -1)
		return -1;
	if (last < FFS_NDADDR && w->ip->db[last] == 0 &&
	    w->size % s->bsize != 0)
		return write_block(w, last, NULL, 0, 0, e);
	return 0;
}

static int
shrink(struct writer *w, struct dd_err *e)
{
	const struct ffs_sb *s = &w->fs->sb;
	uint64_t lbn = w->size >> s->bshift;
	uint32_t in = (uint32_t)(w->size % s->bsize);
	int64_t frag;

	if (in != 0) {
		if (bmap_get(w->fs, w->ip, lbn, &frag, e) == -1)
			return -1;
		if (frag != 0 || lbn < FFS_NDADDR) {
			if (check_room(w, lbn, lbn, e) == -1 ||
			    write_block(w, lbn, NULL, in, 0, e) == -1)
				return -1;
		}
		lbn++;
	}
	return bmap_truncate(w->fs, w->ip, lbn, e);
}

int
ffs_truncate_inode(struct ffs *fs, struct ffs_inode *ip, uint64_t size,
    struct dd_err *e)
{
	struct writer w;

	begin(&w, fs, ip, size);
	if (size > ip->size ? grow(&w, e) == -1 :
	    size < ip->size && shrink(&w, e) == -1)
		return -1;
	ip->size = size;
	return 0;
}

static int
check_writable(struct ffs *fs, uint32_t ino, struct ffs_inode *ip,
    struct dd_err *e)
{
	if (ffs_may_write(fs, e) == -1 || ffs_iget_used(fs, ino, ip, e) == -1)
		return -1;
	if (inode_type(ip) != FFS_REG)
		return dd_fail(e, ERR_TYPE, "inode %u is not a regular file",
		    ino);
	if (ip->extsize != 0)
		return dd_fail(e, ERR_UNSUP, "inode %u has extended "
		    "attributes: it is only read", ino);
	return 0;
}

static int
check_size(const struct ffs *fs, uint64_t size, struct dd_err *e)
{
	if (size <= fs->sb.maxfilesize)
		return 0;
	return dd_fail(e, ERR_NOSPC, "a file of %llu bytes: this file system "
	    "holds files of up to %llu", (unsigned long long)size,
	    (unsigned long long)fs->sb.maxfilesize);
}

static int
put_modified(struct ffs *fs, struct ffs_inode *ip, struct dd_err *e)
{
	ip->mtime = ip->ctime = fs->now;
	return ffs_iput(fs, ip, e);
}

static int
write_file(struct ffs *fs, uint32_t ino, const void *buf, size_t len,
    uint64_t off, struct dd_err *e)
{
	struct ffs_inode in;
	uint64_t end;

	if (check_writable(fs, ino, &in, e) == -1)
		return -1;
	if (len == 0)
		return 0;
	if (__builtin_add_overflow(off, (uint64_t)len, &end))
		end = UINT64_MAX;
	if (check_size(fs, end, e) == -1 ||
	    file_write(fs, &in, buf, len, off, e) == -1)
		return -1;
	return put_modified(fs, &in, e);
}

static int
truncate_file(struct ffs *fs, uint32_t ino, uint64_t size, struct dd_err *e)
{
	struct ffs_inode in;

	if (check_writable(fs, ino, &in, e) == -1 ||
	    check_size(fs, size, e) == -1 ||
	    ffs_truncate_inode(fs, &in, size, e) == -1)
		return -1;
	return put_modified(fs, &in, e);
}

int
ffs_write(struct ffs *fs, uint32_t ino, const void *buf, size_t len,
    uint64_t off, struct dd_err *e)
{
	return op_end(fs, write_file(fs, ino, buf, len, off, e), e);
}

int
ffs_truncate(struct ffs *fs, uint32_t ino, uint64_t size, struct dd_err *e)
{
	return op_end(fs, truncate_file(fs, ino, size, e), e);
}
