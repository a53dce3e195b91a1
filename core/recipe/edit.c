/* Changing files in recipes; see recipe.h. */
#include <stdio.h>
#include <string.h>

#include "core/recipe/recipe.h"
#include "core/tree/copy.h"

struct tree_attr
recipe_attr(const struct tree *t, uint16_t mode)
{
	return (struct tree_attr){ .mask = TREE_SET_PERM |
	    (t->makes_owners ? TREE_SET_OWNER : 0), .perm = mode };
}

/* What the file had, that takes its place. */
static struct tree_attr
attr_of(const struct tree *t, const struct tree_stat *st)
{
	struct tree_attr a = recipe_attr(t, st->perm);

	a.uid = st->uid;
	a.gid = st->gid;
	a.flags = st->flags;
	a.mask |= t->makes_flags ? TREE_SET_FLAGS : 0;
	return a;
}

/* What stands at path, not followed.  *there false: nothing. */
static int
look(struct tree *t, const char *path, bool *there, struct tree_stat *st,
    struct dd_err *e)
{
	struct tree_node node;

	*there = tree_exists(t, path);
	if (!*there)
		return 0;
	if (tree_lookup(t, path, false, &node, st, e) == -1)
		return -1;
	t->ops->put(t, node);
	return 0;
}

static int
not_a_file(const char *path, const struct tree_stat *st, struct dd_err *e)
{
	(void)dd_fail(e, ERR_RULE, "%s: is %s, not a file (rule: recipes "
	    "change regular files only)", path, st->type == TREE_LNK ?
	    "a symbolic link" : st->type == TREE_DIR ? "a directory" :
	    "a special file");
	return dd_hint(e, "nothing was changed");
}

/* Take the file away, flags or not; keep: a copy stays as path.orig, unless
 * there is one. */
static int
put_aside(struct tree *t, const char *path, bool keep, struct dd_err *e)
{
	struct copy_opts copy = { .keep_owner = true };
	char orig[TREE_PATH_MAX];

	(void)snprintf(orig, sizeof(orig), "%s.orig", path);
	if (keep && !tree_exists(t, orig) &&
	    tree_copy(t, path, t, orig, &copy, e) == -1)
		return -1;
	return tree_remove(t, path, e);
}

int
recipe_write(struct tree *t, const char *path, const char *text, size_t len,
    uint16_t mode, bool keep, struct dd_err *e)
{
	struct tree_attr attr = recipe_attr(t, mode);
	struct buf old = BUF_INIT;
	struct tree_stat st;
	bool there, same;

	if (look(t, path, &there, &st, e) == -1)
		return -1;
	if (there) {
		if (st.type != TREE_REG)
			return not_a_file(path, &st, e);
		if (tree_read_file(t, path, RECIPE_TEXT_MAX, &old, e) == -1)
			return -1;
		same = old.len == len &&
		    (len == 0 || memcmp(old.p, text, len) == 0);
		buf_dispose(&old);
		if (same)
			return 0;
		attr = attr_of(t, &st);
		if (put_aside(t, path, keep, e) == -1)
			return -1;
	}
	return tree_write_file(t, path, text, len, &attr, e);
}

int
recipe_expect(struct tree *t, const char *path, const char *rule,
    struct tree_stat *st, struct dd_err *e)
{
	bool there;

	if (look(t, path, &there, st, e) == -1)
		return -1;
	if (there)
		return st->type == TREE_REG ? 0 : not_a_file(path, st, e);
	(void)dd_fail(e, ERR_RULE, "%s is missing (rule: %s)", path, rule);
	return dd_hint(e, "install a whole system into the image first");
}

int
recipe_edit(struct tree *t, const char *path, const struct rule *rule,
    const void *arg, struct dd_err *e)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct tree_stat st;
	int rc = -1;

	if (recipe_expect(t, path, rule->name, &st, e) == -1)
		return -1;
	if (tree_read_file(t, path, RECIPE_TEXT_MAX, &in, e) == -1 ||
	    rule_apply(rule, arg, path, in.p, in.len, &out, e) == -1)
		goto out;
	rc = recipe_write(t, path, out.p, out.len, st.perm, true, e);
out:
	buf_dispose(&in);
	buf_dispose(&out);
	return rc;
}

int
recipe_mkdir(struct tree *t, const char *path, struct dd_err *e)
{
	const struct tree_attr attr = recipe_attr(t, 0755);
	struct tree_stat st;
	bool there;

	if (look(t, path, &there, &st, e) == -1)
		return -1;
	if (!there)
		return tree_mkdirs(t, path, &attr, e);
	if (st.type == TREE_DIR)
		return 0;
	(void)dd_fail(e, ERR_RULE, "%s: is there and no directory (rule: "
	    "directories to mount on)", path);
	return dd_hint(e, "nothing was changed");
}
