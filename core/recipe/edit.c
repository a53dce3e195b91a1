/* Changing files in recipes; see recipe.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/recipe/recipe.h"

static struct tree_attr
attr_of(const struct tree_stat *st)
{
	return (struct tree_attr){ .mask = TREE_SET_PERM | TREE_SET_OWNER |
	    TREE_SET_FLAGS, .perm = st->perm, .uid = st->uid, .gid = st->gid,
	    .flags = st->flags };
}

static struct tree_attr
attr_root(uint16_t mode)
{
	return (struct tree_attr){ .mask = TREE_SET_PERM | TREE_SET_OWNER,
	    .perm = mode };
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

/* Rename path to path.orig, unless there is one: then remove it. */
static int
put_aside(struct tree *t, const char *path, bool keep, struct dd_err *e)
{
	struct tree_node dir;
	char orig[TREE_NAME_MAX + 8];
	char orig_path[TREE_PATH_MAX];
	const char *name;
	int rc;

	if (tree_parent(t, path, &dir, &name, e) == -1)
		return -1;
	(void)snprintf(orig, sizeof(orig), "%s.orig", name);
	(void)snprintf(orig_path, sizeof(orig_path), "%s.orig", path);
	if (keep && !tree_exists(t, orig_path))
		rc = t->ops->rename(t, dir, name, dir, orig, e);
	else
		rc = t->ops->unlink(t, dir, name, e);
	t->ops->put(t, dir);
	return rc;
}

int
recipe_write(struct tree *t, const char *path, const char *text, size_t len,
    uint16_t mode, bool keep, struct dd_err *e)
{
	struct tree_attr attr = attr_root(mode);
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
		attr = attr_of(&st);
		if (put_aside(t, path, keep, e) == -1)
			return -1;
	}
	return tree_write_file(t, path, text, len, &attr, e);
}

int
recipe_edit(struct tree *t, const char *path, const struct rule *rule,
    const void *arg, struct dd_err *e)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct tree_stat st;
	bool there;
	int rc = -1;

	if (look(t, path, &there, &st, e) == -1)
		goto out;
	if (!there) {
		(void)dd_fail(e, ERR_RULE, "%s is missing (rule: %s)", path,
		    rule->name);
		(void)dd_hint(e, "install a whole system into the image "
		    "first");
		goto out;
	}
	if (st.type != TREE_REG) {
		(void)not_a_file(path, &st, e);
		goto out;
	}
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
	const struct tree_attr attr = attr_root(0755);
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
