/* The pager widget; see pager.h. */
#include <stdio.h>

#include "tui/pager.h"

#define SIDE_STEP	8

void
pager_init(struct pager *p, bool utf8)
{
	*p = (struct pager){ .text = TEXT_INIT(utf8), .rows = 1 };
}

void
pager_dispose(struct pager *p)
{
	text_dispose(&p->text);
}

static size_t
last_top(const struct pager *p)
{
	size_t rows = (size_t)p->rows;

	return p->text.nlines > rows ? p->text.nlines - rows : 0;
}

void
pager_layout(struct pager *p, int rows, int cols)
{
	p->rows = rows > 0 ? rows : 1;
	p->cols = cols;
	p->columns = text_columns(&p->text);
	if (p->top > last_top(p))
		p->top = last_top(p);
	if (p->columns <= cols)
		p->left = 0;
}

void
pager_render(const struct pager *p, struct canvas *c, struct rect r)
{
	int i;

	for (i = 0; i < r.rows; i++)
		text_draw(&p->text, p->top + (size_t)i, c, r.y + i, r.x,
		    r.cols, p->left, p->search);
}

void
pager_where(const struct pager *p, char buf[PAGER_WHERE])
{
	buf[0] = '\0';
	if (p->text.nlines > (size_t)p->rows)
		(void)snprintf(buf, PAGER_WHERE, "%zu-%zu of %zu", p->top + 1,
		    p->top + (size_t)p->rows, p->text.nlines);
}

bool
pager_command(struct pager *p, enum cmd cmd)
{
	size_t page = (size_t)p->rows, last = last_top(p);
	int left = p->left;

	switch (cmd) {
	case CMD_UP:
		p->top -= p->top > 0;
		break;
	case CMD_DOWN:
		p->top += p->top < last;
		break;
	case CMD_PAGE_UP:
		p->top = p->top > page ? p->top - page : 0;
		break;
	case CMD_PAGE_DOWN:
		p->top = p->top + page < last ? p->top + page : last;
		break;
	case CMD_HOME:
		p->top = 0;
		p->left = 0;
		break;
	case CMD_END:
		p->top = last;
		break;
	case CMD_LEFT:
		if (left == 0)
			return false;
		p->left = left > SIDE_STEP ? left - SIDE_STEP : 0;
		break;
	case CMD_RIGHT:
		if (left + p->cols < p->columns)
			p->left = left + SIDE_STEP;
		break;
	default:
		return false;
	}
	return true;
}

bool
pager_find(struct pager *p, int direction, bool again)
{
	size_t i, n = p->text.nlines, line = again ? p->found : p->top;

	if (p->search[0] == '\0')
		return false;
	for (i = 0; i < n; i++) {
		if (again || i > 0)
			line = (line + (direction > 0 ? 1 : n - 1)) % n;
		if (!text_has(&p->text, line, p->search))
			continue;
		p->found = line;
		if (line < p->top || line >= p->top + (size_t)p->rows)
			p->top = line < last_top(p) ? line : last_top(p);
		return true;
	}
	return false;
}
