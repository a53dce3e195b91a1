/* What the folder of an image holds; see store.h. */
#include <sys/file.h>
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/store/store_impl.h"
#include "core/tree/image_mount.h"

#define ENTRIES_MAX	100000	/* of a folder: more is not ours */

static void
forget(struct store *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i].kernel);
	free(s->v);
	s->v = NULL;
	s->n = 0;
	s->place = NULL;
}

/* A new entry at the end of v; NULL: out of memory. */
static struct generation *
add(struct store *s, const struct stat *st, struct dd_err *e)
{
	struct generation *v;

	/* full at each power of two */
	if ((s->n & (s->n - 1)) == 0) {
		v = realloc(s->v, (s->n == 0 ? 1 : 2 * s->n) * sizeof(*v));
		if (v == NULL) {
			(void)dd_fail_nomem(e);
			return NULL;
		}
		s->v = v;
	}
	v = &s->v[s->n++];
	*v = (struct generation){ .ino = (uint64_t)st->st_ino,
	    .size = (uint64_t)st->st_size,
	    .allocated = (uint64_t)st->st_blocks * 512,
	    .mtime = (int64_t)st->st_mtime };
	return v;
}

int
store_read_place(const struct store *s, const char *name, struct gen_name *g,
    uint64_t *ino, struct dd_err *e)
{
	char text[GEN_PLACE + 1];
	ssize_t n;

	if (s->fd == -1)
		return 0;
	n = readlinkat(s->fd, name, text, sizeof(text) - 1);
	if (n == -1 && (errno == ENOENT || errno == EINVAL))
		return 0;
	if (n == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, name);
	text[n] = '\0';
	return gen_place_parse(text, g, ino) ? 1 : 0;
}

static int
compare(const void *x, const void *y)
{
	const struct generation *a = x, *b = y;

	return (a->name.n > b->name.n) - (a->name.n < b->name.n);
}

/* "3.going", or a copy that is worked on. */
static bool
is_leftover(const char *name)
{
	const char *dot = strchr(name, '.');

	return (dot != NULL && strcmp(dot, ".going") == 0) ||
	    image_copy_is(name);
}

/* Every generation that is out. */
static int
read_names(struct store *s, DIR *d, struct dd_err *e)
{
	struct generation *v;
	struct gen_name name;
	struct dirent *entry;
	struct stat st;
	size_t n = 0;

	while ((entry = readdir(d)) != NULL && n++ < ENTRIES_MAX) {
		s->leftover |= is_leftover(entry->d_name);
		if (!gen_name_parse(entry->d_name, &name) ||
		    fstatat(s->fd, entry->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(st.st_mode))
			continue;
		if ((v = add(s, &st, e)) == NULL)
			return -1;
		v->name = name;
	}
	return 0;
}

static bool
has_beside(const struct store *s, uint32_t n, const char *suffix)
{
	char name[GEN_NAME];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%u.%s", n, suffix);
	return fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int64_t
key_since(const struct store *s, uint32_t n)
{
	char name[GEN_NAME], text[24], *end;
	long long t;
	ssize_t len;

	(void)snprintf(name, sizeof(name), "%u.key", n);
	len = readlinkat(s->fd, name, text, sizeof(text) - 1);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	t = strtoll(text, &end, 10);
	return *end == '\0' && t > 0 ? (int64_t)t : 0;
}

static int
look_beside(const struct store *s, struct generation *g, struct dd_err *e)
{
	char name[GEN_NAME], target[4096];
	ssize_t n;

	g->orig = has_beside(s, g->name.n, "orig");
	g->params = has_beside(s, g->name.n, "params");
	g->plain = has_beside(s, g->name.n, "plain");
	g->key_since = key_since(s, g->name.n);
	(void)snprintf(name, sizeof(name), "%u.kernel", g->name.n);
	if ((n = readlinkat(s->fd, name, target, sizeof(target) - 1)) <= 0)
		return 0;
	target[n] = '\0';
	return (g->kernel = strdup(target)) == NULL ? dd_fail_nomem(e) : 0;
}

static int
read_folder(struct store *s, struct dd_err *e)
{
	int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	int rc;

	if (d == NULL) {
		(void)dd_fail_sys(e, errno, "%s", s->dir);
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	rc = read_names(s, d, e);
	(void)closedir(d);
	return rc;
}

/* The image itself: who it is follows from the link in-place. */
static int
read_image(struct store *s, struct dd_err *e)
{
	struct generation *g;
	struct gen_name name;
	struct stat st;
	uint64_t ino;
	uint32_t next;
	int r;

	s->foreign = false;
	if ((r = store_read_place(s, IN_PLACE, &name, &ino, e)) == -1)
		return -1;
	s->missing = lstat(s->image, &st) == -1;
	if (s->missing && errno != ENOENT)
		return dd_fail_sys(e, errno, "%s", s->image);
	if (s->missing)
		return 0;
	s->dev = st.st_dev;
	next = store_next(s);
	if ((g = add(s, &st, e)) == NULL)
		return -1;
	g->in_place = true;
	s->foreign = s->fd != -1 && (r == 0 || ino != g->ino);
	g->name = s->foreign || r == 0 ? (struct gen_name){ .n = next,
	    .time = g->mtime < 0 ? 0 : g->mtime } : name;
	return 0;
}

uint32_t
store_next(const struct store *s)
{
	static const char *const links[] = { IN_PLACE, LAST };
	struct dd_err ignored = DD_ERR_INIT;
	struct gen_name name;
	uint32_t most = 0;
	uint64_t ino;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].name.n > most)
			most = s->v[i].name.n;
	/* of those that were there and are not any more, too: a number means
	 * one generation for ever */
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (store_read_place(s, links[i], &name, &ino, &ignored) ==
		    1 && name.n > most)
			most = name.n;
	return most + 1;
}

int
store_read(struct store *s, struct dd_err *e)
{
	struct gen_name name;
	struct stat st;
	uint64_t ino;
	size_t i;
	int r;

	forget(s);
	s->interrupted = s->leftover = false;
	if (s->fd != -1) {
		if (read_folder(s, e) == -1 || (r = store_read_place(s,
		    IN_PLACE_NEW, &name, &ino, e)) == -1)
			return -1;
		s->interrupted = r == 1 || fstatat(s->fd, INCOMING, &st,
		    AT_SYMLINK_NOFOLLOW) == 0;
	}
	if (read_image(s, e) == -1)
		return -1;
	if (s->n > 0)
		qsort(s->v, s->n, sizeof(*s->v), compare);
	for (i = 0; i < s->n; i++) {
		if (s->fd != -1 && look_beside(s, &s->v[i], e) == -1)
			return -1;
		if (s->v[i].in_place)
			s->place = &s->v[i];
	}
	return 0;
}

int
store_reread(struct store *s, struct dd_err *e)
{
	return store_read(s, e);
}

/* The folder's path: hidden, beside the image. */
static char *
folder_of(const char *image)
{
	const char *slash = strrchr(image, '/');
	struct buf b = BUF_INIT;

	(void)buf_add(&b, image, (size_t)(slash - image) + 1);
	(void)buf_printf(&b, ".%s.d", slash + 1);
	if (b.failed)
		buf_dispose(&b);
	return b.p;
}

static int
check_image(const char *path, struct dd_err *e)
{
	struct stat st;
	char *to;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : dd_fail_sys(e, errno, "%s", path);
	if (S_ISREG(st.st_mode))
		return 0;
	if (!S_ISLNK(st.st_mode)) {
		(void)dd_fail(e, ERR_TYPE, "%s: only regular files have "
		    "generations", path);
		return dd_hint(e, "a device is swapped by naming another one "
		    "in the domU's configuration");
	}
	(void)dd_fail(e, ERR_TYPE, "%s: is a symlink", path);
	to = realpath(path, NULL);
	(void)dd_hint(e, "name %s in the domU's configuration: drydock "
	    "changes what stands at that path itself", to != NULL ? to :
	    "the image itself");
	free(to);
	return -1;
}

static int
open_folder(struct store *s, struct dd_err *e)
{
	s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd == -1 && errno != ENOENT)
		return dd_fail_sys(e, errno, "%s", s->dir);
	return 0;
}

int
store_open(const char *image, struct store **out, struct dd_err *e)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return dd_fail_nomem(e);
	s->fd = -1;
	if ((s->image = fs_absolute(image, e)) == NULL ||
	    check_image(s->image, e) == -1)
		goto fail;
	if ((s->dir = folder_of(s->image)) == NULL) {
		(void)dd_fail_nomem(e);
		goto fail;
	}
	if (open_folder(s, e) == -1)
		goto fail;
	if (store_read(s, e) == -1)
		goto fail;
	/* only asked where it matters: it is in the way of who wants it */
	if (s->interrupted || s->leftover) {
		s->busy = flock(s->fd, LOCK_SH | LOCK_NB) == -1;
		(void)flock(s->fd, LOCK_UN);
	}
	*out = s;
	return 0;
fail:
	store_close(s);
	return -1;
}

bool
store_managed(const char *image)
{
	struct dd_err ignored = DD_ERR_INIT;
	char *path = fs_absolute(image, &ignored);
	char *dir = path == NULL ? NULL : folder_of(path);
	struct stat st;
	bool yes = dir != NULL && lstat(dir, &st) == 0 && S_ISDIR(st.st_mode);

	free(path);
	free(dir);
	return yes;
}

/* Does the folder hold nothing but the word that the first generation is in
 * place, which goes without saying? */
static bool
says_nothing(const struct store *s)
{
	int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct gen_name name;
	struct dirent *entry;
	bool nothing = true;
	struct dd_err ignored = DD_ERR_INIT;
	uint64_t ino;

	if (d == NULL) {
		if (fd != -1)
			(void)close(fd);
		return false;
	}
	while (nothing && (entry = readdir(d)) != NULL)
		nothing = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, IN_PLACE) == 0;
	(void)closedir(d);
	return nothing && (store_read_place(s, IN_PLACE, &name, &ino,
	    &ignored) == 0 || (name.n == 1 && name.mark == GEN_UNMARKED &&
	    !name.pinned));
}

void
store_close(struct store *s)
{
	struct dd_err ignored = DD_ERR_INIT;

	if (s == NULL)
		return;
	if (s->fd != -1) {
		if (s->locked && says_nothing(s) &&
		    store_unlink(s, IN_PLACE, &ignored) == 0)
			(void)rmdir(s->dir);
		(void)close(s->fd);
	}
	forget(s);
	free(s->image);
	free(s->dir);
	free(s);
}

const struct generation *
store_find(const struct store *s, uint32_t n)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].name.n == n)
			return &s->v[i];
	return NULL;
}

const struct generation *
store_want(const struct store *s, uint32_t n, struct dd_err *e)
{
	const struct generation *g = store_find(s, n);
	struct buf b = BUF_INIT;
	size_t i;

	if (g != NULL)
		return g;
	(void)dd_fail(e, ERR_NOENT, "%s: there is no generation %u", s->image,
	    n);
	for (i = 0; i < s->n; i++)
		(void)buf_printf(&b, "%s%u", i == 0 ? "" : ", ",
		    s->v[i].name.n);
	if (!b.failed && b.p != NULL)
		(void)dd_hint(e, "there are: %s", b.p);
	buf_dispose(&b);
	return NULL;
}

const struct generation *
store_before(const struct store *s, struct dd_err *e)
{
	uint32_t at = s->place != NULL ? s->place->name.n : store_next(s);
	bool bad = false;
	size_t i;

	for (i = s->n; i-- > 0;) {
		if (s->v[i].name.n >= at)
			continue;
		if (s->v[i].name.mark != GEN_BAD)
			return &s->v[i];
		bad = true;
	}
	(void)dd_fail(e, ERR_NOENT, "%s: no generation before %u to roll back "
	    "to%s", s->image, at, bad ? " that is not marked bad" : "");
	(void)dd_hint(e, s->n > 1 || bad ? "drydock generations shows what there is; "
	    "--to N goes to any of them" : "there is only the one in place: "
	    "swap and snapshot make others");
	return NULL;
}

char *
store_path(const struct store *s, const struct generation *g)
{
	char name[GEN_NAME];

	return g->in_place ? strdup(s->image) :
	    fs_join(s->dir, gen_name_format(name, &g->name));
}

char *
store_beside(const struct store *s, uint32_t n, const char *suffix)
{
	char name[GEN_NAME];

	(void)snprintf(name, sizeof(name), "%u.%s", n, suffix);
	return fs_join(s->dir, name);
}
