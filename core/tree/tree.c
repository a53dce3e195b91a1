/*
 * Paths over any driver.
 *
 * Resolution keeps the stack of directories from the root to where it stands,
 * so ".." is a pop that stops at the root, and a text of what is still to
 * come, into which symlink targets are spliced.  Nothing is ever left to the
 * host's own resolution.
 */
#include <stdlib.h>
#include <string.h>

#include "core/tree/list.h"

char
tree_type_letter(enum tree_type type)
{
	switch (type) {
	case TREE_REG:
		return '-';
	case TREE_DIR:
		return 'd';
	case TREE_LNK:
		return 'l';
	case TREE_CHR:
		return 'c';
	case TREE_BLK:
		return 'b';
	case TREE_FIFO:
		return 'p';
	case TREE_SOCK:
		return 's';
	}
	return '?';
}

int
tree_check_name(const char *name, struct dd_err *e)
{
	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strchr(name, '/') != NULL)
		return dd_fail(e, ERR_USAGE, "\"%s\" can't name a file",
		    name);
	if (strlen(name) > TREE_NAME_MAX)
		return dd_fail(e, ERR_USAGE, "%.32s...: longer than %d bytes",
		    name, TREE_NAME_MAX);
	return 0;
}

struct resolver {
	struct tree		*t;
	struct tree_node	 stack[TREE_DEPTH_MAX + 1];
	unsigned		 depth;		/* stack[depth] is where we are */
	char			 rest[TREE_PATH_MAX];
	unsigned		 links;
	const char		*path;		/* for messages */
};

static int
resolver_init(struct resolver *r, struct tree *t, const char *path,
    struct dd_err *e)
{
	if (strlen(path) >= sizeof(r->rest))
		return dd_fail(e, ERR_USAGE, "path longer than %d bytes",
		    TREE_PATH_MAX - 1);
	memcpy(r->rest, path, strlen(path) + 1);
	r->t = t;
	r->path = path;
	r->links = 0;
	r->depth = 0;
	r->stack[0] = t->ops->root(t);
	return 0;
}

static void
pop_to(struct resolver *r, unsigned depth)
{
	while (r->depth > depth)
		r->t->ops->put(r->t, r->stack[r->depth--]);
}

static void
resolver_dispose(struct resolver *r)
{
	pop_to(r, 0);
	r->t->ops->put(r->t, r->stack[0]);
}

/* The error of a lookup, said with the whole path. */
static int
fail_at(const struct resolver *r, struct dd_err *e)
{
	if (e->code != ERR_NOENT)
		return dd_context(e, "%s", r->path);
	dd_err_clear(e);
	return dd_fail(e, ERR_NOENT, "%s: no such file or directory",
	    r->path[0] != '\0' ? r->path : "/");
}

/* Cut the next component off rest into name.  Returns 1, 0 at the end, -1;
 * *last: nothing comes behind it; *slash: but a slash does. */
static int
next_component(struct resolver *r, char name[TREE_NAME_MAX + 1], bool *last,
    bool *slash, struct dd_err *e)
{
	char *at = r->rest, *end;
	size_t len;

	at += strspn(at, "/");
	if (*at == '\0')
		return 0;
	len = strcspn(at, "/");
	if (len > TREE_NAME_MAX)
		return dd_fail(e, ERR_NOENT, "%s: a name is longer than %d "
		    "bytes", r->path, TREE_NAME_MAX);
	memcpy(name, at, len);
	name[len] = '\0';
	end = at + len;
	*slash = *end == '/';
	end += strspn(end, "/");
	*last = *end == '\0';
	memmove(r->rest, end, strlen(end) + 1);
	return 1;
}

/* Put the target of the symlink in front of what is still to come. */
static int
follow_link(struct resolver *r, struct tree_node node, bool slash,
    struct dd_err *e)
{
	char target[TREE_PATH_MAX];
	size_t len, rest = strlen(r->rest);

	if (++r->links > TREE_LINKS_MAX) {
		(void)dd_fail(e, ERR_TYPE, "%s: too many symlinks", r->path);
		return dd_hint(e, "a symlink points at itself, or round");
	}
	if (r->t->ops->readlink(r->t, node, target, sizeof(target), e) == -1)
		return dd_context(e, "%s", r->path);
	len = strlen(target);
	if (len == 0)
		return dd_fail(e, ERR_NOENT, "%s: a symlink without target",
		    r->path);
	if (len + 1 + rest >= sizeof(r->rest))
		return dd_fail(e, ERR_NOENT,
		    "%s: its symlinks make a path longer than %d bytes",
		    r->path, TREE_PATH_MAX - 1);
	memmove(r->rest + len + slash, r->rest, rest + 1);
	memcpy(r->rest, target, len);
	if (slash)
		r->rest[len] = '/';
	if (target[0] == '/')
		pop_to(r, 0);
	return 0;
}

static int
descend(struct resolver *r, struct tree_node node, struct dd_err *e)
{
	if (r->depth == TREE_DEPTH_MAX)
		return dd_fail(e, ERR_NOENT,
		    "%s: more than %d directories below each other", r->path,
		    TREE_DEPTH_MAX);
	r->stack[++r->depth] = node;
	return 0;
}

/* Look name up where we stand.  *node is the caller's on success. */
static int
look(struct resolver *r, const char *name, struct tree_node *node,
    struct tree_stat *st, struct dd_err *e)
{
	struct tree *t = r->t;

	if (t->ops->lookup(t, r->stack[r->depth], name, node, e) == -1)
		return fail_at(r, e);
	if (t->ops->stat(t, *node, st, e) == -1) {
		t->ops->put(t, *node);
		return dd_context(e, "%s", r->path);
	}
	return 0;
}

static int
not_a_directory(const struct resolver *r, struct dd_err *e)
{
	return dd_fail(e, ERR_TYPE, "%s: not a directory", r->path);
}

/* One component.  1: resolution ends here, at *node; 0: go on; -1. */
static int
take(struct resolver *r, const char *name, bool follow, bool last, bool slash,
    struct tree_node *node, struct tree_stat *st, struct dd_err *e)
{
	struct tree *t = r->t;
	int rc = -1;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		if (r->depth > 0)
			pop_to(r, r->depth - 1);
		return 0;
	}
	if (look(r, name, node, st, e) == -1)
		return -1;
	if (st->type == TREE_LNK && (follow || !last || slash))
		rc = follow_link(r, *node, slash, e);
	else if (st->type == TREE_DIR) {
		if ((rc = descend(r, *node, e)) == 0)
			return 0;
	} else if (!last || slash)
		rc = not_a_directory(r, e);
	else
		return 1;
	t->ops->put(t, *node);
	return rc;
}

int
tree_lookup(struct tree *t, const char *path, bool follow,
    struct tree_node *node, struct tree_stat *st, struct dd_err *e)
{
	struct resolver r;
	struct tree_stat own;
	char name[TREE_NAME_MAX + 1];
	bool last, slash;
	int more, rc = -1;

	if (st == NULL)
		st = &own;
	if (resolver_init(&r, t, path, e) == -1)
		return -1;
	while ((more = next_component(&r, name, &last, &slash, e)) == 1) {
		int end = take(&r, name, follow, last, slash, node, st, e);

		if (end != 0) {
			rc = end == 1 ? 0 : -1;
			goto out;
		}
	}
	if (more == -1)
		goto out;
	/* we stand on it: the stack's top goes to the caller */
	if (t->ops->stat(t, r.stack[r.depth], st, e) == -1) {
		(void)dd_context(e, "%s", path);
		goto out;
	}
	*node = r.stack[r.depth];
	if (r.depth == 0)
		return 0;
	r.depth--;
	rc = 0;
out:
	resolver_dispose(&r);
	return rc;
}

int
tree_parent(struct tree *t, const char *path, struct tree_node *dir,
    const char **name, struct dd_err *e)
{
	const char *last_name = strrchr(path, '/');
	struct resolver r;
	struct tree_node node;
	struct tree_stat st;
	char part[TREE_NAME_MAX + 1];
	bool last, slash;
	int more;

	last_name = last_name == NULL ? path : last_name + 1;
	if (last_name[0] == '\0' || strcmp(last_name, ".") == 0 ||
	    strcmp(last_name, "..") == 0)
		return dd_fail(e, ERR_USAGE,
		    "%s: does not name a place to write", path);
	if (resolver_init(&r, t, path, e) == -1)
		return -1;
	r.rest[last_name - path] = '\0';
	while ((more = next_component(&r, part, &last, &slash, e)) == 1) {
		if (strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") == 0) {
			if (r.depth > 0)
				pop_to(&r, r.depth - 1);
			continue;
		}
		if (look(&r, part, &node, &st, e) == -1)
			goto fail;
		if (st.type == TREE_DIR && descend(&r, node, e) == 0)
			continue;
		t->ops->put(t, node);
		if (st.type == TREE_LNK) {
			(void)dd_fail(e, ERR_TYPE,
			    "%s: %s is a symlink", path, part);
			(void)dd_hint(e, "nothing is written through symlinks:"
			    " name the directory that it points at");
		} else
			(void)not_a_directory(&r, e);
		goto fail;
	}
	if (more == -1)
		goto fail;
	*dir = r.stack[r.depth];
	*name = last_name;
	if (r.depth > 0) {
		r.depth--;
		resolver_dispose(&r);
	}
	return 0;
fail:
	resolver_dispose(&r);
	return -1;
}

bool
tree_exists(struct tree *t, const char *path)
{
	struct dd_err e = DD_ERR_INIT;
	struct tree_node node;

	if (tree_lookup(t, path, false, &node, NULL, &e) == -1)
		return false;
	t->ops->put(t, node);
	return true;
}

int
tree_commit(struct tree *t, struct dd_err *e)
{
	return t->ops->commit(t, e);
}

void
tree_close(struct tree *t)
{
	if (t != NULL)
		t->ops->close(t);
}
