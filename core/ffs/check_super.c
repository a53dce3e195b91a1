/*
 * The superblock: values that a mount accepts but that are wrong all the
 * same, and the copies in the cylinder groups.
 */
#include "core/ffs/check_impl.h"

#define POSTBLFMT_42	(-1)
#define JOURNAL_CREATE	1		/* fs_journal_flags */
#define JOURNAL_CLEAR	2

/* Fields in which every copy equals the superblock: offsets of 32 bits. */
static const uint16_t static_fields[] = {
	SB_O_SBLKNO, SB_O_CBLKNO, SB_O_IBLKNO, SB_O_DBLKNO, SB_O_NCG,
	SB_O_BSIZE, SB_O_FSIZE, SB_O_FRAG, SB_O_BMASK, SB_O_FMASK,
	SB_O_BSHIFT, SB_O_FSHIFT, SB_O_FRAGSHIFT, SB_O_FSBTODB, SB_O_SBSIZE,
	SB_O_NINDIR, SB_O_INOPB, SB_O_CSSIZE, SB_O_IPG, SB_O_FPG, SB_O_MAGIC,
};

int
ck_alternate(struct check *c, uint32_t cg)
{
	struct ffs *fs = c->fs;
	const struct ffs_sb *s = &fs->sb;
	enum ck_severity severity;
	uint8_t *alt = c->block;
	size_t i, len = round_up(SB_FIELDS, s->fsize);

	if (len > s->bsize)
		len = s->bsize;
	if (ffs_frag_read(fs, alt, len, sb_cgsblock(s, cg), c->e) == -1)
		return -1;
	for (i = 0; i < sizeof(static_fields) / sizeof(static_fields[0]); i++)
		if (get32le(alt + static_fields[i]) !=
		    get32le(s->raw + static_fields[i]))
			break;
	if (i == sizeof(static_fields) / sizeof(static_fields[0]))
		return 0;
	/* fsck believes the last copy as much as the superblock. */
	severity = cg == s->ncg - 1 ? CK_WORSE : CK_MENDABLE;
	if (c->fix && severity == CK_MENDABLE && ffs_frag_write(fs, s->raw,
	    len, sb_cgsblock(s, cg), c->e) == -1)
		return -1;
	return ck_finding(c, severity, 0, 0, "the superblock's copy in "
	    "cylinder group %u disagrees with it at byte %u", cg,
	    static_fields[i]);
}

/* A wrong field whose right value is known. */
static int
wrong(struct check *c, const char *name, uint16_t off, unsigned width,
    uint64_t right)
{
	uint8_t *p = c->fs->sb.raw + off;
	uint64_t is = width == 8 ? get64le(p) : get32le(p);

	if (is == right)
		return 0;
	if (c->fix) {
		if (width == 8)
			put64le(p, right);
		else
			put32le(p, (uint32_t)right);
	}
	return ck_finding(c, CK_MENDABLE, 0, 0, "the superblock's %s is %llu, "
	    "should be %llu", name, (unsigned long long)is,
	    (unsigned long long)right);
}

static uint64_t
max_file_size(const struct ffs_sb *s)
{
	uint64_t n = (uint64_t)s->bsize * FFS_NDADDR - 1, per = s->bsize;
	unsigned i;

	for (i = 0; i < FFS_NIADDR; i++) {
		per *= s->nindir;
		n += per;
	}
	return n;
}

static int
check_new_inodes(struct check *c)
{
	struct ffs_sb *s = &c->fs->sb;
	uint32_t symlink = s->version == 1 ? 60 : 120;

	if (wrong(c, "fs_maxfilesize", SB_O_MAXFILESIZE, 8,
	    max_file_size(s)) == -1 ||
	    wrong(c, "fs_maxsymlinklen", SB_O_MAXSYMLINKLEN, 4, symlink)
	    == -1 ||
	    wrong(c, "fs_qbmask", SB_O_QBMASK, 8, s->bsize - 1) == -1 ||
	    wrong(c, "fs_qfmask", SB_O_QFMASK, 8, s->fsize - 1) == -1)
		return -1;
	if (c->fix) {
		s->maxfilesize = max_file_size(s);
		s->maxsymlinklen = symlink;
	}
	return 0;
}

/* Relics of rotating disks. */
static int
check_rotation(struct check *c)
{
	const struct ffs_sb *s = &c->fs->sb;
	int32_t nsect = (int32_t)get32le(s->raw + SB_O_OLD_NSECT);
	int32_t npsect = (int32_t)get32le(s->raw + SB_O_OLD_NPSECT);
	int32_t interleave = (int32_t)get32le(s->raw + SB_O_OLD_INTERLEAVE);

	if (s->version == 2 || (int32_t)get32le(s->raw +
	    SB_O_OLD_POSTBLFORMAT) == POSTBLFMT_42)
		return 0;
	if ((interleave < 1 || interleave > nsect) &&
	    wrong(c, "fs_old_interleave", SB_O_OLD_INTERLEAVE, 4, 1) == -1)
		return -1;
	if ((npsect < nsect || npsect / 2 > nsect) && wrong(c,
	    "fs_old_npsect", SB_O_OLD_NPSECT, 4, (uint32_t)nsect) == -1)
		return -1;
	return 0;
}

static uint32_t
known_flags(const struct ffs_sb *s)
{
	uint32_t flags = FS_FLAG_DOSOFTDEP | FS_FLAG_DOWAPBL |
	    FS_FLAG_DOQUOTA2;

	if (s->magic == FS_UFS2EA_MAGIC)
		flags |= FS_FLAG_ACLS | FS_FLAG_NFS4ACLS;
	return flags;
}

/* What the kernel was asked to do with the journal at the next mount. */
static bool
journal_wish_ok(const struct ffs_sb *s)
{
	switch (s->journal_flags) {
	case 0:
		return true;
	case JOURNAL_CREATE:
		return s->journal_location == 1 || s->journal_location == 2;
	case JOURNAL_CLEAR:
		return s->journal_location <= 2;
	default:
		return false;
	}
}

static int
check_journal(struct check *c)
{
	const struct ffs_sb *s = &c->fs->sb;

	if (sb_is_old(s))
		return 0;
	if (!journal_wish_ok(s) && ck_finding(c, CK_WORSE, 0, 0, "the "
	    "superblock's fs_journal_flags are 0x%x, for a journal at place "
	    "%u", s->journal_flags, s->journal_location) == -1)
		return -1;
	if ((s->flags & FS_FLAG_DOWAPBL) == 0)
		return 0;
	if (c->fs->journal_bad.code != ERR_NONE)
		return ck_finding(c, CK_WORSE, 0, 0, "%s",
		    c->fs->journal_bad.msg);
	if (c->fs->journal_dirty)
		return ck_finding(c, CK_MENDABLE, 0, 0, "the journal (WAPBL) "
		    "must be replayed; what follows is how things are after "
		    "that");
	return 0;
}

int
ck_super(struct check *c)
{
	const struct ffs_sb *s = &c->fs->sb;
	uint32_t odd = s->flags & ~known_flags(s);
	struct cg_layout l;

	if (check_journal(c) == -1)
		return -1;
	if (s->clean != 1 && ck_finding(c, CK_NOTE, 0, 0, "not marked clean: "
	    "in use, or was not unmounted") == -1)
		return -1;
	if (odd != 0 && ck_finding(c, CK_WORSE, 0, 0, "the superblock's flags "
	    "0x%x are not known", odd) == -1)
		return -1;
	if (s->optim > 1 && ck_finding(c, CK_WORSE, 0, 0, "the superblock's "
	    "fs_optim is %u, should be 0 or 1", s->optim) == -1)
		return -1;
	if (s->minfree > 99 && ck_finding(c, CK_WORSE, 0, 0, "the "
	    "superblock's fs_minfree is %d per cent", (int32_t)s->minfree)
	    == -1)
		return -1;
	if (!cg_layout(s, &l) || l.nextfreeoff > s->cgsize)
		return dd_fail(c->e, ERR_CORRUPT, "the maps of a cylinder "
		    "group don't fit into its block");
	if ((s->flags & FS_FLAG_DOQUOTA2) != 0 && ck_finding(c, CK_NOTE, 0, 0,
	    "has quotas, which are not checked") == -1)
		return -1;
	if (check_rotation(c) == -1)
		return -1;
	return s->version == 2 || s->old_inodefmt >= FS_INODEFMT_44 ?
	    check_new_inodes(c) : 0;
}
