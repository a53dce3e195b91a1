/*
 * drydock cp: copies into, out of, and between images.
 *
 * A target in an image is one transaction.  On the host a new file or
 * directory is made under a temporary name beside, and renamed when complete.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/base/vis.h"
#include "core/cmd/copying.h"
#include "core/cmd/managing.h"

struct cp {
	struct copying		 c;
	struct image_args	 args;
	const char		*plan;
	int			 argc;		/* sources, and the target */
	char			**argv;
	/* The target. */
	struct image		*image;		/* NULL: on the host */
	char			*name;		/* the image, or host path */
	const char		*written;	/* the image that is written to */
	bool			 in_place;	/* which is that itself */
	char			*dir;		/* host: where it is in */
	char			*path;		/* in tree; "" is its top */
	struct tree		*tree;
	bool			 into;		/* path is a directory */
	bool			 stands;	/* host: something is copied */
};

struct source {
	const char		*arg;
	struct place		 place;		/* in an image, */
	struct tree		*host;		/* or on the host */
	struct tree		*tree;		/* of the two; not owned */
	char			*path;		/* in tree */
	char			*base;		/* last component, "" if none */
};

#define SOURCE_INIT	{ .place = PLACE_INIT }

/* The last component of path, in fresh memory; "" for what has no name of its
 * own: "/", "." and "..". */
static char *
base_of(const char *path)
{
	size_t len = strlen(path), start;

	while (len > 0 && path[len - 1] == '/')
		len--;
	for (start = len; start > 0 && path[start - 1] != '/'; start--)
		;
	if ((len - start == 1 && path[start] == '.') ||
	    (len - start == 2 && path[start] == '.' && path[start + 1] == '.'))
		start = len;
	return strndup(path + start, len - start);
}

static void
cut_slashes(char *path)
{
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		path[--len] = '\0';
}

static bool
same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 &&
	    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/* A directory is opened itself; anything else through the one it is in. */
static int
open_host_source(struct source *s, struct dd_err *e)
{
	size_t len = strlen(s->arg);
	struct stat st;
	char *dir;
	int rc;

	if (lstat(s->arg, &st) == -1)
		return dd_fail_sys(e, errno, "%s", s->arg);
	if (S_ISDIR(st.st_mode) || s->arg[len - 1] == '/') {
		rc = tree_mounted_open(s->arg, false, &s->host, e);
		s->path = strdup("/");
	} else {
		if ((dir = fs_parent(s->arg)) == NULL)
			return dd_fail_nomem(e);
		rc = tree_mounted_open(dir, false, &s->host, e);
		free(dir);
		s->path = strdup(s->base);
	}
	if (rc == 0 && s->path == NULL)
		rc = dd_fail_nomem(e);
	s->tree = s->host;
	return rc;
}

static int
check_host_source(const struct cp *cp, const char *arg, struct dd_err *e)
{
	if (cp->image == NULL) {
		(void)dd_fail(e, ERR_USAGE, "%s and %s: neither is in an "
		    "image", arg, cp->name);
		return dd_hint(e, "a place in an image is IMAGE:/path");
	}
	if (same_file(arg, cp->name)) {
		(void)dd_fail(e, ERR_USAGE, "%s: an image can't be copied "
		    "into itself", arg);
		return dd_hint(e, "make a copy of it beside first");
	}
	return 0;
}

/* Is the source there?  Asked first, so that the error is about it. */
static int
look(const struct source *s, struct dd_err *e)
{
	struct tree_node node;

	if (tree_lookup(s->tree, s->path, false, &node, NULL, e) == -1)
		return s->place.name != NULL ? place_fail(&s->place, e) : -1;
	s->tree->ops->put(s->tree, node);
	return 0;
}

static int
open_source(struct cp *cp, struct source *s, const char *arg,
    struct dd_err *e)
{
	s->arg = arg;
	if (image_split(arg, &s->place.name, &s->place.path, e) == -1)
		return -1;
	if (s->place.path[0] == '\0') {
		if ((s->base = base_of(arg)) == NULL)
			return dd_fail_nomem(e);
		return check_host_source(cp, arg, e) == -1 ? -1 :
		    open_host_source(s, e);
	}
	s->base = base_of(s->place.path);
	s->path = strdup(s->place.path);
	if (s->base == NULL || s->path == NULL)
		return dd_fail_nomem(e);
	if (cp->image != NULL && same_file(s->place.name, cp->name)) {
		s->tree = cp->tree;
		return 0;
	}
	free(s->place.name);
	free(s->place.path);
	s->place.name = s->place.path = NULL;
	cp->args.beside = cp->image != NULL;
	if (place_open(&s->place, arg, &cp->args, e) == -1)
		return -1;
	s->tree = s->place.tree;
	return 0;
}

static void
close_source(struct source *s)
{
	tree_close(s->host);
	place_close(&s->place);
	free(s->path);
	free(s->base);
	*s = (struct source)SOURCE_INIT;
}

static int
not_a_directory(const char *what, struct dd_err *e)
{
	(void)dd_fail(e, ERR_TYPE, "%s: not a directory", what);
	return dd_hint(e, "several sources, or a slash at the end, need a "
	    "directory that exists");
}

static int
open_image_target(struct cp *cp, struct dd_err *e)
{
	struct image_opts o = { .write = true, .dry_run = cp->c.dry_run,
	    .keep_undo = cp->in_place };
	struct dd_err missing = DD_ERR_INIT;
	struct tree_node node;
	struct tree_stat st;

	if (image_args_opts(&cp->args, &o, e) == -1 ||
	    image_open(cp->written, &o, &cp->image, e) == -1 ||
	    image_tree(cp->image, &cp->tree, e) == -1)
		return -1;
	if (tree_lookup(cp->tree, cp->path, false, &node, &st,
	    &missing) == 0) {
		cp->into = st.type == TREE_DIR;
		cp->tree->ops->put(cp->tree, node);
	} else if (missing.code != ERR_NOENT) {
		*e = missing;
		return dd_context(e, "%s", cp->name);
	}
	return 0;
}

static int
open_host_target(struct cp *cp, struct dd_err *e)
{
	struct stat st;

	cp->into = stat(cp->name, &st) == 0 && S_ISDIR(st.st_mode);
	if (cp->into) {
		cp->path[0] = '\0';
		return tree_mounted_open(cp->name, !cp->c.dry_run, &cp->tree,
		    e);
	}
	free(cp->path);
	cp->dir = fs_parent(cp->name);
	cp->path = base_of(cp->name);
	if (cp->dir == NULL || cp->path == NULL)
		return dd_fail_nomem(e);
	return tree_mounted_open(cp->dir, !cp->c.dry_run, &cp->tree, e);
}

static int
open_target(struct cp *cp, const char *arg, int nsources, struct dd_err *e)
{
	bool image = cp->path[0] != '\0', slash;
	size_t len;
	int rc;

	len = strlen(arg);
	slash = len > 0 && arg[len - 1] == '/' && !cp->c.o.recursive;
	if (!image && cp->name[strspn(cp->name, "/")] != '\0')
		cut_slashes(cp->name);
	rc = image ? open_image_target(cp, e) : open_host_target(cp, e);
	if (rc == 0 && !cp->into && (slash || nsources > 1))
		rc = not_a_directory(arg, e);
	cut_slashes(cp->path);
	return rc;
}

/* On the host: where it is new, complete before it has its name. */
static int
copy_to_new(struct cp *cp, const struct source *s, const char *name,
    struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct tree *t = cp->tree;
	struct tree_node top;
	char temp[64];
	int rc;

	(void)snprintf(temp, sizeof(temp), ".drydock-cp-%ld.tmp",
	    (long)getpid());
	rc = tree_copy(s->tree, s->path, t, temp, &cp->c.o, e);
	if (rc == 0 && tree_exists(t, temp)) {
		top = t->ops->root(t);
		rc = t->ops->rename(t, top, temp, top, name, e);
		t->ops->put(t, top);
	}
	if (rc == -1)
		(void)tree_remove(t, temp, &ignored);
	return rc;
}

/* The dry run of a copy to the host: a line for each file. */
struct plan {
	struct cp	*cp;
	const char	*host;		/* path of the copy, on the host */
	const char	*to;		/* and in the target tree */
	size_t		 cut;		/* of the source's paths */
};

static int
plan_line(void *arg, const struct tree_visit *v, struct dd_err *e)
{
	struct plan *p = arg;
	const char *below = strlen(v->path) > p->cut ? v->path + p->cut : "";
	struct buf path = BUF_INIT, line = BUF_INIT;
	enum change_kind kind = CHANGE_ADDED;

	(void)buf_printf(&path, "%s%s", p->to, below);
	if (path.p != NULL && tree_exists(p->cp->tree, path.p))
		kind = CHANGE_CHANGED;
	buf_reset(&path);
	(void)buf_printf(&path, "%s%s", p->host, below);
	(void)buf_printf(&line, "%-8s ", kind == CHANGE_ADDED ? "added" :
	    "changed");
	if (path.p != NULL)
		(void)vis_buf(&line, path.p, path.len);
	(void)buf_str(&line, "\n");
	if (path.failed || line.failed)
		(void)dd_fail_nomem(e);
	else
		copying_change(&p->cp->c, kind, path.p, line.p);
	buf_dispose(&path);
	buf_dispose(&line);
	return e->code == ERR_NONE ? 0 : -1;
}

static int
plan_one(struct cp *cp, const struct source *s, const char *host,
    const char *to, struct dd_err *e)
{
	struct plan p = { .cp = cp, .host = host, .to = to };

	cp->c.o.only_check = true;
	if (tree_copy(s->tree, s->path, cp->tree, to, &cp->c.o, e) == -1)
		return -1;
	p.cut = strlen(s->path);
	while (p.cut > 0 && s->path[p.cut - 1] == '/')
		p.cut--;
	return tree_walk(s->tree, s->path, plan_line, &p, e);
}

static int
copy_to_host(struct cp *cp, const struct source *s, const char *to,
    struct dd_err *e)
{
	char *host = cp->into ? fs_join(cp->name, s->base) :
	    strdup(cp->name);
	uint64_t files = cp->c.o.files;
	int rc = -1;

	if (host == NULL)
		return dd_fail_nomem(e);
	cut_slashes(host);
	cp->c.o.shown = host;
	if (access(cp->into ? cp->name : cp->dir, W_OK | X_OK) == -1)
		(void)dd_fail_sys(e, errno, "%s", host);
	else if (same_file(s->place.name, host)) {
		(void)dd_fail(e, ERR_USAGE, "%s: the copy would replace the "
		    "image that it comes from", host);
		(void)dd_hint(e, "give the copy another name");
	} else if (cp->c.dry_run)
		rc = plan_one(cp, s, host, to, e);
	else if (to[0] != '\0' && !tree_exists(cp->tree, to))
		rc = copy_to_new(cp, s, to, e);
	else {
		rc = tree_copy(s->tree, s->path, cp->tree, to, &cp->c.o, e);
		/* of a folder that is merged into */
		cp->stands = cp->stands || cp->c.o.files > files;
	}
	cp->c.o.shown = NULL;
	free(host);
	return rc;
}

static int
copy_one(struct cp *cp, const struct source *s, struct dd_err *e)
{
	char *to = cp->into ? fs_join(cp->path, s->base) : strdup(cp->path);
	int rc;

	if (to == NULL)
		return dd_fail_nomem(e);
	cut_slashes(to);
	rc = cp->image == NULL ?
	    copy_to_host(cp, s, to + strspn(to, "/"), e) :
	    tree_copy(s->tree, s->path, cp->tree, to, &cp->c.o, e);
	free(to);
	if (rc == -1 && cp->image != NULL) {
		if (e->code == ERR_NOENT)
			(void)dd_hint(e, "drydock ls %s:/ shows what there "
			    "is", cp->name);
		return dd_context(e, "%s", cp->name);
	}
	return rc;
}

/* What was copied to the host before something failed stands. */
static void
partly(const struct cp *cp, struct dd_err *e)
{
	if (!cp->stands)
		return;
	e->code = ERR_PARTLY;
	(void)dd_hint(e, "what was copied before that is complete and stands");
}

static int
finish(struct cp *cp, struct dd_err *e)
{
	struct tree *before;

	if (cp->image == NULL)
		return tree_commit(cp->tree, e);
	if (cp->c.dry_run || cp->plan != NULL) {
		if (image_tree_before(cp->image, &before, e) == -1 ||
		    copying_preview(&cp->c, before, cp->tree, e) == -1)
			return -1;
	}
	if (cp->plan != NULL && strcmp(cp->plan, cp->c.plan) != 0) {
		(void)dd_fail(e, ERR_PLAN, "%s: the change is another than "
		    "the one that was planned", cp->name);
		return dd_hint(e, "look at it again with --dry-run");
	}
	return image_commit(cp->image, e);
}

static int
copy_all(struct cp *cp, struct dd_err *e)
{
	struct source s = SOURCE_INIT;
	int i, rc;

	rc = open_target(cp, cp->argv[cp->argc - 1], cp->argc - 2, e);
	for (i = 1; i < cp->argc - 1 && rc == 0; i++) {
		rc = open_source(cp, &s, cp->argv[i], e);
		if (rc == 0 && (rc = look(&s, e)) == 0)
			rc = copy_one(cp, &s, e);
		close_source(&s);
		if (rc == 0)
			cp->stands = true;
	}
	return rc == 0 ? finish(cp, e) : -1;
}

static int
work(void *arg, const char *path, bool in_place, bool *changed,
    struct dd_err *e)
{
	struct cp *cp = arg;
	int rc;

	*changed = true;
	cp->written = path;
	cp->in_place = in_place;
	rc = copy_all(cp, e);
	image_close(cp->image);
	cp->image = NULL;
	cp->tree = NULL;	/* went with it */
	return rc;
}

static int
run(struct cp *cp, const struct cmd_env *env, struct dd_err *e)
{
	struct writing w = { .env = env, .action = "cp", .work = work,
	    .arg = cp, .dry_run = cp->c.dry_run };
	struct json_object *doc = NULL;
	bool image;
	int rc;

	if (image_split(cp->argv[cp->argc - 1], &cp->name, &cp->path, e) == -1)
		return -1;
	image = cp->path[0] != '\0';
	w.image = cp->name;
	rc = image ? writing_run(&w, e) : copy_all(cp, e);
	copying_tell_lost(&cp->c);
	if (rc == -1) {
		if (!image)
			partly(cp, e);
		return -1;
	}
	if (!cp->c.dry_run)
		cmd_done();
	if (!cp->c.json)
		writing_tell(&w);
	if (cp->c.json && (doc = json_object_new_object()) == NULL)
		return dd_fail_nomem(e);
	rc = copying_report(&cp->c, doc, e);
	return doc != NULL ? cmd_print_json(doc, e) : rc;
}

int
cmd_cp(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct cp cp = { .image = NULL };
	const struct arg args[] = {
		{ 'r', "recursive", ARG_FLAG, &cp.c.o.recursive, NULL,
		    "directories with all that is in them" },
		COPYING_ARGS(cp.c),
		{ 0, "plan", ARG_STRING, &cp.plan, "HASH",
		    "refuse unless the dry run ended with this plan" },
		IMAGE_ARGS(cp.args),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 2, -1, e)) != 0)
		return rc == 1 ? 0 : -1;
	cp.argc = argc;
	cp.argv = argv;
	if ((rc = copying_begin(&cp.c, env, e)) == 0)
		rc = run(&cp, env, e);
	tree_close(cp.tree);
	free(cp.name);
	free(cp.dir);
	free(cp.path);
	copying_dispose(&cp.c);
	return rc;
}
