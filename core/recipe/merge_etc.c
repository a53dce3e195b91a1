/*
 * What becomes of each path in /etc; see merge_etc.h.
 *
 * The walk only reads, and makes a plan: so a conflict in the last file leaves
 * the first as it was, and no directory changes while it is gone through.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/recipe/merge_impl.h"

static int
plan(struct merger *m, enum merge_act act, const char *path,
    const struct tree_attr *attr)
{
	struct merge_item *v;
	size_t cap;
	char *copy;

	if (m->n == m->cap) {
		cap = m->cap == 0 ? 64 : m->cap * 2;
		if ((v = realloc(m->items, cap * sizeof(*v))) == NULL)
			return -1;
		m->items = v;
		m->cap = cap;
	}
	if ((copy = strdup(path)) == NULL)
		return -1;
	m->items[m->n] = (struct merge_item){ .act = act, .path = copy };
	if (attr != NULL)
		m->items[m->n].attr = *attr;
	m->n++;
	return 0;
}

/* The same, counted. */
static int
act(struct etc_walk *w, enum merge_act what, const struct tree_attr *attr,
    unsigned *count, struct dd_err *e)
{
	if (plan(w->arg, what, w->path.p, attr) == -1)
		return dd_fail_nomem(e);
	if (count != NULL)
		++*count;
	return 0;
}

static int
conflict(struct etc_walk *w, const char *why, size_t line, struct dd_err *e)
{
	struct merge_etc *o = ((struct merger *)w->arg)->o;

	if (o->keep != NULL && o->keep(o->arg, w->path.p)) {
		o->kept++;
		return 0;
	}
	return merge_note(&o->conflicts, w->path.p, why, line) == -1 ?
	    dd_fail_nomem(e) : 0;
}

static int
leave_it(struct etc_walk *w, const char *why, struct dd_err *e)
{
	struct merge_etc *o = ((struct merger *)w->arg)->o;

	o->kept++;
	return merge_note(&o->left, w->path.p, why, 0) == -1 ?
	    dd_fail_nomem(e) : 0;
}

/* The content stays; attributes may come from the root. */
static int
keep_content(struct etc_walk *w, struct etc_spot s[ETC_TREES],
    const struct tree_attr *a, struct dd_err *e)
{
	struct merge_etc *o = ((struct merger *)w->arg)->o;

	if (!merge_has_attr(&s[ETC_LOCAL].st, a))
		return act(w, MERGE_ATTR, a, &o->taken, e);
	o->kept++;
	return 0;
}

static int
take_content(struct etc_walk *w, struct etc_spot s[ETC_TREES],
    const struct tree_attr *a, struct dd_err *e)
{
	struct merge_etc *o = ((struct merger *)w->arg)->o;

	if (act(w, MERGE_COPY, NULL, &o->taken, e) == -1)
		return -1;
	return merge_has_attr(&s[ETC_NEW].st, a) ? 0 :
	    act(w, MERGE_ATTR, a, NULL, e);
}

static int
merge_content(struct etc_walk *w, struct etc_spot s[ETC_TREES],
    const struct tree_attr *a, struct dd_err *e)
{
	struct merge_etc *o = ((struct merger *)w->arg)->o;
	struct buf out = BUF_INIT;
	const char *why;
	size_t line;
	bool same;
	int rc = merge_texts(w->t, s, &out, &why, &line, &same, e);

	buf_dispose(&out);
	if (rc == -1)
		return dd_context(e, "%s", w->path.p);
	if (why != NULL)
		return conflict(w, why, line, e);
	return same ? keep_content(w, s, a, e) :
	    act(w, MERGE_TEXT, a, &o->merged, e);
}

/* Changed in the root, and here, where no directory stands. */
static int
both_changed(struct etc_walk *w, struct etc_spot s[ETC_TREES], unsigned root,
    unsigned here, struct dd_err *e)
{
	struct tree_attr a = merge_attr_of(w->t[ETC_LOCAL], &s[ETC_LOCAL].st);
	unsigned gap;

	if (etc_differ(w, ETC_NEW, &s[ETC_NEW], ETC_LOCAL, &s[ETC_LOCAL],
	    &gap, e) == -1)
		return -1;
	if (gap == 0)
		return 0;
	if (!merge_attr(s, &a))
		return conflict(w, "permissions, owner or flags were changed "
		    "in the root and here", 0, e);
	if ((root & ETC_CONTENT) == 0 || (gap & ETC_CONTENT) == 0)
		return keep_content(w, s, &a, e);
	if ((here & ETC_CONTENT) == 0)
		return take_content(w, s, &a, e);
	return merge_content(w, s, &a, e);
}

/* In both roots, and no directory in either. */
static int
on_file(struct etc_walk *w, struct etc_spot s[ETC_TREES], struct dd_err *e)
{
	struct merge_etc *o = ((struct merger *)w->arg)->o;
	unsigned root, here;

	if (etc_differ(w, ETC_OLD, &s[ETC_OLD], ETC_NEW, &s[ETC_NEW], &root,
	    e) == -1 || etc_differ(w, ETC_OLD, &s[ETC_OLD], ETC_LOCAL,
	    &s[ETC_LOCAL], &here, e) == -1)
		return -1;
	if (root == 0) {
		o->kept += here != 0;
		return 0;
	}
	if (here == 0)
		return act(w, MERGE_COPY, NULL, &o->taken, e);
	if (!s[ETC_LOCAL].there)
		return conflict(w, "was changed in the root, and removed here",
		    0, e);
	if (s[ETC_LOCAL].st.type == TREE_DIR)
		return conflict(w, "was changed in the root, and is a "
		    "directory here", 0, e);
	return both_changed(w, s, root, here, e);
}

/* A directory in both roots. */
static int
on_dir(struct etc_walk *w, struct etc_spot s[ETC_TREES], struct dd_err *e)
{
	struct merge_etc *o = ((struct merger *)w->arg)->o;
	struct tree_attr a;

	if (!etc_is(&s[ETC_LOCAL], TREE_DIR)) {
		o->kept++;
		return 0;
	}
	a = merge_attr_of(w->t[ETC_LOCAL], &s[ETC_LOCAL].st);
	if (!merge_attr(s, &a))
		return conflict(w, "permissions, owner or flags were changed "
		    "in the root and here", 0, e);
	if (merge_has_attr(&s[ETC_LOCAL].st, &a))
		return 0;
	return act(w, MERGE_ATTR, &a, &o->taken, e);
}

/* A file in one root, a directory in the other. */
static int
on_other_type(struct etc_walk *w, struct etc_spot s[ETC_TREES], bool *enter,
    struct dd_err *e)
{
	bool to_dir = s[ETC_NEW].st.type == TREE_DIR, same = false;
	struct merge_etc *o = ((struct merger *)w->arg)->o;
	struct tree_attr a = merge_attr_of(w->t[ETC_LOCAL], &s[ETC_NEW].st);
	unsigned gap;

	*enter = false;
	if (etc_differ(w, ETC_NEW, &s[ETC_NEW], ETC_LOCAL, &s[ETC_LOCAL],
	    &gap, e) == -1)
		return -1;
	if ((gap & ETC_CONTENT) == 0) {
		*enter = to_dir;
		return 0;
	}
	if (s[ETC_LOCAL].there && etc_same_all(w, ETC_OLD, &s[ETC_OLD],
	    ETC_LOCAL, &s[ETC_LOCAL], &same, e) == -1)
		return -1;
	if (!same)
		return conflict(w, to_dir ? "became a directory in the root, "
		    "and was changed here" : "is no directory any more in the "
		    "root, and was changed here", 0, e);
	if (!to_dir)
		return act(w, MERGE_COPY, NULL, &o->taken, e);
	*enter = true;
	return act(w, MERGE_REMOVE, NULL, &o->taken, e) == -1 ? -1 :
	    act(w, MERGE_MKDIR, &a, NULL, e);
}

static int
on_added(struct etc_walk *w, struct etc_spot s[ETC_TREES], bool *enter,
    struct dd_err *e)
{
	struct merge_etc *o = ((struct merger *)w->arg)->o;
	struct tree_attr a = merge_attr_of(w->t[ETC_LOCAL], &s[ETC_NEW].st);
	bool dir = s[ETC_NEW].st.type == TREE_DIR;
	unsigned gap;

	if (etc_differ(w, ETC_NEW, &s[ETC_NEW], ETC_LOCAL, &s[ETC_LOCAL],
	    &gap, e) == -1)
		return -1;
	*enter = dir && (gap & ETC_CONTENT) == 0;
	if ((gap & ETC_CONTENT) == 0) {
		o->kept += !dir && gap != 0;
		return 0;
	}
	if (s[ETC_LOCAL].there)
		return conflict(w, "is new in the root, and something else "
		    "stands here", 0, e);
	if (w->gone)
		return conflict(w, "is new in the root, and its directory "
		    "was removed here", 0, e);
	*enter = dir;
	return act(w, dir ? MERGE_MKDIR : MERGE_COPY, &a, &o->added, e);
}

static int
on_removed(struct etc_walk *w, struct etc_spot s[ETC_TREES], bool *enter,
    struct dd_err *e)
{
	static const char why[] = "the root has it no more, but it was changed "
	    "here: kept";
	struct merge_etc *o = ((struct merger *)w->arg)->o;
	unsigned here;

	*enter = false;
	if (!s[ETC_LOCAL].there)
		return 0;
	if (etc_differ(w, ETC_OLD, &s[ETC_OLD], ETC_LOCAL, &s[ETC_LOCAL],
	    &here, e) == -1)
		return -1;
	if (s[ETC_OLD].st.type == TREE_DIR) {
		*enter = (here & ETC_CONTENT) == 0;
		return *enter ? 0 : leave_it(w, why, e);
	}
	return here != 0 ? leave_it(w, why, e) :
	    act(w, MERGE_REMOVE, NULL, &o->removed, e);
}

/* The four files that make up one database, and whether this one lags. */
static int
on_passwd(struct etc_walk *w, struct etc_spot s[ETC_TREES], struct dd_err *e)
{
	struct merger *m = w->arg;
	unsigned root, gap;

	if (strstr(w->path.p, ".db") != NULL)
		return 0;
	if (etc_differ(w, ETC_OLD, &s[ETC_OLD], ETC_NEW, &s[ETC_NEW], &root,
	    e) == -1 || etc_differ(w, ETC_NEW, &s[ETC_NEW], ETC_LOCAL,
	    &s[ETC_LOCAL], &gap, e) == -1)
		return -1;
	m->users = m->users || (root != 0 && gap != 0);
	return 0;
}

static const char *const passwd_files[] = { "/etc/master.passwd",
    "/etc/passwd", "/etc/pwd.db", "/etc/spwd.db" };

#define NPASSWD	(sizeof(passwd_files) / sizeof(passwd_files[0]))

static bool
is_passwd(const char *path)
{
	size_t i;

	for (i = 0; i < NPASSWD; i++)
		if (strcmp(path, passwd_files[i]) == 0)
			return true;
	return false;
}

static int
visit(struct etc_walk *w, struct etc_spot s[ETC_TREES], bool *enter,
    struct dd_err *e)
{
	bool dir[2];

	if (is_passwd(w->path.p))
		return on_passwd(w, s, e);
	if (!s[ETC_OLD].there)
		return on_added(w, s, enter, e);
	if (!s[ETC_NEW].there)
		return on_removed(w, s, enter, e);
	dir[ETC_OLD] = s[ETC_OLD].st.type == TREE_DIR;
	dir[ETC_NEW] = s[ETC_NEW].st.type == TREE_DIR;
	if (dir[ETC_OLD] != dir[ETC_NEW])
		return on_other_type(w, s, enter, e);
	*enter = dir[ETC_OLD];
	return *enter ? on_dir(w, s, e) : on_file(w, s, e);
}

static void
leave(struct etc_walk *w, const struct etc_spot s[ETC_TREES])
{
	struct merger *m = w->arg;

	if (!s[ETC_NEW].there && etc_is(&s[ETC_LOCAL], TREE_DIR))
		m->failed = plan(m, MERGE_RMDIR, w->path.p, NULL) == -1 ||
		    m->failed;
}

static int
note_users(struct merger *m, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < NPASSWD && m->users; i++)
		if (merge_note(&m->o->left, passwd_files[i], "users changed "
		    "in the root: compare by hand, and run pwd_mkdb",
		    0) == -1)
			return dd_fail_nomem(e);
	return 0;
}

static int
refuse(const struct etc_notes *c, struct dd_err *e)
{
	char line[32] = "", more[64] = "";

	if (c->v[0].line > 0)
		(void)snprintf(line, sizeof(line), " (line %zu)",
		    c->v[0].line);
	if (c->n > 1)
		(void)snprintf(more, sizeof(more), "; and %zu more",
		    c->n - 1);
	(void)dd_fail(e, ERR_RULE, "%s%s %s%s", c->v[0].path, line,
	    c->v[0].why, more);
	return dd_hint(e, "nothing was changed: make the domU's file equal to "
	    "the new root's, or to the old one's, or keep it with --keep");
}

int
merge_etc(struct tree *old_root, struct tree *new_root, struct tree *local,
    struct merge_etc *o, struct dd_err *e)
{
	struct merger m = { .o = o,
	    .t = { old_root, new_root, local } };
	struct etc_walk w = { .t = { old_root, new_root, local },
	    .progress = o->progress, .visit = visit, .leave = leave,
	    .arg = &m };
	int rc = -1;

	if (etc_walk(&w, e) == -1 || note_users(&m, e) == -1)
		goto out;
	if (m.failed) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	rc = o->conflicts.n > 0 ? refuse(&o->conflicts, e) :
	    merge_apply(&m, e);
out:
	while (m.n > 0)
		free(m.items[--m.n].path);
	free(m.items);
	return rc;
}
