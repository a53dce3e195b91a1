/* Who is in place: locking, and flipping; see store.h. */
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

const char *const store_suffixes[STORE_SUFFIXES] = { "orig", "sha256",
	"params", "kernel", "run", "from", "plain", "key" };

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
make_folder(struct store *s, bool *made, struct dd_err *e)
{
	if (s->fd != -1)
		return 0;
	*made = mkdir(s->dir, 0700) == 0;
	if (!*made && errno != EEXIST) {
		(void)dd_fail_sys(e, errno, "%s", s->dir);
		return dd_hint(e, "generations lie beside the image: its "
		    "folder must be writable");
	}
	s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd == -1)
		return dd_fail_sys(e, errno, "%s", s->dir);
	return fs_sync_parent(s->dir, e);
}

static int
lock(struct store *s, bool *made, struct dd_err *e)
{
	struct stat at, is;

	if (make_folder(s, made, e) == -1)
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

int
store_inode(int dir, const char *path, const char *shown, uint64_t *ino,
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

int
store_lock(struct store *s, struct dd_err *e)
{
	bool made = false;

	if (s->locked)
		return 0;
	if (lock(s, &made, e) == 0)
		return store_recover(s, e);
	if (made && e->code != ERR_HELD)
		(void)rmdir(s->dir);
	return -1;
}

int
store_say_who_is(struct store *s, struct dd_err *e)
{
	struct gen_name name;
	uint64_t ino;
	int r;

	if (s->place == NULL)
		return 0;
	if ((r = store_read_place(s, IN_PLACE, &name, &ino, e)) == -1)
		return -1;
	if (r == 1 && !s->foreign)
		return 0;
	return store_say_place(s, IN_PLACE, &s->place->name, s->place->ino, e);
}

/* Not yet by its name. */
static int
copy_params(struct store *s, const char *source, struct dd_err *e)
{
	char *path = fs_join(s->dir, IN_PLACE_PARAMS);
	int rc = path == NULL ? dd_fail_nomem(e) : store_copy_small(path,
	    source, e);

	free(path);
	return rc;
}

/* What is only needed if a crash comes now. */
static int
say_more(struct store *s, const struct store_flip *f, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	char text[GEN_PLACE];
	int rc = 0;

	if (f->tells_anew && symlinkat(f->tells, s->fd, TELLS_NEW) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, TELLS_NEW);
	if (f->params != NULL && copy_params(s, f->params, e) == -1)
		return -1;
	if (f->plain && symlinkat("-", s->fd, IN_PLACE_PLAIN) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir,
		    IN_PLACE_PLAIN);
	if (f->kernel != NULL && symlinkat(f->kernel, s->fd,
	    IN_PLACE_KERNEL) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir,
		    IN_PLACE_KERNEL);
	if (f->root == NULL)
		return 0;
	(void)buf_printf(&b, "%s%s", gen_place_format(text,
	    &f->root_flip->next, f->root_flip->ino), f->root);
	if (b.failed)
		rc = dd_fail_nomem(e);
	else if (symlinkat(b.p, s->fd, FOLLOWS) == -1)
		rc = dd_fail_sys(e, errno, "%s/%s", s->dir, FOLLOWS);
	buf_dispose(&b);
	return rc;
}

static int
keep(struct store *s, struct store_flip *f, struct dd_err *e)
{
	char name[GEN_NAME];

	if (store_say_who_is(s, e) == -1)
		return -1;
	if (say_more(s, f, e) == -1 ||
	    store_say_place(s, IN_PLACE_NEW, &f->next, f->ino, e) == -1)
		return -1;
	if (s->place != NULL) {
		f->kept = s->place->name;
		if (linkat(AT_FDCWD, s->image, s->fd, gen_name_format(name,
		    &f->kept), 0) == -1)
			return dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	}
	return store_sync(s, e);
}

int
store_keep(struct store *s, struct store_flip *f, struct dd_err *e)
{
	struct dd_err again = DD_ERR_INIT;

	f->kept = (struct gen_name){ .n = 0 };
	f->tells_anew = f->tells != NULL && !store_follows(s, f->tells);
	if (store_inode(AT_FDCWD, f->from, f->from, &f->ino, e) == -1)
		return -1;
	if (f->ino == 0)
		return dd_fail(e, ERR_NOENT, "%s: is gone", f->from);
	if (keep(s, f, e) == 0)
		return 0;
	(void)store_unkeep(s, f, &again);
	return -1;
}

int
store_unkeep(struct store *s, struct store_flip *f, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	char name[GEN_NAME];
	uint64_t out, is;

	if (f->kept.n != 0) {
		(void)gen_name_format(name, &f->kept);
		if (store_inode(s->fd, name, name, &out, e) == -1 ||
		    store_inode(AT_FDCWD, s->image, s->image, &is, e) == -1)
			return -1;
		/* only ever a second name */
		if (out != 0 && out == is && store_unlink(s, name, e) == -1)
			return -1;
	}
	if (store_unlink(s, IN_PLACE_NEW, e) == -1 ||
	    store_unlink(s, IN_PLACE_KERNEL, e) == -1 ||
	    store_unlink(s, IN_PLACE_PARAMS, e) == -1 ||
	    store_unlink(s, IN_PLACE_PLAIN, e) == -1 ||
	    store_unlink(s, TELLS_NEW, e) == -1 ||
	    store_unlink(s, FOLLOWS, e) == -1)
		return -1;
	(void)store_sync(s, &ignored);
	return 0;
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

/* rename in the folder; what is not there is fine. */
static int
rename_there(struct store *s, const char *from, const char *to,
    struct dd_err *e)
{
	if (renameat(s->fd, from, s->fd, to) == 0 || errno == ENOENT)
		return 0;
	return dd_fail_sys(e, errno, "%s/%s", s->dir, to);
}

static const struct {
	const char	*said, *suffix;
} outgoing[] = {
	{ IN_PLACE_KERNEL, "kernel" }, { IN_PLACE_PARAMS, "params" },
	{ IN_PLACE_PLAIN, "plain" },
};
#define OUTGOING	(sizeof(outgoing) / sizeof(outgoing[0]))

int
store_settle_said(struct store *s, uint32_t n, struct dd_err *e)
{
	char name[GEN_NAME];
	size_t i;

	for (i = 0; i < OUTGOING && n != 0; i++) {
		(void)snprintf(name, sizeof(name), "%u.%s", n,
		    outgoing[i].suffix);
		if (rename_there(s, outgoing[i].said, name, e) == -1)
			return -1;
	}
	return rename_there(s, TELLS_NEW, TELLS, e);
}

/* And back, as far as this flip has said it. */
static int
unsettle_said(struct store *s, const struct store_flip *f, struct dd_err *e)
{
	const bool says[OUTGOING] = { f->kernel != NULL, f->params != NULL,
	    f->plain };
	char name[GEN_NAME];
	size_t i;

	for (i = 0; i < OUTGOING && f->kept.n != 0; i++) {
		(void)snprintf(name, sizeof(name), "%u.%s", f->kept.n,
		    outgoing[i].suffix);
		if (says[i] && rename_there(s, name, outgoing[i].said, e) ==
		    -1)
			return -1;
	}
	return !f->tells_anew ? 0 : rename_there(s, TELLS, TELLS_NEW, e);
}

int
store_settle(struct store *s, struct store_flip *f, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;

	if (store_unlink(s, FOLLOWS, e) == -1)
		return -1;
	if (store_settle_said(s, f->kept.n, e) == -1 ||
	    (renameat(s->fd, IN_PLACE_NEW, s->fd, IN_PLACE) == -1 &&
	    dd_fail_sys(e, errno, "%s/%s", s->dir, IN_PLACE) == -1)) {
		(void)unsettle_said(s, f, &ignored);
		return -1;
	}
	if (store_read(s, e) == 0 && store_told(s, NULL, e) == 0 &&
	    store_run_settle(s, &f->run, e) == 0)
		return 0;
	f->run = false;
	(void)store_unsettle(s, f, &ignored);
	return -1;
}

/* As it was before, so that what came before can be undone. */
int
store_unsettle(struct store *s, struct store_flip *f, struct dd_err *e)
{
	char name[GEN_NAME];
	uint64_t ino = 0;

	if (f->run && store_run_unsettle(s, f->next.n, e) == -1)
		return -1;
	if (store_say_place(s, IN_PLACE_NEW, &f->next, f->ino, e) == -1)
		return -1;
	if (f->kept.n == 0 && store_unlink(s, IN_PLACE, e) == -1)
		return -1;
	(void)gen_name_format(name, &f->kept);
	if (f->kept.n != 0 && (store_inode(s->fd, name, name, &ino, e) == -1 ||
	    store_say_place(s, IN_PLACE, &f->kept, ino, e) == -1))
		return -1;
	return unsettle_said(s, f, e);
}

/* The one in place has a mark that it did not have: the link says so. */
static int
mark_place(struct store *s, const struct gen_name *name, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct gen_name was;
	uint64_t ino;
	int r = store_read_place(s, IN_PLACE, &was, &ino, e);

	if (r == -1 || store_say_place(s, IN_PLACE, name, s->place->ino,
	    e) == -1)
		return -1;
	if (store_sync(s, e) == 0)
		return 0;
	if (r == 1)
		(void)store_say_place(s, IN_PLACE, &was, ino, &ignored);
	else
		(void)store_unlink(s, IN_PLACE, &ignored);
	return -1;
}

/* rename in the folder, on the disk. */
static int
rename_synced(struct store *s, const char *old, const char *new,
    struct dd_err *e)
{
	if (renameat(s->fd, old, s->fd, new) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, old);
	if (store_sync(s, e) == 0)
		return 0;
	(void)renameat(s->fd, new, s->fd, old);
	return -1;
}

int
store_mark(struct store *s, uint32_t n, enum gen_mark mark, bool pinned,
    struct dd_err *e)
{
	const struct generation *g = store_want(s, n, e);
	char old[GEN_NAME], new[GEN_NAME];
	struct gen_name name;
	int rc;

	if (g == NULL)
		return -1;
	name = g->name;
	name.mark = mark;
	name.pinned = pinned;
	if (g->in_place)
		rc = mark_place(s, &name, e);
	else
		rc = rename_synced(s, gen_name_format(old, &g->name),
		    gen_name_format(new, &name), e);
	return rc == -1 ? -1 : store_read(s, e);
}

void
store_drop_added(struct store *s, uint32_t n)
{
	struct dd_err ignored = DD_ERR_INIT;
	char name[GEN_NAME];
	size_t i;

	for (i = 0; i < STORE_SUFFIXES; i++) {
		(void)snprintf(name, sizeof(name), "%u.%s", n,
		    store_suffixes[i]);
		if (store_leads_to_place(s, name))
			continue;
		(void)store_unlink(s, name, &ignored);
	}
}

int
store_delete(struct store *s, uint32_t n, struct dd_err *e)
{
	const struct generation *g = store_want(s, n, e);
	char name[GEN_NAME], going[GEN_NAME];

	if (g == NULL)
		return -1;
	if (g->in_place)
		return dd_fail(e, ERR_HELD, "%s: generation %u is in place",
		    s->image, n);
	if (n + 1 == store_next(s) && store_say_place(s, LAST, &g->name,
	    g->ino, e) == -1)
		return -1;
	/* decided when its name is on the disk as that of one that goes */
	(void)gen_name_format(name, &g->name);
	(void)snprintf(going, sizeof(going), "%u.going", n);
	if (rename_synced(s, name, going, e) == -1)
		return -1;
	if (unlinkat(s->fd, going, 0) == -1) {
		(void)dd_fail_sys(e, errno, "%s/%s", s->dir, going);
		(void)renameat(s->fd, going, s->fd, name);
		return -1;
	}
	store_drop_added(s, n);
	return store_read(s, e);
}
