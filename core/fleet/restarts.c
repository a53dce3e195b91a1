/* Starts of domUs, as they are seen; see restarts.h. */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/fleet/restarts.h"

#define KEPT	8		/* the last starts of a domU */

struct restarts_of {
	char		*name;
	unsigned	 id;
	int64_t		 at[KEPT];	/* a ring */
	unsigned	 n;		/* in all */
};

static struct restarts_of *
find(const struct restarts *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->v[i].name, name) == 0)
			return &r->v[i];
	return NULL;
}

static int
add(struct restarts *r, const struct xen_domain *d, struct dd_err *e)
{
	struct restarts_of *v = realloc(r->v, (r->n + 1) * sizeof(*v));

	if (v == NULL)
		return dd_fail_nomem(e);
	r->v = v;
	v[r->n] = (struct restarts_of){ .name = strdup(d->name),
	    .id = d->id };
	if (v[r->n].name == NULL)
		return dd_fail_nomem(e);
	r->n++;
	return 0;
}

/* Numbers only grow: a smaller one of the name is that of the one before, which
 * is dying still. */
int
restarts_take(struct restarts *r, const struct xen_domain *v, size_t n,
    int64_t now, struct dd_err *e)
{
	struct restarts_of *o;
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].name == NULL)
			continue;
		/* mostly they come in the same order each time */
		o = i < r->n && strcmp(r->v[i].name, v[i].name) == 0 ?
		    &r->v[i] : find(r, v[i].name);
		if (o == NULL) {
			if (add(r, &v[i], e) == -1)
				return -1;
		} else if (v[i].id > o->id) {
			o->id = v[i].id;
			o->at[o->n++ % KEPT] = now;
		}
	}
	return 0;
}

unsigned
restarts_count(const struct restarts *r, const char *name, int64_t now)
{
	const struct restarts_of *o = find(r, name);
	unsigned i, n = 0;

	for (i = 0; o != NULL && i < KEPT && i < o->n; i++)
		n += now - o->at[i] <= RESTARTS_SPAN * 1000;
	return n;
}

int
restarts_copy(const struct restarts *from, struct restarts *to,
    struct dd_err *e)
{
	struct restarts_of *v = calloc(from->n + 1, sizeof(*v));
	size_t i;

	*to = (struct restarts){ .v = v };
	if (v == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < from->n; i++) {
		v[i] = from->v[i];
		if ((v[i].name = strdup(from->v[i].name)) == NULL) {
			restarts_dispose(to);
			return dd_fail_nomem(e);
		}
		to->n++;
	}
	return 0;
}

void
restarts_dispose(struct restarts *r)
{
	while (r->n > 0)
		free(r->v[--r->n].name);
	free(r->v);
	*r = (struct restarts){ .v = NULL };
}

/* A Xen that does not answer for a moment is asked again. */
static int
look(const struct life *l, struct restarts *r, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct xen_domain *v;
	size_t n;
	int rc;

	if (l->xen->domains(false, &v, &n, &why) == -1) {
		if (why.code == ERR_IO)
			return 0;
		*e = why;
		return -1;
	}
	rc = restarts_take(r, v, n, clock_ms(), e);
	l->xen->domains_free(v, n);
	return rc;
}

int
restarts_watch(const struct life *l, unsigned seconds, struct restarts *r,
    struct dd_err *e)
{
	const int64_t end = clock_ms() + (int64_t)seconds * 1000;

	for (;;) {
		if (look(l, r, e) == -1)
			return -1;
		if (clock_ms() >= end)
			return 0;
		if (life_pause(l, "watching which domUs reboot", e) == -1)
			return -1;
	}
}
