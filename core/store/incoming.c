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
#include "core/host/copy.h"
#include "core/host/host.h"
#include "core/store/store_impl.h"

#define SOURCE_ID	96		/* bytes, with the NUL */
#define COPYING		"copying the image"
#define SMALL_MAX	(1024 * 1024)	/* of what store_add copies */
#define HOLES_MAX	(4ULL << 30)	/* bytes that a checksum covers */

/* The checksum of a copy that is under way. */
struct sum {
	struct hash	*hash;		/* NULL: none is wanted any more */
	uint64_t	 holes;		/* bytes, so far */
	uint64_t	 size;		/* of the file */
	struct progress	*progress;
};

/* An image that is mostly hole takes no time to copy, and must not take
 * minutes for its checksum. */
static void
give_sum_up(struct sum *s, uint64_t hole)
{
	s->holes += hole;
	if (s->hash == NULL || s->holes <= HOLES_MAX)
		return;
	hash_close(s->hash);
	s->hash = NULL;
}

/* Holes are hashed as what they read as. */
static int
add_hole(struct sum *s, uint64_t off, uint64_t len, struct dd_err *e)
{
	static const uint8_t zeros[65536];
	uint64_t end = off + len, n;

	for (; off < end; off += n) {
		n = min64(sizeof(zeros), end - off);
		hash_add(s->hash, zeros, (size_t)n);
		if (progress_tick(s->progress, COPYING, off, s->size, e) ==
		    -1)
			return -1;
	}
	return 0;
}

static int
add(void *arg, const void *p, uint64_t off, uint64_t len, struct dd_err *e)
{
	struct sum *s = arg;

	if (p == NULL)
		give_sum_up(s, len);
	if (s->hash == NULL)
		return 0;
	if (p == NULL)
		return add_hole(s, off, len, e);
	hash_add(s->hash, p, (size_t)len);
	return 0;
}

static int
copy_sum(int from, int to, const char *source, const char *target,
    uint64_t size, char *hex, struct progress *progress, struct dd_err *e)
{
	struct sum s = { .size = size, .progress = progress };
	const struct host_copy c = { .from = from, .to = to,
	    .source = source, .target = target, .size = size,
	    .what = COPYING, .progress = progress,
	    .seen = hex != NULL ? add : NULL, .arg = &s };
	uint8_t sum[HASH_LEN];
	int rc = -1;

	if (hex != NULL && hash_open(HASH_SHA256, &s.hash, e) == -1)
		return -1;
	rc = host_copy(&c, e);
	if (rc == 0 && s.hash != NULL) {
		hash_result(s.hash, sum);
		(void)hash_hex(hex, sum);
	}
	hash_close(s.hash);
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

	if (in->blank && ftruncate(to, st->st_size) == -1)
		return dd_fail_sys(e, errno, "%s", in->path);
	in->cloned = !in->blank && host_clone(to, from);
	if (!in->blank && !in->cloned && copy_sum(from, to, in->source, in->path, size,
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
store_add_text(struct store *s, uint32_t n, const char *suffix,
    const void *text, size_t len, struct dd_err *e)
{
	char *path = store_beside(s, n, suffix);
	int rc;

	if (path == NULL)
		return dd_fail_nomem(e);
	rc = fs_replace_file(path, text, len, 0600, e);
	free(path);
	return rc;
}

int
store_copy_small(const char *path, const char *source, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	struct stat st;
	int rc = -1;

	if (fs_read_regular(source, SMALL_MAX, &b, &st, e) == 0)
		rc = fs_replace_file(path, b.p, b.len, 0600, e);
	/* how old it is stays known; where not, it only looks younger */
	if (rc == 0)
		(void)utimensat(AT_FDCWD, path, (const struct timespec []){
		    st.st_mtim, st.st_mtim }, 0);
	if (b.p != NULL)
		secret_wipe(b.p, b.len);	/* it may hold a key */
	buf_dispose(&b);
	return rc;
}

int
store_add(struct store *s, uint32_t n, const char *suffix,
    const char *source, struct dd_err *e)
{
	char *path = store_beside(s, n, suffix);
	int rc = path == NULL ? dd_fail_nomem(e) : store_copy_small(path,
	    source, e);

	free(path);
	return rc;
}

int
store_drop(struct store *s, uint32_t n, const char *suffix,
    struct dd_err *e)
{
	char name[GEN_NAME];

	(void)snprintf(name, sizeof(name), "%u.%s", n, suffix);
	return store_unlink(s, name, e);
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
