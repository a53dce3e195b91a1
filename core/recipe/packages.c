/* The packages in a pkg image; see packages.h. */
#include <stdlib.h>
#include <string.h>

#include "core/recipe/packages.h"
#include "core/tree/list.h"

static int
by_name(const void *a, const void *b)
{
	const struct package *pa = a, *pb = b;
	int r = strcmp(pa->name, pb->name);

	return r != 0 ? r : strcmp(pa->version, pb->version);
}

/* What stands under name in dir, where that is of the type; not followed.
 * 1: *node is the caller's; 0: it does not, -1. */
static int
find(struct tree *t, struct tree_node dir, const char *name,
    enum tree_type type, struct tree_node *node, struct dd_err *e)
{
	struct dd_err missing = DD_ERR_INIT;
	struct tree_stat st;
	int rc;

	if (t->ops->lookup(t, dir, name, node, &missing) == -1) {
		if (missing.code == ERR_NOENT)
			return 0;
		*e = missing;
		return -1;
	}
	rc = t->ops->stat(t, *node, &st, e);
	if (rc == 0 && st.type == type)
		return 1;
	t->ops->put(t, *node);
	return rc;
}

static int
is_package(struct tree *t, struct tree_node db, const char *name, bool *yes,
    struct dd_err *e)
{
	struct tree_node dir, contents;
	int r = find(t, db, name, TREE_DIR, &dir, e);

	*yes = false;
	if (r != 1)
		return r;
	r = find(t, dir, "+CONTENTS", TREE_REG, &contents, e);
	if (r == 1) {
		t->ops->put(t, contents);
		*yes = true;
	}
	t->ops->put(t, dir);
	return r == -1 ? -1 : 0;
}

/* NAME-VERSION: a version has no '-' in it. */
static int
add(struct packages *p, const char *full, struct dd_err *e)
{
	struct package *at = &p->v[p->n];
	char *dash;

	if (p->n == PACKAGES_MAX)
		return dd_fail(e, ERR_FORMAT, "more than %d packages",
		    PACKAGES_MAX);
	if ((at->name = strdup(full)) == NULL)
		return dd_fail_nomem(e);
	dash = strrchr(at->name, '-');
	at->version = at->name + strlen(at->name);
	if (dash != NULL) {
		*dash = '\0';
		at->version = dash + 1;
	}
	p->n++;
	return 0;
}

static int
read_db(struct tree *t, struct tree_node db, struct packages *p,
    struct dd_err *e)
{
	struct tree_list list = TREE_LIST_INIT;
	size_t i, room;
	bool yes;
	int rc = -1;

	if (tree_list_read(&list, t, db, e) == -1)
		goto out;
	room = list.n < PACKAGES_MAX ? list.n : PACKAGES_MAX;
	if ((p->v = calloc(room + 1, sizeof(*p->v))) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	for (i = 0; i < list.n; i++) {
		const char *name = tree_list_name(&list, i);

		if (is_package(t, db, name, &yes, e) == -1 ||
		    (yes && add(p, name, e) == -1))
			goto out;
	}
	qsort(p->v, p->n, sizeof(*p->v), by_name);
	rc = 0;
out:
	tree_list_dispose(&list);
	return rc;
}

int
packages_read(struct tree *t, struct packages *p, struct dd_err *e)
{
	static const char *const places[] = { "pkgdb", ".pkgdb" };
	struct tree_node root = t->ops->root(t), db;
	struct packages found = PACKAGES_INIT;
	int r = 0;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]) && r == 0; i++)
		r = find(t, root, places[i], TREE_DIR, &db, e);
	t->ops->put(t, root);
	if (r == 1) {
		r = read_db(t, db, &found, e);
		t->ops->put(t, db);
	}
	if (r == -1) {
		packages_dispose(&found);
		return dd_context(e, "the package database");
	}
	*p = found;
	return 0;
}

/* name and version are one piece. */
void
packages_dispose(struct packages *p)
{
	while (p->n > 0)
		free(p->v[--p->n].name);
	free(p->v);
	*p = (struct packages)PACKAGES_INIT;
}

/* From i on, behind the last that has this name. */
static size_t
end_of_name(const struct packages *p, size_t i, const char *name)
{
	while (i < p->n && strcmp(p->v[i].name, name) == 0)
		i++;
	return i;
}

/* The next version of a, from *i to end, that b has not from *j to bend; NULL:
 * none.  Both go up together. */
static const char *
only_in(const struct packages *a, size_t *i, size_t end,
    const struct packages *b, size_t *j, size_t bend)
{
	for (; *i < end; ++*i) {
		const char *version = a->v[*i].version;
		int r = 1;

		while (*j < bend &&
		    (r = strcmp(b->v[*j].version, version)) < 0)
			++*j;
		if (*j == bend || r != 0) {
			++*i;
			return version;
		}
	}
	return NULL;
}

/* All of one name.  A hostile image may have it in any number of versions:
 * those that both have are none of our business, the others go in pairs. */
static int
diff_name(const struct packages *old, size_t o0, size_t o1,
    const struct packages *new, size_t n0, size_t n1, packages_fn *fn,
    void *arg)
{
	const char *name = o0 < o1 ? old->v[o0].name : new->v[n0].name;
	size_t oi = o0, oj = n0, ni = n0, nj = o0;

	for (;;) {
		const char *a = only_in(old, &oi, o1, new, &oj, n1);
		const char *b = only_in(new, &ni, n1, old, &nj, o1);
		int r;

		if (a == NULL && b == NULL)
			return 0;
		if ((r = fn(arg, name, a, b)) != 0)
			return r;
	}
}

int
packages_diff(const struct packages *old, const struct packages *new,
    packages_fn *fn, void *arg)
{
	size_t i = 0, j = 0;

	while (i < old->n || j < new->n) {
		int r = i == old->n ? 1 : j == new->n ? -1 :
		    strcmp(old->v[i].name, new->v[j].name);
		const char *name = r <= 0 ? old->v[i].name : new->v[j].name;
		size_t i1 = end_of_name(old, i, name);
		size_t j1 = end_of_name(new, j, name);

		if ((r = diff_name(old, i, i1, new, j, j1, fn, arg)) != 0)
			return r;
		i = i1;
		j = j1;
	}
	return 0;
}
