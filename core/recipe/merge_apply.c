/*
 * The plan of merge_etc, carried out in its order: a directory is made before
 * what goes into it, and removed behind what was in it.  All paths were
 * found without following symlinks, and nothing here follows one.
 */
#include <string.h>

#include "core/recipe/merge_impl.h"
#include "core/tree/copy.h"
#include "core/tree/list.h"

static int
lookup(struct tree *t, const char *path, struct etc_spot *s,
    struct dd_err *e)
{
	*s = (struct etc_spot){ .there = false };
	if (tree_lookup(t, path, false, &s->node, &s->st, e) == -1)
		return -1;
	s->there = true;
	return 0;
}

/* What is there goes first: flags and all, and a file with another name keeps
 * its content there. */
static int
do_copy(struct merger *m, const struct merge_item *it, struct dd_err *e)
{
	struct copy_opts o = { .keep_owner = true,
	    .progress = m->o->progress };

	if (tree_remove(m->t[ETC_LOCAL], it->path, e) == -1)
		return -1;
	return tree_copy(m->t[ETC_NEW], etc_source(m->t[ETC_NEW], it->path),
	    m->t[ETC_LOCAL], it->path, &o, e);
}

static int
do_text(struct merger *m, const struct merge_item *it, struct dd_err *e)
{
	struct etc_spot s[ETC_TREES] = { { .there = false } };
	struct buf out = BUF_INIT;
	const char *why;
	size_t line;
	bool same;
	int i, rc = -1;

	for (i = 0; i < ETC_TREES; i++)
		if (lookup(m->t[i], i == ETC_LOCAL ? it->path :
		    etc_source(m->t[i], it->path), &s[i], e) == -1)
			goto out;
	if (merge_texts(m->t, s, &out, &why, &line, &same, e) == -1)
		goto out;
	if (why != NULL) {
		(void)dd_fail(e, ERR_HELD, "changed while it was merged");
		goto out;
	}
	if (tree_remove(m->t[ETC_LOCAL], it->path, e) == 0)
		rc = tree_write_file(m->t[ETC_LOCAL], it->path, out.p,
		    out.len, &it->attr, e);
out:
	for (i = 0; i < ETC_TREES; i++)
		if (s[i].there)
			m->t[i]->ops->put(m->t[i], s[i].node);
	buf_dispose(&out);
	return rc;
}

static int
do_attr(struct merger *m, const struct merge_item *it, struct dd_err *e)
{
	const struct tree_attr none = { .mask = TREE_SET_FLAGS };
	struct tree *t = m->t[ETC_LOCAL];
	struct tree_attr a = it->attr;
	struct etc_spot s;
	int rc = 0;

	if (lookup(t, it->path, &s, e) == -1)
		return -1;
	if (s.st.type == TREE_LNK)
		a.mask &= ~(unsigned)TREE_SET_PERM;
	/* with schg on it a kernel would refuse the rest */
	if (s.st.flags != 0 && t->makes_flags)
		rc = t->ops->setattr(t, s.node, &none, e);
	if (rc == 0)
		rc = t->ops->setattr(t, s.node, &a, e);
	t->ops->put(t, s.node);
	return rc;
}

static int
do_mkdir(struct merger *m, const struct merge_item *it, struct dd_err *e)
{
	return tree_mkdirs(m->t[ETC_LOCAL], it->path, &it->attr, e);
}

static int
do_remove(struct merger *m, const struct merge_item *it, struct dd_err *e)
{
	return tree_remove(m->t[ETC_LOCAL], it->path, e);
}

static int
do_rmdir(struct merger *m, const struct merge_item *it, struct dd_err *e)
{
	struct tree_list list = TREE_LIST_INIT;
	struct tree *t = m->t[ETC_LOCAL];
	struct etc_spot s;
	int rc;

	if (lookup(t, it->path, &s, e) == -1)
		return -1;
	rc = tree_list_read(&list, t, s.node, e);
	t->ops->put(t, s.node);
	if (rc == 0 && list.n == 0) {
		rc = tree_remove(t, it->path, e);
		m->o->removed++;
	} else if (rc == 0 && merge_note(&m->o->left, it->path, "the root "
	    "has it no more, but it is not empty here: kept", 0) == -1)
		rc = dd_fail_nomem(e);
	tree_list_dispose(&list);
	return rc;
}

static int	(*const acts[])(struct merger *, const struct merge_item *,
		    struct dd_err *) = {
	[MERGE_REMOVE] = do_remove,
	[MERGE_COPY] = do_copy,
	[MERGE_TEXT] = do_text,
	[MERGE_ATTR] = do_attr,
	[MERGE_MKDIR] = do_mkdir,
	[MERGE_RMDIR] = do_rmdir,
};

int
merge_apply(struct merger *m, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct merge_item *it = &m->items[i];

		if (progress_tick(m->o->progress, "merging", i, m->n,
		    e) == -1)
			return -1;
		if (acts[it->act](m, it, e) == -1)
			return dd_context(e, "%s", it->path);
	}
	return 0;
}
