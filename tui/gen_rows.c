/* The rows of the generations view: one each, and what its columns say. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/units.h"
#include "tui/generations.h"

enum { COL_SIGN, COL_NUMBER = GEN_SORT_NUMBER, COL_AGE, COL_CAME, COL_SIZE,
	COL_WRITTEN, COL_MARKS, COL_NOTE, COL_COUNT };

static const struct list_column columns[COL_COUNT] = {
	[COL_SIGN] = { "", .min = 1, .max = 1, .rank = 0 },
	[COL_NUMBER] = { "N", .min = 4, .max = 9, .rank = 0, .right = true },
	[COL_AGE] = { "AGE", .min = 5, .max = 6, .rank = 1, .right = true },
	[COL_CAME] = { "CAME IN", .min = 16, .max = 16, .rank = 6 },
	[COL_SIZE] = { "TAKES", .min = 8, .max = 8, .rank = 3,
	    .right = true },
	[COL_WRITTEN] = { "WRITTEN", .min = 16, .max = 16, .rank = 4 },
	[COL_MARKS] = { "MARKS", .min = 14, .max = 22, .rank = 2 },
	[COL_NOTE] = { "NOTE", .min = 10, .rank = 5 },
};

char *
age_text(char text[AGE_TEXT], int64_t then, int64_t now)
{
	static const struct {
		int64_t	seconds;
		char	unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	int64_t age = now > then ? now - then : 0;
	size_t i = 0;

	/* 47h says more than 1d */
	while (units[i].seconds > 1 && age < 2 * units[i].seconds)
		i++;
	(void)snprintf(text, AGE_TEXT, "%lld%c",
	    (long long)(age / units[i].seconds), units[i].unit);
	return text;
}

char *
time_text(char text[TIME_TEXT], int64_t t)
{
	time_t at = (time_t)t;
	struct tm tm;

	if (localtime_r(&at, &tm) == NULL ||
	    strftime(text, TIME_TEXT, "%Y-%m-%d %H:%M", &tm) == 0)
		(void)snprintf(text, TIME_TEXT, "?");
	return text;
}

static const struct gen_row *
row_of(const void *rows, size_t row)
{
	return &((const struct generations *)rows)->v[row];
}

static size_t
count(const void *rows)
{
	return ((const struct generations *)rows)->n;
}

static const char *
id(const void *rows, size_t row)
{
	return row_of(rows, row)->id;
}

static void
put_marks(char *buf, size_t cap, const struct gen_row *g)
{
	const char *marks[] = { g->in_place ? "in place" : "",
	    gen_mark_name(g->name.mark), g->name.pinned ? "pinned" : "" };
	size_t i, n = 0;

	for (i = 0; i < 3; i++)
		if (marks[i][0] != '\0')
			n += (size_t)snprintf(buf + n, cap - n, "%s%s",
			    n > 0 ? ", " : "", marks[i]);
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	const struct generations *gens = rows;
	const struct gen_row *g = row_of(rows, row);
	char text[UNITS_MAX];

	switch (column) {
	case COL_SIGN:
		(void)snprintf(c->text, sizeof(c->text), "%s", g->in_place ?
		    ">" : "");
		break;
	case COL_NUMBER:
		(void)snprintf(c->text, sizeof(c->text), "%s", g->id);
		break;
	case COL_AGE:
		(void)age_text(c->text, g->name.time, gens->now);
		break;
	case COL_CAME:
		(void)time_text(c->text, g->name.time);
		break;
	case COL_SIZE:
		(void)snprintf(c->text, sizeof(c->text), "%s",
		    units_format(text, g->allocated));
		break;
	case COL_WRITTEN:
		(void)time_text(c->text, g->written);
		break;
	case COL_MARKS:
		put_marks(c->text, sizeof(c->text), g);
		c->style = g->in_place ? STYLE_TITLE :
		    g->name.mark == GEN_BAD ? STYLE_ERROR :
		    g->name.mark == GEN_GOOD ? STYLE_OK : STYLE_NORMAL;
		break;
	default:
		(void)snprintf(c->text, sizeof(c->text), "%s", g->note);
	}
}

static int
less(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare(const void *rows, size_t row_a, size_t row_b, int column)
{
	const struct gen_row *a = row_of(rows, row_a);
	const struct gen_row *b = row_of(rows, row_b);

	switch (column) {
	case COL_AGE:
		return less(b->name.time, a->name.time);
	case COL_CAME:
		return less(a->name.time, b->name.time);
	case COL_SIZE:
		return less((int64_t)b->allocated, (int64_t)a->allocated);
	case COL_WRITTEN:
		return less(a->written, b->written);
	case COL_MARKS:
		return less(b->name.mark, a->name.mark);
	case COL_NOTE:
		return strcmp(a->note, b->note);
	default:
		return less(a->name.n, b->name.n);
	}
}

static bool
match(const void *rows, size_t row, const char *filter)
{
	const struct gen_row *g = row_of(rows, row);

	return strcasestr(g->note, filter) != NULL ||
	    strcmp(g->id, filter) == 0;
}

const struct list_source gen_rows = {
	.columns = columns, .ncolumns = COL_COUNT, .count = count, .id = id,
	.cell = cell, .compare = compare, .match = match,
};
