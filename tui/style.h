/*
 * Styles: what a cell means, not how it looks.  Views draw with roles; a theme
 * maps each role to colours and attributes for terminals of 256 colours, of 8,
 * and of none.  No role is told from another by colour alone where it matters:
 * signs and words stand beside it.
 */
#ifndef DD_TUI_STYLE_H
#define DD_TUI_STYLE_H

#include <stdint.h>

/* X(role, name in themes, letter in golden dumps) */
#define STYLES(X)							\
	X(STYLE_NORMAL,		"normal",	'.')			\
	X(STYLE_HEADER,		"header",	'H')			\
	X(STYLE_TITLE,		"title",	'T')			\
	X(STYLE_COLUMN,		"column",	'C')			\
	X(STYLE_DIM,		"dim",		'd')			\
	X(STYLE_OK,		"ok",		'o')			\
	X(STYLE_WARN,		"warn",		'w')			\
	X(STYLE_ERROR,		"error",	'e')			\
	X(STYLE_HELD,		"held",		'h')			\
	X(STYLE_PENDING,	"pending",	'p')			\
	X(STYLE_ADDED,		"added",	'+')			\
	X(STYLE_REMOVED,	"removed",	'-')			\
	X(STYLE_MATCH,		"match",	'm')			\
	X(STYLE_KEY,		"key",		'k')			\
	X(STYLE_BAR,		"bar",		'b')			\
	X(STYLE_FRAME,		"frame",	'f')			\
	X(STYLE_FIELD,		"field",	'i')			\
	X(STYLE_BUTTON,		"button",	'u')			\
	X(STYLE_REST,		"rest",		'r')

enum style {
#define X(role, name, letter) role,
	STYLES(X)
#undef X
	STYLE_COUNT
};

#define STYLE_MASK	0x7f
/* Or'ed to a role: the cell belongs to what is selected. */
#define STYLE_SELECTED	0x80

enum style_attr {
	ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8
};

/* Colours as terminals number them; -1: the terminal's own. */
struct style_look {
	int16_t	fg, bg;
	uint8_t	attrs;
};

enum style_depth { DEPTH_MONO, DEPTH_8, DEPTH_256, DEPTH_COUNT };

struct theme {
	const char		*name;
	struct style_look	 looks[DEPTH_COUNT][STYLE_COUNT];
};

/* NULL: no theme of that name. */
const struct theme *theme_find(const char *name);

/* How a cell with this style (STYLE_SELECTED included) looks. */
struct style_look theme_look(const struct theme *, enum style_depth,
	    unsigned style);

#endif
