/*
 * What does an image hold?  Reads only; never fails for odd content, only
 * when reading does.
 */
#ifndef DD_DISK_PROBE_H
#define DD_DISK_PROBE_H

#include "core/disk/blk.h"

enum probe_kind {
	PROBE_EMPTY,		/* zeros wherever we looked */
	PROBE_FFS,
	PROBE_FFS_BE,		/* big-endian: not supported */
	PROBE_EXT,
	PROBE_XFS,
	PROBE_ISO9660,
	PROBE_QCOW2,
	PROBE_ARCHIVE,		/* gzip, xz, zstd, tar: not a disk */
	PROBE_ENCRYPTED,	/* looks like random bytes: perhaps cgd */
	PROBE_UNKNOWN
};

/* What the superblock of an FFS says (PROBE_FFS, PROBE_FFS_BE). */
struct probe_ffs {
	int		version;	/* 1, 2 */
	bool		ea;		/* UFS2EA */
	uint32_t	bsize, fsize;
	uint64_t	size;		/* bytes */
	uint64_t	data;		/* bytes for data (fs_dsize) */
	uint64_t	free;		/* bytes free, minfree included */
	uint64_t	inodes, inodes_free;
	bool		clean;
	bool		journal;	/* WAPBL journal configured */
	bool		journal_dirty;	/* and it needs replay */
	bool		quota;
	char		volname[33];	/* escaped */
	char		mounted_on[129];/* fs_fsmnt, escaped */
};

struct probe {
	enum probe_kind	 kind;
	struct probe_ffs ffs;
	uint64_t	 sb_off;	/* where the superblock stands, bytes */
};

int	probe_layer(struct blk *, struct probe *, struct dd_err *);
const char *probe_kind_name(enum probe_kind);

#endif
