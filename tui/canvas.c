/*
 * The cell grid.  Text goes in piece by piece: a piece is one character, or
 * the escape of one byte that must not reach a terminal.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "core/base/vis.h"
#include "tui/canvas.h"

static const struct {
	uint32_t	utf8;
	char		ascii;
} glyphs[GLYPH_COUNT] = {
	[GLYPH_HLINE] = { 0x2500, '-' },
	[GLYPH_VLINE] = { 0x2502, '|' },
	[GLYPH_UL] = { 0x250c, '+' },
	[GLYPH_UR] = { 0x2510, '+' },
	[GLYPH_LL] = { 0x2514, '+' },
	[GLYPH_LR] = { 0x2518, '+' },
	[GLYPH_FULL] = { 0x2588, '#' },
	[GLYPH_HALF] = { 0x258c, '#' },
	[GLYPH_REST] = { 0x2591, '.' },
	[GLYPH_CUT] = { 0x2026, '~' },
	[GLYPH_UP] = { 0x2191, '^' },
	[GLYPH_DOWN] = { 0x2193, 'v' },
};

/* What one step through a text puts on the screen. */
struct piece {
	size_t		len;		/* bytes of the text */
	int		width;		/* columns; 0: combines */
	uint32_t	ch;		/* the character; 0: see escape */
	char		escape[VIS_ESCAPE];
};

static struct piece
piece_at(bool utf8, const char *s)
{
	struct piece p = { .len = 1 };
	uint32_t c = 0;
	size_t n;
	int w;

	/* Four bytes at most are looked at, never past the terminator. */
	n = vis_char(s, strnlen(s, 4), &c);
	if (n == 1 || (n > 1 && utf8 && (w = wcwidth((wchar_t)c)) >= 0)) {
		p.len = n;
		p.ch = c;
		p.width = n == 1 ? 1 : w;
		return p;
	}
	p.width = (int)vis_escape(p.escape, (unsigned char)*s);
	return p;
}

int
canvas_init(struct canvas *c, int rows, int cols, bool utf8,
    struct dd_err *e)
{
	rows = rows < 1 ? 1 : rows > CANVAS_MAX ? CANVAS_MAX : rows;
	cols = cols < 1 ? 1 : cols > CANVAS_MAX ? CANVAS_MAX : cols;
	*c = (struct canvas){ .rows = rows, .cols = cols, .utf8 = utf8 };
	c->cells = calloc((size_t)rows * (size_t)cols, sizeof(*c->cells));
	c->hits = calloc((size_t)rows, sizeof(*c->hits));
	if (c->cells == NULL || c->hits == NULL) {
		canvas_dispose(c);
		return dd_fail_nomem(e);
	}
	canvas_clear(c);
	return 0;
}

void
canvas_dispose(struct canvas *c)
{
	free(c->cells);
	free(c->hits);
	c->cells = NULL;
	c->hits = NULL;
	c->rows = c->cols = 0;
}

static struct cell *
cell_at(struct canvas *c, int y, int x)
{
	if (y < 0 || y >= c->rows || x < 0 || x >= c->cols)
		return NULL;
	return &c->cells[y * c->cols + x];
}

/* Put a character of one or two columns; wide ones are never left halved. */
static void
put(struct canvas *c, int y, int x, unsigned style, uint32_t ch, int width)
{
	struct cell *at = cell_at(c, y, x), *next = cell_at(c, y, x + width);

	if (at == NULL || cell_at(c, y, x + width - 1) == NULL)
		return;
	if (at->ch == 0 && x > 0)
		at[-1].ch = ' ';
	if (next != NULL && next->ch == 0)
		next->ch = ' ';
	*at = (struct cell){ .ch = ch, .style = (uint8_t)style };
	if (width == 2)
		at[1] = (struct cell){ .ch = 0, .style = (uint8_t)style };
}

void
canvas_clear(struct canvas *c)
{
	c->cursor_y = -1;
	c->cursor_x = 0;
	c->cursor_shown = false;
	if (c->hits != NULL)
		memset(c->hits, 0, (size_t)c->rows * sizeof(*c->hits));
	canvas_fill(c, (struct rect){ 0, 0, c->rows, c->cols }, STYLE_NORMAL);
}

void
canvas_fill(struct canvas *c, struct rect r, enum style style)
{
	int y, x;

	for (y = r.y; y < r.y + r.rows; y++)
		for (x = r.x; x < r.x + r.cols; x++)
			put(c, y, x, style, ' ', 1);
}

void
canvas_select(struct canvas *c, struct rect r)
{
	struct cell *at;
	int y, x;

	for (y = r.y; y < r.y + r.rows; y++)
		for (x = r.x; x < r.x + r.cols; x++)
			if ((at = cell_at(c, y, x)) != NULL)
				at->style |= STYLE_SELECTED;
}

/* Put as many whole pieces as width takes; returns the columns used. */
static int
put_pieces(struct canvas *c, int y, int x, int width, unsigned style,
    const char *s)
{
	struct cell *at;
	struct piece p;
	int i, used = 0;

	for (; *s != '\0'; s += p.len) {
		p = piece_at(c->utf8, s);
		if (used + p.width > width)
			break;
		if (p.ch == 0)
			for (i = 0; i < p.width; i++)
				put(c, y, x + used + i, style,
				    (uint32_t)p.escape[i], 1);
		else if (p.width > 0)
			put(c, y, x + used, style, p.ch, p.width);
		else if (used > 0 && (at = cell_at(c, y, x + used - 1))) {
			if (at->ch == 0)
				at--;
			for (i = 0; i < CANVAS_MARKS; i++)
				if (at->marks[i] == 0) {
					at->marks[i] = p.ch;
					break;
				}
		}
		used += p.width;
	}
	return used;
}

int
canvas_cut(struct canvas *c, int y, int x, int width, unsigned style,
    enum cut cut, const char *s)
{
	struct piece p;
	int used, need;

	if (width <= 0)
		return 0;
	need = canvas_width(c->utf8, s);
	if (need <= width)
		return put_pieces(c, y, x, width, style, s);
	if (cut == CUT_START) {
		for (; need > width - 1; need -= p.width) {
			p = piece_at(c->utf8, s);
			s += p.len;
		}
		canvas_glyph(c, y, x, style, GLYPH_CUT);
		return 1 + put_pieces(c, y, x + 1, width - 1, style, s);
	}
	used = put_pieces(c, y, x, width - 1, style, s);
	canvas_glyph(c, y, x + used, style, GLYPH_CUT);
	return used + 1;
}

int
canvas_text(struct canvas *c, int y, int x, int width, unsigned style,
    const char *s)
{
	return canvas_cut(c, y, x, width, style, CUT_END, s);
}

void
canvas_glyph(struct canvas *c, int y, int x, unsigned style, enum glyph g)
{
	put(c, y, x, style, c->utf8 ? glyphs[g].utf8 :
	    (uint32_t)glyphs[g].ascii, 1);
}

void
canvas_hline(struct canvas *c, int y, int x, int width, unsigned style)
{
	for (; width > 0; width--)
		canvas_glyph(c, y, x++, style, GLYPH_HLINE);
}

void
canvas_frame(struct canvas *c, struct rect r, unsigned style)
{
	int y, bottom = r.y + r.rows - 1, right = r.x + r.cols - 1;

	canvas_hline(c, r.y, r.x + 1, r.cols - 2, style);
	canvas_hline(c, bottom, r.x + 1, r.cols - 2, style);
	for (y = r.y + 1; y < bottom; y++) {
		canvas_glyph(c, y, r.x, style, GLYPH_VLINE);
		canvas_glyph(c, y, right, style, GLYPH_VLINE);
	}
	canvas_glyph(c, r.y, r.x, style, GLYPH_UL);
	canvas_glyph(c, r.y, right, style, GLYPH_UR);
	canvas_glyph(c, bottom, r.x, style, GLYPH_LL);
	canvas_glyph(c, bottom, right, style, GLYPH_LR);
}

void
canvas_gauge(struct canvas *c, int y, int x, int width, unsigned style,
    unsigned permille)
{
	/* A cell counts two where there is a glyph for half of it. */
	const int per = c->utf8 ? 2 : 1;
	int i, full;

	if (permille > 1000)
		permille = 1000;
	full = ((int)permille * width * per + 500) / 1000;
	/* Neither quite empty nor quite full may look so. */
	if (permille > 0 && full == 0)
		full = 1;
	if (permille < 1000 && full == width * per)
		full--;
	for (i = 0; i < width; i++, full -= per)
		if (full >= per)
			canvas_glyph(c, y, x + i, style, GLYPH_FULL);
		else if (full > 0)
			canvas_glyph(c, y, x + i, style, GLYPH_HALF);
		else
			canvas_glyph(c, y, x + i, STYLE_REST, GLYPH_REST);
}

int
canvas_width(bool utf8, const char *s)
{
	struct piece p;
	int width = 0;

	for (; *s != '\0'; s += p.len) {
		/* most names are of these, and lists measure all rows */
		if (*s >= ' ' && *s <= '~')
			p = (struct piece){ .len = 1, .width = 1 };
		else
			p = piece_at(utf8, s);
		width += p.width;
	}
	return width;
}

size_t
canvas_fit(bool utf8, const char *s, int width, int *used)
{
	const char *at = s;
	struct piece p;

	for (*used = 0; *at != '\0'; at += p.len) {
		p = piece_at(utf8, at);
		if (*used + p.width > width)
			break;
		*used += p.width;
	}
	return (size_t)(at - s);
}

size_t
canvas_encode(char out[4], uint32_t c)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i, n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(lead[n] | c);
	return n;
}

/* Take trailing blanks of the line that started at `from` away, end it. */
static int
end_line(struct buf *b, size_t from)
{
	while (b->len > from && b->p[b->len - 1] == ' ')
		b->len--;
	return buf_str(b, "\n");
}

int
canvas_dump(const struct canvas *c, struct buf *b)
{
	const struct cell *at = c->cells;
	char out[4];
	size_t from;
	int y, x, i, rc = 0;

	for (y = 0; y < c->rows; y++) {
		from = b->len;
		for (x = 0; x < c->cols; x++, at++) {
			if (at->ch == 0)
				continue;
			rc |= buf_add(b, out, canvas_encode(out, at->ch));
			for (i = 0; i < CANVAS_MARKS && at->marks[i] != 0; i++)
				rc |= buf_add(b, out,
				    canvas_encode(out, at->marks[i]));
		}
		rc |= end_line(b, from);
	}
	return rc;
}

int
canvas_dump_styles(const struct canvas *c, struct buf *b)
{
	static const char letters[] = {
#define X(role, name, letter) letter,
		STYLES(X)
#undef X
	};
	const struct cell *at = c->cells;
	int y, x, rc = 0;

	for (y = 0; y < c->rows; y++) {
		for (x = 0; x < c->cols; x++, at++) {
			char l = letters[at->style & STYLE_MASK];

			if (at->style & STYLE_SELECTED && l == '.')
				l = '*';
			rc |= buf_add(b, &l, 1);
		}
		rc |= buf_str(b, "\n");
	}
	return rc;
}
