/*
 * Inside core/ffs: what its files share.  Not for others.
 */
#ifndef DD_FFS_IMPL_H
#define DD_FFS_IMPL_H

#include "core/base/bytes.h"
#include "core/base/map.h"
#include "core/ffs/ffs_disk.h"

/*
 * The metadata cache: blocks of inodes, directories, indirect pointers and
 * cylinder groups, by fragment address.  A buffer is held while refs > 0.
 * Dirty ones are written down (not to the disk: the overlay decides that) when
 * pushed out or at commit.  Bounded memory.
 */
struct ffs_buf {
	int64_t		 frag;		/* address */
	uint32_t	 len;		/* bytes, multiple of fsize */
	bool		 dirty;
	unsigned	 refs;
	uint8_t		*data;
	struct ffs_buf	*prev, *next;	/* least recently used order */
};

/*
 * Cylinder group arithmetic on raw bytes (cgmath.c), for the engine, format
 * and check.  The maps stand at fixed offsets, the same in every group of a
 * file system; a set bit of the inode map is an inode in use, one of the
 * fragment map a free fragment, one of the cluster map a free block.
 */
struct cg_layout {
	uint32_t	btotoff, boff;	/* UFS1: rotational tables */
	uint32_t	iusedoff;	/* inode map */
	uint32_t	freeoff;	/* fragment map */
	uint32_t	clustersumoff, clusteroff;	/* 0: no cluster maps */
	uint32_t	nextfreeoff;	/* end */
	uint32_t	nclusters;	/* bits of the cluster map */
};

struct ffs_cg;				/* cg.c: a cylinder group at work */
struct dir_index;			/* dir_index.c */

/* How much of a file a pass over it has met (file.c). */
struct ffs_seen {
	uint32_t	ino;
	uint64_t	next, blocks;
};

struct ffs {
	struct blk	*b;
	struct ffs_sb	 sb;
	struct ffs_csum	*cs;		/* sb.ncg entries */
	bool		 writable;
	bool		 dirty;		/* something changed since commit */
	struct dd_err	 broken;	/* first error that spoilt the
					 * transaction; ERR_NONE: none */
	struct ffs_time	 now;
	struct map	 bufs;		/* frag -> struct ffs_buf */
	struct ffs_buf	*lru_head, *lru_tail;
	size_t		 cached;	/* bytes */
	struct map	 cgs;		/* index -> struct ffs_cg */
	uint32_t	 dir_cg;	/* where the last directory went */
	bool		 journal_dirty;
	bool		 journal_laid;	/* b is its layer: wapbl_lay */
	struct dd_err	 journal_bad;	/* why it can't be read: FFS_ANY */
	bool		 untrusted;	/* maps may be wrong: FFS_ANY */
	uint64_t	 changes;	/* counts them */
	uint64_t	 changes_seen;	/* by the last operation that ended */
	/* What may be given out: free now and in the committed state. */
	int64_t		 avail_blocks, avail_frags;
	uint64_t	 cg_clock;	/* for struct ffs_cg's `used` */
	struct cg_layout layout;
	struct dir_index *dir_index;
	uint8_t		*contig_dirs;	/* in a row, in each group */
	uint8_t		*bounce, *block; /* a block each: reads, writes */
	struct ffs_seen	 seen_read, seen_map;
};

/* Cache (cache.c).  buf_get reads len bytes at frag; with fresh the content is
 * zeros and nothing is read.  Addresses are checked to lie inside the
 * file system: a wild pointer is ERR_CORRUPT. */
int	cache_get(struct ffs *, int64_t frag, uint32_t len, bool fresh,
	    struct ffs_buf **, struct dd_err *);
void	cache_put(struct ffs *, struct ffs_buf *);
void	cache_dirty(struct ffs *, struct ffs_buf *);
int	cache_flush(struct ffs *, struct dd_err *);
/* Forget what is cached of a range that was freed. */
void	cache_drop(struct ffs *, int64_t frag, uint32_t nfrags);
void	cache_dispose(struct ffs *);
/* Data, past the cache: reads see nothing dirty, as data is never cached.
 * Writes choose direct or journaled per fragment. */
int	ffs_frag_read(struct ffs *, void *, size_t len, int64_t frag,
	    struct dd_err *);
int	ffs_frag_write(struct ffs *, const void *, size_t len, int64_t frag,
	    struct dd_err *);

/* Inodes (inode.c). */
int	ffs_iget(struct ffs *, uint32_t ino, struct ffs_inode *,
	    struct dd_err *);
/* ERR_CORRUPT when it is free; the usual way in. */
int	ffs_iget_used(struct ffs *, uint32_t ino, struct ffs_inode *,
	    struct dd_err *);
int	ffs_iput(struct ffs *, const struct ffs_inode *, struct dd_err *);
/* The same, over whatever was there. */
int	ffs_inew(struct ffs *, const struct ffs_inode *, struct dd_err *);
/* NULL is fine; inode_set_attr is for what check_attr accepts. */
int	check_attr(const struct ffs *, const struct ffs_attr *,
	    struct dd_err *);
void	inode_set_attr(const struct ffs *, struct ffs_inode *,
	    const struct ffs_attr *);

static inline enum ffs_type
inode_type(const struct ffs_inode *ip)
{
	return (enum ffs_type)(ip->mode >> 12);
}

/* Does the inode's target, or device, live in the inode itself? */
bool	inode_is_inline(const struct ffs *, const struct ffs_inode *);

/*
 * Block map (bmap.c).  bmap_get: address of logical block lbn (fragment
 * address of its start; 0: hole).  bmap_extent: the same, and how many blocks
 * from there on follow it on disk (or are holes, too): at most max.
 */
int	bmap_get(struct ffs *, const struct ffs_inode *, uint64_t lbn,
	    int64_t *frag, struct dd_err *);
int	bmap_extent(struct ffs *, const struct ffs_inode *, uint64_t lbn,
	    uint64_t max, int64_t *frag, uint64_t *n, struct dd_err *);
/* The tree of indirect blocks (levels deep, 0: the inode itself) that lbn is
 * addressed by, and its index there. */
int	bmap_locate(const struct ffs_sb *, uint64_t lbn, unsigned *levels,
	    uint64_t *index, struct dd_err *);
int64_t	indir_get(const struct ffs_sb *, const struct ffs_buf *, uint64_t i);
/*
 * bmap_alloc (bmap_write.c): nfrags of new space for block lbn, close behind
 * prev (the block before it, or 0); want: blocks that will follow, this one
 * included.  An old address is replaced, not freed.  bmap_truncate: free
 * block `keep` and all behind it; ip->size is still the old one.
 */
int	bmap_alloc(struct ffs *, struct ffs_inode *, uint64_t lbn,
	    uint32_t nfrags, int64_t prev, uint32_t want, int64_t *frag,
	    struct dd_err *);
int	bmap_truncate(struct ffs *, struct ffs_inode *, uint64_t keep,
	    struct dd_err *);
/* Count fragments in or out of di_blocks. */
void	inode_add_frags(const struct ffs *, struct ffs_inode *,
	    int64_t nfrags);

/* Content, by inode (file.c, file_write.c).  A range to be read must lie
 * inside the size; the inode is not written back. */
int	file_read(struct ffs *, const struct ffs_inode *, void *, size_t len,
	    uint64_t off, struct dd_err *);
/* bmap_extent on a pass over the whole file: fails when that has met more
 * than the file system can hold. */
int	file_extent(struct ffs *, struct ffs_seen *, const struct ffs_inode *,
	    uint64_t lbn, uint64_t max, int64_t *frag, uint64_t *n,
	    struct dd_err *);
int	file_write(struct ffs *, struct ffs_inode *, const void *, size_t len,
	    uint64_t off, struct dd_err *);
int	ffs_truncate_inode(struct ffs *, struct ffs_inode *, uint64_t size,
	    struct dd_err *);

/* Directories (dir.c).  An entry as it stands in its chunk; ino 0: free. */
struct dir_entry {
	uint64_t	 off;		/* in the directory */
	uint32_t	 ino;
	uint16_t	 reclen;
	uint8_t		 type;		/* 0: not said */
	uint8_t		 namlen;
	const char	*name;		/* not terminated */
};
#define DIR_HEAD	8		/* bytes before the name */

static inline uint32_t
dir_entry_size(uint32_t namlen)		/* with a NUL, in whole words */
{
	return (DIR_HEAD + namlen + 1 + 3) & ~3U;
}

/* Every entry from byte `from` on goes to fn, until it returns not 0; that is
 * returned.  0: the end.  A damaged entry is ERR_CORRUPT. */
typedef int dir_fn(void *arg, const struct dir_entry *);
int	dir_scan(struct ffs *, const struct ffs_inode *, uint64_t from,
	    dir_fn *, void *arg, struct dd_err *);
int	dir_block(struct ffs *, const struct ffs_inode *, uint64_t lbn,
	    struct ffs_buf **, struct dd_err *);
bool	dir_is_dots(const struct dir_entry *);	/* "." or ".."? */
/* Entries without types (before 4.4BSD)? */
bool	dir_is_old(const struct ffs_sb *);

/* Where a name is, or could go (dir_write.c): byte offsets in the directory,
 * valid until it changes. */
#define DIR_NONE	UINT64_MAX
struct dir_pos {
	uint32_t	ino;		/* 0: there is no such name */
	uint64_t	at;		/* the entry */
	uint64_t	before;		/* the one before it in its chunk */
	uint64_t	room;		/* a chunk with room for the name */
};
int	dir_find(struct ffs *, uint32_t dir, const char *name,
	    struct dir_pos *, struct dd_err *);
/* Blocks that dir_add will need, at most. */
int	dir_need(struct ffs *, uint32_t dir, const struct dir_pos *,
	    uint64_t *blocks, struct dd_err *);
int	dir_add(struct ffs *, uint32_t dir, const struct dir_pos *,
	    const char *name, uint32_t ino, enum ffs_type, struct dd_err *);
int	dir_remove(struct ffs *, uint32_t dir, const struct dir_pos *,
	    struct dd_err *);
/* Let the entry name another inode. */
int	dir_redirect(struct ffs *, uint32_t dir, const struct dir_pos *,
	    uint32_t ino, enum ffs_type, struct dd_err *);
/* The index of a large directory (dir_index.c).  True: *chunk is where the
 * name can only be, DIR_NONE: it is not there; *room the first chunk with room
 * for it.  False: there is no index.  What changes entries tells it. */
bool	dir_index_search(struct ffs *, const struct ffs_inode *,
	    const char *name, size_t len, uint64_t *chunk, uint64_t *room);
void	dir_index_added(struct ffs *, uint32_t dir, const char *name,
	    size_t len, uint64_t off);
void	dir_index_removed(struct ffs *, uint32_t dir, const char *name,
	    size_t len, uint64_t off);
void	dir_index_forget(struct ffs *, uint32_t dir);
void	dir_index_dispose(struct ffs *);
/* Content for a fresh directory. */
int	dir_make(struct ffs *, struct ffs_inode *, uint32_t parent,
	    struct dd_err *);
int	dir_is_empty(struct ffs *, const struct ffs_inode *, bool *empty,
	    struct dd_err *);

/* Bytes allocated to logical block lbn of a file of that size: a whole block,
 * or the tail's fragments. */
uint32_t	block_bytes(const struct ffs_sb *, uint64_t size, uint64_t lbn);

/*
 * Allocation (alloc.c, cg.c).  "Free" means free now and in the committed
 * state, so that what is given out can be written directly.
 */
int	alloc_frags(struct ffs *, const struct ffs_inode *, int64_t pref,
	    uint32_t nfrags, int64_t *frag, struct dd_err *);
/* want: blocks that will follow, this one included. */
int	alloc_blocks(struct ffs *, const struct ffs_inode *, int64_t pref,
	    uint32_t nfrags, uint32_t want, int64_t *frag, struct dd_err *);
/* From old to nfrags fragments in place, where the next ones are available. */
int	extend_frags(struct ffs *, int64_t frag, uint32_t old,
	    uint32_t nfrags, bool *done, struct dd_err *);
/* Would so many blocks and one tail of fragments (or none) be found?
 * ERR_NOSPC if not. */
int	alloc_check(struct ffs *, uint64_t blocks, uint32_t tail,
	    struct dd_err *);
/* Where block lbn is best put, when prev is where the one before is. */
int64_t	alloc_pref(const struct ffs *, const struct ffs_inode *, uint64_t lbn,
	    int64_t prev);
uint64_t ffs_avail_frags(const struct ffs *);
int	free_frags(struct ffs *, int64_t frag, uint32_t nfrags,
	    struct dd_err *);
int	alloc_inode(struct ffs *, uint32_t parent, bool dir, uint32_t *ino,
	    struct dd_err *);
int	free_inode(struct ffs *, uint32_t ino, bool dir, struct dd_err *);
/* Was this range free when the transaction began (may it be written
 * directly)? */
int	frags_are_new(struct ffs *, int64_t frag, uint32_t nfrags, bool *yes,
	    struct dd_err *);
int	cg_flush(struct ffs *, struct dd_err *);
void	cg_dispose(struct ffs *);

/* Operations (txn.c) end with op_end: rc is what they return.  One that failed
 * after it changed something spoils the transaction. */
int	op_end(struct ffs *, int rc, struct dd_err *e);
/* Spoil the transaction with e (filled); returns -1. */
int	ffs_break(struct ffs *, struct dd_err *e);
/* To be called first by everything that writes. */
int	ffs_may_write(struct ffs *, struct dd_err *);

/* False: the maps do not fit into the group's block (sb_decode refuses it). */
bool	cg_layout(const struct ffs_sb *, struct cg_layout *);
/*
 * From the inode and fragment maps in raw (sb.bsize bytes), make all that
 * follows from them and from the geometry: static fields, cs, frsum, cluster
 * map and sums, rotational tables where they count.  Kept: times, rotors,
 * initediblk.  ndir: directories in this group.
 */
void	cg_recompute(const struct ffs_sb *, uint32_t cg, uint8_t *raw,
	    int32_t ndir);
/* The sb.frag bits of the block that begins at bit i of the fragment map. */
uint8_t	cg_block_bits(const struct ffs_sb *, const uint8_t *map, uint32_t i);
/* Count each run of free fragments in the bits of a block into frsum. */
void	cg_count_runs(const struct ffs_sb *, uint8_t bits,
	    uint32_t frsum[FFS_MAXFRAG]);

/*
 * format: the geometry of a new file system (format_plan.c), static fields of
 * the superblock decided, raw included; totals, times and names not yet.
 * ERR_USAGE where the wishes contradict each other, ERR_NOSPC: too small.
 */
int	format_plan(uint64_t bytes, uint32_t sector_size,
	    const struct ffs_format *, struct ffs_sb *, struct dd_err *);
/* The first whole block behind the summaries: the root's. */
int64_t	format_root_frag(const struct ffs_sb *);

/* Read superblock and totals again, forget all else: the layer changed below
 * us. */
int	ffs_reload(struct ffs *, struct dd_err *);

/*
 * WAPBL (wapbl.c).  dirty: is there anything to replay?  A damaged log is
 * ERR_CORRUPT.  lay: *b is replaced by a read-only layer on it, which shows the
 * device as after a replay; release takes that away again and returns what is
 * below.  replay_write writes it down (BLK_JOURNALED) and empties it.
 */
int	wapbl_dirty(struct blk *, const struct ffs_sb *, bool *dirty,
	    struct dd_err *);
int	wapbl_lay(struct blk **b, const struct ffs_sb *, struct dd_err *);
struct blk *wapbl_release(struct blk *);
int	wapbl_replay_write(struct blk *, const struct ffs_sb *,
	    struct dd_err *);

#endif
