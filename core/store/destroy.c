/* A generation that nobody is to read again; see store.h. */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/host/host.h"
#include "core/store/store_impl.h"

/* Open it alone: no domU, and none of its other names, may have it. */
static int
open_alone(const struct store *s, const char *name, struct dd_err *e)
{
	int fd = openat(s->fd, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW |
	    O_CLOEXEC);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		(void)dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	else if (!S_ISREG(st.st_mode))
		(void)dd_fail(e, ERR_TYPE, "%s/%s: is no regular file",
		    s->dir, name);
	else if (st.st_nlink > 1) {
		(void)dd_fail(e, ERR_HELD, "%s/%s: has other names, too",
		    s->dir, name);
		(void)dd_hint(e, "a domU was started on it (drydock try), or "
		    "somebody linked it: prune, or rm, the other name");
	} else if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		(void)dd_fail(e, ERR_HELD, "%s/%s: another program is at work "
		    "on it", s->dir, name);
	else
		return fd;
	if (fd != -1)
		(void)close(fd);
	return -1;
}

static int
overwrite_all(int fd, const char *name, uint64_t size,
    struct progress *progress, struct dd_err *e)
{
	static const uint8_t zeros[1 << 18];
	uint64_t off, n;

	for (off = 0; off < size; off += n) {
		n = min64(sizeof(zeros), size - off);
		if (fs_pwrite(fd, zeros, (size_t)n, off, name, e) == -1 ||
		    progress_tick(progress, "overwriting", off, size, e) ==
		    -1)
			return -1;
	}
	return fsync(fd) == -1 ? dd_fail_sys(e, errno, "%s: fsync", name) : 0;
}

/* What stands in it, on its disk; fd -1: there is no such file. */
static int
wipe(int fd, const char *name, bool zeros, struct progress *progress,
    struct dd_err *e)
{
	struct stat st;

	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	if (zeros && overwrite_all(fd, name, (uint64_t)st.st_size, progress,
	    e) == -1)
		return -1;
	host_discard(fd, (uint64_t)st.st_size);
	return 0;
}

/* What belongs to it; -1 without an error where there is none. */
static int
open_beside(const struct store *s, uint32_t n, const char *suffix,
    struct dd_err *e)
{
	char name[GEN_NAME];
	int fd;

	(void)snprintf(name, sizeof(name), "%u.%s", n, suffix);
	fd = openat(s->fd, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1 && errno != ENOENT && errno != ELOOP)
		(void)dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	return fd;
}

/* What belongs to a generation and may hold its key, what it came from, and
 * last itself: what is left without its key is noise. */
static const struct {
	const char	*suffix;
	bool		 key;		/* overwritten in any case */
} parts[] = {
	{ "params", true }, { "params.old", true }, { "params.old.2", true },
	{ "params.old.3", true }, { "params.old.4", true }, { "orig", false },
	{ NULL, false },
};
#define PARTS	(sizeof(parts) / sizeof(parts[0]))

/* The names go first, while that can be undone; then what they meant. */
static int
destroy(struct store *s, uint32_t n, const int fds[PARTS], bool zeros,
    struct progress *progress, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	size_t i;

	if (store_delete(s, n, e) == -1)
		return -1;
	(void)store_sweep(s, &ignored);	/* what of it could not be removed */
	for (i = 0; i < PARTS; i++)
		if (wipe(fds[i], parts[i].suffix != NULL ? parts[i].suffix :
		    "its file", zeros || parts[i].key, progress, e) == -1) {
			e->code = ERR_PARTLY;
			(void)dd_context(e, "generation %u is deleted, but "
			    "not wiped", n);
			return dd_hint(e, "what was in it may be on the disk "
			    "still");
		}
	return 0;
}

int
store_destroy(struct store *s, uint32_t n, bool zeros,
    struct progress *progress, struct dd_err *e)
{
	const struct generation *g = store_want(s, n, e);
	int fds[PARTS], rc = -1;
	char name[GEN_NAME];
	size_t i;

	if (g == NULL)
		return -1;
	fds[PARTS - 1] = open_alone(s, gen_name_format(name, &g->name), e);
	if (fds[PARTS - 1] == -1)
		return -1;
	for (i = 0; i < PARTS - 1; i++)
		fds[i] = open_beside(s, n, parts[i].suffix, e);
	if (e->code == ERR_NONE)
		rc = destroy(s, n, fds, zeros, progress, e);
	for (i = 0; i < PARTS; i++)
		if (fds[i] != -1)
			(void)close(fds[i]);
	return rc;
}
