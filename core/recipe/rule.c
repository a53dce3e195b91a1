/* Rules; see rule.h. */
#include <string.h>

#include "core/recipe/rule.h"

bool
line_next(const char *text, size_t len, size_t *at, struct line *l)
{
	const char *nl;

	if (*at >= len)
		return false;
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

struct tally {
	unsigned	n;
	unsigned	line;		/* of the last one */
};

static struct tally
count(const struct rule *r, const void *arg, const char *text, size_t len,
    enum verdict what)
{
	struct tally t = { 0, 0 };
	struct line l = { .number = 0 };
	size_t at = 0;

	while (line_next(text, len, &at, &l))
		if (r->judge(&l, arg) == what) {
			t.n++;
			t.line = l.number;
		}
	return t;
}

static int
refuse(const struct rule *r, const char *file, const char *what,
    const struct tally *t, struct dd_err *e)
{
	if (t->n == 0)
		(void)dd_fail(e, ERR_RULE, "%s: %s is not there (rule: %s)",
		    file, what, r->name);
	else
		(void)dd_fail(e, ERR_RULE, "%s: line %u: %s is there %u times, "
		    "expected %u (rule: %s)", file, t->line, what, t->n,
		    r->max, r->name);
	return dd_hint(e, "nothing was changed; the file does not look as any "
	    "known release has it");
}

int
rule_apply(const struct rule *r, const void *arg, const char *file,
    const char *text, size_t len, struct buf *out, struct dd_err *e)
{
	struct tally t = count(r, arg, text, len, LINE_DONE);
	bool done = t.n > 0;
	struct line l = { .number = 0 };
	size_t at = 0;
	int rc = 0;

	if (done && r->max != 0 && t.n > r->max)
		return refuse(r, file, "what the rule makes", &t, e);
	t = count(r, arg, text, len, LINE_MATCH);
	if (!done && (t.n < r->min || (r->max != 0 && t.n > r->max)))
		return refuse(r, file, r->looks_for, &t, e);
	while (line_next(text, len, &at, &l)) {
		if (!done && r->judge(&l, arg) == LINE_MATCH)
			rc |= r->edit(out, &l, arg);
		else
			/* the last line may lack its newline */
			rc |= buf_add(out, l.p, l.len + (at <= len));
	}
	/* an empty text is a text */
	rc |= buf_add(out, "", 0);
	return rc == 0 ? 0 : dd_fail_nomem(e);
}
