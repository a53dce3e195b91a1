/* drydock prepare root: make an installed NetBSD the root of a fleet. */
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

static int
prepare(struct preparing *p, struct prepare_root *recipe, struct image *im,
    struct dd_err *e)
{
	struct tree *after;

	if (image_tree(im, &after, e) == -1)
		return -1;
	if (prepare_root(after, recipe, e) == -1)
		return dd_context(e, "%s", p->image);
	return preparing_commit(p, im, after, e);
}

int
cmd_prepare_root(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct preparing p = { .text = BUF_INIT };
	struct prepare_root recipe = { .kernel = KERNEL,
	    .progress = env->progress };
	struct image_args image = { .part = NULL };
	uint64_t disks = DISKS;
	const struct arg args[] = {
		{ 'k', "kernel", ARG_STRING, &recipe.kernel, "KERNEL",
		    "the kernel for the domUs (default: " KERNEL ")" },
		{ 0, "disks", ARG_NUMBER, &disks, "N",
		    "disks that a domU may have (default: 4)" },
		PREPARING_ARGS(p),
		IMAGE_ARGS(image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct image_opts opts = { .write = true };
	struct image *im = NULL;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (disks < 1 || disks > PREPARE_DISKS_MAX)
		return dd_fail(e, ERR_USAGE, "--disks: 1 to %d",
		    PREPARE_DISKS_MAX);
	recipe.disks = (unsigned)disks;
	opts.dry_run = p.dry_run;
	rc = -1;
	if (preparing_begin(&p, env, argv[1], e) == 0 &&
	    image_args_opts(&image, &opts, e) == 0 &&
	    image_open(p.image, &opts, &im, e) == 0 &&
	    prepare(&p, &recipe, im, e) == 0)
		rc = preparing_report(&p, recipe.release.name, next, e);
	image_close(im);
	preparing_dispose(&p);
	return rc;
}
