/*
 * Styles: what a cell means, not how it looks.  Views draw with roles; a theme
 * (theme.h) maps each role to colours and attributes for terminals of all
 * depths.  No role is told from another by colour alone where it matters:
 * signs and words stand beside it.
 */
#ifndef DD_THEME_STYLE_H
#define DD_THEME_STYLE_H

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

/* Attributes of enum style_attr; colours as colour.h has them. */
struct style_look {
	int32_t	fg, bg;
	uint8_t	attrs;
};

/* Colours that a terminal has: none, 8, 16, 256, or any (red, green, blue). */
enum style_depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_TRUE,
	DEPTH_COUNT };

#endif
