/*
 * Making a domU.  The images grow in a folder of their own inside the domU's,
 * so that a crash leaves nothing that looks like one; they get their names
 * when all three are complete, and last of all comes the xl.cfg.
 */
#include <sys/stat.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/cgd/open.h"
#include "core/fleet/newdomu.h"
#include "core/recipe/local.h"

/* What is there so far, for taking it away again. */
struct making {
	struct newdomu		*n;
	bool			 dry_run;
	bool			 made_dir;
	char			 stage[PATH_MAX];	/* "": none yet */
	char			*staged[NEWDOMU_IMAGES];
	unsigned		 named;	/* images that have their names */
	struct cgd_params	 params;
	struct secret		 key;
	struct image		*root;
};

static int
make_key(struct making *m, struct dd_err *e)
{
	const struct newdomu *n = m->n;

	if (n->params == NULL)
		return 0;
	if (cgd_params_read(n->params, &m->params, e) == -1)
		return -1;
	return cgd_key_new(&m->params, n->o->asker, n->o->confirm, &m->key,
	    e);
}

static int
make_stage(struct making *m, struct dd_err *e)
{
	const struct newdomu *n = m->n;
	int len, i;

	if (mkdir(n->dir, 0755) == 0)
		m->made_dir = true;
	else if (errno != EEXIST)
		return dd_fail_sys(e, errno, "%s", n->dir);
	len = snprintf(m->stage, sizeof(m->stage), "%s/.drydock-new.XXXXXX",
	    n->dir);
	if (len < 0 || (size_t)len >= sizeof(m->stage) ||
	    mkdtemp(m->stage) == NULL) {
		m->stage[0] = '\0';
		return dd_fail_sys(e, errno, "%s", n->dir);
	}
	for (i = 0; i < NEWDOMU_IMAGES; i++) {
		m->staged[i] = fs_join(m->stage,
		    strrchr(n->images[i].path, '/') + 1);
		if (m->staged[i] == NULL)
			return dd_fail_nomem(e);
	}
	return 0;
}

static int
make_swap(struct making *m, const char *path, struct dd_err *e)
{
	struct image_create c = { .size = m->n->o->swap_size };

	image_kind_defaults(KIND_SWAP, &c);
	m->n->images[NEWDOMU_SWAP].size = c.size;
	return image_create_swap(path, c.size, 0, m->dry_run, e);
}

/* What prepare local does, before the new file system is committed. */
static int
fill_local(void *arg, struct tree *local, struct dd_err *e)
{
	struct making *m = arg;
	const struct newdomu_opts *o = m->n->o;
	struct prepare_local recipe = { .hostname = o->hostname != NULL ?
	    o->hostname : o->name, .ip = o->ip, .gateway = o->gateway,
	    .progress = o->copy->progress, .skipped = o->copy->skipped,
	    .arg = o->copy->arg };
	struct tree *root;

	if (image_tree(m->root, &root, e) == -1 ||
	    prepare_local(root, local, &recipe, e) == -1)
		return -1;
	return tree_exists(local, LOCAL_ENTROPY) ? 0 :
	    prepare_local_entropy(local, e);
}

static int
make_local(struct making *m, const char *path, struct dd_err *e)
{
	struct image_create c = { .size = m->n->o->local_size,
	    .copy = m->n->o->copy, .dry_run = m->dry_run,
	    .filled = fill_local, .arg = m };
	const struct image_opts read_only = { .write = false };
	int rc;

	if (image_open(m->n->root, &read_only, &m->root, e) == -1)
		return -1;
	if (m->n->params != NULL) {
		c.params = &m->params;
		c.key = &m->key;
	}
	image_kind_defaults(KIND_LOCAL, &c);
	rc = image_create(path, &c, e);
	m->n->images[NEWDOMU_LOCAL].size = c.size;
	image_close(m->root);
	return rc;
}

static int
make_pkg(struct making *m, const char *path, struct dd_err *e)
{
	const struct newdomu_opts *o = m->n->o;
	struct image_create c = { .size = o->pkg_size, .from = &o->pkg_from,
	    .nfrom = o->pkg_from != NULL, .copy = o->copy,
	    .dry_run = m->dry_run };
	int rc;

	image_kind_defaults(KIND_PKG, &c);
	rc = image_create(path, &c, e);
	m->n->images[NEWDOMU_PKG].size = c.size;
	return rc;
}

/* Which image it was; and where it was too small, our own option. */
static int
image_failed(enum image_kind kind, struct dd_err *e)
{
	const char *name = image_kind_name(kind);

	if (e->code == ERR_NOSPC && e->sys == 0) {
		e->hint[0] = '\0';
		(void)dd_hint(e, "give it more with --%s-size", name);
	}
	return dd_context(e, "%s", name);
}

static int
make_images(struct making *m, struct dd_err *e)
{
	static int (*const makers[NEWDOMU_IMAGES])(struct making *,
	    const char *, struct dd_err *) = {
		[NEWDOMU_SWAP] = make_swap,
		[NEWDOMU_LOCAL] = make_local,
		[NEWDOMU_PKG] = make_pkg,
	};
	const struct newdomu *n = m->n;
	unsigned i;

	for (i = 0; i < NEWDOMU_IMAGES; i++) {
		if (progress_tick(n->o->copy->progress, "making images", i,
		    NEWDOMU_IMAGES, e) == -1)
			return -1;
		if (makers[i](m, m->dry_run ? n->images[i].path :
		    m->staged[i], e) == -1)
			return image_failed(n->images[i].kind, e);
	}
	return progress_tick(n->o->copy->progress, "making images", i,
	    NEWDOMU_IMAGES, e);
}

/* Give everything its name, never over something else. */
static int
publish(struct making *m, struct dd_err *e)
{
	const struct newdomu *n = m->n;
	const char *path;

	for (; m->named < NEWDOMU_IMAGES; m->named++) {
		path = n->images[m->named].path;
		if (link(m->staged[m->named], path) == -1)
			return dd_fail_sys(e, errno, "%s", path);
	}
	if (fs_sync_parent(n->images[0].path, e) == -1 ||
	    fs_sync_parent(n->dir, e) == -1)
		return -1;
	return fs_create_file(n->cfg, n->text.p, n->text.len, fs_new_mode(),
	    e);
}

/* The folder that the images grew in; after a failure all else, too. */
static void
clean_up(struct making *m, bool failed)
{
	const struct newdomu *n = m->n;
	unsigned i;

	for (i = 0; i < NEWDOMU_IMAGES; i++) {
		if (m->staged[i] != NULL)
			(void)unlink(m->staged[i]);
		if (failed && i < m->named)
			(void)unlink(n->images[i].path);
		free(m->staged[i]);
	}
	if (m->stage[0] != '\0')
		(void)rmdir(m->stage);
	if (failed && m->made_dir)
		(void)rmdir(n->dir);
	cgd_params_dispose(&m->params);
	secret_free(&m->key);
}

int
newdomu_make(struct newdomu *n, bool dry_run, struct dd_err *e)
{
	struct making m = { .n = n, .dry_run = dry_run };
	int rc = -1;

	if (make_key(&m, e) == -1)
		goto out;
	if (!dry_run && make_stage(&m, e) == -1)
		goto out;
	if (make_images(&m, e) == -1)
		goto out;
	rc = dry_run ? 0 : publish(&m, e);
out:
	clean_up(&m, rc == -1);
	return rc;
}
