/* Is a file fit for a role?  See examine.h. */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>

#include "core/fleet/examine.h"
#include "core/recipe/kind.h"

#define IMAGE_MIN	65536	/* bytes: no file system is smaller */

static const enum image_kind kinds[] = {
	[ROLE_OTHER] = KIND_UNKNOWN,
	[ROLE_ROOT] = KIND_ROOT,
	[ROLE_SWAP] = KIND_SWAP,
	[ROLE_LOCAL] = KIND_LOCAL,
	[ROLE_PKG] = KIND_PKG,
};

/* What no domU can use, whatever role it has. */
static int
refuse(const char *path, const struct recognized *r, struct dd_err *e)
{
	switch (r->probe.kind) {
	case PROBE_QCOW2:
	case PROBE_ARCHIVE:
	case PROBE_ISO9660:
	case PROBE_FFS_BE:
		(void)dd_fail(e, ERR_FORMAT, "%s: is %s, no image that a "
		    "NetBSD domU can use", path,
		    probe_kind_name(r->probe.kind));
		return dd_hint(e, r->probe.kind == PROBE_ARCHIVE ?
		    "drydock create --from makes an image of it" :
		    "drydock disk shows what a file holds");
	default:
		return 0;
	}
}

static void
warn_kind(enum fleet_role role, const struct recognized *r, examine_fn *warn,
    void *arg)
{
	char text[256];

	if (r->kind == kinds[role] || role == ROLE_OTHER)
		return;
	if (r->encrypted && r->probe.kind != PROBE_FFS)
		(void)snprintf(text, sizeof(text), "it is encrypted, or "
		    "noise: without its parameters (-c) nobody can tell what "
		    "is in it");
	else if (r->kind == KIND_UNKNOWN)
		(void)snprintf(text, sizeof(text), "it does not look like a "
		    "%s image (%s)", fleet_role_name(role),
		    probe_kind_name(r->probe.kind));
	else
		(void)snprintf(text, sizeof(text), "it looks like a %s image, "
		    "not like a %s image", image_kind_name(r->kind),
		    fleet_role_name(role));
	warn(arg, text);
}

static void
warn_state(enum fleet_role role, const struct recognized *r,
    examine_fn *warn, void *arg)
{
	if (r->probe.kind == PROBE_FFS && (!r->probe.ffs.clean ||
	    r->probe.ffs.journal_dirty))
		warn(arg, "its file system is not clean: drydock check, or "
		    "fsck_ffs, before a domU boots with it");
	if (role == ROLE_ROOT && r->kind == KIND_ROOT && !r->prepared)
		warn(arg, "it is not prepared to be shared: drydock prepare "
		    "root makes it so");
}

int
examine_image(const char *path, enum fleet_role role,
    const struct image_opts *opts, examine_fn *warn, void *arg,
    struct dd_err *e)
{
	struct recognized r = { .kind = KIND_UNKNOWN };
	struct stat st;

	if (stat(path, &st) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if (S_ISREG(st.st_mode) && st.st_size < IMAGE_MIN) {
		(void)dd_fail(e, ERR_FORMAT, st.st_size == 0 ?
		    "%s: is empty" : "%s: is too small for an image", path);
		return dd_hint(e, "was it copied whole?");
	}
	if (image_recognize(path, opts, &r, e) == -1)
		return dd_hint(e, "drydock disk shows what the file holds");
	if (refuse(path, &r, e) == -1)
		return -1;
	warn_kind(role, &r, warn, arg);
	warn_state(role, &r, warn, arg);
	return 0;
}
