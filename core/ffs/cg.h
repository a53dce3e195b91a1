/*
 * Cylinder groups at work (cg.c, cg_map.c), for the allocator.
 */
#ifndef DD_FFS_CG_H
#define DD_FFS_CG_H

#include "core/ffs/ffs_impl.h"

struct ffs_cg {
	uint32_t	 cg;
	uint32_t	 ndblk;		/* fragments in this group */
	bool		 dirty;
	uint64_t	 used;		/* by fs->cg_clock */
	uint8_t		*raw;		/* its block, as of now */
	uint8_t		*committed;	/* fragment map, committed state */
	/* Available: free now and in the committed state. */
	uint32_t	 blocks;		/* whole blocks */
	uint32_t	 runs[FFS_MAXFRAG];	/* shorter runs, by length */
	uint32_t	 where[FFS_MAXFRAG];	/* bit of a block that had one */
	uint32_t	 lowest;	/* no whole block is below this bit */
	uint32_t	 lowest_inode;	/* all below are in use */
};

/* The group; valid until the next call of cg_get. */
int	cg_get(struct ffs *, uint32_t cg, struct ffs_cg **, struct dd_err *);
/* Are the n fragments from bit i on (of one block) available? */
bool	cg_is_available(const struct ffs *, const struct ffs_cg *, uint32_t i,
	    uint32_t n);
/* The first place with `want` available blocks in a row, or else the longest
 * there is.  False: there is no block. */
bool	cg_find_blocks(const struct ffs *, struct ffs_cg *, uint32_t want,
	    uint32_t *bit);
/* n fragments (less than a block) where they fit best, without breaking up a
 * whole block. */
bool	cg_find_frags(const struct ffs *, struct ffs_cg *, uint32_t n,
	    uint32_t *bit);
/* Mark what was found as used. */
void	cg_take(struct ffs *, struct ffs_cg *, uint32_t i, uint32_t n);
/* The group must have a free inode. */
int	cg_take_inode(struct ffs *, uint32_t cg, bool dir, uint32_t *ino,
	    struct dd_err *);
/* What is now is the committed state. */
void	cg_committed(struct ffs *);

/* Between cg.c and cg_map.c. */
static inline uint8_t *
cg_free_map(const struct ffs *fs, const struct ffs_cg *c)
{
	return c->raw + fs->layout.freeoff;
}

/* Is this fragment for files, and not one of the group's own? */
bool	frag_is_data(const struct ffs_sb *, int64_t frag);
/* Count anew what is available. */
void	cg_count(struct ffs *, struct ffs_cg *);
void	cg_changed(struct ffs *, struct ffs_cg *);
int	cg_bad(uint32_t cg, const char *what, struct dd_err *);

#endif
