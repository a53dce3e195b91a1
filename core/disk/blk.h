/*
 * The block stack.
 *
 * A struct blk is one layer: file, overlay, window, cgd.  Layers are stacked
 * by opening the next one on top; the upper owns the lower and closes it.
 * No layer knows what is under it.
 *
 *	file -> overlay -> window (partition) -> cgd -> file system
 *
 * Offsets and lengths are bytes, multiples of sector_size (at least 512).
 * Nothing here is thread-safe; calls may block on the host's disk.
 */
#ifndef DD_DISK_BLK_H
#define DD_DISK_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/*
 * How a write may reach the disk.  Only the overlay tells them apart.
 *
 * BLK_DIRECT: the target is free in the committed state, so it may be written
 *	at once; an abort leaves garbage in free space only.
 * BLK_JOURNALED: held back until the next flush, and then written all or
 *	nothing with every other journaled write.
 * BLK_MARK: a passing content of sectors that are written BLK_JOURNALED, too:
 *	on disk from before the first until after the last journaled write is
 *	applied (a superblock that says "not clean").
 */
enum blk_how {
	BLK_DIRECT,
	BLK_JOURNALED,
	BLK_MARK
};

struct blk;

struct blk_ops {
	const char *name;	/* "file", "overlay", "window", "cgd" */
	int	(*pread)(struct blk *, void *, size_t, uint64_t off,
		    struct dd_err *);
	/* As pread, but the committed state: without journaled writes that
	 * are not flushed yet.  Content of ranges written BLK_DIRECT since
	 * the last flush is undefined. */
	int	(*pread_committed)(struct blk *, void *, size_t, uint64_t off,
		    struct dd_err *);
	int	(*pwrite)(struct blk *, const void *, size_t, uint64_t off,
		    enum blk_how, struct dd_err *);
	/* Make all writes so far durable; in a stack with an overlay this is
	 * the commit: all or nothing. */
	int	(*flush)(struct blk *, struct dd_err *);
	/* Drop what is not flushed.  Frees the layer and those below. */
	void	(*close)(struct blk *);
};

/* The head of every layer. */
struct blk {
	const struct blk_ops	*ops;
	uint64_t		 size;		/* bytes */
	uint32_t		 sector_size;	/* 512 to 4096 */
	bool			 writable;
};

/* Checked calls: range, alignment and writability are tested here once.
 * Out of range is ERR_CORRUPT: an image whose structures point outside. */
int	blk_pread(struct blk *, void *, size_t len, uint64_t off,
	    struct dd_err *);
int	blk_pread_committed(struct blk *, void *, size_t len, uint64_t off,
	    struct dd_err *);
int	blk_pwrite(struct blk *, const void *, size_t len, uint64_t off,
	    enum blk_how, struct dd_err *);
int	blk_flush(struct blk *, struct dd_err *);
void	blk_close(struct blk *);	/* NULL is fine */

#endif
