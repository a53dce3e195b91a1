/*
 * Which disk plays which role, and which keys say so; see adopt.h.
 *
 * Three readings of the xl.cfg: as it is; without the block, where a
 * role's disk is the operator's choice or the one at its position; and with
 * the new block, to see that it says what was found.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/base/vis.h"
#include "core/fleet/adopt.h"
#include "core/fleet/fleet_impl.h"

struct planner {
	const struct adopt_opts	*o;
	struct adoption		*a;
	const char		*cfg;
	struct fleet_domu	 bare;		/* without the block */
	struct scan		 bare_keys;
};

/* Read a text as the fleet does.  What is wrong with it is an error here. */
static int
read_domu(const struct planner *p, const struct buf *text,
    struct fleet_domu *d, struct dd_err *e)
{
	const struct fleet_finding *worst;

	if (domu_read(p->o->ops, p->cfg, text, d, e) == -1)
		return -1;
	worst = fleet_gravest(&d->findings);
	if (worst == NULL || worst->severity != SEV_ERROR)
		return 0;
	(void)dd_fail(e, ERR_CONFIG, "%s", worst->text);
	return dd_hint(e, "%s", worst->hint != NULL ? worst->hint :
	    "correct the configuration first");
}

static int
read_cfg(struct planner *p, struct dd_err *e)
{
	struct adoption *a = p->a;
	struct buf bare = BUF_INIT;
	int rc = -1;

	if (fs_read_regular(p->cfg, CONFIG_MAX, &a->was, NULL, e) == -1 ||
	    read_domu(p, &a->was, &a->domu, e) == -1 ||
	    adopt_splice(p->cfg, &a->was, "", &bare, e) == -1 ||
	    read_domu(p, &bare, &p->bare, e) == -1 ||
	    scan_text(bare.p, bare.len, &p->bare_keys, e) == -1)
		goto out;
	if (a->domu.ndisks > 0 && (a->disks = calloc(a->domu.ndisks,
	    sizeof(*a->disks))) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	rc = 0;
out:
	buf_dispose(&bare);
	return rc;
}

/* The first role disk of d, or d->ndisks. */
static size_t
disk_of(const struct fleet_domu *d, enum fleet_role role)
{
	size_t i;

	for (i = 0; i < d->ndisks && d->disks[i].role != role; i++)
		continue;
	return i;
}

static void
give(struct planner *p, size_t i, enum fleet_role role, enum adopt_why why)
{
	p->a->disks[i].role = role;
	p->a->disks[i].why = why;
}

/* The role that the image tells of itself, or that an earlier adoption saw in
 * a cgd that is closed now. */
static enum fleet_role
told(const struct planner *p, size_t i, enum adopt_why *why)
{
	static const enum fleet_role roles[] = {
		[KIND_UNKNOWN] = ROLE_OTHER,
		[KIND_ROOT] = ROLE_ROOT,
		[KIND_SWAP] = ROLE_SWAP,
		[KIND_LOCAL] = ROLE_LOCAL,
		[KIND_PKG] = ROLE_PKG,
	};
	const struct adopt_disk *ad = &p->a->disks[i];

	if (ad->what.encrypted && ad->params == NULL &&
	    p->a->domu.disks[i].params != NULL) {
		*why = ADOPT_PARAMS;
		return p->a->domu.disks[i].role;
	}
	*why = ADOPT_CONTENT;
	return ad->looked ? roles[ad->what.kind] : ROLE_OTHER;
}

static int
ambiguous(const struct planner *p, enum fleet_role role, size_t one,
    size_t other, struct dd_err *e)
{
	const struct fleet_disk *d = p->a->domu.disks;
	const char *key = roles_key(role);

	(void)dd_fail(e, ERR_CONFIG, "%s: two disks look like %s: %s (%s) and "
	    "%s (%s)", p->a->domu.name, fleet_role_name(role), d[one].vdev,
	    d[one].target, d[other].vdev, d[other].target);
	return dd_hint(e, "choose: write %s = \"%s\" or %s = \"%s\" into %s, "
	    "then repeat", key, d[one].vdev, key, d[other].vdev, p->cfg);
}

/* The disk at the position of a role: the n-th that counts; or ndisks. */
static size_t
at_position(const struct fleet_domu *d, enum fleet_role role)
{
	size_t i, n = (size_t)role - ROLE_ROOT;

	for (i = 0; i < d->ndisks; i++)
		if (roles_counts(&d->disks[i]) && n-- == 0)
			break;
	return i;
}

/* Which disk plays the role, when no key of the operator's tells? */
static int
find_disk(struct planner *p, enum fleet_role role, struct dd_err *e)
{
	struct adoption *a = p->a;
	size_t i, found = a->domu.ndisks;
	enum adopt_why why = ADOPT_CONTENT, w;

	for (i = 0; i < a->domu.ndisks; i++) {
		if (a->disks[i].role != ROLE_OTHER || told(p, i, &w) != role)
			continue;
		if (found < a->domu.ndisks)
			return ambiguous(p, role, found, i, e);
		found = i;
		why = w;
	}
	if (found == a->domu.ndisks) {
		found = at_position(&a->domu, role);
		why = ADOPT_POSITION;
		if (found < a->domu.ndisks && (a->disks[found].role !=
		    ROLE_OTHER || told(p, found, &w) != ROLE_OTHER))
			found = a->domu.ndisks;
	}
	if (found < a->domu.ndisks)
		give(p, found, role, why);
	return 0;
}

static int
assign(struct planner *p, struct dd_err *e)
{
	enum fleet_role role;
	size_t i;

	for (role = ROLE_ROOT; role < ROLE_COUNT; role++) {
		i = disk_of(&p->bare, role);
		if (i < p->bare.ndisks &&
		    scan_find(&p->bare_keys, roles_key(role)) != NULL)
			give(p, i, role, ADOPT_KEY);
	}
	for (role = ROLE_ROOT; role < ROLE_COUNT; role++)
		if (scan_find(&p->bare_keys, roles_key(role)) == NULL &&
		    find_disk(p, role, e) == -1)
			return -1;
	return 0;
}

static void
put_key(struct buf *b, const char *key, const char *value)
{
	(void)buf_printf(b, "%s = ", key);
	(void)scan_quote(b, value);
	(void)buf_str(b, "\n");
}

/* The disk that plays the role, or ndisks. */
static size_t
chosen(const struct adoption *a, enum fleet_role role)
{
	size_t i;

	for (i = 0; i < a->domu.ndisks && a->disks[i].role != role; i++)
		continue;
	return i;
}

/* A closed cgd keeps the parameters that it was adopted with. */
static int
keep_params(struct adoption *a, size_t i, struct dd_err *e)
{
	struct adopt_disk *ad = &a->disks[i];

	if (ad->params != NULL || !ad->what.encrypted ||
	    a->domu.disks[i].params == NULL)
		return 0;
	ad->params = strdup(a->domu.disks[i].params);
	return ad->params == NULL ? dd_fail_nomem(e) : 0;
}

/* Say what the file without the block does not. */
static int
put_role(struct planner *p, enum fleet_role role, struct dd_err *e)
{
	struct adoption *a = p->a;
	size_t is = chosen(a, role), was = disk_of(&p->bare, role);
	const char *key = roles_params_key(role);

	if (is < a->domu.ndisks && is != was)
		put_key(&a->keys, roles_key(role), a->domu.disks[is].vdev);
	else if (is != was && a->disks[was].role == ROLE_OTHER)
		put_key(&a->keys, roles_key(role), "none");
	if (is == a->domu.ndisks || key == NULL)
		return 0;
	if (keep_params(a, is, e) == -1)
		return -1;
	if (a->disks[is].params != NULL &&
	    scan_find(&p->bare_keys, key) == NULL)
		put_key(&a->keys, key, a->disks[is].params);
	return 0;
}

/* Does the new text say what was found? */
static int
prove(const struct planner *p, struct dd_err *e)
{
	const struct adoption *a = p->a;
	struct fleet_domu now;
	size_t i;
	int rc;

	rc = read_domu(p, &a->now, &now, e);
	for (i = 0; rc == 0 && i < a->domu.ndisks; i++)
		if (now.ndisks != a->domu.ndisks ||
		    now.disks[i].role != a->disks[i].role)
			rc = dd_fail(e, ERR_CONFIG, "%s: can't be told by "
			    "keys which disk is %s", p->cfg,
			    fleet_role_name(a->disks[i].role));
	domu_dispose(&now);
	return rc;
}

static int
plan(struct planner *p, struct dd_err *e)
{
	struct adoption *a = p->a;
	enum fleet_role role;

	if (read_cfg(p, e) == -1 || adopt_look(a, p->o, e) == -1 ||
	    assign(p, e) == -1)
		return -1;
	for (role = ROLE_ROOT; role < ROLE_COUNT; role++)
		if (put_role(p, role, e) == -1)
			return -1;
	if (a->keys.failed)
		return dd_fail_nomem(e);
	if (adopt_splice(p->cfg, &a->was, a->keys.p != NULL ? a->keys.p : "",
	    &a->now, e) == -1)
		return -1;
	return prove(p, e);
}

int
adopt_plan(const char *cfg, const struct adopt_opts *o, struct adoption *a,
    struct dd_err *e)
{
	struct planner p = { .o = o, .a = a, .cfg = cfg };
	int rc;

	*a = (struct adoption){ .disks = NULL };
	rc = plan(&p, e);
	domu_dispose(&p.bare);
	scan_dispose(&p.bare_keys);
	return rc;
}

bool
adopt_changes(const struct adoption *a)
{
	return a->was.len != a->now.len ||
	    memcmp(a->was.p, a->now.p, a->was.len) != 0;
}

int
adopt_apply(const struct adoption *a, struct dd_err *e)
{
	return adopt_changes(a) ?
	    fs_update_file(a->domu.cfg, &a->was, &a->now, e) : 0;
}

void
adopt_dispose(struct adoption *a)
{
	size_t i;

	for (i = 0; a->disks != NULL && i < a->domu.ndisks; i++) {
		free(a->disks[i].trouble);
		free(a->disks[i].params);
	}
	free(a->disks);
	domu_dispose(&a->domu);
	buf_dispose(&a->was);
	buf_dispose(&a->now);
	buf_dispose(&a->keys);
	*a = (struct adoption){ .disks = NULL };
}
