/* The rows of the fleet view: a domU each, and what its columns say. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/units.h"
#include "tui/views.h"

enum { COL_SIGN, COL_NAME = FLEET_SORT_NAME, COL_STATE, COL_CPU, COL_MEMORY,
	COL_UP, COL_ROOT, COL_LOCAL, COL_PKG, COL_SHARED, COL_FINDINGS,
	COL_COUNT };

/* What Xen tells has room of its own: it must not push the rest about.  Rank:
 * where there is no pane, what is wrong matters more than the figures; a pane
 * beside tells what is wrong with the domU selected, and who shares with it. */
#define COLUMNS(figures, shared, findings)				\
	[COL_SIGN] = { "", .min = 2, .max = 2, .rank = 0, .right = true },\
	[COL_NAME] = { "NAME", .min = 10, .max = 24, .rank = 0 },	\
	[COL_STATE] = { "STATE", .min = 7, .max = 8, .rank = 1 },	\
	[COL_CPU] = { "CPU", .min = 5, .max = 5, .rank = (figures),	\
	    .right = true, .spare = true },				\
	[COL_MEMORY] = { "MEM", .min = 5, .max = 5,			\
	    .rank = (figures) + 1, .right = true, .spare = true },	\
	[COL_UP] = { "UP", .min = 6, .max = 6, .rank = (figures) + 2,	\
	    .right = true, .spare = true },				\
	[COL_ROOT] = { "ROOT", .min = 12, .max = 26, .rank = 2 },	\
	[COL_LOCAL] = { "LOCAL", .min = 13, .max = 26, .rank = 3 },	\
	[COL_PKG] = { "PKG", .min = 11, .max = 26, .rank = 4 },		\
	[COL_SHARED] = { "SHARED", .min = 6, .max = 6, .rank = (shared),\
	    .right = true },						\
	[COL_FINDINGS] = { "FINDINGS", .min = 12, .rank = (findings) }

static const struct list_column columns[COL_COUNT] = {
	COLUMNS(7, 6, 5)
};
static const struct list_column columns_beside[COL_COUNT] = {
	COLUMNS(5, 9, 8)
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
	const struct fleet_finding *f = fleet_gravest(&d->findings);

	return f == NULL ? -1 : (int)f->severity;
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
	if (image->rekeying) {
		cell->style = cell->gauge_style = STYLE_PENDING;
		cell->gauge = (int)image->rekey_percent * 10;
		return;
	}
	if (image->missing || image->error != NULL)
		cell->style = STYLE_ERROR;
	else if (image->pending)
		cell->style = STYLE_PENDING;
	cell->gauge = fleet_image_use(image);
	cell->gauge_style = describe_fill_style(cell->gauge);
}

/* How many domUs use the image of it that most use. */
static size_t
shared(const struct fleet_domu *d)
{
	size_t i, most = 0;

	for (i = 0; i < d->ndisks; i++)
		if (d->disks[i].image != NULL &&
		    d->disks[i].image->nusers > most)
			most = d->disks[i].image->nusers;
	return most;
}

/* "2 errors: pkg: ...": how many of the gravest there are, and the first. */
static void
finding_cell(const struct fleet_domu *d, struct list_cell *cell)
{
	const struct fleet_finding *f = fleet_gravest(&d->findings);
	size_t i, n = 0;

	if (f == NULL)
		return;
	for (i = 0; i < d->findings.n; i++)
		n += d->findings.v[i].severity == f->severity;
	cell->style = severity_style((int)f->severity);
	(void)snprintf(cell->text, sizeof(cell->text), "%zu %s%s: %s", n,
	    fleet_severity_name(f->severity), n == 1 ? "" : "s", f->text);
}

/* What Xen says of it now; nothing of one that does not run. */
static void
figure_cell(const struct fleet_domu *d, int column, struct list_cell *cell)
{
	const int64_t up = fleet_uptime(d, (int64_t)time(NULL));
	char size[UNITS_MAX], *unit;

	if (d->id == 0)
		return;
	if (column == COL_CPU && d->cpu >= 0)
		(void)snprintf(cell->text, sizeof(cell->text),
		    d->cpu < 1000 ? "%d.%d%%" : "%d%%", d->cpu / 10,
		    d->cpu % 10);
	else if (column == COL_MEMORY) {
		/* "256M" */
		(void)units_format(size, d->memory);
		if ((unit = strchr(size, ' ')) != NULL)
			unit[2] = '\0';
		(void)snprintf(cell->text, sizeof(cell->text), "%.*s%s",
		    (int)strcspn(size, " "), size, unit != NULL ? unit + 1 :
		    "");
	} else if (column == COL_UP && up >= 0)
		(void)units_while(cell->text, (uint64_t)up);
	else
		(void)snprintf(cell->text, sizeof(cell->text), "-");
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
	case COL_CPU:
	case COL_MEMORY:
	case COL_UP:
		figure_cell(d, column, cell);
		break;
	case COL_SHARED:
		if (shared(d) > 1)
			(void)snprintf(cell->text, sizeof(cell->text), "%zu",
			    shared(d));
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
	    fleet_image_use(da->image);
	int fb = db == NULL || db->image == NULL ? -2 :
	    fleet_image_use(db->image);

	return (fa < fb) - (fa > fb);
}

/* Most first; those that don't run last. */
static int
compare_figure(const struct fleet_domu *a, const struct fleet_domu *b,
    uint64_t of_a, uint64_t of_b)
{
	if (a->id == 0 || b->id == 0)
		return (a->id == 0) - (b->id == 0);
	return (of_a < of_b) - (of_a > of_b);
}

static int
compare(const void *rows, size_t row_a, size_t row_b, int column)
{
	const struct fleet_domu *a = domu(rows, row_a);
	const struct fleet_domu *b = domu(rows, row_b);

	switch (column) {
	case COL_SIGN:
	case COL_FINDINGS:
		return (worst(a) < worst(b)) - (worst(a) > worst(b));
	case COL_NAME:
		return strcmp(a->name, b->name);
	case COL_STATE:
		return (int)a->state - (int)b->state;
	case COL_CPU:
		return (a->cpu < b->cpu) - (a->cpu > b->cpu);
	case COL_MEMORY:
		return compare_figure(a, b, a->memory, b->memory);
	case COL_UP:
		return compare_figure(a, b, (uint64_t)-a->started,
		    (uint64_t)-b->started);
	case COL_SHARED:
		return (shared(a) < shared(b)) - (shared(a) > shared(b));
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

const struct list_source fleet_rows_beside = {
	.columns = columns_beside, .ncolumns = COL_COUNT, .count = count,
	.id = id, .cell = cell, .compare = compare, .match = match,
};
