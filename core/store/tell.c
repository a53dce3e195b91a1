/*
 * The parameters file that others use follows the generation in place; see
 * store.h.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/base/secret.h"
#include "core/store/store_impl.h"

#define PARAMS_MAX	16384	/* bytes of a parameters file */

/* 1: that link says which one follows, 0: there is none, -1. */
static int
read_link(const struct store *s, const char *name, char path[PATH_MAX],
    struct dd_err *e)
{
	ssize_t n = readlinkat(s->fd, name, path, PATH_MAX - 1);

	if (n == -1 && errno != ENOENT && errno != EINVAL)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	if (n <= 0 || path[0] != '/')
		return 0;
	path[n] = '\0';
	return 1;
}

/* The same of the one that counts: while a flip is undone it is the new one. */
static int
who_follows(const struct store *s, char path[PATH_MAX], struct dd_err *e)
{
	int r = s->fd == -1 ? 0 : read_link(s, TELLS_NEW, path, e);

	return r != 0 || s->fd == -1 ? r : read_link(s, TELLS, path, e);
}

bool
store_follows(const struct store *s, const char *path)
{
	struct dd_err ignored = DD_ERR_INIT;
	char is[PATH_MAX];

	return s->fd != -1 && read_link(s, TELLS, is, &ignored) == 1 &&
	    strcmp(is, path) == 0;
}

int
store_follower(const struct store *s, char path[PATH_MAX], struct dd_err *e)
{
	return s->fd == -1 ? 0 : read_link(s, TELLS, path, e);
}

int
store_unfollow(struct store *s, struct dd_err *e)
{
	return store_unlink(s, TELLS, e);
}

static void
forget(struct buf *b)
{
	if (b->p != NULL)
		secret_wipe(b->p, b->len);	/* it may hold a key */
	buf_dispose(b);
}

/* What belongs to generation n. */
static int
read_of(const struct store *s, uint32_t n, struct buf *b, struct dd_err *e)
{
	char *path = store_beside(s, n, "params");
	int rc = path == NULL ? dd_fail_nomem(e) : fs_read_regular(path,
	    PARAMS_MAX, b, NULL, e);

	free(path);
	return rc;
}

/* Is that what a generation has? */
static bool
is_known(const struct store *s, const struct buf *is)
{
	struct dd_err ignored = DD_ERR_INIT;
	bool same = false;
	size_t i;

	for (i = 0; i < s->n && !same; i++) {
		struct buf b = BUF_INIT;

		same = s->v[i].params && read_of(s, s->v[i].name.n, &b,
		    &ignored) == 0 && b.len == is->len &&
		    memcmp(b.p, is->p, b.len) == 0;
		forget(&b);
	}
	return same;
}

/* ".NAME.drydock-new" beside it: what a crash left has that name, too. */
static char *
name_temp(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf b = BUF_INIT;

	(void)buf_add(&b, path, (size_t)(slash + 1 - path));
	(void)buf_printf(&b, ".%s.drydock-new", slash + 1);
	return buf_steal(&b);
}

/* Written, as the one there is owned and moded; st NULL: there is none. */
static int
write_temp(const char *temp, const struct buf *text, const struct stat *st,
    struct dd_err *e)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	int rc;

	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", temp);
	rc = fs_pwrite(fd, text->p, text->len, 0, temp, e);
	if (rc == 0 && st != NULL && ((fchown(fd, st->st_uid, st->st_gid) ==
	    -1 && errno != EPERM) || fchmod(fd, st->st_mode & 0777) == -1))
		rc = dd_fail_sys(e, errno, "%s", temp);
	if (rc == 0 && fsync(fd) == -1)
		rc = dd_fail_sys(e, errno, "%s: fsync", temp);
	(void)close(fd);
	return rc;
}

static int
put(const char *path, const char *temp, const struct buf *text,
    const struct stat *st, struct dd_err *e)
{
	if (write_temp(temp, text, st, e) == -1 || (rename(temp, path) == -1 &&
	    dd_fail_sys(e, errno, "%s", path) == -1)) {
		(void)unlink(temp);
		return -1;
	}
	return fs_sync_parent(path, e);
}

static bool
same(const struct buf *a, const void *p, size_t len)
{
	return a->len == len && memcmp(a->p, p, len) == 0;
}

static int
follow(const struct store *s, const char *path, const char *temp,
    const struct secret *ours, struct dd_err *e)
{
	struct buf is = BUF_INIT, want = BUF_INIT;
	struct stat st;
	int rc = -1;

	if (read_of(s, s->place->name.n, &want, e) == -1)
		goto out;
	if (fs_read_regular(path, PARAMS_MAX, &is, &st, e) == -1) {
		if (e->sys != ENOENT)
			goto out;
		dd_err_clear(e);
		rc = put(path, temp, &want, NULL, e);
		/* nor its folder: a disk that is not mounted */
		if (rc == -1 && e->sys == ENOENT) {
			dd_err_clear(e);
			rc = 0;
		}
	} else if (same(&is, want.p, want.len) ||
	    !((ours != NULL && same(&is, ours->p, ours->len)) ||
	    is_known(s, &is)))
		rc = 0;
	else
		rc = put(path, temp, &want, &st, e);
out:
	forget(&is);
	forget(&want);
	if (rc == 0)
		return 0;
	(void)dd_context(e, "the parameters file that follows %s", s->image);
	return dd_hint(e, "it is to be a copy of %s/%u.params; without the "
	    "link %s/" TELLS " it need not", s->dir, s->place->name.n,
	    s->dir);
}

int
store_told(struct store *s, const struct secret *ours, struct dd_err *e)
{
	char path[PATH_MAX], *temp;
	int r = who_follows(s, path, e);
	int rc = 0;

	if (r != 1)
		return r == -1 ? -1 : 0;
	if ((temp = name_temp(path)) == NULL)
		return dd_fail_nomem(e);
	(void)unlink(temp);
	if (s->place != NULL && !s->foreign && s->place->params)
		rc = follow(s, path, temp, ours, e);
	free(temp);
	return rc;
}
