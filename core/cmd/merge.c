/*
 * drydock merge etc: after a root was swapped, a domU's own etc follows: what
 * changed from the old root to the new one is carried over, and what the domU
 * changed itself stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/cmd/preparing.h"
#include "core/recipe/merge_etc.h"

struct merging {
	struct managing		 m;		/* of the root */
	struct preparing	 p;
	struct image_args	 image;
	struct merge_etc	 merge;
	struct arg_list		 keep;		/* conflicts that stay */
	uint64_t		 from;
	char			*old_path, *local_path, *params;
	struct image		*old_im, *new_im;
	struct tree		*old, *new;
};

static bool
keeps(void *arg, const char *path)
{
	const struct merging *g = arg;
	size_t i;

	for (i = 0; i < g->keep.n; i++)
		if (strcmp(g->keep.v[i], path) == 0)
			return true;
	return false;
}

/* The root that etc was made from: named, or the one before. */
static int
find_old(struct merging *g, struct dd_err *e)
{
	const struct generation *was;
	struct store *s = NULL;
	int rc = -1;

	if (g->from != UINT64_MAX && (g->from == 0 || g->from > GEN_MAX)) {
		(void)dd_fail(e, ERR_USAGE, "--from %llu: no generation has "
		    "that number", (unsigned long long)g->from);
		return dd_hint(e, "drydock generations %s:root lists them",
		    g->m.t.domu->name);
	}
	if (store_open(g->m.p.image, &s, e) == 0 &&
	    (was = g->from != UINT64_MAX ? store_want(s, (uint32_t)g->from, e) :
	    managing_before(s, "the root was not swapped; --from N names the "
	    "one that etc was made from", e)) != NULL) {
		g->old_path = store_path(s, was);
		rc = g->old_path == NULL ? dd_fail_nomem(e) : 0;
		g->m.p.was = was->name.n;
		g->m.p.is = s->place != NULL ? s->place->name.n : 0;
	}
	store_close(s);
	return rc;
}

static int
open_roots(struct merging *g, struct dd_err *e)
{
	struct image_args args = { .driver = g->image.driver,
	    .beside = true };
	struct image_opts opts = { .write = false };

	if (image_args_opts(&args, &opts, e) == -1 || find_old(g, e) == -1 ||
	    image_open(g->old_path, &opts, &g->old_im, e) == -1 ||
	    image_tree(g->old_im, &g->old, e) == -1 ||
	    image_open(g->m.p.image, &opts, &g->new_im, e) == -1)
		return -1;
	return image_tree(g->new_im, &g->new, e);
}

static void
tell_notes(const struct etc_notes *notes, const char *what)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < notes->n; i++) {
		(void)buf_printf(&b, "drydock: %s: ", what);
		fleet_out_text(&b, notes->v[i].path);
		if (notes->v[i].line != 0)
			(void)buf_printf(&b, ", line %zu", notes->v[i].line);
		(void)buf_printf(&b, ": %s\n", notes->v[i].why);
	}
	if (b.p != NULL)
		(void)fputs(b.p, stderr);
	buf_dispose(&b);
}

static int
work(void *arg, const char *path, bool in_place, bool *changed,
    struct dd_err *e)
{
	struct merging *g = arg;
	struct image_opts opts = { .write = true, .dry_run = g->p.dry_run,
	    .keep_undo = in_place };
	struct image *im = NULL;
	struct tree *local;
	int rc = -1;

	if (image_args_opts(&g->image, &opts, e) == 0 &&
	    image_open(path, &opts, &im, e) == 0 &&
	    image_tree(im, &local, e) == 0) {
		rc = merge_etc(g->old, g->new, local, &g->merge, e);
		tell_notes(&g->merge.conflicts, "conflict");
		tell_notes(&g->merge.left, "left");
	}
	if (rc == 0)
		rc = preparing_commit(&g->p, im, local, e);
	*changed = g->p.changes > 0;
	image_close(im);
	return rc;
}

static int
find_local(struct merging *g, struct dd_err *e)
{
	const struct fleet_disk *disk;

	disk = fleet_disk_of(g->m.t.domu, ROLE_LOCAL);
	if (disk == NULL || disk->image == NULL) {
		(void)dd_fail(e, ERR_NOENT, "%s: has no local image",
		    g->m.t.domu->name);
		return dd_hint(e, "drydock show %s lists its disks",
		    g->m.t.domu->name);
	}
	if (g->image.params == NULL) {
		if (target_params(disk, &g->params, e) == -1)
			return -1;
		g->image.params = g->params;
	}
	g->local_path = strdup(disk->image->path);
	return g->local_path == NULL ? dd_fail_nomem(e) : 0;
}

static int
run(struct merging *g, const struct cmd_env *env, const char *name,
    struct dd_err *e)
{
	struct writing w = { .env = env, .action = "merge etc",
	    .dry_run = g->p.dry_run, .work = work, .arg = g };
	struct buf word = BUF_INIT;
	char heading[64];
	int rc;

	(void)buf_printf(&word, "%s:root", name);
	if (word.failed)
		return dd_fail_nomem(e);
	rc = managing_find(&g->m, env, word.p, "merge etc", e);
	buf_dispose(&word);
	if (rc == -1 || find_local(g, e) == -1 || open_roots(g, e) == -1)
		return -1;
	w.image = g->local_path;
	if (preparing_begin(&g->p, env, g->local_path, e) == -1 ||
	    writing_run(&w, e) == -1)
		return -1;
	(void)snprintf(heading, sizeof(heading), "root %u to %u",
	    g->m.p.was, g->m.p.is);
	return preparing_report(&g->p, &w, heading, NULL, e);
}

int
cmd_merge_etc(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct merging g = { .from = UINT64_MAX,
	    .merge = { .progress = env->progress, .keep = keeps } };
	const struct arg args[] = {
		{ 0, "from", ARG_NUMBER, &g.from, "N",
		    "the root that etc was made from (default: the one "
		    "before)" },
		{ 0, "keep", ARG_LIST, &g.keep, "PATH",
		    "a conflict: the domU's file stays; may be repeated" },
		PREPARING_ARGS(g.p),
		IMAGE_ARGS(g.image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	g.merge.arg = &g;
	g.p.done = "merged";
	rc = run(&g, env, argv[1], e);
	merge_etc_dispose(&g.merge);
	image_close(g.old_im);
	image_close(g.new_im);
	free(g.old_path);
	free(g.local_path);
	free(g.params);
	preparing_dispose(&g.p);
	managing_dispose(&g.m);
	return rc;
}
