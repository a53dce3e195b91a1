/*
 * What Xen has now, laid over what the configurations say: a state for each
 * domU, memory and processors of each that is there, and a row for each that
 * has no configuration.
 */
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/fleet/fleet_impl.h"
#include "core/host/host.h"

static const enum fleet_state states[] = {
	[XEN_RUNNING] = STATE_RUNNING,
	[XEN_PAUSED] = STATE_PAUSED,
	[XEN_CRASHED] = STATE_CRASHED,
	[XEN_DYING] = STATE_DYING,
};

size_t
running_rows(const struct fleet *f, size_t n, const char *name, size_t *at)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(f->domus[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*at = lo;
	while (hi < n && strcmp(f->domus[hi].name, name) == 0)
		hi++;
	return hi - lo;
}

/* A domain that is made or goes may have no memory or processors yet, or any
 * more. */
void
running_overlay(struct fleet_domu *d, const struct xen_domain *x)
{
	d->state = states[x->state];
	d->id = x->id;
	d->cpu_time = x->cpu_time;
	d->started = x->started;
	if (x->memory > 0)
		d->memory = x->memory;
	if (x->vcpus > 0)
		d->vcpus = x->vcpus;
}

void
running_stopped(struct fleet_domu *d, enum fleet_state state)
{
	d->state = state;
	d->id = 0;
	d->cpu_time = 0;
	d->started = 0;
	d->cpu = -1;
}

/* What the backend of a disk serves. */
static int
take_backend(struct fleet_disk *disk, const struct xen_disk *x,
    struct dd_err *e)
{
	disk->run_known = x->phys_major != 0 && host_backing_file(
	    host_makedev(x->phys_major, x->phys_minor), &disk->run_dev,
	    &disk->run_ino);
	if (x->error == NULL)
		return 0;
	free(disk->trouble);
	disk->trouble = strdup(x->error);
	return disk->trouble == NULL ? dd_fail_nomem(e) : 0;
}

/* What Xen has now of a domU that is configured. */
static int
take_running(struct fleet_domu *d, const struct xen_domain *x,
    struct dd_err *e)
{
	size_t i, j;

	running_overlay(d, x);
	for (i = 0; i < d->ndisks; i++)
		for (j = 0; j < x->ndisks; j++)
			if (x->disks[j].vdev != NULL &&
			    strcmp(d->disks[i].vdev, x->disks[j].vdev) == 0 &&
			    take_backend(&d->disks[i], &x->disks[j], e) == -1)
				return -1;
	return 0;
}

static int
add_row(struct fleet *f, const struct xen_domain *x, struct dd_err *e)
{
	struct fleet_domu *d = fleet_new_row(f, e);
	size_t i;

	if (d == NULL)
		return -1;
	running_overlay(d, x);
	if ((d->name = strdup(x->name != NULL ? x->name : "?")) == NULL)
		return dd_fail_nomem(e);
	if (x->ndisks == 0)
		return 0;
	if ((d->disks = calloc(x->ndisks, sizeof(*d->disks))) == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < x->ndisks; i++)
		if (domu_copy_disk(&d->disks[d->ndisks++], &x->disks[i], e) ==
		    -1)
			return -1;
	roles_by_position(d);
	return 0;
}

/* What it has attached, whatever its configuration says by now. */
static int
add_attached(struct fleet_domu *d, const struct xen_domain *x,
    struct dd_err *e)
{
	struct fleet_attached *a;
	struct stat st;
	size_t i;

	/* there may be two rows of the name, and two domains only while one
	 * of them is dying */
	a = realloc(d->attached, (d->nattached + x->ndisks + 1) * sizeof(*a));
	if (a == NULL)
		return dd_fail_nomem(e);
	d->attached = a;
	for (i = 0; i < x->ndisks; i++) {
		if (x->disks[i].target == NULL || x->disks[i].elsewhere ||
		    stat(x->disks[i].target, &st) == -1)
			continue;
		a = &d->attached[d->nattached];
		*a = (struct fleet_attached){ .readwrite =
		    x->disks[i].readwrite };
		fleet_identify(&st, &a->dev, &a->ino);
		if ((a->vdev = strdup(x->disks[i].vdev != NULL ?
		    x->disks[i].vdev : "a disk")) == NULL)
			return dd_fail_nomem(e);
		d->nattached++;
	}
	return 0;
}

static int
merge(struct fleet *f, const struct xen_domain *v, size_t n,
    struct dd_err *e)
{
	const size_t nconfigured = f->ndomus;
	size_t i, at, rows;

	for (i = 0; i < n; i++) {
		rows = v[i].name == NULL ? 0 :
		    running_rows(f, nconfigured, v[i].name, &at);
		if (rows == 0 && add_row(f, &v[i], e) == -1)
			return -1;
		for (; rows > 0; rows--, at++)
			if (take_running(&f->domus[at], &v[i], e) == -1 ||
			    add_attached(&f->domus[at], &v[i], e) == -1)
				return -1;
	}
	fleet_sort(f);
	return 0;
}

/* Xen does not tell: no Xen means that nothing runs, anything else that we
 * don't know. */
static int
untold(struct fleet *f, const struct dd_err *why, struct dd_err *e)
{
	size_t i;

	if (why->code == ERR_NOMEM || (f->xen = strdup(why->msg)) == NULL)
		return dd_fail_nomem(e);
	if (why->code == ERR_NOENT)
		return 0;
	for (i = 0; i < f->ndomus; i++)
		f->domus[i].state = STATE_UNKNOWN;
	return finding_add_err(&f->findings, why->code == ERR_PERM ?
	    FOUND_NOT_SEEN : FOUND_XEN, why->code == ERR_PERM ? SEV_NOTE :
	    SEV_WARNING, why, e);
}

int
running_load(const struct xen_ops *ops, const struct dd_err *why_not,
    struct fleet *f, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct xen_domain *v;
	size_t n;
	int rc;

	if (why_not != NULL)
		return untold(f, why_not, e);
	f->asked = clock_ms();
	if (ops->domains(true, &v, &n, &why) == -1)
		return untold(f, &why, e);
	rc = merge(f, v, n, e);
	ops->domains_free(v, n);
	return rc;
}
