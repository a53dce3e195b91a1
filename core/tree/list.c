/* A directory's names, sorted; see list.h. */
#include <stdlib.h>
#include <string.h>

#include "core/tree/list.h"

static int
add(struct tree_list *l, const struct tree_dirent *d, struct dd_err *e)
{
	struct tree_entry *v;
	size_t cap;

	if (l->n == l->cap) {
		cap = l->cap == 0 ? 64 : l->cap * 2;
		if ((v = realloc(l->v, cap * sizeof(*v))) == NULL)
			return dd_fail_nomem(e);
		l->v = v;
		l->cap = cap;
	}
	if (l->names.len > UINT32_MAX - TREE_NAME_MAX - 1)
		return dd_fail(e, ERR_CORRUPT, "directory too large");
	l->v[l->n++] = (struct tree_entry){
	    .name = (uint32_t)l->names.len, .id = d->id };
	return buf_add(&l->names, d->name, strlen(d->name) + 1) == -1 ?
	    dd_fail_nomem(e) : 0;
}

/* qsort(3) hands no context down, so the names are sorted by a merge sort of
 * our own: stable, no recursion, worst case n log n. */
static void
merge(const char *names, const struct tree_entry *from, size_t lo, size_t mid,
    size_t hi, struct tree_entry *to)
{
	size_t i = lo, j = mid, k;

	for (k = lo; k < hi; k++) {
		if (i < mid && (j >= hi || strcmp(names + from[i].name,
		    names + from[j].name) <= 0))
			to[k] = from[i++];
		else
			to[k] = from[j++];
	}
}

static int
sort(struct tree_list *l, struct dd_err *e)
{
	struct tree_entry *spare, *swap;
	size_t width, lo, mid, hi;

	if (l->n < 2)
		return 0;
	if ((spare = malloc(l->n * sizeof(*spare))) == NULL)
		return dd_fail_nomem(e);
	for (width = 1; width < l->n; width *= 2) {
		for (lo = 0; lo < l->n; lo = hi) {
			mid = lo + width < l->n ? lo + width : l->n;
			hi = mid + width < l->n ? mid + width : l->n;
			merge(l->names.p, l->v, lo, mid, hi, spare);
		}
		swap = l->v;
		l->v = spare;
		spare = swap;
	}
	l->cap = l->n;
	free(spare);
	return 0;
}

int
tree_list_read(struct tree_list *l, struct tree *t, struct tree_node dir,
    struct dd_err *e)
{
	struct tree_dirent d;
	uint64_t at = 0;
	int r;

	while ((r = t->ops->readdir(t, dir, &at, &d, e)) == 1)
		if (add(l, &d, e) == -1)
			return -1;
	return r == -1 ? -1 : sort(l, e);
}

int
tree_list_node(const struct tree_list *l, size_t i, struct tree *t,
    struct tree_node dir, struct tree_node *node, struct dd_err *e)
{
	if (l->v[i].id != 0 && t->ops->by_id != NULL) {
		*node = t->ops->by_id(t, l->v[i].id);
		return 0;
	}
	return t->ops->lookup(t, dir, tree_list_name(l, i), node, e);
}

void
tree_list_dispose(struct tree_list *l)
{
	buf_dispose(&l->names);
	free(l->v);
	*l = (struct tree_list)TREE_LIST_INIT;
}

int
tree_enter(struct map *seen, const struct tree_stat *st, unsigned depth,
    const char *path, struct dd_err *e)
{
	static char mark;

	if (depth > TREE_DEPTH_MAX)
		return dd_fail(e, ERR_CORRUPT,
		    "%s: more than %d directories below each other", path,
		    TREE_DEPTH_MAX);
	if (map_get(seen, st->id) != NULL) {
		(void)dd_fail(e, ERR_CORRUPT,
		    "%s: this directory has a second place in the tree",
		    path);
		return dd_hint(e, "the file system is damaged: run drydock "
		    "check");
	}
	return map_put(seen, st->id, &mark) == -1 ? dd_fail_nomem(e) : 0;
}
