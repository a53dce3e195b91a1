/*
 * Line by line: common head and tail are cut off, what is left goes through
 * Myers' greedy algorithm ("An O(ND) difference algorithm", 1986) with a
 * bound on D.  The steps are kept as one row of end points for each D, from
 * which the edit is read backwards into two arrays of marks.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/linediff.h"

#define EDITS_MAX	1500	/* the rows take EDITS_MAX^2 / 2 numbers */

static uint64_t
hash_of(const char *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3ULL;
	return h;
}

int
lines_split(struct lines *t, const char *p, size_t len)
{
	const char *end, *nl, *at;
	size_t n = 0;

	/* an empty text may be a NULL, with which nobody may count */
	if (len == 0)
		p = "";
	end = p + len;

	for (at = p; at < end; at++)
		n += *at == '\n';
	if (len > 0 && end[-1] != '\n')
		n++;
	if ((t->v = calloc(n + 1, sizeof(*t->v))) == NULL)
		return -1;
	for (at = p; at < end; at = nl + 1) {
		struct line_of *l = &t->v[t->n++];

		nl = memchr(at, '\n', (size_t)(end - at));
		l->bare = nl == NULL;
		if (nl == NULL)
			nl = end;
		l->p = at;
		l->len = (size_t)(nl - at);
		l->hash = hash_of(at, l->len);
		if (l->bare)
			break;
	}
	return 0;
}

void
lines_dispose(struct lines *t)
{
	free(t->v);
	*t = (struct lines)LINES_INIT;
}

bool
lines_same(const struct line_of *a, const struct line_of *b)
{
	return a->hash == b->hash && a->len == b->len && a->bare == b->bare &&
	    memcmp(a->p, b->p, a->len) == 0;
}

static void
mark_all(struct lines *t, size_t from, size_t n)
{
	while (n-- > 0)
		t->v[from + n].marked = true;
}

/*
 * The rows of Myers' algorithm.  Row d has d + 1 end points, those on the
 * diagonals k = x - y = -d, -d + 2, ..., d: at[(k + d) / 2] is x.
 */
struct rows {
	long	*row[EDITS_MAX + 1];
	long	 n;			/* rows there are */
};

/* Does the step to diagonal k of row d come from above, that is, add a line
 * of b (else it removes one of a)? */
static bool
comes_down(const long *above, long d, long k)
{
	if (k == -d)
		return true;
	if (k == d)
		return false;
	/* above has row d - 1: diagonals k - 1 and k + 1 */
	return above[(k - 1 + d - 1) / 2] < above[(k + 1 + d - 1) / 2];
}

static long
step(const long *above, long d, long k)
{
	if (d == 0)
		return 0;
	if (comes_down(above, d, k))
		return above[(k + 1 + d - 1) / 2];
	return above[(k - 1 + d - 1) / 2] + 1;
}

/* 1: found, in r->n rows; 0: they differ too much; -1: no memory. */
static int
search(struct rows *r, const struct line_of *a, long na,
    const struct line_of *b, long nb)
{
	const long *above = NULL;
	long d, k, x, y;

	for (d = 0; d <= na + nb && d <= EDITS_MAX; d++) {
		long *row = calloc((size_t)d + 1, sizeof(*row));

		if (row == NULL)
			return -1;
		r->row[r->n++] = row;
		for (k = -d; k <= d; k += 2) {
			x = step(above, d, k);
			y = x - k;
			while (x < na && y < nb && y >= 0 &&
			    lines_same(&a[x], &b[y])) {
				x++;
				y++;
			}
			row[(k + d) / 2] = x;
			if (x >= na && y >= nb)
				return 1;
		}
		above = row;
	}
	return 0;
}

/* Walk back from the end, marking the lines that each step removes or adds.
 * A step beyond the last line of either side marks nothing: the greedy search
 * may leave the grid, the path found does not. */
static void
trace(const struct rows *r, struct line_of *a, long na, struct line_of *b,
    long nb)
{
	long d, k, x = na, y = nb;

	for (d = r->n - 1; d > 0; d--) {
		const long *above = r->row[d - 1];

		k = x - y;
		if (comes_down(above, d, k)) {
			x = above[(k + 1 + d - 1) / 2];
			y = x - (k + 1);
			if (y < nb)
				b[y].marked = true;
		} else {
			x = above[(k - 1 + d - 1) / 2];
			y = x - (k - 1);
			if (x < na)
				a[x].marked = true;
		}
	}
}

int
lines_compare(struct lines *a, struct lines *b)
{
	struct rows *r;
	size_t head = 0, na = a->n, nb = b->n;
	int found;

	while (head < na && head < nb && lines_same(&a->v[head], &b->v[head]))
		head++;
	while (na > head && nb > head &&
	    lines_same(&a->v[na - 1], &b->v[nb - 1])) {
		na--;
		nb--;
	}
	na -= head;
	nb -= head;
	if (na == 0 || nb == 0) {
		mark_all(a, head, na);
		mark_all(b, head, nb);
		return 0;
	}
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return -1;
	found = search(r, a->v + head, (long)na, b->v + head, (long)nb);
	if (found == 1)
		trace(r, a->v + head, (long)na, b->v + head, (long)nb);
	else {
		mark_all(a, head, na);
		mark_all(b, head, nb);
	}
	while (r->n > 0)
		free(r->row[--r->n]);
	free(r);
	return found == -1 ? -1 : 0;
}

bool
lines_next(const struct lines *a, const struct lines *b,
    struct lines_hunk *h)
{
	size_t i = h->a1, j = h->b1;

	while (i < a->n && j < b->n && !a->v[i].marked && !b->v[j].marked) {
		i++;
		j++;
	}
	*h = (struct lines_hunk){ .a0 = i, .b0 = j };
	while (i < a->n && a->v[i].marked)
		i++;
	while (j < b->n && b->v[j].marked)
		j++;
	h->a1 = i;
	h->b1 = j;
	return h->a0 < i || h->b0 < j;
}

/* The run before h, as lines_next the other way. */
static bool
previous(const struct lines *a, const struct lines *b, struct lines_hunk *h)
{
	size_t i = h->a0, j = h->b0;

	while (i > 0 && j > 0 && !a->v[i - 1].marked && !b->v[j - 1].marked) {
		i--;
		j--;
	}
	*h = (struct lines_hunk){ .a1 = i, .b1 = j };
	while (i > 0 && a->v[i - 1].marked)
		i--;
	while (j > 0 && b->v[j - 1].marked)
		j--;
	h->a0 = i;
	h->b0 = j;
	return i < h->a1 || j < h->b1;
}

/* Move the run from..to of t, beside which the other text has line beside and
 * nothing marked, down; it grows by those that it meets. */
static void
slide_down(struct lines *t, size_t from, size_t to, const struct lines *other,
    size_t beside)
{
	while (to < t->n && beside < other->n && !other->v[beside].marked &&
	    lines_same(&t->v[from], &t->v[to])) {
		t->v[from++].marked = false;
		t->v[to++].marked = true;
		beside++;
		while (to < t->n && t->v[to].marked)
			to++;
	}
}

void
lines_slide(struct lines *a, struct lines *b)
{
	struct lines_hunk h = { .a0 = a->n, .b0 = b->n };

	while (previous(a, b, &h))
		if (h.a0 == h.a1)
			slide_down(b, h.b0, h.b1, a, h.a0);
		else if (h.b0 == h.b1)
			slide_down(a, h.a0, h.a1, b, h.b0);
}
