/*
 * Making an image: format and fill go straight to a file of our own, without
 * overlay, since nobody else can see it until it is done.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/base/units.h"
#include "core/cgd/keygen.h"
#include "core/disk/file.h"
#include "core/disk/part.h"
#include "core/disk/window.h"
#include "core/tree/create.h"
#include "core/tree/eager.h"

#define MIB		(1024 * 1024ULL)
#define LABEL_ROOM	(64 * 512)	/* in front of partition a */
#define UNIT_GUESS	2048		/* fragments below 128 GiB: at most */
#define TRIES		4

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
measure_sources(const struct image_create *c, uint32_t unit,
    struct measure *m, struct dd_err *e)
{
	struct tree *src;
	size_t i;
	int r;

	for (i = 0; i < c->nfrom; i++) {
		if (!is_dir(c->from[i])) {
			if (archive_measure(c->from[i], unit, m,
			    c->copy->progress, e) == -1)
				return -1;
			continue;
		}
		if (tree_mounted_open(c->from[i], false, &src, e) == -1)
			return -1;
		r = tree_measure(src, "/", unit, m, c->copy->progress, e);
		tree_close(src);
		if (r == -1)
			return dd_context(e, "%s", c->from[i]);
	}
	return 0;
}

/*
 * A size that holds the sources with a tenth to spare: data, indirect blocks,
 * cylinder groups, inodes at newfs' density or as many as are needed.
 */
static int
choose_size(struct image_create *c, struct dd_err *e)
{
	uint32_t inode = c->format.version == 1 ? 128 : 256;
	uint32_t unit = c->format.fsize != 0 ? c->format.fsize : UNIT_GUESS;
	struct measure m = { .bytes = 0 };
	uint64_t size, inodes, density;

	if (c->nfrom == 0) {
		(void)dd_fail(e, ERR_USAGE, "how large?");
		return dd_hint(e, "-s SIZE, as in -s 512m, or --from what "
		    "shall be in it");
	}
	if (measure_sources(c, unit, &m, e) == -1)
		return -1;
	if (m.bytes > INT64_MAX / 4 || m.inodes > UINT32_MAX)
		return dd_fail(e, ERR_NOSPC, "the sources are impossibly "
		    "large");
	inodes = m.inodes + m.inodes / 10 + 64;
	size = m.bytes + m.bytes / 8 + 2 * MIB;
	density = c->format.bytes_per_inode != 0 ? c->format.bytes_per_inode :
	    4ULL * unit;
	if (size / density < inodes) {
		if (c->format.bytes_per_inode == 0)
			c->format.bytes_per_inode = (uint32_t)(size / inodes);
		else
			size = inodes * density;
		size += inodes * inode;
	} else
		size += size / density * inode;
	c->size = round_up(size, MIB);
	if (c->size < c->min_size)
		c->size = c->min_size;
	return 0;
}

/* The file as the disk that is made, which may be a cgd. */
static int
open_disk(const char *path, const struct image_create *c, bool write,
    struct blk **out, struct dd_err *e)
{
	struct blk *b;

	if (file_open(path, (write ? FILE_WRITE : 0) | FILE_NOLOCK,
	    c->sector_size, &b, e) == -1)
		return -1;
	eager_file(b);
	if (c->params == NULL)
		*out = b;
	else if (cgd_open(b, c->params, c->key, true, out, e) == -1) {
		blk_close(b);
		return -1;
	}
	return 0;
}

/* The layer that the file system goes to: the whole, or partition a. */
static int
open_stack(const char *path, const struct image_create *c, struct blk **out,
    struct dd_err *e)
{
	struct part a = { .letter = 'a', .kind = PART_FFS, .off = LABEL_ROOM };
	struct blk *b, *window;

	if (open_disk(path, c, true, &b, e) == -1)
		return -1;
	*out = b;
	if (c->label == NULL)
		return 0;
	if (c->size <= LABEL_ROOM) {
		(void)dd_fail(e, ERR_NOSPC, "no room behind a disklabel");
		goto fail;
	}
	a.len = b->size - LABEL_ROOM;
	if (part_write_disklabel(b, c->label, &a, 1, e) == -1 ||
	    window_open(b, a.off, a.len, &window, e) == -1)
		goto fail;
	*out = window;
	return 0;
fail:
	blk_close(b);
	return -1;
}

static int
open_tree(const char *path, struct image_create *c, struct tree **out,
    struct dd_err *e)
{
	struct blk *b;
	struct ffs *fs;

	if (open_stack(path, c, &b, e) == -1)
		return -1;
	if (ffs_format(b, &c->format, e) == -1 ||
	    ffs_open(b, FFS_WRITE, &fs, e) == -1) {
		blk_close(b);
		return -1;
	}
	ffs_info(fs, &c->info);
	if (tree_ffs_open(fs, true, out, e) == -1) {
		ffs_close(fs);
		return -1;
	}
	return 0;
}

static int
fill(struct tree *t, struct image_create *c, struct dd_err *e)
{
	struct tree *src;
	size_t i;
	int r;

	c->copy->recursive = true;
	for (i = 0; i < c->nfrom; i++) {
		if (!is_dir(c->from[i])) {
			if (tree_extract(t, "/", c->from[i], c->copy,
			    e) == -1)
				return -1;
			continue;
		}
		if (tree_mounted_open(c->from[i], false, &src, e) == -1)
			return -1;
		r = tree_copy(src, "/", t, "/", c->copy, e);
		tree_close(src);
		if (r == -1)
			return dd_context(e, "%s", c->from[i]);
	}
	return 0;
}

/* Will the parameters' own verify method take the image for what it is? */
static int
check_verify(const char *path, const struct image_create *c,
    struct dd_err *e)
{
	enum cgd_verify method = c->params->verify;
	struct blk *b;
	bool fits;
	int r;

	if (open_disk(path, c, false, &b, e) == -1)
		return -1;
	r = cgd_verify_layer(b, method, &fits, e);
	blk_close(b);
	if (r == -1 || fits)
		return r;
	(void)dd_fail(e, ERR_USAGE, "verify_method %s would refuse the image",
	    cgd_verify_name(method));
	return dd_hint(e, method == CGD_VERIFY_DISKLABEL ?
	    "give it a disklabel with --label" :
	    "the method for a file system is ffs");
}

/* Format and fill the file, which is empty. */
static int
make(int fd, const char *temp, struct image_create *c, struct dd_err *e)
{
	struct tree *t = NULL;
	int rc;

	c->copy->files = c->copy->bytes = 0;
	if (ftruncate(fd, 0) == -1 || ftruncate(fd, (off_t)c->size) == -1)
		return dd_fail_sys(e, errno, "%s", temp);
	if (open_tree(temp, c, &t, e) == -1)
		return -1;
	rc = c->params != NULL ? check_verify(temp, c, e) : 0;
	if (rc == 0)
		rc = fill(t, c, e);
	if (rc == 0 && c->filled != NULL)
		rc = c->filled(c->arg, t, e);
	if (rc == 0 && !c->dry_run)
		rc = tree_commit(t, e);
	tree_close(t);
	return rc;
}

/* A size of our own that turns out too small gets larger. */
static int
make_large_enough(int fd, const char *temp, struct image_create *c,
    struct dd_err *e)
{
	bool chosen = c->size == 0;
	uint32_t density = c->format.bytes_per_inode;
	int try;

	if (chosen && choose_size(c, e) == -1)
		return -1;
	c->copy->fits = chosen;
	for (try = 1; make(fd, temp, c, e) == -1; try++) {
		if (e->code != ERR_NOSPC || e->sys != 0)
			return -1;
		if (!chosen || try == TRIES)
			return dd_hint(e, "give more with -s, or leave it "
			    "out: then the size follows from the sources");
		dd_err_clear(e);
		c->format.bytes_per_inode = density;
		c->size = round_up(c->size + c->size / 4, MIB);
	}
	return 0;
}

/* Owner and mode as those of the image that gives way. */
static int
take_after(int fd, const struct blk *old)
{
	struct stat st;

	if (fstat(file_fd(old), &st) == -1)
		return -1;
	/* only root can give it away */
	if (fchown(fd, st.st_uid, st.st_gid) == -1 && errno != EPERM)
		return -1;
	return fchmod(fd, st.st_mode & 0777);
}

/* Give the finished file its name: an old image gives way, anything else that
 * took the name meanwhile does not. */
static int
publish(int fd, const char *temp, const char *path, const struct blk *old,
    struct dd_err *e)
{
	if (old == NULL)
		return fs_publish(fd, temp, path, fs_new_mode(), e);
	if (take_after(fd, old) == -1 || fsync(fd) == -1)
		return dd_fail_sys(e, errno, "%s", temp);
	if (rename(temp, path) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	return fs_sync_parent(path, e);
}

/* An empty file that will be the image. */
static int
open_temp(const char *path, bool dry_run, char temp[PATH_MAX],
    struct dd_err *e)
{
	const char *dir = getenv("TMPDIR");
	int n, fd;

	if (dir == NULL || dir[0] == '\0')
		dir = "/var/tmp";
	n = dry_run ? snprintf(temp, PATH_MAX, "%s/drydock.XXXXXX", dir) :
	    snprintf(temp, PATH_MAX, "%s.XXXXXX", path);
	if (n < 0 || n >= PATH_MAX)
		return dd_fail_sys(e, ENAMETOOLONG, "%s", path);
	if ((fd = mkstemp(temp)) == -1)
		return dd_fail_sys(e, errno, "%s", dry_run ? temp : path);
	return fd;
}

/* rc: whether it was made. */
static int
close_temp(int fd, const char *temp, const char *path, const struct blk *old,
    bool dry_run, int rc, struct dd_err *e)
{
	if (rc == 0 && !dry_run)
		rc = publish(fd, temp, path, old, e);
	if (rc == -1 || dry_run)
		(void)unlink(temp);
	(void)close(fd);
	return rc;
}

/* What stands at path: nothing, or what is to give way, locked, so that nobody
 * works on it meanwhile. */
static int
open_old(const char *path, bool replace, struct blk **old, struct dd_err *e)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return 0;
	if (!replace) {
		(void)dd_fail(e, ERR_EXIST, "%s: there is something already",
		    path);
		return dd_hint(e, "take another name, or remove it first");
	}
	if (!S_ISREG(st.st_mode)) {
		(void)dd_fail(e, ERR_TYPE, "%s: only a regular file can be "
		    "replaced", path);
		return dd_hint(e, "name the image itself");
	}
	return file_open(path, FILE_WRITE, 0, old, e);
}

int
image_create(const char *path, struct image_create *c, struct dd_err *e)
{
	struct blk *old = NULL;
	char temp[PATH_MAX];
	int fd, rc = -1;

	if (open_old(path, c->replace, &old, e) == 0 &&
	    (fd = open_temp(path, c->dry_run, temp, e)) != -1) {
		rc = make_large_enough(fd, temp, c, e);
		rc = close_temp(fd, temp, path, old, c->dry_run, rc, e);
	}
	blk_close(old);
	return rc;
}

static int
make_swap(int fd, const char *temp, uint64_t size, uint32_t sector_size,
    struct dd_err *e)
{
	struct part b = { .letter = 'b', .kind = PART_SWAP,
	    .off = LABEL_ROOM };
	struct blk *blk;
	int rc;

	if (size <= LABEL_ROOM)
		return dd_fail(e, ERR_NOSPC, "no room behind a disklabel");
	if (ftruncate(fd, (off_t)size) == -1)
		return dd_fail_sys(e, errno, "%s", temp);
	if (file_open(temp, FILE_WRITE | FILE_NOLOCK, sector_size, &blk,
	    e) == -1)
		return -1;
	b.len = blk->size - b.off;
	rc = part_write_disklabel(blk, "swap", &b, 1, e);
	blk_close(blk);
	return rc;
}

int
image_create_swap(const char *path, uint64_t size, uint32_t sector_size,
    bool dry_run, struct dd_err *e)
{
	char temp[PATH_MAX];
	int fd, rc;

	if (open_old(path, false, NULL, e) == -1 ||
	    (fd = open_temp(path, dry_run, temp, e)) == -1)
		return -1;
	rc = make_swap(fd, temp, size, sector_size, e);
	return close_temp(fd, temp, path, NULL, dry_run, rc, e);
}
