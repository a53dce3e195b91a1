/*
 * A lexer of its own over xl.conf syntax, as far as it takes to see the keys:
 * outside quotes and comments a word that `=` or `+=` follows is one.  Lists
 * need no thought, since only strings, numbers and lists can stand in them.
 */
#include <stdlib.h>
#include <string.h>

#include "core/fleet/scan.h"

struct lexer {
	const char	*at, *end;
	unsigned	 line;
};

static bool
word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	    c == '.';
}

/* Behind the quote that closes the string at lx->at, or the line's end. */
static void
skip_string(struct lexer *lx)
{
	char quote = *lx->at++;

	while (lx->at < lx->end && *lx->at != '\n') {
		if (*lx->at == '\\' && lx->end - lx->at > 1 &&
		    lx->at[1] != '\n')
			lx->at++;
		else if (*lx->at == quote) {
			lx->at++;
			return;
		}
		lx->at++;
	}
}

static void
skip_comment(struct lexer *lx)
{
	while (lx->at < lx->end && *lx->at != '\n')
		lx->at++;
}

static void
skip_blanks(struct lexer *lx)
{
	while (lx->at < lx->end && (*lx->at == ' ' || *lx->at == '\t'))
		lx->at++;
}

static int
add(struct scan *s, const char *word, size_t len, unsigned line, bool plus,
    struct dd_err *e)
{
	struct scan_key *v;
	char *name;

	if (s->n == SCAN_MAX)
		return dd_fail(e, ERR_CONFIG, "line %u: more than %d settings",
		    line, SCAN_MAX);
	/* full at each power of two */
	if ((s->n & (s->n - 1)) == 0) {
		v = realloc(s->v, (s->n == 0 ? 1 : 2 * s->n) * sizeof(*v));
		if (v == NULL)
			return dd_fail_nomem(e);
		s->v = v;
	}
	if ((name = strndup(word, len)) == NULL)
		return dd_fail_nomem(e);
	s->v[s->n++] = (struct scan_key){ name, line, plus };
	return 0;
}

/* The word at lx->at, and what follows it: a key? */
static int
word(struct lexer *lx, struct scan *s, struct dd_err *e)
{
	const char *start = lx->at;
	size_t len;
	bool plus;

	while (lx->at < lx->end && word_char(*lx->at))
		lx->at++;
	len = (size_t)(lx->at - start);
	skip_blanks(lx);
	plus = lx->end - lx->at > 1 && lx->at[0] == '+' && lx->at[1] == '=';
	if (!plus && (lx->at == lx->end || *lx->at != '='))
		return 0;
	lx->at += plus ? 2 : 1;
	return add(s, start, len, lx->line, plus, e);
}

int
scan_text(const char *text, size_t len, struct scan *out, struct dd_err *e)
{
	struct lexer lx = { text, text + len, 1 };
	struct scan s = SCAN_INIT;

	while (lx.at < lx.end) {
		char c = *lx.at;

		if (c == '"' || c == '\'')
			skip_string(&lx);
		else if (c == '#')
			skip_comment(&lx);
		else if (c >= 'a' && c <= 'z') {
			if (word(&lx, &s, e) == -1) {
				scan_dispose(&s);
				return -1;
			}
		} else {
			if (c == '\n')
				lx.line++;
			lx.at++;
		}
	}
	*out = s;
	return 0;
}

void
scan_dispose(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
	*s = (struct scan)SCAN_INIT;
}

const struct scan_key *
scan_find(const struct scan *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

const struct scan_key *
scan_duplicate(const struct scan *s, size_t *at, const struct scan_key **first)
{
	const struct scan_key *k;

	while (*at < s->n) {
		k = &s->v[(*at)++];
		*first = scan_find(s, k->name);
		if (*first != k && !k->add)
			return k;
	}
	return NULL;
}

/* libxlutil gets escapes by number wrong: these three are all it takes. */
int
scan_quote(struct buf *out, const char *s)
{
	(void)buf_str(out, "\"");
	for (; *s != '\0'; s++)
		if (*s == '\n')
			(void)buf_str(out, "\\n");
		else {
			if (*s == '"' || *s == '\\')
				(void)buf_str(out, "\\");
			(void)buf_add(out, s, 1);
		}
	return buf_str(out, "\"");
}
