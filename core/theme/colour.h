/*
 * Colours, and what becomes of one on a terminal that has fewer.
 *
 * A colour is COLOUR_OWN, the number that terminals give one of 256, or
 * COLOUR_RGB | 0xrrggbb.  How the first 16 numbers look is the terminal's
 * business; where that must be guessed, as a PC's console shows them.
 */
#ifndef DD_THEME_COLOUR_H
#define DD_THEME_COLOUR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/theme/style.h"

#define COLOUR_OWN	(-1)		/* the terminal's own */
#define COLOUR_RGB	0x1000000
#define COLOUR_FIXED	16		/* from here on numbers look the same
					 * everywhere */

/* The colour that the len bytes at s name: "own", "red", "bright-red", "208",
 * "#ff8700". */
bool	colour_parse(const char *s, size_t len, int32_t *);
/* The names there are, NULL at the end. */
extern const char *const colour_names[];

/* 0xrrggbb; not of COLOUR_OWN. */
uint32_t colour_rgb(int32_t);
/* Does it look the same on every terminal that has it? */
bool	colour_known(int32_t);
/* WCAG's ratio between two, from 1 to 21. */
double	colour_contrast(int32_t, int32_t);

/* The nearest one of a depth for what stands behind text. */
int32_t	colour_ground(int32_t, enum style_depth);
/* The nearest one of a depth for text on that ground, which is of the depth:
 * one that can be read on it. */
int32_t	colour_text(int32_t, int32_t ground, enum style_depth);

#endif
