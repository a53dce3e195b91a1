/* Which generations are old; see store.h. */
#include "core/store/store.h"

/* The newest that is marked good; 0: none is. */
static uint32_t
last_good(const struct store *s)
{
	size_t i;

	for (i = s->n; i-- > 0;)
		if (s->v[i].name.mark == GEN_GOOD)
			return s->v[i].name.n;
	return 0;
}

static const char *
why_kept(const struct store *s, const struct generation *g, uint32_t good)
{
	if (s->place == NULL)
		return "no image is in place: it may be the last copy";
	if (g->name.pinned)
		return "it is pinned";
	return g->name.n == good ? "the last good one" : NULL;
}

int
store_old(const struct store *s, uint64_t keep, store_old_fn *fn, void *arg,
    struct dd_err *e)
{
	const uint32_t good = last_good(s);
	uint64_t seen = 0;
	size_t i;

	for (i = s->n; i-- > 0;) {
		const struct generation *g = &s->v[i];

		if (g->in_place || ++seen <= keep)
			continue;
		if (fn(arg, g, why_kept(s, g, good), e) == -1)
			return -1;
	}
	return 0;
}
