/*
 * A screen of character cells.  Views draw into it and know no terminal;
 * tests compare what was drawn.
 *
 * Everything is clipped to the canvas.  Text from outside is escaped (vis) and
 * cut by display width.  A canvas is either UTF-8, and the locale must be so
 * too since widths come from wcwidth(3), or plain ASCII, where each byte of
 * other characters shows as its escape.
 */
#ifndef DD_TUI_CANVAS_H
#define DD_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/theme/style.h"

#define CANVAS_MARKS	2	/* combining characters kept in a cell */
#define CANVAS_MAX	1000	/* rows or columns; more is clipped */

struct cell {
	uint32_t	ch;	/* 0: right half of a wide character */
	uint32_t	marks[CANVAS_MARKS];
	uint8_t		style;	/* enum style, perhaps | STYLE_SELECTED */
};

/* The line of a list that stands in a row, for the mouse. */
struct canvas_hit {
	const void	*list;		/* NULL: none does */
	size_t		 at;
};

struct canvas {
	int		 rows, cols;
	bool		 utf8;
	int		 cursor_y, cursor_x;	/* y -1: anywhere */
	bool		 cursor_shown;		/* there is text to edit */
	struct cell	*cells;
	struct canvas_hit *hits;	/* one a row */
};

struct rect {
	int	y, x, rows, cols;
};

enum glyph { GLYPH_HLINE, GLYPH_VLINE, GLYPH_UL, GLYPH_UR, GLYPH_LL, GLYPH_LR,
	GLYPH_FULL, GLYPH_HALF, GLYPH_REST, GLYPH_CUT, GLYPH_UP, GLYPH_DOWN,
	GLYPH_COUNT };

/* Where text that is too long is cut: at its end, or at its start (paths). */
enum cut { CUT_END, CUT_START };

int	canvas_init(struct canvas *, int rows, int cols, bool utf8,
	    struct dd_err *);
void	canvas_dispose(struct canvas *);
/* All blanks, normal style, no cursor. */
void	canvas_clear(struct canvas *);
void	canvas_fill(struct canvas *, struct rect, enum style);
/* Change styles only: every cell becomes selected. */
void	canvas_select(struct canvas *, struct rect);

/* Draw s from (y, x) in at most width columns; returns the columns used. */
int	canvas_text(struct canvas *, int y, int x, int width, unsigned style,
	    const char *s);
int	canvas_cut(struct canvas *, int y, int x, int width, unsigned style,
	    enum cut, const char *s);
void	canvas_glyph(struct canvas *, int y, int x, unsigned style,
	    enum glyph);
void	canvas_hline(struct canvas *, int y, int x, int width, unsigned style);
/* A frame of lines around the inside of r. */
void	canvas_frame(struct canvas *, struct rect r, unsigned style);
/* A bar of width columns, permille of it full. */
void	canvas_gauge(struct canvas *, int y, int x, int width, unsigned style,
	    unsigned permille);

/* Columns that s needs. */
int	canvas_width(bool utf8, const char *s);
/* Bytes at the start of s that fit into width columns; what they use in
 * *used. */
size_t	canvas_fit(bool utf8, const char *s, int width, int *used);

/* The text, a line a row without trailing blanks; or the styles, a letter a
 * cell, upper case flag for the selected as '*'. */
int	canvas_dump(const struct canvas *, struct buf *);
int	canvas_dump_styles(const struct canvas *, struct buf *);

/* c as UTF-8 in out (at most 4 bytes, not terminated); returns how many. */
size_t	canvas_encode(char out[4], uint32_t c);

#endif
