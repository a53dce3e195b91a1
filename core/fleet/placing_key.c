/*
 * Another key for what is in place: its parameters belong to the generation
 * that comes, so that image and key change in one rename; and those of the one
 * that goes out belong to that from now on, so that both come back.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/fleet/placing_impl.h"

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
	const struct generation *was = p->store->place;

	/* what a configuration alone has said, or nothing */
	if (!was->params && !was->plain) {
		p->flip.params = p->key->was;
		p->flip.plain = p->key->was == NULL;
	}
	p->flip.tells = p->key->tells;
	return say_what_comes(p, e);
}

/* What follows was told already: it is what it was. */
int
placing_untell(struct placing *p, struct dd_err *e)
{
	const struct placing_key *k = p->key;

	if (k != NULL && k->makes && k->tells != NULL &&
	    unlink(k->tells) == -1 && errno != ENOENT)
		return dd_fail_sys(e, errno, "%s", k->tells);
	return store_told(p->store, k != NULL ? k->params : NULL, e);
}

/* Its folder may be named by a symlink; that of a store is not. */
static bool
is_image(const struct store *s, const struct fleet_image *img)
{
	struct dd_err ignored = DD_ERR_INIT;
	char *path = fs_absolute(img->path, &ignored);
	bool yes = strcmp(path != NULL ? path : img->path, s->image) == 0;

	free(path);
	return yes;
}

/* Has another image these parameters, by its configuration? */
static bool
has_others(const struct placing *p, const struct stat *file)
{
	const struct fleet *f = p->fleet;
	const struct fleet_disk *d;
	struct stat st;
	size_t i, j;

	for (i = 0; i < f->ndomus; i++)
		for (j = 0; j < f->domus[i].ndisks; j++) {
			d = &f->domus[i].disks[j];
			if (d->params != NULL && d->image != NULL &&
			    !is_image(p->store, d->image) &&
			    stat(d->params, &st) == 0 &&
			    st.st_dev == file->st_dev &&
			    st.st_ino == file->st_ino)
				return true;
		}
	return false;
}

int
placing_check_follower(struct placing *p, struct dd_err *e)
{
	char path[PATH_MAX];
	struct stat st;
	int r = store_follower(p->store, path, e);

	if (r != 1 || stat(path, &st) == -1 || !has_others(p, &st))
		return r == -1 ? -1 : 0;
	return store_unfollow(p->store, e);
}
