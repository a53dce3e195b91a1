/*
 * What a crash left of an image's generations is brought to its end; see
 * store.h.  Whoever has the lock may: a job that is alive holds it.
 */
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

/* -- a kernel goes where its root went ------------------------------------ */

/* Does a link in the root's folder say that this one is in place? */
static bool
says(const struct store *root, const char *name, const struct gen_name *want,
    uint64_t ino)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct gen_name is;
	uint64_t it;

	return store_read_place(root, name, &is, &it, &ignored) == 1 &&
	    is.n == want->n && is.time == want->time && it == ino;
}

/* Is that root, by its place and inode, in place? */
static bool
root_came(char *word)
{
	struct dd_err ignored = DD_ERR_INIT;
	char *path = strchr(word, '/');
	struct store *root = NULL;
	struct gen_name name;
	uint64_t ino, is = 0;
	char *image;
	bool yes;

	if (path == NULL || (image = strdup(path)) == NULL)
		return false;
	*path = '\0';
	yes = gen_place_parse(word, &name, &ino) &&
	    store_inode(AT_FDCWD, image, image, &is, &ignored) == 0 &&
	    is == ino && store_open(image, &root, &ignored) == 0 &&
	    (says(root, IN_PLACE_NEW, &name, ino) ||
	    says(root, IN_PLACE, &name, ino));
	store_close(root);
	free(image);
	return yes;
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

/* The root was flipped, its kernel not yet: *is becomes what is at the path
 * then. */
static int
follow(struct store *s, const struct gen_name *next, uint64_t want,
    uint64_t *is, struct dd_err *e)
{
	char word[4096 + GEN_PLACE], *from;
	uint64_t ino;
	ssize_t n;
	int rc;

	n = readlinkat(s->fd, FOLLOWS, word, sizeof(word) - 1);
	if (n == -1)
		return errno == ENOENT ? 0 : dd_fail_sys(e, errno, "%s/%s",
		    s->dir, FOLLOWS);
	word[n] = '\0';
	if (!root_came(word))
		return 0;
	if ((from = waiting(s, next->n, want)) == NULL)
		return dd_fail_nomem(e);
	rc = store_inode(AT_FDCWD, from, from, &ino, e);
	if (rc == 0 && ino == want) {
		if (rename(from, s->image) == -1)
			rc = dd_fail_sys(e, errno, "%s", s->image);
		else
			*is = want;
	}
	free(from);
	return rc;
}

/* -- what nothing needs any more ------------------------------------------ */

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

/* Is there generation n, or is it said to be in place?  One that was put in
 * the place of that by hand has not taken its belongings. */
static bool
is_there(const struct store *s, uint32_t n)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct gen_name name;
	uint64_t ino;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].name.n == n && !(s->v[i].in_place && s->foreign))
			return true;
	return store_read_place(s, IN_PLACE, &name, &ino, &ignored) == 1 &&
	    name.n == n;
}

/* "3.sha256" without a generation 3; "3.sha256.XXXXXX" and "3.going" in any
 * case. */
static bool
is_stray(const struct store *s, const char *name)
{
	char *end;
	unsigned long n = strtoul(name, &end, 10);
	size_t i, len;

	if (end == name || name[0] < '1' || name[0] > '9' || *end++ != '.' ||
	    n > GEN_MAX)
		return false;
	if (strcmp(end, "going") == 0)
		return true;
	for (i = 0; i < STORE_SUFFIXES; i++) {
		len = strlen(store_suffixes[i]);
		if (strncmp(end, store_suffixes[i], len) != 0)
			continue;
		if (end[len] == '\0')
			return !is_there(s, (uint32_t)n) &&
			    !store_leads_to_place(s, name);
		if (strncmp(end + len, ".old", 4) == 0)
			return !is_there(s, (uint32_t)n);
		/* of mkstemp(3) */
		return end[len] == '.' && strlen(end + len) == 7;
	}
	return false;
}

/* The journal of a change of what came in: it stands in the folder, with the
 * inode of its file. */
static bool
is_journal(const struct store *s, const char *name)
{
	static const char head[] = ".drydock-", tail[] = ".redo";
	unsigned long long ino;
	char *end;
	size_t i;

	if (strncmp(name, head, sizeof(head) - 1) != 0)
		return false;
	ino = strtoull(name + sizeof(head) - 1, &end, 10);
	if (strcmp(end, tail) != 0)
		return false;
	for (i = 0; i < s->n; i++)
		if (s->v[i].ino == ino && !s->v[i].in_place)
			return false;
	return true;
}

static bool
is_passing(const char *name)
{
	static const char *const names[] = { INCOMING, IN_PLACE ".tmp",
	    IN_PLACE_NEW ".tmp", IN_PLACE_KERNEL, IN_PLACE_PARAMS, IN_PLACE_PLAIN, FOLLOWS, TELLS_NEW };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

int
store_sweep(struct store *s, struct dd_err *e)
{
	int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int rc = 0;

	if (d == NULL) {
		(void)dd_fail_sys(e, errno, "%s", s->dir);
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	while (rc == 0 && (entry = readdir(d)) != NULL)
		if (is_passing(entry->d_name) || is_stray(s, entry->d_name) ||
		    is_journal(s, entry->d_name) ||
		    image_copy_is(entry->d_name))
			rc = store_unlink(s, entry->d_name, e);
	(void)closedir(d);
	return rc;
}

/* -- and all of it -------------------------------------------------------- */

/* The path has the one that in-place.new names. */
static int
settle(struct store *s, struct dd_err *e)
{
	struct gen_name was;
	uint64_t ino;
	int r;

	if ((r = store_read_place(s, IN_PLACE, &was, &ino, e)) == -1 ||
	    fs_sync_parent(s->image, e) == -1)
		return -1;
	if (store_settle_said(s, r == 1 ? was.n : 0, e) == -1)
		return -1;
	if (renameat(s->fd, IN_PLACE_NEW, s->fd, IN_PLACE) == -1)
		return dd_fail_sys(e, errno, "%s/%s", s->dir, IN_PLACE_NEW);
	return 0;
}

int
store_recover(struct store *s, struct dd_err *e)
{
	struct gen_name next = { .n = 0 };
	uint64_t want = 0, is;
	bool run;
	int r;

	if ((r = store_read_place(s, IN_PLACE_NEW, &next, &want, e)) == -1 ||
	    store_inode(AT_FDCWD, s->image, s->image, &is, e) == -1)
		return -1;
	if (r == 1 && is != want && follow(s, &next, want, &is, e) == -1)
		return -1;
	if (r == 1 && is == want && settle(s, e) == -1)
		return -1;
	if (drop_second_names(s, e) == -1)
		return -1;
	if (r == 1 && is != want && store_unlink(s, IN_PLACE_NEW, e) == -1)
		return -1;
	if (store_read(s, e) == -1 || store_sweep(s, e) == -1)
		return -1;
	if (r == 1 && store_sync(s, e) == -1)
		return -1;
	if (store_read(s, e) == -1 || store_told(s, NULL, e) == -1)
		return -1;
	return store_run_settle(s, &run, e);
}
