/*
 * newfs: write what format_plan decided.
 *
 * Only what must be there is written: group headers and superblocks, the
 * summaries, the root directory.  Inodes that a reader may look at must be
 * zero; they are read first, and written only where they aren't, so that an
 * image of holes stays one.  FFSv2 promises only the inodes before
 * cg_initediblk, and newfs sets that to two blocks.  Superblocks of former
 * file systems in places where ours are searched for are wiped.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/ffs/ffs_impl.h"

#define ROOT_ENTRY_DOT	12		/* d_reclen of "." */
#define IFDIR		040000
#define INIT_BLOCKS	2		/* inode blocks that newfs zeroes */

static int
write_at(struct blk *b, const struct ffs_sb *s, const void *p, size_t len,
    int64_t frag, struct dd_err *e)
{
	return blk_pwrite(b, p, len, (uint64_t)frag << s->fshift, BLK_DIRECT,
	    e);
}

/* Superblocks of others: where they stand, and their magic number in it. */
static const struct {
	uint32_t	at, off, len;
	uint32_t	magic;
} strangers[] = {
	{ 1024, 56, 2, 0xef53 },		/* ext2 */
	{ 8192, SB_O_MAGIC, 4, FS_UFS1_MAGIC },
	{ 8192, SB_O_MAGIC, 4, FS_UFS2_MAGIC },
	{ 8192, SB_O_MAGIC, 4, FS_UFS2EA_MAGIC },
	{ 8192, 0, 4, 0x00070162 },		/* LFS */
	{ 65536, SB_O_MAGIC, 4, FS_UFS1_MAGIC },
	{ 65536, SB_O_MAGIC, 4, FS_UFS2_MAGIC },
	{ 65536, SB_O_MAGIC, 4, FS_UFS2EA_MAGIC },
	{ 262144, SB_O_MAGIC, 4, FS_UFS1_MAGIC },
	{ 262144, SB_O_MAGIC, 4, FS_UFS2_MAGIC },
	{ 262144, SB_O_MAGIC, 4, FS_UFS2EA_MAGIC },
};

/* Unmake them.  Only the number: the sector may have a boot block, too. */
static int
wipe_strangers(struct blk *b, struct dd_err *e)
{
	uint8_t sector[4096];
	uint64_t at, unit = b->sector_size;
	uint8_t *p;
	uint32_t le, be;
	size_t i;

	for (i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		at = round_down(strangers[i].at + strangers[i].off, unit);
		if (at + unit > b->size)
			continue;
		if (blk_pread(b, sector, unit, at, e) == -1)
			return -1;
		p = sector + (strangers[i].at + strangers[i].off - at);
		le = strangers[i].len == 2 ? get16le(p) : get32le(p);
		be = strangers[i].len == 2 ? get32be(p) >> 16 : get32be(p);
		if (le != strangers[i].magic && be != strangers[i].magic)
			continue;
		memset(p, 0, strangers[i].len);
		if (blk_pwrite(b, sector, unit, at, BLK_DIRECT, e) == -1)
			return -1;
	}
	return 0;
}

/* Make nblocks blocks from frag read as zeros; buf is one block. */
static int
zero_blocks(struct blk *b, const struct ffs_sb *s, int64_t frag,
    uint32_t nblocks, uint8_t *buf, struct dd_err *e)
{
	uint32_t i;

	for (i = 0; i < nblocks; i++, frag += s->frag) {
		if (blk_pread(b, buf, s->bsize, (uint64_t)frag << s->fshift,
		    e) == -1)
			return -1;
		if (buf[0] == 0 && memcmp(buf, buf + 1, s->bsize - 1) == 0)
			continue;
		memset(buf, 0, s->bsize);
		if (write_at(b, s, buf, s->bsize, frag, e) == -1)
			return -1;
	}
	return 0;
}

static uint32_t
inited_blocks(const struct ffs_sb *s)
{
	uint32_t all = s->ipg / s->inopb;

	return s->version == 1 || all < INIT_BLOCKS ? all : INIT_BLOCKS;
}

/* A new group's header; the first has the summaries and the root. */
static void
make_header(const struct ffs_sb *s, uint32_t cg, uint8_t *raw)
{
	uint32_t ndblk = sb_cg_frags(s, cg);
	uint32_t before = (uint32_t)(sb_cgsblock(s, cg) - sb_cgbase(s, cg));
	uint32_t data = (uint32_t)(sb_cgdmin(s, cg) - sb_cgbase(s, cg));
	uint32_t root, i;
	struct cg_layout l;
	uint8_t *map;

	memset(raw, 0, s->bsize);
	(void)cg_layout(s, &l);
	map = raw + l.freeoff;
	if (cg == 0) {
		before = 0;
		data += s->cssize / s->fsize;
		for (i = 0; i <= FFS_ROOT; i++)
			bit_set(raw + l.iusedoff, i);
	}
	for (i = 0; i < before; i++)
		bit_set(map, i);
	for (i = data; i < ndblk; i++)
		bit_set(map, i);
	if (cg == 0) {
		root = (uint32_t)format_root_frag(s);
		bit_clear(map, root);
	}
	if (s->version == 1)
		put32le(raw + CG_O_OLD_TIME, (uint32_t)s->time);
	else {
		put64le(raw + CG_O_TIME, (uint64_t)s->time);
		put32le(raw + CG_O_INITEDIBLK, inited_blocks(s) * s->inopb);
	}
	cg_recompute(s, cg, raw, cg == 0);
}

/* All groups' headers and inodes; their totals go to cs and the superblock. */
static int
write_groups(struct blk *b, struct ffs_sb *s, uint8_t *cs, uint8_t *buf,
    struct dd_err *e)
{
	uint32_t cg;

	for (cg = 0; cg < s->ncg; cg++) {
		if (zero_blocks(b, s, sb_cgimin(s, cg), inited_blocks(s), buf,
		    e) == -1)
			return -1;
		make_header(s, cg, buf);
		if (write_at(b, s, buf, s->cgsize, sb_cgtod(s, cg), e) == -1)
			return -1;
		memcpy(cs + cg * CSUM_SIZE, buf + CG_O_CS, CSUM_SIZE);
		s->cs_ndir += get32le(buf + CG_O_CS);
		s->cs_nbfree += get32le(buf + CG_O_CS + 4);
		s->cs_nifree += get32le(buf + CG_O_CS + 8);
		s->cs_nffree += get32le(buf + CG_O_CS + 12);
	}
	return write_at(b, s, cs, s->cssize, s->csaddr, e);
}

static void
put_entry(uint8_t *p, uint32_t reclen, const char *name)
{
	put32le(p, FFS_ROOT);
	put16le(p + 4, (uint16_t)reclen);
	p[6] = FFS_DIR;
	p[7] = (uint8_t)strlen(name);
	memcpy(p + 8, name, p[7]);
}

static int
write_root(struct blk *b, const struct ffs_sb *s, const struct ffs_format *f,
    struct ffs_time now, uint8_t *buf, struct dd_err *e)
{
	int64_t frag = format_root_frag(s);
	struct ffs_inode ip = {
		.ino = FFS_ROOT,
		.mode = (uint16_t)(IFDIR | (f->root_perm == 0 ? 0755 :
		    f->root_perm & 07777)),
		.nlink = 2,
		.size = FFS_DIRBLK,
		.blocks = s->fsize / 512,
		.atime = now, .mtime = now, .ctime = now, .birthtime = now,
		.gen = arc4random() & INT32_MAX,
		.db = { frag },
	};

	memset(buf, 0, s->bsize);
	put_entry(buf, ROOT_ENTRY_DOT, ".");
	put_entry(buf + ROOT_ENTRY_DOT, FFS_DIRBLK - ROOT_ENTRY_DOT, "..");
	if (write_at(b, s, buf, s->fsize, frag, e) == -1)
		return -1;
	memset(buf, 0, s->bsize);
	inode_encode(s, &ip, buf + FFS_ROOT * sb_dinode_size(s));
	return write_at(b, s, buf, s->bsize, sb_ino_frag(s, FFS_ROOT), e);
}

/* The alternates first: what is found in the end is whole. */
static int
write_superblocks(struct blk *b, struct ffs_sb *s, struct dd_err *e)
{
	uint8_t *p = s->raw + SB_O_OLD_CSTOTAL;
	uint32_t cg;

	sb_encode(s);
	if (s->version == 1) {
		put32le(s->raw + SB_O_OLD_TIME, (uint32_t)s->time);
		put32le(p, (uint32_t)s->cs_ndir);
		put32le(p + 4, (uint32_t)s->cs_nbfree);
		put32le(p + 8, (uint32_t)s->cs_nifree);
		put32le(p + 12, (uint32_t)s->cs_nffree);
	}
	for (cg = 0; cg < s->ncg; cg++)
		if (write_at(b, s, s->raw, SB_SIZE, sb_cgsblock(s, cg), e)
		    == -1)
			return -1;
	return blk_pwrite(b, s->raw, SB_SIZE, s->at, BLK_DIRECT, e);
}

static struct ffs_time
format_time(const struct ffs_format *f)
{
	struct ffs_time t = f->time;
	struct timespec now;

	if (t.sec == 0 && t.nsec == 0 &&
	    clock_gettime(CLOCK_REALTIME, &now) == 0) {
		t.sec = now.tv_sec;
		t.nsec = (int32_t)now.tv_nsec;
	}
	return t;
}

int
ffs_format(struct blk *b, const struct ffs_format *f, struct dd_err *e)
{
	struct ffs_time now = format_time(f);
	struct ffs_sb *s;
	uint8_t *buf = NULL, *cs = NULL;
	int rc = -1;

	if ((s = malloc(sizeof(*s))) == NULL)
		return dd_fail_nomem(e);
	if (format_plan(b->size, b->sector_size, f, s, e) == -1)
		goto out;
	s->time = now.sec;
	s->id[0] = f->id[0] != 0 ? f->id[0] : (uint32_t)now.sec;
	s->id[1] = f->id[1] != 0 ? f->id[1] : arc4random() & INT32_MAX;
	memcpy(s->raw + SB_O_VOLNAME, f->volname, strnlen(f->volname, 32));
	buf = malloc(s->bsize);
	cs = calloc(1, s->cssize);
	if (buf == NULL || cs == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (wipe_strangers(b, e) == -1 ||
	    write_groups(b, s, cs, buf, e) == -1 ||
	    write_root(b, s, f, now, buf, e) == -1 ||
	    write_superblocks(b, s, e) == -1)
		goto out;
	rc = blk_flush(b, e);
out:
	free(cs);
	free(buf);
	free(s);
	return rc;
}
