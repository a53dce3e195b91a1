/* Which encrypted image is meant; see encrypted.h. */
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/cmd/encrypted.h"

static int
several(const struct fleet_domu *d, const struct fleet_disk *a,
    const struct fleet_disk *b, struct dd_err *e)
{
	(void)dd_fail(e, ERR_USAGE, "%s: has several encrypted images",
	    d->name);
	return dd_hint(e, "say which: %s:%s, %s:%s", d->name,
	    fleet_role_name(a->role), d->name, fleet_role_name(b->role));
}

static int
none(const struct fleet_domu *d, bool plain, struct dd_err *e)
{
	(void)dd_fail(e, plain ? ERR_USAGE : ERR_NOENT, "%s: has no encrypted "
	    "image", d->name);
	return plain ? dd_hint(e, "say which one is meant: %s:local",
	    d->name) : dd_hint(e, "drydock_local_params = \"FILE\" in its "
	    "configuration names the parameters; else -c PARAMS IMAGE");
}

/* The one disk of d that has parameters. */
static int
only_disk(const struct fleet_domu *d, bool plain, struct encrypted *x,
    struct dd_err *e)
{
	char *path;
	size_t i;

	for (i = 0; i < d->ndisks; i++) {
		if (target_params(&d->disks[i], &path, e) == -1)
			return -1;
		if (path == NULL)
			continue;
		if (x->disk != NULL) {
			free(path);
			return several(d, x->disk, &d->disks[i], e);
		}
		x->disk = &d->disks[i];
		x->params = path;
	}
	return x->disk != NULL ? 0 : none(d, plain, e);
}

static int
that_disk(struct managing *m, const char *word, bool plain,
    struct encrypted *x, struct dd_err *e)
{
	if (target_find(m->fleet, word, &m->t, e) == -1)
		return -1;
	if (m->t.n != 0) {
		(void)dd_fail(e, ERR_USAGE, "%s: this is done with the one in "
		    "place", word);
		return dd_hint(e, "leave the @%u out", m->t.n);
	}
	x->domu_of = m->t.domu;
	x->disk = m->t.disk;
	if (target_params(x->disk, &x->params, e) == -1)
		return -1;
	if (x->params != NULL || plain)
		return 0;
	(void)dd_fail(e, ERR_NOENT, "%s: no parameters file is known for it",
	    word);
	return dd_hint(e, "drydock_%s_params = \"FILE\" in the domU's "
	    "configuration names it; else -c PARAMS IMAGE",
	    fleet_role_name(x->disk->role));
}

int
encrypted_find(struct managing *m, const char *word, bool plain,
    struct encrypted *x, struct dd_err *e)
{
	const struct fleet_domu *d = fleet_find(m->fleet, word);

	x->domu_of = d;
	if ((d != NULL ? only_disk(d, plain, x, e) : that_disk(m, word, plain,
	    x, e)) == -1)
		return -1;
	x->domu = x->domu_of->name;
	x->image = strdup(x->disk->image->path);
	return x->image != NULL ? 0 : dd_fail_nomem(e);
}

/* A disk that is that image. */
static void
find_disk(const struct fleet *f, const struct fleet_image *img,
    struct encrypted *x)
{
	const struct fleet_domu *d;
	size_t i, k;

	for (i = 0; i < img->nusers && x->disk == NULL; i++) {
		d = &f->domus[img->users[i]];
		for (k = 0; k < d->ndisks && x->disk == NULL; k++)
			if (d->disks[k].image == img) {
				x->domu_of = d;
				x->disk = &d->disks[k];
			}
	}
	if (x->disk != NULL)
		x->domu = x->domu_of->name;
}

int
encrypted_find_path(struct managing *m, const char *path, const char *params,
    struct encrypted *x, struct dd_err *e)
{
	const struct fleet_image *img = fleet_image_at(m->fleet, path);
	struct fleet_disk unknown = { .image = NULL };
	struct fleet_image alone = { .path = NULL };

	if (img != NULL)
		find_disk(m->fleet, img, x);
	if ((x->image = img != NULL ? strdup(img->path) : fs_absolute(path,
	    e)) == NULL)
		return img != NULL ? dd_fail_nomem(e) : -1;
	/* what belongs to its generation is known without a domU */
	alone.path = x->image;
	unknown.image = &alone;
	if (params == NULL)
		return target_params(x->disk != NULL ? x->disk : &unknown,
		    &x->params, e);
	x->params = fs_absolute(params, e);
	return x->params != NULL ? 0 : -1;
}

void
encrypted_dispose(struct encrypted *x)
{
	free(x->image);
	free(x->params);
	x->image = x->params = NULL;
}
