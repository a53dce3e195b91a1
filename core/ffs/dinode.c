/*
 * Inodes between disk and memory.
 *
 * UFS1 and UFS2 inodes differ in where their fields stand and how wide they
 * are, not in what they mean, so above this file there is one kind.  Bytes
 * without a native field (di_spare, di_oldids) are left alone.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/ffs/ffs_disk.h"

/* ufs1_dinode */
enum {
	D1_MODE = 0, D1_NLINK = 2, D1_OLDUID = 4, D1_OLDGID = 6, D1_SIZE = 8,
	D1_ATIME = 16, D1_MTIME = 24, D1_CTIME = 32, D1_DB = 40, D1_IB = 88,
	D1_FLAGS = 100, D1_BLOCKS = 104, D1_GEN = 108, D1_UID = 112,
	D1_GID = 116, D1_MODREV = 120, D1_INLINE = 60
};

/* ufs2_dinode */
enum {
	D2_MODE = 0, D2_NLINK = 2, D2_UID = 4, D2_GID = 8, D2_BLKSIZE = 12,
	D2_SIZE = 16, D2_BLOCKS = 24, D2_ATIME = 32, D2_MTIME = 40,
	D2_CTIME = 48, D2_BIRTH = 56, D2_MTIMENSEC = 64, D2_ATIMENSEC = 68,
	D2_CTIMENSEC = 72, D2_BIRTHNSEC = 76, D2_GEN = 80, D2_KERNFLAGS = 84,
	D2_FLAGS = 88, D2_EXTSIZE = 92, D2_EXTB = 96, D2_DB = 112, D2_IB = 208,
	D2_MODREV = 232, D2_INLINE = 120
};

bool
dinode_is_inline(const struct ffs_sb *s, const struct ffs_inode *ip)
{
	switch (ip->mode >> 12) {
	case FFS_CHR:
	case FFS_BLK:
		return true;
	case FFS_LNK:
		return ip->size < s->maxsymlinklen ||
		    (s->maxsymlinklen == 0 && ip->blocks == 0);
	default:
		return false;
	}
}

static struct ffs_time
time1(const uint8_t *p)
{
	return (struct ffs_time){ (int32_t)get32le(p),
	    (int32_t)get32le(p + 4) };
}

static void
put_time1(uint8_t *p, struct ffs_time t)
{
	put32le(p, (uint32_t)t.sec);
	put32le(p + 4, (uint32_t)t.nsec);
}

static struct ffs_time
time2(const uint8_t *sec, const uint8_t *nsec)
{
	return (struct ffs_time){ (int64_t)get64le(sec),
	    (int32_t)get32le(nsec) };
}

static void
put_time2(uint8_t *sec, uint8_t *nsec, struct ffs_time t)
{
	put64le(sec, (uint64_t)t.sec);
	put32le(nsec, (uint32_t)t.nsec);
}

static void
decode1(const struct ffs_sb *s, const uint8_t *d, struct ffs_inode *ip)
{
	int i;

	ip->mode = get16le(d + D1_MODE);
	ip->nlink = (int16_t)get16le(d + D1_NLINK);
	ip->size = get64le(d + D1_SIZE);
	ip->atime = time1(d + D1_ATIME);
	ip->mtime = time1(d + D1_MTIME);
	ip->ctime = time1(d + D1_CTIME);
	for (i = 0; i < FFS_NDADDR; i++)
		ip->db[i] = (int32_t)get32le(d + D1_DB + 4 * i);
	for (i = 0; i < FFS_NIADDR; i++)
		ip->ib[i] = (int32_t)get32le(d + D1_IB + 4 * i);
	memcpy(ip->inl, d + D1_DB, D1_INLINE);
	ip->flags = get32le(d + D1_FLAGS);
	ip->blocks = get32le(d + D1_BLOCKS);
	ip->gen = get32le(d + D1_GEN);
	ip->uid = get32le(d + D1_UID);
	ip->gid = get32le(d + D1_GID);
	ip->modrev = get64le(d + D1_MODREV);
	if (s->old_inodefmt < FS_INODEFMT_44) {
		ip->uid = get16le(d + D1_OLDUID);
		ip->gid = get16le(d + D1_OLDGID);
	}
}

static void
encode1(const struct ffs_sb *s, const struct ffs_inode *ip, uint8_t *d)
{
	int i;

	put16le(d + D1_MODE, ip->mode);
	put16le(d + D1_NLINK, (uint16_t)ip->nlink);
	put64le(d + D1_SIZE, ip->size);
	put_time1(d + D1_ATIME, ip->atime);
	put_time1(d + D1_MTIME, ip->mtime);
	put_time1(d + D1_CTIME, ip->ctime);
	if (dinode_is_inline(s, ip))
		memcpy(d + D1_DB, ip->inl, D1_INLINE);
	else {
		for (i = 0; i < FFS_NDADDR; i++)
			put32le(d + D1_DB + 4 * i, (uint32_t)ip->db[i]);
		for (i = 0; i < FFS_NIADDR; i++)
			put32le(d + D1_IB + 4 * i, (uint32_t)ip->ib[i]);
	}
	put32le(d + D1_FLAGS, ip->flags);
	put32le(d + D1_BLOCKS, (uint32_t)ip->blocks);
	put32le(d + D1_GEN, ip->gen);
	put32le(d + D1_UID, ip->uid);
	put32le(d + D1_GID, ip->gid);
	put64le(d + D1_MODREV, ip->modrev);
	if (s->old_inodefmt < FS_INODEFMT_44) {
		put16le(d + D1_OLDUID, (uint16_t)ip->uid);
		put16le(d + D1_OLDGID, (uint16_t)ip->gid);
	}
}

static void
decode2(const uint8_t *d, struct ffs_inode *ip)
{
	int i;

	ip->mode = get16le(d + D2_MODE);
	ip->nlink = (int16_t)get16le(d + D2_NLINK);
	ip->uid = get32le(d + D2_UID);
	ip->gid = get32le(d + D2_GID);
	ip->blksize = get32le(d + D2_BLKSIZE);
	ip->size = get64le(d + D2_SIZE);
	ip->blocks = get64le(d + D2_BLOCKS);
	ip->atime = time2(d + D2_ATIME, d + D2_ATIMENSEC);
	ip->mtime = time2(d + D2_MTIME, d + D2_MTIMENSEC);
	ip->ctime = time2(d + D2_CTIME, d + D2_CTIMENSEC);
	ip->birthtime = time2(d + D2_BIRTH, d + D2_BIRTHNSEC);
	ip->gen = get32le(d + D2_GEN);
	ip->kernflags = get32le(d + D2_KERNFLAGS);
	ip->flags = get32le(d + D2_FLAGS);
	ip->extsize = get32le(d + D2_EXTSIZE);
	for (i = 0; i < FFS_NXADDR; i++)
		ip->extb[i] = (int64_t)get64le(d + D2_EXTB + 8 * i);
	for (i = 0; i < FFS_NDADDR; i++)
		ip->db[i] = (int64_t)get64le(d + D2_DB + 8 * i);
	for (i = 0; i < FFS_NIADDR; i++)
		ip->ib[i] = (int64_t)get64le(d + D2_IB + 8 * i);
	memcpy(ip->inl, d + D2_DB, D2_INLINE);
	ip->modrev = get64le(d + D2_MODREV);
}

static void
encode2(const struct ffs_sb *s, const struct ffs_inode *ip, uint8_t *d)
{
	int i;

	put16le(d + D2_MODE, ip->mode);
	put16le(d + D2_NLINK, (uint16_t)ip->nlink);
	put32le(d + D2_UID, ip->uid);
	put32le(d + D2_GID, ip->gid);
	put32le(d + D2_BLKSIZE, ip->blksize);
	put64le(d + D2_SIZE, ip->size);
	put64le(d + D2_BLOCKS, ip->blocks);
	put_time2(d + D2_ATIME, d + D2_ATIMENSEC, ip->atime);
	put_time2(d + D2_MTIME, d + D2_MTIMENSEC, ip->mtime);
	put_time2(d + D2_CTIME, d + D2_CTIMENSEC, ip->ctime);
	put_time2(d + D2_BIRTH, d + D2_BIRTHNSEC, ip->birthtime);
	put32le(d + D2_GEN, ip->gen);
	put32le(d + D2_KERNFLAGS, ip->kernflags);
	put32le(d + D2_FLAGS, ip->flags);
	put32le(d + D2_EXTSIZE, ip->extsize);
	for (i = 0; i < FFS_NXADDR; i++)
		put64le(d + D2_EXTB + 8 * i, (uint64_t)ip->extb[i]);
	if (dinode_is_inline(s, ip))
		memcpy(d + D2_DB, ip->inl, D2_INLINE);
	else {
		for (i = 0; i < FFS_NDADDR; i++)
			put64le(d + D2_DB + 8 * i, (uint64_t)ip->db[i]);
		for (i = 0; i < FFS_NIADDR; i++)
			put64le(d + D2_IB + 8 * i, (uint64_t)ip->ib[i]);
	}
	put64le(d + D2_MODREV, ip->modrev);
}

void
inode_decode(const struct ffs_sb *s, uint32_t ino, const uint8_t *raw,
    struct ffs_inode *ip)
{
	memset(ip, 0, sizeof(*ip));
	ip->ino = ino;
	if (s->version == 1)
		decode1(s, raw, ip);
	else
		decode2(raw, ip);
}

void
inode_encode(const struct ffs_sb *s, const struct ffs_inode *ip,
    uint8_t *raw)
{
	if (s->version == 1)
		encode1(s, ip, raw);
	else
		encode2(s, ip, raw);
}
