/*
 * One xl.cfg.  What xl would refuse makes an error row; the rest of the file
 * is read nevertheless, so that its images are known to be in use.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet/encryption.h"
#include "core/fleet/fleet_impl.h"

#define DISKS_MAX	256

static void
disk_dispose(struct fleet_disk *d)
{
	free(d->vdev);
	free(d->target);
	free(d->format);
	free(d->backend);
	free(d->script);
	free(d->params);
	encryption_free(d->encryption);
	free(d->trouble);
}

void
domu_dispose(struct fleet_domu *d)
{
	size_t i;

	for (i = 0; i < d->ndisks; i++)
		disk_dispose(&d->disks[i]);
	free(d->disks);
	for (i = 0; i < d->nattached; i++)
		free(d->attached[i].vdev);
	free(d->attached);
	free(d->name);
	free(d->cfg);
	free(d->error);
	free(d->uuid);
	free(d->kernel);
	free(d->health);
	free(d->health_console);
	free(d->type);
	findings_dispose(&d->findings);
	*d = (struct fleet_domu){ .name = NULL };
}

static int
set(char **field, const char *value, struct dd_err *e)
{
	if (value == NULL)
		return 0;
	free(*field);
	if ((*field = strdup(value)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

/* The row has an error: the first one stands in it, all are findings. */
static int
refuse(struct fleet_domu *d, const struct dd_err *why, struct dd_err *e)
{
	if (why->code == ERR_NOMEM)
		return dd_fail_nomem(e);
	if (d->error == NULL && set(&d->error, why->msg, e) == -1)
		return -1;
	return finding_add_err(&d->findings, FOUND_CONFIG, SEV_ERROR, why, e);
}

/* The name that a file without one goes by: its own, without ".cfg". */
static int
name_from_path(struct fleet_domu *d, const char *path, struct dd_err *e)
{
	const char *slash = strrchr(path, '/');
	size_t len;

	if (set(&d->name, slash == NULL ? path : slash + 1, e) == -1)
		return -1;
	len = strlen(d->name);
	if (len > 4 && strcmp(d->name + len - 4, ".cfg") == 0)
		d->name[len - 4] = '\0';
	return 0;
}

int
domu_unreadable(const char *path, const struct dd_err *why,
    struct fleet_domu *d, struct dd_err *e)
{
	*d = (struct fleet_domu){ .state = STATE_OFF };
	if (set(&d->cfg, path, e) == -1 || name_from_path(d, path, e) == -1)
		return -1;
	return refuse(d, why, e);
}

/* A number as xl reads it: decimal, octal or hexadecimal; else 0. */
static uint64_t
number(const struct domu_cfg *c, const char *key)
{
	const char *s = c->ops->cfg_string(c->cfg, key);
	unsigned long long v;
	char *end;

	if (s == NULL || !isdigit((unsigned char)s[0]))
		return 0;
	v = strtoull(s, &end, 0);
	return *end == '\0' && v <= INT32_MAX ? v : 0;
}

static int
read_name(const struct domu_cfg *c, struct fleet_domu *d, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	const char *name = c->ops->cfg_string(c->cfg, "name");

	if (name != NULL && name[0] != '\0')
		return set(&d->name, name, e);
	(void)dd_fail(&why, ERR_CONFIG, "%s: has no name", c->path);
	(void)dd_hint(&why, "add name = \"%s\": xl refuses the file without",
	    d->name);
	return refuse(d, &why, e);
}

static int
read_type(const struct domu_cfg *c, struct fleet_domu *d, struct dd_err *e)
{
	const char *type = c->ops->cfg_string(c->cfg, "type");

	if (type == NULL)
		type = c->ops->cfg_string(c->cfg, "builder");
	return set(&d->type, type == NULL || strcmp(type, "generic") == 0 ?
	    "pv" : type, e);
}

int
domu_copy_disk(struct fleet_disk *disk, const struct xen_disk *x,
    struct dd_err *e)
{
	*disk = (struct fleet_disk){ .readwrite = x->readwrite,
	    .cdrom = x->cdrom };
	if (set(&disk->vdev, x->vdev != NULL ? x->vdev : "?", e) == -1 ||
	    set(&disk->target, x->target, e) == -1 ||
	    set(&disk->format, x->format, e) == -1 ||
	    set(&disk->backend, x->backend, e) == -1)
		return -1;
	return set(&disk->script, x->script, e);
}

static int
read_disk(const struct domu_cfg *c, int i, struct fleet_domu *d,
    struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	const struct scan_key *key = scan_find(c->scan, "disk");
	const char *spec = c->ops->cfg_item(c->cfg, "disk", i);
	struct xen_disk x;
	int rc;

	if (spec == NULL)
		(void)dd_fail(&why, ERR_CONFIG, "not a string");
	else if (c->ops->disk_parse(spec, &x, &why) == 0) {
		rc = domu_copy_disk(&d->disks[d->ndisks++], &x, e);
		c->ops->disk_dispose(&x);
		return rc;
	}
	(void)dd_context(&why, "%s:%u: disk %d", c->path,
	    key != NULL ? key->line : 1, i + 1);
	return refuse(d, &why, e);
}

static int
read_disks(const struct domu_cfg *c, struct fleet_domu *d, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	const struct scan_key *key = scan_find(c->scan, "disk");
	int i, n = c->ops->cfg_list(c->cfg, "disk");

	if (n > DISKS_MAX) {
		(void)dd_fail(&why, ERR_CONFIG, "%s: %d disks; a domU has %d "
		    "at most", c->path, n, DISKS_MAX);
		return refuse(d, &why, e);
	}
	if (n < 0 && key != NULL) {
		(void)dd_fail(&why, ERR_CONFIG, "%s:%u: disk is not a list",
		    c->path, key->line);
		(void)dd_hint(&why, "xl passes over it and starts the domU "
		    "without disks: write disk = [ \"...\" ]");
		return refuse(d, &why, e);
	}
	if (n <= 0)
		return 0;
	if ((d->disks = calloc((size_t)n, sizeof(*d->disks))) == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < n; i++)
		if (read_disk(c, i, d, e) == -1)
			return -1;
	return 0;
}

static int
find_duplicates(const struct domu_cfg *c, struct fleet_domu *d,
    struct dd_err *e)
{
	const struct scan_key *dup, *first;
	size_t at = 0;

	while ((dup = scan_duplicate(c->scan, &at, &first)) != NULL)
		if (finding_add(&d->findings, FOUND_CONFIG, SEV_WARNING,
		    "take one of the two lines out", e,
		    "%s:%u: %s stands in line %u already; xl takes the last "
		    "one", c->path, dup->line, dup->name, first->line) == -1)
			return -1;
	return 0;
}

static int
read_keys(const struct domu_cfg *c, struct fleet_domu *d, struct dd_err *e)
{
	if (read_name(c, d, e) == -1 || read_type(c, d, e) == -1 ||
	    set(&d->uuid, c->ops->cfg_string(c->cfg, "uuid"), e) == -1 ||
	    set(&d->kernel, c->ops->cfg_string(c->cfg, "kernel"), e) == -1 ||
	    set(&d->health, c->ops->cfg_string(c->cfg, HEALTH_KEY), e) == -1 ||
	    set(&d->health_console, c->ops->cfg_string(c->cfg,
	    HEALTH_CONSOLE_KEY), e) == -1 ||
	    read_disks(c, d, e) == -1 || find_duplicates(c, d, e) == -1)
		return -1;
	d->memory = number(c, "memory") * 1024 * 1024;
	d->vcpus = (unsigned)number(c, "vcpus");
	if (d->vcpus == 0)
		d->vcpus = 1;
	return roles_assign(c, d, e);
}

int
domu_read(const struct xen_ops *ops, const char *path, const struct buf *text,
    struct fleet_domu *d, struct dd_err *e)
{
	struct domu_cfg c = { .ops = ops, .path = path };
	struct dd_err why = DD_ERR_INIT;
	struct scan scan = SCAN_INIT;
	struct xen_cfg *cfg = NULL;
	int rc = -1;

	*d = (struct fleet_domu){ .state = STATE_OFF };
	if (set(&d->cfg, path, e) == -1 || name_from_path(d, path, e) == -1)
		goto out;
	if (scan_text(text->p, text->len, &scan, &why) == -1) {
		(void)dd_context(&why, "%s", path);
		rc = refuse(d, &why, e);
		goto out;
	}
	if (ops->cfg_open(text->p, text->len, path, &cfg, &why) == -1) {
		rc = refuse(d, &why, e);
		goto out;
	}
	c.cfg = cfg;
	c.scan = &scan;
	rc = read_keys(&c, d, e);
out:
	ops->cfg_close(cfg);
	scan_dispose(&scan);
	return rc;
}
