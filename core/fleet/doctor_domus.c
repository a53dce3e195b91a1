/*
 * What only the fleet as a whole tells: domUs that crash or reboot without end,
 * roots that differ, generations that could go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/units.h"
#include "core/fleet/doctor_impl.h"

/* -- domUs that don't stay up ------------------------------------------- */

static int
check_crashed(struct doctor_visit *w, const struct fleet_domu *d,
    struct dd_err *e)
{
	struct doctor_finding *f;

	if (d->state != STATE_CRASHED)
		return 0;
	f = doctor_add(w, FOUND_CRASHED, SEV_ERROR, "drydock console shows "
	    "what it wrote last; drydock kill and start bring it up again", e,
	    "has crashed, and is kept as it was");
	return f == NULL ? -1 : doctor_of_domu(f, d->name, e);
}

static int
check_restarts(struct doctor_visit *w, const struct fleet_domu *d,
    int64_t now, struct dd_err *e)
{
	const struct restarts *r = w->ask->restarts;
	unsigned n = r == NULL ? 0 : restarts_count(r, d->name, now);
	struct doctor_finding *f;

	if (n < RESTARTS_MANY)
		return 0;
	f = doctor_add(w, FOUND_REBOOT_LOOP, n > RESTARTS_MANY ? SEV_ERROR :
	    SEV_WARNING, "look at its console; drydock rollback goes back to "
	    "a generation that it was well with", e, "was started anew %u "
	    "times within %u minutes", n, RESTARTS_SPAN / 60);
	return f == NULL ? -1 : doctor_of_domu(f, d->name, e);
}

/* -- roots -------------------------------------------------------------- */

/* How many domUs have the image as a root that they only read. */
static size_t
sharers(const struct fleet *fleet, const struct fleet_image *img)
{
	const struct fleet_disk *root;
	size_t i, n = 0;

	for (i = 0; i < img->nusers; i++) {
		root = fleet_disk_of(&fleet->domus[img->users[i]], ROLE_ROOT);
		n += root != NULL && root->image == img && !root->readwrite;
	}
	return n;
}

/* The root that more domUs share than any other; NULL: none is shared. */
static const struct fleet_image *
common_root(const struct fleet *fleet, size_t *most)
{
	const struct fleet_image *found = NULL;
	size_t i, n;

	*most = 1;
	for (i = 0; i < fleet->nimages; i++)
		if (fleet->images[i]->nusers > *most &&
		    (n = sharers(fleet, fleet->images[i])) > *most) {
			*most = n;
			found = fleet->images[i];
		}
	return found;
}

static const char *
generation_of(const struct fleet_image *img, char text[40])
{
	if (img->generation == 0)
		text[0] = '\0';
	else
		(void)snprintf(text, 40, ", generation %u", img->generation);
	return text;
}

/* Another root than the one that most have. */
static int
check_other_root(struct doctor_visit *w, const struct fleet_image *img,
    const struct fleet_image *common, size_t most, struct dd_err *e)
{
	char size[2][UNITS_MAX], generation[2][40];
	struct doctor_finding *f;
	size_t n;

	if (img == common || img->missing || (n = sharers(w->fleet, img)) == 0)
		return 0;
	f = doctor_add(w, FOUND_ROOT_DIFFERS, SEV_NOTE, "if it is meant to be "
	    "another root, all is well; else name the shared one in the "
	    "configuration", e, "root: %s (%s%s) is the root of %zu domU%s, "
	    "and %s (%s%s) that of %zu", img->path, units_format(size[0],
	    img->size), generation_of(img, generation[0]), n,
	    n == 1 ? "" : "s", common->path, units_format(size[1],
	    common->size), generation_of(common, generation[1]), most);
	if (f == NULL || doctor_is_of(w, f, img, e) == -1)
		return -1;
	return doctor_set(&f->role, fleet_role_name(ROLE_ROOT), e) == -1 ? -1 :
	    doctor_of_users(w->fleet, f, img, e);
}

/* Does the domU run with another file of that root than is in place?  -1: it
 * does not run, or that is not known. */
static int
is_behind(const struct fleet_domu *d, const struct fleet_image *img)
{
	const struct fleet_disk *root = fleet_disk_of(d, ROLE_ROOT);

	if (root == NULL || root->image != img || !root->run_known ||
	    root->readwrite)
		return -1;
	return root->run_dev != img->dev || root->run_ino != img->ino;
}

/* Some of those that share a root run with it as it was. */
static int
check_mixed_root(struct doctor_visit *w, const struct fleet_image *img,
    struct dd_err *e)
{
	const struct fleet_domu *d, *first = NULL;
	struct doctor_finding *f;
	size_t i, n[2] = { 0, 0 };
	char with[40];
	int behind;

	for (i = 0; i < img->nusers; i++) {
		d = &w->fleet->domus[img->users[i]];
		if ((behind = is_behind(d, img)) == -1)
			continue;
		n[behind]++;
		if (behind == 1 && first == NULL)
			first = d;
	}
	if (n[0] == 0 || n[1] == 0)
		return 0;
	(void)snprintf(with, sizeof(with), " (generation %u)",
	    fleet_disk_of(first, ROLE_ROOT)->runs_with);
	f = doctor_add(w, FOUND_ROOT_DIFFERS, SEV_WARNING, "restart those, or "
	    "go on with drydock swap --all", e, "root: %zu of the %zu domUs "
	    "that run with %s have another file than the one in place, as %s "
	    "has%s", n[1], n[0] + n[1], img->path, first->name,
	    fleet_disk_of(first, ROLE_ROOT)->runs_with != 0 ? with : "");
	if (f == NULL || doctor_is_of(w, f, img, e) == -1 ||
	    doctor_set(&f->role, fleet_role_name(ROLE_ROOT), e) == -1)
		return -1;
	for (i = 0; i < img->nusers; i++) {
		d = &w->fleet->domus[img->users[i]];
		if (is_behind(d, img) == 1 &&
		    doctor_of_domu(f, d->name, e) == -1)
			return -1;
	}
	return 0;
}

static int
check_roots(struct doctor_visit *w, struct dd_err *e)
{
	size_t i, most;
	const struct fleet_image *common = common_root(w->fleet, &most);

	for (i = 0; i < w->fleet->nimages; i++)
		if ((common != NULL && check_other_root(w,
		    w->fleet->images[i], common, most, e) == -1) ||
		    check_mixed_root(w, w->fleet->images[i], e) == -1)
			return -1;
	return 0;
}

/* -- generations -------------------------------------------------------- */

static int
check_old(struct doctor_visit *w, struct dd_err *e)
{
	size_t i, n = 0, images = 0;
	uint64_t bytes = 0;
	char size[UNITS_MAX];

	for (i = 0; i < w->fleet->nimages; i++) {
		n += w->fleet->images[i]->nold;
		images += w->fleet->images[i]->nold > 0;
		bytes += w->fleet->images[i]->old;
	}
	if (bytes < DOCTOR_PRUNABLE)
		return 0;
	return doctor_add(w, FOUND_PRUNABLE, SEV_NOTE, "drydock prune shows "
	    "which would go", e, "%zu old generation%s of %zu image%s take%s "
	    "%s", n, n == 1 ? "" : "s", images, images == 1 ? "" : "s",
	    n == 1 ? "s" : "", units_format(size, bytes)) == NULL ? -1 : 0;
}

int
doctor_domus(struct doctor_visit *w, struct dd_err *e)
{
	const int64_t now = clock_ms();
	size_t i;

	for (i = 0; i < w->fleet->ndomus; i++)
		if (check_crashed(w, &w->fleet->domus[i], e) == -1 ||
		    check_restarts(w, &w->fleet->domus[i], now, e) == -1)
			return -1;
	return check_roots(w, e) == -1 ? -1 : check_old(w, e);
}
