/*
 * drydock prepare local: a domU's own etc, tmp and var, made from a root.  A
 * LOCAL that does not exist is made; with --format an existing one is replaced
 * by a new one.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>

#include "core/base/vis.h"
#include "core/cmd/managing.h"
#include "core/cmd/preparing.h"
#include "core/recipe/kind.h"
#include "core/recipe/local.h"

static const char next[] =
    "Next: attach it read-write as the third disk of its domU: drydock list "
    "shows\nwhether all is in place.\n";

struct localizing {
	struct preparing	 p;
	struct prepare_local	 recipe;
	struct tree		*root;
	struct arg_list		 overlays;
	struct image_args	 image;
	struct cgd_params	 params;	/* of a new, encrypted one */
	struct secret		 key;
	uint64_t		 size;
	bool			 format;
	struct writing		 w;
};

static void
tell_skipped(void *arg, const char *path, const char *why)
{
	char name[512];

	(void)arg;
	vis_str(name, sizeof(name), path);
	fprintf(stderr, "drydock: %s: left out: %s\n", name, why);
}

/* What the operator adds: a folder or an archive laid over /local. */
static int
add_overlay(struct tree *local, const char *from, struct progress *progress,
    struct dd_err *e)
{
	struct copy_opts o = { .recursive = true, .progress = progress,
	    .skipped = tell_skipped };
	struct tree *src;
	struct stat st;
	int rc;

	if (stat(from, &st) == -1)
		return dd_fail_sys(e, errno, "%s", from);
	if (!S_ISDIR(st.st_mode)) {
		o.keep_owner = true;
		return tree_extract(local, "/", from, &o, e);
	}
	/* root and wheel: whoever runs this owns the folder here */
	if (tree_mounted_open(from, false, &src, e) == -1)
		return -1;
	rc = tree_copy(src, "/", local, "/", &o, e);
	tree_close(src);
	return rc == -1 ? dd_context(e, "%s", from) : 0;
}

/* All that changes in the tree; before NULL: it is a new one. */
static int
localize(struct localizing *l, struct tree *before, struct tree *local,
    struct dd_err *e)
{
	size_t i;

	if (prepare_local(l->root, local, &l->recipe, e) == -1)
		return dd_context(e, "%s", l->p.image);
	for (i = 0; i < l->overlays.n; i++)
		if (add_overlay(local, l->overlays.v[i], l->p.progress,
		    e) == -1)
			return -1;
	if (preparing_compare(&l->p, before, local, e) == -1)
		return -1;
	if (tree_exists(local, LOCAL_ENTROPY))
		return 0;
	if (preparing_note_added(&l->p, LOCAL_ENTROPY, "random", e) == -1)
		return -1;
	return prepare_local_entropy(local, e);
}

static int
change(void *arg, const char *path, bool in_place, bool *changed,
    struct dd_err *e)
{
	struct localizing *l = arg;
	struct image_opts opts = { .write = true, .dry_run = l->p.dry_run,
	    .keep_undo = in_place };
	struct image *im = NULL;
	struct tree *before, *local;
	int rc = -1;

	if (image_args_opts(&l->image, &opts, e) == 0 &&
	    image_open(path, &opts, &im, e) == 0 &&
	    image_tree(im, &local, e) == 0 &&
	    image_tree_before(im, &before, e) == 0 &&
	    localize(l, before, local, e) == 0)
		rc = l->p.dry_run || l->p.changes == 0 ? 0 :
		    image_commit(im, e);
	*changed = l->p.changes > 0;
	image_close(im);
	return rc;
}

static int
fill(void *arg, struct tree *local, struct dd_err *e)
{
	return localize(arg, NULL, local, e);
}

static int
anew(struct localizing *l, const char *path, bool replace, struct dd_err *e)
{
	struct image_opts opts = { .write = true };
	struct copy_opts copy = { .progress = l->p.progress };
	struct image_create make = { .size = l->size, .copy = &copy,
	    .dry_run = l->p.dry_run, .replace = replace, .filled = fill,
	    .arg = l };

	image_kind_defaults(KIND_LOCAL, &make);
	if (l->image.part != NULL)
		return dd_fail(e, ERR_USAGE, "-p goes with an image that is "
		    "there");
	if (image_args_opts(&l->image, &opts, e) == -1)
		return -1;
	make.sector_size = opts.sector_size;
	if (opts.params != NULL) {
		if (cgd_params_read(opts.params, &l->params, e) == -1 ||
		    cgd_key_new(&l->params, opts.asker, opts.retry, &l->key,
		    e) == -1)
			return -1;
		make.params = &l->params;
		make.key = &l->key;
	}
	return image_create(path, &make, e);
}

static int
replace(void *arg, const char *path, bool in_place, bool *changed,
    struct dd_err *e)
{
	(void)in_place;
	*changed = true;
	return anew(arg, path, true, e);
}

static int
write_to(struct localizing *l, int (*work)(void *, const char *, bool, bool *,
    struct dd_err *), struct dd_err *e)
{
	l->w.image = l->p.image;
	l->w.action = "prepare local";
	l->w.dry_run = l->p.dry_run;
	l->w.work = work;
	l->w.arg = l;
	return writing_run(&l->w, e);
}

/* Into the image that is there, or a new one? */
static int
run(struct localizing *l, struct dd_err *e)
{
	struct stat st;
	bool there = stat(l->p.image, &st) == 0;

	if (there && !l->format && l->size != 0) {
		(void)dd_fail(e, ERR_EXIST, "%s: is there, and -s is for a "
		    "new image", l->p.image);
		return dd_hint(e, "leave -s out, or give it with --format to "
		    "lose what is in it");
	}
	if (there && !l->format)
		return write_to(l, change, e);
	if (there && l->size == 0)
		l->size = (uint64_t)st.st_size;
	if (l->size == 0) {
		(void)dd_fail(e, ERR_NOENT, "%s: is not there", l->p.image);
		return dd_hint(e, "-s SIZE makes it");
	}
	return there ? write_to(l, replace, e) :
	    anew(l, l->p.image, false, e);
}

static int
open_root(struct localizing *l, const char *path, struct image **root,
    struct dd_err *e)
{
	struct image_args args = { .driver = l->image.driver,
	    .beside = true };
	struct image_opts opts = { .write = false };

	return image_args_opts(&args, &opts, e) == -1 ? -1 :
	    image_open(path, &opts, root, e);
}

int
cmd_prepare_local(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct localizing l = { .recipe = { .progress = env->progress,
	    .skipped = tell_skipped }, .w = { .env = env } };
	const struct arg args[] = {
		{ 's', "size", ARG_SIZE, &l.size, "SIZE",
		    "make LOCAL, of that size" },
		{ 0, "format", ARG_FLAG, &l.format, NULL,
		    "replace LOCAL by a new one: what is in it is lost" },
		{ 0, "hostname", ARG_STRING, &l.recipe.hostname, "NAME",
		    "the domU's name" },
		{ 0, "ip", ARG_STRING, &l.recipe.ip, "ADDRESS/PREFIX",
		    "the address of xennet0" },
		{ 0, "gateway", ARG_STRING, &l.recipe.gateway, "ADDRESS",
		    "the default route" },
		{ 0, "pkg-readonly", ARG_FLAG, &l.recipe.pkg_readonly, NULL,
		    "the fourth disk is attached read-only" },
		{ 0, "overlay", ARG_LIST, &l.overlays, "DIR|ARCHIVE",
		    "files to lay over /local; may be repeated" },
		PREPARING_ARGS(l.p),
		IMAGE_ARGS(l.image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct image *root = NULL;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 2, 2, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = -1;
	if (preparing_begin(&l.p, env, argv[2], e) == 0 &&
	    open_root(&l, argv[1], &root, e) == 0 &&
	    image_tree(root, &l.root, e) == 0 && run(&l, e) == 0)
		rc = preparing_report(&l.p, &l.w, l.recipe.release.name, next,
		    e);
	image_close(root);
	cgd_params_dispose(&l.params);
	secret_free(&l.key);
	preparing_dispose(&l.p);
	return rc;
}
