/*
 * drydock prepare root: make an installed NetBSD the root of a fleet.
 *
 * The preview is the action itself: the recipe runs on an overlay that never
 * reaches the file, and what it has changed there is compared with what is
 * committed.  So what it refuses, or is not as planned, has not written a
 * byte.  Only then the recipe runs again, for good.
 */
#include <string.h>

#include "core/base/events.h"
#include "core/base/vis.h"
#include "core/cmd/change_out.h"
#include "core/cmd/place.h"
#include "core/recipe/recipe.h"
#include "core/tree/copy.h"

#define KERNEL	"netbsd-XENU"	/* by default, in the current folder */
#define DISKS	4		/* root, swap, local, pkg */

struct preparing {
	struct prepare_root	 recipe;
	const char		*image;
	const char		*plan;		/* --plan */
	bool			 dry_run, json;
	char			 hash[HASH_HEX];
	size_t			 changes;
	size_t			 nodes;		/* of them, removed from /dev */
	struct buf		 text;		/* preview, or summary */
	struct json_object	*list;		/* with --json */
};

/* One line, and the many nodes of /dev counted only. */
static void
add_summary(struct preparing *p, const struct change *ch, const char *text)
{
	if (ch->kind == CHANGE_REMOVED &&
	    strncmp(ch->path, "/dev/", 5) == 0) {
		p->nodes++;
		return;
	}
	(void)buf_str(&p->text, "  ");
	if (!change_is_diff(text)) {
		(void)buf_str(&p->text, text);
		return;
	}
	(void)buf_str(&p->text, "changed  ");
	(void)vis_buf(&p->text, ch->path, strlen(ch->path));
	(void)buf_str(&p->text, "\n");
}

static int
take(void *arg, const struct change *ch, const char *text, struct dd_err *e)
{
	struct preparing *p = arg;

	if (text[0] == '\0')
		return 0;
	p->changes++;
	if (p->json)
		change_add_json(p->list, ch->kind, ch->path, text);
	else if (p->dry_run)
		(void)buf_str(&p->text, text);
	else
		add_summary(p, ch, text);
	return p->text.failed ? dd_fail_nomem(e) : 0;
}

static int
not_as_planned(const struct preparing *p, struct dd_err *e)
{
	(void)dd_fail(e, ERR_PLAN, "%s: what would be done now is not what "
	    "was planned", p->image);
	return dd_hint(e, "the image or the kernel has changed since: look "
	    "at --dry-run again");
}

/* Run the recipe, and see what it has changed. */
static int
run(struct preparing *p, struct image *im, preview_fn *fn,
    char hash[HASH_HEX], struct dd_err *e)
{
	struct tree *before, *after;

	if (image_tree(im, &after, e) == -1 ||
	    image_tree_before(im, &before, e) == -1)
		return -1;
	if (prepare_root(after, &p->recipe, e) == -1 ||
	    tree_preview(before, after, fn, p, p->recipe.progress, hash,
	    e) == -1)
		return dd_context(e, "%s", p->image);
	return 0;
}

static int
rehearse(struct preparing *p, const struct image_opts *o, struct dd_err *e)
{
	struct image_opts opts = *o;
	struct image *im;
	int rc;

	opts.write = true;
	opts.dry_run = true;
	if (image_open(p->image, &opts, &im, e) == -1)
		return -1;
	rc = run(p, im, take, p->hash, e);
	image_close(im);
	if (rc == 0 && p->plan != NULL && strcmp(p->plan, p->hash) != 0)
		return not_as_planned(p, e);
	return rc;
}

static int
ignore(void *arg, const struct change *ch, const char *text,
    struct dd_err *e)
{
	(void)arg;
	(void)ch;
	(void)text;
	(void)e;
	return 0;
}

/* The image is locked from before the rehearsal to behind the commit; the
 * kernel is not, so what will be committed is compared with the rehearsal. */
static int
prepare(struct preparing *p, struct image_opts *o, struct dd_err *e)
{
	char hash[HASH_HEX];
	struct image *im;
	int rc;

	o->write = true;
	if (image_open(p->image, o, &im, e) == -1)
		return -1;
	if ((rc = rehearse(p, o, e)) == 0 && p->changes > 0) {
		rc = run(p, im, ignore, hash, e);
		if (rc == 0 && strcmp(hash, p->hash) != 0)
			rc = not_as_planned(p, e);
		if (rc == 0)
			rc = image_commit(im, e);
	}
	image_close(im);
	return rc;
}

static int
print_json(struct preparing *p, struct dd_err *e)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		return dd_fail_nomem(e);
	json_set_string(o, "image", p->image);
	json_set_string(o, "release", p->recipe.release.name);
	json_set(o, "changes", json_object_get(p->list));
	json_set_string(o, "plan", p->hash);
	json_set_bool(o, "committed", !p->dry_run && p->changes > 0);
	return cmd_print_json(o, e);
}

static int
print_text(struct preparing *p, struct dd_err *e)
{
	char image[512];

	vis_str(image, sizeof(image), p->image);
	if (p->changes == 0)
		printf("%s: %s, prepared already: nothing to change\n", image,
		    p->recipe.release.name);
	else if (!p->dry_run)
		printf("%s: %s, is prepared now\n", image,
		    p->recipe.release.name);
	if (p->text.p != NULL)
		(void)fputs(p->text.p, stdout);
	if (p->nodes > 0)
		printf("  removed  %zu entries of /dev: init(8) makes them in "
		    "memory\n", p->nodes);
	if (p->dry_run)
		printf("plan: %s\n", p->hash);
	else if (p->changes > 0)
		printf("Files that were changed are kept as *.orig.\n"
		    "Next: attach it read-only as the first disk of the "
		    "domUs, with root=xbd0; each\n"
		    "needs a third disk for /local, with etc, tmp and var on "
		    "it.  drydock list shows\n"
		    "who shares what.\n");
	return cmd_finish_stdout(e);
}

int
cmd_prepare_root(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct preparing p = { .recipe = { .kernel = KERNEL,
	    .progress = env->progress }, .text = BUF_INIT };
	struct image_args args_image = { .part = NULL };
	uint64_t disks = DISKS;
	const struct arg args[] = {
		{ 'k', "kernel", ARG_STRING, &p.recipe.kernel, "KERNEL",
		    "the kernel for the domUs (default: " KERNEL ")" },
		{ 0, "disks", ARG_NUMBER, &disks, "N",
		    "disks that a domU may have (default: 4)" },
		{ 'n', "dry-run", ARG_FLAG, &p.dry_run, NULL,
		    "show what would change, and change nothing" },
		{ 0, "plan", ARG_STRING, &p.plan, "HASH",
		    "only if just that would change: from --dry-run" },
		{ 0, "json", ARG_FLAG, &p.json, NULL, "as JSON" },
		IMAGE_ARGS(args_image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct image_opts opts = { .write = false };
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (disks < 1 || disks > PREPARE_DISKS_MAX) {
		(void)dd_fail(e, ERR_USAGE, "--disks %llu: no domU has that "
		    "many", (unsigned long long)disks);
		return dd_hint(e, "1 to %d", PREPARE_DISKS_MAX);
	}
	p.recipe.disks = (unsigned)disks;
	p.image = argv[1];
	rc = -1;
	if (p.json && (p.list = json_object_new_array()) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (image_args_opts(&args_image, &opts, e) == -1 ||
	    (p.dry_run ? rehearse(&p, &opts, e) :
	    prepare(&p, &opts, e)) == -1)
		goto out;
	if (p.dry_run)
		events_plan(p.hash);
	rc = p.json ? print_json(&p, e) : print_text(&p, e);
out:
	json_object_put(p.list);
	buf_dispose(&p.text);
	return rc;
}
