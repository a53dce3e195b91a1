/*
 * Walks in order of path bytes.
 *
 * "/d-x" sorts before "/d/a", since '-' is less than '/'.  So below a
 * directory `d` one can't go down at once: its subtree stands where "d/"
 * would, and siblings such as "d-x" come first.  Directories that wait for
 * that moment are kept on a stack: each is a prefix of the one above it, so the
 * top is always the next one due.  The stack is a chain through the list's
 * own entries.
 */
#include <stdlib.h>
#include <string.h>

#include "core/tree/list.h"

#define NOBODY	UINT32_MAX

struct walk {
	struct tree	*t;
	tree_visit_fn	*fn;
	void		*arg;
	struct buf	 path;
	struct map	 seen;
};

static int	walk_dir(struct walk *, struct tree_node, unsigned,
		    struct dd_err *);

static const char *
path_of(const struct walk *w)
{
	return w->path.len > 0 ? w->path.p : "/";
}

static int
visit(struct walk *w, struct tree_node node, struct tree_stat *st,
    struct dd_err *e)
{
	struct tree_visit v = { .path = path_of(w), .node = node, .st = st };

	if (w->t->ops->stat(w->t, node, st, e) == -1)
		return dd_context(e, "%s", path_of(w));
	return w->fn(w->arg, &v, e);
}

/* Go down into entry i, a directory, or only look at it. */
static int
child(struct walk *w, const struct tree_list *list, size_t i,
    struct tree_node dir, unsigned depth, bool down, bool *is_dir,
    struct dd_err *e)
{
	struct tree_node node;
	struct tree_stat st;
	size_t len = w->path.len;
	int rc;

	if (buf_printf(&w->path, "/%s", tree_list_name(list, i)) == -1)
		return dd_fail_nomem(e);
	if (tree_list_node(list, i, w->t, dir, &node, e) == -1)
		return dd_context(e, "%s", path_of(w));
	if (down)
		rc = walk_dir(w, node, depth + 1, e);
	else {
		rc = visit(w, node, &st, e);
		*is_dir = rc == 0 && st.type == TREE_DIR;
	}
	w->t->ops->put(w->t, node);
	w->path.len = len;
	w->path.p[len] = '\0';
	return rc;
}

/* Is "dir/" less than name? */
static bool
due(const char *dir, const char *name)
{
	size_t n = strlen(dir);
	int r = strncmp(dir, name, n);

	return r < 0 || (r == 0 && (unsigned char)name[n] > '/');
}

static int
walk_dir(struct walk *w, struct tree_node dir, unsigned depth,
    struct dd_err *e)
{
	struct tree_list list = TREE_LIST_INIT;
	struct tree_stat st;
	uint32_t top = NOBODY, i;
	bool is_dir;
	int rc = -1;

	if (w->t->ops->stat(w->t, dir, &st, e) == -1 ||
	    tree_enter(&w->seen, &st, depth, path_of(w), e) == -1)
		goto out;
	if (tree_list_read(&list, w->t, dir, e) == -1) {
		(void)dd_context(e, "%s", path_of(w));
		goto out;
	}
	for (i = 0; i <= list.n; i++) {
		const char *name = i < list.n ? tree_list_name(&list, i) :
		    NULL;

		while (top != NOBODY && (name == NULL ||
		    due(tree_list_name(&list, top), name))) {
			if (child(w, &list, top, dir, depth, true, &is_dir,
			    e) == -1)
				goto out;
			top = list.v[top].link;
		}
		if (name == NULL)
			break;
		if (child(w, &list, i, dir, depth, false, &is_dir, e) == -1)
			goto out;
		if (is_dir) {
			list.v[i].link = top;
			top = i;
		}
	}
	rc = 0;
out:
	tree_list_dispose(&list);
	return rc;
}

/* path with one slash before each component, "" for the root. */
static int
tidy(struct buf *out, const char *path)
{
	size_t n;

	for (; *path != '\0'; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 0 || (n == 1 && path[0] == '.'))
			continue;
		(void)buf_str(out, "/");
		(void)buf_add(out, path, n);
	}
	return out->failed ? -1 : 0;
}

int
tree_walk(struct tree *t, const char *path, tree_visit_fn *fn, void *arg,
    struct dd_err *e)
{
	struct walk w = { .t = t, .fn = fn, .arg = arg, .path = BUF_INIT,
	    .seen = MAP_INIT };
	struct tree_node node;
	struct tree_stat st;
	int rc;

	if (tree_lookup(t, path, false, &node, NULL, e) == -1)
		return -1;
	if (tidy(&w.path, path) == -1)
		rc = dd_fail_nomem(e);
	else if ((rc = visit(&w, node, &st, e)) == 0 && st.type == TREE_DIR)
		rc = walk_dir(&w, node, 0, e);
	t->ops->put(t, node);
	buf_dispose(&w.path);
	map_dispose(&w.seen);
	return rc;
}
