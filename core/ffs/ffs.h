/*
 * FFS in process: FFSv1, FFSv2 and UFS2EA, little-endian.
 *
 * Works on any block layer (core/disk/blk.h).  Changes collect until
 * ffs_commit, which hands everything down and flushes the stack; ffs_close
 * without it drops them.  Inodes are named by number; there are no paths
 * here (core/tree does those).  One thread at a time.
 *
 * Layout: NetBSD sys/ufs/ffs/fs.h, sys/ufs/ufs/dinode.h, dir.h; see
 * ffs_disk.h.
 */
#ifndef DD_FFS_FFS_H
#define DD_FFS_FFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/progress.h"
#include "core/disk/blk.h"

#define FFS_ROOT	2		/* the root's inode number */
#define FFS_NAME_MAX	255

#define FFS_WRITE	0x01
/* Go on where the image must not be written: not clean, journal pending.
 * For check --repair and check only. */
#define FFS_ANY		0x02

/* File types as in di_mode >> 12 and in d_type. */
enum ffs_type {
	FFS_FIFO = 1, FFS_CHR = 2, FFS_DIR = 4, FFS_BLK = 6, FFS_REG = 8,
	FFS_LNK = 10, FFS_SOCK = 12, FFS_WHT = 14
};

struct ffs;

struct ffs_time {
	int64_t		sec;
	int32_t		nsec;
};

struct ffs_stat {
	uint32_t	ino;
	enum ffs_type	type;
	uint16_t	perm;		/* 07777 */
	uint32_t	nlink;
	uint32_t	uid, gid;
	uint32_t	flags;		/* chflags(2) */
	uint64_t	size;		/* bytes */
	uint64_t	blocks;		/* 512-byte units */
	uint32_t	rdev;		/* as on disk: NetBSD's device number */
	uint32_t	gen;
	struct ffs_time	atime, mtime, ctime, birthtime;
};

struct ffs_info {
	int		version;	/* 1, 2 */
	bool		ea;
	bool		clean;
	bool		journal, journal_dirty;
	bool		quota;
	uint32_t	bsize, fsize, ncg;
	uint64_t	size;		/* bytes */
	uint64_t	bytes_data, bytes_free;	/* minfree included */
	uint64_t	bytes_avail;	/* what a writer of ours may use: all free */
	uint64_t	inodes, inodes_free;
	uint64_t	dirs;
	uint64_t	id;		/* fs_id */
	uint32_t	maxsymlink;	/* shorter links live in the inode */
};

/*
 * Open.  *out owns b from success on (ffs_close closes it).
 * Refused for writing, with a hint: not clean (ERR_UNCLEAN), WAPBL journal
 * that needs replay (ERR_UNCLEAN), quota or unknown flags (ERR_UNSUP).
 * Refused always: big-endian (ERR_UNSUP), no superblock (ERR_FORMAT), one
 * that makes no sense (ERR_CORRUPT).  For reading, a WAPBL journal that needs
 * replay is laid over the image.
 */
int	ffs_open(struct blk *b, int flags, struct ffs **out, struct dd_err *);
void	ffs_close(struct ffs *);
int	ffs_commit(struct ffs *, struct dd_err *);
void	ffs_info(const struct ffs *, struct ffs_info *);
/* The time that changes are stamped with; default: the clock at ffs_open. */
void	ffs_set_time(struct ffs *, struct ffs_time);

/* Reading. */
int	ffs_stat(struct ffs *, uint32_t ino, struct ffs_stat *,
	    struct dd_err *);
/* *got < len only at end of file. */
int	ffs_read(struct ffs *, uint32_t ino, void *, size_t len, uint64_t off,
	    size_t *got, struct dd_err *);
/* The next allocated range at or behind off: [*start, *end), clipped to the
 * size; *start == *end == size at the end. */
int	ffs_next_data(struct ffs *, uint32_t ino, uint64_t off,
	    uint64_t *start, uint64_t *end, struct dd_err *);
/* buf of at least st.size + 1 bytes; terminated. */
int	ffs_readlink(struct ffs *, uint32_t ino, char *buf, size_t cap,
	    struct dd_err *);
/* ERR_NOENT when there is no such name. */
int	ffs_lookup(struct ffs *, uint32_t dir, const char *name,
	    uint32_t *ino, struct dd_err *);

struct ffs_dirent {
	uint32_t	ino;
	enum ffs_type	type;		/* from the entry */
	char		name[FFS_NAME_MAX + 1];	/* terminated; never has '/' */
};
/* One entry; *at starts at 0 and is opaque.  "." and ".." are left out.
 * Returns 1, 0 at the end, -1.  The directory must not change meanwhile. */
int	ffs_readdir(struct ffs *, uint32_t dir, uint64_t *at,
	    struct ffs_dirent *, struct dd_err *);

/*
 * A number that is the same for two inodes of the same file system state or of
 * two states around a transaction only if content and attributes are the same
 * (not for directories, whose blocks change in place).
 */
int	ffs_fingerprint(struct ffs *, uint32_t ino, uint64_t fp[2],
	    struct dd_err *);

/* Attributes; mask says which are set. */
#define FFS_SET_PERM	0x01
#define FFS_SET_OWNER	0x02		/* uid and gid */
#define FFS_SET_FLAGS	0x04
#define FFS_SET_ATIME	0x08
#define FFS_SET_MTIME	0x10
#define FFS_SET_BIRTH	0x20

struct ffs_attr {
	unsigned	mask;
	uint16_t	perm;
	uint32_t	uid, gid;
	uint32_t	flags;
	struct ffs_time	atime, mtime, birthtime;
};

/*
 * Writing.  Names are checked: not empty, not "." or "..", no '/', at most
 * 255 bytes; ERR_EXIST when taken.  Lack of space or inodes is ERR_NOSPC with
 * what is needed and free.  A failed call may leave the transaction unusable:
 * then every later one, and ffs_commit, fails with the first error.
 * File flags (schg, uappnd, ...) are not enforced here.
 */
int	ffs_create(struct ffs *, uint32_t dir, const char *name,
	    const struct ffs_attr *, uint32_t *ino, struct dd_err *);
int	ffs_mkdir(struct ffs *, uint32_t dir, const char *name,
	    const struct ffs_attr *, uint32_t *ino, struct dd_err *);
int	ffs_mknod(struct ffs *, uint32_t dir, const char *name, enum ffs_type,
	    uint32_t rdev, const struct ffs_attr *, uint32_t *ino,
	    struct dd_err *);
int	ffs_symlink(struct ffs *, uint32_t dir, const char *name,
	    const char *target, const struct ffs_attr *, uint32_t *ino,
	    struct dd_err *);
int	ffs_link(struct ffs *, uint32_t ino, uint32_t dir, const char *name,
	    struct dd_err *);
/* Not for directories (ERR_TYPE). */
int	ffs_unlink(struct ffs *, uint32_t dir, const char *name,
	    struct dd_err *);
/* ERR_EXIST when not empty. */
int	ffs_rmdir(struct ffs *, uint32_t dir, const char *name,
	    struct dd_err *);
/* As rename(2): an existing target of the same kind is replaced. */
int	ffs_rename(struct ffs *, uint32_t dir, const char *name,
	    uint32_t todir, const char *toname, struct dd_err *);
/* Regular files.  Holes appear where nothing was written. */
int	ffs_write(struct ffs *, uint32_t ino, const void *, size_t len,
	    uint64_t off, struct dd_err *);
int	ffs_truncate(struct ffs *, uint32_t ino, uint64_t size,
	    struct dd_err *);
int	ffs_setattr(struct ffs *, uint32_t ino, const struct ffs_attr *,
	    struct dd_err *);

/*
 * What no file and no table of the file system has, in bytes of the layer,
 * ascending.  run's -1 ends it.
 */
int	ffs_free_ranges(struct ffs *, int (*run)(void *arg, uint64_t off,
	    uint64_t len, struct dd_err *), void *arg, struct dd_err *);

/*
 * newfs: write an empty file system over all of b, whose content does not
 * matter (it is not read; holes stay holes where nothing must be written).
 * Zero fields mean NetBSD newfs' defaults for the size.
 */
struct ffs_format {
	int		version;	/* 1, 2; default 2 */
	uint32_t	bsize, fsize;
	uint32_t	bytes_per_inode;
	uint32_t	minfree;	/* per cent; default 5 */
	char		volname[33];
	uint16_t	root_perm;	/* default 0755 */
	struct ffs_time	time;		/* 0: now */
	uint32_t	id[2];		/* 0: time and random */
};
int	ffs_format(struct blk *b, const struct ffs_format *, struct dd_err *);

/*
 * check: all that fsck_ffs -n looks for.  Each finding goes to the callback
 * as one line of text.  Returns 0 when it ran to its end (see *found), -1 when
 * it could not.
 */
struct ffs_finding {
	int		 severity;	/* 0 note, 1 preen mends, 2 worse */
	uint32_t	 ino;		/* 0: none */
	const char	*path;		/* NULL: not known; escaped */
	const char	*text;
};
typedef void ffs_finding_fn(void *arg, const struct ffs_finding *);
int	ffs_check(struct ffs *, ffs_finding_fn *, void *arg,
	    struct progress *, unsigned *found, struct dd_err *);

/*
 * Mend what fsck_ffs -p mends, after replaying a WAPBL journal for good.
 * fs must be open with FFS_WRITE | FFS_ANY.  Findings of severity 2: nothing
 * is changed, ERR_FAULTS with the hint "boot it or run fsck_ffs".  The caller
 * commits.
 */
int	ffs_repair(struct ffs *, ffs_finding_fn *, void *arg,
	    struct progress *, unsigned *mended, struct dd_err *);

#endif
