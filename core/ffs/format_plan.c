/*
 * The geometry of a new file system: how many cylinder groups, how large, and
 * where everything stands in them.  Pure arithmetic, no I/O.
 *
 * The rules are those of NetBSD's newfs(8) (sbin/newfs/mkfs.c), so that a
 * file system of a given size has the layout an operator is used to: as few
 * groups as the one-block group header allows, but four where the size
 * permits, all of the same size.
 */
#include <string.h>

#include "core/ffs/ffs_impl.h"

#define MIB			(1024ULL * 1024)
#define GIB			(1024 * MIB)
#define CG_STRUCT		176	/* sizeof(struct cg), padding included */
#define MIN_GROUPS		4
#define FRAGS_PER_INODE		4
#define MAX_INODES		(1ULL << 31)
#define MAXPHYS			65536	/* what newfs takes for a transfer */
#define MAXCONTIG		16
#define MINFREE			5
#define OPT_TIME		0
#define OPT_SPACE		1
#define POSTBLFMT_DYNAMIC	1

/* Fragment size by size of the file system; blocks are eight times that. */
static const struct {
	uint64_t	below;
	uint32_t	fsize;
} defaults[] = {
	{ 20 * MIB, 512 },
	{ 1000 * MIB, 1024 },
	{ 128 * GIB, 2048 },
	{ UINT64_MAX, 4096 },
};

static bool
power_of_2(uint32_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

static uint32_t
log_2(uint32_t v)
{
	uint32_t n = 0;

	while (v > 1) {
		v >>= 1;
		n++;
	}
	return n;
}

static uint64_t
howmany(uint64_t v, uint64_t unit)
{
	return (v + unit - 1) / unit;
}

static int
choose_sizes(uint64_t bytes, uint32_t sector, const struct ffs_format *f,
    struct ffs_sb *s, struct dd_err *e)
{
	unsigned i;

	s->fsize = f->fsize;
	s->bsize = f->bsize;
	if (s->fsize == 0 && s->bsize != 0)
		s->fsize = s->bsize / FFS_MAXFRAG;
	if (s->fsize == 0) {
		for (i = 0; bytes >= defaults[i].below; i++)
			;
		s->fsize = defaults[i].fsize;
	}
	if (f->fsize == 0 && s->fsize < sector)
		s->fsize = sector;
	if (s->bsize == 0) {
		s->bsize = s->fsize > FFS_BSIZE_MAX / FFS_MAXFRAG ?
		    FFS_BSIZE_MAX : s->fsize * FFS_MAXFRAG;
		if (s->bsize < FFS_BSIZE_MIN)
			s->bsize = FFS_BSIZE_MIN;
	}

	if (!power_of_2(s->bsize) || s->bsize < FFS_BSIZE_MIN ||
	    s->bsize > FFS_BSIZE_MAX)
		return dd_fail(e, ERR_USAGE, "block size %u: must be a power "
		    "of two from %u to %u", s->bsize, FFS_BSIZE_MIN,
		    FFS_BSIZE_MAX);
	if (!power_of_2(s->fsize) || s->fsize > s->bsize ||
	    s->bsize / s->fsize > FFS_MAXFRAG)
		return dd_fail(e, ERR_USAGE, "fragment size %u: must be a "
		    "power of two from %u to %u for blocks of %u", s->fsize,
		    s->bsize / FFS_MAXFRAG, s->bsize, s->bsize);
	if (s->fsize < sector)
		return dd_fail(e, ERR_USAGE, "fragment size %u: smaller than "
		    "the %u-byte sectors", s->fsize, sector);
	return 0;
}

/* What follows from version, block and fragment size alone. */
static void
derive(struct ffs_sb *s)
{
	uint64_t per = s->bsize;
	unsigned i;

	s->frag = s->bsize / s->fsize;
	s->bshift = log_2(s->bsize);
	s->fshift = log_2(s->fsize);
	s->fragshift = log_2(s->frag);
	s->inopb = s->bsize / sb_dinode_size(s);
	s->nindir = s->bsize / (s->version == 1 ? 4 : 8);
	s->maxbpg = s->nindir;
	s->maxcontig = MAXPHYS / s->bsize;
	s->contigsumsize = s->maxcontig > MAXCONTIG ? MAXCONTIG :
	    s->maxcontig > 1 ? s->maxcontig : 0;
	s->at = s->version == 1 ? 8192 : 65536;
	s->magic = s->version == 1 ? FS_UFS1_MAGIC : FS_UFS2_MAGIC;
	s->maxsymlinklen = s->version == 1 ? 60 : 120;
	s->old_inodefmt = FS_INODEFMT_44;
	s->old_flags = FS_OLDFLAG_UPDATED;
	s->old_cgmask = s->version == 1 ? -1 : 0;
	s->maxfilesize = (uint64_t)s->bsize * FFS_NDADDR - 1;
	for (i = 0; i < FFS_NIADDR; i++) {
		per *= s->nindir;
		s->maxfilesize += per;
	}
	s->sblkno = (int32_t)round_up(howmany(s->at + SB_SIZE, s->fsize),
	    s->frag);
	s->cblkno = s->sblkno +
	    (int32_t)round_up(howmany(SB_SIZE, s->fsize), s->frag);
	s->iblkno = s->cblkno + (int32_t)s->frag;
}

/* Bytes that a group's header needs for so many inodes and fragments. */
static uint64_t
header_size(const struct ffs_sb *s, uint64_t ipg, uint64_t fpg)
{
	uint64_t n = CG_STRUCT + 4 + howmany(ipg, 8) + howmany(fpg, 8);

	if (s->version == 1)		/* rotational tables, one cylinder */
		n += 4 + 2;
	if (s->contigsumsize > 0)
		n += s->contigsumsize * 4ULL + howmany(fpg / s->frag, 8);
	return n;
}

/* Blocks of inodes for the whole file system. */
static uint64_t
inode_blocks(const struct ffs_sb *s, uint64_t bytes_per_inode)
{
	uint64_t room = (uint64_t)(s->size - s->iblkno);
	uint64_t per = bytes_per_inode * s->inopb / s->fsize;
	uint64_t n = room / (s->frag + (per == 0 ? 1 : per));

	if (n == 0)
		n = 1;
	if (n > room / s->frag - 2)	/* the root and the summaries */
		n = room / s->frag - 2;
	if (n * s->inopb >= MAX_INODES)
		n = (MAX_INODES - 8) / s->inopb;
	return n;
}

int64_t
format_root_frag(const struct ffs_sb *s)
{
	return (int64_t)round_up((uint64_t)s->csaddr + s->cssize / s->fsize,
	    s->frag);
}

static int
divide(struct ffs_sb *s, uint64_t inoblks, struct dd_err *e)
{
	uint64_t size = (uint64_t)s->size;
	uint64_t empty = header_size(s, 0, 0);
	uint64_t ncg, most, fpg, ipg, need, last;

	ncg = howmany(header_size(s, inoblks * s->inopb, size) - empty,
	    s->bsize - empty);
	if (ncg < MIN_GROUPS) {
		most = size / 2 / ((uint64_t)s->iblkno + inoblks * s->frag);
		ncg = most > ncg ? most : ncg;
		ncg = min64(min64(ncg, MIN_GROUPS), inoblks);
	}
	fpg = round_up(round_up(howmany(size, ncg), s->frag), 8);
	ipg = howmany(inoblks, ncg) * s->inopb;
	need = header_size(s, ipg, fpg);
	if (need > s->bsize) {
		fpg -= min64(fpg, (need - s->bsize) * 8);
		if (fpg != 0) {
			ncg = howmany(size, fpg);
			ipg = howmany(inoblks, ncg) * s->inopb;
		}
	}
	s->dblkno = s->iblkno + (int32_t)(ipg / s->inopb * s->frag);
	if (fpg == 0 || header_size(s, ipg, fpg) > s->bsize ||
	    (uint64_t)s->dblkno >= fpg) {
		(void)dd_fail(e, ERR_USAGE, "so many inodes don't fit into "
		    "cylinder groups of this file system");
		return dd_hint(e, "give more bytes per inode, or larger "
		    "blocks");
	}
	last = size - fpg * (ncg - 1);
	if (last < (uint64_t)s->dblkno) {	/* no room for its inodes */
		ncg--;
		s->size -= (int64_t)last;
	}
	s->ncg = (uint32_t)ncg;
	s->fpg = (uint32_t)fpg;
	s->ipg = (uint32_t)ipg;
	s->cgsize = (uint32_t)round_up(header_size(s, ipg, fpg), s->fsize);
	s->cssize = (uint32_t)round_up(ncg * CSUM_SIZE, s->fsize);
	s->csaddr = sb_cgdmin(s, 0);
	s->dsize = s->size - s->sblkno -
	    (int64_t)s->ncg * (s->dblkno - s->sblkno) -
	    s->cssize / s->fsize;
	if (format_root_frag(s) + s->frag > sb_cg_frags(s, 0)) {
		(void)dd_fail(e, ERR_USAGE, "too many cylinder groups: their "
		    "totals don't fit into the first");
		return dd_hint(e, "choose larger blocks");
	}
	return 0;
}

/* Fields that nothing here reads, but newfs writes and fsck compares. */
static void
put_raw(struct ffs_sb *s, uint32_t sector)
{
	uint8_t *p = s->raw;
	uint32_t nspf = s->fsize / sector;
	uint32_t sbsize = (uint32_t)round_up(SB_FIELDS, s->fsize);

	put32le(p + SB_O_BMASK, ~(s->bsize - 1));
	put32le(p + SB_O_FMASK, ~(s->fsize - 1));
	put64le(p + SB_O_QBMASK, s->bsize - 1);
	put64le(p + SB_O_QFMASK, s->fsize - 1);
	put32le(p + SB_O_FSBTODB, log_2(nspf));
	put32le(p + SB_O_SBSIZE, sbsize > SB_SIZE ? SB_SIZE : sbsize);
	put32le(p + SB_O_MAXBSIZE, s->bsize);
	if (s->version == 2)
		return;
	put32le(p + SB_O_OLD_SIZE, (uint32_t)s->size);
	put32le(p + SB_O_OLD_DSIZE, (uint32_t)s->dsize);
	put32le(p + SB_O_OLD_CSADDR, (uint32_t)s->csaddr);
	put32le(p + SB_O_OLD_RPS, 60);
	put32le(p + SB_O_OLD_NSPF, nspf);
	put32le(p + SB_O_OLD_CPG, 1);
	put32le(p + SB_O_OLD_INTERLEAVE, 1);
	put32le(p + SB_O_OLD_POSTBLFORMAT, POSTBLFMT_DYNAMIC);
	put32le(p + SB_O_OLD_NRPOS, 1);
	put32le(p + SB_O_OLD_SPC, s->fpg * nspf);
	put32le(p + SB_O_OLD_NSECT, s->fpg * nspf);
	put32le(p + SB_O_OLD_NPSECT, s->fpg * nspf);
	put32le(p + SB_O_OLD_NCYL, s->ncg);
}

int
format_plan(uint64_t bytes, uint32_t sector, const struct ffs_format *f,
    struct ffs_sb *s, struct dd_err *e)
{
	uint64_t least, search = 65536 + SB_SIZE;

	memset(s, 0, sizeof(*s));
	s->version = f->version == 0 ? 2 : f->version;
	if (s->version != 1 && s->version != 2)
		return dd_fail(e, ERR_USAGE, "FFS version %d: there are 1 "
		    "and 2", s->version);
	s->minfree = f->minfree == 0 ? MINFREE : f->minfree;
	if (s->minfree > 99)
		return dd_fail(e, ERR_USAGE, "minfree %u: a percentage below "
		    "100", s->minfree);
	if (choose_sizes(bytes, sector, f, s, e) == -1)
		return -1;
	derive(s);
	if (bytes / s->fsize > INT64_MAX / s->bsize)
		return dd_fail(e, ERR_USAGE, "too large for a file system");
	s->size = (int64_t)(bytes / s->fsize);
	if (s->version == 1 && s->size > INT32_MAX) {
		(void)dd_fail(e, ERR_USAGE, "too large for FFSv1 with "
		    "fragments of %u bytes", s->fsize);
		return dd_hint(e, "choose FFSv2 (-O 2) or larger fragments");
	}
	/* Readers that look for a superblock at 65536 must not run into the
	 * end there. */
	least = ((uint64_t)s->iblkno + 3 * s->frag) * s->fsize;
	least = least < search ? search : least;
	if (bytes < least) {
		(void)dd_fail(e, ERR_NOSPC, "%llu bytes: too small for a "
		    "file system", (unsigned long long)bytes);
		return dd_hint(e, "FFSv%d with blocks of %u needs at least "
		    "%llu bytes", s->version, s->bsize,
		    (unsigned long long)least);
	}
	if (divide(s, inode_blocks(s, f->bytes_per_inode != 0 ?
	    f->bytes_per_inode : FRAGS_PER_INODE * s->fsize), e) == -1)
		return -1;
	s->optim = s->minfree < MINFREE ? OPT_SPACE : OPT_TIME;
	s->avgfilesize = 16384;
	s->avgfpdir = 64;
	s->clean = 1;
	put_raw(s, sector);
	return 0;
}
