/*
 * Which lines make one text into another: Myers' algorithm, for the diffs that
 * are shown (udiff.h) and for merges (merge3.h).
 */
#ifndef DD_BASE_LINEDIFF_H
#define DD_BASE_LINEDIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_of {
	const char	*p;		/* in the text that was split */
	size_t		 len;		/* without newline */
	uint64_t	 hash;
	bool		 bare;		/* last line, has no newline */
	bool		 marked;	/* is not in the other text */
};

/* Starts as LINES_INIT; dispose is idempotent. */
struct lines {
	struct line_of	*v;
	size_t		 n;
};

#define LINES_INIT	{ .v = NULL }

/* Split a text, which must live as long.  -1: no memory. */
int	lines_split(struct lines *, const char *, size_t);
void	lines_dispose(struct lines *);
/* A line without its newline is another than one with it. */
bool	lines_same(const struct line_of *, const struct line_of *);

/*
 * Mark the lines of a that b has not, and those of b that a has not; what is
 * not marked is equal, line by line, in the same order.  Both are as
 * lines_split left them.  Time and memory are bounded: where texts
 * differ too much, all between their common head and tail is marked.
 * -1: no memory.
 */
int	lines_compare(struct lines *a, struct lines *b);

/* Move runs that only add lines, or only remove some, as far down as the same
 * change can be said: so two texts that had it made to them are marked alike,
 * whatever else was changed. */
void	lines_slide(struct lines *a, struct lines *b);

/* A run of marked lines: a0 to a1 of a became b0 to b1 of b. */
struct lines_hunk {
	size_t	a0, a1, b0, b1;		/* from 0; a1 and b1 not included */
};

/* The next run after h, which starts as all zeros.  Between two runs there is
 * at least one equal line.  false: there is none. */
bool	lines_next(const struct lines *a, const struct lines *b,
	    struct lines_hunk *h);

#endif
