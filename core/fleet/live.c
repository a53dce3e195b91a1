/* What Xen tells while a fleet is looked at; see live.h. */
#include <stdlib.h>
#include <string.h>

#include "core/fleet/fleet_impl.h"
#include "core/fleet/live.h"

#define SPAN_MS	1000	/* between two moments that shares are made of */

int
live_cpu_share(uint64_t before, uint64_t after, int64_t ms)
{
	uint64_t share;

	if (ms <= 0 || after < before)
		return -1;
	share = (after - before) / 1000 / (uint64_t)ms;
	return share > INT32_MAX ? -1 : (int)share;
}

static const struct live_sample *
sample_of(const struct live_shares *s, unsigned id)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].id == id)
			return &s->v[i];
	return NULL;
}

/* The moment before is over: now is it. */
static int
remember(struct live_shares *s, const struct xen_now *now, struct dd_err *e)
{
	struct live_sample *v = calloc(now->ndomains + 1, sizeof(*v));
	size_t i;

	if (v == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < now->ndomains; i++)
		v[i] = (struct live_sample){ now->domains[i].id,
		    now->domains[i].cpu_time, now->domains[i].cpu };
	free(s->v);
	*s = (struct live_shares){ now->at, v, now->ndomains };
	return 0;
}

int
live_shares_take(struct live_shares *s, struct xen_now *now,
    struct dd_err *e)
{
	const int64_t span = now->at - s->at;
	const struct live_sample *was;
	struct xen_domain *d;
	size_t i;

	for (i = 0; i < now->ndomains; i++) {
		d = &now->domains[i];
		was = sample_of(s, d->id);
		d->cpu = was == NULL ? -1 : span < SPAN_MS ? was->share :
		    live_cpu_share(was->cpu_time, d->cpu_time, span);
	}
	return s->v != NULL && span < SPAN_MS ? 0 : remember(s, now, e);
}

void
live_shares_dispose(struct live_shares *s)
{
	free(s->v);
	*s = (struct live_shares){ .v = NULL };
}

static uint64_t
mix(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len-- > 0)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

uint64_t
live_mark(const struct xen_now *now)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	const struct xen_domain *d;
	size_t i;

	h = mix(h, &now->changes, sizeof(now->changes));
	for (i = 0; i < now->ndomains; i++) {
		d = &now->domains[i];
		h = mix(h, &d->id, sizeof(d->id));
		h = mix(h, &d->state, sizeof(d->state));
		if (d->name != NULL)
			h = mix(h, d->name, strlen(d->name) + 1);
	}
	return h;
}

/* Is this row about that domain?  Each that has a configuration of the name is.
 * Of those without one, those without a name are told apart by number. */
static bool
is_about(const struct fleet_domu *d, const struct xen_domain *x)
{
	return d->cfg != NULL || x->name != NULL || d->id == x->id;
}

static void
follow(struct fleet *f, const struct xen_domain *x, bool all)
{
	size_t at, rows = running_rows(f, f->ndomus,
	    x->name != NULL ? x->name : "?", &at);

	for (; rows > 0; rows--, at++) {
		if (!is_about(&f->domus[at], x))
			continue;
		if (all)
			running_overlay(&f->domus[at], x);
		if (f->domus[at].id == x->id)
			f->domus[at].cpu = x->cpu;
	}
}

void
live_follow(struct fleet *f, const struct xen_now *now)
{
	const bool all = now->at >= f->asked;
	size_t i;

	f->host = now->host;
	if (all) {
		free(f->xen);
		f->xen = NULL;
		for (i = 0; i < f->ndomus; i++)
			f->domus[i].state = STATE_OFF;
	}
	for (i = 0; i < now->ndomains; i++)
		follow(f, &now->domains[i], all);
	for (i = 0; all && i < f->ndomus; i++)
		if (f->domus[i].state == STATE_OFF)
			running_stopped(&f->domus[i], STATE_OFF);
}

void
live_lose(struct fleet *f, const struct dd_err *why)
{
	char *xen = strdup(why->msg);
	size_t i;

	if (xen == NULL)
		return;		/* then the next time */
	free(f->xen);
	f->xen = xen;
	f->host.cpus = 0;
	for (i = 0; i < f->ndomus; i++)
		running_stopped(&f->domus[i], why->code == ERR_NOENT ?
		    STATE_OFF : STATE_UNKNOWN);
}
