/* Colours and attributes as curses has them; see term_curses.h. */
#include <stdlib.h>

#include "core/theme/colour.h"
#include "core/theme/theme.h"
#include "tui/term_curses.h"

/* A pair of colours for each role, and for the same when it is selected. */
#define SELECTED_PAIRS	(STYLE_COUNT + 1)
#define PAIRS		(2 * STYLE_COUNT + 1)

static int
pair_of(unsigned style)
{
	const int role = (int)(style & STYLE_MASK);

	return role + (style & STYLE_SELECTED ? SELECTED_PAIRS : 1);
}

/* Where both colours are the terminal's own it is none: there are terminals
 * that show some attributes only where there is no colour. */
int
curses_pair(struct style_look look, unsigned style)
{
	return look.fg == COLOUR_OWN && look.bg == COLOUR_OWN ? 0 :
	    pair_of(style);
}

#ifdef NCURSES_VERSION
/* A colour as curses wants it.  Where any can be had, the first 8 numbers are
 * the terminal's own nonetheless, and all others red, green and blue. */
static int
colour(int32_t c, enum style_depth depth)
{
	uint32_t rgb;

	if (c < 8 || depth != DEPTH_TRUE)
		return (int)c;
	rgb = colour_rgb(c);
	return rgb > 0 && rgb < 8 ? 8 : (int)rgb;
}

static void
set_pair(int pair, struct style_look look, enum style_depth depth)
{
	(void)init_extended_pair(pair, colour(look.fg, depth),
	    colour(look.bg, depth));
}
#else
static void
set_pair(int pair, struct style_look look, enum style_depth depth)
{
	(void)depth;
	(void)init_pair((short)pair, (short)look.fg, (short)look.bg);
}
#endif

enum style_depth
curses_depth(void)
{
	const char *no = getenv("NO_COLOR");

	if ((no != NULL && *no != '\0') || !has_colors() ||
	    start_color() == ERR || use_default_colors() == ERR)
		return DEPTH_MONO;
	if (COLOR_PAIRS <= PAIRS || COLORS < 8)
		return DEPTH_MONO;
#ifdef NCURSES_VERSION
	if (COLORS >= 1 << 24)
		return DEPTH_TRUE;
#endif
	return COLORS >= 256 ? DEPTH_256 : COLORS >= 16 ? DEPTH_16 : DEPTH_8;
}

void
curses_init_pairs(const struct theme *t, enum style_depth depth)
{
	unsigned style, s;

	if (depth == DEPTH_MONO)
		return;
	for (style = 0; style < STYLE_COUNT; style++) {
		s = style | STYLE_SELECTED;
		set_pair(pair_of(style), theme_look(t, depth, style), depth);
		set_pair(pair_of(s), theme_look(t, depth, s), depth);
	}
}

attr_t
curses_attrs(struct style_look look)
{
	return (look.attrs & ATTR_BOLD ? WA_BOLD : 0) |
	    (look.attrs & ATTR_DIM ? WA_DIM : 0) |
	    (look.attrs & ATTR_UNDERLINE ? WA_UNDERLINE : 0) |
	    (look.attrs & ATTR_REVERSE ? WA_REVERSE : 0);
}
