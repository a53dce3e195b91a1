/* What there is of devices, and who has them; see devices.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/vis.h"
#include "core/fleet/devices.h"

struct devices_host
devices_here(void)
{
	return (struct devices_host){ .list = host_devices,
	    .kernel = host_kernel, .crypt = host_crypt };
}

const char *
device_name(const struct device *d)
{
	return d->name != NULL ? d->name : d->path;
}

bool
device_is_of(const struct device *d, const struct fleet_disk *disk)
{
	if (d->ino == 0)
		return false;
	return (disk->image != NULL && !disk->image->missing &&
	    disk->image->dev == d->dev && disk->image->ino == d->ino) ||
	    (disk->run_known && disk->run_dev == d->dev &&
	    disk->run_ino == d->ino);
}

static void
put_escaped(struct buf *b, const char *s)
{
	(void)vis_buf(b, s, strlen(s));
}

void
device_holders(const struct device *d, struct buf *b)
{
	static const char *const before[] = {
		[DEVICE_MOUNT] = "mounted on ", [DEVICE_UPON] = "",
		[DEVICE_DOMU] = "", [DEVICE_JOB] = ""
	};
	size_t i;

	for (i = 0; i < d->nholders; i++) {
		const struct device_holder *h = &d->holders[i];

		(void)buf_printf(b, "%s%s", i > 0 ? ", " : "",
		    before[h->kind]);
		if (h->what != NULL)
			put_escaped(b, h->what);
		if (h->kind == DEVICE_JOB)
			(void)buf_printf(b, "drydock process %ld",
			    (long)h->pid);
		if (h->vdev != NULL) {
			(void)buf_str(b, " as ");
			put_escaped(b, h->vdev);
		}
	}
}

/* ---- what the kernel has */

/* NULL stays NULL. */
static int
copy(char **dst, const char *s, struct dd_err *e)
{
	*dst = s == NULL ? NULL : strdup(s);
	return s != NULL && *dst == NULL ? dd_fail_nomem(e) : 0;
}

static size_t
find_rdev(const struct devices *all, dev_t rdev)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i].rdev == rdev)
			return i;
	return DEVICES_NONE;
}

static int
add_holder(struct device *d, const struct device_holder *from,
    struct dd_err *e)
{
	struct device_holder *v = realloc(d->holders, (d->nholders + 1) *
	    sizeof(*v)), h = { .kind = from->kind, .pid = from->pid,
	    .device = from->device };

	if (v == NULL)
		return dd_fail_nomem(e);
	d->holders = v;
	if (copy(&h.what, from->what, e) == -1)
		return -1;
	if (copy(&h.vdev, from->vdev, e) == -1) {
		free(h.what);
		return -1;
	}
	v[d->nholders++] = h;
	return 0;
}

static int
add_device(struct devices *all, const struct host_made *m, size_t under,
    struct dd_err *e)
{
	struct device *v = realloc(all->v, (all->n + 1) * sizeof(*v)), *d;
	const struct device *file;

	if (v == NULL)
		return dd_fail_nomem(e);
	all->v = v;
	d = &v[all->n];
	*d = (struct device){ .kind = m->kind, .rdev = m->rdev,
	    .under = under, .dev = m->dev, .ino = m->ino,
	    .readonly = m->readonly, .foreign = m->foreign,
	    .opens = m->opens,
	    .left = DEVICES_NONE };
	if (under != all->n) {
		file = &v[under];
		d->dev = file->dev;
		d->ino = file->ino;
	} else
		file = NULL;
	all->n++;
	if (copy(&d->path, m->path, e) == -1 ||
	    copy(&d->name, m->name, e) == -1)
		return -1;
	return copy(&d->image, file != NULL ? file->image : m->image, e);
}

/* That a device has partitions does not hold it; what uses one does. */
static int
take_made(void *arg, const struct host_made *m, struct dd_err *e)
{
	struct device_holder h = { .kind = DEVICE_MOUNT };
	struct devices *all = arg;
	size_t at;

	if (m->kind == HOST_MADE_OF_FILE)
		return add_device(all, m, all->n, e);
	at = find_rdev(all, m->kind == HOST_MADE_MOUNT ? m->rdev : m->under);
	if (at == DEVICES_NONE)
		return 0;
	h.what = (char *)(uintptr_t)m->path;
	if (m->kind == HOST_MADE_UPON) {
		h.kind = DEVICE_UPON;
		h.device = all->n;
		if (m->name != NULL)
			h.what = (char *)(uintptr_t)m->name;
	}
	if (m->kind != HOST_MADE_PART &&
	    add_holder(&all->v[at], &h, e) == -1)
		return -1;
	return m->kind == HOST_MADE_MOUNT ? 0 : add_device(all, m, at, e);
}

/* ---- what was written down */

/* Numbers are given anew: which file it shows must fit, too. */
bool
device_is_written(const struct device *d, const struct stack_left *l)
{
	if (l->crypt_name[0] != '\0' && d->name != NULL &&
	    strcmp(d->name, l->crypt_name) == 0)
		return true;
	if (d->dev != l->dev || d->ino != l->ino)
		return false;
	return (l->device.path[0] != '\0' && d->rdev == l->device.rdev &&
	    !d->foreign) ||
	    (l->crypt.path[0] != '\0' && d->rdev == l->crypt.rdev);
}

static int
say_stale(struct device *d, struct dd_err *e, const char *fmt, long n)
{
	struct buf b = BUF_INIT;

	(void)buf_printf(&b, fmt, n);
	free(d->stale);
	d->stale = buf_steal(&b);
	return d->stale == NULL ? dd_fail_nomem(e) : 0;
}

static int
find_record(const struct devices *all, struct device *d, struct dd_err *e)
{
	struct device_holder h = { .kind = DEVICE_JOB };
	size_t i;

	/* the living first, should two say that it is theirs */
	for (i = 0; i < all->nleft; i++)
		if (device_is_written(d, &all->left[i]) &&
		    (d->left == DEVICES_NONE || all->left[i].alive))
			d->left = i;
	if (d->left == DEVICES_NONE)
		return 0;
	h.pid = all->left[d->left].pid;
	if (all->left[d->left].alive) {
		if (add_holder(d, &h, e) == -1)
			return -1;
		/* it comes first: the rest is its doing */
		h = d->holders[d->nholders - 1];
		memmove(d->holders + 1, d->holders, (d->nholders - 1) *
		    sizeof(h));
		d->holders[0] = h;
		return 0;
	}
	return say_stale(d, e, "drydock process %ld, which made it, is dead",
	    (long)h.pid);
}

/* Others than root may not read them, and are shown the rest. */
static int
read_records(struct devices *all, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	size_t i;

	if (stacks_read(&all->left, &all->nleft, &why) == -1) {
		if (geteuid() == 0 || why.code != ERR_PERM) {
			*e = why;
			return -1;
		}
		return copy(&all->untold, why.msg, e);
	}
	for (i = 0; i < all->n; i++)
		if (find_record(all, &all->v[i], e) == -1)
			return -1;
	return 0;
}

/* ---- what Xen says */

static int
take_domain(struct devices *all, const struct xen_domain *x, struct dd_err *e)
{
	struct device_holder h = { .kind = DEVICE_DOMU, .what = x->name };
	char number[32];
	size_t i, at;

	if (x->name == NULL) {
		(void)snprintf(number, sizeof(number), "domain %u", x->id);
		h.what = number;
	}
	for (i = 0; i < x->ndisks; i++) {
		const struct xen_disk *disk = &x->disks[i];

		if (disk->elsewhere || disk->phys_major == 0)
			continue;
		at = find_rdev(all, host_makedev(disk->phys_major,
		    disk->phys_minor));
		h.vdev = disk->vdev;
		if (at != DEVICES_NONE &&
		    add_holder(&all->v[at], &h, e) == -1)
			return -1;
	}
	return 0;
}

/* block-drydock names its devices drydock-DOMID-DEVID (hotplug_backend.c).
 * Domain 0, which xl block-attach can give a disk to, is always there. */
static bool
is_plugged(const struct device *d, unsigned *domid)
{
	unsigned devid;
	char end;

	return d->name != NULL && strncmp(d->name, "drydock-", 8) == 0 &&
	    d->name[8] >= '1' && d->name[8] <= '9' &&
	    sscanf(d->name + 8, "%u-%u%c", domid, &devid, &end) == 2;
}

static int
find_orphans(struct devices *all, const struct xen_domain *v, size_t n,
    struct dd_err *e)
{
	unsigned domid;
	size_t i, j;

	for (i = 0; i < all->n; i++) {
		if (!is_plugged(&all->v[i], &domid))
			continue;
		for (j = 0; j < n && v[j].id != domid; j++)
			continue;
		if (j < n)
			continue;
		all->v[i].orphan = true;
		if (say_stale(&all->v[i], e, "domain %ld, for which "
		    "block-drydock made it, is not there any more",
		    (long)domid) == -1)
			return -1;
	}
	return 0;
}

static int
ask_xen(const struct xen_ops *xen, struct devices *all, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct xen_domain *v;
	size_t n, i;
	int rc = 0;

	if (xen == NULL)
		return copy(&all->xen, "Xen was not asked", e);
	if (xen->domains(true, &v, &n, &why) == -1) {
		all->no_xen = why.code == ERR_NOENT;
		return copy(&all->xen, why.msg, e);
	}
	for (i = 0; rc == 0 && i < n; i++)
		rc = take_domain(all, &v[i], e);
	/* records that can't be read may name it */
	if (rc == 0 && all->untold == NULL)
		rc = find_orphans(all, v, n, e);
	xen->domains_free(v, n);
	return rc;
}

int
devices_load(const struct devices_host *host, const struct xen_ops *xen,
    struct devices **out, struct dd_err *e)
{
	struct devices *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return dd_fail_nomem(e);
	if (host->list(take_made, all, e) == -1 ||
	    read_records(all, e) == -1 || ask_xen(xen, all, e) == -1) {
		devices_free(all);
		return -1;
	}
	*out = all;
	return 0;
}

static void
dispose(struct device *d)
{
	while (d->nholders > 0) {
		d->nholders--;
		free(d->holders[d->nholders].what);
		free(d->holders[d->nholders].vdev);
	}
	free(d->holders);
	free(d->path);
	free(d->name);
	free(d->image);
	free(d->stale);
}

void
devices_free(struct devices *all)
{
	if (all == NULL)
		return;
	while (all->n > 0)
		dispose(&all->v[--all->n]);
	free(all->v);
	stacks_free(all->left, all->nleft);
	free(all->untold);
	free(all->xen);
	free(all);
}
