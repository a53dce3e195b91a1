/*
 * Inodes by number: out of their blocks and back, and what is worth knowing
 * about one.
 */
#include <string.h>

#include "core/ffs/ffs_impl.h"

/* The buffer with ino in it, and where. */
static int
inode_buf(struct ffs *fs, uint32_t ino, struct ffs_buf **bp, uint8_t **raw,
    struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;

	if (ino < FFS_ROOT || ino >= (uint64_t)s->ncg * s->ipg)
		return dd_fail(e, ERR_CORRUPT, "there is no inode %u", ino);
	if (cache_get(fs, sb_ino_frag(s, ino), s->bsize, false, bp, e) == -1)
		return dd_context(e, "inode %u", ino);
	*raw = (*bp)->data + ino % s->inopb * sb_dinode_size(s);
	return 0;
}

int
ffs_iget(struct ffs *fs, uint32_t ino, struct ffs_inode *ip,
    struct dd_err *e)
{
	struct ffs_buf *b;
	uint8_t *raw;

	if (inode_buf(fs, ino, &b, &raw, e) == -1)
		return -1;
	inode_decode(&fs->sb, ino, raw, ip);
	cache_put(fs, b);
	return 0;
}

static bool
size_makes_sense(const struct ffs *fs, const struct ffs_inode *ip)
{
	const struct ffs_sb *s = &fs->sb;

	switch (inode_type(ip)) {
	case FFS_DIR:	/* has no holes */
		return ip->size <= (uint64_t)s->size << s->fshift;
	case FFS_LNK:
		return ip->size <= s->bsize;
	case FFS_REG:
		return ip->size <= s->maxfilesize;
	default:
		return true;
	}
}

int
ffs_iget_used(struct ffs *fs, uint32_t ino, struct ffs_inode *ip,
    struct dd_err *e)
{
	if (ffs_iget(fs, ino, ip, e) == -1)
		return -1;
	switch (inode_type(ip)) {
	case FFS_FIFO:
	case FFS_CHR:
	case FFS_DIR:
	case FFS_BLK:
	case FFS_REG:
	case FFS_LNK:
	case FFS_SOCK:
	case FFS_WHT:
		break;
	default:
		return dd_fail(e, ERR_CORRUPT, ip->mode == 0 ?
		    "inode %u is named, but free" :
		    "inode %u is of no known type", ino);
	}
	if (!size_makes_sense(fs, ip))
		return dd_fail(e, ERR_CORRUPT, "inode %u: its size of %llu "
		    "bytes can't be", ino, (unsigned long long)ip->size);
	return 0;
}

int
ffs_iput(struct ffs *fs, const struct ffs_inode *ip, struct dd_err *e)
{
	struct ffs_buf *b;
	uint8_t *raw;

	if (inode_buf(fs, ip->ino, &b, &raw, e) == -1)
		return -1;
	inode_encode(&fs->sb, ip, raw);
	cache_dirty(fs, b);
	cache_put(fs, b);
	return 0;
}

int
ffs_inew(struct ffs *fs, const struct ffs_inode *ip, struct dd_err *e)
{
	struct ffs_buf *b;
	uint8_t *raw;

	if (inode_buf(fs, ip->ino, &b, &raw, e) == -1)
		return -1;
	memset(raw, 0, sb_dinode_size(&fs->sb));
	cache_put(fs, b);
	return ffs_iput(fs, ip, e);
}

bool
inode_is_inline(const struct ffs *fs, const struct ffs_inode *ip)
{
	return dinode_is_inline(&fs->sb, ip);
}

int
ffs_stat(struct ffs *fs, uint32_t ino, struct ffs_stat *st,
    struct dd_err *e)
{
	struct ffs_inode in;
	enum ffs_type type;

	if (ffs_iget_used(fs, ino, &in, e) == -1)
		return -1;
	type = inode_type(&in);
	*st = (struct ffs_stat){
		.ino = ino,
		.type = type,
		.perm = in.mode & 07777,
		.nlink = (uint16_t)in.nlink,
		.uid = in.uid,
		.gid = in.gid,
		.flags = in.flags,
		.size = in.size,
		.blocks = in.blocks,
		.rdev = type == FFS_CHR || type == FFS_BLK ?
		    get32le(in.inl) : 0,
		.gen = in.gen,
		.atime = in.atime,
		.mtime = in.mtime,
		.ctime = in.ctime,
		.birthtime = in.birthtime,
	};
	return 0;
}

static bool
is_time(const struct ffs_attr *a, unsigned which, const struct ffs_time *t)
{
	return (a->mask & which) == 0 ||
	    (t->nsec >= 0 && t->nsec < 1000000000);
}

int
check_attr(const struct ffs *fs, const struct ffs_attr *a, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;

	if (a == NULL)
		return 0;
	if (!is_time(a, FFS_SET_ATIME, &a->atime) ||
	    !is_time(a, FFS_SET_MTIME, &a->mtime) ||
	    !is_time(a, FFS_SET_BIRTH, &a->birthtime))
		return dd_fail(e, ERR_USAGE, "a time with more nanoseconds "
		    "than a second has");
	if ((a->mask & FFS_SET_OWNER) != 0 && s->version == 1 &&
	    s->old_inodefmt < FS_INODEFMT_44 &&
	    (a->uid > UINT16_MAX || a->gid > UINT16_MAX))
		return dd_fail(e, ERR_UNSUP, "owner %u:%u: this old file "
		    "system holds numbers up to 65535", a->uid, a->gid);
	return 0;
}

/* UFS1 has 32 bits of seconds: what lies outside becomes the nearest. */
static struct ffs_time
fit_time(const struct ffs *fs, struct ffs_time t)
{
	if (fs->sb.version == 1 && t.sec > INT32_MAX)
		t.sec = INT32_MAX;
	if (fs->sb.version == 1 && t.sec < INT32_MIN)
		t.sec = INT32_MIN;
	return t;
}

void
inode_set_attr(const struct ffs *fs, struct ffs_inode *ip,
    const struct ffs_attr *a)
{
	if (a->mask & FFS_SET_PERM)
		ip->mode = (uint16_t)((ip->mode & FFS_IFMT) |
		    (a->perm & 07777));
	if (a->mask & FFS_SET_OWNER) {
		ip->uid = a->uid;
		ip->gid = a->gid;
	}
	if (a->mask & FFS_SET_FLAGS)
		ip->flags = a->flags;
	if (a->mask & FFS_SET_ATIME)
		ip->atime = fit_time(fs, a->atime);
	if (a->mask & FFS_SET_MTIME)
		ip->mtime = fit_time(fs, a->mtime);
	if ((a->mask & FFS_SET_BIRTH) && fs->sb.version == 2)
		ip->birthtime = a->birthtime;
}

static int
set_attr(struct ffs *fs, uint32_t ino, const struct ffs_attr *a,
    struct dd_err *e)
{
	struct ffs_inode in;

	if (ffs_may_write(fs, e) == -1 || check_attr(fs, a, e) == -1 ||
	    ffs_iget_used(fs, ino, &in, e) == -1)
		return -1;
	inode_set_attr(fs, &in, a);
	in.ctime = fs->now;
	return ffs_iput(fs, &in, e);
}

int
ffs_setattr(struct ffs *fs, uint32_t ino, const struct ffs_attr *a,
    struct dd_err *e)
{
	return op_end(fs, set_attr(fs, ino, a, e), e);
}

/* Two lanes of multiply and rotate over 64-bit words. */
static void
mix(uint64_t fp[2], uint64_t v)
{
	fp[0] = (fp[0] ^ v) * 0x9e3779b97f4a7c15ULL;
	fp[0] ^= fp[0] >> 29;
	fp[1] = (fp[1] + v) * 0xc2b2ae3d27d4eb4fULL;
	fp[1] = fp[1] << 31 | fp[1] >> 33;
}

/*
 * Content is taken in by where it lies: data is never written over in place
 * in a transaction, so other content lies elsewhere.
 */
int
ffs_fingerprint(struct ffs *fs, uint32_t ino, uint64_t fp[2],
    struct dd_err *e)
{
	struct ffs_seen seen = { .ino = ino };
	struct ffs_inode in;
	uint64_t lbn, end, n;
	int64_t frag;
	size_t i;

	if (ffs_iget_used(fs, ino, &in, e) == -1)
		return -1;
	fp[0] = ino;
	fp[1] = in.gen;
	mix(fp, (uint64_t)in.mode << 32 | (uint16_t)in.nlink);
	mix(fp, (uint64_t)in.uid << 32 | in.gid);
	mix(fp, (uint64_t)in.extsize << 32 | in.flags);
	mix(fp, in.size);
	mix(fp, (uint64_t)in.mtime.sec);
	mix(fp, (uint64_t)in.ctime.sec);
	mix(fp, (uint64_t)in.birthtime.sec);
	mix(fp, (uint64_t)(uint32_t)in.mtime.nsec << 32 |
	    (uint32_t)in.ctime.nsec);
	mix(fp, (uint32_t)in.birthtime.nsec);
	if (inode_is_inline(fs, &in)) {
		for (i = 0; i < sizeof(in.inl); i += 8)
			mix(fp, get64le(in.inl + i));
		return 0;
	}
	end = (in.size + fs->sb.bsize - 1) >> fs->sb.bshift;
	for (lbn = 0; lbn < end; lbn += n) {
		if (file_extent(fs, &seen, &in, lbn, end - lbn, &frag, &n, e)
		    == -1)
			return -1;
		mix(fp, lbn);
		mix(fp, (uint64_t)frag);
	}
	return 0;
}
