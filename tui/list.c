/*
 * The list widget.  `order` holds the rows that the filter lets through,
 * sorted; the source is asked for cells of visible rows only, except when the
 * natural widths of the columns are measured, once a change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/list_impl.h"

#define GAUGE_WIDE	5
#define GAUGE_NARROW	3

void
list_init(struct list *l, const struct list_source *source, bool utf8)
{
	*l = (struct list){ .source = source, .utf8 = utf8, .page = 1 };
}

void
list_dispose(struct list *l)
{
	list_unmark(l);
	free(l->order);
	free(l->sel_id);
	l->order = NULL;
	l->sel_id = NULL;
	l->n = 0;
	l->rows = NULL;
}

bool
list_selected(const struct list *l, size_t *row)
{
	if (l->sel >= l->n)
		return false;
	*row = l->order[l->sel];
	return true;
}

/* Remember who is selected, so that it is found again. */
static void
remember(struct list *l)
{
	size_t row;
	char *id;

	if (!list_selected(l, &row))
		return;
	if ((id = strdup(l->source->id(l->rows, row))) == NULL)
		return;
	free(l->sel_id);
	l->sel_id = id;
}

static void
find_again(struct list *l)
{
	size_t i;

	for (i = 0; l->sel_id != NULL && i < l->n; i++)
		if (strcmp(l->source->id(l->rows, l->order[i]),
		    l->sel_id) == 0) {
			l->sel = i;
			return;
		}
	/* Gone: what took its place is the nearest. */
	if (l->sel >= l->n)
		l->sel = l->n > 0 ? l->n - 1 : 0;
}

void
list_select(struct list *l, const char *id)
{
	char *copy = strdup(id);

	if (copy == NULL)
		return;
	free(l->sel_id);
	l->sel_id = copy;
	find_again(l);
}

void
list_go(struct list *l, size_t at)
{
	if (at >= l->n)
		return;
	l->sel = at;
	remember(l);
}

static int
compare(const struct list *l, size_t a, size_t b)
{
	int c = l->source->compare(l->rows, a, b, l->sort);

	return l->reverse ? -c : c;
}

/* Merge sort: stable, so a sort keeps the order of the one before. */
static void
sort(const struct list *l, size_t *v, size_t n, size_t *tmp)
{
	size_t half = n / 2, a = 0, b = half, i;

	if (n < 2)
		return;
	sort(l, v, half, tmp);
	sort(l, v + half, n - half, tmp);
	for (i = 0; i < n; i++)
		if (b >= n || (a < half && compare(l, v[a], v[b]) <= 0))
			tmp[i] = v[a++];
		else
			tmp[i] = v[b++];
	memcpy(v, tmp, n * sizeof(*v));
}

static struct list_cell
cell(const struct list *l, size_t row, int column)
{
	struct list_cell c = { .gauge = -1, .gauge_style = STYLE_OK };

	l->source->cell(l->rows, row, column, &c);
	return c;
}

/* Over all rows, so that columns stand still while a filter is typed. */
static void
measure(struct list *l)
{
	size_t i, count = l->rows == NULL ? 0 : l->source->count(l->rows);
	const struct list_column *columns = l->source->columns;
	struct list_cell c;
	int col, w;

	for (col = 0; col < l->source->ncolumns; col++)
		l->natural[col] = columns[col].spare ? 0 :
		    (int)strlen(columns[col].title);
	for (i = 0; i < count; i++)
		for (col = 0; col < l->source->ncolumns; col++) {
			c = cell(l, i, col);
			if (c.span)
				break;
			w = canvas_width(l->utf8, c.text);
			if (c.gauge >= 0)
				w += 1 + GAUGE_WIDE;
			if (w > l->natural[col])
				l->natural[col] = w;
		}
}

static int
reorder(struct list *l, struct dd_err *e)
{
	size_t count, i, *order = NULL, *tmp = NULL;
	int rc = -1;

	count = l->rows == NULL ? 0 : l->source->count(l->rows);
	l->n = 0;
	order = calloc(count + 1, sizeof(*order));
	tmp = calloc(count + 1, sizeof(*tmp));
	if (order == NULL || tmp == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	free(l->order);
	l->order = order;
	order = NULL;
	for (i = 0; i < count; i++)
		if (l->filter[0] == '\0' ||
		    l->source->match(l->rows, i, l->filter))
			l->order[l->n++] = i;
	sort(l, l->order, l->n, tmp);
	find_again(l);
	rc = 0;
out:
	free(order);
	free(tmp);
	return rc;
}

int
list_update(struct list *l, const void *rows, struct dd_err *e)
{
	l->rows = rows;
	list_drop_marks(l);
	measure(l);
	return reorder(l, e);
}

int
list_filter(struct list *l, const char *filter, struct dd_err *e)
{
	remember(l);
	(void)snprintf(l->filter, sizeof(l->filter), "%s", filter);
	return reorder(l, e);
}

int
list_sort_next(struct list *l, struct dd_err *e)
{
	remember(l);
	do
		l->sort = (l->sort + 1) % l->source->ncolumns;
	while (l->source->columns[l->sort].title[0] == '\0');
	l->reverse = false;
	return reorder(l, e);
}

int
list_sort_reverse(struct list *l, struct dd_err *e)
{
	remember(l);
	l->reverse = !l->reverse;
	return reorder(l, e);
}

int
list_sort_by(struct list *l, int column, struct dd_err *e)
{
	remember(l);
	l->reverse = column == l->sort && !l->reverse;
	l->sort = column;
	return reorder(l, e);
}

bool
list_command(struct list *l, enum cmd cmd)
{
	size_t last = l->n > 0 ? l->n - 1 : 0;
	size_t page = (size_t)l->page;

	switch (cmd) {
	case CMD_UP:
		l->sel -= l->sel > 0;
		break;
	case CMD_DOWN:
		l->sel += l->sel < last;
		break;
	case CMD_PAGE_UP:
		l->sel = l->sel > page ? l->sel - page : 0;
		break;
	case CMD_PAGE_DOWN:
		l->sel = last - l->sel > page ? l->sel + page : last;
		break;
	case CMD_HOME:
		l->sel = 0;
		break;
	case CMD_END:
		l->sel = last;
		break;
	default:
		return false;
	}
	remember(l);
	return true;
}

void
list_layout(struct list *l, int rows)
{
	size_t page;

	l->page = rows > 2 ? rows - 1 : 1;
	page = (size_t)l->page;
	if (l->sel < l->top)
		l->top = l->sel;
	if (l->sel >= l->top + page)
		l->top = l->sel - page + 1;
	/* No empty room below while rows are hidden above. */
	if (l->top > 0 && l->top + page > l->n)
		l->top = l->n > page ? l->n - page : 0;
}

/*
 * Share the width out: each column its minimum, the rest in order of rank up
 * to what fits their rows; those of the highest rank go first where even the
 * minimum does not fit.  A width of 0: not shown.
 */
static void
share(const struct list *l, int width, int w[LIST_COLUMNS])
{
	const struct list_column *c = l->source->columns;
	int i, rank, more, left = width + 1, worst, n = l->source->ncolumns;

	for (i = 0; i < n; i++) {
		w[i] = c[i].min;
		if (l->hidden[i] || (c[i].spare && l->natural[i] == 0))
			w[i] = 0;
		else
			left -= w[i] + 1;
	}
	while (left < 0) {
		worst = -1;
		for (i = 0; i < n; i++)
			if (w[i] > 0 && (worst == -1 ||
			    c[i].rank >= c[worst].rank))
				worst = i;
		if (worst == -1 || c[worst].rank == 0)
			break;
		left += w[worst] + 1;
		w[worst] = 0;
	}
	for (rank = 0; rank < n; rank++)
		for (i = 0; i < n; i++) {
			if (w[i] == 0 || c[i].rank != rank)
				continue;
			more = l->natural[i];
			if (c[i].max > 0 && more > c[i].max)
				more = c[i].max;
			more -= w[i];
			if (more > left)
				more = left;
			if (more > 0) {
				w[i] += more;
				left -= more;
			}
		}
}

static void
render_cell(const struct list *l, struct canvas *c, int y, int x, int width,
    const struct list_column *column, const struct list_cell *cell)
{
	int gauge = 0, room, pad;

	/* The wide gauge only where the text is not cut for it. */
	if (cell->gauge >= 0)
		gauge = canvas_width(l->utf8, cell->text) + 1 + GAUGE_WIDE <=
		    width ? GAUGE_WIDE : GAUGE_NARROW;
	room = gauge > 0 ? width - gauge - 1 : width;
	pad = column->right ? room - canvas_width(l->utf8, cell->text) : 0;
	if (pad < 0)
		pad = 0;
	(void)canvas_cut(c, y, x + pad, room - pad, cell->style, cell->cut,
	    cell->text);
	if (gauge > 0)
		canvas_gauge(c, y, x + width - gauge, gauge,
		    cell->gauge_style, (unsigned)cell->gauge);
}

static void
render_row(const struct list *l, struct canvas *c, int y, struct rect r,
    const int w[LIST_COLUMNS], size_t row)
{
	struct list_cell one;
	int col, x = r.x;

	for (col = 0; col < l->source->ncolumns; col++) {
		if (w[col] == 0)
			continue;
		one = cell(l, row, col);
		if (one.span) {
			(void)canvas_cut(c, y, x, r.x + r.cols - x, one.style,
			    one.cut, one.text);
			return;
		}
		render_cell(l, c, y, x, w[col], &l->source->columns[col],
		    &one);
		x += w[col] + 1;
	}
}

static void
render_heading(const struct list *l, struct canvas *c, struct rect r,
    const int w[LIST_COLUMNS])
{
	const struct list_column *column;
	int col, pad, x = r.x, n;

	for (col = 0; col < l->source->ncolumns; col++) {
		column = &l->source->columns[col];
		if (w[col] == 0)
			continue;
		n = (int)strlen(column->title);
		/* The arrow belongs to the title, and not into the gap. */
		pad = column->right ? w[col] - n - (col == l->sort) : 0;
		if (pad < 0)
			pad = 0;
		n = canvas_text(c, r.y, x + pad, w[col] - pad, STYLE_COLUMN,
		    column->title);
		if (col == l->sort)
			canvas_glyph(c, r.y, x + pad + n, STYLE_COLUMN,
			    l->reverse ? GLYPH_DOWN : GLYPH_UP);
		x += w[col] + 1;
	}
}

void
list_render(const struct list *l, struct canvas *c, struct rect r)
{
	int w[LIST_COLUMNS] = { 0 }, i;
	size_t at;

	/* Marks have a column of their own, where there are any. */
	if (l->nmarked > 0) {
		r.x += 2;
		r.cols -= 2;
	}
	share(l, r.cols, w);
	render_heading(l, c, r, w);
	for (i = 0; i < l->page && i + 1 < r.rows; i++) {
		at = l->top + (size_t)i;
		if (at >= l->n)
			break;
		render_row(l, c, r.y + 1 + i, r, w, l->order[at]);
		if (r.y + 1 + i < c->rows)
			c->hits[r.y + 1 + i] = (struct canvas_hit){ l, at };
		if (l->nmarked > 0 && list_is_marked(l, l->order[at]))
			(void)canvas_text(c, r.y + 1 + i, r.x - 2, 1,
			    STYLE_KEY, "*");
		if (at == l->sel && !l->unmarked) {
			canvas_select(c, (struct rect){ r.y + 1 + i, r.x,
			    1, r.cols });
			c->cursor_y = r.y + 1 + i;
			c->cursor_x = r.x;
		}
	}
}
