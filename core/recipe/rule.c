/* Rules; see rule.h. */
#include <string.h>

#include "core/recipe/rule.h"

bool
line_next(const char *text, size_t len, size_t *at, struct line *l)
{
	const char *nl;

	if (*at >= len)
		return false;
	l->text = text;
	l->p = text + *at;
	nl = memchr(l->p, '\n', len - *at);
	l->len = nl != NULL ? (size_t)(nl - l->p) : len - *at;
	l->number++;
	*at += l->len + 1;
	return true;
}

bool
line_is(const struct line *l, const char *s)
{
	return strlen(s) == l->len && memcmp(l->p, s, l->len) == 0;
}

bool
line_starts(const struct line *l, const char *s)
{
	size_t n = strlen(s);

	return n <= l->len && memcmp(l->p, s, n) == 0;
}

bool
line_has(const struct line *l, const char *s)
{
	size_t i, n = strlen(s);

	for (i = 0; i + n <= l->len; i++)
		if (memcmp(l->p + i, s, n) == 0)
			return true;
	return false;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t
line_word(const struct line *l, unsigned n, const char **word)
{
	size_t i = 0, start;

	for (;;) {
		while (i < l->len && blank(l->p[i]))
			i++;
		start = i;
		while (i < l->len && !blank(l->p[i]))
			i++;
		if (n-- == 0 || start == i) {
			*word = l->p + start;
			return i - start;
		}
	}
}

bool
line_idle(const struct line *l)
{
	size_t i = 0;

	while (i < l->len && blank(l->p[i]))
		i++;
	return i == l->len || l->p[i] == '#';
}

struct tally {
	unsigned	n;
	unsigned	line;		/* of the last one */
};

static int
refuse(struct dd_err *e)
{
	return dd_hint(e, "nothing was changed; the file does not look as any "
	    "known release has it");
}

static int
refuse_number(const struct rule *r, const char *file, const char *what,
    const struct tally *t, struct dd_err *e)
{
	if (t->n == 0)
		(void)dd_fail(e, ERR_RULE, "%s: %s is not there (rule: %s)",
		    file, what, r->name);
	else
		(void)dd_fail(e, ERR_RULE, "%s: line %u: %s is there %s often "
		    "(rule: %s)", file, t->line, what, t->n < r->min ?
		    "not" : "too", r->name);
	return refuse(e);
}

/* Judge each line.  It stops where there is one too many, so a judge that
 * looks at the lines behind it does so a few times only. */
static int
survey(const struct rule *r, const void *arg, const char *file,
    const char *text, size_t len, struct tally *match, struct tally *done,
    struct dd_err *e)
{
	struct line l = { .number = 0 };
	struct tally *t;
	size_t at = 0;

	while (line_next(text, len, &at, &l)) {
		switch (r->judge(&l, arg)) {
		case LINE_KEEP:
			continue;
		case LINE_WRONG:
			(void)dd_fail(e, ERR_RULE, "%s: line %u: %s (rule: "
			    "%s)", file, l.number, r->wrong, r->name);
			return refuse(e);
		case LINE_DONE:
			t = done;
			break;
		case LINE_MATCH:
		default:
			t = match;
			break;
		}
		t->line = l.number;
		if (++t->n > r->max && r->max != 0)
			return refuse_number(r, file, t == done ? "what the "
			    "rule makes" : r->looks_for, t, e);
	}
	if (done->n == 0 && match->n < r->min)
		return refuse_number(r, file, r->looks_for, match, e);
	return 0;
}

int
rule_apply(const struct rule *r, const void *arg, const char *file,
    const char *text, size_t len, struct buf *out, struct dd_err *e)
{
	struct tally match = { 0, 0 }, done = { 0, 0 };
	struct line l = { .number = 0 };
	size_t at = 0;
	int rc = 0;

	if (survey(r, arg, file, text, len, &match, &done, e) == -1)
		return -1;
	while (line_next(text, len, &at, &l)) {
		if (done.n > 0 || r->judge(&l, arg) != LINE_MATCH)
			/* the last line may lack its newline */
			rc |= buf_add(out, l.p, l.len + (at <= len));
		else if (r->edit != NULL)
			rc |= r->edit(out, &l, arg);
	}
	/* an empty text is a text */
	rc |= buf_add(out, "", 0);
	return rc == 0 ? 0 : dd_fail_nomem(e);
}
