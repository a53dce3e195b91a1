/*
 * FFS on disk: offsets, and native forms of its structures.
 *
 * Source: NetBSD sys/ufs/ffs/fs.h (struct fs, struct cg), sys/ufs/ufs/
 * dinode.h (ufs1_dinode, ufs2_dinode), sys/ufs/ufs/dir.h, sys/sys/wapbl.h.
 * All fields little-endian.
 */
#ifndef DD_FFS_DISK_H
#define DD_FFS_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ffs/ffs.h"

#define FS_UFS1_MAGIC		0x00011954U
#define FS_UFS2_MAGIC		0x19540119U
#define FS_UFS2EA_MAGIC		0x19012038U
#define CG_MAGIC		0x00090255U

#define SB_SIZE			8192	/* read and written as a whole */
#define SB_FIELDS		1376	/* sizeof(struct fs) */
/* Where superblocks are looked for, in this order. */
#define SB_SEARCH		{ 65536, 8192, 0, 262144 }

#define FFS_NDADDR		12
#define FFS_NIADDR		3
#define FFS_NXADDR		2	/* extended attributes */
#define FFS_DIRBLK		512	/* entries never cross this */
#define FFS_MAXFRAG		8
#define FFS_BSIZE_MIN		4096
#define FFS_BSIZE_MAX		65536

/* fs_flags */
#define FS_FLAG_UNCLEAN		0x0001
#define FS_FLAG_DOSOFTDEP	0x0002
#define FS_FLAG_NEEDSFSCK	0x0004
#define FS_FLAG_INDEXDIRS	0x0008
#define FS_FLAG_ACLS		0x0010
#define FS_FLAG_MULTILABEL	0x0020
#define FS_FLAG_GJOURNAL	0x0040
#define FS_FLAG_FLAGS_UPDATED	0x0080
#define FS_FLAG_DOWAPBL		0x0100
#define FS_FLAG_DOQUOTA2	0x0200
#define FS_FLAG_NFS4ACLS	0x0800
#define FS_OLDFLAG_UPDATED	0x80	/* fs_old_flags: fs_cstotal etc. count */

/* fs_old_inodefmt; below it, owners are 16 bits wide and stand elsewhere. */
#define FS_INODEFMT_44		2

/* di_mode */
#define FFS_IFMT		0170000

/* UFS2EA, UFS2: inode whose di_extsize is not 0 has extended attributes. */

/*
 * The superblock, decoded.  raw keeps the bytes as read, so that fields
 * unknown to us survive; sb_encode puts the native ones over it.
 * Units: fragments where not said; sizes as in struct fs.
 */
struct ffs_sb {
	int		version;	/* 1 or 2 */
	uint32_t	magic;
	uint64_t	at;		/* byte offset where it was found */
	int32_t		sblkno, cblkno, iblkno, dblkno;
	int32_t		old_cgoffset, old_cgmask;
	uint32_t	ncg, bsize, fsize, frag;
	uint32_t	bshift, fshift, fragshift;
	uint32_t	minfree, optim;
	uint32_t	maxcontig, maxbpg;
	uint32_t	nindir, inopb;
	uint32_t	cssize, cgsize, ipg, fpg;
	uint32_t	id[2];
	int64_t		csaddr, size, dsize;
	int64_t		cs_ndir, cs_nbfree, cs_nifree, cs_nffree;
	int64_t		time;
	uint8_t		fmod, clean, ronly, old_flags;
	uint32_t	flags;
	uint32_t	contigsumsize, maxsymlinklen;
	int32_t		old_inodefmt;
	uint32_t	avgfilesize, avgfpdir;
	uint64_t	maxfilesize;	/* for old ones: what a mount allows */
	uint8_t		journal_version, journal_location;
	uint32_t	journal_flags;
	uint64_t	journallocs[4];
	uint32_t	quota_magic;
	uint8_t		quota_flags;
	uint8_t		raw[SB_SIZE];
};

/* Decode and validate (every check that a mount makes, and those that our
 * arithmetic relies on).  dev_size: bytes of the layer.  ERR_FORMAT: not a
 * superblock; ERR_CORRUPT; ERR_UNSUP: big-endian. */
int	sb_decode(struct ffs_sb *, const uint8_t raw[SB_SIZE], uint64_t at,
	    uint64_t dev_size, struct dd_err *);
void	sb_encode(struct ffs_sb *);		/* native fields into raw */
/* Search, read, decode. */
int	sb_find(struct blk *, struct ffs_sb *, struct dd_err *);
/* UFS1 from before fs_old_flags had FS_OLDFLAG_UPDATED: sizes and totals are
 * in the fs_old_* fields. */
bool	sb_is_old(const struct ffs_sb *);

/* Superblock (struct fs): byte offsets. */
enum {
	SB_O_SBLKNO = 8, SB_O_CBLKNO = 12, SB_O_IBLKNO = 16, SB_O_DBLKNO = 20,
	SB_O_OLD_CGOFFSET = 24, SB_O_OLD_CGMASK = 28, SB_O_OLD_TIME = 32,
	SB_O_OLD_SIZE = 36, SB_O_OLD_DSIZE = 40, SB_O_NCG = 44,
	SB_O_BSIZE = 48, SB_O_FSIZE = 52, SB_O_FRAG = 56, SB_O_MINFREE = 60,
	SB_O_OLD_ROTDELAY = 64, SB_O_OLD_RPS = 68, SB_O_BMASK = 72,
	SB_O_FMASK = 76, SB_O_BSHIFT = 80, SB_O_FSHIFT = 84,
	SB_O_MAXCONTIG = 88, SB_O_MAXBPG = 92, SB_O_FRAGSHIFT = 96,
	SB_O_FSBTODB = 100, SB_O_SBSIZE = 104, SB_O_NINDIR = 116,
	SB_O_INOPB = 120, SB_O_OLD_NSPF = 124, SB_O_OPTIM = 128,
	SB_O_OLD_NPSECT = 132, SB_O_OLD_INTERLEAVE = 136,
	SB_O_OLD_TRACKSKEW = 140, SB_O_ID = 144, SB_O_OLD_CSADDR = 152,
	SB_O_CSSIZE = 156, SB_O_CGSIZE = 160, SB_O_OLD_NSECT = 168,
	SB_O_OLD_SPC = 172, SB_O_OLD_NCYL = 176, SB_O_OLD_CPG = 180,
	SB_O_IPG = 184, SB_O_FPG = 188, SB_O_OLD_CSTOTAL = 192,
	SB_O_FMOD = 208, SB_O_CLEAN = 209, SB_O_RONLY = 210,
	SB_O_OLD_FLAGS = 211, SB_O_FSMNT = 212, SB_O_VOLNAME = 680,
	SB_O_CGROTOR = 724, SB_O_OLD_CPC = 856, SB_O_MAXBSIZE = 860,
	SB_O_JOURNAL_VERSION = 864, SB_O_JOURNAL_LOCATION = 865,
	SB_O_JOURNAL_FLAGS = 868, SB_O_JOURNALLOCS = 872,
	SB_O_QUOTA_MAGIC = 904, SB_O_QUOTA_FLAGS = 908, SB_O_QUOTAFILE = 912,
	SB_O_SBLOCKLOC = 1000, SB_O_CSTOTAL = 1008, SB_O_TIME = 1072,
	SB_O_SIZE = 1080, SB_O_DSIZE = 1088, SB_O_CSADDR = 1096,
	SB_O_PENDINGBLOCKS = 1104, SB_O_PENDINGINODES = 1112,
	SB_O_SNAPINUM = 1116, SB_O_AVGFILESIZE = 1196, SB_O_AVGFPDIR = 1200,
	SB_O_SAVE_CGSIZE = 1204, SB_O_FLAGS = 1312,
	SB_O_CONTIGSUMSIZE = 1316, SB_O_MAXSYMLINKLEN = 1320,
	SB_O_OLD_INODEFMT = 1324, SB_O_MAXFILESIZE = 1328,
	SB_O_QBMASK = 1336, SB_O_QFMASK = 1344, SB_O_STATE = 1352,
	SB_O_OLD_POSTBLFORMAT = 1356, SB_O_OLD_NRPOS = 1360,
	SB_O_MAGIC = 1372
};

/* Per-cylinder-group totals, as in the cs area: 4 x int32. */
struct ffs_csum {
	int32_t		ndir, nbfree, nifree, nffree;
};
#define CSUM_SIZE	16

/* Cylinder group header: byte offsets. */
enum {
	CG_O_FIRSTFIELD = 0, CG_O_MAGIC = 4, CG_O_OLD_TIME = 8, CG_O_CGX = 12,
	CG_O_OLD_NCYL = 16, CG_O_OLD_NIBLK = 18, CG_O_NDBLK = 20,
	CG_O_CS = 24, CG_O_ROTOR = 40, CG_O_FROTOR = 44, CG_O_IROTOR = 48,
	CG_O_FRSUM = 52, CG_O_OLD_BTOTOFF = 84, CG_O_OLD_BOFF = 88,
	CG_O_IUSEDOFF = 92, CG_O_FREEOFF = 96, CG_O_NEXTFREEOFF = 100,
	CG_O_CLUSTERSUMOFF = 104, CG_O_CLUSTEROFF = 108,
	CG_O_NCLUSTERBLKS = 112, CG_O_NIBLK = 116, CG_O_INITEDIBLK = 120,
	CG_O_TIME = 136, CG_SIZE = 168
};

/* An inode, decoded; UFS1 and UFS2 alike. */
struct ffs_inode {
	uint32_t	ino;
	uint16_t	mode;		/* 0: free */
	int16_t		nlink;
	uint32_t	uid, gid;
	uint64_t	size, blocks;
	struct ffs_time	atime, mtime, ctime, birthtime;
	uint32_t	gen, flags, kernflags, blksize;
	uint32_t	extsize;
	uint64_t	modrev;
	int64_t		extb[FFS_NXADDR];
	int64_t		db[FFS_NDADDR], ib[FFS_NIADDR];
	/* Short symlinks and devices live where db and ib do: the bytes. */
	uint8_t		inl[120];
};
/* Do the bytes of inl count, and not db and ib: device numbers, and symlinks
 * that are short enough. */
bool	dinode_is_inline(const struct ffs_sb *, const struct ffs_inode *);

#define FFS_DINODE1	128
#define FFS_DINODE2	256

void	inode_decode(const struct ffs_sb *, uint32_t ino, const uint8_t *raw,
	    struct ffs_inode *);
/* Writes over raw; bytes that have no native field stay. */
void	inode_encode(const struct ffs_sb *, const struct ffs_inode *,
	    uint8_t *raw);

/* Geometry: all inline arithmetic in one place. */
static inline uint32_t
sb_dinode_size(const struct ffs_sb *s)
{
	return s->version == 1 ? FFS_DINODE1 : FFS_DINODE2;
}

static inline int64_t
sb_cgbase(const struct ffs_sb *s, uint32_t cg)	/* first fragment */
{
	return (int64_t)s->fpg * cg;
}

static inline int64_t
sb_cgstart(const struct ffs_sb *s, uint32_t cg)	/* with UFS1's rotation */
{
	if (s->version == 2)
		return sb_cgbase(s, cg);
	return sb_cgbase(s, cg) +
	    (int64_t)s->old_cgoffset * (int64_t)(cg & ~(uint32_t)s->old_cgmask);
}

static inline int64_t
sb_cgtod(const struct ffs_sb *s, uint32_t cg)	/* the cg block */
{
	return sb_cgstart(s, cg) + s->cblkno;
}

static inline int64_t
sb_cgimin(const struct ffs_sb *s, uint32_t cg)	/* inode blocks */
{
	return sb_cgstart(s, cg) + s->iblkno;
}

static inline int64_t
sb_cgdmin(const struct ffs_sb *s, uint32_t cg)	/* first data fragment */
{
	return sb_cgstart(s, cg) + s->dblkno;
}

static inline int64_t
sb_cgsblock(const struct ffs_sb *s, uint32_t cg) /* alternate superblock */
{
	return sb_cgstart(s, cg) + s->sblkno;
}

static inline int64_t
sb_ino_frag(const struct ffs_sb *s, uint32_t ino) /* block holding ino */
{
	return sb_cgimin(s, ino / s->ipg) +
	    (int64_t)((ino % s->ipg) / s->inopb) * s->frag;
}

static inline uint32_t
sb_cg_frags(const struct ffs_sb *s, uint32_t cg) /* fragments in this cg */
{
	int64_t left = s->size - sb_cgbase(s, cg);

	return left < (int64_t)s->fpg ? (uint32_t)left : s->fpg;
}

#endif
