/*
 * Copies from tree to tree.
 *
 * A recursion over the source; in the target each file is made without
 * attributes, filled, and then gets them, a directory after its content, so
 * that no mode is in the way and no time is touched again.  What is already
 * there is replaced by way of a temporary name and a rename: at no moment is
 * the name without its file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree/content.h"
#include "core/tree/copy.h"
#include "core/tree/list.h"

struct copier {
	struct tree	*src, *dst;
	struct copy_opts *o;
	struct buf	 to;		/* path in dst, "" for the root */
	size_t		 top;		/* length of the target's own path */
	struct buf	 shown;		/* what messages call it */
	struct buf	 scratch;
	struct map	 seen;		/* source directories */
	struct map	 linked;	/* source id -> path in dst */
	uint64_t	 total;		/* bytes, for progress */
	uint64_t	 own;		/* src == dst: directory made first */
};

static int	copy_node(struct copier *, struct tree_node,
		    const struct tree_stat *, struct tree_node, const char *,
		    bool, unsigned, struct dd_err *);

/* The path in dst, for messages. */
static const char *
path_of(struct copier *c)
{
	if (c->o->shown != NULL) {
		buf_reset(&c->shown);
		if (buf_printf(&c->shown, "%s%s", c->o->shown,
		    c->to.len > c->top ? c->to.p + c->top : "") == 0)
			return c->shown.p;
	}
	return c->to.len > 0 ? c->to.p : "/";
}

void
copy_limit_attr(struct copy_opts *o, const struct tree *dst,
    struct tree_attr *a)
{
	if (!o->keep_owner) {
		a->uid = o->uid;
		a->gid = o->gid;
	}
	if (!dst->makes_owners) {
		/* a set-id bit means nothing good with another owner */
		a->mask &= ~(unsigned)TREE_SET_OWNER;
		a->perm &= 01777;
		o->lost |= COPY_LOST_OWNERS;
	}
	if (!dst->makes_flags) {
		if (a->flags != 0)
			o->lost |= COPY_LOST_FLAGS;
		a->mask &= ~(unsigned)TREE_SET_FLAGS;
	}
}

static int
set_attr(struct copier *c, struct tree_node node, const struct tree_stat *st,
    struct dd_err *e)
{
	struct tree_attr a = { .mask = TREE_SET_ALL, .perm = st->perm,
	    .uid = st->uid, .gid = st->gid, .flags = st->flags,
	    .atime = st->atime, .mtime = st->mtime,
	    .birthtime = st->birthtime };

	copy_limit_attr(c->o, c->dst, &a);
	return c->dst->ops->setattr(c->dst, node, &a, e);
}

static void
skip(struct copier *c, const char *why)
{
	if (c->o->skipped != NULL)
		c->o->skipped(c->o->arg, path_of(c), why);
}

/* Content. */

struct filling {
	struct copier		*c;
	struct tree_node	 to;
	uint64_t		 end;	/* of the last data written */
};

static int
fill(void *arg, const void *p, uint64_t len, uint64_t off, struct dd_err *e)
{
	struct filling *f = arg;
	struct copier *c = f->c;

	if (p == NULL)
		return 0;
	if (c->dst->ops->write(c->dst, f->to, p, (size_t)len, off, e) == -1)
		return -1;
	f->end = off + len;
	c->o->bytes += len;
	return progress_tick(c->o->progress, "copying", c->o->bytes,
	    c->total, e);
}

static int
make_file(struct copier *c, struct tree_node from,
    const struct tree_stat *st, struct tree_node dir, const char *name,
    struct tree_node *out, struct dd_err *e)
{
	struct filling f = { .c = c };
	struct tree_attr none = { .mask = 0 };

	if (c->dst->ops->create(c->dst, dir, name, &none, &f.to, e) == -1)
		return -1;
	if (content_each(c->src, from, &c->scratch, fill, &f, e) == -1 ||
	    (f.end < st->size &&
	    c->dst->ops->truncate(c->dst, f.to, st->size, e) == -1)) {
		c->dst->ops->put(c->dst, f.to);
		return -1;
	}
	*out = f.to;
	return 0;
}

static int
make_symlink(struct copier *c, struct tree_node from, struct tree_node dir,
    const char *name, struct tree_node *out, struct dd_err *e)
{
	struct tree_attr none = { .mask = 0 };
	char target[TREE_PATH_MAX];

	if (c->src->ops->readlink(c->src, from, target, sizeof(target),
	    e) == -1)
		return -1;
	return c->dst->ops->symlink(c->dst, dir, name, target, &none, out, e);
}

/* Anything but a directory, under name in dir, which is free. */
static int
make_node(struct copier *c, struct tree_node from,
    const struct tree_stat *st, struct tree_node dir, const char *name,
    struct dd_err *e)
{
	struct tree_attr none = { .mask = 0 };
	struct tree_node node;
	int rc;

	if (st->type == TREE_REG)
		rc = make_file(c, from, st, dir, name, &node, e);
	else if (st->type == TREE_LNK)
		rc = make_symlink(c, from, dir, name, &node, e);
	else
		rc = c->dst->ops->mknod(c->dst, dir, name, st->type, st->rdev,
		    &none, &node, e);
	if (rc == -1)
		return -1;
	rc = set_attr(c, node, st, e);
	c->dst->ops->put(c->dst, node);
	return rc;
}

/* A further name of what was copied under the path `first`. */
static int
make_link(struct copier *c, const char *first, struct tree_node dir,
    const char *name, struct dd_err *e)
{
	struct tree_node node;
	int rc;

	if (tree_lookup(c->dst, first, false, &node, NULL, e) == -1)
		return -1;
	rc = c->dst->ops->link(c->dst, node, dir, name, e);
	c->dst->ops->put(c->dst, node);
	return rc;
}

/* Where the first name of a file with several went. */
static int
remember_link(struct copier *c, const struct tree_stat *st, struct dd_err *e)
{
	char *path;

	if (st->nlink < 2 || map_get(&c->linked, st->id) != NULL)
		return 0;
	path = strdup(c->to.p);
	if (path == NULL || map_put(&c->linked, st->id, path) == -1) {
		free(path);
		return dd_fail_nomem(e);
	}
	return 0;
}

/* Is the file that is in the way no directory, and not the source itself? */
static int
may_replace(struct copier *c, const struct tree_stat *st,
    const struct tree_stat *old, struct dd_err *e)
{
	if (old->type == TREE_DIR)
		(void)dd_fail(e, ERR_EXIST,
		    "a directory stands there, and the source is none");
	else if (c->src == c->dst && old->id == st->id)
		(void)dd_fail(e, ERR_USAGE, "source and target are one file");
	else
		return 0;
	return dd_hint(e, "give the copy another name");
}

/* Copy under a temporary name, and rename that over what is there. */
static int
replace_node(struct copier *c, struct tree_node from,
    const struct tree_stat *st, const char *first, struct tree_node dir,
    const char *name, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct tree_node there;
	char temp[32];
	unsigned i = 0;
	int rc;

	do {
		(void)snprintf(temp, sizeof(temp), ".drydock-%u.tmp", i++);
		dd_err_clear(&ignored);
		rc = c->dst->ops->lookup(c->dst, dir, temp, &there, &ignored);
		if (rc == 0)
			c->dst->ops->put(c->dst, there);
	} while (rc == 0);
	rc = first != NULL ? make_link(c, first, dir, temp, e) :
	    make_node(c, from, st, dir, temp, e);
	if (rc == 0)
		rc = c->dst->ops->rename(c->dst, dir, temp, dir, name, e);
	if (rc == -1)
		(void)c->dst->ops->unlink(c->dst, dir, temp, &ignored);
	return rc;
}

static int
copy_leaf(struct copier *c, struct tree_node from,
    const struct tree_stat *st, struct tree_node dir, const char *name,
    const struct tree_stat *old, struct dd_err *e)
{
	const char *first = NULL;
	int rc;

	if (st->type == TREE_SOCK) {
		skip(c, "a socket");
		return 0;
	}
	if ((st->type == TREE_CHR || st->type == TREE_BLK) &&
	    !c->dst->makes_owners) {
		c->o->lost |= COPY_LOST_DEVICES;
		skip(c, "a device, which only root can make");
		return 0;
	}
	if (st->nlink > 1)
		first = map_get(&c->linked, st->id);
	if (old != NULL)
		rc = may_replace(c, st, old, e) == -1 ? -1 :
		    replace_node(c, from, st, first, dir, name, e);
	else if (first != NULL)
		rc = make_link(c, first, dir, name, e);
	else
		rc = make_node(c, from, st, dir, name, e);
	return rc == 0 ? remember_link(c, st, e) : -1;
}

/* What is below the directory `from` goes into `to`; fresh: which is empty. */
static int
copy_content(struct copier *c, struct tree_node from,
    const struct tree_stat *st, struct tree_node to, bool fresh,
    unsigned depth, struct dd_err *e)
{
	struct tree_list list = TREE_LIST_INIT;
	struct tree_node node;
	struct tree_stat sub;
	size_t i, len = c->to.len;
	int rc = -1;

	if (tree_enter(&c->seen, st, depth, path_of(c), e) == -1)
		goto out;
	if (tree_list_read(&list, c->src, from, e) == -1)
		goto out;
	for (i = 0; i < list.n; i++) {
		const char *name = tree_list_name(&list, i);
		int r = -1;

		if (buf_printf(&c->to, "/%s", name) == -1) {
			(void)dd_fail_nomem(e);
			goto out;
		}
		if (tree_list_node(&list, i, c->src, from, &node, e) == -1)
			goto out;
		if (c->src->ops->stat(c->src, node, &sub, e) == 0)
			r = copy_node(c, node, &sub, to, name, fresh, depth,
			    e);
		c->src->ops->put(c->src, node);
		if (r == -1)
			goto out;
		c->to.len = len;
		c->to.p[len] = '\0';
	}
	rc = !fresh && c->o->keep_existing ? 0 : set_attr(c, to, st, e);
out:
	tree_list_dispose(&list);
	return rc;
}

static int
copy_dir(struct copier *c, struct tree_node from, const struct tree_stat *st,
    struct tree_node dir, const char *name, const struct tree_node *there,
    const struct tree_stat *old, unsigned depth, struct dd_err *e)
{
	struct tree_attr none = { .mask = 0 };
	struct tree_node to;
	struct tree_stat made;
	int rc;

	if (c->src == c->dst && st->id == c->own) {
		(void)dd_fail(e, ERR_USAGE, "a directory can't be copied "
		    "into itself");
		return dd_hint(e, "copy it to a place beside it");
	}
	if (old != NULL) {
		if (old->type != TREE_DIR) {
			(void)dd_fail(e, ERR_EXIST, "what stands there is "
			    "not a directory, and the source is one");
			return dd_hint(e, "give the copy another name");
		}
		return copy_content(c, from, st, *there, false, depth + 1, e);
	}
	if (c->dst->ops->mkdir(c->dst, dir, name, &none, &to, e) == -1)
		return -1;
	rc = c->dst->ops->stat(c->dst, to, &made, e);
	if (rc == 0) {
		if (c->own == 0)
			c->own = made.id;
		rc = copy_content(c, from, st, to, true, depth + 1, e);
	}
	c->dst->ops->put(c->dst, to);
	return rc;
}

/* Copy one node to name in dir, which is known to be free when fresh. */
static int
copy_node(struct copier *c, struct tree_node from,
    const struct tree_stat *st, struct tree_node dir, const char *name,
    bool fresh, unsigned depth, struct dd_err *e)
{
	struct dd_err missing = DD_ERR_INIT;
	struct tree_stat stat, *old = NULL;
	struct tree_node there = { .v = 0 };
	int rc = -1;

	if (st->type != TREE_DIR && c->o->want != NULL &&
	    !c->o->want(c->o->arg, c->to.p))
		return 0;
	if (!fresh) {
		if (c->dst->ops->lookup(c->dst, dir, name, &there,
		    &missing) == 0) {
			old = &stat;
			if (c->dst->ops->stat(c->dst, there, old, e) == -1)
				goto out;
		} else if (missing.code != ERR_NOENT) {
			*e = missing;
			return -1;
		}
	}
	if (old != NULL && st->type != TREE_DIR && c->o->keep_existing) {
		rc = remember_link(c, st, e);
		goto out;
	}
	rc = st->type == TREE_DIR ?
	    copy_dir(c, from, st, dir, name, &there, old, depth, e) :
	    copy_leaf(c, from, st, dir, name, old, e);
	c->o->files++;
out:
	if (old != NULL)
		c->dst->ops->put(c->dst, there);
	return rc;
}

static bool
is_root(const char *path)
{
	return path[strspn(path, "/")] == '\0';
}

static int
copy_to(struct copier *c, struct tree_node from, const struct tree_stat *st,
    const char *to, struct dd_err *e)
{
	struct tree_node dir;
	const char *name;
	int rc;

	if (is_root(to)) {
		dir = c->dst->ops->root(c->dst);
		rc = st->type == TREE_DIR ?
		    copy_content(c, from, st, dir, false, 0, e) :
		    dd_fail(e, ERR_EXIST, "a directory stands there, and the "
		    "source is none");
	} else {
		if (tree_parent(c->dst, to, &dir, &name, e) == -1)
			return -1;
		if (buf_printf(&c->to, "%s%s", to[0] == '/' ? "" : "/",
		    to) == -1)
			rc = dd_fail_nomem(e);
		else {
			c->top = c->to.len;
			rc = copy_node(c, from, st, dir, name, false, 0, e);
		}
	}
	c->dst->ops->put(c->dst, dir);
	return rc == -1 ? dd_context(e, "%s", path_of(c)) : 0;
}

int
tree_copy(struct tree *src, const char *from, struct tree *dst,
    const char *to, struct copy_opts *o, struct dd_err *e)
{
	struct copier c = { .src = src, .dst = dst, .o = o, .to = BUF_INIT,
	    .shown = BUF_INIT, .scratch = BUF_INIT, .seen = MAP_INIT, .linked = MAP_INIT };
	struct measure m = { .bytes = 0 };
	struct tree_node node;
	struct tree_stat st;
	size_t at = 0;
	uint64_t id;
	char *path;
	int rc = -1;

	if (tree_lookup(src, from, false, &node, &st, e) == -1)
		return -1;
	if (st.type == TREE_DIR && !o->recursive) {
		(void)dd_fail(e, ERR_USAGE, "%s: a directory", from);
		(void)dd_hint(e, "-r copies it with all that is in it");
		goto out;
	}
	if (!o->fits && (copy_measure(src, from, dst, to, o, &m, e) == -1 ||
	    tree_fits(dst, &m, e) == -1))
		goto out;
	c.total = o->bytes + m.bytes;
	rc = o->only_check ? 0 : copy_to(&c, node, &st, to, e);
out:
	src->ops->put(src, node);
	while ((path = map_next(&c.linked, &at, &id)) != NULL)
		free(path);
	map_dispose(&c.linked);
	map_dispose(&c.seen);
	buf_dispose(&c.to);
	buf_dispose(&c.shown);
	buf_dispose(&c.scratch);
	return rc;
}
