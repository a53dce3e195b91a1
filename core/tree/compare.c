/*
 * What differs between two trees: both are gone through side by side, name by
 * name.  Where the driver has fingerprints, files that are the same on both
 * sides are passed over without being read.  Times and sizes of directories
 * don't count: they follow from what is in them.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/tree/content.h"
#include "core/tree/copy.h"
#include "core/tree/list.h"

struct side {
	struct tree	*t;
	struct map	 seen;
	struct buf	 scratch;
};

struct comparison {
	struct side	 a, b;		/* before, after */
	change_fn	*fn;
	void		*arg;
	struct buf	 path;
};

static int	compare_dirs(struct comparison *, struct tree_node,
		    struct tree_node, unsigned, struct dd_err *);

static const char *
path_of(const struct comparison *c)
{
	return c->path.len > 0 ? c->path.p : "/";
}

static bool
same_time(const struct tree_time *a, const struct tree_time *b)
{
	return a->sec == b->sec && a->nsec == b->nsec;
}

static bool
same_attr(const struct tree_stat *a, const struct tree_stat *b)
{
	bool device = a->type == TREE_CHR || a->type == TREE_BLK;

	return a->perm == b->perm && a->uid == b->uid && a->gid == b->gid &&
	    a->flags == b->flags && (!device || a->rdev == b->rdev) &&
	    (a->type == TREE_DIR || same_time(&a->mtime, &b->mtime));
}

/* Read [off, off + len) into the side's room. */
static int
fetch(struct side *s, struct tree_node node, size_t len, uint64_t off,
    const void **p, struct dd_err *e)
{
	void *room;
	size_t got;

	buf_reset(&s->scratch);
	if ((room = buf_room(&s->scratch, len)) == NULL)
		return dd_fail_nomem(e);
	if (s->t->ops->read(s->t, node, room, len, off, &got, e) == -1)
		return -1;
	if (got != len)
		return dd_fail(e, ERR_HELD,
		    "became shorter while it was read");
	*p = room;
	return 0;
}

/* Regular files of the same size.  Where both have a hole nothing is read. */
static int
compare_content(struct comparison *c, struct tree_node a, struct tree_node b,
    uint64_t size, bool *differ, struct dd_err *e)
{
	uint64_t off = 0, as, ae, bs, be;
	const void *pa, *pb;
	size_t len;

	*differ = false;
	for (;;) {
		if (c->a.t->ops->next_data(c->a.t, a, off, &as, &ae,
		    e) == -1 ||
		    c->b.t->ops->next_data(c->b.t, b, off, &bs, &be, e) == -1)
			return -1;
		off = min64(as, bs);
		if (off >= size)
			return 0;
		len = (size_t)min64(size - off, CONTENT_PIECE);
		if (fetch(&c->a, a, len, off, &pa, e) == -1 ||
		    fetch(&c->b, b, len, off, &pb, e) == -1)
			return -1;
		if (memcmp(pa, pb, len) != 0) {
			*differ = true;
			return 0;
		}
		off += len;
	}
}

static int
compare_links(struct comparison *c, struct tree_node a, struct tree_node b,
    bool *differ, struct dd_err *e)
{
	char ta[TREE_PATH_MAX], tb[TREE_PATH_MAX];

	if (c->a.t->ops->readlink(c->a.t, a, ta, sizeof(ta), e) == -1 ||
	    c->b.t->ops->readlink(c->b.t, b, tb, sizeof(tb), e) == -1)
		return -1;
	*differ = strcmp(ta, tb) != 0;
	return 0;
}

/* Do the driver's fingerprints say that these are the same? */
static int
known_same(struct comparison *c, struct tree_node a, struct tree_node b,
    bool *yes, struct dd_err *e)
{
	uint64_t fa[2], fb[2];

	*yes = false;
	if (c->a.t->ops->fingerprint == NULL ||
	    c->b.t->ops->fingerprint != c->a.t->ops->fingerprint)
		return 0;
	if (c->a.t->ops->fingerprint(c->a.t, a, fa, e) == -1 ||
	    c->b.t->ops->fingerprint(c->b.t, b, fb, e) == -1)
		return -1;
	*yes = fa[0] == fb[0] && fa[1] == fb[1];
	return 0;
}

/* Two nodes of one type under one name. */
static int
compare_nodes(struct comparison *c, struct tree_node a, struct tree_node b,
    const struct tree_stat *sa, const struct tree_stat *sb, unsigned depth,
    struct dd_err *e)
{
	struct change ch = { .kind = CHANGE_CHANGED, .path = path_of(c),
	    .before = sa, .after = sb, .node_before = a, .node_after = b };
	bool same = false;
	int r = 0;

	if (sa->type != TREE_DIR && known_same(c, a, b, &same, e) == -1)
		return -1;
	if (same)
		return 0;
	if (sa->type == TREE_LNK)
		r = compare_links(c, a, b, &ch.content, e);
	else if (sa->type == TREE_REG && sa->size != sb->size)
		ch.content = true;
	else if (sa->type == TREE_REG)
		r = compare_content(c, a, b, sa->size, &ch.content, e);
	if (r == 0 && (ch.content || !same_attr(sa, sb)))
		r = c->fn(c->arg, &ch, e);
	if (r == 0 && sa->type == TREE_DIR)
		r = compare_dirs(c, a, b, depth + 1, e);
	return r;
}

/* A node that is on one side only, and all below it. */
static int
report_all(struct comparison *c, struct side *s, struct tree_node node,
    const struct tree_stat *st, unsigned depth, struct dd_err *e)
{
	bool added = s == &c->b;
	struct change ch = { .kind = added ? CHANGE_ADDED : CHANGE_REMOVED,
	    .path = path_of(c), .content = true };
	struct tree_list list = TREE_LIST_INIT;
	size_t i, len = c->path.len;
	struct tree_node sub;
	struct tree_stat sst;
	int rc = -1;

	if (added) {
		ch.after = st;
		ch.node_after = node;
	} else {
		ch.before = st;
		ch.node_before = node;
	}
	if (c->fn(c->arg, &ch, e) == -1)
		return -1;
	if (st->type != TREE_DIR)
		return 0;
	if (tree_enter(&s->seen, st, depth, path_of(c), e) == -1 ||
	    tree_list_read(&list, s->t, node, e) == -1)
		goto out;
	for (i = 0; i < list.n; i++) {
		if (buf_printf(&c->path, "/%s",
		    tree_list_name(&list, i)) == -1) {
			(void)dd_fail_nomem(e);
			goto out;
		}
		if (tree_list_node(&list, i, s->t, node, &sub, e) == -1)
			goto out;
		rc = s->t->ops->stat(s->t, sub, &sst, e);
		if (rc == 0)
			rc = report_all(c, s, sub, &sst, depth + 1, e);
		s->t->ops->put(s->t, sub);
		if (rc == -1)
			goto out;
		c->path.len = len;
		c->path.p[len] = '\0';
	}
	rc = 0;
out:
	tree_list_dispose(&list);
	return rc;
}

/* What stands under one name in both; either may be missing (NULL). */
static int
compare_entry(struct comparison *c, const struct tree_node *a,
    const struct tree_node *b, unsigned depth, struct dd_err *e)
{
	struct tree_stat sa, sb;

	if ((a != NULL && c->a.t->ops->stat(c->a.t, *a, &sa, e) == -1) ||
	    (b != NULL && c->b.t->ops->stat(c->b.t, *b, &sb, e) == -1))
		return -1;
	if (a != NULL && b != NULL && sa.type == sb.type)
		return compare_nodes(c, *a, *b, &sa, &sb, depth, e);
	if (a != NULL &&
	    report_all(c, &c->a, *a, &sa, depth + 1, e) == -1)
		return -1;
	if (b != NULL &&
	    report_all(c, &c->b, *b, &sb, depth + 1, e) == -1)
		return -1;
	return 0;
}

/* The next name of the two lists: which of them have it? */
static void
next_name(const struct tree_list *a, size_t i, const struct tree_list *b,
    size_t j, bool *in_a, bool *in_b)
{
	int r;

	if (i == a->n || j == b->n)
		r = i == a->n ? 1 : -1;
	else
		r = strcmp(tree_list_name(a, i), tree_list_name(b, j));
	*in_a = r <= 0;
	*in_b = r >= 0;
}

static int
compare_names(struct comparison *c, const struct tree_list *la, size_t i,
    struct tree_node a, const struct tree_list *lb, size_t j,
    struct tree_node b, bool in_a, bool in_b, unsigned depth,
    struct dd_err *e)
{
	const char *name = in_a ? tree_list_name(la, i) :
	    tree_list_name(lb, j);
	struct tree_node na, nb;
	size_t len = c->path.len;
	int rc = -1;

	if (buf_printf(&c->path, "/%s", name) == -1)
		return dd_fail_nomem(e);
	if (in_a && tree_list_node(la, i, c->a.t, a, &na, e) == -1)
		return -1;
	if (!in_b || tree_list_node(lb, j, c->b.t, b, &nb, e) == 0) {
		rc = compare_entry(c, in_a ? &na : NULL, in_b ? &nb : NULL,
		    depth, e);
		if (in_b)
			c->b.t->ops->put(c->b.t, nb);
	}
	if (in_a)
		c->a.t->ops->put(c->a.t, na);
	if (rc == -1)
		return -1;
	c->path.len = len;
	c->path.p[len] = '\0';
	return 0;
}

static int
enter(struct comparison *c, struct side *s, struct tree_node dir,
    struct tree_list *list, unsigned depth, struct dd_err *e)
{
	struct tree_stat st;

	if (s->t->ops->stat(s->t, dir, &st, e) == -1 ||
	    tree_enter(&s->seen, &st, depth, path_of(c), e) == -1)
		return -1;
	return tree_list_read(list, s->t, dir, e);
}

static int
compare_dirs(struct comparison *c, struct tree_node a, struct tree_node b,
    unsigned depth, struct dd_err *e)
{
	struct tree_list la = TREE_LIST_INIT, lb = TREE_LIST_INIT;
	size_t i = 0, j = 0;
	bool in_a, in_b;
	int rc = -1;

	if (enter(c, &c->a, a, &la, depth, e) == -1 ||
	    enter(c, &c->b, b, &lb, depth, e) == -1)
		goto out;
	while (i < la.n || j < lb.n) {
		next_name(&la, i, &lb, j, &in_a, &in_b);
		if (compare_names(c, &la, i, a, &lb, j, b, in_a, in_b, depth,
		    e) == -1)
			goto out;
		i += in_a;
		j += in_b;
	}
	rc = 0;
out:
	tree_list_dispose(&la);
	tree_list_dispose(&lb);
	return rc;
}

int
tree_compare(struct tree *before, struct tree *after, change_fn *fn,
    void *arg, struct dd_err *e)
{
	struct comparison c = {
		.a = { before, MAP_INIT, BUF_INIT },
		.b = { after, MAP_INIT, BUF_INIT },
		.fn = fn, .arg = arg, .path = BUF_INIT
	};
	struct tree_node a = { .v = 0 }, b = after->ops->root(after);
	int rc;

	if (before != NULL)
		a = before->ops->root(before);
	rc = compare_entry(&c, before != NULL ? &a : NULL, &b, 0, e);
	if (rc == -1)
		(void)dd_context(e, "%s", path_of(&c));
	if (before != NULL)
		before->ops->put(before, a);
	after->ops->put(after, b);
	map_dispose(&c.a.seen);
	map_dispose(&c.b.seen);
	buf_dispose(&c.a.scratch);
	buf_dispose(&c.b.scratch);
	buf_dispose(&c.path);
	return rc;
}
