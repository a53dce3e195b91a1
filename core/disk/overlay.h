/*
 * The overlay: transactions for the stack above it.
 *
 * Journaled writes are kept in memory (above 32 MiB in an unlinked spill
 * file) and go to disk only in flush, all or nothing.  Direct writes, up to
 * 4 MiB of them, wait for it, too, so that a small change that is given up
 * leaves no trace; when there are more, all go to the disk as they come.
 *
 *   1. every target range is allocated in the (perhaps sparse) host file;
 *   2. direct data that waited is written; fsync;
 *   3. redo journal written, fsync, directory fsync;
 *   4. marked sectors (a superblock with fs_clean = 0), fsync;
 *   5. all journaled sectors but the marked ones, fsync;
 *   6. the marked sectors' final content, fsync;
 *   7. journal truncated, fsync, unlinked, directory fsync.
 *
 * A crash before 3 is done leaves the old state and perhaps an incomplete
 * journal, which counts as none; after that the journal has everything.
 *
 * The journal lies beside the image: .drydock-INO.redo (format: journal.c).
 * It names device, inode and size of the file, and for each sector a checksum
 * of the old and of the new content.  Replay writes only when every sector is
 * the old or the new one (marked sectors: or the marked one).  Otherwise
 * somebody else wrote in between: nothing is written, the journal is moved
 * aside (.drydock-INO.redo.refused-N), and the error is ERR_RECOVER.
 *
 * A flush that fails before 3 is done has changed nothing, and where it was
 * for lack of space it may be tried again.  One that fails later leaves
 * the change in the journal: ERR_RECOVER; the next open for writing finishes
 * it.
 *
 * With OVERLAY_KEEP_UNDO a commit leaves the way back, .drydock-INO.undo, of
 * the same format: for each sector the content that it replaced.  It is
 * written after 1 as .undo.new, which is forgotten if 3 is not reached, and
 * renamed after 6, by the replay if need be.  Its name makes it a journal of
 * one kind or the other: renamed to .redo it is applied in the same way, all
 * or nothing.  The way back from an earlier commit goes before the first
 * direct write, or else before 3, with the flag or without: it would damage
 * what was written since.  So after a crash there is none, or the right one,
 * and after a flush that failed perhaps none.
 *
 * An image with names in several folders is to be opened by one of them: the
 * journal is looked for in its folder only.
 *
 * A block device has no place for a journal beside it that outlives a reboot:
 * it can be read, and changed in a dry run, but not written (ERR_UNSUP).
 */
#ifndef DD_DISK_OVERLAY_H
#define DD_DISK_OVERLAY_H

#include <time.h>

#include "core/disk/blk.h"

#define OVERLAY_DRYRUN	0x01	/* the lower is read-only: every write stays in
				 * memory and spill; flush keeps it there */
#define OVERLAY_KEEP_UNDO 0x02	/* a commit keeps the way back */

/*
 * Put an overlay on a layer made by file_open; it owns lower from success on.
 * A pending journal is replayed when lower is writable; otherwise it is laid
 * over the image in memory.  With OVERLAY_DRYRUN nothing is written
 * to the file even if lower is writable.
 */
int	overlay_open(struct blk *lower, int flags, struct blk **,
	    struct dd_err *);

/* Is a complete redo journal pending for the file?  *pending set on success.
 * Reads only. */
int	overlay_pending(const char *image, bool *pending, struct dd_err *);

/*
 * Take the last commit back, all or nothing, if its way back was kept; there
 * is none back again.  A pending journal is settled first, as overlay_open
 * does.  *when (may be NULL): when that commit was made.
 *
 * ERR_NOENT: there is nothing to undo.  ERR_PLAN: a sector is not what the
 * commit wrote, since somebody else has written; nothing is changed, and the
 * undo journal stays.  ERR_RECOVER: it has begun, and the next open for writing
 * finishes it.
 */
int	overlay_undo(const char *image, time_t *when, struct dd_err *);
/* Would it be done?  The same errors; here ERR_RECOVER says that a pending
 * journal is to be settled first.  Reads only. */
int	overlay_undo_check(const char *image, time_t *when, struct dd_err *);
/* The same as *can; while a journal is pending, no. */
int	overlay_can_undo(const char *image, bool *can, struct dd_err *);

/* Leave nothing beside a file that is open for writing: a pending journal is
 * settled, as overlay_open does, and the way back is forgotten. */
int	overlay_forget(struct blk *file, struct dd_err *);

/* Bytes that a flush would journal, and bytes written directly, so far; in a
 * dry run all count as journaled. */
void	overlay_amounts(const struct blk *, uint64_t *journaled,
	    uint64_t *direct);

#endif
