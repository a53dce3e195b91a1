/*
 * Rules: edits of NetBSD's text files, text in, text out.
 *
 * A rule looks at a file line by line.  It knows how often what it looks for
 * must be there, and whether its work is done already; anything else is
 * ERR_RULE, naming file, line and rule, and nothing is changed.
 */
#ifndef DD_RECIPE_RULE_H
#define DD_RECIPE_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* A line, without its newline. */
struct line {
	const char	*text;		/* the whole: what is before p is behind */
	const char	*p;
	size_t		 len;
	unsigned	 number;	/* from 1 */
};

/* The next line of a text; *at starts at 0, line->number at 0.  False at the
 * end. */
bool	line_next(const char *text, size_t len, size_t *at, struct line *);
bool	line_is(const struct line *, const char *);
bool	line_has(const struct line *, const char *part);
bool	line_starts(const struct line *, const char *prefix);
/* Nothing but blanks, or a comment. */
bool	line_idle(const struct line *);
/* n-th word (from 0), split at blanks: its length, 0 where there is none. */
size_t	line_word(const struct line *, unsigned n, const char **word);

/* What a rule does with a line. */
enum verdict {
	LINE_KEEP,
	LINE_MATCH,		/* the thing looked for: edit() writes it */
	LINE_DONE,		/* the thing as the rule leaves it */
	LINE_WRONG		/* the thing, but not where or how it works */
};

struct rule {
	const char	*name;		/* "rc: source rc.pre-hooks" */
	const char	*looks_for;	/* for messages: "`. /etc/rc.subr'" */
	const char	*wrong;		/* and for LINE_WRONG; may be NULL */
	/* How often: min to max; max 0: any number.  A text in which the rule's
	 * work is done already stays as it is. */
	unsigned	 min, max;
	enum verdict	(*judge)(const struct line *, const void *arg);
	/* Append what stands instead of a matching line, newlines included;
	 * NULL: nothing does.  -1: out of memory. */
	int		(*edit)(struct buf *out, const struct line *,
			    const void *arg);
};

/* Apply to the text of a file; out is what it becomes.  arg goes to judge and
 * edit. */
int	rule_apply(const struct rule *, const void *arg, const char *file,
	    const char *text, size_t len, struct buf *out, struct dd_err *e);

#endif
