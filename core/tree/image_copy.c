/* Private copies of images; see image_mount.h. */
#include <sys/file.h>
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/base/units.h"
#include "core/host/copy.h"
#include "core/host/host.h"
#include "core/tree/image_mount.h"

#define CHUNK		((size_t)1 << 20)
#define UNIT		4096		/* bytes that are compared at once */
#define COPIES_MAX	1000		/* beside one image */

/* ---- making one */

/* Locked, and still what has the name. */
static bool
is_ours(int fd, const char *path, struct stat *st)
{
	struct stat named;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, st) == 0 &&
	    lstat(path, &named) == 0 && named.st_dev == st->st_dev &&
	    named.st_ino == st->st_ino;
}

/* The first name that is free, beside the file that the path leads to. */
static int
create(const struct image_mount_ask *a, struct image_copy *c,
    struct dd_err *e)
{
	char *real = realpath(a->path, NULL), *dir;
	char name[64], *path = NULL;
	struct stat st;
	unsigned i;
	int fd = -1;

	if (real == NULL)
		return dd_fail_sys(e, errno, "%s", a->path);
	dir = fs_parent(real);
	free(real);
	for (i = 0; dir != NULL && i < COPIES_MAX; i++) {
		(void)snprintf(name, sizeof(name), ".drydock-%" PRIu64
		    ".copy-%u", (uint64_t)a->ino, i);
		if ((path = fs_join(dir, name)) == NULL)
			break;
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
		    O_CLOEXEC, 0600);
		if (fd == -1 && errno != EEXIST) {
			(void)dd_fail_sys(e, errno, "%s", path);
			break;
		}
		if (fd != -1 && is_ours(fd, path, &st)) {
			*c = (struct image_copy){ .path = path, .fd = fd,
			    .dev = st.st_dev, .ino = st.st_ino };
			free(dir);
			return 0;
		}
		if (fd != -1)
			(void)close(fd);
		free(path);
		path = NULL;
	}
	if (dir == NULL || (path == NULL && i < COPIES_MAX))
		(void)dd_fail_nomem(e);
	else if (i == COPIES_MAX) {
		(void)dd_fail(e, ERR_EXIST, "%s: has %d copies", a->path,
		    COPIES_MAX);
		(void)dd_hint(e, "drydock recover removes those that nobody "
		    "needs");
	}
	free(path);
	free(dir);
	return -1;
}

/* Other images there may have holes that their domUs are filling. */
static int
has_room(const struct host_copy *copy, const struct stat *st,
    struct dd_err *e)
{
	if (host_has_room(copy->to, copy->source, (uint64_t)st->st_blocks *
	    512, e) == 0)
		return 0;
	return e->code != ERR_NOSPC ? -1 : dd_hint(e, "the kernel works on a "
	    "copy, so that all of it or nothing is changed; --driver direct "
	    "needs none, with FFS");
}

int
image_copy_make(const struct image_mount_ask *a, struct image_copy *c,
    struct dd_err *e)
{
	struct host_copy copy = { .source = a->path, .from = a->fd,
	    .size = a->size, .what = "copying the image", .progress = a->progress };
	struct dd_err ignored = DD_ERR_INIT;
	struct stat st;
	unsigned n;
	int rc;

	(void)image_copies_remove(a->path, &n, &ignored);
	if (fstat(a->fd, &st) == -1)
		return dd_fail_sys(e, errno, "%s", a->path);
	if (create(a, c, e) == -1)
		return -1;
	c->of = st.st_mtim;
	copy.to = c->fd;
	copy.target = c->path;
	rc = host_clone(c->fd, copy.from) ? 0 : has_room(&copy, &st, e) == -1 ?
	    -1 : host_copy(&copy, e);
	if (rc == -1)
		image_copy_dispose(c);
	return rc;
}

void
image_copy_dispose(struct image_copy *c)
{
	if (c->path != NULL)
		(void)unlink(c->path);
	if (c->fd != -1)
		(void)close(c->fd);
	free(c->path);
	*c = (struct image_copy)IMAGE_COPY_INIT;
}

/* ---- what differs */

/* What is to be compared from off on: nothing where both have a hole. */
static int
next_data(const struct image_copy *c, int image,
    const struct image_mount_ask *a, uint64_t off, uint64_t *start,
    struct dd_err *e)
{
	uint64_t mine, its, end;

	if (host_next_data(c->fd, c->path, a->size, off, &mine, &end, e) ==
	    -1 || host_next_data(image, a->path, a->size, off, &its, &end,
	    e) == -1)
		return -1;
	/* units begin where the file system does */
	*start = min64(mine, its);
	if (*start > a->off)
		*start = a->off + round_down(*start - a->off, UNIT);
	if (*start < off)
		*start = off;
	return 0;
}

/* Runs of units that differ, each in one write. */
static int
write_runs(const uint8_t *mine, const uint8_t *its, uint64_t off, size_t len,
    struct blk *overlay, struct dd_err *e)
{
	size_t at = 0, from, n;

	while (at < len) {
		n = (size_t)min64(UNIT, len - at);
		if (memcmp(mine + at, its + at, n) == 0) {
			at += n;
			continue;
		}
		for (from = at; at < len; at += n) {
			n = (size_t)min64(UNIT, len - at);
			if (memcmp(mine + at, its + at, n) == 0)
				break;
		}
		if (blk_pwrite(overlay, mine + from, at - from, off + from,
		    BLK_JOURNALED, e) == -1)
			return -1;
	}
	return 0;
}

static int
compare(const struct image_copy *c, int image,
    const struct image_mount_ask *a, uint8_t *buf, struct blk *overlay,
    struct dd_err *e)
{
	uint64_t off = a->off, end = a->off + a->len;
	size_t n;

	for (; off < end; off += n) {
		if (next_data(c, image, a, off, &off, e) == -1)
			return -1;
		if (off >= end)
			break;
		n = (size_t)min64(CHUNK, end - off);
		if (progress_tick(a->progress, "comparing", off, end, e) ==
		    -1 || fs_pread(c->fd, buf, n, off, c->path, e) == -1 ||
		    blk_pread(overlay, buf + CHUNK, n, off, e) == -1 ||
		    write_runs(buf, buf + CHUNK, off, n, overlay, e) == -1)
			return -1;
	}
	return 0;
}

/* What somebody else has changed would look like a difference of ours. */
static int
check_unwritten(const struct image_copy *c, const struct image_mount_ask *a,
    struct dd_err *e)
{
	struct stat st;

	if (fstat(a->fd, &st) == -1)
		return dd_fail_sys(e, errno, "%s", a->path);
	if (st.st_mtim.tv_sec == c->of.tv_sec &&
	    st.st_mtim.tv_nsec == c->of.tv_nsec)
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: somebody has written to it meanwhile",
	    a->path);
	return dd_hint(e, "see who has it, drydock devices, and try again");
}

int
image_copy_differences(const struct image_copy *c,
    const struct image_mount_ask *a, struct blk *overlay, struct dd_err *e)
{
	uint8_t *buf = malloc(2 * CHUNK);
	int rc = -1;

	if (buf == NULL)
		(void)dd_fail_nomem(e);
	else if (check_unwritten(c, a, e) == 0 &&
	    compare(c, a->fd, a, buf, overlay, e) == 0)
		rc = check_unwritten(c, a, e);
	free(buf);
	return rc;
}

/* ---- what a crash left */

bool
image_copy_is(const char *name)
{
	int end = 0;

	return sscanf(name, ".drydock-%*u.copy-%*u%n", &end) == 0 &&
	    end > 0 && name[end] == '\0';
}

bool
image_copy_left(const char *dir, const char *name)
{
	char *path = fs_join(dir, name);
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_NONBLOCK |
	    O_NOFOLLOW | O_CLOEXEC);
	bool left = fd != -1 && flock(fd, LOCK_SH | LOCK_NB) == 0;

	if (fd != -1)
		(void)close(fd);
	free(path);
	return left;
}

/* Where none can be told the lock has told enough. */
static int
refuse_holder(void *arg, const struct host_holder *h, struct dd_err *e)
{
	if (h->kind == HOST_UNKNOWN)
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: is in use: %s", (const char *)arg,
	    h->text);
	return dd_hint(e, "unmount or detach that first");
}

/* 1: removed; 0: somebody works on it; -1. */
static int
remove_copy(const char *dir, const char *name, struct dd_err *e)
{
	char *path = fs_join(dir, name);
	struct stat st;
	int fd, rc = 0;

	if (path == NULL)
		return dd_fail_nomem(e);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		rc = errno == ENOENT || errno == EACCES ? 0 :
		    dd_fail_sys(e, errno, "%s", path);
	else if (is_ours(fd, path, &st) && S_ISREG(st.st_mode)) {
		if (host_holders(st.st_dev, st.st_ino, refuse_holder, path,
		    e) == -1)
			rc = -1;
		else if (unlink(path) == -1)
			rc = dd_fail_sys(e, errno, "%s", path);
		else
			rc = 1;
	}
	if (fd != -1)
		(void)close(fd);
	free(path);
	return rc;
}

int
image_copies_remove(const char *image, unsigned *n, struct dd_err *e)
{
	char *real = realpath(image, NULL);
	char *dir = fs_parent(real != NULL ? real : image);
	DIR *d = dir != NULL ? opendir(dir) : NULL;
	struct dirent *de;
	int r, rc = 0;

	*n = 0;
	if (dir == NULL)
		rc = dd_fail_nomem(e);
	while (d != NULL && (de = readdir(d)) != NULL) {
		if (!image_copy_is(de->d_name))
			continue;
		if ((r = remove_copy(dir, de->d_name, e)) == -1)
			rc = -1;
		else
			*n += (unsigned)r;
	}
	if (d != NULL)
		(void)closedir(d);
	free(real);
	free(dir);
	return rc;
}
