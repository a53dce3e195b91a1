/*
 * The way back from the last commit: kept, forgotten, taken.
 *
 * It is right only while nothing else was written, so it goes before the first
 * byte of another transaction: also one whose direct writes stay in what is
 * free now may overwrite what was in use before.  While a redo journal is
 * whole there is thus no .undo but its own.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/disk/file.h"
#include "core/disk/overlay_impl.h"

enum state {
	NONE,
	PENDING,	/* a commit is to be finished first */
	WRITTEN,	/* somebody else has written */
	FITS
};

/* The path of another file of the family that redo is of. */
static int
beside(const char *redo, const char *name, char **path, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	(void)buf_add(&b, redo, strlen(redo) - strlen("redo"));
	(void)buf_str(&b, name);
	if ((*path = buf_steal(&b)) == NULL) {
		buf_dispose(&b);
		return dd_fail_nomem(e);
	}
	return 0;
}

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || errno != ENOENT;
}

int
undo_drop(const char *redo, const char *name, const struct blk *file,
    struct dd_err *e)
{
	const struct disk_io *io = file_io(file);
	char *path;
	int rc = 0;

	if (beside(redo, name, &path, e) == -1)
		return -1;
	if (is_there(path) && (io->unlink(path, e) == -1 ||
	    io->sync_dir(path, e) == -1))
		rc = -1;
	free(path);
	return rc;
}

int
undo_write(const struct overlay *o, struct dd_err *e)
{
	struct journal j = JOURNAL_INIT;
	char *path;
	int rc;

	if (beside(o->journal, UNDO_NEW, &path, e) == -1)
		return -1;
	rc = journal_write(path, o->lower, &o->pages, &o->marks,
	    JOURNAL_UNDO, &j, e);
	journal_close(&j);
	free(path);
	return rc;
}

int
undo_publish(const char *redo, const struct blk *file, struct dd_err *e)
{
	const struct disk_io *io = file_io(file);
	char *from = NULL, *to = NULL;
	int rc = -1;

	if (beside(redo, UNDO_NEW, &from, e) == -1 ||
	    beside(redo, UNDO, &to, e) == -1)
		goto out;
	/* durable with the removal of the redo journal, which comes next: a
	 * crash in between loses the way back of a change that nobody was yet
	 * told of */
	if (is_there(from) && io->rename(from, to, e) == -1)
		goto out;
	rc = 0;
out:
	free(from);
	free(to);
	return rc;
}

static int
open_undo(const struct blk *file, const char *redo, bool write,
    struct journal *j, struct dd_err *e)
{
	struct stat st;
	char *path;
	int rc;

	if (fstat(file_fd(file), &st) == -1)
		return dd_fail_sys(e, errno, "%s", file_path(file));
	if (beside(redo, UNDO, &path, e) == -1)
		return -1;
	rc = journal_open(path, st.st_uid, write, j, NULL, e);
	if (rc == -1 && e->sys == EACCES)
		(void)dd_hint(e, "who made the change, or root, can take it "
		    "back");
	free(path);
	return rc;
}

/* FITS: j is open.  *when: the undo journal was written. */
static int
examine(const struct blk *file, const char *redo, bool write,
    struct journal *j, enum state *state, time_t *when, struct dd_err *e)
{
	struct stat st;
	bool fits;
	int rc;

	*state = NONE;
	if ((rc = open_undo(file, redo, write, j, e)) != 1)
		return rc;
	if (fstat(j->fd, &st) == -1)
		return dd_fail_sys(e, errno, "%s", j->path);
	if (when != NULL)
		*when = st.st_mtime;
	if (journal_fits(j, file, false, &fits, e) == -1) {
		if (!journal_vanished(j))
			return -1;
		dd_err_clear(e);	/* somebody is just taking it */
		return 0;
	}
	*state = fits ? FITS : WRITTEN;
	return 0;
}

static int
fail_state(enum state state, const char *image, struct dd_err *e)
{
	switch (state) {
	case FITS:
		return 0;
	case NONE:
		(void)dd_fail(e, ERR_NOENT, "%s: there is nothing to undo",
		    image);
		return dd_hint(e, "only the last change of an image that "
		    "drydock made in place can be taken back, and only once");
	case PENDING:
		(void)dd_fail(e, ERR_RECOVER, "%s: a change was cut short, "
		    "and is to be finished first", image);
		return dd_hint(e, "the next drydock command that writes the "
		    "image finishes it");
	case WRITTEN:
		break;
	}
	(void)dd_fail(e, ERR_PLAN, "%s: has been written to since: the undo "
	    "is given up", image);
	return dd_hint(e, "what was written since, as by a domU that runs "
	    "with it, would be damaged: restore the image from a copy");
}

static int
look_beside(const char *image, const struct blk *file, enum state *state,
    time_t *when, struct dd_err *e)
{
	struct journal j = JOURNAL_INIT;
	char *redo = NULL;
	bool pending;
	int rc = -1;

	if (journal_path(image, file_ino(file), &redo, e) == -1 ||
	    overlay_pending(image, &pending, e) == -1)
		goto out;
	*state = PENDING;
	rc = pending ? 0 : examine(file, redo, false, &j, state, when, e);
out:
	journal_close(&j);
	free(redo);
	return rc;
}

/* Reads only. */
static int
look(const char *image, enum state *state, time_t *when, struct dd_err *e)
{
	struct blk *file = NULL;
	int rc = 0;

	if (file_open(image, 0, 0, &file, e) == -1)
		return -1;
	*state = NONE;
	if (!file_is_device(file))
		rc = look_beside(image, file, state, when, e);
	blk_close(file);
	return rc;
}

int
overlay_can_undo(const char *image, bool *can, struct dd_err *e)
{
	enum state state;

	if (look(image, &state, NULL, e) == -1)
		return -1;
	*can = state == FITS;
	return 0;
}

int
overlay_undo_check(const char *image, time_t *when, struct dd_err *e)
{
	enum state state;
	time_t t = 0;

	if (look(image, &state, &t, e) == -1 ||
	    fail_state(state, image, e) == -1)
		return -1;
	*when = t;
	return 0;
}

/* Its name makes it the redo journal of the way back. */
static int
take_back(struct journal *j, const struct blk *file, const char *redo,
    struct dd_err *e)
{
	if (journal_move(j, file, redo, e) == -1)
		return e->code == ERR_RECOVER ?
		    overlay_fail_journaled(redo, e) : -1;
	return overlay_finish(j, file, e);
}

int
undo_take(struct blk *file, time_t *when, struct dd_err *e)
{
	const char *image = file_path(file);
	struct journal j = JOURNAL_INIT;
	enum state state = NONE;
	char *redo = NULL;
	struct blk *base;
	time_t t = 0;
	int rc = -1;

	if (file_is_device(file))
		return fail_state(NONE, image, e);
	if (journal_path(image, file_ino(file), &redo, e) == -1 ||
	    overlay_settle(file, redo, true, &base, e) == -1 ||
	    examine(file, redo, true, &j, &state, &t, e) == -1 ||
	    fail_state(state, image, e) == -1 ||
	    take_back(&j, file, redo, e) == -1)
		goto out;
	if (when != NULL)
		*when = t;
	rc = 0;
out:
	journal_close(&j);
	free(redo);
	return rc;
}

int
overlay_undo(const char *image, time_t *when, struct dd_err *e)
{
	struct blk *file = NULL;
	int rc;

	if (file_open(image, FILE_WRITE, 0, &file, e) == -1)
		return -1;
	rc = undo_take(file, when, e);
	blk_close(file);
	return rc;
}

int
overlay_forget(struct blk *file, struct dd_err *e)
{
	struct blk *base;
	char *redo;
	int rc;

	if (file_is_device(file))
		return 0;
	if (journal_path(file_path(file), file_ino(file), &redo, e) == -1)
		return -1;
	rc = overlay_settle(file, redo, true, &base, e);
	if (rc == 0)
		rc = undo_drop(redo, UNDO, file, e);
	free(redo);
	return rc;
}
