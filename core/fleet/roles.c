/*
 * Which disk plays which role.  NetBSD guests number xbd by the order of
 * attachment, so the position in the disk list decides: root, swap, local,
 * pkg.  CD-ROM drives don't count.  A drydock_ROLE key in the xl.cfg names a
 * role's disk by vdev or by path, or "none"; that disk then plays no other
 * role, and the roles without a key still go by position.
 */
#include <string.h>

#include "core/base/nearest.h"
#include "core/fleet/fleet_impl.h"

static const struct {
	enum fleet_role	 role;
	const char	*key;
} role_keys[] = {
	{ ROLE_ROOT, "drydock_root" },
	{ ROLE_SWAP, "drydock_swap" },
	{ ROLE_LOCAL, "drydock_local" },
	{ ROLE_PKG, "drydock_pkg" },
};

#define NKEYS	(sizeof(role_keys) / sizeof(role_keys[0]))

static bool
is_role_key(const char *name)
{
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (strcmp(role_keys[i].key, name) == 0)
			return true;
	return false;
}

/* Keys that begin with drydock_ are ours: a misspelt one is worth a word. */
static int
find_unknown(const struct domu_cfg *c, struct fleet_domu *d, struct dd_err *e)
{
	const char *names[NKEYS + 1], *meant;
	struct dd_err why;
	size_t i;

	for (i = 0; i < NKEYS; i++)
		names[i] = role_keys[i].key;
	names[NKEYS] = NULL;
	for (i = 0; i < c->scan->n; i++) {
		const struct scan_key *k = &c->scan->v[i];

		if (strncmp(k->name, "drydock_", 8) != 0 ||
		    is_role_key(k->name))
			continue;
		dd_err_clear(&why);
		(void)dd_fail(&why, ERR_CONFIG, "%s:%u: unknown key %s",
		    c->path, k->line, k->name);
		if ((meant = nearest(k->name, names)) != NULL)
			(void)dd_hint(&why, "did you mean %s?", meant);
		if (finding_add_err(&d->findings, SEV_WARNING, &why, e) == -1)
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

/* A role key says something that can't be. */
static int
complain(const struct domu_cfg *c, struct fleet_domu *d, size_t i,
    const char *what, struct dd_err *e)
{
	const struct scan_key *k = scan_find(c->scan, role_keys[i].key);

	return finding_add(&d->findings, SEV_ERROR,
	    "its value is the vdev or the path of one of the disks, or "
	    "\"none\"", e, "%s:%u: %s %s", c->path, k != NULL ? k->line : 1,
	    role_keys[i].key, what);
}

/* The role that key i gives; *settled: the key is there. */
static int
assign_by_key(const struct domu_cfg *c, struct fleet_domu *d, size_t i,
    bool *settled, struct dd_err *e)
{
	const char *value = c->ops->cfg_string(c->cfg, role_keys[i].key);
	struct fleet_disk *disk;

	*settled = scan_find(c->scan, role_keys[i].key) != NULL;
	if (!*settled || (value != NULL && strcmp(value, "none") == 0))
		return 0;
	if (value == NULL)
		return complain(c, d, i, "is not a string", e);
	if ((disk = disk_named(d, value)) == NULL)
		return complain(c, d, i, "names none of the disks", e);
	if (disk->role != ROLE_OTHER)
		return complain(c, d, i, "names a disk that another key "
		    "names, too", e);
	disk->role = role_keys[i].role;
	return 0;
}

/* By position, but for the roles that a key has settled. */
static void
assign_by_position(struct fleet_domu *d, const bool settled[NKEYS])
{
	size_t i, at = 0;

	for (i = 0; i < d->ndisks && at < NKEYS; i++) {
		if (d->disks[i].cdrom || d->disks[i].target == NULL)
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

int
roles_assign(const struct domu_cfg *c, struct fleet_domu *d, struct dd_err *e)
{
	bool settled[NKEYS];
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (assign_by_key(c, d, i, &settled[i], e) == -1)
			return -1;
	assign_by_position(d, settled);
	return find_unknown(c, d, e);
}
