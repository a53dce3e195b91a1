/* drydock prepare root: make an installed NetBSD the root of a fleet. */
#include "core/cmd/managing.h"
#include "core/cmd/preparing.h"
#include "core/recipe/recipe.h"

#define KERNEL	"netbsd-XENU"	/* by default, in the current folder */
#define DISKS	4		/* root, swap, local, pkg */

static const char next[] =
    "Files that were changed are kept as *.orig.\n"
    "Next: attach it read-only as the first disk of the domUs, with "
    "root=xbd0; each\n"
    "needs a third disk for /local, with etc, tmp and var on it: drydock "
    "prepare local\n"
    "makes it.  drydock list shows who shares what.\n";

struct rooting {
	struct preparing	 p;
	struct prepare_root	 recipe;
	struct image_args	 image;
};

static int
work(void *arg, const char *path, bool in_place, bool *changed,
    struct dd_err *e)
{
	struct rooting *r = arg;
	struct image_opts opts = { .write = true, .dry_run = r->p.dry_run,
	    .keep_undo = in_place };
	struct image *im = NULL;
	struct tree *after;
	int rc = -1;

	if (image_args_opts(&r->image, &opts, e) == 0 &&
	    image_open(path, &opts, &im, e) == 0 &&
	    image_tree(im, &after, e) == 0)
		rc = prepare_root(after, &r->recipe, e) == -1 ?
		    dd_context(e, "%s", r->p.image) :
		    preparing_commit(&r->p, im, after, e);
	*changed = r->p.changes > 0;
	image_close(im);
	return rc;
}

int
cmd_prepare_root(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct rooting r = { .recipe = { .kernel = KERNEL,
	    .progress = env->progress } };
	struct writing w = { .env = env, .action = "prepare root",
	    .work = work, .arg = &r };
	uint64_t disks = DISKS;
	const struct arg args[] = {
		{ 'k', "kernel", ARG_STRING, &r.recipe.kernel, "KERNEL",
		    "the kernel for the domUs (default: " KERNEL ")" },
		{ 0, "disks", ARG_NUMBER, &disks, "N",
		    "disks that a domU may have (default: 4)" },
		PREPARING_ARGS(r.p),
		IMAGE_ARGS(r.image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (disks < 1 || disks > PREPARE_DISKS_MAX)
		return dd_fail(e, ERR_USAGE, "--disks: 1 to %d",
		    PREPARE_DISKS_MAX);
	r.recipe.disks = (unsigned)disks;
	w.image = argv[1];
	w.dry_run = r.p.dry_run;
	rc = preparing_begin(&r.p, env, argv[1], e);
	if (rc == 0)
		rc = writing_run(&w, e);
	if (rc == 0)
		rc = preparing_report(&r.p, &w, r.recipe.release.name, next,
		    e);
	preparing_dispose(&r.p);
	return rc;
}
