/* Notes, attributes and texts of merge_etc, whatever they are decided for. */
#include <stdlib.h>
#include <string.h>

#include "core/base/merge3.h"
#include "core/recipe/merge_impl.h"

int
merge_note(struct etc_notes *l, const char *path, const char *why,
    size_t line)
{
	struct etc_note *v;
	char *copy;

	/* powers of two, as there are few */
	if ((l->n & (l->n - 1)) == 0) {
		v = realloc(l->v, (l->n == 0 ? 1 : l->n * 2) * sizeof(*v));
		if (v == NULL)
			return -1;
		l->v = v;
	}
	if ((copy = strdup(path)) == NULL)
		return -1;
	l->v[l->n++] = (struct etc_note){ .path = copy, .why = why,
	    .line = line };
	return 0;
}

static void
dispose(struct etc_notes *l)
{
	while (l->n > 0)
		free(l->v[--l->n].path);
	free(l->v);
	*l = (struct etc_notes){ .v = NULL };
}

void
merge_etc_dispose(struct merge_etc *o)
{
	dispose(&o->conflicts);
	dispose(&o->left);
}

struct tree_attr
merge_attr_of(const struct tree *t, const struct tree_stat *st)
{
	struct tree_attr a = recipe_attr(t, st->perm);

	a.uid = st->uid;
	a.gid = st->gid;
	a.flags = st->flags;
	a.mask |= t->makes_flags ? TREE_SET_FLAGS : 0;
	return a;
}

static bool
merge_number(uint32_t old, uint32_t new, uint32_t *local)
{
	if (old == new || *local == new)
		return true;
	if (*local != old)
		return false;
	*local = new;
	return true;
}

bool
merge_attr(const struct etc_spot s[ETC_TREES], struct tree_attr *a)
{
	const struct tree_stat *old = &s[ETC_OLD].st, *new = &s[ETC_NEW].st;
	uint32_t perm = a->perm;
	bool ok = merge_number(old->perm, new->perm, &perm) &&
	    merge_number(old->uid, new->uid, &a->uid) &&
	    merge_number(old->gid, new->gid, &a->gid) &&
	    merge_number(old->flags, new->flags, &a->flags);

	a->perm = (uint16_t)perm;
	return ok;
}

bool
merge_has_attr(const struct tree_stat *st, const struct tree_attr *a)
{
	return st->perm == a->perm && st->uid == a->uid &&
	    st->gid == a->gid && st->flags == a->flags;
}

/* A text has no NUL anywhere: what a merge makes of other things is broken. */
static bool
is_text(const struct buf *b)
{
	return b->len == 0 || memchr(b->p, '\0', b->len) == NULL;
}

static bool
can_read(const struct etc_spot *s, const char **why)
{
	if (!etc_is(s, TREE_REG))
		*why = "was changed in the root and here, and is not a file "
		    "in all three";
	else if (s->st.size > RECIPE_TEXT_MAX)
		*why = "was changed in the root and here, and is too large "
		    "to merge";
	return *why == NULL;
}

int
merge_texts(struct tree *const t[ETC_TREES],
    const struct etc_spot s[ETC_TREES], struct buf *out, const char **why,
    size_t *line, bool *same, struct dd_err *e)
{
	struct buf in[ETC_TREES] = { BUF_INIT, BUF_INIT, BUF_INIT };
	const struct buf *old = &in[ETC_OLD], *new = &in[ETC_NEW],
	    *local = &in[ETC_LOCAL];
	unsigned conflicts;
	int i, rc = -1;

	*why = NULL;
	*line = 0;
	*same = false;
	for (i = 0; i < ETC_TREES; i++)
		if (!can_read(&s[i], why))
			return 0;
	for (i = 0; i < ETC_TREES; i++) {
		if (etc_read(t[i], &s[i], RECIPE_TEXT_MAX, &in[i], e) == -1)
			goto out;
		if (!is_text(&in[i]))
			*why = "was changed in the root and here, and is no "
			    "text";
	}
	rc = 0;
	if (*why != NULL)
		goto out;
	if (merge3(old->p, old->len, local->p, local->len, new->p, new->len,
	    out, &conflicts, line) == -1)
		rc = dd_fail_nomem(e);
	else if (conflicts > 0)
		*why = "was changed in the root and here, in the same lines";
	else
		*same = out->len == local->len &&
		    memcmp(out->p, local->p, out->len) == 0;
out:
	for (i = 0; i < ETC_TREES; i++)
		buf_dispose(&in[i]);
	return rc;
}
