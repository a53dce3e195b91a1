/*
 * From disks to images: each file or device is looked at once, however many
 * domUs use it and by whatever path.  All disks are gathered, sorted by what
 * they are, and each run of equals becomes an image.
 */
#include <sys/stat.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/part.h"
#include "core/disk/rekey_state.h"
#include "core/disk/window.h"
#include "core/fleet/fleet_impl.h"
#include "core/fleet/unlock.h"
#include "core/store/store.h"

/* A disk, and the file behind it. */
struct ref {
	size_t			 domu;
	struct fleet_disk	*disk;
	char			*path;
	struct stat		 st;
	dev_t			 dev;
	ino_t			 ino;
	int			 sys;	/* errno of stat, or 0 */
};

struct refs {
	struct ref	*v;
	size_t		 n;
};

void
fleet_identify(const struct stat *st, dev_t *dev, ino_t *ino)
{
	*dev = S_ISBLK(st->st_mode) ? st->st_rdev : st->st_dev;
	*ino = S_ISBLK(st->st_mode) ? 0 : st->st_ino;
}

const struct fleet_image *
fleet_image_at(const struct fleet *f, const char *path)
{
	struct stat st;
	dev_t dev;
	ino_t ino;
	size_t i;

	if (stat(path, &st) == -1)
		return NULL;
	fleet_identify(&st, &dev, &ino);
	for (i = 0; i < f->nimages; i++)
		if (!f->images[i]->missing && f->images[i]->dev == dev &&
		    f->images[i]->ino == ino)
			return f->images[i];
	return NULL;
}

#define COMPARE(a, b)	(((a) > (b)) - ((a) < (b)))

/* Equal: the same file.  What can't be found is told apart by path. */
static int
compare_files(const struct ref *a, const struct ref *b)
{
	if ((a->sys != 0) != (b->sys != 0))
		return a->sys != 0 ? 1 : -1;
	if (a->sys != 0)
		return strcmp(a->path, b->path);
	return a->dev != b->dev ? COMPARE(a->dev, b->dev) :
	    COMPARE(a->ino, b->ino);
}

static int
compare_refs(const void *x, const void *y)
{
	const struct ref *a = x, *b = y;
	int order = compare_files(a, b);

	if (order == 0)
		order = COMPARE(a->domu, b->domu);
	return order != 0 ? order : COMPARE(a->disk, b->disk);
}

static int
compare_images(const void *x, const void *y)
{
	const struct fleet_image *const *a = x, *const *b = y;

	return strcmp((*a)->path, (*b)->path);
}

/* Does the disk have a file?  With a script the target means what the script
 * takes it for: a file if the script is ours, or if it looks like one and is
 * there. */
static bool
has_file(const struct fleet_disk *d)
{
	struct stat st;

	if (d->target == NULL)
		return false;
	return d->script == NULL || unlock_is_ours(d) ||
	    (d->target[0] == '/' && stat(d->target, &st) == 0);
}

static int
gather(struct fleet *f, struct refs *refs, struct dd_err *e)
{
	char cwd[PATH_MAX];
	size_t i, j, n = 0;

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		memcpy(cwd, "/", 2);
	for (i = 0; i < f->ndomus; i++)
		n += f->domus[i].ndisks;
	if (n > 0 && (refs->v = calloc(n, sizeof(*refs->v))) == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < f->ndomus; i++)
		for (j = 0; j < f->domus[i].ndisks; j++) {
			struct fleet_disk *d = &f->domus[i].disks[j];
			struct ref *r = &refs->v[refs->n];

			if (!has_file(d))
				continue;
			*r = (struct ref){ .domu = i, .disk = d };
			if ((r->path = fs_join(cwd, d->target)) == NULL)
				return dd_fail_nomem(e);
			if (stat(r->path, &r->st) == -1)
				r->sys = errno;
			fleet_identify(&r->st, &r->dev, &r->ino);
			refs->n++;
		}
	return 0;
}

static int
set_error(struct fleet_image *img, const struct dd_err *why, struct dd_err *e)
{
	if (why->code == ERR_NOMEM || (img->error = strdup(why->msg)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

/* Partition a, or the swap of a disk that has nothing else.  1, or 0 where
 * there is neither, which is no fault. */
static int
find_part(const struct part_table *t, uint64_t size, struct part *part,
    struct dd_err *e)
{
	struct dd_err none = DD_ERR_INIT;
	unsigned i;

	if (part_find(t, 0, size, part, &none) == 0)
		return 1;
	if (none.code != ERR_NOENT)
		return dd_fail(e, none.code, "%s", none.msg);
	for (i = 0; i < t->n && t->parts[i].kind != PART_SWAP; i++)
		continue;
	if (i == t->n || t->parts[i].letter == 0)
		return 0;
	return part_find(t, t->parts[i].letter, size, part, e) == -1 ? -1 : 1;
}

/*
 * Probe what the root of a stack on *b holds: a partition where there is a
 * table, else the whole.  Each layer takes over *b.
 */
static int
look_inside(struct fleet_image *img, struct blk **b, struct dd_err *e)
{
	struct part_table table;
	struct part part;
	int found;

	if (img->pending && overlay_open(*b, 0, b, e) == -1)
		return -1;
	if (part_read(*b, &table, e) == -1)
		return -1;
	img->labelled = table.scheme != PART_NONE;
	if ((found = find_part(&table, (*b)->size, &part, e)) != 1) {
		img->probe.kind = PROBE_UNKNOWN;
		return found;
	}
	if (img->labelled) {
		img->part = part.letter;
		if (window_open(*b, part.off, part.len, b, e) == -1)
			return -1;
	}
	return probe_layer(*b, &img->probe, e);
}

/* Which generation each running user has attached. */
static void
tell_running(struct fleet *f, const struct fleet_image *img,
    const struct store *s)
{
	size_t i, j, k;

	for (i = 0; i < img->nusers; i++)
		for (j = 0; j < f->domus[img->users[i]].ndisks; j++) {
			struct fleet_disk *d =
			    &f->domus[img->users[i]].disks[j];

			for (k = 0; k < s->n && d->image == img &&
			    d->run_known && d->run_dev == s->dev; k++)
				if (s->v[k].ino == (uint64_t)d->run_ino)
					d->runs_with = s->v[k].name.n;
		}
}

struct old {
	const struct fleet	*f;
	struct fleet_image	*img;
	dev_t			 dev;
};

/* Does a domU run with that file, or is that not known? */
static bool
runs_with(const struct old *o, const struct generation *g)
{
	const struct fleet_domu *d;
	size_t i, j;

	for (i = 0; i < o->img->nusers; i++) {
		d = &o->f->domus[o->img->users[i]];
		if (d->state == STATE_UNKNOWN)
			return true;
		for (j = 0; j < d->ndisks; j++)
			if (d->disks[j].run_known &&
			    d->disks[j].run_dev == o->dev &&
			    d->disks[j].run_ino == (ino_t)g->ino)
				return true;
	}
	return false;
}

static int
count_old(void *arg, const struct generation *g, const char *stays,
    struct dd_err *e)
{
	const struct old *o = arg;

	(void)e;
	if (stays != NULL || runs_with(o, g))
		return 0;
	o->img->nold++;
	o->img->old += g->allocated;
	return 0;
}

/* What its folder of generations says; what can't be told is said where it
 * matters. */
static int
look_at_generations(struct fleet *f, struct fleet_image *img, unsigned keep,
    struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct old o = { .f = f, .img = img };
	struct store *s;

	if (!store_managed(img->path) ||
	    store_open(img->path, &s, &ignored) == -1)
		return 0;
	img->ngenerations = s->n;
	tell_running(f, img, s);
	img->interrupted = s->interrupted && !s->busy;
	img->leftover = s->leftover && !s->busy;
	img->foreign = s->foreign;
	o.dev = s->dev;
	(void)store_old(s, keep, count_old, &o, &ignored);
	if (s->place != NULL) {
		img->generation = s->place->name.n;
		img->key_since = s->place->key_since;
		img->plain = s->place->plain;
		if (s->place->params && (img->params = store_beside(s,
		    img->generation, "params")) == NULL)
			(void)dd_fail_nomem(e);
	}
	store_close(s);
	return e->code == ERR_NONE ? 0 : -1;
}

/* Parameters that belong to the generation in place go before those that the
 * configuration names. */
static int
give_params(const struct fleet *f, const struct fleet_image *img,
    struct dd_err *e)
{
	size_t i, j;

	for (i = 0; i < img->nusers && (img->params != NULL || img->plain);
	    i++)
		for (j = 0; j < f->domus[img->users[i]].ndisks; j++) {
			struct fleet_disk *d =
			    &f->domus[img->users[i]].disks[j];

			if (d->image != img)
				continue;
			free(d->params);
			d->params = NULL;
			if (img->params != NULL && (d->params =
			    strdup(img->params)) == NULL)
				return dd_fail_nomem(e);
		}
	return 0;
}

/* It could not be opened: was that why? */
static void
look_at_rekey(struct fleet_image *img)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct rekey_state *st = malloc(sizeof(*st));

	if (st != NULL && rekey_read(img->path, st, &ignored) == 1) {
		img->rekeying = true;
		img->rekey_percent = rekey_percent(st);
	}
	free(st);
}

/* What the image is; what can't be told becomes its error. */
static int
look(struct fleet_image *img, const struct ref *r, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct blk *b = NULL;

	if (r->sys != 0) {
		(void)dd_fail_sys(&why, r->sys, "%s", img->path);
		img->denied = why.code == ERR_PERM;
		img->missing = !img->denied;
		return set_error(img, &why, e);
	}
	img->size = (uint64_t)r->st.st_size;
	img->allocated = (uint64_t)r->st.st_blocks * 512;
	if (file_open(img->path, 0, 0, &b, &why) == -1) {
		img->denied = why.code == ERR_PERM;
		look_at_rekey(img);
		return set_error(img, &why, e);
	}
	if (S_ISBLK(r->st.st_mode))
		img->size = b->size;
	if (overlay_pending(img->path, &img->pending, &why) == -1 ||
	    look_inside(img, &b, &why) == -1)
		(void)dd_context(&why, "%s", img->path);
	blk_close(b);
	return why.code == ERR_NONE ? 0 : set_error(img, &why, e);
}

/* The image of n disks that are one file. */
static struct fleet_image *
image_new(struct ref *r, size_t n, struct dd_err *e)
{
	struct fleet_image *img = calloc(1, sizeof(*img));
	size_t i;

	if (img == NULL || (img->users = calloc(n, sizeof(*img->users))) ==
	    NULL) {
		(void)dd_fail_nomem(e);
		free(img);
		return NULL;
	}
	img->path = r[0].path;
	r[0].path = NULL;
	for (i = 0; i < n; i++) {
		if (img->nusers == 0 ||
		    img->users[img->nusers - 1] != r[i].domu)
			img->users[img->nusers++] = r[i].domu;
		img->ndisks++;
		img->nwriters += r[i].disk->readwrite;
		r[i].disk->image = img;
	}
	return img;
}

int
images_load(struct fleet *f, bool into, unsigned keep, struct dd_err *e)
{
	struct refs refs = { .v = NULL };
	struct fleet_image *img;
	size_t i, n;
	int rc = -1;

	if (gather(f, &refs, e) == -1)
		goto out;
	if (refs.n > 0) {
		qsort(refs.v, refs.n, sizeof(*refs.v), compare_refs);
		f->images = calloc(refs.n, sizeof(*f->images));
		if (f->images == NULL) {
			(void)dd_fail_nomem(e);
			goto out;
		}
	}
	for (i = 0; i < refs.n; i += n) {
		for (n = 1; i + n < refs.n && compare_files(&refs.v[i],
		    &refs.v[i + n]) == 0; n++)
			continue;
		if ((img = image_new(&refs.v[i], n, e)) == NULL)
			goto out;
		f->images[f->nimages++] = img;
		img->missing = refs.v[i].sys == ENOENT;
		img->dev = refs.v[i].dev;
		img->ino = refs.v[i].ino;
		if (into && (look(img, &refs.v[i], e) == -1 ||
		    look_at_generations(f, img, keep, e) == -1 ||
		    give_params(f, img, e) == -1))
			goto out;
	}
	if (f->nimages > 0)
		qsort(f->images, f->nimages, sizeof(*f->images),
		    compare_images);
	rc = 0;
out:
	for (i = 0; i < refs.n; i++)
		free(refs.v[i].path);
	free(refs.v);
	return rc;
}

void
images_free(struct fleet *f)
{
	size_t i;

	for (i = 0; i < f->nimages; i++) {
		free(f->images[i]->path);
		free(f->images[i]->error);
		free(f->images[i]->params);
		free(f->images[i]->users);
		free(f->images[i]);
	}
	free(f->images);
}
