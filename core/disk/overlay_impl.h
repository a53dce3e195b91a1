/*
 * Inside core/disk: the overlay, between overlay.c (the layer),
 * overlay_commit.c and overlay_open.c.
 */
#ifndef DD_DISK_OVERLAY_IMPL_H
#define DD_DISK_OVERLAY_IMPL_H

#include "core/disk/journal.h"
#include "core/disk/overlay.h"
#include "core/disk/pages.h"

#define OVERLAY_HELD	((size_t)4 << 20)	/* direct writes held back */

struct overlay {
	struct blk	 b;
	struct blk	*lower;
	struct pages	 pages;
	struct pages	 marks;
	struct pages	 held;		/* direct writes held back */
	bool		 through;	/* they go through until the flush */
	bool		 commits;	/* else a dry run */
	uint64_t	 direct;	/* bytes since the last flush */
	char		*journal;	/* its path */
	struct dd_err	 broken;	/* why no further commit is possible */
};

/* The two kinds: with transactions, or loose sectors laid over. */
extern const struct blk_ops overlay_txn_ops;
extern const struct blk_ops overlay_laid_ops;

/* Put one on lower; overlay_free leaves lower alone.  NULL: no memory. */
struct overlay *overlay_new(struct blk *lower, const struct blk_ops *,
	    struct dd_err *);
void	overlay_free(struct overlay *);

/* A direct write: held back while the transaction is small. */
int	overlay_direct(struct overlay *, const void *, size_t len,
	    uint64_t off, struct dd_err *);
/* Write what is held back. */
int	overlay_write_held(struct overlay *, struct dd_err *);

/* All or nothing; on failure the transaction stands, or broken is set. */
int	overlay_commit(struct overlay *, struct dd_err *);
/* Apply a whole journal to the file and remove it. */
int	overlay_finish(struct journal *, const struct blk *file,
	    struct dd_err *);

#endif
