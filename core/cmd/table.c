/* Tables that fit the terminal; see table.h. */
#include <sys/ioctl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/units.h"
#include "core/base/width.h"
#include "core/cmd/table.h"

#define GAP		2
#define SHRINK_TO	8

static size_t
terminal_width(void)
{
	const char *columns_env = getenv("COLUMNS");
	struct dd_err ignored = DD_ERR_INIT;
	struct winsize ws;
	uint64_t n;

	if (columns_env != NULL && units_number(columns_env, 20, 10000,
	    "COLUMNS", &n, &ignored) == 0)
		return (size_t)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col >= 20)
		return ws.ws_col;
	return 80;
}

int
table_init(struct table *t, const struct table_column *columns,
    size_t ncolumns, size_t nrows, struct dd_err *e)
{
	*t = (struct table){ .columns = columns, .ncolumns = ncolumns,
	    .nrows = nrows };
	t->cells = calloc(nrows * ncolumns + 1, sizeof(*t->cells));
	return t->cells == NULL ? dd_fail_nomem(e) : 0;
}

void
table_dispose(struct table *t)
{
	size_t i;

	for (i = 0; t->cells != NULL && i < t->nrows * t->ncolumns; i++)
		free(t->cells[i].text);
	free(t->cells);
	t->cells = NULL;
}

struct table_cell *
table_cell(const struct table *t, size_t row, size_t column)
{
	return &t->cells[row * t->ncolumns + column];
}

int
table_set(const struct table *t, size_t row, size_t column,
    const char *text, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	fleet_out_text(&b, text);
	table_cell(t, row, column)->text = buf_steal(&b);
	return table_cell(t, row, column)->text == NULL ? dd_fail_nomem(e) :
	    0;
}

/* The columns that a cell would like to have. */
static size_t
natural(const struct table_cell *c)
{
	size_t tail = strlen(c->tail);

	return width_of(c->text) + (tail > 0 ? tail + 1 : 0);
}

/* 0: not shown. */
static size_t
natural_column(const struct table *t, size_t c)
{
	const size_t title = strlen(t->columns[c].title);
	size_t i, n, most = t->columns[c].spare ? 0 : title;

	for (i = 0; i < t->nrows; i++)
		if ((n = natural(table_cell(t, i, c))) > most)
			most = n;
	return most > 0 && most < title ? title : most;
}

void
table_measure(struct table *t)
{
	const size_t width = terminal_width();
	size_t c, widest, total = 0;

	for (c = 0; c < t->ncolumns; c++) {
		t->width[c] = natural_column(t, c);
		total += t->width[c] + (t->width[c] > 0 && c > 0 ? GAP : 0);
	}
	while (total > width) {
		widest = t->ncolumns;
		for (c = 0; c < t->ncolumns; c++)
			if (t->columns[c].shrinks && t->width[c] > SHRINK_TO &&
			    (widest == t->ncolumns ||
			    t->width[c] > t->width[widest]))
				widest = c;
		if (widest == t->ncolumns)
			break;
		t->width[widest]--;
		total--;
	}
	if (total < width)
		t->width[t->ncolumns - 1] += width - total;
}

void
table_put_text(struct buf *b, const char *text, size_t width)
{
	size_t used, n = width_fit(text, width, &used);

	if (text[n] != '\0' && width > 0)
		n = width_fit(text, width - 1, &used);
	(void)buf_add(b, text, n);
	if (text[n] != '\0' && width > 0) {
		(void)buf_str(b, "~");
		used++;
	}
	(void)buf_printf(b, "%*s", (int)(width - used), "");
}

static void
put_cell(struct buf *b, const struct table_cell *c, size_t width)
{
	size_t tail = strlen(c->tail);

	if (tail > 0 && tail + 1 < width) {
		table_put_text(b, c->text, width - tail - 1);
		(void)buf_printf(b, " %s", c->tail);
	} else
		table_put_text(b, c->text, width);
}

void
table_put_cells(struct buf *b, const struct table *t, size_t row, size_t from,
    size_t to)
{
	size_t c;

	for (c = from; c < to; c++)
		if (t->width[c] > 0) {
			put_cell(b, table_cell(t, row, c), t->width[c]);
			(void)buf_printf(b, "%*s", GAP, "");
		}
}

void
table_end_line(struct buf *b)
{
	while (b->len > 0 && b->p[b->len - 1] == ' ')
		b->len--;
	(void)buf_str(b, "\n");
}

void
table_put_titles(struct buf *b, const struct table *t)
{
	size_t c;

	for (c = 0; c < t->ncolumns; c++)
		if (t->width[c] > 0)
			(void)buf_printf(b, "%-*s%*s", (int)t->width[c],
			    t->columns[c].title, GAP, "");
	table_end_line(b);
}
