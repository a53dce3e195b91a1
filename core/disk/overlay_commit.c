/*
 * The commit; its order is told in overlay.h.  The image is written from the
 * journal, with the same function that replays it after a crash.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/disk/file.h"
#include "core/disk/overlay_impl.h"

/* What of page number differs from the file (marked sectors always do). */
static int
changed_in(const struct overlay *o, uint64_t number, uint8_t *old,
    uint8_t *new, uint32_t *mask, struct dd_err *e)
{
	uint64_t off = number * PAGE_BYTES;
	size_t len = (size_t)min64(PAGE_BYTES, o->lower->size - off);
	uint32_t held = pages_mask(&o->pages, number);
	uint32_t marked = pages_mask(&o->marks, number);
	unsigned i;

	*mask = held & marked;
	if (blk_pread(o->lower, old, len, off, e) == -1 ||
	    pages_lay(&o->pages, new, PAGE_BYTES, off, e) == -1)
		return -1;
	for (i = 0; i < PAGE_SECTORS; i++)
		if ((held >> i & 1) != 0 && memcmp(old + i * SECTOR,
		    new + i * SECTOR, SECTOR) != 0)
			*mask |= 1U << i;
	return 0;
}

/* Allocate the runs of sectors in mask. */
static int
allocate_in(const struct overlay *o, uint64_t number, uint32_t mask,
    struct dd_err *e)
{
	unsigned at, n;

	for (at = 0; pages_run(mask, &at, &n); at += n)
		if (file_allocate(o->lower, number * PAGE_BYTES +
		    (uint64_t)at * SECTOR, (uint64_t)n * SECTOR, e) == -1)
			return -1;
	return 0;
}

/* Forget what would change nothing, and allocate the space for the rest. */
static int
prepare(struct overlay *o, struct dd_err *e)
{
	uint8_t *buf = malloc(2 * PAGE_BYTES);
	uint64_t *list = NULL;
	uint32_t mask;
	size_t i, n;
	int rc = -1;

	if (buf == NULL)
		return dd_fail_nomem(e);
	if (pages_list(&o->pages, &list, &n, e) == -1)
		goto out;
	for (i = 0; i < n; i++) {
		if (changed_in(o, list[i], buf, buf + PAGE_BYTES, &mask,
		    e) == -1 || allocate_in(o, list[i], mask, e) == -1)
			goto out;
		pages_forget(&o->pages, list[i], ~mask);
	}
	free(list);
	if (pages_list(&o->marks, &list, &n, e) == -1)
		goto out;
	for (i = 0; i < n; i++)
		pages_forget(&o->marks, list[i],
		    ~pages_mask(&o->pages, list[i]));
	if (o->marks.bytes / SECTOR > JOURNAL_MARKS) {
		(void)dd_fail(e, ERR_UNSUP, "too many marked sectors");
		goto out;
	}
	rc = 0;
out:
	free(list);
	free(buf);
	return rc;
}

/* The journal is whole, but not yet the image: say what that means. */
int
overlay_fail_journaled(const char *journal, struct dd_err *e)
{
	e->code = ERR_RECOVER;
	e->hint[0] = '\0';
	return dd_hint(e, "the change is kept in %s: the next drydock command "
	    "that writes the image finishes it, when what failed is mended",
	    journal);
}

/* Apply the journal and remove it.  The way back gets its name in between: it
 * is right from now on, and found again by a replay until then. */
int
overlay_finish(struct journal *j, const struct blk *file, struct dd_err *e)
{
	if (journal_apply(j, file, e) == -1 ||
	    undo_publish(j->path, file, e) == -1 ||
	    journal_remove(j, file, e) == -1)
		return overlay_fail_journaled(j->path, e);
	return 0;
}

/* The undo journals, before anything else is written. */
static int
turn_undo(const struct overlay *o, struct dd_err *e)
{
	if (o->keep_undo && o->pages.bytes > 0 && undo_write(o, e) == -1)
		return -1;
	return undo_drop(o->journal, UNDO, o->lower, e);
}

/* All up to the redo journal, which there is if something is journaled. */
static int
write_redo(struct overlay *o, struct journal *j, struct dd_err *e)
{
	if (turn_undo(o, e) == -1 || overlay_write_held(o, e) == -1)
		return -1;
	if (o->direct > 0 && blk_flush(o->lower, e) == -1) {
		/* the system may have dropped what it could not write */
		o->broken = *e;
		return -1;
	}
	if (o->pages.bytes > 0 && journal_write(o->journal, o->lower,
	    &o->pages, &o->marks, JOURNAL_REDO, j, e) == -1) {
		if (e->code == ERR_RECOVER)
			o->broken = *e;
		return -1;
	}
	return 0;
}

int
overlay_commit(struct overlay *o, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct journal j = JOURNAL_INIT;
	int rc;

	if (prepare(o, e) == -1)
		return -1;
	if (o->pages.bytes == 0 && o->direct == 0)
		return 0;
	if (write_redo(o, &j, e) == -1) {
		/* where the redo journal stays, its way back does, too */
		if (e->code != ERR_RECOVER)
			(void)undo_drop(o->journal, UNDO_NEW, o->lower,
			    &ignored);
		return -1;
	}
	if (j.fd == -1)
		return 0;
	if ((rc = overlay_finish(&j, o->lower, e)) == -1)
		o->broken = *e;
	journal_close(&j);
	return rc;
}
