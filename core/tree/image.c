/*
 * An image, opened: file, overlay, window, file system, tree.  Each layer
 * owns the one below from the moment it stands on it, so closing the topmost
 * that there is closes all.
 */
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>

#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/part.h"
#include "core/disk/window.h"
#include "core/tree/image.h"

struct image {
	char			*path;
	struct image_opts	 opts;
	struct blk		*top;
	struct ffs		*ffs;	/* owns top */
	struct tree		*tree;	/* owns ffs */
	struct image		*before;
};

/* The stack up to the partition.  *top is set as far as it got. */
static int
stack(const char *path, const struct image_opts *o, struct blk **top,
    struct dd_err *e)
{
	bool write = o->write && !o->dry_run;
	struct part_table *table = NULL;
	struct part part;
	struct blk *b;
	int rc = -1;

	if (file_open(path, write ? FILE_WRITE : 0, o->sector_size, top,
	    e) == -1)
		return -1;
	if (overlay_open(*top, o->write && o->dry_run ? OVERLAY_DRYRUN : 0,
	    &b, e) == -1)
		goto out;
	*top = b;
	if ((table = malloc(sizeof(*table))) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (part_read(b, table, e) == -1 ||
	    part_find(table, o->part, b->size, &part, e) == -1)
		goto out;
	if (part.off != 0 || part.len != b->size) {
		if (window_open(*top, part.off, part.len, &b, e) == -1)
			goto out;
		*top = b;
	}
	rc = 0;
out:
	if (rc == -1)
		(void)dd_context(e, "%s", path);
	free(table);
	return rc;
}

int
image_open(const char *path, const struct image_opts *opts,
    struct image **out, struct dd_err *e)
{
	struct image *im = calloc(1, sizeof(*im));

	if (im == NULL || (im->path = strdup(path)) == NULL) {
		free(im);
		return dd_fail_nomem(e);
	}
	im->opts = *opts;
	if (stack(path, opts, &im->top, e) == -1) {
		image_close(im);
		return -1;
	}
	*out = im;
	return 0;
}

struct blk *
image_blk(struct image *im)
{
	return im->top;
}

int
image_ffs(struct image *im, struct ffs **out, struct dd_err *e)
{
	int flags = im->opts.ffs_flags | (im->opts.write ? FFS_WRITE : 0);

	if (im->ffs == NULL &&
	    ffs_open(im->top, flags, &im->ffs, e) == -1) {
		im->ffs = NULL;
		return dd_context(e, "%s", im->path);
	}
	*out = im->ffs;
	return 0;
}

int
image_tree(struct image *im, struct tree **out, struct dd_err *e)
{
	struct ffs *fs;

	if (im->tree == NULL) {
		if (image_ffs(im, &fs, e) == -1)
			return -1;
		if (tree_ffs_open(fs, im->opts.write, &im->tree, e) == -1)
			return -1;
	}
	*out = im->tree;
	return 0;
}

int
image_tree_before(struct image *im, struct tree **out, struct dd_err *e)
{
	struct image_opts o = im->opts;

	o.write = false;
	o.dry_run = false;
	if (im->before == NULL &&
	    image_open(im->path, &o, &im->before, e) == -1) {
		im->before = NULL;
		return -1;
	}
	return image_tree(im->before, out, e);
}

int
image_commit(struct image *im, struct dd_err *e)
{
	int r = 0;

	if (!im->opts.write || im->opts.dry_run)
		return 0;
	if (im->tree != NULL)
		r = tree_commit(im->tree, e);
	else if (im->ffs != NULL)
		r = ffs_commit(im->ffs, e);
	return r == -1 ? dd_context(e, "%s", im->path) : 0;
}

void
image_close(struct image *im)
{
	if (im == NULL)
		return;
	image_close(im->before);
	if (im->tree != NULL)
		tree_close(im->tree);
	else if (im->ffs != NULL)
		ffs_close(im->ffs);
	else
		blk_close(im->top);
	free(im->path);
	free(im);
}

int
image_split(const char *arg, char **img, char **path, struct dd_err *e)
{
	const char *at, *colon = NULL;
	struct stat st;
	size_t len = strlen(arg);

	if (stat(arg, &st) == -1)
		for (at = arg; (at = strstr(at, ":/")) != NULL; at++)
			colon = at;
	if (colon != NULL)
		len = (size_t)(colon - arg);
	*img = strndup(arg, len);
	*path = strdup(colon != NULL ? colon + 1 : "");
	if (*img == NULL || *path == NULL) {
		free(*img);
		free(*path);
		return dd_fail_nomem(e);
	}
	return 0;
}
