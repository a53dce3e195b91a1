/* Files that come into the store; see store.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/base/hash.h"
#include "core/base/secret.h"
#include "core/host/host.h"
#include "core/store/store_impl.h"

#define SOURCE_ID	96		/* bytes, with the NUL */
#define CHUNK		((size_t)1 << 20)
#define SMALL_MAX	(1024 * 1024)	/* of what store_add copies */
#define HOLES_MAX	(4ULL << 30)	/* bytes that a checksum covers */

/* A copy that is under way. */
struct copy {
	int		 from, to;
	const char	*source, *target;
	uint64_t	 size;
	struct hash	*hash;		/* NULL: no checksum is wanted */
	uint64_t	 holes;		/* bytes, so far */
	uint8_t		*chunk;
	struct progress	*progress;
};

/* The next range of data from off on; *end == *start: there is no more. */
static int
next_data(const struct copy *c, uint64_t off, uint64_t *start, uint64_t *end,
    struct dd_err *e)
{
#ifdef SEEK_DATA
	off_t at = lseek(c->from, (off_t)off, SEEK_DATA);

	*start = *end = c->size;
	if (at == -1 && errno == ENXIO)
		return 0;
	if (at != -1) {
		*start = (uint64_t)at;
		at = lseek(c->from, at, SEEK_HOLE);
		if (at != -1)
			*end = (uint64_t)at;
		return 0;
	}
	if (errno != EINVAL && errno != ENOTSUP)
		return dd_fail_sys(e, errno, "%s", c->source);
#endif
	*start = off;
	*end = c->size;
	return 0;
}

static bool
all_zero(const uint8_t *p, size_t len)
{
	return len > 0 && p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

/* An image that is mostly hole takes no time to copy, and must not take
 * minutes for its checksum. */
static void
give_sum_up(struct copy *c, uint64_t hole)
{
	c->holes += hole;
	if (c->hash == NULL || c->holes <= HOLES_MAX)
		return;
	hash_close(c->hash);
	c->hash = NULL;
}

/* Holes are hashed as what they read as. */
static int
pass_hole(struct copy *c, uint64_t off, uint64_t end, struct dd_err *e)
{
	uint64_t n;

	give_sum_up(c, end - off);
	if (c->hash == NULL)
		return 0;
	memset(c->chunk, 0, CHUNK);
	for (; off < end; off += n) {
		n = min64(CHUNK, end - off);
		hash_add(c->hash, c->chunk, (size_t)n);
		if (progress_tick(c->progress, "copying the image", off,
		    c->size, e) == -1)
			return -1;
	}
	return 0;
}

static int
pass_data(struct copy *c, uint64_t off, uint64_t end, struct dd_err *e)
{
	uint64_t n;

	for (; off < end; off += n) {
		n = min64(CHUNK, end - off);
		if (progress_tick(c->progress, "copying the image", off,
		    c->size, e) == -1 || fs_pread(c->from, c->chunk,
		    (size_t)n, off, c->source, e) == -1)
			return -1;
		if (c->hash != NULL)
			hash_add(c->hash, c->chunk, (size_t)n);
		if (all_zero(c->chunk, (size_t)n))
			continue;
		if (fs_pwrite(c->to, c->chunk, (size_t)n, off, c->target,
		    e) == -1)
			return -1;
		host_start_writing(c->to, off, n);
	}
	return 0;
}

static int
copy_all(struct copy *c, struct dd_err *e)
{
	uint64_t off = 0, start, end;

	if (ftruncate(c->to, (off_t)c->size) == -1)
		return dd_fail_sys(e, errno, "%s", c->target);
	while (off < c->size) {
		if (next_data(c, off, &start, &end, e) == -1 ||
		    pass_hole(c, off, start, e) == -1 ||
		    pass_data(c, start, end, e) == -1)
			return -1;
		off = end;
	}
	return 0;
}

static int
copy_sum(int from, int to, const char *source, const char *target,
    uint64_t size, char *hex, struct progress *progress, struct dd_err *e)
{
	struct copy c = { .from = from, .to = to, .source = source,
	    .target = target, .size = size, .progress = progress };
	uint8_t sum[HASH_LEN];
	int rc = -1;

	if ((c.chunk = malloc(CHUNK)) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (hex != NULL && hash_open(HASH_SHA256, &c.hash, e) == -1)
		goto out;
	rc = copy_all(&c, e);
	if (rc == 0 && c.hash != NULL) {
		hash_result(c.hash, sum);
		(void)hash_hex(hex, sum);
	}
out:
	hash_close(c.hash);
	free(c.chunk);
	return rc;
}

/* A new file in the folder. */
static int
create(const struct store *s, const char *name, struct dd_err *e)
{
	int fd;

	(void)unlinkat(s->fd, name, 0);
	fd = openat(s->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd == -1)
		(void)dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	return fd;
}

/* Owner and mode of the image in place, or else of the source. */
static int
take_after(const struct store *s, int fd, const struct stat *source,
    struct dd_err *e)
{
	struct stat st;

	if (lstat(s->image, &st) == -1)
		st = *source;
	/* only root can give it away */
	if ((fchown(fd, st.st_uid, st.st_gid) == -1 && errno != EPERM) ||
	    fchmod(fd, st.st_mode & 0777) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, INCOMING);
	return 0;
}

/* The untouched copy: free where blocks can be shared. */
static int
keep_orig(struct store *s, struct store_incoming *in, int fd, uint64_t size,
    struct dd_err *e)
{
	char name[GEN_NAME];
	int to, rc;

	(void)snprintf(name, sizeof(name), "%u.orig", in->n);
	if ((to = create(s, name, e)) == -1)
		return -1;
	rc = host_clone(to, fd) ? 0 : !in->keep_orig ? 1 :
	    copy_sum(fd, to, in->source, name, size, NULL, in->progress, e);
	if (rc == 0 && fsync(to) == -1)
		rc = dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	(void)close(to);
	in->orig = rc == 0;
	/* an empty one must not pass for an original */
	if (rc != 0 && unlinkat(s->fd, name, 0) == -1 && rc == 1)
		rc = dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	return rc == -1 ? -1 : 0;
}

static int
say_sum(struct store *s, const struct store_incoming *in, struct dd_err *e)
{
	char *path = store_beside(s, in->n, "sha256");
	struct buf b = BUF_INIT;
	int rc;

	(void)buf_printf(&b, "%s  %s\n", in->sha256, in->source);
	rc = path == NULL || b.failed ? dd_fail_nomem(e) :
	    fs_replace_file(path, b.p, b.len, 0600, e);
	buf_dispose(&b);
	free(path);
	return rc;
}

/* As a file is told from all others, and from what it was before a change. */
static void
identify(char text[SOURCE_ID], const struct stat *st)
{
	(void)snprintf(text, SOURCE_ID, "%llu.%llu@%lld.%09ld",
	    (unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
	    (long long)st->st_ctim.tv_sec, (long)st->st_ctim.tv_nsec);
}

static int
say_source(struct store *s, const struct store_incoming *in,
    const struct stat *st, struct dd_err *e)
{
	char text[SOURCE_ID];

	identify(text, st);
	return store_link(s, in->n, "from", text, e);
}

bool
store_came_from(const struct store *s, uint32_t n, const char *source)
{
	char name[GEN_NAME], says[SOURCE_ID + 1], is[SOURCE_ID];
	struct stat st;
	ssize_t len;

	(void)snprintf(name, sizeof(name), "%u.from", n);
	if (s->fd == -1 || stat(source, &st) == -1 || (len = readlinkat(s->fd,
	    name, says, sizeof(says) - 1)) == -1)
		return false;
	says[len] = '\0';
	identify(is, &st);
	return strcmp(says, is) == 0;
}

static int
open_source(const char *path, struct stat *st, struct dd_err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		return -1;
	}
	if (fstat(fd, st) == -1)
		(void)dd_fail_sys(e, errno, "%s", path);
	else if (!S_ISREG(st->st_mode))
		(void)dd_fail(e, ERR_TYPE, "%s: not a regular file", path);
	else
		return fd;
	(void)close(fd);
	return -1;
}

static int
bring(struct store *s, struct store_incoming *in, int from, int to,
    const struct stat *st, struct dd_err *e)
{
	uint64_t size = (uint64_t)st->st_size;

	in->cloned = host_clone(to, from);
	if (!in->cloned && copy_sum(from, to, in->source, in->path, size,
	    in->no_sum ? NULL : in->sha256, in->progress, e) == -1)
		return -1;
	if (take_after(s, to, st, e) == -1)
		return -1;
	if (fsync(to) == -1)
		return dd_fail_sys(e, errno, "%s", in->path);
	if (!in->no_sum && keep_orig(s, in, to, size, e) == -1)
		return -1;
	if (!in->no_sum && say_source(s, in, st, e) == -1)
		return -1;
	return in->sha256[0] != '\0' ? say_sum(s, in, e) : 0;
}

int
store_bring(struct store *s, struct store_incoming *in, struct dd_err *e)
{
	int from = -1, to = -1, rc = -1;
	struct stat st;

	in->path = NULL;
	in->sha256[0] = '\0';
	if ((from = open_source(in->source, &st, e)) == -1)
		goto out;
	if ((in->path = fs_join(s->dir, INCOMING)) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if ((to = create(s, INCOMING, e)) == -1)
		goto out;
	rc = bring(s, in, from, to, &st, e);
out:
	if (from != -1)
		(void)close(from);
	if (to != -1)
		(void)close(to);
	if (rc == -1)
		store_give_back(s, in);
	return rc;
}

void
store_give_back(struct store *s, struct store_incoming *in)
{
	struct dd_err ignored = DD_ERR_INIT;

	(void)unlinkat(s->fd, INCOMING, 0);
	store_drop_added(s, in->n);
	/* the journal of a change that did not get far */
	(void)store_sweep(s, &ignored);
	free(in->path);
	in->path = NULL;
}

int
store_add(struct store *s, uint32_t n, const char *suffix,
    const char *source, struct dd_err *e)
{
	char *path = store_beside(s, n, suffix);
	struct buf b = BUF_INIT;
	int rc = -1;

	if (path == NULL)
		(void)dd_fail_nomem(e);
	else if (fs_read_regular(source, SMALL_MAX, &b, NULL, e) == 0)
		rc = fs_replace_file(path, b.p, b.len, 0600, e);
	if (b.p != NULL)
		secret_wipe(b.p, b.len);	/* it may hold a key */
	buf_dispose(&b);
	free(path);
	return rc;
}

int
store_link(struct store *s, uint32_t n, const char *suffix,
    const char *target, struct dd_err *e)
{
	char name[GEN_NAME];

	(void)snprintf(name, sizeof(name), "%u.%s", n, suffix);
	(void)unlinkat(s->fd, name, 0);
	if (symlinkat(target, s->fd, name) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	return 0;
}
