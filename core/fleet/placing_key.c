/*
 * Another key for what is in place: its parameters belong to the generation
 * that comes, so that image and key change in one rename; and those of the one
 * that goes out belong to that from now on, so that both come back.
 */
#include <stdio.h>
#include <time.h>

#include "core/fleet/placing_impl.h"

/* What was said by a configuration alone, or by nothing. */
static int
say_what_was(struct placing *p, struct dd_err *e)
{
	const struct generation *was = p->store->place;

	if (was->params || was->plain)
		return 0;
	/* undone, too, where it fails half-way */
	p->gave_params = p->key->was != NULL;
	p->gave_plain = p->key->was == NULL;
	return p->gave_params ? store_add(p->store, was->name.n, "params",
	    p->key->was, e) : store_link(p->store, was->name.n, "plain", "-",
	    e);
}

static int
say_what_comes(struct placing *p, struct dd_err *e)
{
	const uint32_t n = p->next.n;
	char since[24];

	if (p->key->params == NULL)
		return store_link(p->store, n, "plain", "-", e);
	(void)snprintf(since, sizeof(since), "%lld", (long long)time(NULL));
	if (store_add_text(p->store, n, "params", p->key->params->p,
	    p->key->params->len, e) == -1)
		return -1;
	return store_link(p->store, n, "key", since, e);
}

int
placing_add_key(struct placing *p, struct dd_err *e)
{
	bool was = true;

	if (say_what_was(p, e) == -1 || say_what_comes(p, e) == -1)
		return -1;
	if (p->key->tells == NULL)
		return 0;
	if (store_tell(p->store, p->key->tells, &was, e) == -1)
		return -1;
	p->tells = !was;
	return 0;
}

void
placing_drop_key(struct placing *p)
{
	struct dd_err ignored = DD_ERR_INIT;
	const uint32_t n = p->was;

	if (p->gave_params)
		(void)store_drop(p->store, n, "params", &ignored);
	if (p->gave_plain)
		(void)store_drop(p->store, n, "plain", &ignored);
	if (p->tells)
		(void)store_tell(p->store, NULL, NULL, &ignored);
	p->gave_params = p->gave_plain = p->tells = false;
}
