/*
 * Three-way merge: the runs of lines that each side changed are gone through
 * in the order of base.  Runs of both sides that overlap or touch each other
 * make one region, which is a conflict unless both made the same of it.
 */
#include <string.h>

#include "core/base/linediff.h"
#include "core/base/merge3.h"

/* One side, and how it differs from its own copy of base. */
struct side {
	struct lines		 base, text;
	struct lines_hunk	 next;		/* run that is due */
	bool			 more;		/* there is one */
	/* of the region that is made up */
	bool			 changed;
	size_t			 first, last;	/* its lines in text */
	/* line base_at of base stands at line text_at of text */
	size_t			 base_at, text_at;
};

#define SIDE_INIT	{ .base = LINES_INIT, .text = LINES_INIT }

static void
dispose(struct side *s)
{
	lines_dispose(&s->base);
	lines_dispose(&s->text);
}

static int
compare(struct side *s, const char *base, size_t baselen, const char *text,
    size_t len)
{
	if (lines_split(&s->base, base, baselen) == -1 ||
	    lines_split(&s->text, text, len) == -1 ||
	    lines_compare(&s->base, &s->text) == -1)
		return -1;
	lines_slide(&s->base, &s->text);
	s->more = lines_next(&s->base, &s->text, &s->next);
	return 0;
}

/* Take the run that is due into the region that ends at *end. */
static void
absorb(struct side *s, size_t *end)
{
	s->changed = true;
	s->base_at = s->next.a1;
	s->text_at = s->next.b1;
	if (s->next.a1 > *end)
		*end = s->next.a1;
	s->more = lines_next(&s->base, &s->text, &s->next);
}

/* The line of text that stands where base's line does, which is not changed
 * or the first of a run. */
static size_t
line_at(const struct side *s, size_t base)
{
	return s->text_at + (base - s->base_at);
}

/* The next region of base, from *start to *end, and each side's lines of it.
 * false: there is none. */
static bool
next_region(struct side *a, struct side *b, size_t *start, size_t *end)
{
	struct side *const sides[] = { a, b };
	bool grew = true;
	size_t i;

	if (!a->more && !b->more)
		return false;
	*start = !b->more || (a->more && a->next.a0 < b->next.a0) ?
	    a->next.a0 : b->next.a0;
	*end = *start;
	for (i = 0; i < 2; i++) {
		sides[i]->changed = false;
		sides[i]->first = line_at(sides[i], *start);
	}
	while (grew) {
		grew = false;
		for (i = 0; i < 2; i++)
			if (sides[i]->more && sides[i]->next.a0 <= *end) {
				absorb(sides[i], end);
				grew = true;
			}
	}
	for (i = 0; i < 2; i++)
		sides[i]->last = line_at(sides[i], *end);
	return true;
}

static void
put(struct buf *out, const struct lines *t, size_t from, size_t to)
{
	for (; from < to; from++) {
		(void)buf_add(out, t->v[from].p, t->v[from].len);
		if (!t->v[from].bare)
			(void)buf_add(out, "\n", 1);
	}
}

static bool
same_region(const struct side *a, const struct side *b)
{
	size_t i, n = a->last - a->first;

	if (b->last - b->first != n)
		return false;
	for (i = 0; i < n; i++)
		if (!lines_same(&a->text.v[a->first + i],
		    &b->text.v[b->first + i]))
			return false;
	return true;
}

static void
merge(struct side *ours, struct side *theirs, struct buf *out,
    unsigned *conflicts, size_t *line)
{
	size_t at = 0, start, end;

	*line = ours->next.b0 + 1;
	while (next_region(ours, theirs, &start, &end)) {
		put(out, &ours->base, at, start);
		at = end;
		if (!theirs->changed || same_region(ours, theirs))
			put(out, &ours->text, ours->first, ours->last);
		else if (!ours->changed)
			put(out, &theirs->text, theirs->first, theirs->last);
		else if ((*conflicts)++ == 0)
			*line = ours->first + 1;
	}
	put(out, &ours->base, at, ours->base.n);
}

/* Seen from theirs, does ours differ only where theirs left base as it was?
 * Then ours has all that theirs changed. */
static int
is_contained(const char *base, size_t baselen, const char *ours,
    size_t ourslen, const char *theirs, size_t theirslen, bool *yes)
{
	struct side a = SIDE_INIT, b = SIDE_INIT;
	size_t start, end;
	int rc = -1;

	if (compare(&a, theirs, theirslen, ours, ourslen) == 0 &&
	    compare(&b, theirs, theirslen, base, baselen) == 0) {
		*yes = true;
		while (*yes && next_region(&a, &b, &start, &end))
			*yes = !a.changed || !b.changed;
		rc = 0;
	}
	dispose(&a);
	dispose(&b);
	return rc;
}

/* out is empty, or gets lost. */
static int
merge_once(const char *base, size_t baselen, const char *ours,
    size_t ourslen, const char *theirs, size_t theirslen, struct buf *out,
    unsigned *conflicts, size_t *line)
{
	struct side a = SIDE_INIT, b = SIDE_INIT;
	bool contained;
	int rc = -1;

	*conflicts = 0;
	*line = 0;
	if (buf_add(out, "", 0) == -1 ||
	    compare(&a, base, baselen, ours, ourslen) == -1 ||
	    compare(&b, base, baselen, theirs, theirslen) == -1)
		goto out;
	merge(&a, &b, out, conflicts, line);
	if (*conflicts > 0) {
		if (is_contained(base, baselen, ours, ourslen, theirs,
		    theirslen, &contained) == -1)
			goto out;
		if (contained) {
			*conflicts = 0;
			buf_reset(out);
			(void)buf_add(out, ourslen > 0 ? ours : "", ourslen);
		}
	}
	rc = out->failed ? -1 : 0;
out:
	dispose(&a);
	dispose(&b);
	return rc;
}

/* Among lines that repeat, a change may have found another place than it was
 * made in.  Then what was made does not show it and would get it again: that
 * is found by doing so. */
int
merge3(const char *base, size_t baselen, const char *ours, size_t ourslen,
    const char *theirs, size_t theirslen, struct buf *out,
    unsigned *conflicts, size_t *line)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	unsigned more;
	size_t ignored;
	int rc = -1;

	if (merge_once(base, baselen, ours, ourslen, theirs, theirslen, &once,
	    conflicts, line) == -1)
		goto out;
	if (*conflicts == 0) {
		if (merge_once(base, baselen, once.p, once.len, theirs,
		    theirslen, &twice, &more, &ignored) == -1)
			goto out;
		*conflicts = more > 0 || twice.len != once.len ||
		    memcmp(twice.p, once.p, once.len) != 0;
	}
	rc = buf_add(out, once.p, once.len);
out:
	buf_dispose(&once);
	buf_dispose(&twice);
	return rc;
}
