/* Three /etc side by side; see etc_walk.h. */
#include <string.h>

#include "core/recipe/etc_walk.h"
#include "core/recipe/root_rules.h"
#include "core/tree/content.h"
#include "core/tree/list.h"

static const char *const tree_names[] = { [ETC_OLD] = "the old root",
    [ETC_NEW] = "the new root", [ETC_LOCAL] = "the local image" };

static int	descend(struct etc_walk *, struct etc_spot [ETC_TREES],
		    unsigned, struct dd_err *);

static int
fail_at(const struct etc_walk *w, int i, struct dd_err *e)
{
	(void)dd_context(e, "%s", w->path.p);
	return dd_context(e, "%s", tree_names[i]);
}

static int
is_file(struct tree *t, const char *path)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct tree_node node;
	struct tree_stat st;

	if (tree_lookup(t, path, false, &node, &st, &ignored) == -1)
		return false;
	t->ops->put(t, node);
	return st.type == TREE_REG;
}

const char *
etc_source(struct tree *root, const char *path)
{
	return strcmp(path, "/etc/rc") == 0 && is_file(root, "/etc/rc.orig") ?
	    "/etc/rc.orig" : path;
}

static void
put(struct etc_walk *w, int i, struct etc_spot *s)
{
	if (s->there)
		w->t[i]->ops->put(w->t[i], s->node);
	s->there = false;
}

/* What can be compared at all of a node's attributes. */
static int
stat_spot(struct etc_walk *w, int i, struct etc_spot *s, struct dd_err *e)
{
	const struct tree *local = w->t[ETC_LOCAL];

	if (w->t[i]->ops->stat(w->t[i], s->node, &s->st, e) == -1)
		return fail_at(w, i, e);
	if (s->st.type == TREE_LNK)
		s->st.perm = 0777;
	if (!local->makes_owners) {
		s->st.uid = s->st.gid = 0;
		s->st.perm &= 01777;
	}
	if (!local->makes_flags)
		s->st.flags = 0;
	return 0;
}

/* Look name up in a directory. */
static int
find(struct etc_walk *w, int i, const struct etc_spot *dir, const char *name,
    struct etc_spot *s, struct dd_err *e)
{
	struct dd_err missing = DD_ERR_INIT;
	struct tree *t = w->t[i];

	*s = (struct etc_spot){ .there = false };
	if (!etc_is(dir, TREE_DIR))
		return 0;
	if (t->ops->lookup(t, dir->node, name, &s->node, &missing) == -1) {
		if (missing.code == ERR_NOENT)
			return 0;
		*e = missing;
		return fail_at(w, i, e);
	}
	s->there = true;
	if (stat_spot(w, i, s, e) == 0)
		return 0;
	put(w, i, s);
	return -1;
}

static bool
is_left_out(const char *path)
{
	size_t len = strlen(path);

	return strcmp(path, HOOK_FILE) == 0 ||
	    (len > 5 && strcmp(path + len - 5, ".orig") == 0);
}

static bool
is_special(const struct etc_spot *s)
{
	return s->there && s->st.type != TREE_REG && s->st.type != TREE_DIR &&
	    s->st.type != TREE_LNK;
}

static int
visit(struct etc_walk *w, struct etc_spot s[ETC_TREES], bool gone,
    unsigned depth, struct dd_err *e)
{
	bool enter = false;

	if (is_special(&s[ETC_OLD]) || is_special(&s[ETC_NEW]))
		return 0;
	if (progress_tick(w->progress, "comparing", w->files++, 0, e) == -1)
		return -1;
	w->gone = gone;
	if (w->visit(w, s, &enter, e) == -1)
		return -1;
	if (!enter)
		return 0;
	if (descend(w, s, depth + 1, e) == -1)
		return -1;
	if (w->leave != NULL)
		w->leave(w, s);
	return 0;
}

/* One name in the directories dir. */
static int
step(struct etc_walk *w, struct etc_spot dir[ETC_TREES], const char *name,
    unsigned depth, struct dd_err *e)
{
	struct etc_spot s[ETC_TREES] = { { .there = false } };
	bool gone = etc_is(&dir[ETC_OLD], TREE_DIR) &&
	    !etc_is(&dir[ETC_LOCAL], TREE_DIR);
	size_t len = w->path.len;
	int i, rc = -1;

	if (buf_printf(&w->path, "/%s", name) == -1)
		return dd_fail_nomem(e);
	if (!is_left_out(w->path.p)) {
		for (i = 0; i < ETC_TREES; i++) {
			const char *at = i == ETC_LOCAL ? w->path.p :
			    etc_source(w->t[i], w->path.p);

			if (find(w, i, &dir[i], strrchr(at, '/') + 1, &s[i],
			    e) == -1)
				goto out;
		}
		if (visit(w, s, gone, depth, e) == -1)
			goto out;
	}
	w->path.len = len;
	w->path.p[len] = '\0';
	rc = 0;
out:
	for (i = 0; i < ETC_TREES; i++)
		put(w, i, &s[i]);
	return rc;
}

static int
read_names(struct etc_walk *w, int i, const struct etc_spot *dir,
    struct map *seen, struct tree_list *list, unsigned depth,
    struct dd_err *e)
{
	if (!etc_is(dir, TREE_DIR))
		return 0;
	if (tree_enter(seen, &dir->st, depth, w->path.p, e) == -1 ||
	    tree_list_read(list, w->t[i], dir->node, e) == -1)
		return fail_at(w, i, e);
	return 0;
}

/* Each name of the two roots' directories, in order. */
static int
descend(struct etc_walk *w, struct etc_spot dir[ETC_TREES], unsigned depth,
    struct dd_err *e)
{
	struct tree_list a = TREE_LIST_INIT, b = TREE_LIST_INIT;
	size_t i = 0, j = 0;
	int rc = -1;

	if (read_names(w, ETC_OLD, &dir[ETC_OLD], &w->seen[0], &a, depth,
	    e) == -1 || read_names(w, ETC_NEW, &dir[ETC_NEW], &w->seen[1], &b,
	    depth, e) == -1)
		goto out;
	while (i < a.n || j < b.n) {
		int r = i == a.n ? 1 : j == b.n ? -1 :
		    strcmp(tree_list_name(&a, i), tree_list_name(&b, j));

		if (step(w, dir, r <= 0 ? tree_list_name(&a, i) :
		    tree_list_name(&b, j), depth, e) == -1)
			goto out;
		i += r <= 0;
		j += r >= 0;
	}
	rc = 0;
out:
	tree_list_dispose(&a);
	tree_list_dispose(&b);
	return rc;
}

static int
find_etc(struct etc_walk *w, int i, struct etc_spot *s, struct dd_err *e)
{
	struct tree *t = w->t[i];
	struct etc_spot root = { .there = true, .node = t->ops->root(t),
	    .st = { .type = TREE_DIR } };
	int rc = find(w, i, &root, "etc", s, e);

	put(w, i, &root);
	if (rc == -1)
		return -1;
	if (etc_is(s, TREE_DIR))
		return 0;
	(void)dd_fail(e, ERR_RULE, "/etc is %s", s->there ?
	    "no directory" : "missing");
	(void)dd_hint(e, i == ETC_LOCAL ? "prepare it first: drydock prepare "
	    "local" : "name the root images that the domU had and gets");
	return fail_at(w, i, e);
}

int
etc_walk(struct etc_walk *w, struct dd_err *e)
{
	struct etc_spot s[ETC_TREES] = { { .there = false } };
	int i, rc = -1;

	if (buf_str(&w->path, "/etc") == -1) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (hash_open(HASH_SHA256, &w->hash, e) == -1)
		goto out;
	for (i = 0; i < ETC_TREES; i++)
		if (find_etc(w, i, &s[i], e) == -1)
			goto out;
	rc = descend(w, s, 0, e);
out:
	for (i = 0; i < ETC_TREES; i++)
		put(w, i, &s[i]);
	hash_close(w->hash);
	map_dispose(&w->seen[0]);
	map_dispose(&w->seen[1]);
	buf_dispose(&w->path);
	buf_dispose(&w->scratch);
	return rc;
}

static int
sum(struct etc_walk *w, int i, struct etc_spot *s, struct dd_err *e)
{
	if (s->sum[0] != '\0')
		return 0;
	if (content_sum(w->t[i], s->node, w->hash, &w->scratch, w->progress,
	    s->sum, e) == 0)
		return 0;
	s->sum[0] = '\0';
	return fail_at(w, i, e);
}

static int
links_differ(struct etc_walk *w, int i, const struct etc_spot *a, int j,
    const struct etc_spot *b, bool *differ, struct dd_err *e)
{
	char ta[TREE_PATH_MAX], tb[TREE_PATH_MAX];

	if (w->t[i]->ops->readlink(w->t[i], a->node, ta, sizeof(ta), e) == -1)
		return fail_at(w, i, e);
	if (w->t[j]->ops->readlink(w->t[j], b->node, tb, sizeof(tb), e) == -1)
		return fail_at(w, j, e);
	*differ = strcmp(ta, tb) != 0;
	return 0;
}

int
etc_differ(struct etc_walk *w, int i, struct etc_spot *a, int j,
    struct etc_spot *b, unsigned *how, struct dd_err *e)
{
	bool content = false;

	*how = 0;
	if (!a->there && !b->there)
		return 0;
	if (!a->there || !b->there || a->st.type != b->st.type)
		content = true;
	else if (a->st.type == TREE_LNK) {
		if (links_differ(w, i, a, j, b, &content, e) == -1)
			return -1;
	} else if (a->st.type == TREE_REG && a->st.size != b->st.size)
		content = true;
	else if (a->st.type == TREE_REG) {
		if (sum(w, i, a, e) == -1 || sum(w, j, b, e) == -1)
			return -1;
		content = strcmp(a->sum, b->sum) != 0;
	}
	*how = content ? ETC_CONTENT : 0;
	if (a->st.perm != b->st.perm || a->st.uid != b->st.uid ||
	    a->st.gid != b->st.gid || a->st.flags != b->st.flags)
		*how |= ETC_ATTR;
	return 0;
}

static int
same_tree(struct etc_walk *w, struct map *seen, int i, struct etc_spot *a,
    int j, struct etc_spot *b, unsigned depth, bool *same, struct dd_err *e)
{
	struct tree_list la = TREE_LIST_INIT, lb = TREE_LIST_INIT;
	struct etc_spot sa, sb;
	unsigned how;
	size_t k;
	int rc = -1;

	if (etc_differ(w, i, a, j, b, &how, e) == -1)
		return -1;
	*same = how == 0 && !is_special(a);
	if (!*same || a->st.type != TREE_DIR)
		return 0;
	if (read_names(w, i, a, seen, &la, depth, e) == -1 ||
	    tree_list_read(&lb, w->t[j], b->node, e) == -1)
		goto out;
	*same = la.n == lb.n;
	for (k = 0; k < la.n && *same; k++) {
		const char *name = tree_list_name(&la, k);

		rc = find(w, i, a, name, &sa, e);
		if (rc == 0 && (rc = find(w, j, b, name, &sb, e)) == 0) {
			rc = same_tree(w, seen, i, &sa, j, &sb, depth + 1,
			    same, e);
			put(w, j, &sb);
		}
		put(w, i, &sa);
		if (rc == -1)
			goto out;
	}
	rc = 0;
out:
	tree_list_dispose(&la);
	tree_list_dispose(&lb);
	return rc;
}

int
etc_same_all(struct etc_walk *w, int i, struct etc_spot *a, int j,
    struct etc_spot *b, bool *same, struct dd_err *e)
{
	struct map seen = MAP_INIT;
	int rc = same_tree(w, &seen, i, a, j, b, 0, same, e);

	map_dispose(&seen);
	return rc;
}

int
etc_read(struct tree *t, const struct etc_spot *s, size_t max, struct buf *b,
    struct dd_err *e)
{
	size_t got, want;
	uint64_t off;
	char *p;

	if (s->st.type != TREE_REG || s->st.size > max)
		return dd_fail(e, ERR_TYPE, "not a file of at most %zu bytes",
		    max);
	want = (size_t)s->st.size;
	if ((p = buf_room(b, want)) == NULL)
		return dd_fail_nomem(e);
	for (off = 0; off < want; off += got) {
		if (t->ops->read(t, s->node, p + off, want - (size_t)off, off,
		    &got, e) == -1)
			return -1;
		if (got == 0)
			return dd_fail(e, ERR_HELD,
			    "became shorter while it was read");
	}
	b->len += want;
	b->p[b->len] = '\0';
	return 0;
}
