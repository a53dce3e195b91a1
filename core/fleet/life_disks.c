/*
 * The disks of a domU's configuration with another file for one of them, as
 * lines for xl create; see life.h.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/fleet/life.h"
#include "core/fleet/scan.h"

/* "target=" takes the rest of a specification, commas included: what stands
 * before it is kept as it was written. */
static const char *
target_key(const char *spec)
{
	static const char key[] = "target=";
	const char *at = spec;

	while ((at = strstr(at, key)) != NULL) {
		if (at == spec || at[-1] == ',' || at[-1] == ' ' ||
		    at[-1] == '\t')
			return at;
		at++;
	}
	return NULL;
}

static int
put_spec(struct buf *b, const char *text, const struct xen_disk *disk,
    const char *target)
{
	const char *key = target_key(text);
	struct buf spec = BUF_INIT;
	int rc = -1;

	if (key != NULL)
		(void)buf_add(&spec, text, (size_t)(key - text));
	else {
		(void)buf_printf(&spec, "vdev=%s, access=%s, ", disk->vdev,
		    disk->readwrite ? "rw" : "r");
		if (disk->format != NULL &&
		    strcmp(disk->format, "unknown") != 0)
			(void)buf_printf(&spec, "format=%s, ", disk->format);
		if (disk->backend != NULL &&
		    strcmp(disk->backend, "unknown") != 0)
			(void)buf_printf(&spec, "backendtype=%s, ",
			    disk->backend);
		if (disk->script != NULL)
			(void)buf_printf(&spec, "script=%s, ", disk->script);
	}
	(void)buf_printf(&spec, "target=%s", target);
	if (!spec.failed)
		rc = scan_quote(b, spec.p);
	buf_dispose(&spec);
	return rc;
}

/* Is it the disk of that vdev?  1, 0, -1. */
static int
is_disk(const struct xen_ops *xen, const char *spec, const char *vdev,
    struct xen_disk *disk, struct dd_err *e)
{
	if (xen->disk_parse(spec, disk, e) == -1)
		return -1;
	return disk->vdev != NULL && strcmp(disk->vdev, vdev) == 0;
}

/* Read the configuration at path; -1, or how many disks it has. */
static int
open_cfg(const struct xen_ops *xen, const char *path, struct xen_cfg **cfg,
    struct dd_err *e)
{
	struct buf text = BUF_INIT;
	int n = -1;

	if (fs_read_regular(path, CONFIG_MAX, &text, NULL, e) == 0 &&
	    xen->cfg_open(text.p, text.len, path, cfg, e) == 0 &&
	    (n = xen->cfg_list(*cfg, "disk")) == -1)
		n = 0;
	buf_dispose(&text);
	return n;
}

/* 1: it was the one of that vdev; 0, -1. */
static int
put_disk(struct buf *b, const struct xen_ops *xen, const char *spec,
    const char *vdev, const char *target, struct dd_err *e)
{
	struct xen_disk disk = { .spec = NULL };
	int is, rc;

	if ((is = is_disk(xen, spec, vdev, &disk, e)) == -1)
		return -1;
	rc = is == 1 ? put_spec(b, spec, &disk, target) :
	    scan_quote(b, spec);
	xen->disk_dispose(&disk);
	return rc == -1 ? dd_fail_nomem(e) : is;
}

static int
has_none(const char *path, const char *vdev, struct dd_err *e)
{
	(void)dd_fail(e, ERR_NOENT, "%s: has no disk %s", path, vdev);
	return dd_hint(e, "it was changed meanwhile: look at drydock list, "
	    "and try again");
}

int
life_instead(const struct xen_ops *xen, const char *path, const char *vdev,
    const char *target, const char *kernel, struct buf *b, struct dd_err *e)
{
	struct xen_cfg *cfg = NULL;
	int i, n, r = 0, found = 0;

	if ((n = open_cfg(xen, path, &cfg, e)) == -1)
		return -1;
	(void)buf_str(b, "disk = [");
	for (i = 0; i < n && r != -1; i++) {
		(void)buf_str(b, i > 0 ? ", " : " ");
		r = put_disk(b, xen, xen->cfg_item(cfg, "disk", i), vdev,
		    target, e);
		found += r == 1;
	}
	(void)buf_str(b, " ]");
	if (kernel != NULL) {
		(void)buf_str(b, "\nkernel = ");
		(void)scan_quote(b, kernel);
	}
	xen->cfg_close(cfg);
	if (r == -1)
		return -1;
	return found == 0 ? has_none(path, vdev, e) : b->failed ?
	    dd_fail_nomem(e) : 0;
}

int
life_disk_spec(const struct xen_ops *xen, const char *path, const char *vdev,
    struct buf *b, struct dd_err *e)
{
	struct xen_cfg *cfg = NULL;
	struct xen_disk disk;
	int i, n, r = 0;

	if ((n = open_cfg(xen, path, &cfg, e)) == -1)
		return -1;
	for (i = 0; i < n && r == 0; i++) {
		disk = (struct xen_disk){ .spec = NULL };
		r = is_disk(xen, xen->cfg_item(cfg, "disk", i), vdev, &disk,
		    e);
		if (r == 1)
			(void)buf_str(b, xen->cfg_item(cfg, "disk", i));
		if (r != -1)
			xen->disk_dispose(&disk);
	}
	xen->cfg_close(cfg);
	if (r == 0)
		return has_none(path, vdev, e);
	return r == -1 ? -1 : b->failed ? dd_fail_nomem(e) : 0;
}
