/*
 * Opening an overlay on a file: first the journal that may lie beside it.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>

#include "core/base/events.h"
#include "core/disk/file.h"
#include "core/disk/overlay_impl.h"

/* A writer found a whole journal. */
static int
replay(struct journal *j, const struct blk *file, struct dd_err *e)
{
	char *aside = NULL;
	bool fits;

	if (journal_fits(j, file, true, &fits, e) == -1)
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
	if (overlay_finish(j, file, e) == -1)
		return -1;
	events_message("%s: finished a change that had been cut short",
	    file_path(file));
	return 0;
}

/* *out becomes the image as it will be when the journal is applied. */
static int
lay_over(const struct journal *j, struct blk *file, struct blk **out,
    struct dd_err *e)
{
	struct overlay *o;
	bool fits;

	if (journal_fits(j, file, true, &fits, e) == -1)
		return -1;
	if (!fits) {
		(void)dd_fail(e, ERR_RECOVER, "%s: a change was cut short, "
		    "and another program has written to the image since",
		    file_path(file));
		return dd_hint(e, "drydock check --repair moves its journal "
		    "aside; then restore the image or run fsck_ffs on it");
	}
	if ((o = overlay_new(file, &overlay_laid_ops, e)) == NULL)
		return -1;
	if (journal_lay(j, &o->pages, e) == -1) {
		overlay_free(o);
		return -1;
	}
	*out = &o->b;
	return 0;
}

/* A reader found a whole journal. */
static int
read_through(const struct journal *j, struct blk *file, struct blk **out,
    struct dd_err *e)
{
	if (lay_over(j, file, out, e) == 0)
		return 0;
	if (!journal_vanished(j))
		return -1;
	/* it was that of a writer at work, who is done */
	dd_err_clear(e);
	return 0;
}

static int
remove_torn(const char *journal, const struct blk *file, struct dd_err *e)
{
	if (file_io(file)->unlink(journal, e) == -1)
		return -1;
	return file_io(file)->sync_dir(journal, e);
}

static int
open_redo(const char *path, const struct stat *image, bool write,
    struct journal *j, bool *torn, struct dd_err *e)
{
	int rc = journal_open(path, image->st_uid, write, j, torn, e);

	if (rc == -1 && e->sys == EACCES)
		(void)dd_hint(e, "a change of this image was cut short: only "
		    "who may read its journal can look at the image");
	return rc;
}

int
overlay_settle(struct blk *file, const char *path, bool commits,
    struct blk **base, struct dd_err *e)
{
	struct journal j = JOURNAL_INIT;
	bool torn = false;
	struct stat st;
	int rc;

	*base = file;
	if (fstat(file_fd(file), &st) == -1)
		return dd_fail_sys(e, errno, "%s", file_path(file));
	if ((rc = open_redo(path, &st, commits, &j, &torn, e)) == -1)
		return -1;
	if (rc == 1) {
		rc = commits ? replay(&j, file, e) :
		    read_through(&j, file, base, e);
		journal_close(&j);
		return rc;
	}
	if (!commits)
		return 0;
	if (torn && remove_torn(path, file, e) == -1)
		return -1;
	return undo_drop(path, UNDO_NEW, file, e);	/* it did not happen */
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
		if (overlay_settle(lower, journal, commits, &base, e) == -1)
			goto fail;
	}
	if ((o = overlay_new(base, commits || dry ? &overlay_txn_ops :
	    &overlay_laid_ops, e)) == NULL)
		goto fail;
	o->commits = commits;
	o->keep_undo = (flags & OVERLAY_KEEP_UNDO) != 0;
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
	rc = open_redo(path, &st, false, &j, NULL, e);
	if (rc != -1)
		*pending = rc == 1;
	journal_close(&j);
	free(path);
	return rc == -1 ? -1 : 0;
}
