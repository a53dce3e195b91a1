/* Images of the scheme; see kind.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/disk/file.h"
#include "core/disk/part.h"
#include "core/recipe/kind.h"

static const char *const names[] = {
	[KIND_UNKNOWN] = "unknown",
	[KIND_ROOT] = "root",
	[KIND_SWAP] = "swap",
	[KIND_LOCAL] = "local",
	[KIND_PKG] = "pkg",
};

#define NKINDS	((int)(sizeof(names) / sizeof(names[0])))

const char *
image_kind_name(enum image_kind kind)
{
	return names[kind];
}

enum image_kind
image_kind_parse(const char *name)
{
	int i;

	for (i = KIND_UNKNOWN + 1; i < NKINDS; i++)
		if (strcmp(names[i], name) == 0)
			return (enum image_kind)i;
	return KIND_UNKNOWN;
}

#define MIB	((uint64_t)1024 * 1024)

/*
 * Zeros mean what newfs takes for the size.  A /local is many small files: the
 * etc of a release alone has hundreds, and newfs' density runs out of inodes
 * before it runs out of space.  What the domU writes to needs room beyond
 * what is put in: it grows.
 */
static const struct {
	uint64_t	size;
	uint32_t	bsize, fsize, bytes_per_inode;
	bool		grows;
} defaults[] = {
	[KIND_ROOT] = { .size = 2048 * MIB, .bsize = 16384, .fsize = 2048 },
	[KIND_SWAP] = { .size = 256 * MIB },
	[KIND_LOCAL] = { .size = 256 * MIB, .bytes_per_inode = 4096,
	    .grows = true },
	[KIND_PKG] = { .size = 2048 * MIB, .bsize = 16384, .fsize = 2048,
	    .bytes_per_inode = 8192, .grows = true },
};

void
image_kind_defaults(enum image_kind kind, struct image_create *c)
{
	struct ffs_format *f = &c->format;

	if (c->size == 0 && c->nfrom == 0)
		c->size = defaults[kind].size;
	if (defaults[kind].grows)
		c->min_size = defaults[kind].size;
	if (f->bsize == 0 && f->fsize == 0) {
		f->bsize = defaults[kind].bsize;
		f->fsize = defaults[kind].fsize;
	}
	if (f->bytes_per_inode == 0)
		f->bytes_per_inode = defaults[kind].bytes_per_inode;
	(void)snprintf(f->volname, sizeof(f->volname), "%s", names[kind]);
}

/* What can't be looked up is not there: an image need not be whole to be
 * recognized. */
static bool
has(struct tree *t, const char *path, enum tree_type type)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct tree_node node;
	struct tree_stat st;

	if (tree_lookup(t, path, true, &node, &st, &ignored) == -1)
		return false;
	t->ops->put(t, node);
	return st.type == type;
}

/* Nothing there but what newfs and fsck make? */
static bool
is_empty(struct tree *t)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct tree_node root = t->ops->root(t);
	struct tree_dirent d;
	uint64_t at = 0;
	int r;

	while ((r = t->ops->readdir(t, root, &at, &d, &ignored)) == 1)
		if (strcmp(d.name, "lost+found") != 0)
			break;
	t->ops->put(t, root);
	return r == 0;
}

static enum image_kind
kind_of_tree(struct tree *t, const char *volname)
{
	if (has(t, "/sbin/init", TREE_REG) && has(t, "/etc/rc", TREE_REG))
		return KIND_ROOT;
	if (has(t, "/etc/rc.conf", TREE_REG) && has(t, "/var", TREE_DIR))
		return KIND_LOCAL;
	if (has(t, "/pkgdb", TREE_DIR) || has(t, "/.pkgdb", TREE_DIR) ||
	    (has(t, "/bin", TREE_DIR) && has(t, "/sbin", TREE_DIR) &&
	    has(t, "/share", TREE_DIR)))
		return KIND_PKG;
	return is_empty(t) ? image_kind_parse(volname) : KIND_UNKNOWN;
}

static int
look_into_tree(struct image *im, struct recognized *r, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct tree *t;

	if (image_tree(im, &t, e) == -1)
		return -1;
	r->kind = kind_of_tree(t, r->probe.ffs.volname);
	r->prepared = r->kind == KIND_ROOT &&
	    has(t, "/etc/rc.pre-hooks", TREE_REG);
	if ((r->kind == KIND_ROOT || r->kind == KIND_LOCAL) &&
	    release_find(t, &r->release, &ignored) == -1)
		r->release.name[0] = '\0';
	return 0;
}

/* What the label alone tells. */
static int
look_at_label(const char *path, uint32_t sector_size, struct recognized *r,
    struct dd_err *e)
{
	struct part_table *table = malloc(sizeof(*table));
	struct dd_err ignored = DD_ERR_INIT;
	bool swap = false, cgd = false, ffs = false;
	struct blk *b = NULL;
	unsigned i;
	int rc = -1;

	if (table == NULL)
		return dd_fail_nomem(e);
	if (file_open(path, 0, sector_size, &b, e) == -1)
		goto out;
	rc = 0;
	/* a damaged one is told about where the image is opened */
	if (part_read(b, table, &ignored) == -1)
		goto out;
	for (i = 0; i < table->n; i++) {
		swap = swap || table->parts[i].kind == PART_SWAP;
		cgd = cgd || table->parts[i].kind == PART_CGD;
		ffs = ffs || table->parts[i].kind == PART_FFS;
	}
	r->encrypted = cgd && !ffs;
	if (swap && !cgd && !ffs) {
		r->kind = KIND_SWAP;
		r->probe.kind = PROBE_UNKNOWN;
	}
out:
	blk_close(b);
	free(table);
	return rc;
}

int
image_recognize(const char *path, const struct image_opts *opts,
    struct recognized *out, struct dd_err *e)
{
	struct recognized r = { .kind = KIND_UNKNOWN };
	struct image_opts fitting = *opts;
	struct image *im = NULL;
	int rc = -1;

	/* it may hold anything */
	if (opts->driver == IMAGE_KERNEL)
		fitting.driver = IMAGE_FITTING;
	if (look_at_label(path, opts->sector_size, &r, e) == -1)
		goto out;
	if (r.kind == KIND_SWAP) {
		rc = 0;
		goto out;
	}
	if (image_open(path, &fitting, &im, e) == -1 ||
	    probe_layer(image_blk(im), &r.probe, e) == -1)
		goto out;
	switch (r.probe.kind) {
	case PROBE_EMPTY:
		r.kind = KIND_SWAP;
		break;
	case PROBE_ENCRYPTED:
		r.encrypted = true;
		break;
	case PROBE_FFS:
		r.encrypted = opts->params != NULL;
		rc = look_into_tree(im, &r, e);
		goto out;
	case PROBE_EXT:
	case PROBE_XFS:
		if (fitting.driver != IMAGE_DIRECT) {
			rc = look_into_tree(im, &r, e);
			goto out;
		}
		break;
	default:
		break;
	}
	rc = 0;
out:
	image_close(im);
	if (rc == 0)
		*out = r;
	return rc;
}
