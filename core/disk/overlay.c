/*
 * The overlay; see overlay.h.  What it holds is in pages.c, the journal
 * in journal*.c; here is the layer, and the order of the commit.
 *
 * The commit writes the image from the journal, with the same function that
 * replays it after a crash.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/events.h"
#include "core/disk/file.h"
#include "core/disk/journal.h"
#include "core/disk/overlay.h"
#include "core/disk/pages.h"

#define MEMORY		((size_t)32 << 20)	/* then it spills */
#define MEMORY_LAID	((size_t)8 << 20)	/* the same, laid over */
#define MEMORY_MARKS	((size_t)1 << 20)

struct overlay {
	struct blk	 b;
	struct blk	*lower;
	struct pages	 pages;
	struct pages	 marks;
	bool		 commits;	/* else a dry run */
	uint64_t	 direct;	/* bytes since the last flush */
	char		*journal;	/* its path */
	struct dd_err	 broken;	/* why no further commit is possible */
};

static int
txn_pread(struct blk *b, void *p, size_t len, uint64_t off, struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (blk_pread(o->lower, p, len, off, e) == -1)
		return -1;
	return pages_lay(&o->pages, p, len, off, true, e);
}

static int
txn_pread_committed(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	return blk_pread_committed(((struct overlay *)b)->lower, p, len, off,
	    e);
}

static int
fail_broken(const struct overlay *o, struct dd_err *e)
{
	if (e->code == ERR_NONE)
		*e = o->broken;
	return -1;
}

static int
txn_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (o->broken.code != ERR_NONE)
		return fail_broken(o, e);
	if (how == BLK_MARK)
		return pages_put(&o->marks, p, len, off, e);
	if (how == BLK_JOURNALED || !o->commits)
		return pages_put(&o->pages, p, len, off, e);
	if (blk_pwrite(o->lower, p, len, off, how, e) == -1)
		return -1;
	pages_drop(&o->pages, len, off);
	pages_drop(&o->marks, len, off);
	o->direct += len;
	return 0;
}

/* What of page number differs from the file (marked sectors always do). */
static int
changed_in(const struct overlay *o, uint64_t number, uint8_t *old,
    uint8_t *new, uint32_t *mask, struct dd_err *e)
{
	uint64_t off = number * PAGE_SIZE;
	size_t len = (size_t)min64(PAGE_SIZE, o->lower->size - off);
	uint32_t held = pages_mask(&o->pages, number);
	uint32_t marked = pages_mask(&o->marks, number);
	unsigned i;

	*mask = held & marked;
	if (blk_pread(o->lower, old, len, off, e) == -1 ||
	    pages_lay(&o->pages, new, PAGE_SIZE, off, true, e) == -1)
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
	unsigned i, n;

	for (i = 0; i < PAGE_SECTORS; i += n) {
		for (n = 0; i + n < PAGE_SECTORS &&
		    (mask >> (i + n) & 1) != 0; n++)
			;
		if (n > 0 && file_allocate(o->lower, number * PAGE_SIZE +
		    (uint64_t)i * SECTOR, (uint64_t)n * SECTOR, e) == -1)
			return -1;
		if (n == 0)
			n = 1;
	}
	return 0;
}

/* Forget what would change nothing, and allocate the space for the rest. */
static int
prepare(struct overlay *o, struct dd_err *e)
{
	uint8_t *buf = malloc(2 * PAGE_SIZE);
	uint64_t *list = NULL;
	uint32_t mask;
	size_t i, n;
	int rc = -1;

	if (buf == NULL)
		return dd_fail_nomem(e);
	if (pages_list(&o->pages, &list, &n, e) == -1)
		goto out;
	for (i = 0; i < n; i++) {
		if (changed_in(o, list[i], buf, buf + PAGE_SIZE, &mask,
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
static int
fail_journaled(const char *journal, struct dd_err *e)
{
	e->code = ERR_RECOVER;
	e->hint[0] = '\0';
	return dd_hint(e, "the change is kept in %s: the next drydock command "
	    "that writes the image finishes it, when what failed is mended",
	    journal);
}

/* Apply the journal and remove it. */
static int
finish(struct journal *j, const struct blk *file, struct dd_err *e)
{
	if (journal_apply(j, file, e) == -1 ||
	    journal_remove(j, file, e) == -1)
		return fail_journaled(j->path, e);
	return 0;
}

static int
commit(struct overlay *o, struct dd_err *e)
{
	struct journal j = JOURNAL_INIT;
	int rc;

	if (prepare(o, e) == -1)
		return -1;
	if (o->direct > 0 && blk_flush(o->lower, e) == -1) {
		/* the system may have dropped what it could not write */
		o->broken = *e;
		return -1;
	}
	if (o->pages.bytes == 0)
		return 0;
	if (journal_write(o->journal, o->lower, &o->pages, &o->marks, &j,
	    e) == -1) {
		if (e->code == ERR_RECOVER)
			o->broken = *e;
		return -1;
	}
	if ((rc = finish(&j, o->lower, e)) == -1)
		o->broken = *e;
	journal_close(&j);
	return rc;
}

static int
txn_flush(struct blk *b, struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (o->broken.code != ERR_NONE)
		return fail_broken(o, e);
	if (!o->commits)
		return 0;
	if (commit(o, e) == -1)
		return -1;
	pages_reset(&o->pages);
	pages_reset(&o->marks);
	o->direct = 0;
	return 0;
}

static void
overlay_free(struct overlay *o)
{
	pages_dispose(&o->pages);
	pages_dispose(&o->marks);
	free(o->journal);
	free(o);
}

static void
overlay_close(struct blk *b)
{
	struct overlay *o = (struct overlay *)b;

	blk_close(o->lower);
	overlay_free(o);
}

static const struct blk_ops txn_ops = {
	.name = "overlay",
	.pread = txn_pread,
	.pread_committed = txn_pread_committed,
	.pwrite = txn_pwrite,
	.flush = txn_flush,
	.close = overlay_close,
};

static int
laid_pread(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (blk_pread(o->lower, p, len, off, e) == -1)
		return -1;
	return pages_lay(&o->pages, p, len, off, false, e);
}

static int
laid_pread_committed(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (blk_pread_committed(o->lower, p, len, off, e) == -1)
		return -1;
	return pages_lay(&o->pages, p, len, off, true, e);
}

static int
laid_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (blk_pwrite(o->lower, p, len, off, how, e) == -1)
		return -1;
	if (how != BLK_MARK)
		pages_retire(&o->pages, len, off);
	return 0;
}

static int
laid_flush(struct blk *b, struct dd_err *e)
{
	struct overlay *o = (struct overlay *)b;

	if (blk_flush(o->lower, e) == -1)
		return -1;
	pages_settle(&o->pages);
	return 0;
}

static const struct blk_ops laid_ops = {
	.name = "overlay in memory",
	.pread = laid_pread,
	.pread_committed = laid_pread_committed,
	.pwrite = laid_pwrite,
	.flush = laid_flush,
	.close = overlay_close,
};

static struct overlay *
overlay_new(struct blk *lower, const struct blk_ops *ops, size_t memory,
    struct dd_err *e)
{
	struct overlay *o = calloc(1, sizeof(*o));

	if (o == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	o->b.ops = ops;
	o->b.size = lower->size;
	o->b.sector_size = lower->sector_size;
	o->b.writable = lower->writable;
	o->lower = lower;
	if (pages_init(&o->pages, memory, e) == -1 ||
	    pages_init(&o->marks, MEMORY_MARKS, e) == -1) {
		overlay_free(o);
		return NULL;
	}
	return o;
}

int
overlay_open_memory(struct blk *lower, struct blk **out, struct dd_err *e)
{
	struct overlay *o = overlay_new(lower, &laid_ops, MEMORY_LAID, e);

	if (o == NULL)
		return -1;
	*out = &o->b;
	return 0;
}

struct blk *
overlay_release(struct blk *b)
{
	struct overlay *o = (struct overlay *)b;
	struct blk *lower = o->lower;

	overlay_free(o);
	return lower;
}

int
overlay_put(struct blk *b, const void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	uint64_t end;

	if (off % SECTOR != 0 || len % SECTOR != 0 ||
	    __builtin_add_overflow(off, (uint64_t)len, &end) ||
	    end > b->size)
		return dd_fail(e, ERR_CORRUPT,
		    "overlay: sectors at byte %llu do not lie in the layer",
		    (unsigned long long)off);
	return pages_put(&((struct overlay *)b)->pages, p, len, off, e);
}

void
overlay_amounts(const struct blk *b, uint64_t *journaled, uint64_t *direct)
{
	const struct overlay *o = (const struct overlay *)b;

	*journaled = b->ops == &txn_ops ? o->pages.bytes : 0;
	*direct = b->ops == &txn_ops ? o->direct : 0;
}

/* A writer found a whole journal. */
static int
replay(struct journal *j, const struct blk *file, struct dd_err *e)
{
	char *aside = NULL;
	bool fits;

	if (journal_fits(j, file, &fits, e) == -1)
		return -1;
	if (!fits) {
		if (journal_set_aside(j, file, &aside, e) == -1)
			return -1;
		(void)dd_fail(e, ERR_RECOVER, "%s: a change was cut short, "
		    "and another program has written to the image since: "
		    "the change is given up, its journal is now %s",
		    file_path(file), aside);
		free(aside);
		return dd_hint(e, "run drydock check on the image, and "
		    "restore it or run fsck_ffs where that finds faults");
	}
	if (finish(j, file, e) == -1)
		return -1;
	events_message("%s: finished a change that had been cut short",
	    file_path(file));
	return 0;
}

/* A reader found a whole journal: *b becomes what it is with it applied. */
static int
lay_over(struct journal *j, struct blk *file, struct blk **out,
    struct dd_err *e)
{
	struct overlay *o;
	bool fits;

	if (journal_fits(j, file, &fits, e) == -1)
		return -1;
	if (!fits && journal_vanished(j))
		return 0;
	if (!fits) {
		(void)dd_fail(e, ERR_RECOVER, "%s: a change was cut short, "
		    "and another program has written to the image since",
		    file_path(file));
		return dd_hint(e, "drydock check --repair moves its journal "
		    "aside; then restore the image or run fsck_ffs on it");
	}
	if ((o = overlay_new(file, &laid_ops, MEMORY_LAID, e)) == NULL)
		return -1;
	if (journal_lay(j, &o->pages, e) == -1) {
		overlay_free(o);
		return -1;
	}
	*out = &o->b;
	return 0;
}

static int
remove_torn(const char *journal, const struct blk *file, struct dd_err *e)
{
	if (file_io(file)->unlink(journal, e) == -1)
		return -1;
	return file_io(file)->sync_dir(journal, e);
}

/* Deal with a journal beside the file; *base is the layer to go on with. */
static int
settle(struct blk *file, const char *path, bool commits, struct blk **base,
    struct dd_err *e)
{
	struct journal j = JOURNAL_INIT;
	bool torn = false;
	struct stat st;
	int rc;

	*base = file;
	if (fstat(file_fd(file), &st) == -1)
		return dd_fail_sys(e, errno, "%s", file_path(file));
	if ((rc = journal_open(path, st.st_uid, commits, &j, &torn,
	    e)) == -1)
		return -1;
	if (rc == 1) {
		rc = commits ? replay(&j, file, e) :
		    lay_over(&j, file, base, e);
		journal_close(&j);
		return rc;
	}
	return torn && commits ? remove_torn(path, file, e) : 0;
}

int
overlay_open(struct blk *lower, int flags, struct blk **out,
    struct dd_err *e)
{
	bool dry = (flags & OVERLAY_DRYRUN) != 0;
	bool commits = lower->writable && !dry;
	struct blk *base = lower;
	struct overlay *o = NULL;
	char *journal = NULL;

	if (commits && file_is_device(lower)) {
		(void)dd_fail(e, ERR_UNSUP, "%s: changing a block device is "
		    "not supported", file_path(lower));
		return dd_hint(e, "copy it to a file, change that, and copy "
		    "it back");
	}
	if (!file_is_device(lower)) {
		if (journal_path(file_path(lower), file_ino(lower), &journal,
		    e) == -1)
			return -1;
		if (settle(lower, journal, commits, &base, e) == -1)
			goto fail;
	}
	if (!commits && !dry)
		o = overlay_new(base, &laid_ops, MEMORY_LAID, e);
	else
		o = overlay_new(base, &txn_ops, MEMORY, e);
	if (o == NULL)
		goto fail;
	o->commits = commits;
	o->journal = journal;
	o->b.writable = commits || dry;
	*out = &o->b;
	return 0;
fail:
	if (base != lower)
		overlay_free((struct overlay *)base);
	free(journal);
	return -1;
}

int
overlay_pending(const char *image, bool *pending, struct dd_err *e)
{
	struct journal j = JOURNAL_INIT;
	char *path = NULL;
	struct stat st;
	int rc;

	if (stat(image, &st) == -1)
		return dd_fail_sys(e, errno, "%s", image);
	if (!S_ISREG(st.st_mode)) {
		*pending = false;
		return 0;
	}
	if (journal_path(image, st.st_ino, &path, e) == -1)
		return -1;
	rc = journal_open(path, st.st_uid, false, &j, NULL, e);
	if (rc != -1)
		*pending = rc == 1;
	journal_close(&j);
	free(path);
	return rc == -1 ? -1 : 0;
}
