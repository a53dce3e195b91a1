/* The rows of the fleet view: a domU each, and what its columns say. */
#include <stdio.h>
#include <string.h>

#include "tui/views.h"

enum { COL_SIGN, COL_NAME = FLEET_SORT_NAME, COL_STATE, COL_ROOT, COL_LOCAL, COL_PKG,
	COL_SHARED, COL_FINDINGS, COL_COUNT };

static const struct list_column columns[COL_COUNT] = {
	[COL_SIGN] = { "", .min = 2, .max = 2, .rank = 0, .right = true },
	[COL_NAME] = { "NAME", .min = 10, .max = 24, .rank = 0 },
	[COL_STATE] = { "STATE", .min = 7, .max = 8, .rank = 1 },
	[COL_ROOT] = { "ROOT", .min = 11, .max = 26, .rank = 2 },
	[COL_LOCAL] = { "LOCAL", .min = 11, .max = 26, .rank = 3 },
	[COL_PKG] = { "PKG", .min = 11, .max = 26, .rank = 4 },
	[COL_SHARED] = { "SHARED", .min = 6, .max = 16, .rank = 6 },
	[COL_FINDINGS] = { "FINDINGS", .min = 16, .rank = 5 },
};

static const enum fleet_role role_of[COL_COUNT] = {
	[COL_ROOT] = ROLE_ROOT, [COL_LOCAL] = ROLE_LOCAL,
	[COL_PKG] = ROLE_PKG,
};

static const struct fleet_domu *
domu(const void *rows, size_t row)
{
	return &((const struct fleet *)rows)->domus[row];
}

static size_t
count(const void *rows)
{
	return ((const struct fleet *)rows)->ndomus;
}

const char *
domu_id(const struct fleet_domu *d)
{
	/* Two files may name the same domU. */
	return d->cfg != NULL ? d->cfg : d->name;
}

static const char *
id(const void *rows, size_t row)
{
	return domu_id(domu(rows, row));
}

static int
worst(const struct fleet_domu *d)
{
	return d->error != NULL ? (int)SEV_ERROR :
	    findings_worst(&d->findings);
}

/* The finding that the row tells: the first of the worst. */
static const struct fleet_finding *
first_finding(const struct fleet_domu *d)
{
	int severity = findings_worst(&d->findings);
	size_t i;

	for (i = 0; i < d->findings.n; i++)
		if ((int)d->findings.v[i].severity == severity)
			return &d->findings.v[i];
	return NULL;
}

static enum style
state_style(enum fleet_state state)
{
	static const enum style styles[] = {
		[STATE_OFF] = STYLE_DIM, [STATE_RUNNING] = STYLE_OK,
		[STATE_PAUSED] = STYLE_HELD, [STATE_CRASHED] = STYLE_ERROR,
		[STATE_DYING] = STYLE_WARN, [STATE_UNKNOWN] = STYLE_WARN,
	};

	return styles[state];
}

static void
image_cell(const struct fleet_domu *d, enum fleet_role role,
    struct list_cell *cell)
{
	const struct fleet_disk *disk = fleet_disk_of(d, role);
	const struct fleet_image *image;

	if (disk == NULL || disk->target == NULL) {
		(void)snprintf(cell->text, sizeof(cell->text), "-");
		cell->style = STYLE_DIM;
		return;
	}
	(void)snprintf(cell->text, sizeof(cell->text), "%s",
	    base_name(disk->target));
	image = disk->image;
	if (image == NULL)
		return;
	if (image->missing)
		cell->style = STYLE_ERROR;
	else if (image->pending)
		cell->style = STYLE_PENDING;
	cell->gauge = describe_fill(image);
	cell->gauge_style = describe_fill_style(cell->gauge);
}

/* "root 4 pkg 2": by how many domUs each image is used, where not by one. */
static size_t
shared(const struct fleet_domu *d, char *buf, size_t cap)
{
	const struct fleet_disk *disk;
	size_t i, most = 0, len = 0;
	int n;

	buf[0] = '\0';
	for (i = 0; i < d->ndisks; i++) {
		disk = &d->disks[i];
		if (disk->image == NULL || disk->image->nusers < 2)
			continue;
		if (disk->image->nusers > most)
			most = disk->image->nusers;
		n = snprintf(buf + len, cap - len, "%s%s %zu",
		    len > 0 ? " " : "", fleet_role_name(disk->role),
		    disk->image->nusers);
		if (n < 0 || (size_t)n >= cap - len)
			break;
		len += (size_t)n;
	}
	return most;
}

static void
finding_cell(const struct fleet_domu *d, struct list_cell *cell)
{
	const struct fleet_finding *f = first_finding(d);

	if (f == NULL)
		return;
	cell->style = severity_style((int)f->severity);
	if (d->findings.n > 1)
		(void)snprintf(cell->text, sizeof(cell->text), "%s (+%zu)",
		    f->text, d->findings.n - 1);
	else
		(void)snprintf(cell->text, sizeof(cell->text), "%s",
		    f->text);
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *cell)
{
	const struct fleet_domu *d = domu(rows, row);
	const char *text = NULL;

	switch (column) {
	case COL_SIGN:
		text = severity_sign(worst(d));
		cell->style = severity_style(worst(d));
		break;
	case COL_NAME:
		text = d->name;
		break;
	case COL_STATE:
		/* A file that can't be read is a row that says why. */
		cell->span = d->error != NULL;
		text = cell->span ? d->error : fleet_state_name(d->state);
		cell->style = cell->span ? STYLE_ERROR :
		    state_style(d->state);
		break;
	case COL_SHARED:
		(void)shared(d, cell->text, sizeof(cell->text));
		cell->style = STYLE_DIM;
		break;
	case COL_FINDINGS:
		finding_cell(d, cell);
		break;
	default:
		image_cell(d, role_of[column], cell);
	}
	if (text != NULL)
		(void)snprintf(cell->text, sizeof(cell->text), "%s", text);
}

/* Fullest first; those of which nothing is known last. */
static int
compare_fill(const struct fleet_domu *a, const struct fleet_domu *b,
    enum fleet_role role)
{
	const struct fleet_disk *da = fleet_disk_of(a, role);
	const struct fleet_disk *db = fleet_disk_of(b, role);
	int fa = da == NULL || da->image == NULL ? -2 :
	    describe_fill(da->image);
	int fb = db == NULL || db->image == NULL ? -2 :
	    describe_fill(db->image);

	return (fa < fb) - (fa > fb);
}

static int
compare(const void *rows, size_t row_a, size_t row_b, int column)
{
	const struct fleet_domu *a = domu(rows, row_a);
	const struct fleet_domu *b = domu(rows, row_b);
	char buf[LIST_CELL];
	size_t na, nb;

	switch (column) {
	case COL_SIGN:
	case COL_FINDINGS:
		return (worst(a) < worst(b)) - (worst(a) > worst(b));
	case COL_NAME:
		return strcmp(a->name, b->name);
	case COL_STATE:
		return (int)a->state - (int)b->state;
	case COL_SHARED:
		na = shared(a, buf, sizeof(buf));
		nb = shared(b, buf, sizeof(buf));
		return (na < nb) - (na > nb);
	default:
		return compare_fill(a, b, role_of[column]);
	}
}

/* Is the word in anything that the row shows? */
static bool
match_word(const struct fleet_domu *d, const char *word)
{
	size_t i;

	if (strcasestr(d->name, word) != NULL ||
	    strcasestr(fleet_state_name(d->state), word) != NULL ||
	    (d->error != NULL && strcasestr(d->error, word) != NULL))
		return true;
	for (i = 0; i < d->ndisks; i++)
		if (d->disks[i].target != NULL &&
		    strcasestr(d->disks[i].target, word) != NULL)
			return true;
	for (i = 0; i < d->findings.n; i++)
		if (strcasestr(d->findings.v[i].text, word) != NULL)
			return true;
	return false;
}

static bool
match(const void *rows, size_t row, const char *filter)
{
	char words[64], *word, *rest;

	(void)snprintf(words, sizeof(words), "%s", filter);
	for (word = strtok_r(words, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest))
		if (!match_word(domu(rows, row), word))
			return false;
	return true;
}

const struct list_source fleet_rows = {
	.columns = columns, .ncolumns = COL_COUNT, .count = count, .id = id,
	.cell = cell, .compare = compare, .match = match,
};
