/*
 * The superblock: found, decoded, judged, encoded.
 *
 * One table says where each field stands on disk and in struct ffs_sb; it
 * serves both directions.  A file system from before FFSv2 support (UFS1
 * without FS_OLDFLAG_UPDATED) keeps its sizes and totals in the fs_old_*
 * fields, and other data where the new ones would be.
 */
#include <stddef.h>
#include <string.h>

#include "core/ffs/ffs_impl.h"

#define SB_AT_UFS2		65536
#define CG_STRUCT_SIZE		176	/* sizeof(struct cg) */
/* Totals of the cylinder groups are kept in memory, 16 bytes each. */
#define NCG_MAX			(1U << 20)

struct field {
	uint16_t	off;		/* in the superblock */
	uint8_t		width;		/* bytes, on disk and in memory */
	uint16_t	member;		/* in struct ffs_sb */
};
#define F(off, name) \
	{ off, sizeof(((struct ffs_sb *)0)->name), \
	    offsetof(struct ffs_sb, name) }

static const struct field common[] = {
	F(8, sblkno), F(12, cblkno), F(16, iblkno), F(20, dblkno),
	F(24, old_cgoffset), F(28, old_cgmask), F(44, ncg), F(48, bsize),
	F(52, fsize), F(56, frag), F(60, minfree), F(80, bshift),
	F(84, fshift), F(88, maxcontig), F(92, maxbpg), F(96, fragshift),
	F(116, nindir), F(120, inopb), F(128, optim), F(144, id[0]),
	F(148, id[1]), F(156, cssize), F(160, cgsize), F(184, ipg),
	F(188, fpg), F(208, fmod), F(209, clean), F(210, ronly),
	F(211, old_flags), F(1316, contigsumsize), F(1320, maxsymlinklen),
	F(1324, old_inodefmt), F(SB_O_MAGIC, magic),
};

/* Not in UFS1 from before FS_OLDFLAG_UPDATED. */
static const struct field updated[] = {
	F(864, journal_version), F(865, journal_location),
	F(868, journal_flags), F(872, journallocs[0]), F(880, journallocs[1]),
	F(888, journallocs[2]), F(896, journallocs[3]), F(904, quota_magic),
	F(908, quota_flags), F(SB_O_SBLOCKLOC, at), F(1008, cs_ndir),
	F(1016, cs_nbfree), F(1024, cs_nifree), F(1032, cs_nffree),
	F(1072, time), F(1080, size), F(1088, dsize), F(1096, csaddr),
	F(1196, avgfilesize), F(1200, avgfpdir), F(1312, flags),
	F(SB_O_MAXFILESIZE, maxfilesize),
};
#define NFIELDS(t)	(sizeof(t) / sizeof((t)[0]))

static void
decode_fields(struct ffs_sb *s, const struct field *f, size_t n)
{
	for (; n-- > 0; f++) {
		uint8_t *m = (uint8_t *)s + f->member;
		const uint8_t *d = s->raw + f->off;
		uint32_t v32;
		uint64_t v64;

		switch (f->width) {
		case 1:
			*m = *d;
			break;
		case 4:
			v32 = get32le(d);
			memcpy(m, &v32, sizeof(v32));
			break;
		default:
			v64 = get64le(d);
			memcpy(m, &v64, sizeof(v64));
			break;
		}
	}
}

static void
encode_fields(struct ffs_sb *s, const struct field *f, size_t n)
{
	for (; n-- > 0; f++) {
		const uint8_t *m = (const uint8_t *)s + f->member;
		uint8_t *d = s->raw + f->off;
		uint32_t v32;
		uint64_t v64;

		switch (f->width) {
		case 1:
			*d = *m;
			break;
		case 4:
			memcpy(&v32, m, sizeof(v32));
			put32le(d, v32);
			break;
		default:
			memcpy(&v64, m, sizeof(v64));
			put64le(d, v64);
			break;
		}
	}
}

bool
sb_is_old(const struct ffs_sb *s)
{
	return s->version == 1 && (s->old_flags & FS_OLDFLAG_UPDATED) == 0;
}

static void
decode_old(struct ffs_sb *s)
{
	const uint8_t *total = s->raw + SB_O_OLD_CSTOTAL;

	s->time = (int32_t)get32le(s->raw + SB_O_OLD_TIME);
	s->size = (int32_t)get32le(s->raw + SB_O_OLD_SIZE);
	s->dsize = (int32_t)get32le(s->raw + SB_O_OLD_DSIZE);
	s->csaddr = (int32_t)get32le(s->raw + SB_O_OLD_CSADDR);
	s->cs_ndir = (int32_t)get32le(total);
	s->cs_nbfree = (int32_t)get32le(total + 4);
	s->cs_nifree = (int32_t)get32le(total + 8);
	s->cs_nffree = (int32_t)get32le(total + 12);
	s->flags = s->old_flags;
	s->maxfilesize = min64(get64le(s->raw + SB_O_MAXFILESIZE),
	    (uint64_t)INT32_MAX * s->bsize);
	if (s->old_inodefmt < FS_INODEFMT_44)
		s->maxfilesize = (uint64_t)1 << 39;
}

/* What changes while such a file system is written. */
static void
encode_old(struct ffs_sb *s)
{
	uint8_t *total = s->raw + SB_O_OLD_CSTOTAL;

	put32le(s->raw + SB_O_OLD_TIME, (uint32_t)s->time);
	put32le(total, (uint32_t)s->cs_ndir);
	put32le(total + 4, (uint32_t)s->cs_nbfree);
	put32le(total + 8, (uint32_t)s->cs_nifree);
	put32le(total + 12, (uint32_t)s->cs_nffree);
}

void
sb_encode(struct ffs_sb *s)
{
	encode_fields(s, common, NFIELDS(common));
	if (sb_is_old(s))
		encode_old(s);
	else
		encode_fields(s, updated, NFIELDS(updated));
}

static int
bad(const struct ffs_sb *s, const char *field, int64_t value,
    struct dd_err *e)
{
	(void)dd_fail(e, ERR_CORRUPT, "superblock at byte %llu: %s is %lld, "
	    "which can't be", (unsigned long long)s->at, field,
	    (long long)value);
	return dd_hint(e, "take the image from a backup, or run fsck_ffs "
	    "with -b on NetBSD");
}

static bool
is_power(uint32_t v, uint32_t shift)
{
	return shift < 32 && v == (uint32_t)1 << shift;
}

/* The checks that a mount makes. */
static int
check_mount(const struct ffs_sb *s, struct dd_err *e)
{
	uint32_t sbsize = get32le(s->raw + SB_O_SBSIZE);

	if (sbsize < SB_FIELDS || sbsize > SB_SIZE)
		return bad(s, "fs_sbsize", sbsize, e);
	if (s->bsize < FFS_BSIZE_MIN || s->bsize > FFS_BSIZE_MAX ||
	    !is_power(s->bsize, s->bshift))
		return bad(s, "fs_bsize", s->bsize, e);
	if (s->fsize < 512 || s->fsize > s->bsize ||
	    !is_power(s->fsize, s->fshift))
		return bad(s, "fs_fsize", s->fsize, e);
	if (s->frag != s->bsize / s->fsize || s->frag > FFS_MAXFRAG ||
	    !is_power(s->frag, s->fragshift))
		return bad(s, "fs_frag", s->frag, e);
	if (get32le(s->raw + SB_O_BMASK) != ~(s->bsize - 1))
		return bad(s, "fs_bmask", get32le(s->raw + SB_O_BMASK), e);
	if (get32le(s->raw + SB_O_FMASK) != ~(s->fsize - 1))
		return bad(s, "fs_fmask", get32le(s->raw + SB_O_FMASK), e);
	if (s->inopb != s->bsize / sb_dinode_size(s))
		return bad(s, "fs_inopb", s->inopb, e);
	if (s->maxbpg == 0)
		return bad(s, "fs_maxbpg", s->maxbpg, e);
	if (s->cgsize < CG_STRUCT_SIZE || s->cgsize > s->bsize)
		return bad(s, "fs_cgsize", s->cgsize, e);
	return 0;
}

/* Sizes, so that no product of them overflows later. */
static int
check_sizes(const struct ffs_sb *s, uint64_t dev_size, struct dd_err *e)
{
	uint64_t bytes, inodes;

	if (s->size <= 0 || __builtin_mul_overflow((uint64_t)s->size,
	    (uint64_t)s->fsize, &bytes) || bytes > INT64_MAX)
		return bad(s, "fs_size", s->size, e);
	if (bytes > dev_size) {
		(void)dd_fail(e, ERR_CORRUPT, "the file system is %llu bytes "
		    "long, but its image or partition has only %llu",
		    (unsigned long long)bytes, (unsigned long long)dev_size);
		return dd_hint(e, "the image was cut off: take it from where "
		    "it came from again");
	}
	if (s->fpg == 0 || s->fpg > INT32_MAX || s->fpg % s->frag != 0)
		return bad(s, "fs_fpg", s->fpg, e);
	if (s->ncg == 0 || (uint64_t)s->size > (uint64_t)s->ncg * s->fpg ||
	    (uint64_t)s->size <= (uint64_t)(s->ncg - 1) * s->fpg)
		return bad(s, "fs_ncg", s->ncg, e);
	if (s->ncg > NCG_MAX)
		return dd_fail(e, ERR_UNSUP, "the file system has %u cylinder "
		    "groups; the most that drydock handles is %u", s->ncg,
		    NCG_MAX);
	if (s->ipg == 0 || s->ipg % s->inopb != 0 ||
	    __builtin_mul_overflow((uint64_t)s->ipg, (uint64_t)s->ncg,
	    &inodes) || inodes > UINT32_MAX)
		return bad(s, "fs_ipg", s->ipg, e);
	if (s->nindir != s->bsize / (s->version == 1 ? 4 : 8))
		return bad(s, "fs_nindir", s->nindir, e);
	if (s->contigsumsize > s->bsize / 4)
		return bad(s, "fs_contigsumsize", s->contigsumsize, e);
	if (s->maxsymlinklen > (s->version == 1 ? 60 : 120))
		return bad(s, "fs_maxsymlinklen", s->maxsymlinklen, e);
	if (s->maxfilesize > INT64_MAX)
		return bad(s, "fs_maxfilesize", INT64_MAX, e);
	return 0;
}

/* In one group, and not over its superblock, header and inodes. */
static bool
in_data(const struct ffs_sb *s, int64_t frag, uint64_t n)
{
	uint32_t cg = (uint32_t)(frag / s->fpg);
	int64_t end = frag + (int64_t)n;

	if (frag < sb_cgdmin(s, cg))
		return cg > 0 && end <= sb_cgsblock(s, cg);
	return end <= sb_cgbase(s, cg + 1);
}

/* The parts of a cylinder group stand in order, apart, and inside. */
static int
check_layout(const struct ffs_sb *s, struct dd_err *e)
{
	struct cg_layout maps;
	uint64_t turn = ~(uint32_t)s->old_cgmask;
	uint64_t inode_frags = (uint64_t)s->ipg / s->inopb * s->frag;
	uint64_t cs_frags = (s->cssize + (uint64_t)s->fsize - 1) / s->fsize;
	uint32_t sb_frags = (SB_FIELDS + s->fsize - 1) / s->fsize;

	if (s->sblkno < 0)
		return bad(s, "fs_sblkno", s->sblkno, e);
	if ((int64_t)s->cblkno < (int64_t)s->sblkno + sb_frags ||
	    (uint32_t)s->cblkno % s->frag != 0)
		return bad(s, "fs_cblkno", s->cblkno, e);
	if ((uint32_t)s->iblkno % s->frag != 0 ||
	    (int64_t)s->iblkno < (int64_t)s->cblkno + s->frag)
		return bad(s, "fs_iblkno", s->iblkno, e);
	if (s->dblkno <= s->iblkno || (uint32_t)s->dblkno % s->frag != 0 ||
	    (uint64_t)(s->dblkno - s->iblkno) < inode_frags)
		return bad(s, "fs_dblkno", s->dblkno, e);
	if (s->version == 2)
		turn = 0;
	else if (s->old_cgoffset < 0 ||
	    (uint32_t)s->old_cgoffset % s->frag != 0)
		return bad(s, "fs_old_cgoffset", s->old_cgoffset, e);
	else
		turn = min64(turn, s->ncg - 1) * (uint64_t)s->old_cgoffset;
	if ((uint64_t)s->dblkno + turn > s->fpg ||
	    sb_cgdmin(s, s->ncg - 1) > s->size)
		return bad(s, "fs_dblkno", s->dblkno, e);
	if (s->cssize < (uint64_t)s->ncg * CSUM_SIZE)
		return bad(s, "fs_cssize", s->cssize, e);
	if (s->csaddr <= 0 || cs_frags > (uint64_t)s->size ||
	    s->csaddr > s->size - (int64_t)cs_frags ||
	    !in_data(s, s->csaddr, cs_frags))
		return bad(s, "fs_csaddr", s->csaddr, e);
	if (!cg_layout(s, &maps))
		return bad(s, "fs_cgsize", s->cgsize, e);
	return 0;
}

/* Which superblock is this?  ERR_FORMAT: none, or not the one for here. */
static int
identify(struct ffs_sb *s, struct dd_err *e)
{
	const uint8_t *magic = s->raw + SB_O_MAGIC;
	const uint64_t here = s->at;
	bool alternate;

	switch (get32be(magic)) {
	case FS_UFS1_MAGIC:
	case FS_UFS2_MAGIC:
	case FS_UFS2EA_MAGIC:
		(void)dd_fail(e, ERR_UNSUP, "a big-endian FFS (its superblock "
		    "is at byte %llu)", (unsigned long long)here);
		return dd_hint(e, "drydock reads and writes little-endian "
		    "file systems only; mount it on a machine like the one "
		    "that made it");
	}
	switch (get32le(magic)) {
	case FS_UFS1_MAGIC:
		s->version = 1;
		break;
	case FS_UFS2_MAGIC:
	case FS_UFS2EA_MAGIC:
		s->version = 2;
		break;
	default:
		return dd_fail(e, ERR_FORMAT, "no FFS superblock");
	}
	decode_fields(s, common, NFIELDS(common));
	if (sb_is_old(s)) {
		decode_old(s);
		/* At this place it is the first alternate of 64k blocks. */
		alternate = here == SB_AT_UFS2;
	} else {
		decode_fields(s, updated, NFIELDS(updated));
		alternate = s->at != here;
	}
	if (alternate)
		return dd_fail(e, ERR_FORMAT, "the superblock at byte %llu is "
		    "a copy of one elsewhere", (unsigned long long)here);
	return 0;
}

int
sb_decode(struct ffs_sb *s, const uint8_t raw[SB_SIZE], uint64_t at,
    uint64_t dev_size, struct dd_err *e)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->raw, raw, SB_SIZE);
	s->at = at;
	if (identify(s, e) == -1 || check_mount(s, e) == -1 ||
	    check_sizes(s, dev_size, e) == -1 || check_layout(s, e) == -1)
		return -1;
	return 0;
}

int
sb_find(struct blk *b, struct ffs_sb *s, struct dd_err *e)
{
	static const uint64_t search[] = SB_SEARCH;
	uint8_t raw[SB_SIZE];
	struct dd_err why, first = DD_ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(search) / sizeof(search[0]); i++) {
		if (search[i] + SB_SIZE > b->size)
			continue;
		if (blk_pread(b, raw, SB_SIZE, search[i], e) == -1)
			return -1;
		dd_err_clear(&why);
		if (sb_decode(s, raw, search[i], b->size, &why) == 0)
			return 0;
		/* A damaged one says more than "none here". */
		if (why.code != ERR_FORMAT && first.code == ERR_NONE)
			first = why;
	}
	if (first.code == ERR_NONE) {
		(void)dd_fail(&first, ERR_FORMAT, "no FFS here");
		(void)dd_hint(&first, "'drydock disk' says what the image "
		    "holds");
	}
	if (e->code == ERR_NONE)
		*e = first;
	return -1;
}
