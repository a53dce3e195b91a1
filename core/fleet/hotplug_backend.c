/* The backend's folder in xenstore; see hotplug_impl.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet/hotplug_impl.h"
#include "core/host/host.h"

#define PATH_LEN	256

static char *
key_path(const struct plug *p, const char *key, char path[PATH_LEN])
{
	(void)snprintf(path, PATH_LEN, "%s/%s", p->h->backend, key);
	return path;
}

static int
read_key(const struct plug *p, const char *key, char **value,
    struct dd_err *e)
{
	struct buf b = BUF_INIT;
	char path[PATH_LEN];
	int rc = p->h->xen->store_read(key_path(p, key, path), &b, e);

	if (rc == 0 && (*value = buf_steal(&b)) == NULL)
		rc = dd_fail_nomem(e);
	buf_dispose(&b);
	return rc;
}

/* The numbers of domU and device end the backend's path. */
int
plug_parse(struct plug *p, struct dd_err *e)
{
	const char *path = p->h->backend, *slash = strrchr(path, '/'), *at;
	char end;

	for (at = slash; at != NULL && at > path && at[-1] != '/'; at--)
		continue;
	if (at == NULL || at == path || strlen(path) > PATH_LEN / 2 ||
	    !isdigit((unsigned char)at[0]) ||
	    sscanf(at, "%u/%u%c", &p->domid, &p->devid, &end) != 2) {
		(void)dd_fail(e, ERR_USAGE, "%s: not a backend's path in "
		    "xenstore", path);
		return dd_hint(e, "xl runs this by its script "
		    UNLOCK_SCRIPT);
	}
	(void)snprintf(p->name, sizeof(p->name), "drydock-%u-%u", p->domid,
	    p->devid);
	return 0;
}

int
plug_read(struct plug *p, struct dd_err *e)
{
	char path[PATH_LEN], *mode = NULL;
	struct dd_err none = DD_ERR_INIT;
	struct buf b = BUF_INIT;

	if (read_key(p, "params", &p->image, e) == -1 ||
	    read_key(p, "mode", &mode, e) == -1)
		return dd_hint(e, "xl removed the disk meanwhile, or this was "
		    "not run by xl");
	p->readonly = strchr(mode, 'w') == NULL;
	free(mode);
	if (p->image[0] != '/') {
		(void)dd_fail(e, ERR_CONFIG, "%s: not a whole path",
		    p->image);
		return dd_hint(e, "with script=" UNLOCK_SCRIPT " the target "
		    "is the path of an image");
	}
	(void)snprintf(path, sizeof(path), "/local/domain/%u/name",
	    p->domid);
	if (p->h->xen->store_read(path, &b, &none) == 0)
		p->domu = buf_steal(&b);
	buf_dispose(&b);
	return 0;
}

/* xl may have given up, and removed the disk, while we waited. */
int
plug_still_wanted(const struct plug *p, struct dd_err *e)
{
	char *now = NULL;
	bool same;

	if (read_key(p, "params", &now, e) == -1)
		return dd_hint(e, "xl removed the disk meanwhile");
	same = strcmp(now, p->image) == 0;
	free(now);
	return same ? 0 : dd_fail(e, ERR_CANCEL, "%s: xl changed the disk "
	    "meanwhile", p->image);
}

/* Not where xl has removed the backend: that would bring back a part of it. */
void
plug_tell(const struct plug *p, const char *status, const char *text)
{
	char error_path[PATH_LEN], status_path[PATH_LEN], path[PATH_LEN];
	const char *const words[] = { key_path(p, "hotplug-error",
	    error_path), text, status != NULL ? key_path(p, "hotplug-status",
	    status_path) : NULL, status, NULL };
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;

	if (p->h->xen->store_read(key_path(p, "params", path), &b,
	    &ignored) == 0)
		(void)p->h->xen->store_write(words, &ignored);
	buf_dispose(&b);
}

void
plug_tell_failure(const struct plug *p, struct dd_err *e)
{
	struct dd_err shown = *e;
	struct buf b = BUF_INIT;

	dd_default_hint(&shown);
	if (buf_printf(&b, "%s%s%s", shown.msg, shown.hint[0] != '\0' ? ": " :
	    "", shown.hint) == 0)
		plug_tell(p, e->code == ERR_HELD ? "busy" : "error", b.p);
	buf_dispose(&b);
}

/* All at once: the backend driver waits for one of these, libxl for
 * another. */
int
plug_tell_device(const struct plug *p, const struct host_crypt_device *d,
    struct dd_err *e)
{
	char paths[4][PATH_LEN], number[32], error_path[PATH_LEN];
	const char *const words[] = {
		key_path(p, "node", paths[0]), d->path,
		key_path(p, "physical-device-path", paths[1]), d->path,
		key_path(p, "physical-device", paths[2]), number,
		key_path(p, "hotplug-status", paths[3]), "connected", NULL };
	struct dd_err ignored = DD_ERR_INIT;

	host_device_number(d->rdev, number, sizeof(number));
	if (p->h->xen->store_write(words, e) == -1)
		return -1;
	(void)p->h->xen->store_remove(key_path(p, "hotplug-error",
	    error_path), &ignored);
	return 0;
}
