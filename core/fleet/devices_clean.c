/*
 * Taking down what is stale; see devices.h.  What lies on something else that
 * is stale must go first: it is tried again as long as something goes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/fleet/devices.h"

/* One thing that was left: all that a record names, or an orphan. */
struct left {
	const struct stack_left *record;	/* or NULL */
	const struct device	*orphan;
	struct buf		 what;
	const char		*image;		/* as the kernel has it; or NULL */
	struct dd_err		 why;		/* of the last try */
	bool			 done;
};

struct cleaning {
	const struct devices_host *host;
	const struct devices	*all;
	struct left		*v;
	size_t			 n;
};

/* A partition is of what its device is of. */
static bool
is_of(const struct devices *all, const struct device *d, const struct left *l)
{
	while (d->kind == HOST_MADE_PART)
		d = &all->v[d->under];
	return l->orphan != NULL ? d == l->orphan : d->left != DEVICES_NONE &&
	    &all->left[d->left] == l->record;
}

static void
put(struct buf *b, const char *before, const char *name)
{
	(void)buf_printf(b, "%s%s", b->len > 0 ? ", " : "", before);
	(void)vis_buf(b, name, strlen(name));
}

/* The kernel has it without symbolic links: /var/run may be one. */
static bool
is_own_mount(const struct left *l, const struct device_holder *h)
{
	char *path;
	bool own;

	if (h->kind != DEVICE_MOUNT || l->record == NULL ||
	    l->record->mount == NULL)
		return false;
	path = realpath(l->record->mount, NULL);
	own = path != NULL && strcmp(h->what, path) == 0;
	free(path);
	return own;
}

/* What there is of it, the topmost first. */
static void
describe(const struct devices *all, struct left *l)
{
	const struct device *d;
	size_t i, j;

	for (i = all->n; i-- > 0;) {
		d = &all->v[i];
		if (d->kind == HOST_MADE_PART || !is_of(all, d, l))
			continue;
		for (j = 0; j < d->nholders; j++)
			if (is_own_mount(l, &d->holders[j]))
				put(&l->what, "the mount on ",
				    d->holders[j].what);
		put(&l->what, "", device_name(d));
		l->image = d->image;
	}
}

/* Is it a part of what was left, or of something else that is down, or would
 * be? */
static bool
is_ours(const struct cleaning *c, const struct left *l,
    const struct device_holder *h)
{
	const struct device *d;
	size_t i;

	if (h->kind != DEVICE_UPON)
		return is_own_mount(l, h);
	d = &c->all->v[h->device];
	if (is_of(c->all, d, l))
		return true;
	for (i = 0; i < c->n; i++)
		if (c->v[i].done && is_of(c->all, d, &c->v[i]))
			return true;
	return false;
}

/* Add who else has that device to b. */
static int
put_others(const struct cleaning *c, const struct left *l,
    const struct device *d, struct buf *b, struct dd_err *e)
{
	struct device others = *d;
	size_t i;

	others.nholders = 0;
	others.holders = calloc(d->nholders + 1, sizeof(*others.holders));
	if (others.holders == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < d->nholders; i++)
		if (!is_ours(c, l, &d->holders[i]))
			others.holders[others.nholders++] = d->holders[i];
	if (others.nholders > 0) {
		put(b, "", device_name(d));
		(void)buf_str(b, " is in use: ");
		device_holders(&others, b);
	}
	free(others.holders);
	return 0;
}

/* Whoever else has a part of it keeps it whole. */
static int
refuse_held(const struct cleaning *c, const struct left *l, struct dd_err *e)
{
	const struct devices *all = c->all;
	struct buf b = BUF_INIT;
	size_t i;
	int rc = 0;

	/* a living process may have got the same device for the same file */
	for (i = 0; rc == 0 && i < all->n; i++)
		if (is_of(all, &all->v[i], l) || (l->record != NULL &&
		    device_is_written(&all->v[i], l->record)))
			rc = put_others(c, l, &all->v[i], &b, e);
	if (b.failed)
		rc = dd_fail_nomem(e);
	else if (rc == 0 && b.len > 0) {
		rc = dd_fail(e, ERR_HELD, "%s", b.p);
		(void)dd_hint(e, "unmount and detach it first; drydock takes "
		    "nothing away by force");
	}
	buf_dispose(&b);
	return rc;
}

/* The kernel is asked once more: it may be in use by now. */
static int
take_orphan(const struct cleaning *c, const struct device *d,
    struct dd_err *e)
{
	struct host_crypt_device now = { .open = false };
	int found = c->host->crypt->find(d->name, &now, e);

	if (found <= 0)
		return found;
	if (now.open) {
		(void)dd_fail(e, ERR_HELD, "%s: is open still", d->name);
		return dd_hint(e, "who has it open must let go of it; drydock "
		    "takes nothing away by force");
	}
	return c->host->crypt->detach(d->name, e);
}

static int
take(const struct cleaning *c, struct left *l, bool dry_run)
{
	dd_err_clear(&l->why);
	if (refuse_held(c, l, &l->why) == -1)
		return -1;
	if (!dry_run && (l->orphan != NULL ?
	    take_orphan(c, l->orphan, &l->why) :
	    stack_clean(c->host->kernel, l->record, &l->why)) == -1)
		return -1;
	l->done = true;
	return 0;
}

static int
gather(struct cleaning *c, struct dd_err *e)
{
	const struct devices *all = c->all;
	size_t i;

	c->v = calloc(all->n + all->nleft + 1, sizeof(*c->v));
	if (c->v == NULL)
		return dd_fail_nomem(e);
	for (i = all->n; i-- > 0;)
		if (all->v[i].orphan)
			c->v[c->n++].orphan = &all->v[i];
	for (i = 0; i < all->nleft; i++)
		if (!all->left[i].alive)
			c->v[c->n++].record = &all->left[i];
	for (i = 0; i < c->n; i++) {
		describe(all, &c->v[i]);
		if (c->v[i].what.failed)
			return dd_fail_nomem(e);
	}
	return 0;
}

static void
tell(const struct left *l, devices_leaving_fn *fn, void *arg)
{
	struct devices_leaving t = { .image = l->image, .what = l->what.p,
	    .why = l->done ? NULL : &l->why };
	unsigned domid = 0;
	char by[96];

	if (t.what == NULL)
		t.what = "a record without a device";
	if (l->orphan != NULL) {
		(void)sscanf(l->orphan->name, "drydock-%u", &domid);
		(void)snprintf(by, sizeof(by), "domain %u, which is not there "
		    "any more", domid);
	} else {
		(void)snprintf(by, sizeof(by), "drydock process %ld, which is "
		    "dead", (long)l->record->pid);
		if (t.image == NULL && l->record->image[0] != '\0')
			t.image = l->record->image;
	}
	t.by = by;
	fn(arg, &t);
}

int
devices_clean(const struct devices_host *host, const struct devices *all,
    bool dry_run, devices_leaving_fn *fn, void *arg, struct dd_err *e)
{
	struct cleaning c = { .host = host, .all = all };
	const struct left *first = NULL;
	size_t i, stay = 0;
	bool again = true;

	if (gather(&c, e) == -1)
		goto out;
	while (again) {
		again = false;
		for (i = 0; i < c.n; i++)
			if (!c.v[i].done && take(&c, &c.v[i], dry_run) == 0)
				again = true;
	}
	for (i = 0; i < c.n; i++) {
		tell(&c.v[i], fn, arg);
		if (c.v[i].done)
			continue;
		stay++;
		first = first == NULL ? &c.v[i] : first;
	}
	if (first != NULL) {
		(void)dd_fail(e, ERR_RECOVER, "%zu %s: %s", stay, dry_run ?
		    "would stay" : "could not be taken down", first->why.msg);
		(void)dd_hint(e, "%s", first->why.hint[0] != '\0' ?
		    first->why.hint : "end what holds it, then repeat the "
		    "command");
	}
out:
	for (i = 0; i < c.n; i++)
		buf_dispose(&c.v[i].what);
	free(c.v);
	return e->code == ERR_NONE ? 0 : -1;
}
