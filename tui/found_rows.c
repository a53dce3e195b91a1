/* The rows of the findings view; see found_rows.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "tui/found_rows.h"
#include "tui/model.h"

enum { COL_SEVERITY, COL_ABOUT, COL_WHAT, COL_MEND, COL_KIND, COL_COUNT };

/* The kind, which is for who wants to pass over some, has no room on a narrow
 * screen. */
#define NO_ROOM	1000
#define COLUMNS(kind)							\
	[COL_SEVERITY] = { "SEVERITY", .min = 9, .max = 9, .rank = 0 },	\
	[COL_ABOUT] = { "ABOUT", .min = 8, .max = 24, .rank = 1 },	\
	[COL_WHAT] = { "WHAT", .min = 16, .rank = 0 },			\
	[COL_MEND] = { "MEND", .min = 7, .max = 8, .rank = 3,		\
	    .spare = true },						\
	[COL_KIND] = { "KIND", .min = (kind), .max = 14, .rank = 4 }

static const struct list_column columns[COL_COUNT] = { COLUMNS(NO_ROOM) };
static const struct list_column columns_wide[COL_COUNT] = { COLUMNS(14) };

static char *
id_of(const struct doctor_finding *f)
{
	struct buf b = BUF_INIT;

	(void)buf_printf(&b, "%s\n%s\n%s\n%s\n%s", fleet_kind_id(f->kind),
	    f->ndomus > 0 ? f->domus[0] : "", f->role != NULL ? f->role : "",
	    f->image != NULL ? f->image : "",
	    f->device != NULL ? f->device : "");
	return buf_steal(&b);
}

struct found *
found_new(const struct doctor *doctor)
{
	struct found *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->doctor = doctor;
	v->ids = calloc(doctor->n + 1, sizeof(*v->ids));
	for (; v->ids != NULL && v->n < doctor->n; v->n++)
		if ((v->ids[v->n] = id_of(&doctor->v[v->n])) == NULL)
			break;
	if (v->n == doctor->n)
		return v;
	found_free(v);
	return NULL;
}

void
found_free(struct found *v)
{
	if (v == NULL)
		return;
	while (v->n > 0)
		free(v->ids[--v->n]);
	free(v->ids);
	free(v);
}

/* -- the source ---------------------------------------------------------- */

static const struct doctor_finding *
finding(const void *rows, size_t row)
{
	return &((const struct found *)rows)->doctor->v[row];
}

static size_t
count(const void *rows)
{
	return ((const struct found *)rows)->n;
}

static const char *
id(const void *rows, size_t row)
{
	return ((const struct found *)rows)->ids[row];
}

static const char *
mend_word(const struct doctor_finding *f)
{
	static const char *const words[] = { [MEND_NONE] = "",
	    [MEND_RECOVER] = "recover", [MEND_RESTART] = "reboot",
	    [MEND_REPAIR] = "repair", [MEND_CLEAN] = "clean",
	    [MEND_PRUNE] = "prune" };

	return words[f->mend];
}

static void
about_cell(const struct doctor_finding *f, struct list_cell *cell)
{
	struct buf b = BUF_INIT;

	doctor_about(f, &b);
	(void)snprintf(cell->text, sizeof(cell->text), "%s", b.failed ? "?" :
	    b.p);
	buf_dispose(&b);
	/* of a path the end says more */
	cell->cut = f->ndomus == 0 && cell->text[0] == '/' ? CUT_START :
	    CUT_END;
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *cell)
{
	const struct doctor_finding *f = finding(rows, row);
	const char *text = NULL;

	switch (column) {
	case COL_SEVERITY:
		text = fleet_severity_name(f->severity);
		cell->style = severity_style((int)f->severity);
		break;
	case COL_ABOUT:
		about_cell(f, cell);
		break;
	case COL_WHAT:
		text = f->text;
		break;
	case COL_MEND:
		text = mend_word(f);
		cell->style = STYLE_DIM;
		break;
	default:
		text = fleet_kind_id(f->kind);
		cell->style = STYLE_DIM;
	}
	if (text != NULL)
		(void)snprintf(cell->text, sizeof(cell->text), "%s", text);
}

static int
compare_about(const struct doctor_finding *a, const struct doctor_finding *b)
{
	if ((a->ndomus > 0) != (b->ndomus > 0))
		return a->ndomus > 0 ? -1 : 1;
	return a->ndomus == 0 ? 0 : strcmp(a->domus[0], b->domus[0]);
}

/* Equal ones stay as they are: the gravest first. */
static int
compare(const void *rows, size_t row_a, size_t row_b, int column)
{
	const struct doctor_finding *a = finding(rows, row_a);
	const struct doctor_finding *b = finding(rows, row_b);

	switch (column) {
	case COL_ABOUT:
		return compare_about(a, b);
	case COL_WHAT:
		return strcmp(a->text, b->text);
	case COL_MEND:
		return (int)(b->mend != MEND_NONE) -
		    (int)(a->mend != MEND_NONE);
	case COL_KIND:
		return strcmp(fleet_kind_id(a->kind),
		    fleet_kind_id(b->kind));
	default:
		return (a->severity < b->severity) -
		    (a->severity > b->severity);
	}
}

static bool
match_word(const struct doctor_finding *f, const char *word)
{
	size_t i;

	if (strcasestr(f->text, word) != NULL ||
	    strcasestr(fleet_severity_name(f->severity), word) != NULL ||
	    strcasestr(fleet_kind_id(f->kind), word) != NULL ||
	    strcasestr(mend_word(f), word) != NULL)
		return true;
	for (i = 0; i < f->ndomus; i++)
		if (strcasestr(f->domus[i], word) != NULL)
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
		if (!match_word(finding(rows, row), word))
			return false;
	return true;
}

const struct list_source found_rows = {
	.columns = columns, .ncolumns = COL_COUNT, .count = count, .id = id,
	.cell = cell, .compare = compare, .match = match,
};

const struct list_source found_rows_wide = {
	.columns = columns_wide, .ncolumns = COL_COUNT, .count = count,
	.id = id, .cell = cell, .compare = compare, .match = match,
};
