/*
 * Does the kernel that a domU starts with go with its root?  Kernels and roots
 * are shared by many: each pair is looked at once.
 */
#include <stdlib.h>
#include <string.h>

#include "core/fleet/fleet_impl.h"
#include "core/recipe/kernel.h"
#include "core/tree/image.h"

/* A pair, and what came of it. */
struct pair {
	const char		*kernel;
	const struct fleet_image *root;
	struct release		 of_kernel, of_root;
	bool			 known;		/* both */
};

struct pairs {
	struct pair	*v;
	size_t		 n;
};

static bool
root_release(const char *path, struct release *r)
{
	const struct image_opts opts = { .write = false };
	struct dd_err ignored = DD_ERR_INIT;
	struct image *im = NULL;
	struct tree *t;
	bool found;

	found = image_open(path, &opts, &im, &ignored) == 0 &&
	    image_tree(im, &t, &ignored) == 0 &&
	    release_find(t, r, &ignored) == 0;
	image_close(im);
	return found;
}

static const struct pair *
look(struct pairs *ps, const char *kernel, const struct fleet_image *root,
    struct dd_err *e)
{
	struct pair *v;
	size_t i;

	for (i = 0; i < ps->n; i++)
		if (ps->v[i].root == root &&
		    strcmp(ps->v[i].kernel, kernel) == 0)
			return &ps->v[i];
	if ((v = realloc(ps->v, (ps->n + 1) * sizeof(*v))) == NULL) {
		(void)dd_fail_nomem(e);
		return NULL;
	}
	ps->v = v;
	v = &v[ps->n++];
	*v = (struct pair){ .kernel = kernel, .root = root };
	/* a compressed one takes longer to look at than a list may take */
	v->known = kernel_release(kernel, false, &v->of_kernel) &&
	    root_release(root->path, &v->of_root);
	return v;
}

static int
judge(struct fleet_domu *d, const struct pair *p,
    const struct fleet_disk *disk, struct dd_err *e)
{
	const size_t n = d->findings.n;
	unsigned kernel = p->of_kernel.major * 100 + p->of_kernel.minor;
	unsigned root = p->of_root.major * 100 + p->of_root.minor;

	if (!p->known || kernel == root)
		return 0;
	if (finding_add(&d->findings, FOUND_KERNEL_DIFFERS, kernel < root ?
	    SEV_WARNING : SEV_NOTE, "drydock swap DOMU:root IMAGE --kernel "
	    "FILE changes both together", e, "root: is %s, and the kernel %s "
	    "is %s", p->of_root.name, p->kernel, p->of_kernel.name) == -1)
		return -1;
	findings_about(&d->findings, n, disk);
	return 0;
}

int
kernels_check(struct fleet *f, struct dd_err *e)
{
	struct pairs ps = { .v = NULL };
	const struct fleet_disk *disk;
	const struct pair *p;
	int rc = 0;
	size_t i;

	for (i = 0; i < f->ndomus && rc == 0; i++) {
		struct fleet_domu *d = &f->domus[i];

		disk = fleet_disk_of(d, ROLE_ROOT);
		if (d->kernel == NULL || d->kernel[0] != '/' ||
		    disk == NULL || disk->image == NULL ||
		    disk->image->error != NULL ||
		    disk->image->probe.kind != PROBE_FFS)
			continue;
		p = look(&ps, d->kernel, disk->image, e);
		rc = p == NULL ? -1 : judge(d, p, disk, e);
	}
	free(ps.v);
	return rc;
}
