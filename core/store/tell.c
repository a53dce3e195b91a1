/*
 * The parameters file that others use follows the generation in place; see
 * store.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/base/secret.h"
#include "core/store/store_impl.h"

#define PARAMS_MAX	16384	/* bytes of a parameters file */

/* 1: there is one that follows, 0: there is none, -1. */
static int
who_follows(const struct store *s, char path[PATH_MAX], struct dd_err *e)
{
	ssize_t n = s->fd == -1 ? 0 : readlinkat(s->fd, TELLS, path,
	    PATH_MAX - 1);

	if (n == -1 && errno != ENOENT && errno != EINVAL)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, TELLS);
	if (n <= 0)
		return 0;
	path[n] = '\0';
	return 1;
}

int
store_tell(struct store *s, const char *path, bool *was, struct dd_err *e)
{
	char is[PATH_MAX];
	int r = who_follows(s, is, e);

	if (r == -1)
		return -1;
	if (was != NULL)
		*was = r == 1;
	if (path != NULL && r == 1 && strcmp(is, path) == 0)
		return 0;
	if (store_unlink(s, TELLS, e) == -1)
		return -1;
	if (path != NULL && symlinkat(path, s->fd, TELLS) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, TELLS);
	return 0;
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

static int
follow(const struct store *s, const char *path, const struct secret *ours,
    struct dd_err *e)
{
	struct buf is = BUF_INIT, want = BUF_INIT;
	int rc = -1;

	if (read_of(s, s->place->name.n, &want, e) == -1)
		goto out;
	if (fs_read_regular(path, PARAMS_MAX, &is, NULL, e) == -1) {
		/* nobody uses it any more */
		if (e->sys == ENOENT) {
			dd_err_clear(e);
			rc = 0;
		}
		goto out;
	}
	if ((is.len == want.len && memcmp(is.p, want.p, is.len) == 0) ||
	    !((ours != NULL && is.len == ours->len && memcmp(is.p, ours->p,
	    is.len) == 0) || is_known(s, &is)))
		rc = 0;
	else
		rc = fs_update_file(path, &is, &want, e);
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
	char path[PATH_MAX];
	int r = who_follows(s, path, e);

	if (r != 1 || s->place == NULL || s->foreign || !s->place->params)
		return r == -1 ? -1 : 0;
	return follow(s, path, ours, e);
}
