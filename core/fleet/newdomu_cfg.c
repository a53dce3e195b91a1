/*
 * The xl.cfg of a new domU: a text with places for what is its own.  It is
 * read back as the fleet reads it, since not every path can stand in one.
 */
#include <string.h>

#include "core/fleet/fleet_impl.h"
#include "core/fleet/newdomu.h"
#include "core/fleet/unlock.h"

#define MEMORY		256	/* MiB */

static const char template[] =
"# A domU with a shared root.  drydock(8) tells of the scheme, xl.cfg(5) of\n"
"# every key.\n"
"name = @name@\n"
"memory = @memory@	# MiB\n"
"vcpus = @vcpus@\n"
"\n"
"# The kernel lies in dom0, and is of the root image's release.\n"
"type = \"pv\"\n"
"kernel = @kernel@\n"
"cmdline = \"root=xbd0\"\n"
"\n"
"# NetBSD counts disks in this order, whatever their names.\n"
"disk = [\n"
"	# xbd0, /: one image for many domUs, which must be read-only (r)\n"
"	@root@,\n"
"	# xbd1, swap: the domU encrypts it, with a new key at each boot\n"
"	@swap@,\n"
"	# xbd2, /local: etc, tmp and var of this domU\n"
"	@local@,\n"
"	# xbd3, /usr/pkg\n"
"	@pkg@\n"
"]\n"
"\n"
"vif = [ @vif@ ]\n";

static const char template_params[] =
"\n"
"# /local is encrypted; dom0 attaches it decrypted, by the script in its line\n"
"# above, and with these parameters: drydock(8), ENCRYPTED DISKS\n"
"drydock_local_params = @params@\n";

/* The disks, by their place in the text and by role. */
static const struct {
	const char		*place;
	const char		*vdev;
	enum fleet_role		 role;
	int			 image;		/* -1: the root */
} disks[] = {
	{ "root", "xvda", ROLE_ROOT, -1 },
	{ "swap", "xvdb", ROLE_SWAP, NEWDOMU_SWAP },
	{ "local", "xvdc", ROLE_LOCAL, NEWDOMU_LOCAL },
	{ "pkg", "xvdd", ROLE_PKG, NEWDOMU_PKG },
};

#define NDISKS	(sizeof(disks) / sizeof(disks[0]))

static const char *
target_of(const struct newdomu *n, size_t disk)
{
	return disks[disk].image == -1 ? n->root :
	    n->images[disks[disk].image].path;
}

/* target comes last: it takes the rest, commas included. */
static int
put_disk(struct buf *b, const struct newdomu *n, size_t disk)
{
	bool encrypted = disks[disk].role == ROLE_LOCAL && n->params != NULL;
	struct buf spec = BUF_INIT;
	int rc = -1;

	if (buf_printf(&spec, "vdev=%s, format=raw, access=%s, %starget=%s",
	    disks[disk].vdev, disks[disk].image == -1 ? "r" : "rw",
	    encrypted ? "script=" UNLOCK_SCRIPT ", " : "",
	    target_of(n, disk)) == 0)
		rc = scan_quote(b, spec.p);
	buf_dispose(&spec);
	return rc;
}

static int
put_vif(struct buf *b, const struct newdomu *n)
{
	return n->o->bridge != NULL ? buf_printf(b, "\"mac=%s, bridge=%s\"",
	    n->mac, n->o->bridge) : buf_printf(b, "\"mac=%s\"", n->mac);
}

static bool
is(const char *place, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(place, word, len) == 0;
}

/* What stands at a place. */
static int
put_value(struct buf *b, const struct newdomu *n, const char *place,
    size_t len)
{
	const struct newdomu_opts *o = n->o;
	size_t i;

	for (i = 0; i < NDISKS; i++)
		if (is(place, len, disks[i].place))
			return put_disk(b, n, i);
	if (is(place, len, "name"))
		return scan_quote(b, o->name);
	if (is(place, len, "kernel"))
		return scan_quote(b, n->kernel);
	if (is(place, len, "params"))
		return scan_quote(b, n->params);
	if (is(place, len, "memory"))
		return buf_printf(b, "%llu", (unsigned long long)
		    (o->memory != 0 ? o->memory : MEMORY));
	if (is(place, len, "vcpus"))
		return buf_printf(b, "%u", o->vcpus != 0 ? o->vcpus : 1);
	return put_vif(b, n);
}

static void
expand(struct buf *out, const struct newdomu *n, const char *text)
{
	const char *at, *end;

	while ((at = strchr(text, '@')) != NULL) {
		end = strchr(at + 1, '@');
		(void)buf_add(out, text, (size_t)(at - text));
		if (put_value(out, n, at + 1, (size_t)(end - at - 1)) == -1)
			out->failed = true;
		text = end + 1;
	}
	(void)buf_str(out, text);
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What the text, read back, does not say as it is meant; or NULL. */
static const char *
misread(const struct newdomu *n, const struct fleet_domu *d)
{
	size_t i;

	if (d->ndisks != NDISKS || d->findings.n > 0)
		return n->dir;
	for (i = 0; i < NDISKS; i++) {
		if (d->disks[i].role != disks[i].role ||
		    !same(d->disks[i].target, target_of(n, i)))
			return target_of(n, i);
		if (disks[i].role == ROLE_LOCAL &&
		    !same(d->disks[i].params, n->params))
			return n->params;
	}
	return same(d->kernel, n->kernel) ? NULL : n->kernel;
}

static int
read_back(const struct newdomu *n, struct dd_err *e)
{
	struct fleet_domu d;
	const char *odd;
	int rc;

	rc = domu_read(n->o->ops, n->cfg, &n->text, &d, e);
	if (rc == 0 && (odd = misread(n, &d)) != NULL) {
		rc = dd_fail(e, ERR_CONFIG, "%s: a path like that can't stand "
		    "in an xl.cfg", odd);
		(void)dd_hint(e, "take one of letters, digits and . - _");
	}
	domu_dispose(&d);
	return rc;
}

int
newdomu_write_cfg(struct newdomu *n, struct dd_err *e)
{
	expand(&n->text, n, template);
	if (n->params != NULL)
		expand(&n->text, n, template_params);
	return n->text.failed ? dd_fail_nomem(e) : read_back(n, e);
}
