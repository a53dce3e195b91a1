/*
 * Styled text: one buffer of strings, an array of spans over it, an array of
 * lines over those.  Each string is terminated, so spans draw as they are.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/text.h"

void
text_reset(struct text *t)
{
	buf_reset(&t->bytes);
	t->nspans = t->nlines = 0;
	t->widest = 0;
	t->open = t->failed = false;
}

void
text_dispose(struct text *t)
{
	buf_dispose(&t->bytes);
	free(t->spans);
	free(t->lines);
	*t = (struct text)TEXT_INIT(t->utf8);
}

/* Room for one more of n elements; NULL: out of memory, p stays. */
static void *
room(void *p, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap == 0 ? 16 : *cap * 2;

	if (n < *cap)
		return p;
	if (want > SIZE_MAX / size || (p = realloc(p, want * size)) == NULL)
		return NULL;
	*cap = want;
	return p;
}

/* The open line got wider. */
static void
widen(struct text *t, int width)
{
	t->col += width;
	if (t->col > t->widest)
		t->widest = t->col;
}

/* Make sure that a line is open. */
static bool
open_line(struct text *t)
{
	size_t *lines;

	if (t->open)
		return true;
	lines = room(t->lines, t->nlines, &t->caplines, sizeof(*lines));
	if (lines == NULL) {
		t->failed = true;
		return false;
	}
	t->lines = lines;
	t->lines[t->nlines++] = t->nspans;
	t->open = true;
	t->col = 0;
	return true;
}

static struct text_span *
add_span(struct text *t)
{
	struct text_span *spans;

	if (!open_line(t))
		return NULL;
	spans = room(t->spans, t->nspans, &t->capspans, sizeof(*spans));
	if (spans == NULL) {
		t->failed = true;
		return NULL;
	}
	t->spans = spans;
	return &t->spans[t->nspans++];
}

static void
add_bytes(struct text *t, enum style style, const char *s, size_t len)
{
	size_t off = t->bytes.len;
	struct text_span *span;

	if (buf_add(&t->bytes, s, len) == -1 ||
	    buf_add(&t->bytes, "", 1) == -1) {
		t->bytes.len = off;
		t->failed = true;
		return;
	}
	if ((span = add_span(t)) == NULL)
		return;
	*span = (struct text_span){ .off = off, .style = style };
	widen(t, canvas_width(t->utf8, t->bytes.p + off));
}

static void
add_format(struct text *t, enum style style, const char *fmt, va_list ap)
{
	char small[512], *big;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n >= 0 && (size_t)n < sizeof(small))
		add_bytes(t, style, small, (size_t)n);
	else if (n < 0 || (big = malloc((size_t)n + 1)) == NULL)
		t->failed = true;
	else {
		(void)vsnprintf(big, (size_t)n + 1, fmt, again);
		add_bytes(t, style, big, (size_t)n);
		free(big);
	}
	va_end(again);
}

void
text_add(struct text *t, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_format(t, style, fmt, ap);
	va_end(ap);
}

void
text_cut(struct text *t, enum style style, int width, const char *s)
{
	size_t n;
	int used;

	n = canvas_fit(t->utf8, s, width, &used);
	if (s[n] == '\0') {
		text_add(t, style, "%s", s);
		return;
	}
	n = canvas_fit(t->utf8, s, width - 1, &used);
	text_add(t, style, "%.*s%s", (int)n, s,
	    t->utf8 ? "\xe2\x80\xa6" : "~");
}

void
text_gauge(struct text *t, enum style style, int width, unsigned permille)
{
	struct text_span *span = add_span(t);

	if (span == NULL)
		return;
	*span = (struct text_span){ .style = style, .gauge = width,
	    .permille = permille };
	widen(t, width);
}

void
text_tab(struct text *t, int col)
{
	int n;

	if (!open_line(t))
		return;
	n = col > t->col ? col - t->col : t->col > 0;
	if (n > 0)
		text_add(t, STYLE_NORMAL, "%*s", n, "");
}

void
text_end(struct text *t)
{
	(void)open_line(t);
	t->open = false;
}

void
text_line(struct text *t, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_format(t, style, fmt, ap);
	va_end(ap);
	text_end(t);
}

/* Bytes of s that go into the columns left of a wrapped line: whole words, or
 * on a fresh line as much of a word as fits. */
static size_t
take(const struct text *t, const char *s, int columns, bool fresh)
{
	size_t n, cut;
	int used;

	n = canvas_fit(t->utf8, s, columns, &used);
	if (s[n] == '\0' || s[n] == ' ')
		return n;
	for (cut = n; cut > 0 && s[cut - 1] != ' '; cut--)
		;
	if (cut > 0)
		return cut;
	if (!fresh)
		return 0;
	/* Where nothing fits (all is indent) the word goes, to be clipped. */
	return n > 0 ? n : strcspn(s + 1, " ") + 1;
}

void
text_wrap(struct text *t, enum style style, int indent, int width,
    const char *s)
{
	size_t n, end;

	if (!open_line(t))
		return;
	while (*s != '\0') {
		n = take(t, s, width - t->col, t->col <= indent);
		for (end = n; end > 0 && s[end - 1] == ' '; end--)
			;
		if (end > 0)
			add_bytes(t, style, s, end);
		s += n;
		s += strspn(s, " ");
		if (*s != '\0') {
			text_end(t);
			text_tab(t, indent);
		}
	}
	text_end(t);
}

/* Add a line with its tabs as blanks. */
static void
content_line(struct text *t, const char *s, size_t n,
    enum style (*fn)(const char *line))
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] == '\t')
			(void)buf_printf(&b, "%*s", 8 - (int)(b.len % 8), "");
		else
			(void)buf_add(&b, s + i, 1);
	if (b.failed)
		t->failed = true;
	else if (b.len > 0)
		add_bytes(t, fn != NULL ? fn(b.p) : STYLE_NORMAL, b.p, b.len);
	text_end(t);
	buf_dispose(&b);
}

void
text_content(struct text *t, const char *s, size_t len,
    enum style (*fn)(const char *line))
{
	const char *nl;
	size_t n;

	for (; len > 0; s += n + 1, len -= n + 1) {
		nl = memchr(s, '\n', len);
		n = nl != NULL ? (size_t)(nl - s) : len;
		content_line(t, s, n, fn);
		if (nl == NULL)
			return;
	}
}

static size_t
line_end(const struct text *t, size_t line)
{
	return line + 1 < t->nlines ? t->lines[line + 1] : t->nspans;
}

/* Show each place in s, drawn at x from its byte `from` on, that is mark. */
static void
draw_marks(const struct text *t, const char *s, const char *from,
    struct canvas *c, int y, int x, int end, const char *mark)
{
	size_t len = strlen(mark), n;
	const char *at;
	char *part;
	int col;

	for (at = s; (at = strcasestr(at, mark)) != NULL; at += len) {
		if (at < from)
			continue;
		if ((part = strndup(from, (size_t)(at - from) + len)) == NULL)
			return;
		n = (size_t)(at - from);
		col = canvas_width(t->utf8, part) -
		    canvas_width(t->utf8, part + n);
		(void)canvas_text(c, y, x + col, end - x - col, STYLE_MATCH,
		    part + n);
		free(part);
	}
}

void
text_draw(const struct text *t, size_t line, struct canvas *c, int y, int x,
    int width, int left, const char *mark)
{
	const struct text_span *span;
	int end = x + width, used;
	const char *s, *from;
	size_t i;

	if (line >= t->nlines)
		return;
	for (i = t->lines[line]; i < line_end(t, line); i++) {
		span = &t->spans[i];
		if (span->gauge > 0) {
			if (x + span->gauge <= end)
				canvas_gauge(c, y, x, span->gauge,
				    span->style, span->permille);
			x += span->gauge;
			continue;
		}
		s = from = t->bytes.p + span->off;
		from += canvas_fit(t->utf8, s, left, &used);
		left -= used;
		used = canvas_text(c, y, x, end - x, span->style, from);
		if (mark != NULL && *mark != '\0')
			draw_marks(t, s, from, c, y, x, end, mark);
		x += used;
	}
}

int
text_columns(const struct text *t)
{
	return t->widest;
}

bool
text_has(const struct text *t, size_t line, const char *s)
{
	const struct text_span *span;
	size_t i;

	for (i = t->lines[line]; i < line_end(t, line); i++) {
		span = &t->spans[i];
		if (span->gauge == 0 &&
		    strcasestr(t->bytes.p + span->off, s) != NULL)
			return true;
	}
	return false;
}
