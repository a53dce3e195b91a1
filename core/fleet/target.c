/* Targets; see target.h. */
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/fleet/fleet_impl.h"
#include "core/fleet/target.h"

/* Take what stands behind the last `mark` off word; NULL: there is none. */
static char *
cut(char *word, char mark)
{
	char *at = strrchr(word, mark);

	if (at != NULL)
		*at++ = '\0';
	return at;
}

static int
parse_generation(const char *at, struct target *t, struct dd_err *e)
{
	uint64_t n;

	if (units_number(at, 1, GEN_MAX, "generation", &n, e) == -1)
		return dd_hint(e, "it stands at the end: DOMU@N or "
		    "DOMU:ROLE@N");
	t->n = (uint32_t)n;
	return 0;
}

/* "NAME" or "NAME:ROLE" of a domU that there is: word becomes its name. */
static bool
parse_known(const struct fleet *f, char *word, struct target *t)
{
	char *colon;
	int role;

	if (fleet_find(f, word) != NULL)
		return true;
	if ((colon = strrchr(word, ':')) == NULL ||
	    (role = fleet_role_parse(colon + 1)) == -1 || role == ROLE_OTHER)
		return false;
	*colon = '\0';
	if (fleet_find(f, word) != NULL) {
		t->role = (enum fleet_role)role;
		return true;
	}
	*colon = ':';
	return false;
}

static int
parse_role(char *word, struct target *t, struct dd_err *e)
{
	char *at = cut(word, ':');
	int role;

	if (at == NULL)
		return 0;
	if ((role = fleet_role_parse(at)) == -1 || role == ROLE_OTHER) {
		(void)dd_fail(e, ERR_USAGE, "%s: not a role", at);
		return dd_hint(e, "DOMU:root, DOMU:swap, DOMU:local or "
		    "DOMU:pkg");
	}
	t->role = (enum fleet_role)role;
	return 0;
}

/* A name may hold a colon and an @ itself: what there is goes first. */
static int
parse(const struct fleet *f, char *word, struct target *t, struct dd_err *e)
{
	char *at;

	t->role = ROLE_PKG;
	if (parse_known(f, word, t))
		return 0;
	if ((at = cut(word, '@')) != NULL && parse_generation(at, t, e) == -1)
		return -1;
	return parse_known(f, word, t) ? 0 : parse_role(word, t, e);
}

static int
find_disk(struct target *t, struct dd_err *e)
{
	const struct fleet_domu *d = t->domu;
	const char *role = fleet_role_name(t->role);

	if (d->error != NULL) {
		(void)dd_fail(e, ERR_CONFIG, "%s", d->error);
		return dd_hint(e, "which images it has is not known until "
		    "its configuration is mended");
	}
	t->disk = fleet_disk_of(d, t->role);
	if (t->disk == NULL || t->disk->target == NULL) {
		(void)dd_fail(e, ERR_NOENT, "%s: has no %s disk", d->name,
		    role);
		return dd_hint(e, "drydock show %s lists its disks; %s in its "
		    "configuration says which one that is", d->name,
		    roles_key(t->role));
	}
	if (t->disk->image == NULL || (t->disk->format != NULL &&
	    strcmp(t->disk->format, "raw") != 0 &&
	    strcmp(t->disk->format, "unknown") != 0)) {
		(void)dd_fail(e, ERR_UNSUP, "%s:%s: %s is not a raw image "
		    "file", d->name, role, t->disk->target);
		return dd_hint(e, "drydock swaps files with format=raw; what "
		    "a script or another format makes of it is not known");
	}
	return 0;
}

int
target_find(const struct fleet *f, const char *arg, struct target *t,
    struct dd_err *e)
{
	char *word = strdup(arg);
	int rc = -1;

	*t = (struct target){ .n = 0 };
	if (word == NULL)
		return dd_fail_nomem(e);
	if (parse(f, word, t, e) == 0 &&
	    (t->domu = fleet_want(f, word, e)) != NULL)
		rc = find_disk(t, e);
	free(word);
	return rc;
}

const char *
target_image(const struct target *t)
{
	return t->disk->image->path;
}

const struct fleet_disk *
target_word(const struct fleet_domu *d, const struct fleet_image *img,
    struct buf *b)
{
	size_t i;

	for (i = 0; i < d->ndisks; i++) {
		if (d->disks[i].image != img ||
		    d->disks[i].role == ROLE_OTHER)
			continue;
		(void)buf_printf(b, "%s:%s", d->name,
		    fleet_role_name(d->disks[i].role));
		return &d->disks[i];
	}
	return NULL;
}

int
target_params(const struct fleet_disk *d, char **path, struct dd_err *e)
{
	struct store *s = NULL;

	*path = NULL;
	if (d->image != NULL && store_managed(d->image->path) &&
	    store_open(d->image->path, &s, e) == -1)
		return -1;
	if (s != NULL && s->place != NULL && s->place->params)
		*path = store_beside(s, s->place->name.n, "params");
	else if (d->params != NULL && (s == NULL || s->place == NULL ||
	    !s->place->plain))
		*path = strdup(d->params);
	else {
		store_close(s);
		return 0;
	}
	store_close(s);
	return *path == NULL ? dd_fail_nomem(e) : 0;
}

#define USERS_NAMED	8

int
target_users(const struct fleet *f, const struct fleet_image *img,
    struct buf *b)
{
	size_t i;

	for (i = 0; i < img->nusers && i < USERS_NAMED; i++)
		(void)buf_printf(b, "%s%s", i == 0 ? "" :
		    i + 1 == img->nusers ? " and " : ", ",
		    f->domus[img->users[i]].name);
	if (img->nusers > USERS_NAMED)
		(void)buf_printf(b, " and %zu more", img->nusers -
		    USERS_NAMED);
	return b->failed ? -1 : 0;
}
