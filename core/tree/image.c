/*
 * An image, opened: file, overlay, window, file system, tree.  Each layer
 * owns the one below from the moment it stands on it, so closing the topmost
 * that there is closes all.  With the kernel driver the tree stands beside:
 * see image_mount.h.
 */
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>


#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/part.h"
#include "core/disk/window.h"
#include "core/tree/eager.h"
#include "core/tree/image_impl.h"

/*
 * Put a window on the partition that the next letter of *parts names; no
 * letter is used up where there is no label.  *off: where it begins.
 */
static int
window(struct blk **top, const char **parts, bool encrypted, uint64_t *off,
    struct dd_err *e)
{
	struct part_table *table = malloc(sizeof(*table));
	char letter = *parts != NULL ? **parts : '\0';
	struct part part;
	struct blk *b;
	int rc = -1;

	if (table == NULL)
		return dd_fail_nomem(e);
	if (part_read(*top, table, e) == -1)
		goto out;
	/* Ciphertext may look like an MBR by chance. */
	if (table->scheme == PART_NONE ||
	    (encrypted && table->scheme == PART_MBR)) {
		if (letter == '\0' || encrypted) {
			rc = 0;
			goto out;
		}
	}
	if (part_find(table, letter, (*top)->size, &part, e) == -1)
		goto out;
	if (letter != '\0')
		(*parts)++;
	if ((part.off != 0 || part.len != (*top)->size) &&
	    window_open(*top, part.off, part.len, &b, e) == -1)
		goto out;
	if (part.off != 0 || part.len != (*top)->size)
		*top = b;
	*off = part.off;
	rc = 0;
out:
	free(table);
	return rc;
}

/* Decrypt, with the key of im or the one that is asked for. */
static int
decrypt(struct image *im, struct dd_err *e)
{
	struct blk *b;

	if (im->key.p == NULL && cgd_key_verified(im->top, &im->params,
	    im->opts.asker, im->opts.retry, &im->key, e) == -1)
		return -1;
	if (cgd_open(im->top, &im->params, &im->key, true, &b, e) == -1)
		return -1;
	im->top = b;
	return 0;
}

/* The stack below the file system. */
static int
stack(struct image *im, struct dd_err *e)
{
	const struct image_opts *o = &im->opts;
	bool write = o->write && !o->dry_run;
	bool encrypted = o->params != NULL;
	const char *parts = o->parts;
	int flags = 0;
	struct blk *b;

	if (encrypted && cgd_params_read(o->params, &im->params, e) == -1)
		return -1;
	if (o->driver == IMAGE_KERNEL && !o->disk &&
	    image_kernel_check(im, NULL, e) == -1)
		return -1;
	if (file_open(im->path, write ? FILE_WRITE : 0, o->sector_size,
	    &im->top, e) == -1)
		return -1;
	im->file = im->top;
	if (write)
		eager_file(im->top);
	if (o->write && o->dry_run)
		flags |= OVERLAY_DRYRUN;
	if (o->keep_undo)
		flags |= OVERLAY_KEEP_UNDO;
	if (overlay_open(im->top, flags, &b, e) == -1)
		return -1;
	im->top = im->overlay = b;
	if ((encrypted || !o->disk) &&
	    window(&im->top, &parts, encrypted, &im->off, e) == -1)
		return -1;
	im->len = im->top->size;
	if (encrypted && decrypt(im, e) == -1)
		return -1;
	if (o->disk)
		return 0;
	if (encrypted && window(&im->top, &parts, false, &im->inner, e) == -1)
		return -1;
	if (parts != NULL && *parts != '\0')
		return dd_fail(e, ERR_NOENT,
		    "partition %c: there is no label left to look it up in",
		    *parts);
	return 0;
}

int
image_open_key(const char *path, const struct image_opts *opts,
    const struct secret *key, struct image **out, struct dd_err *e)
{
	struct image *im = calloc(1, sizeof(*im));

	if (im == NULL || (im->path = strdup(path)) == NULL) {
		free(im);
		return dd_fail_nomem(e);
	}
	im->opts = *opts;
	if (key != NULL && key->p != NULL) {
		if (secret_alloc(&im->key, key->len, e) == -1) {
			image_close(im);
			return -1;
		}
		memcpy(im->key.p, key->p, key->len);
	}
	if (stack(im, e) == -1 || image_kernel_choose(im, e) == -1) {
		image_close(im);
		return dd_context(e, "%s", path);
	}
	*out = im;
	return 0;
}

int
image_open(const char *path, const struct image_opts *opts,
    struct image **out, struct dd_err *e)
{
	return image_open_key(path, opts, NULL, out, e);
}

struct blk *
image_blk(struct image *im)
{
	return im->top;
}

const struct secret *
image_key(const struct image *im)
{
	return &im->key;
}

void
image_crypt(const struct image *im, struct image_crypt *c)
{
	*c = (struct image_crypt){ .off = im->off, .len = im->len,
	    .inner = im->inner, .sector_size = im->file->sector_size };
	if (im->key.p != NULL) {
		c->params = &im->params;
		c->key = &im->key;
	}
}

int
image_ffs(struct image *im, struct ffs **out, struct dd_err *e)
{
	int flags = im->opts.ffs_flags | (im->opts.write ? FFS_WRITE : 0);

	if (im->opts.driver == IMAGE_KERNEL) {
		(void)dd_fail(e, ERR_UNSUP, "%s: this is done in process, and "
		    "with FFS alone", im->path);
		return dd_hint(e, "use --driver direct; for others the host "
		    "has fsck(8)");
	}
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

	if (im->tree == NULL && im->opts.driver == IMAGE_KERNEL) {
		if (image_kernel_mount(im, e) == -1)
			return dd_context(e, "%s", im->path);
	} else if (im->tree == NULL) {
		if (image_ffs(im, &fs, e) == -1)
			return image_kernel_hint(im, e);
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
	    image_open_key(im->path, &o, &im->key, &im->before, e) == -1) {
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
	if (im->mount != NULL) {
		r = image_mount_save(im->mount, im->overlay, e);
		im->tree = image_mount_tree(im->mount);
	} else if (im->tree != NULL)
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
	if (im->mount != NULL) {
		image_kernel_unmount(im);
		blk_close(im->top);
	} else if (im->tree != NULL)
		tree_close(im->tree);
	else if (im->ffs != NULL)
		ffs_close(im->ffs);
	else
		blk_close(im->top);
	cgd_params_dispose(&im->params);
	secret_free(&im->key);
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
