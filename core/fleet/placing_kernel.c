/*
 * The kernel that goes with a root.  N.kernel in the root's folder is a link to
 * "PATH@K": generation K of the kernel at that path; or to "PATH" alone, where
 * the kernel has no generations: then it is only said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/units.h"
#include "core/fleet/placing_impl.h"

/* Split "PATH@K"; K 0: none.  *path in fresh memory. */
static int
parse(const char *word, char **path, uint32_t *k, struct dd_err *e)
{
	struct dd_err ignored = DD_ERR_INIT;
	const char *at = strrchr(word, '@');
	uint64_t n = 0;

	if (at == NULL || units_number(at + 1, 1, GEN_MAX, "generation", &n,
	    &ignored) == -1)
		at = word + strlen(word);
	*k = (uint32_t)n;
	*path = strndup(word, (size_t)(at - word));
	return *path == NULL ? dd_fail_nomem(e) : 0;
}

int
placing_say_kernel(struct placing *p, uint32_t n, uint32_t k,
    struct dd_err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	(void)buf_str(&b, p->kernel);
	if (k == 0 && p->kstore != NULL && p->kstore->place != NULL)
		k = p->kstore->place->name.n;
	if (k != 0 && p->kstore != NULL)
		(void)buf_printf(&b, "@%u", k);
	rc = b.failed ? dd_fail_nomem(e) :
	    store_link(p->store, n, "kernel", b.p, e);
	buf_dispose(&b);
	return rc;
}

/* A new kernel comes. */
static int
plan_new(struct placing *p, struct dd_err *e)
{
	if (store_open(p->kernel, &p->kstore, e) == -1 ||
	    (!p->dry_run && store_lock(p->kstore, e) == -1))
		return dd_context(e, "kernel");
	p->kernel_is = store_next(p->kstore);
	p->kflip.next = (struct gen_name){ .n = p->kernel_is,
	    .time = (int64_t)time(NULL) };
	p->kin = (struct store_incoming){ .source = p->new_kernel,
	    .n = p->kernel_is, .progress = p->progress };
	return 0;
}

/* The root that comes back goes with another kernel than the one in place. */
static int
plan_back(struct placing *p, const char *word, struct dd_err *e)
{
	const struct generation *g;
	char *path = NULL;
	uint32_t k;
	int rc = -1;

	if (parse(word, &path, &k, e) == -1)
		return -1;
	if (k == 0) {
		rc = 0;
		goto out;
	}
	if (store_open(path, &p->kstore, e) == -1 ||
	    (!p->dry_run && store_lock(p->kstore, e) == -1) ||
	    (g = store_want(p->kstore, k, e)) == NULL) {
		(void)dd_context(e, "the kernel of generation %u",
		    p->next.n);
		goto out;
	}
	rc = 0;
	if (g->in_place) {
		store_close(p->kstore);
		p->kstore = NULL;
		goto out;
	}
	p->kernel_is = k;
	p->kflip.next = g->name;
	p->kflip.from = p->kfrom = store_path(p->kstore, g);
	if (p->kfrom == NULL)
		rc = dd_fail_nomem(e);
out:
	free(path);
	return rc;
}

int
placing_plan_kernel(struct placing *p, struct dd_err *e)
{
	const struct generation *g = store_find(p->store,
	    p->how == PLACING_WORK ? p->was : p->n);
	int rc = 0;

	if (p->new_kernel != NULL)
		rc = plan_new(p, e);
	else if (g != NULL && g->kernel != NULL && (p->how == PLACING_BACK ||
	    p->how == PLACING_PRISTINE))
		rc = plan_back(p, g->kernel, e);
	if (rc == 0 && p->kstore != NULL && p->kstore->place != NULL)
		p->kernel_was = p->kstore->place->name.n;
	return rc;
}

static bool
goes_with_another(const struct store *root, const char *word)
{
	size_t i;

	for (i = 0; i < root->n; i++)
		if (root->v[i].kernel != NULL &&
		    strcmp(root->v[i].kernel, word) == 0)
			return true;
	return false;
}

int
placing_delete_kernel(const struct store *root, const char *word,
    struct dd_err *e)
{
	const struct generation *g;
	struct store *s = NULL;
	char *path = NULL;
	uint32_t k;
	int rc = -1;

	if (parse(word, &path, &k, e) == -1)
		return -1;
	if (k == 0 || goes_with_another(root, word) || !store_managed(path))
		rc = 0;
	else if (store_open(path, &s, e) == 0 && store_lock(s, e) == 0) {
		g = store_find(s, k);
		rc = g == NULL || g->in_place || g->name.pinned ? 0 :
		    store_delete(s, k, e);
	}
	store_close(s);
	free(path);
	return rc;
}

int
placing_recover_kernel(struct store *root, bool *interrupted,
    struct dd_err *e)
{
	const char *word = root->place == NULL ? NULL : root->place->kernel;
	struct store *s = NULL;
	char *path = NULL;
	uint32_t k;
	int rc = -1;

	if (word == NULL)
		return 0;
	if (parse(word, &path, &k, e) == -1)
		return -1;
	if (k == 0 || !store_managed(path)) {
		rc = 0;
		goto out;
	}
	if (store_open(path, &s, e) == -1)
		goto out;
	*interrupted |= s->interrupted;
	rc = s->interrupted ? store_forward(s, k, e) : 0;
out:
	store_close(s);
	free(path);
	return rc == -1 ? dd_context(e, "kernel") : 0;
}
