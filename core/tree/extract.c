/*
 * From an archive into a tree.
 *
 * The directory that the last entry went to is kept at hand, since entries
 * come in groups.  Directories get their attributes at the end, the last one
 * first: until then they can be written to, and after that their times are
 * not touched any more.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/tree/archive.h"
#include "core/tree/content.h"
#include "core/tree/copy.h"

struct pending {
	char			*path;
	struct tree_attr	 attr;
};

struct extractor {
	struct archive_in	 in;
	struct tree		*t;
	struct copy_opts	*o;
	const char		*to;
	struct buf		 path;		/* of the entry, below `to` */
	bool			 standing;	/* in dir, at the path `at` */
	struct tree_node	 dir;
	struct buf		 at;
	struct buf		 data;		/* of one file, on its way */
	uint64_t		 data_off;
	struct pending		*dirs;
	size_t			 ndirs, cap;
};

/* The path of the tree for one below `to`; the caller frees it. */
static char *
full_path(const struct extractor *x, const char *path)
{
	struct buf b = BUF_INIT;

	(void)buf_printf(&b, "%s/%s", x->to, path);
	return buf_steal(&b);
}

/* One step from *dir into name, which is made where it is missing. */
static int
step(struct extractor *x, const char *name, struct dd_err *e)
{
	struct tree_attr plain = { .mask = TREE_SET_PERM | TREE_SET_OWNER,
	    .perm = 0755 };
	const struct tree_ops *ops = x->t->ops;
	struct dd_err missing = DD_ERR_INIT;
	struct tree_node node;
	struct tree_stat st;

	if (ops->lookup(x->t, x->dir, name, &node, &missing) == 0) {
		if (ops->stat(x->t, node, &st, e) == -1)
			goto fail;
		if (st.type != TREE_DIR) {
			(void)dd_fail(e, ERR_TYPE, st.type == TREE_LNK ?
			    "%s is a symlink there" :
			    "%s is not a directory there", name);
			(void)dd_hint(e, "nothing is written through "
			    "symlinks");
			goto fail;
		}
	} else if (missing.code != ERR_NOENT) {
		*e = missing;
		return -1;
	} else {
		copy_limit_attr(x->o, x->t, &plain);
		if (ops->mkdir(x->t, x->dir, name, &plain, &node, e) == -1)
			return -1;
	}
	ops->put(x->t, x->dir);
	x->dir = node;
	return 0;
fail:
	ops->put(x->t, node);
	return -1;
}

static void
leave(struct extractor *x)
{
	if (x->standing)
		x->t->ops->put(x->t, x->dir);
	x->standing = false;
}

/* Stand in the directory that the first len bytes of path name. */
static int
go_to(struct extractor *x, const char *path, size_t len, struct dd_err *e)
{
	char name[TREE_NAME_MAX + 1];
	size_t n, i;

	if (x->standing && x->at.len == len &&
	    (len == 0 || memcmp(x->at.p, path, len) == 0))
		return 0;
	leave(x);
	if (tree_lookup(x->t, x->to, true, &x->dir, NULL, e) == -1)
		return -1;
	x->standing = true;
	buf_reset(&x->at);
	for (i = 0; i < len; i += n + 1) {
		n = strcspn(path + i, "/");
		if (n > TREE_NAME_MAX)
			return dd_fail(e, ERR_UNSUP,
			    "a name longer than %d bytes", TREE_NAME_MAX);
		memcpy(name, path + i, n);
		name[n] = '\0';
		if (step(x, name, e) == -1)
			return -1;
	}
	return buf_add(&x->at, path, len) == -1 ? dd_fail_nomem(e) : 0;
}

/* The name shall be free; *is_dir: a directory that is there may stay. */
static int
make_room(struct extractor *x, const char *name, bool *is_dir,
    struct dd_err *e)
{
	const struct tree_ops *ops = x->t->ops;
	struct dd_err missing = DD_ERR_INIT;
	struct tree_node node;
	struct tree_stat st;
	int r;

	if (ops->lookup(x->t, x->dir, name, &node, &missing) == -1) {
		if (is_dir != NULL)
			*is_dir = false;
		if (missing.code == ERR_NOENT)
			return 0;
		*e = missing;
		return -1;
	}
	r = ops->stat(x->t, node, &st, e);
	ops->put(x->t, node);
	if (r == -1)
		return -1;
	if (st.type == TREE_DIR) {
		if (is_dir == NULL)
			return dd_fail(e, ERR_EXIST,
			    "a directory stands there");
		*is_dir = true;
		return 0;
	}
	if (is_dir != NULL)
		*is_dir = false;
	return ops->unlink(x->t, x->dir, name, e);
}

/* Set later: see the head of this file. */
static int
set_at_the_end(struct extractor *x, struct archive_entry *entry,
    struct dd_err *e)
{
	struct pending *v;
	size_t cap;

	if (x->ndirs == x->cap) {
		cap = x->cap == 0 ? 64 : x->cap * 2;
		if ((v = realloc(x->dirs, cap * sizeof(*v))) == NULL)
			return dd_fail_nomem(e);
		x->dirs = v;
		x->cap = cap;
	}
	v = &x->dirs[x->ndirs];
	entry_attr(entry, &v->attr);
	copy_limit_attr(x->o, x->t, &v->attr);
	if ((v->path = full_path(x, x->path.p)) == NULL)
		return dd_fail_nomem(e);
	x->ndirs++;
	return 0;
}

static int
finish_dirs(struct extractor *x, struct dd_err *e)
{
	struct tree_node node;
	size_t i;
	int r;

	for (i = x->ndirs; i-- > 0;) {
		const struct pending *p = &x->dirs[i];

		if (tree_lookup(x->t, p->path, false, &node, NULL, e) == -1)
			return -1;
		r = x->t->ops->setattr(x->t, node, &p->attr, e);
		x->t->ops->put(x->t, node);
		if (r == -1)
			return dd_context(e, "%s", p->path);
	}
	return 0;
}

static int
extract_dir(struct extractor *x, struct archive_entry *entry,
    const char *name, struct dd_err *e)
{
	struct tree_attr none = { .mask = 0 };
	struct tree_node node;
	bool there;

	if (make_room(x, name, &there, e) == -1)
		return -1;
	if (!there) {
		if (x->t->ops->mkdir(x->t, x->dir, name, &none, &node,
		    e) == -1)
			return -1;
		x->t->ops->put(x->t, node);
	}
	return set_at_the_end(x, entry, e);
}

static int
write_data(struct extractor *x, struct tree_node node, struct dd_err *e)
{
	int rc;

	if (x->data.len == 0)
		return 0;
	rc = x->t->ops->write(x->t, node, x->data.p, x->data.len,
	    x->data_off, e);
	x->o->bytes += x->data.len;
	buf_reset(&x->data);
	return rc;
}

/* The pieces come as the archive has them; they go on in large ones. */
static int
add_data(struct extractor *x, struct tree_node node, const char *p,
    size_t len, uint64_t off, struct dd_err *e)
{
	size_t now;

	if (off != x->data_off + x->data.len && write_data(x, node, e) == -1)
		return -1;
	for (; len > 0; len -= now, p += now, off += now) {
		if (x->data.len == 0)
			x->data_off = off;
		now = (size_t)min64(len, CONTENT_PIECE - x->data.len);
		if (buf_add(&x->data, p, now) == -1)
			return dd_fail_nomem(e);
		if (x->data.len == CONTENT_PIECE &&
		    write_data(x, node, e) == -1)
			return -1;
	}
	return 0;
}

static int
fill(struct extractor *x, struct archive_entry *entry, struct tree_node node,
    struct dd_err *e)
{
	uint64_t off, end = 0, size;
	const void *p;
	size_t len;
	int more;

	buf_reset(&x->data);
	while ((more = archive_in_data(&x->in, &p, &len, &off, e)) == 1) {
		if (add_data(x, node, p, len, off, e) == -1)
			return -1;
		if (len > 0)
			end = off + len;
	}
	if (more == -1 || write_data(x, node, e) == -1)
		return -1;
	if (!archive_entry_size_is_set(entry))
		return 0;
	size = (uint64_t)archive_entry_size(entry);
	return size > end ? x->t->ops->truncate(x->t, node, size, e) : 0;
}

/* A further name; some formats bring the content with the last one. */
static int
extract_link(struct extractor *x, struct archive_entry *entry,
    const char *name, const char *target, struct dd_err *e)
{
	const struct tree_ops *ops = x->t->ops;
	struct buf first = BUF_INIT;
	struct tree_node dir, node;
	struct tree_attr a;
	const char *base;
	char *path = NULL;
	int rc = -1;

	if (entry_path(&first, target, e) == -1)
		goto out;
	if (strcmp(first.p, x->path.p) == 0) {
		rc = 0;
		goto out;
	}
	if ((path = full_path(x, first.p)) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (tree_parent(x->t, path, &dir, &base, e) == -1)
		goto out;
	rc = ops->lookup(x->t, dir, base, &node, e);
	ops->put(x->t, dir);
	if (rc == -1) {
		(void)dd_context(e, "hard link to %s", first.p);
		goto out;
	}
	entry_attr(entry, &a);
	copy_limit_attr(x->o, x->t, &a);
	rc = make_room(x, name, NULL, e);
	if (rc == 0)
		rc = ops->link(x->t, node, x->dir, name, e);
	if (rc == 0 && archive_entry_size(entry) > 0 &&
	    ((rc = fill(x, entry, node, e)) == 0))
		rc = ops->setattr(x->t, node, &a, e);
	ops->put(x->t, node);
out:
	free(path);
	buf_dispose(&first);
	return rc;
}

static int
extract_leaf(struct extractor *x, struct archive_entry *entry,
    const char *name, struct dd_err *e)
{
	const struct tree_ops *ops = x->t->ops;
	struct tree_attr none = { .mask = 0 }, a;
	enum tree_type type = entry_type(entry);
	struct tree_node node;
	const char *target;
	int rc;

	if (make_room(x, name, NULL, e) == -1)
		return -1;
	if (type == TREE_REG)
		rc = ops->create(x->t, x->dir, name, &none, &node, e);
	else if (type == TREE_LNK) {
		target = entry_symlink(entry);
		rc = target == NULL ? dd_fail(e, ERR_CORRUPT,
		    "a symlink without target") :
		    ops->symlink(x->t, x->dir, name, target, &none, &node, e);
	} else
		rc = ops->mknod(x->t, x->dir, name, type, entry_rdev(entry),
		    &none, &node, e);
	if (rc == -1)
		return -1;
	if (type == TREE_REG)
		rc = fill(x, entry, node, e);
	if (rc == 0) {
		entry_attr(entry, &a);
		copy_limit_attr(x->o, x->t, &a);
		rc = ops->setattr(x->t, node, &a, e);
	}
	ops->put(x->t, node);
	return rc;
}

static int
skip(struct extractor *x, const char *why)
{
	if (x->o->skipped != NULL)
		x->o->skipped(x->o->arg, x->path.p, why);
	return 0;
}

static int
extract_named(struct extractor *x, struct archive_entry *entry,
    struct dd_err *e)
{
	const char *path = x->path.p, *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	const char *target = entry_hardlink(entry);
	enum tree_type type = entry_type(entry);

	if (type == TREE_SOCK)
		return skip(x, "a socket");
	if ((type == TREE_CHR || type == TREE_BLK) && !x->t->makes_owners) {
		x->o->lost |= COPY_LOST_DEVICES;
		return skip(x, "a device, which only root can make");
	}
	if (name[0] == '\0') {
		if (type == TREE_DIR)
			return set_at_the_end(x, entry, e);
		return dd_fail(e, ERR_UNSUP, "takes the place of the top");
	}
	if (go_to(x, path, slash == NULL ? 0 : (size_t)(slash - path),
	    e) == -1)
		return -1;
	if (target != NULL)
		return extract_link(x, entry, name, target, e);
	if (type == TREE_DIR)
		return extract_dir(x, entry, name, e);
	if (type == 0)
		return skip(x, "of an unknown type");
	return extract_leaf(x, entry, name, e);
}

static int
extract_all(struct extractor *x, struct dd_err *e)
{
	struct archive_entry *entry;
	const char *name;
	int more;

	while ((more = archive_in_next(&x->in, &entry, e)) == 1) {
		if ((name = entry_name(entry)) == NULL)
			return dd_fail(e, ERR_UNSUP, "%s: a member without a "
			    "name that can be read", x->in.path);
		if (entry_path(&x->path, name, e) == -1 ||
		    extract_named(x, entry, e) == -1)
			return dd_context(e, "%s: %s", x->in.path, name);
		x->o->files++;
	}
	return more == -1 ? -1 : finish_dirs(x, e);
}

int
tree_extract(struct tree *t, const char *to, const char *archive,
    struct copy_opts *o, struct dd_err *e)
{
	struct extractor x = { .in = ARCHIVE_IN_INIT, .t = t, .o = o,
	    .to = to, .path = BUF_INIT, .at = BUF_INIT, .data = BUF_INIT };
	int rc = -1;

	if (archive_in_open(&x.in, archive, o->progress, e) == 0)
		rc = extract_all(&x, e);
	leave(&x);
	archive_in_close(&x.in);
	while (x.ndirs > 0)
		free(x.dirs[--x.ndirs].path);
	free(x.dirs);
	buf_dispose(&x.path);
	buf_dispose(&x.at);
	buf_dispose(&x.data);
	return rc;
}
