/* See etc_attention.h. */
#include <stdlib.h>
#include <string.h>

#include "core/cmd/etc_attention.h"
#include "core/cmd/fleet_out.h"
#include "core/recipe/merge_etc.h"

#define NAMED	8	/* files in the text; JSON has them all */

/* One domU's. */
struct domu_etc {
	struct buf		 text;
	struct json_object	*files;
	size_t			 n;
};

static int
take(void *arg, const char *path, struct dd_err *e)
{
	struct domu_etc *d = arg;

	(void)json_object_array_add(d->files, json_text(path));
	if (d->n++ >= NAMED)
		return 0;
	(void)buf_str(&d->text, d->n == 1 ? "" : ", ");
	fleet_out_text(&d->text, path);
	return d->text.failed ? dd_fail_nomem(e) : 0;
}

static void
add(struct etc_attention *a, const struct fleet_domu *d,
    const struct domu_etc *etc, const struct dd_err *why)
{
	struct json_object *o = json_object_new_object();

	json_set(o, "domu", json_text(d->name));
	json_set(o, "files", json_object_get(etc->files));
	json_set(o, "error", why->code == ERR_NONE ? NULL :
	    json_object_new_string(why->msg));
	(void)json_object_array_add(a->json, o);
	if (why->code == ERR_NONE && etc->n == 0)
		return;
	(void)buf_str(&a->text, "  ");
	fleet_out_text(&a->text, d->name);
	if (why->code != ERR_NONE) {
		(void)buf_printf(&a->text, ": its etc was not looked at: "
		    "%s\n", why->msg);
		return;
	}
	(void)buf_printf(&a->text, ": %zu file%s of etc changed in the root "
	    "and in it: %s%s\n", etc->n, etc->n == 1 ? "" : "s",
	    etc->text.p, etc->n > NAMED ? ", ..." : "");
}

/* Its local image, compared. */
static int
look(const struct fleet_domu *d, struct tree *old, struct tree *new,
    struct domu_etc *etc, struct dd_err *e)
{
	const struct image_opts opts = { .write = false };
	const struct fleet_disk *disk = fleet_disk_of(d, ROLE_LOCAL);
	struct image *im = NULL;
	struct tree *local;
	int rc = -1;

	if (disk == NULL || disk->image == NULL)
		return dd_fail(e, ERR_NOENT, "it has no local image");
	if (disk->params != NULL)
		return dd_fail(e, ERR_UNSUP, "%s is encrypted",
		    disk->image->path);
	if (image_open(disk->image->path, &opts, &im, e) == 0 &&
	    image_tree(im, &local, e) == 0)
		rc = etc_changed(old, new, local, take, etc, e);
	image_close(im);
	return rc;
}

static int
look_at_all(struct etc_attention *a, const struct managing *m,
    struct tree *old, struct tree *new, struct dd_err *e)
{
	const struct fleet_image *img = m->t.disk->image;
	size_t i;

	for (i = 0; i < img->nusers; i++) {
		const struct fleet_domu *d = &m->fleet->domus[img->users[i]];
		struct domu_etc etc = { .files = json_object_new_array() };
		struct dd_err why = DD_ERR_INIT;

		if (look(d, old, new, &etc, &why) == -1 &&
		    why.code == ERR_NONE)
			(void)dd_fail_nomem(&why);
		add(a, d, &etc, &why);
		json_object_put(etc.files);
		buf_dispose(&etc.text);
	}
	return a->text.failed ? dd_fail_nomem(e) : 0;
}

/* The roots that leave and come, as paths. */
static int
find_roots(const struct managing *m, char **old, char **new)
{
	const struct placing *p = &m->p;
	const struct generation *g = store_find(p->store, p->was);

	*old = g == NULL ? NULL : store_path(p->store, g);
	*new = strdup(m->dry_run ? p->source : p->store->image);
	return *old == NULL || *new == NULL ? -1 : 0;
}

int
etc_attention(struct etc_attention *a, const struct managing *m,
    struct dd_err *e)
{
	const struct image_opts opts = { .write = false };
	struct image *old_im = NULL, *new_im = NULL;
	char *old_path = NULL, *new_path = NULL;
	struct dd_err why = DD_ERR_INIT;
	struct tree *old, *new;
	int rc = 0;

	if ((a->json = json_object_new_array()) == NULL)
		return dd_fail_nomem(e);
	if (m->p.was == 0)
		return 0;
	if (find_roots(m, &old_path, &new_path) == -1)
		rc = dd_fail_nomem(e);
	else if (image_open(old_path, &opts, &old_im, &why) == 0 &&
	    image_tree(old_im, &old, &why) == 0 &&
	    image_open(new_path, &opts, &new_im, &why) == 0 &&
	    image_tree(new_im, &new, &why) == 0)
		rc = look_at_all(a, m, old, new, e);
	if (why.code != ERR_NONE)
		(void)buf_printf(&a->text, "  etc was not compared: %s\n",
		    why.msg);
	image_close(old_im);
	image_close(new_im);
	free(old_path);
	free(new_path);
	return rc;
}

void
etc_attention_dispose(struct etc_attention *a)
{
	json_object_put(a->json);
	buf_dispose(&a->text);
	a->json = NULL;
}
