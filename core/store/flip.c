/* Who is in place: locking, flipping, and what a crash left; see store.h. */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/store/store_impl.h"

int
store_sync(const struct store *s, struct dd_err *e)
{
	if (fsync(s->fd) == -1)
		return dd_fail_sys(e, errno, "%s: fsync", s->dir);
	return 0;
}

int
store_unlink(const struct store *s, const char *name, struct dd_err *e)
{
	if (unlinkat(s->fd, name, 0) == -1 && errno != ENOENT)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	return 0;
}

int
store_say_place(const struct store *s, const char *name,
    const struct gen_name *g, uint64_t ino, struct dd_err *e)
{
	char text[GEN_PLACE], temp[GEN_NAME];

	(void)gen_place_format(text, g, ino);
	(void)snprintf(temp, sizeof(temp), "%s.tmp", name);
	(void)unlinkat(s->fd, temp, 0);
	if (symlinkat(text, s->fd, temp) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, temp);
	if (renameat(s->fd, temp, s->fd, name) == -1) {
		(void)dd_fail_sys(e, errno, "%s/%s", s->dir, name);
		(void)unlinkat(s->fd, temp, 0);
		return -1;
	}
	return 0;
}

/* Make the folder where it is missing, and open it. */
static int
make_folder(struct store *s, struct dd_err *e)
{
	if (s->fd != -1)
		return 0;
	if (mkdir(s->dir, 0700) == -1 && errno != EEXIST) {
		(void)dd_fail_sys(e, errno, "%s", s->dir);
		return dd_hint(e, "generations lie beside the image: its "
		    "folder must be writable");
	}
	s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd == -1)
		return dd_fail_sys(e, errno, "%s", s->dir);
	if (fs_sync_parent(s->dir, e) == -1) {
		(void)rmdir(s->dir);
		return -1;
	}
	return 0;
}

static int
lock(struct store *s, struct dd_err *e)
{
	struct stat at, is;

	if (make_folder(s, e) == -1)
		return -1;
	if (flock(s->fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			return dd_fail_sys(e, errno, "%s: flock", s->dir);
		(void)dd_fail(e, ERR_HELD, "%s: another drydock is at work on "
		    "its generations", s->image);
		return dd_hint(e, "wait until it is done");
	}
	/* one that found nothing to keep has just removed the folder */
	if (fstat(s->fd, &is) == -1 || lstat(s->dir, &at) == -1 ||
	    at.st_ino != is.st_ino || at.st_dev != is.st_dev) {
		(void)dd_fail(e, ERR_HELD, "%s: another drydock was at work "
		    "on its generations", s->image);
		return dd_hint(e, "repeat the command");
	}
	s->locked = true;
	s->busy = false;
	return 0;
}

/* The inode at a path; 0: nothing is there. */
static int
inode_at(int dir, const char *path, const char *shown, uint64_t *ino,
    struct dd_err *e)
{
	struct stat st;

	*ino = 0;
	if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		*ino = (uint64_t)st.st_ino;
		return 0;
	}
	return errno == ENOENT ? 0 : dd_fail_sys(e, errno, "%s", shown);
}

/* Names in the folder that the file at the path has besides. */
static int
drop_second_names(struct store *s, struct dd_err *e)
{
	char name[GEN_NAME];
	size_t i;

	if (store_read(s, e) == -1)
		return -1;
	for (i = 0; i < s->n; i++)
		if (s->place != NULL && !s->v[i].in_place &&
		    s->v[i].ino == s->place->ino && store_unlink(s,
		    gen_name_format(name, &s->v[i].name), e) == -1)
			return -1;
	return 0;
}

/* What was said of a generation that did not come. */
static void
drop_of(struct store *s, uint32_t n)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].name.n == n && !s->foreign)
			return;
	store_drop_added(s, n);
}

int
store_recover(struct store *s, struct dd_err *e)
{
	struct gen_name next = { .n = 0 };
	uint64_t want = 0, is;
	int r;

	if ((r = store_read_place(s, IN_PLACE_NEW, &next, &want, e)) == -1 ||
	    inode_at(AT_FDCWD, s->image, s->image, &is, e) == -1)
		return -1;
	if (r == 1 && is == want && renameat(s->fd, IN_PLACE_NEW, s->fd,
	    IN_PLACE) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, IN_PLACE_NEW);
	if (store_unlink(s, INCOMING, e) == -1 ||
	    drop_second_names(s, e) == -1)
		return -1;
	if (r == 1 && is != want) {
		if (store_unlink(s, IN_PLACE_NEW, e) == -1 ||
		    store_read(s, e) == -1)
			return -1;
		drop_of(s, next.n);
	}
	if (r == 1 && (store_sync(s, e) == -1 ||
	    fs_sync_parent(s->image, e) == -1))
		return -1;
	return store_read(s, e);
}

int
store_lock(struct store *s, struct dd_err *e)
{
	if (s->locked)
		return 0;
	return lock(s, e) == -1 ? -1 : store_recover(s, e);
}

/* The file that in-place.new means, before its flip: a generation that is out,
 * or what came in. */
static char *
waiting(const struct store *s, uint32_t n, uint64_t ino)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].name.n == n && s->v[i].ino == ino &&
		    !s->v[i].in_place)
			return store_path(s, &s->v[i]);
	return fs_join(s->dir, INCOMING);
}

int
store_forward(struct store *s, uint32_t k, struct dd_err *e)
{
	struct gen_name next;
	uint64_t want, is = 0;
	char *from = NULL;
	int r, rc = -1;

	if (!s->locked && lock(s, e) == -1)
		return -1;
	if ((r = store_read_place(s, IN_PLACE_NEW, &next, &want, e)) == -1)
		return -1;
	if (r == 1 && next.n == k) {
		if ((from = waiting(s, k, want)) == NULL)
			return dd_fail_nomem(e);
		if (inode_at(AT_FDCWD, from, from, &is, e) == -1)
			goto out;
		if (is == want && rename(from, s->image) == -1) {
			(void)dd_fail_sys(e, errno, "%s", s->image);
			goto out;
		}
	}
	rc = store_recover(s, e);
out:
	free(from);
	return rc;
}

/* Say who is in place where that is not said, or not true. */
static int
say_who_is(struct store *s, struct dd_err *e)
{
	struct gen_name name;
	uint64_t ino;
	int r;

	if ((r = store_read_place(s, IN_PLACE, &name, &ino, e)) == -1)
		return -1;
	if (r == 1 && !s->foreign)
		return 0;
	return store_say_place(s, IN_PLACE, &s->place->name, s->place->ino, e);
}

int
store_keep(struct store *s, struct store_flip *f, struct dd_err *e)
{
	char name[GEN_NAME];

	f->kept = (struct gen_name){ .n = 0 };
	if (inode_at(AT_FDCWD, f->from, f->from, &f->ino, e) == -1)
		return -1;
	if (f->ino == 0)
		return dd_fail(e, ERR_NOENT, "%s: is gone", f->from);
	if (s->place != NULL && say_who_is(s, e) == -1)
		return -1;
	if (store_say_place(s, IN_PLACE_NEW, &f->next, f->ino, e) == -1)
		return -1;
	if (s->place != NULL) {
		f->kept = s->place->name;
		if (linkat(AT_FDCWD, s->image, s->fd, gen_name_format(name,
		    &f->kept), 0) == -1) {
			(void)dd_fail_sys(e, errno, "%s/%s", s->dir, name);
			goto fail;
		}
	}
	if (store_sync(s, e) == 0)
		return 0;
fail:
	{
		struct dd_err again = DD_ERR_INIT;

		(void)store_unkeep(s, f, &again);
	}
	return -1;
}

int
store_unkeep(struct store *s, struct store_flip *f, struct dd_err *e)
{
	char name[GEN_NAME];
	uint64_t out, is;

	if (f->kept.n != 0) {
		(void)gen_name_format(name, &f->kept);
		if (inode_at(s->fd, name, name, &out, e) == -1 ||
		    inode_at(AT_FDCWD, s->image, s->image, &is, e) == -1)
			return -1;
		/* only ever a second name */
		if (out != 0 && out == is && store_unlink(s, name, e) == -1)
			return -1;
	}
	return store_unlink(s, IN_PLACE_NEW, e);
}

int
store_flip(struct store *s, struct store_flip *f, struct dd_err *e)
{
	if (rename(f->from, s->image) == -1)
		return dd_fail_sys(e, errno, "%s", s->image);
	return 0;
}

int
store_unflip(struct store *s, struct store_flip *f, struct dd_err *e)
{
	char name[GEN_NAME];

	if (f->kept.n == 0) {
		if (rename(s->image, f->from) == -1)
			return dd_fail_sys(e, errno, "%s", f->from);
		return 0;
	}
	if (link(s->image, f->from) == -1)
		return dd_fail_sys(e, errno, "%s", f->from);
	if (renameat(s->fd, gen_name_format(name, &f->kept), AT_FDCWD,
	    s->image) == -1)
		return dd_fail_sys(e, errno, "%s", s->image);
	return 0;
}

/* As it was before settling, so that what came before can be undone. */
static void
unsettle(struct store *s, const struct store_flip *f)
{
	struct dd_err ignored = DD_ERR_INIT;
	char name[GEN_NAME];
	uint64_t ino = 0;

	(void)store_say_place(s, IN_PLACE_NEW, &f->next, f->ino, &ignored);
	if (f->kept.n == 0) {
		(void)store_unlink(s, IN_PLACE, &ignored);
		return;
	}
	(void)gen_name_format(name, &f->kept);
	if (inode_at(s->fd, name, name, &ino, &ignored) == 0)
		(void)store_say_place(s, IN_PLACE, &f->kept, ino, &ignored);
}

int
store_settle(struct store *s, struct store_flip *f, struct dd_err *e)
{
	if (renameat(s->fd, IN_PLACE_NEW, s->fd, IN_PLACE) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, IN_PLACE);
	if (store_sync(s, e) == -1 || fs_sync_parent(s->image, e) == -1) {
		unsettle(s, f);
		return -1;
	}
	return store_read(s, e);
}

int
store_mark(struct store *s, uint32_t n, enum gen_mark mark, bool pinned,
    struct dd_err *e)
{
	const struct generation *g = store_want(s, n, e);
	char old[GEN_NAME], new[GEN_NAME];
	struct gen_name name;

	if (g == NULL)
		return -1;
	name = g->name;
	name.mark = mark;
	name.pinned = pinned;
	if (g->in_place) {
		if (store_say_place(s, IN_PLACE, &name, g->ino, e) == -1)
			return -1;
	} else {
		(void)gen_name_format(old, &g->name);
		if (renameat(s->fd, old, s->fd, gen_name_format(new,
		    &name)) == -1)
			return dd_fail_sys(e, errno, "%s/%s", s->dir, old);
	}
	return store_sync(s, e) == -1 ? -1 : store_read(s, e);
}

void
store_drop_added(struct store *s, uint32_t n)
{
	static const char *const suffixes[] = { "orig", "sha256", "params",
	    "kernel" };
	struct dd_err ignored = DD_ERR_INIT;
	char name[GEN_NAME];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		(void)snprintf(name, sizeof(name), "%u.%s", n, suffixes[i]);
		(void)store_unlink(s, name, &ignored);
	}
}

int
store_delete(struct store *s, uint32_t n, struct dd_err *e)
{
	const struct generation *g = store_want(s, n, e);
	char name[GEN_NAME];

	if (g == NULL)
		return -1;
	if (g->in_place)
		return dd_fail(e, ERR_HELD, "%s: generation %u is in place",
		    s->image, n);
	if (n + 1 == store_next(s) && store_say_place(s, LAST, &g->name,
	    g->ino, e) == -1)
		return -1;
	if (store_unlink(s, gen_name_format(name, &g->name), e) == -1)
		return -1;
	store_drop_added(s, n);
	return store_sync(s, e) == -1 ? -1 : store_read(s, e);
}
