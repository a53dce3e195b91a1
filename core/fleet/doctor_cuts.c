/*
 * What was cut short and no image tells: kernels on their way, copies that
 * nobody works on any more, jobs that the history has without an end.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/fleet/doctor_impl.h"
#include "core/fleet/record.h"
#include "core/store/store.h"
#include "core/tree/image_mount.h"

#define RECOVER	"run: drydock recover"

/* -- kernels ------------------------------------------------------------ */

static int
compare_kernels(const void *x, const void *y)
{
	const struct fleet_domu *const *a = x, *const *b = y;
	int order = strcmp((*a)->kernel, (*b)->kernel);

	return order != 0 ? order : (*a > *b) - (*a < *b);
}

/* v: the domUs that name the same one. */
static int
check_kernel(struct doctor_visit *w, const struct fleet_domu **v, size_t n,
    struct dd_err *e)
{
	const char *path = v[0]->kernel;
	struct dd_err ignored = DD_ERR_INIT;
	struct doctor_finding *f;
	struct store *s = NULL;
	bool cut, left;
	size_t i;

	if (path[0] != '/' || !store_managed(path) ||
	    store_open(path, &s, &ignored) == -1)
		return 0;
	cut = s->interrupted && !s->busy;
	left = s->leftover && !s->busy;
	store_close(s);
	if (!cut && !left)
		return 0;
	f = doctor_add(w, cut ? FOUND_INTERRUPTED : FOUND_LEFTOVER, cut ?
	    SEV_ERROR : SEV_WARNING, RECOVER, e, "kernel: %s: %s", path, cut ?
	    "another generation was being put in place, and that was cut "
	    "short" : "among its generations lies what a deletion left that "
	    "was cut short");
	if (f == NULL || doctor_set(&f->image, path, e) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (doctor_of_domu(f, v[i]->name, e) == -1)
			return -1;
	return 0;
}

/* Most domUs name the same. */
static int
check_kernels(struct doctor_visit *w, struct dd_err *e)
{
	const struct fleet *f = w->fleet;
	const struct fleet_domu **v = calloc(f->ndomus + 1, sizeof(*v));
	size_t i, n = 0, same;
	int rc = 0;

	if (v == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < f->ndomus; i++)
		if (f->domus[i].kernel != NULL)
			v[n++] = &f->domus[i];
	qsort(v, n, sizeof(*v), compare_kernels);
	for (i = 0; rc == 0 && i < n; i += same) {
		for (same = 1; i + same < n && strcmp(v[i]->kernel,
		    v[i + same]->kernel) == 0; same++)
			continue;
		rc = check_kernel(w, &v[i], same, e);
	}
	free(v);
	return rc;
}

/* -- copies ------------------------------------------------------------- */

/* Whose file is it a copy of, among those in that folder? */
static const struct fleet_image *
original(const struct fleet *f, const char *dir, const char *name)
{
	const uint64_t ino = strtoull(name + strlen(".drydock-"), NULL, 10);
	const size_t len = strlen(dir);
	size_t i;

	for (i = 0; i < f->nimages; i++)
		if ((uint64_t)f->images[i]->ino == ino &&
		    strncmp(f->images[i]->path, dir, len) == 0)
			return f->images[i];
	return NULL;
}

static int
check_copy(struct doctor_visit *w, const char *dir, const char *name,
    struct dd_err *e)
{
	const struct fleet_image *img;
	struct doctor_finding *f;

	if (!image_copy_is(name) || !image_copy_left(dir, name))
		return 0;
	img = original(w->fleet, dir, name);
	f = doctor_add(w, FOUND_LEFTOVER, SEV_WARNING, RECOVER, e, "%s/%s is a "
	    "copy that was worked on, and left", dir, name);
	if (f == NULL)
		return -1;
	if (img == NULL)
		return doctor_set(&f->image, dir, e);
	return doctor_set(&f->image, img->path, e) == -1 ? -1 :
	    doctor_of_users(w->fleet, f, img, e);
}

static int
check_folder(struct doctor_visit *w, const char *dir, struct dd_err *e)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	int rc = 0;

	while (d != NULL && rc == 0 && (de = readdir(d)) != NULL)
		rc = check_copy(w, dir, de->d_name, e);
	if (d != NULL)
		(void)closedir(d);
	return rc;
}

static int
compare_names(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Each folder that images lie in, once. */
static int
check_copies(struct doctor_visit *w, struct dd_err *e)
{
	const struct fleet *f = w->fleet;
	char **dirs = calloc(f->nimages + 1, sizeof(*dirs));
	size_t i, n = 0;
	int rc = dirs == NULL ? dd_fail_nomem(e) : 0;

	while (rc == 0 && n < f->nimages)
		if ((dirs[n] = fs_parent(f->images[n]->path)) == NULL)
			rc = dd_fail_nomem(e);
		else
			n++;
	if (n > 0)
		qsort(dirs, n, sizeof(*dirs), compare_names);
	for (i = 0; rc == 0 && i < n; i++)
		if (i == 0 || strcmp(dirs[i], dirs[i - 1]) != 0)
			rc = check_folder(w, dirs[i], e);
	while (n > 0)
		free(dirs[--n]);
	free(dirs);
	return rc;
}

/* -- the history -------------------------------------------------------- */

static const struct fleet_image *
image_at(const struct fleet *f, const char *path)
{
	size_t i;

	for (i = 0; i < f->nimages; i++)
		if (strcmp(f->images[i]->path, path) == 0)
			return f->images[i];
	return fleet_image_at(f, path);
}

/* The finding that something of that file was cut short; or NULL. */
static struct doctor_finding *
find_cut(struct doctor_visit *w, const char *path)
{
	struct doctor_finding *f;
	size_t i;

	for (i = 0; path != NULL && i < w->out->n; i++) {
		f = &w->out->v[i];
		if (f->kind == FOUND_INTERRUPTED && f->image != NULL &&
		    strcmp(f->image, path) == 0)
			return f;
	}
	return NULL;
}

/* What its image shows, or a later job of it, is the same thing, told once. */
static int
take_job(void *arg, const struct db_job *j, struct dd_err *e)
{
	struct doctor_visit *w = arg;
	const struct fleet_image *img = j->image == NULL ? NULL :
	    image_at(w->fleet, j->image);
	struct doctor_finding *f;

	if (record_alive(j) || find_cut(w, img != NULL ? img->path :
	    j->image) != NULL)
		return 0;
	f = doctor_add(w, FOUND_INTERRUPTED, SEV_ERROR, RECOVER, e, "job %lld, "
	    "%s%s%s, was cut short", (long long)j->id, j->action,
	    j->image != NULL ? " of " : "", j->image != NULL ? j->image : "");
	if (f == NULL || doctor_of_domu(f, j->domu, e) == -1)
		return -1;
	return doctor_set(&f->image, img != NULL ? img->path : j->image, e);
}

static int
check_history(struct doctor_visit *w, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct db *db = NULL;

	if (db_open_read(w->ask->state_dir, &db, &why) == 0) {
		(void)db_jobs(db, NULL, NULL, true, 0, take_job, w, &why);
		db_close(db);
	}
	if (why.code == ERR_NONE || why.code == ERR_NOENT)
		return 0;
	if (why.code == ERR_NOMEM)
		return dd_fail_nomem(e);
	return doctor_add(w, why.code == ERR_PERM ? FOUND_NOT_SEEN :
	    FOUND_HISTORY, why.code == ERR_PERM ? SEV_NOTE : SEV_WARNING,
	    why.hint[0] != '\0' ? why.hint : NULL, e, "history: %s",
	    why.msg) == NULL ? -1 : 0;
}

int
doctor_cuts(struct doctor_visit *w, struct dd_err *e)
{
	if (check_kernels(w, e) == -1 || check_copies(w, e) == -1)
		return -1;
	return w->ask->state_dir == NULL ? 0 : check_history(w, e);
}
