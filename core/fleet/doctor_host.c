/*
 * The host's devices: what a dead job has left, what block-drydock made for a
 * domU that has gone, and whether there are any left to make.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/fleet/doctor_impl.h"

/* -- what was left ------------------------------------------------------ */

static const struct fleet_image *
image_of(const struct fleet *f, dev_t dev, ino_t ino)
{
	size_t i;

	for (i = 0; ino != 0 && i < f->nimages; i++)
		if (!f->images[i]->missing && f->images[i]->dev == dev &&
		    f->images[i]->ino == ino)
			return f->images[i];
	return NULL;
}

/* What was left of an image concerns those that have it. */
static int
about(struct doctor_visit *w, struct doctor_finding *f, const char *device,
    dev_t dev, ino_t ino, struct dd_err *e)
{
	const struct fleet_image *img = image_of(w->fleet, dev, ino);

	if (f == NULL || doctor_set(&f->device, device, e) == -1)
		return -1;
	if (img == NULL)
		return 0;
	return doctor_set(&f->image, img->path, e) == -1 ? -1 :
	    doctor_of_users(w->fleet, f, img, e);
}

static bool
is_mounted(const struct device *d, const char *where)
{
	size_t i;

	for (i = 0; where != NULL && i < d->nholders; i++)
		if (d->holders[i].kind == DEVICE_MOUNT &&
		    strcmp(d->holders[i].what, where) == 0)
			return true;
	return false;
}

/* All that one dead process has left, as one. */
static int
check_record(struct doctor_visit *w, const struct devices *all, size_t record,
    struct dd_err *e)
{
	const struct stack_left *l = &all->left[record];
	const char *first = NULL;
	struct buf what = BUF_INIT;
	bool mounted = false;
	size_t i;
	int rc;

	for (i = 0; i < all->n; i++) {
		if (all->v[i].left != record)
			continue;
		(void)buf_printf(&what, "%s%s", first != NULL ? ", " : "",
		    device_name(&all->v[i]));
		first = all->v[i].path;
		mounted |= is_mounted(&all->v[i], l->mount);
	}
	if (mounted)
		(void)buf_printf(&what, ", mounted on %s", l->mount);
	if (what.failed)
		rc = dd_fail_nomem(e);
	else
		rc = about(w, doctor_add(w, mounted ? FOUND_STALE_MOUNT :
		    FOUND_STALE_DEVICE, first == NULL ? SEV_NOTE : SEV_WARNING,
		    "run: drydock devices --clean", e, "drydock process %ld, "
		    "which is dead, left %s%s%s", (long)l->pid, first == NULL ?
		    "a record without a device" : what.p,
		    l->image != NULL ? " of " : "",
		    l->image != NULL ? l->image : ""), first, l->dev, l->ino,
		    e);
	buf_dispose(&what);
	return rc;
}

static int
check_left(struct doctor_visit *w, const struct devices *all,
    struct dd_err *e)
{
	const struct device *d;
	size_t i;

	for (i = 0; i < all->nleft; i++)
		if (!all->left[i].alive && check_record(w, all, i, e) == -1)
			return -1;
	for (i = 0; i < all->n; i++) {
		d = &all->v[i];
		if (d->orphan && about(w, doctor_add(w, FOUND_STALE_DEVICE,
		    SEV_WARNING, "run: drydock devices --clean", e, "%s is "
		    "stale: %s", device_name(d), d->stale), d->path, d->dev,
		    d->ino, e) == -1)
			return -1;
	}
	return all->untold == NULL || doctor_add(w, FOUND_NOT_SEEN, SEV_NOTE,
	    "root may look", e, "%s: what is stale is not known",
	    all->untold) != NULL ? 0 : -1;
}

static int
check_devices(struct doctor_visit *w, struct dd_err *e)
{
	const struct devices_host host = w->ask->host();
	struct dd_err why = DD_ERR_INIT;
	struct devices *all = NULL;
	int rc;

	if (devices_load(&host, w->ask->xen, &all, &why) == -1) {
		if (why.code == ERR_NOMEM)
			return dd_fail_nomem(e);
		return doctor_add(w, FOUND_NOT_SEEN, why.code == ERR_PERM ?
		    SEV_NOTE : SEV_WARNING, why.hint[0] != '\0' ? why.hint :
		    NULL, e, "devices: %s", why.msg) == NULL ? -1 : 0;
	}
	rc = check_left(w, all, e);
	devices_free(all);
	return rc;
}

/* -- room for more ------------------------------------------------------ */

static int
check_room(struct doctor_visit *w, struct dd_err *e)
{
	struct host_room r = { .kind = NULL };
	unsigned left;
	char hint[200];

	w->ask->room(&r);
	if (r.all == 0 || (left = r.all - r.used) >= DOCTOR_FEW)
		return 0;
	if (strcmp(r.kind, "vnd") == 0)
		(void)snprintf(hint, sizeof(hint), "cd /dev && sh MAKEDEV "
		    "vnd%u makes another", r.next);
	else
		(void)snprintf(hint, sizeof(hint), "with /dev/loop-control "
		    "the kernel makes as many as are wanted");
	return doctor_add(w, strcmp(r.kind, "vnd") == 0 ? FOUND_VND_EXHAUSTED :
	    FOUND_LOOP_EXHAUSTED, left == 0 ? SEV_ERROR : SEV_WARNING, hint, e,
	    "%u of %u %s devices are in use: %s", r.used, r.all, r.kind,
	    left == 0 ? "no image can be attached any more" :
	    "not enough are left for a domU of four disks") == NULL ? -1 : 0;
}

struct doctor_ask
doctor_here(const struct xen_ops *xen, const char *state_dir,
    const struct restarts *restarts)
{
	return (struct doctor_ask){ .host = devices_here, .xen = xen,
	    .room = host_room, .state_dir = state_dir,
	    .restarts = restarts };
}

int
doctor_host(struct doctor_visit *w, struct dd_err *e)
{
	if (w->ask->host != NULL && check_devices(w, e) == -1)
		return -1;
	return w->ask->room == NULL ? 0 : check_room(w, e);
}
