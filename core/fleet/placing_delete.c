/* A generation goes, with the kernel that only it went with; see placing.h. */
#include <stdlib.h>
#include <string.h>

#include "core/disk/rekey_state.h"
#include "core/fleet/placing_impl.h"

/* How it is to go. */
struct going {
	bool		 destroy, overwrite;
	struct progress	*progress;
};

static int
delete(struct store *s, const struct generation *g, const struct going *how,
    struct dd_err *e)
{
	char *kernel = g->kernel == NULL ? NULL : strdup(g->kernel);
	int rc;

	if (g->kernel != NULL && kernel == NULL)
		return dd_fail_nomem(e);
	rc = how->destroy ? store_destroy(s, g->name.n, how->overwrite,
	    how->progress, e) : store_delete(s, g->name.n, e);
	if (rc == 0 && kernel != NULL)
		rc = placing_delete_kernel(s, kernel, e);
	free(kernel);
	return rc;
}

static int
delete_that(const char *image, uint32_t n, uint64_t ino,
    const struct going *how, struct dd_err *e)
{
	const struct generation *g;
	struct store *s = NULL;
	int rc = -1;

	/* while one is under two keys the others may be all that there is */
	if (store_open(image, &s, e) == 0 && store_lock(s, e) == 0 &&
	    rekey_refuse_at(s->image, e) == 0 &&
	    (g = store_want(s, n, e)) != NULL) {
		if (g->ino == ino)
			rc = delete(s, g, how, e);
		else
			rc = dd_fail(e, ERR_PLAN, "%s: generation %u is "
			    "another one now", s->image, n);
	}
	store_close(s);
	return rc;
}

int
placing_delete(const char *image, uint32_t n, uint64_t ino, struct dd_err *e)
{
	const struct going how = { .destroy = false };

	return delete_that(image, n, ino, &how, e);
}

int
placing_destroy(const char *image, uint32_t n, uint64_t ino, bool overwrite,
    struct progress *progress, struct dd_err *e)
{
	const struct going how = { true, overwrite, progress };

	return delete_that(image, n, ino, &how, e);
}
