/* The list of themes; see theme_rows.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/theme_rows.h"

enum { COL_NAME, COL_ABOUT, COL_FROM, COL_COUNT };

static const struct list_column columns[COL_COUNT] = {
	[COL_NAME] = { "THEME", .min = 12, .max = 24, .rank = 0 },
	[COL_ABOUT] = { "ABOUT", .min = 16, .rank = 1 },
	[COL_FROM] = { "FROM", .min = 8, .rank = 2 },
};

static const struct theme_row *
row_of(const void *rows, size_t row)
{
	return &((const struct theme_rows *)rows)->v[row];
}

static size_t
count(const void *rows)
{
	return ((const struct theme_rows *)rows)->n;
}

static const char *
id(const void *rows, size_t row)
{
	return row_of(rows, row)->name;
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	const struct theme_row *r = row_of(rows, row);

	switch (column) {
	case COL_NAME:
		(void)snprintf(c->text, sizeof(c->text), "%s", r->name);
		break;
	case COL_ABOUT:
		if (r->why.code == ERR_NONE)
			(void)snprintf(c->text, sizeof(c->text), "%s",
			    r->theme.about);
		else {
			(void)snprintf(c->text, sizeof(c->text), "%.*s",
			    LIST_CELL - 1, r->why.msg);
			c->style = STYLE_ERROR;
			c->cut = CUT_START;	/* it begins with the file */
		}
		break;
	default:
		(void)snprintf(c->text, sizeof(c->text), "%.*s",
		    LIST_CELL - 1, r->path == NULL ? "built-in" : r->path);
		c->style = STYLE_DIM;
		c->cut = CUT_START;
	}
}

static int
compare(const void *rows, size_t a, size_t b, int column)
{
	(void)column;
	return strcmp(row_of(rows, a)->name, row_of(rows, b)->name);
}

static bool
match(const void *rows, size_t row, const char *filter)
{
	return strstr(row_of(rows, row)->name, filter) != NULL;
}

const struct list_source theme_rows_source = {
	.columns = columns, .ncolumns = COL_COUNT, .count = count, .id = id,
	.cell = cell, .compare = compare, .match = match,
};

void
theme_rows_free(struct theme_rows *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->n; i++) {
		free(r->v[i].name);
		free(r->v[i].path);
	}
	free(r->v);
	free(r);
}

struct theme_rows *
theme_rows_read(const struct xen_ops *xen, const char *config,
    struct dd_err *e)
{
	struct theme_rows *r = calloc(1, sizeof(*r));
	struct theme_list l = { .v = NULL };
	struct theme_row *row;
	size_t i;

	if (r == NULL || theme_names(config, &l, e) == -1 ||
	    (r->v = calloc(l.n, sizeof(*r->v))) == NULL) {
		(void)dd_fail_nomem(e);
		theme_rows_free(r);
		r = NULL;
	}
	/* The names change hands. */
	for (i = 0; r != NULL && i < l.n; i++) {
		row = &r->v[r->n++];
		row->name = l.v[i].name;
		row->path = l.v[i].path;
		l.v[i] = (struct theme_entry){ .name = NULL };
		(void)theme_load(xen, config, row->path == NULL ? row->name :
		    row->path, &row->theme, &row->why);
	}
	theme_list_dispose(&l);
	return r;
}
