/* The rows of the history: a job each, and what its columns say. */
#include <stdio.h>
#include <string.h>

#include "tui/generations.h"
#include "tui/history.h"
#include "tui/views.h"

enum { COL_NUMBER = HIST_SORT_NUMBER, COL_WHEN, COL_OUTCOME, COL_WHAT,
	COL_GENERATIONS, COL_WHO, COL_MESSAGE, COL_COUNT };

static const struct list_column columns[COL_COUNT] = {
	[COL_NUMBER] = { "JOB", .min = 5, .max = 9, .rank = 3,
	    .right = true },
	[COL_WHEN] = { "WHEN", .min = 16, .max = 16, .rank = 1 },
	[COL_OUTCOME] = { "OUTCOME", .min = 9, .max = 9, .rank = 0 },
	[COL_WHAT] = { "WHAT", .min = 12, .max = 40, .rank = 0 },
	[COL_GENERATIONS] = { "GENERATION", .min = 11, .max = 16,
	    .rank = 2 },
	[COL_WHO] = { "WHO", .min = 8, .max = 20, .rank = 4 },
	[COL_MESSAGE] = { "MESSAGE", .min = 12, .rank = 5 },
};

static const struct hist_row *
row_of(const void *rows, size_t row)
{
	return &((const struct history *)rows)->v[row];
}

static size_t
count(const void *rows)
{
	return ((const struct history *)rows)->n;
}

static const char *
id(const void *rows, size_t row)
{
	return row_of(rows, row)->id;
}

void
hist_what(const struct hist_row *r, char *buf, size_t cap)
{
	(void)snprintf(buf, cap, "%s of %s", r->action, r->domu[0] != '\0' ?
	    r->domu : base_name(r->image));
}

void
hist_generations(const struct hist_row *r, char *buf, size_t cap)
{
	buf[0] = '\0';
	if (r->from != 0 && r->to != 0)
		(void)snprintf(buf, cap, "%u -> %u", r->from, r->to);
	else if (r->from != 0 || r->to != 0)
		(void)snprintf(buf, cap, "%u", r->from != 0 ? r->from :
		    r->to);
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	const struct hist_row *r = row_of(rows, row);
	const char *text = NULL;

	switch (column) {
	case COL_NUMBER:
		text = r->id;
		break;
	case COL_WHEN:
		(void)time_text(c->text, r->started);
		break;
	case COL_OUTCOME:
		text = r->outcome;
		c->style = r->style;
		break;
	case COL_WHAT:
		hist_what(r, c->text, sizeof(c->text));
		break;
	case COL_GENERATIONS:
		hist_generations(r, c->text, sizeof(c->text));
		break;
	case COL_WHO:
		text = r->who;
		break;
	default:
		text = r->message;
	}
	if (text != NULL)
		(void)snprintf(c->text, sizeof(c->text), "%s", text);
}

static int
compare(const void *rows, size_t row_a, size_t row_b, int column)
{
	const struct hist_row *a = row_of(rows, row_a);
	const struct hist_row *b = row_of(rows, row_b);

	switch (column) {
	case COL_OUTCOME:
		return strcmp(a->outcome, b->outcome);
	case COL_WHAT:
		return strcmp(a->action, b->action);
	case COL_WHO:
		return strcmp(a->who, b->who);
	case COL_MESSAGE:
		return strcmp(a->message, b->message);
	default:
		return (a->number > b->number) - (a->number < b->number);
	}
}

static bool
match(const void *rows, size_t row, const char *filter)
{
	const struct hist_row *r = row_of(rows, row);
	const char *in[] = { r->who, r->domu, r->image, r->command,
	    r->message, r->outcome };
	size_t i;

	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		if (strcasestr(in[i], filter) != NULL)
			return true;
	return false;
}

const struct list_source hist_rows = {
	.columns = columns, .ncolumns = COL_COUNT, .count = count, .id = id,
	.cell = cell, .compare = compare, .match = match,
};
