/*
 * Which disk plays which role.  NetBSD guests number xbd by the order of
 * attachment, so the position in the disk list decides: root, swap, local,
 * pkg.  CD-ROM drives don't count.  A drydock_ROLE key in the xl.cfg names a
 * role's disk by vdev or by path, or "none"; that disk then plays no other
 * role, and the roles without a key still go by position.  Where the disk
 * is a cgd, a drydock_ROLE_params key names its parameters file.
 */
#include <string.h>

#include "core/base/nearest.h"
#include "core/fleet/fleet_impl.h"

static const struct {
	enum fleet_role	 role;
	const char	*key;
	const char	*params;	/* NULL: it is never a cgd of dom0's */
} role_keys[] = {
	{ ROLE_ROOT, "drydock_root", NULL },
	{ ROLE_SWAP, "drydock_swap", NULL },
	{ ROLE_LOCAL, "drydock_local", "drydock_local_params" },
	{ ROLE_PKG, "drydock_pkg", "drydock_pkg_params" },
};

#define NKEYS	(sizeof(role_keys) / sizeof(role_keys[0]))

const char *
roles_key(enum fleet_role role)
{
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (role_keys[i].role == role)
			return role_keys[i].key;
	return NULL;
}

const char *
roles_params_key(enum fleet_role role)
{
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (role_keys[i].role == role)
			return role_keys[i].params;
	return NULL;
}

static bool
is_among(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Keys that begin with drydock_ are ours: a misspelt one is worth a word. */
static int
find_unknown(const struct domu_cfg *c, struct fleet_domu *d, struct dd_err *e)
{
	const char *names[2 * NKEYS + 3], *meant;
	struct dd_err why;
	size_t i, n = 0;

	for (i = 0; i < NKEYS; i++) {
		names[n++] = role_keys[i].key;
		if (role_keys[i].params != NULL)
			names[n++] = role_keys[i].params;
	}
	names[n++] = HEALTH_KEY;
	names[n++] = HEALTH_CONSOLE_KEY;
	names[n] = NULL;
	for (i = 0; i < c->scan->n; i++) {
		const struct scan_key *k = &c->scan->v[i];

		if (strncmp(k->name, "drydock_", 8) != 0 ||
		    is_among(names, k->name))
			continue;
		dd_err_clear(&why);
		(void)dd_fail(&why, ERR_CONFIG, "%s:%u: unknown key %s",
		    c->path, k->line, k->name);
		if ((meant = nearest(k->name, names)) != NULL)
			(void)dd_hint(&why, "did you mean %s?", meant);
		if (finding_add_err(&d->findings, FOUND_CONFIG, SEV_WARNING,
		    &why, e) == -1)
			return -1;
	}
	return 0;
}

static struct fleet_disk *
disk_named(struct fleet_domu *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->ndisks; i++)
		if (strcmp(d->disks[i].vdev, name) == 0 ||
		    (d->disks[i].target != NULL &&
		    strcmp(d->disks[i].target, name) == 0))
			return &d->disks[i];
	return NULL;
}

/* A key says something that can't be. */
static int
complain(const struct domu_cfg *c, struct fleet_domu *d, const char *key,
    const char *what, const char *hint, struct dd_err *e)
{
	const struct scan_key *k = scan_find(c->scan, key);

	return finding_add(&d->findings, FOUND_CONFIG, SEV_ERROR, hint, e,
	    "%s:%u: %s %s", c->path, k != NULL ? k->line : 1, key, what);
}

/* The role that key i gives; *settled: the key is there. */
static int
assign_by_key(const struct domu_cfg *c, struct fleet_domu *d, size_t i,
    bool *settled, struct dd_err *e)
{
	static const char hint[] = "its value is the vdev or the path of one "
	    "of the disks, or \"none\"";
	const char *key = role_keys[i].key;
	const char *value = c->ops->cfg_string(c->cfg, key);
	struct fleet_disk *disk;

	*settled = scan_find(c->scan, key) != NULL;
	if (!*settled || (value != NULL && strcmp(value, "none") == 0))
		return 0;
	if (value == NULL)
		return complain(c, d, key, "is not a string", hint, e);
	if ((disk = disk_named(d, value)) == NULL)
		return complain(c, d, key, "names none of the disks", hint, e);
	if (disk->role != ROLE_OTHER)
		return complain(c, d, key, "names a disk that another key "
		    "names, too", hint, e);
	disk->role = role_keys[i].role;
	return 0;
}

bool
roles_counts(const struct fleet_disk *d)
{
	return !d->cdrom && d->target != NULL;
}

/* By position, but for the roles that a key has settled. */
static void
assign_by_position(struct fleet_domu *d, const bool settled[NKEYS])
{
	size_t i, at = 0;

	for (i = 0; i < d->ndisks && at < NKEYS; i++) {
		if (!roles_counts(&d->disks[i]))
			continue;
		if (d->disks[i].role == ROLE_OTHER && !settled[at])
			d->disks[i].role = role_keys[at].role;
		at++;
	}
}

void
roles_by_position(struct fleet_domu *d)
{
	static const bool settled[NKEYS];

	assign_by_position(d, settled);
}

/* The parameters file of the role's disk, where its key names one. */
static int
read_params(const struct domu_cfg *c, struct fleet_domu *d, size_t i,
    struct dd_err *e)
{
	static const char hint[] = "its value is the whole path of a cgd "
	    "parameters file";
	const char *key = role_keys[i].params, *value;
	size_t j;

	if (key == NULL || scan_find(c->scan, key) == NULL)
		return 0;
	value = c->ops->cfg_string(c->cfg, key);
	if (value == NULL || value[0] != '/')
		return complain(c, d, key, "is not a whole path", hint, e);
	for (j = 0; j < d->ndisks; j++) {
		if (d->disks[j].role != role_keys[i].role)
			continue;
		d->disks[j].params = strdup(value);
		return d->disks[j].params == NULL ? dd_fail_nomem(e) : 0;
	}
	return complain(c, d, key, "is for a disk that there isn't",
	    "take the line out", e);
}

int
roles_assign(const struct domu_cfg *c, struct fleet_domu *d, struct dd_err *e)
{
	bool settled[NKEYS];
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (assign_by_key(c, d, i, &settled[i], e) == -1)
			return -1;
	assign_by_position(d, settled);
	for (i = 0; i < NKEYS; i++)
		if (read_params(c, d, i, e) == -1)
			return -1;
	return find_unknown(c, d, e);
}
