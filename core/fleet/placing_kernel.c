/*
 * The kernel that goes with a root.  N.kernel in the root's folder is a link to
 * "PATH@K": generation K of the kernel at that path; or to "PATH" alone, where
 * the kernel has no generations: then it is only said.
 *
 * While both change, the kernel's folder says which root it follows; see
 * core/store/store.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/units.h"
#include "core/fleet/placing_impl.h"

/* The K of "PATH@K"; 0: none.  Returns where PATH ends. */
static const char *
split(const char *word, uint32_t *k)
{
	struct dd_err ignored = DD_ERR_INIT;
	const char *at = strrchr(word, '@');
	uint64_t n = 0;

	if (at == NULL || units_number(at + 1, 1, GEN_MAX, "generation", &n,
	    &ignored) == -1)
		at = word + strlen(word);
	*k = (uint32_t)n;
	return at;
}

/* The same with *path in fresh memory. */
static int
parse(const char *word, char **path, uint32_t *k, struct dd_err *e)
{
	const char *at = split(word, k);

	*path = strndup(word, (size_t)(at - word));
	return *path == NULL ? dd_fail_nomem(e) : 0;
}

/* "PATH@K" in fresh memory: what stands there now, for k 0; "PATH" where it
 * has no generations. */
static int
word_of(const char *path, uint32_t k, char **word, struct dd_err *e)
{
	struct store *s = NULL;
	struct buf b = BUF_INIT;

	if (k == 0 && store_managed(path)) {
		if (store_open(path, &s, e) == -1)
			return -1;
		k = s->place != NULL ? s->place->name.n : 0;
		store_close(s);
	}
	(void)buf_str(&b, path);
	if (k != 0)
		(void)buf_printf(&b, "@%u", k);
	return (*word = buf_steal(&b)) == NULL ? dd_fail_nomem(e) : 0;
}

/* A copy goes with the kernel that its original goes with. */
static const char *
inherited(const struct placing *p)
{
	const struct generation *g = p->how == PLACING_PRISTINE ?
	    store_find(p->store, p->n) : p->store->place;

	return p->new_kernel != NULL || p->how == PLACING_COMES ||
	    g == NULL ? NULL : g->kernel;
}

int
placing_say_kernel(struct placing *p, struct dd_err *e)
{
	const char *word = inherited(p);
	char *made = NULL;
	int rc = 0;

	if (word == NULL && p->kernel != NULL) {
		if (word_of(p->kernel, p->new_kernel != NULL ? p->kernel_is :
		    0, &made, e) == -1)
			return -1;
		word = made;
	}
	if (word != NULL)
		rc = store_link(p->store, p->next.n, "kernel", word, e);
	free(made);
	return rc;
}

/* Which kernel goes with the root that goes out is not said yet: the one that
 * goes out with it. */
static int
plan_outgoing(struct placing *p, struct dd_err *e)
{
	const struct generation *out = p->store->place;
	uint32_t k = 0;

	if (p->kernel_was == 0 || p->kernel_is == 0 || out == NULL ||
	    (out->kernel != NULL && split(out->kernel, &k) != NULL && k != 0))
		return 0;
	if (word_of(p->kstore->image, p->kernel_was, &p->kernel_word,
	    e) == -1)
		return -1;
	p->flip.kernel = p->kernel_word;
	return 0;
}

int
placing_kernel_of(const struct generation *g, char **path, uint32_t *k,
    struct dd_err *e)
{
	*path = NULL;
	*k = 0;
	return g->kernel == NULL ? 0 : parse(g->kernel, path, k, e);
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
	p->kflip.root = p->store->image;
	p->kflip.root_flip = &p->flip;
	return rc == -1 ? -1 : plan_outgoing(p, e);
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

static int
recover(const char *path, bool *interrupted, struct dd_err *e)
{
	struct store *s = NULL;
	int rc = -1;

	if (!store_managed(path))
		return 0;
	if (store_open(path, &s, e) == 0) {
		*interrupted |= s->interrupted;
		rc = s->interrupted ? store_lock(s, e) : 0;
	}
	store_close(s);
	return rc == -1 ? dd_context(e, "kernel") : 0;
}

int
placing_recover_kernel(const struct store *root, const char *kernel,
    bool *interrupted, struct dd_err *e)
{
	const char *word = root->place == NULL ? NULL : root->place->kernel;
	char *path = NULL;
	uint32_t k;
	int rc = 0;

	if (kernel != NULL && recover(kernel, interrupted, e) == -1)
		return -1;
	if (word == NULL)
		return 0;
	if (parse(word, &path, &k, e) == -1)
		return -1;
	if (kernel == NULL || strcmp(path, kernel) != 0)
		rc = recover(path, interrupted, e);
	free(path);
	return rc;
}
