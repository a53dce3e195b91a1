/*
 * Inside core/disk: the overlay, between overlay.c (the layer),
 * overlay_commit.c, overlay_open.c and overlay_undo.c.
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
	bool		 keep_undo;
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
/* That is to be done by the next writer; returns -1. */
int	overlay_fail_journaled(const char *journal, struct dd_err *);
/* Deal with a journal beside the file, whose path it is; *base is the layer to
 * go on with: the file, or, for readers, it with the journal laid over. */
int	overlay_settle(struct blk *file, const char *journal, bool commits,
	    struct blk **base, struct dd_err *);

/*
 * The undo journals, whose paths follow from the redo journal's.  They may be
 * missing (but for undo_write, which makes one).
 */
#define UNDO		"undo"		/* of the last commit */
#define UNDO_NEW	"undo.new"	/* of the one whose redo journal is, or
					 * may become, whole */
int	undo_write(const struct overlay *, struct dd_err *);
int	undo_publish(const char *redo, const struct blk *file,
	    struct dd_err *);
int	undo_drop(const char *redo, const char *name, const struct blk *file,
	    struct dd_err *);
/* overlay_undo, of an image that is open for writing. */
int	undo_take(struct blk *file, time_t *when, struct dd_err *);

#endif
