/*
 * A fleet from the folders of configurations: collect the files, read each
 * into a domU, sort, then look at the images and judge.
 */
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/base/nearest.h"
#include "core/fleet/encryption.h"
#include "core/fleet/fleet_impl.h"

/* What is needed while a fleet is built. */
struct loader {
	const struct xen_ops	*ops;
	struct fleet		*f;
	struct buf		 text;		/* of the file being read */
	struct file_id		*seen;		/* files read, by inode */
	size_t			 nseen;
};

struct file_id {
	dev_t	dev;
	ino_t	ino;
};

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_OTHER] = "other",
	[ROLE_ROOT] = "root",
	[ROLE_SWAP] = "swap",
	[ROLE_LOCAL] = "local",
	[ROLE_PKG] = "pkg",
};

static const char *const state_names[] = {
	[STATE_OFF] = "off",
	[STATE_RUNNING] = "running",
	[STATE_PAUSED] = "paused",
	[STATE_CRASHED] = "crashed",
	[STATE_DYING] = "dying",
	[STATE_UNKNOWN] = "unknown",
};

const char *
fleet_role_name(enum fleet_role r)
{
	return role_names[r];
}

const char *
fleet_state_name(enum fleet_state s)
{
	return state_names[s];
}

int
fleet_role_parse(const char *name)
{
	int i;

	for (i = 0; i < ROLE_COUNT; i++)
		if (strcmp(role_names[i], name) == 0)
			return i;
	return -1;
}

bool
fleet_is_cfg_name(const char *name)
{
	static const char *const others[] = { "README", "cpupool",
	    "drydock.conf", "xl.conf", "xlexample*", "*~" };
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (fnmatch(others[i], name, 0) == 0)
			return false;
	return name[0] != '.' && (strchr(name, '.') == NULL ||
	    fnmatch("*.cfg", name, 0) == 0);
}

struct fleet_domu *
fleet_new_row(struct fleet *f, struct dd_err *e)
{
	struct fleet_domu *v;

	/* full at each power of two */
	if ((f->ndomus & (f->ndomus - 1)) == 0) {
		v = realloc(f->domus, (f->ndomus == 0 ? 1 : 2 * f->ndomus) *
		    sizeof(*v));
		if (v == NULL) {
			(void)dd_fail_nomem(e);
			return NULL;
		}
		f->domus = v;
	}
	v = &f->domus[f->ndomus++];
	*v = (struct fleet_domu){ .state = STATE_OFF, .cpu = -1 };
	return v;
}

/* *seen: the file was read under another name already. */
static int
seen_before(struct loader *l, const struct stat *st, bool *seen,
    struct dd_err *e)
{
	struct file_id *v;
	size_t i;

	for (i = 0; i < l->nseen; i++)
		if (l->seen[i].ino == st->st_ino &&
		    l->seen[i].dev == st->st_dev) {
			*seen = true;
			return 0;
		}
	*seen = false;
	/* full at each power of two */
	if ((l->nseen & (l->nseen - 1)) == 0) {
		v = realloc(l->seen, (l->nseen == 0 ? 1 : 2 * l->nseen) *
		    sizeof(*v));
		if (v == NULL)
			return dd_fail_nomem(e);
		l->seen = v;
	}
	l->seen[l->nseen++] = (struct file_id){ st->st_dev, st->st_ino };
	return 0;
}

static int
load_file(struct loader *l, const char *path, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct fleet_domu *row;
	struct stat st;
	bool seen;

	buf_reset(&l->text);
	if (fs_read_regular(path, CONFIG_MAX, &l->text, &st, &why) == -1) {
		if (why.code == ERR_TYPE && stat(path, &st) == 0 &&
		    S_ISDIR(st.st_mode))
			return 0;
		if ((row = fleet_new_row(l->f, e)) == NULL)
			return -1;
		return domu_unreadable(path, &why, row, e);
	}
	if (seen_before(l, &st, &seen, e) == -1)
		return -1;
	if (seen)
		return 0;
	if ((row = fleet_new_row(l->f, e)) == NULL)
		return -1;
	return domu_read(l->ops, path, &l->text, row, e);
}

static int
only_cfgs(const struct dirent *d)
{
	return fleet_is_cfg_name(d->d_name);
}

static int
load_dir(struct loader *l, const char *dir, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	struct dirent **names = NULL;
	int i, n, rc = 0;
	char *path;

	if ((n = scandir(dir, &names, only_cfgs, alphasort)) == -1) {
		(void)dd_fail_sys(&why, errno, "%s", dir);
		if (why.code == ERR_NOENT)
			(void)dd_hint(&why, "make the folder, or take it out "
			    "of config_dirs in drydock.conf");
		return finding_add_err(&l->f->findings, FOUND_CONFIG_DIR,
		    why.code == ERR_PERM ? SEV_NOTE : SEV_WARNING, &why, e);
	}
	for (i = 0; i < n; i++) {
		if (rc == 0) {
			path = fs_join(dir, names[i]->d_name);
			rc = path == NULL ? dd_fail_nomem(e) :
			    load_file(l, path, e);
			free(path);
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

static int
compare_domus(const void *x, const void *y)
{
	const struct fleet_domu *a = x, *b = y;
	int order = strcmp(a->name, b->name);

	return order != 0 || a->cfg == NULL || b->cfg == NULL ? order :
	    strcmp(a->cfg, b->cfg);
}

void
fleet_sort(struct fleet *f)
{
	if (f->ndomus > 0)
		qsort(f->domus, f->ndomus, sizeof(*f->domus), compare_domus);
}

static int
load(const struct xen_ops *ops, const struct config *conf, bool look,
    const struct dd_err *untold, struct fleet **out, struct dd_err *e)
{
	struct loader l = { .ops = ops };
	int rc = -1;
	size_t i;

	if ((l.f = calloc(1, sizeof(*l.f))) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	for (i = 0; conf->config_dirs[i] != NULL; i++)
		if (load_dir(&l, conf->config_dirs[i], e) == -1)
			goto out;
	fleet_sort(l.f);
	if (running_load(ops, untold, l.f, e) == -1 ||
	    images_load(l.f, look, conf->keep, e) == -1 || (look &&
	    (encryption_load(l.f, e) == -1 ||
	    findings_make(l.f, conf, e) == -1 || kernels_check(l.f, e) == -1)))
		goto out;
	*out = l.f;
	l.f = NULL;
	rc = 0;
out:
	free(l.seen);
	buf_dispose(&l.text);
	fleet_free(l.f);
	return rc;
}

int
fleet_load(const struct xen_ops *ops, const struct config *conf,
    struct fleet **out, struct dd_err *e)
{
	return load(ops, conf, true, NULL, out, e);
}

int
fleet_load_quick(const struct xen_ops *ops, const struct config *conf,
    struct fleet **out, struct dd_err *e)
{
	return load(ops, conf, false, NULL, out, e);
}

int
fleet_load_untold(const struct xen_ops *ops, const struct config *conf,
    const struct dd_err *why, struct fleet **out, struct dd_err *e)
{
	return load(ops, conf, true, why, out, e);
}

void
fleet_free(struct fleet *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->ndomus; i++)
		domu_dispose(&f->domus[i]);
	images_free(f);
	findings_dispose(&f->findings);
	free(f->domus);
	free(f->xen);
	free(f);
}

const struct fleet_domu *
fleet_find(const struct fleet *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->ndomus; i++)
		if (strcmp(f->domus[i].name, name) == 0)
			return &f->domus[i];
	return NULL;
}

const struct fleet_domu *
fleet_want(const struct fleet *f, const char *name, struct dd_err *e)
{
	const struct fleet_domu *d = fleet_find(f, name);
	const char **names, *meant;
	size_t i;

	if (d != NULL)
		return d;
	(void)dd_fail(e, ERR_NOENT, "%s: no such domU", name);
	if ((names = calloc(f->ndomus + 1, sizeof(*names))) != NULL) {
		for (i = 0; i < f->ndomus; i++)
			names[i] = f->domus[i].name;
		if ((meant = nearest(name, names)) != NULL)
			(void)dd_hint(e, "did you mean %s?", meant);
		free(names);
	}
	(void)dd_hint(e, "drydock list shows what there is");
	return NULL;
}

int64_t
fleet_uptime(const struct fleet_domu *d, int64_t now)
{
	/* the clock may have been set back since */
	return d->started > 0 && d->started <= now ? now - d->started : -1;
}

const struct fleet_disk *
fleet_disk_of(const struct fleet_domu *d, enum fleet_role role)
{
	size_t i;

	for (i = 0; i < d->ndisks; i++)
		if (d->disks[i].role == role)
			return &d->disks[i];
	return NULL;
}

int
fleet_image_use(const struct fleet_image *img)
{
	const struct probe_ffs *ffs = &img->probe.ffs;
	uint64_t permille;

	if (img->error != NULL || img->probe.kind != PROBE_FFS ||
	    ffs->data < 1000)
		return -1;
	if (ffs->free >= ffs->data)
		return 0;
	permille = (ffs->data - ffs->free) / (ffs->data / 1000);
	return permille > 1000 ? 1000 : (int)permille;
}
