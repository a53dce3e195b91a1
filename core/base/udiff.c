/*
 * Unified diff: common head and tail are cut off, what is left goes through
 * Myers' greedy algorithm ("An O(ND) difference algorithm", 1986) with a
 * bound on D.  The steps are kept as one row of end points for each D, from
 * which the edit is read backwards into two arrays of marks; hunks are made
 * from the marks.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/udiff.h"
#include "core/base/vis.h"

#define CONTEXT		3
#define EDITS_MAX	1500	/* the rows take EDITS_MAX^2 / 2 numbers */

struct line {
	const char	*p;
	size_t		 len;	/* without newline */
	uint64_t	 hash;
	bool		 bare;	/* last line, has no newline */
	bool		 marked;/* removed, or added */
};

struct text {
	struct line	*v;
	size_t		 n;
};

static uint64_t
hash_of(const char *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3ULL;
	return h;
}

static int
split(struct text *t, const char *p, size_t len)
{
	const char *end = p + len, *nl, *at;
	size_t n = 0;

	for (at = p; at < end; at++)
		n += *at == '\n';
	if (len > 0 && end[-1] != '\n')
		n++;
	if ((t->v = calloc(n + 1, sizeof(*t->v))) == NULL)
		return -1;
	for (at = p; at < end; at = nl + 1) {
		struct line *l = &t->v[t->n++];

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

static bool
same(const struct line *a, const struct line *b)
{
	return a->hash == b->hash && a->len == b->len && a->bare == b->bare &&
	    memcmp(a->p, b->p, a->len) == 0;
}

static void
mark_all(struct text *t, size_t from, size_t n)
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
search(struct rows *r, const struct line *a, long na, const struct line *b,
    long nb)
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
			    same(&a[x], &b[y])) {
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
trace(const struct rows *r, struct line *a, long na, struct line *b, long nb)
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

static int
compare(struct text *a, struct text *b)
{
	struct rows *r;
	size_t head = 0, na = a->n, nb = b->n;
	int found;

	while (head < na && head < nb && same(&a->v[head], &b->v[head]))
		head++;
	while (na > head && nb > head && same(&a->v[na - 1], &b->v[nb - 1])) {
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

static void
put_line(struct buf *out, char sign, const struct line *l)
{
	const char *at = l->p, *end = l->p + l->len, *tab;

	(void)buf_add(out, &sign, 1);
	for (;;) {
		tab = memchr(at, '\t', (size_t)(end - at));
		(void)vis_buf(out, at, (size_t)((tab != NULL ? tab : end) -
		    at));
		if (tab == NULL)
			break;
		(void)buf_str(out, "\t");
		at = tab + 1;
	}
	(void)buf_str(out, "\n");
	if (l->bare)
		(void)buf_str(out, "\\ No newline at end of file\n");
}

/* "12,3", or "12" for one line; none at all: the line before. */
static void
put_range(struct buf *out, size_t from, size_t n)
{
	(void)buf_printf(out, "%zu", n == 0 ? from : from + 1);
	if (n != 1)
		(void)buf_printf(out, ",%zu", n);
}

/* The end of the run of changes at i, j, where changes that are at most
 * 2 * CONTEXT equal lines apart count as one. */
static void
end_of_hunk(const struct text *a, const struct text *b, size_t *i, size_t *j)
{
	size_t x = *i, y = *j, equal = 0;

	while (x < a->n || y < b->n) {
		if (x < a->n && a->v[x].marked) {
			x++;
			equal = 0;
		} else if (y < b->n && b->v[y].marked) {
			y++;
			equal = 0;
		} else {
			if (++equal > 2 * CONTEXT)
				break;
			x++;
			y++;
			continue;
		}
		*i = x;
		*j = y;
	}
}

static void
put_hunk(struct buf *out, const struct text *a, size_t a0, size_t a1,
    const struct text *b, size_t b0, size_t b1)
{
	size_t before = a0 < CONTEXT ? a0 : CONTEXT;
	size_t after = a->n - a1 < CONTEXT ? a->n - a1 : CONTEXT;

	a0 -= before;
	b0 -= before;
	a1 += after;
	b1 += after;
	(void)buf_str(out, "@@ -");
	put_range(out, a0, a1 - a0);
	(void)buf_str(out, " +");
	put_range(out, b0, b1 - b0);
	(void)buf_str(out, " @@\n");
	while (a0 < a1 || b0 < b1) {
		if (a0 < a1 && a->v[a0].marked)
			put_line(out, '-', &a->v[a0++]);
		else if (b0 < b1 && b->v[b0].marked)
			put_line(out, '+', &b->v[b0++]);
		else {
			put_line(out, ' ', &a->v[a0++]);
			b0++;
		}
	}
}

static void
put_name(struct buf *out, const char *sign, const char *name)
{
	(void)buf_str(out, sign);
	(void)vis_buf(out, name, strlen(name));
	(void)buf_str(out, "\n");
}

int
udiff(struct buf *out, const char *aname, const char *a, size_t alen,
    const char *bname, const char *b, size_t blen)
{
	struct text ta = { .v = NULL }, tb = { .v = NULL };
	size_t i = 0, j = 0, i1, j1;
	bool any = false;
	int rc = -1;

	if (split(&ta, a, alen) == -1 || split(&tb, b, blen) == -1 ||
	    compare(&ta, &tb) == -1)
		goto out;
	while (i < ta.n || j < tb.n) {
		if (!(i < ta.n && ta.v[i].marked) &&
		    !(j < tb.n && tb.v[j].marked)) {
			i++;
			j++;
			continue;
		}
		if (!any) {
			put_name(out, "--- ", aname);
			put_name(out, "+++ ", bname);
			any = true;
		}
		i1 = i;
		j1 = j;
		end_of_hunk(&ta, &tb, &i1, &j1);
		put_hunk(out, &ta, i, i1, &tb, j, j1);
		i = i1;
		j = j1;
	}
	rc = out->failed ? -1 : 0;
out:
	free(ta.v);
	free(tb.v);
	return rc;
}

bool
udiff_is_text(const char *p, size_t len)
{
	return memchr(p, '\0', len < 8192 ? len : 8192) == NULL;
}
