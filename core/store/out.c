/*
 * Generations that are used while they are out; see store.h.
 *
 * A domU that was started on one has its path, and takes it again when it
 * reboots by itself.  The generation's own name goes when it is put in place or
 * marked, so that path is another one, N.run: a second link of its file.  Once
 * it is in place a symlink to the image takes that link's place, so that the
 * domU keeps to the place from then on.  Nothing waits for the disk: no domU
 * survives a power cut.
 */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/store/store_impl.h"

int
store_share(struct store *s, struct dd_err *e)
{
	if (s->fd == -1)
		return dd_fail(e, ERR_NOENT, "%s: has no generations",
		    s->image);
	/* not in one step: somebody may come between */
	s->locked = false;
	if (flock(s->fd, LOCK_SH | LOCK_NB) == 0)
		return store_read(s, e);
	if (errno != EWOULDBLOCK)
		return dd_fail_sys(e, errno, "%s: flock", s->dir);
	(void)dd_fail(e, ERR_HELD, "%s: another drydock is at work on its "
	    "generations", s->image);
	return dd_hint(e, "wait until it is done");
}

int
store_admit(struct store *s, const struct gen_name *g, struct dd_err *e)
{
	char name[GEN_NAME];

	(void)gen_name_format(name, g);
	/* with a larger number beside it, nobody is the first without a word */
	if (store_say_who_is(s, e) == -1)
		return -1;
	if (renameat(s->fd, INCOMING, s->fd, name) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	if (store_sync(s, e) == 0 && store_read(s, e) == 0)
		return 0;
	store_unadmit(s, g);
	return -1;
}

void
store_unadmit(struct store *s, const struct gen_name *g)
{
	struct dd_err ignored = DD_ERR_INIT;
	char name[GEN_NAME];

	(void)renameat(s->fd, gen_name_format(name, g), s->fd, INCOMING);
	(void)store_read(s, &ignored);
}

bool
store_leads_to_place(const struct store *s, const char *name)
{
	struct stat st;
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".run") == 0 &&
	    fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode);
}

/* The names of N.run, and of what becomes it: one that store_sweep takes for
 * what a crash left. */
static void
run_names(uint32_t n, char name[GEN_NAME], char coming[GEN_NAME])
{
	(void)snprintf(name, GEN_NAME, "%u.run", n);
	(void)snprintf(coming, GEN_NAME, "%u.run.coming", n);
}

static int
put_run(struct store *s, const char *name, const char *coming,
    struct dd_err *e)
{
	if (renameat(s->fd, coming, s->fd, name) == -1) {
		(void)dd_fail_sys(e, errno, "%s/%s", s->dir, name);
		(void)unlinkat(s->fd, coming, 0);
		return -1;
	}
	/* where both are links of one file, rename(2) leaves both */
	(void)unlinkat(s->fd, coming, 0);
	return 0;
}

static int
run_own(struct store *s, const struct generation *g, struct dd_err *e)
{
	char name[GEN_NAME], coming[GEN_NAME], file[GEN_NAME];

	run_names(g->name.n, name, coming);
	(void)unlinkat(s->fd, coming, 0);
	if (linkat(s->fd, gen_name_format(file, &g->name), s->fd, coming,
	    0) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, coming);
	return put_run(s, name, coming, e);
}

static int
run_place(struct store *s, uint32_t n, struct dd_err *e)
{
	char name[GEN_NAME], coming[GEN_NAME];
	struct buf to = BUF_INIT;
	int rc;

	run_names(n, name, coming);
	(void)unlinkat(s->fd, coming, 0);
	if (buf_printf(&to, "..%s", strrchr(s->image, '/')) == -1)
		rc = dd_fail_nomem(e);
	else if (symlinkat(to.p, s->fd, coming) == -1)
		rc = dd_fail_sys(e, errno, "%s/%s", s->dir, coming);
	else
		rc = put_run(s, name, coming, e);
	buf_dispose(&to);
	return rc;
}

/* Is that path there, as a link of the generation's file? */
static bool
has_run(const struct store *s, const struct generation *g)
{
	char name[GEN_NAME], coming[GEN_NAME];
	struct dd_err ignored = DD_ERR_INIT;
	uint64_t ino;

	run_names(g->name.n, name, coming);
	return store_inode(s->fd, name, name, &ino, &ignored) == 0 &&
	    ino == g->ino;
}

int
store_run_hold(struct store *s, uint32_t n, char **path, struct dd_err *e)
{
	const struct generation *g = store_want(s, n, e);

	*path = NULL;
	if (g == NULL)
		return -1;
	if (!has_run(s, g) && (store_lock(s, e) == -1 ||
	    (g = store_want(s, n, e)) == NULL || run_own(s, g, e) == -1))
		return -1;
	if (store_share(s, e) == -1)
		return -1;
	*path = store_beside(s, n, "run");
	return *path == NULL ? dd_fail_nomem(e) : 0;
}

int
store_run_settle(struct store *s, bool *changed, struct dd_err *e)
{
	*changed = s->place != NULL && s->fd != -1 && has_run(s, s->place);
	return *changed ? run_place(s, s->place->name.n, e) : 0;
}

int
store_run_unsettle(struct store *s, uint32_t n, struct dd_err *e)
{
	char name[GEN_NAME], coming[GEN_NAME];

	run_names(n, name, coming);
	(void)unlinkat(s->fd, coming, 0);
	if (linkat(AT_FDCWD, s->image, s->fd, coming, 0) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, coming);
	return put_run(s, name, coming, e);
}
