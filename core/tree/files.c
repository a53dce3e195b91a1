/*
 * Whole files and directories by path; see tree.h.  Everything here that
 * writes goes through tree_parent, so no symlink is followed.
 */
#include <stdlib.h>
#include <string.h>

#include "core/tree/list.h"

#define READ_CHUNK	65536

int
tree_read_file(struct tree *t, const char *path, size_t max, struct buf *b,
    struct dd_err *e)
{
	struct tree_node node;
	struct tree_stat st;
	uint64_t off = 0;
	size_t got;
	void *p;
	int rc = -1;

	if (tree_lookup(t, path, true, &node, &st, e) == -1)
		return -1;
	if (st.type != TREE_REG) {
		(void)dd_fail(e, ERR_TYPE, "%s: not a regular file", path);
		goto out;
	}
	if (st.size > max) {
		(void)dd_fail(e, ERR_FORMAT, "%s: larger than %zu bytes",
		    path, max);
		goto out;
	}
	do {
		if ((p = buf_room(b, READ_CHUNK)) == NULL) {
			(void)dd_fail_nomem(e);
			goto out;
		}
		if (t->ops->read(t, node, p, READ_CHUNK, off, &got, e) == -1) {
			(void)dd_context(e, "%s", path);
			goto out;
		}
		b->len += got;
		off += got;
	} while (got > 0 && off < st.size);
	b->p[b->len] = '\0';
	rc = 0;
out:
	t->ops->put(t, node);
	return rc;
}

/* Flags such as schg protect against writers; ours is meant.  They are taken
 * off, and put back by the caller where the file stays. */
static int
lift_flags(struct tree *t, struct tree_node node, const struct tree_stat *st,
    struct dd_err *e)
{
	struct tree_attr none = { .mask = TREE_SET_FLAGS };

	return st->flags == 0 ? 0 : t->ops->setattr(t, node, &none, e);
}

static int
restore_flags(struct tree *t, struct tree_node node,
    const struct tree_stat *st, struct dd_err *e)
{
	struct tree_attr old = { .mask = TREE_SET_FLAGS, .flags = st->flags };

	return st->flags == 0 ? 0 : t->ops->setattr(t, node, &old, e);
}

static int
replace_content(struct tree *t, struct tree_node node, const void *p,
    size_t len, struct dd_err *e)
{
	struct tree_stat st;

	if (t->ops->stat(t, node, &st, e) == -1)
		return -1;
	if (st.type != TREE_REG) {
		(void)dd_fail(e, ERR_TYPE, "not a regular file");
		return dd_hint(e, "nothing is written through symlinks and "
		    "devices: remove it first");
	}
	if (lift_flags(t, node, &st, e) == -1 ||
	    t->ops->truncate(t, node, 0, e) == -1 ||
	    (len > 0 && t->ops->write(t, node, p, len, 0, e) == -1))
		return -1;
	return restore_flags(t, node, &st, e);
}

int
tree_write_file(struct tree *t, const char *path, const void *p, size_t len,
    const struct tree_attr *attr, struct dd_err *e)
{
	struct dd_err missing = DD_ERR_INIT;
	struct tree_node dir, node;
	const char *name;
	int rc = -1;

	if (tree_parent(t, path, &dir, &name, e) == -1)
		return -1;
	if (t->ops->lookup(t, dir, name, &node, &missing) == 0) {
		rc = replace_content(t, node, p, len, e);
		t->ops->put(t, node);
	} else if (missing.code != ERR_NOENT)
		*e = missing;
	else if (t->ops->create(t, dir, name, attr, &node, e) == 0) {
		rc = len == 0 ? 0 : t->ops->write(t, node, p, len, 0, e);
		t->ops->put(t, node);
	}
	if (rc == -1)
		(void)dd_context(e, "%s", path);
	t->ops->put(t, dir);
	return rc;
}

/* Make the directory name in dir unless it is there; *dir moves into it. */
static int
enter_or_make(struct tree *t, struct tree_node *dir, const char *name,
    const struct tree_attr *attr, struct dd_err *e)
{
	struct dd_err missing = DD_ERR_INIT;
	struct tree_node node;
	struct tree_stat st;

	if (t->ops->lookup(t, *dir, name, &node, &missing) == 0) {
		if (t->ops->stat(t, node, &st, e) == -1 ||
		    (st.type != TREE_DIR && dd_fail(e, ERR_TYPE,
		    "%s is not a directory", name) == -1)) {
			t->ops->put(t, node);
			return -1;
		}
	} else if (missing.code != ERR_NOENT) {
		*e = missing;
		return -1;
	} else if (t->ops->mkdir(t, *dir, name, attr, &node, e) == -1)
		return -1;
	t->ops->put(t, *dir);
	*dir = node;
	return 0;
}

int
tree_mkdirs(struct tree *t, const char *path, const struct tree_attr *attr,
    struct dd_err *e)
{
	struct tree_node dir;
	char *copy, *at, *name;
	int rc = -1;

	if ((copy = strdup(path)) == NULL)
		return dd_fail_nomem(e);
	dir = t->ops->root(t);
	for (name = strtok_r(copy, "/", &at); name != NULL;
	    name = strtok_r(NULL, "/", &at)) {
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0)
			(void)dd_fail(e, ERR_USAGE, "\"..\" in it");
		if (e->code != ERR_NONE ||
		    enter_or_make(t, &dir, name, attr, e) == -1) {
			(void)dd_context(e, "%s", path);
			goto out;
		}
	}
	rc = 0;
out:
	t->ops->put(t, dir);
	free(copy);
	return rc;
}

struct removal {
	struct tree	*t;
	struct map	 seen;
};

static int	remove_node(struct removal *, struct tree_node, const char *,
		    struct tree_node, unsigned, struct dd_err *);

static int
remove_content(struct removal *r, struct tree_node node,
    const struct tree_stat *st, const char *name, unsigned depth,
    struct dd_err *e)
{
	struct tree_list list = TREE_LIST_INIT;
	struct tree_node sub;
	size_t i;
	int rc = -1;

	if (tree_enter(&r->seen, st, depth, name, e) == -1 ||
	    tree_list_read(&list, r->t, node, e) == -1)
		goto out;
	for (i = 0; i < list.n; i++) {
		if (tree_list_node(&list, i, r->t, node, &sub, e) == -1)
			goto out;
		rc = remove_node(r, node, tree_list_name(&list, i), sub,
		    depth + 1, e);
		r->t->ops->put(r->t, sub);
		if (rc == -1)
			goto out;
	}
	rc = 0;
out:
	tree_list_dispose(&list);
	return rc;
}

/* Make sure that what is in a directory may be removed; root may anyway. */
static int
open_up(struct tree *t, struct tree_node node, const struct tree_stat *st,
    struct dd_err *e)
{
	struct tree_attr a = { .mask = TREE_SET_PERM, .perm = 0700 };

	return (st->perm & 0700) == 0700 ? 0 :
	    t->ops->setattr(t, node, &a, e);
}

/* Remove the node that stands under name in dir. */
static int
remove_node(struct removal *r, struct tree_node dir, const char *name,
    struct tree_node node, unsigned depth, struct dd_err *e)
{
	const struct tree_ops *ops = r->t->ops;
	struct tree_stat st;
	bool is_dir;
	int rc;

	if (ops->stat(r->t, node, &st, e) == -1 ||
	    lift_flags(r->t, node, &st, e) == -1)
		return dd_context(e, "%s", name);
	is_dir = st.type == TREE_DIR;
	if (is_dir && (open_up(r->t, node, &st, e) == -1 ||
	    remove_content(r, node, &st, name, depth, e) == -1))
		return dd_context(e, "%s", name);
	rc = is_dir ? ops->rmdir(r->t, dir, name, e) :
	    ops->unlink(r->t, dir, name, e);
	/* another link's flags stay as they were */
	if (rc == 0 && !is_dir && st.nlink > 1)
		rc = restore_flags(r->t, node, &st, e);
	return rc == -1 ? dd_context(e, "%s", name) : 0;
}

int
tree_remove(struct tree *t, const char *path, struct dd_err *e)
{
	struct removal r = { .t = t, .seen = MAP_INIT };
	struct dd_err missing = DD_ERR_INIT;
	struct tree_node dir, node;
	const char *name;
	int rc;

	if (tree_parent(t, path, &dir, &name, &missing) == -1) {
		if (missing.code == ERR_NOENT)
			return 0;
		*e = missing;
		return -1;
	}
	if (t->ops->lookup(t, dir, name, &node, &missing) == 0) {
		rc = remove_node(&r, dir, name, node, 0, e);
		t->ops->put(t, node);
	} else if (missing.code == ERR_NOENT)
		rc = 0;
	else {
		*e = missing;
		rc = -1;
	}
	t->ops->put(t, dir);
	map_dispose(&r.seen);
	return rc;
}
