/*
 * The kernel driver of an image: the block stack tells what there is and where,
 * has the key, and takes what is committed; the tree is a mount beside it.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/events.h"
#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/probe.h"
#include "core/tree/image_impl.h"

static void
tell_cipher(const struct image *im, struct host_cipher *c)
{
	*c = (struct host_cipher){ .algorithm = im->params.algorithm,
	    .ivmethod = im->params.ivmethod, .keybits = im->params.keylen,
	    .sector_size = im->opts.sector_size, .first = im->inner / 512,
	    .key = &im->key };
}

int
image_kernel_check(const struct image *im, const char *fstype,
    struct dd_err *e)
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
	*fstype = fstype_of(p.kind);
	return 0;
}

static int
no_fstype(struct dd_err *e)
{
	(void)dd_fail(e, ERR_FORMAT, "holds no file system that can be "
	    "mounted");
	return dd_hint(e, "drydock disk shows what it holds");
}

int
image_kernel_choose(struct image *im, struct dd_err *e)
{
	const char *fstype;

	if (im->opts.driver == IMAGE_DIRECT || im->opts.disk)
		return 0;
	if (find_fstype(im, &fstype, e) == -1)
		return -1;
	if (fstype == NULL && im->opts.driver == IMAGE_KERNEL)
		return no_fstype(e);
	if (im->opts.driver == IMAGE_FITTING && (fstype == NULL ||
	    strcmp(fstype, "ffs") == 0)) {
		im->opts.driver = IMAGE_DIRECT;
		return 0;
	}
	im->opts.driver = IMAGE_KERNEL;
	return image_kernel_check(im, fstype, e);
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

int
image_kernel_mount(struct image *im, struct dd_err *e)
{
	struct host_cipher cipher;
	struct image_mount_ask ask = { .path = im->path,
	    .fd = file_fd(im->file), .dev = file_dev(im->file), .ino = file_ino(im->file),
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

/* What was asked for is done, or has failed with an error of its own. */
void
image_kernel_unmount(struct image *im)
{
	struct dd_err e = DD_ERR_INIT;

	if (image_mount_close(im->mount, &e) == 0)
		return;
	events_message("%s: %s", im->path, e.msg);
	fprintf(stderr, "drydock: %s: %s (%s)\n", im->path, e.msg, e.hint);
}

int
image_kernel_hint(struct image *im, struct dd_err *e)
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
