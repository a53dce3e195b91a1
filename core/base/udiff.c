/* Unified diff: hunks are made from the marks of linediff.h. */
#include <string.h>

#include "core/base/linediff.h"
#include "core/base/udiff.h"
#include "core/base/vis.h"

#define CONTEXT		3

static void
put_line(struct buf *out, char sign, const struct line_of *l)
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
end_of_hunk(const struct lines *a, const struct lines *b, size_t *i, size_t *j)
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
put_hunk(struct buf *out, const struct lines *a, size_t a0, size_t a1,
    const struct lines *b, size_t b0, size_t b1)
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
	struct lines ta = LINES_INIT, tb = LINES_INIT;
	size_t i = 0, j = 0, i1, j1;
	bool any = false;
	int rc = -1;

	if (lines_split(&ta, a, alen) == -1 ||
	    lines_split(&tb, b, blen) == -1 ||
	    lines_compare(&ta, &tb) == -1)
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
	lines_dispose(&ta);
	lines_dispose(&tb);
	return rc;
}

bool
udiff_is_text(const char *p, size_t len)
{
	return memchr(p, '\0', len < 8192 ? len : 8192) == NULL;
}
