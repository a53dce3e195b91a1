/*
 * An image, opened: file, overlay, window, file system, tree.  Each layer
 * owns the one below from the moment it stands on it, so closing the topmost
 * that there is closes all.  With the kernel driver the tree stands beside:
 * see image_mount.h.
 */
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/events.h"

#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/part.h"
#include "core/disk/probe.h"
#include "core/disk/window.h"
#include "core/tree/eager.h"
#include "core/tree/image.h"
#include "core/tree/image_mount.h"

struct image {
	char			*path;
	struct image_opts	 opts;
	struct cgd_params	 params;
	struct secret		 key;	/* once it is known to fit */
	struct blk		*file, *overlay;	/* below top */
	uint64_t		 off, inner;	/* bytes: of the windows */
	struct blk		*top;
	struct ffs		*ffs;	/* owns top */
	struct tree		*tree;	/* owns ffs; or is of the mount */
	struct image_mount	*mount;
	struct image		*before;
};

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

/* ---- the kernel driver */

static void
tell_cipher(const struct image *im, struct host_cipher *c)
{
	*c = (struct host_cipher){ .algorithm = im->params.algorithm,
	    .ivmethod = im->params.ivmethod, .keybits = im->params.keylen,
	    .sector_size = im->opts.sector_size, .first = im->inner / 512,
	    .key = &im->key };
}

/* fstype NULL: it isn't known yet. */
static int
check_kernel(const struct image *im, const char *fstype, struct dd_err *e)
{
	struct host_cipher cipher;
	const struct host_need need = { .readonly = !im->opts.write,
	    .fstype = fstype,
	    .cipher = im->opts.params != NULL ? &cipher : NULL };

	if (im->opts.params != NULL)
		tell_cipher(im, &cipher);
	return host_kernel->check(&need, e);
}

/* What the kernel calls what stands there; NULL: it mounts no such thing. */
static const char *
fstype_of(enum probe_kind kind)
{
	switch (kind) {
	case PROBE_FFS:
		return "ffs";
	case PROBE_EXT:
		return "ext4";
	case PROBE_XFS:
		return "xfs";
	default:
		return NULL;
	}
}

static int
find_fstype(const struct image *im, const char **fstype, struct dd_err *e)
{
	struct probe p;

	if (probe_layer(im->top, &p, e) == -1)
		return -1;
	if ((*fstype = fstype_of(p.kind)) != NULL)
		return 0;
	(void)dd_fail(e, ERR_FORMAT, "holds no file system that can be "
	    "mounted: %s", probe_kind_name(p.kind));
	return dd_hint(e, "drydock disk shows what it holds");
}

/* Which of the two it is to be, and can that be done? */
static int
choose_driver(struct image *im, struct dd_err *e)
{
	const char *fstype;

	if (im->opts.driver == IMAGE_DIRECT || im->opts.disk)
		return 0;
	if (find_fstype(im, &fstype, e) == -1)
		return -1;
	if (im->opts.driver == IMAGE_FITTING && strcmp(fstype, "ffs") == 0) {
		im->opts.driver = IMAGE_DIRECT;
		return 0;
	}
	im->opts.driver = IMAGE_KERNEL;
	return check_kernel(im, fstype, e);
}

/* What the kernel sees is the file itself. */
static int
refuse_pending(const struct image *im, struct dd_err *e)
{
	bool pending = false;

	if (overlay_pending(im->path, &pending, e) == -1)
		return -1;
	if (!pending)
		return 0;
	(void)dd_fail(e, ERR_RECOVER, "a change was cut short, and is still "
	    "in its journal");
	return dd_hint(e, "drydock recover finishes it");
}

static int
mount_image(struct image *im, struct dd_err *e)
{
	struct host_cipher cipher;
	struct image_mount_ask ask = { .path = im->path,
	    .dev = file_dev(im->file), .ino = file_ino(im->file),
	    .size = im->file->size, .off = im->off + im->inner,
	    .len = im->top->size, .write = im->opts.write,
	    .cipher = im->opts.params != NULL ? &cipher : NULL,
	    .progress = im->opts.progress };

	if (file_is_device(im->file)) {
		(void)dd_fail(e, ERR_UNSUP, "a device is not mounted by "
		    "drydock");
		return dd_hint(e, "use --driver direct, or mount it yourself");
	}
	tell_cipher(im, &cipher);
	if (refuse_pending(im, e) == -1 ||
	    find_fstype(im, &ask.fstype, e) == -1 ||
	    image_mount(host_kernel, &ask, &im->mount, e) == -1)
		return -1;
	im->tree = image_mount_tree(im->mount);
	return 0;
}

/* ---- the stack */

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
	if (o->driver == IMAGE_KERNEL && check_kernel(im, NULL, e) == -1)
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

static int
open_with_key(const char *path, const struct image_opts *opts,
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
	if (stack(im, e) == -1 || choose_driver(im, e) == -1) {
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
	return open_with_key(path, opts, NULL, out, e);
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

/* What isn't FFS may be something that the kernel knows. */
static int
hint_kernel(struct image *im, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct probe p;

	if (im->opts.driver == IMAGE_KERNEL ||
	    probe_layer(im->top, &p, &ignored) == -1 ||
	    (p.kind != PROBE_EXT && p.kind != PROBE_XFS))
		return -1;
	dd_err_clear(e);
	(void)dd_fail(e, ERR_UNSUP, "%s: holds %s, which is not read in "
	    "process", im->path, p.kind == PROBE_EXT ? "an ext2, 3 or 4" :
	    "an XFS");
	return dd_hint(e, "--driver kernel has the host's kernel mount it");
}

int
image_tree(struct image *im, struct tree **out, struct dd_err *e)
{
	struct ffs *fs;

	if (im->tree == NULL && im->opts.driver == IMAGE_KERNEL) {
		if (mount_image(im, e) == -1)
			return dd_context(e, "%s", im->path);
	} else if (im->tree == NULL) {
		if (image_ffs(im, &fs, e) == -1)
			return hint_kernel(im, e);
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
	    open_with_key(im->path, &o, &im->key, &im->before, e) == -1) {
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

/* What was asked for is done, or has failed with an error of its own. */
static void
unmount_image(struct image *im)
{
	struct dd_err e = DD_ERR_INIT;

	if (image_mount_close(im->mount, &e) == 0)
		return;
	events_message("%s: %s", im->path, e.msg);
	fprintf(stderr, "drydock: %s: %s (%s)\n", im->path, e.msg, e.hint);
}

void
image_close(struct image *im)
{
	if (im == NULL)
		return;
	image_close(im->before);
	if (im->mount != NULL) {
		unmount_image(im);
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
