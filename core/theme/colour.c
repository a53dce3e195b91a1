/*
 * Colours; see colour.h.  Of 256 the one that looks most like it is taken.  Of
 * 8 or 16 nothing looks like much, so hue decides, and a grey is black, white
 * or the terminal's own.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/theme/colour.h"

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, BRIGHT };

#define CUBE		16	/* 6 * 6 * 6 colours */
#define GREYS		232	/* 24 of them, to 255 */
/* What can be read, if not with ease; the first 16 are guessed anyhow. */
#define LEGIBLE		2.5

const char *const colour_names[] = { "black", "red", "green", "yellow", "blue",
    "magenta", "cyan", "white", "bright-black", "bright-red", "bright-green",
    "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white", "own", NULL };

static const uint32_t first_16[] = { 0x000000, 0xaa0000, 0x00aa00, 0xaa5500,
    0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa, 0x555555, 0xff5555, 0x55ff55,
    0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff };

static const unsigned levels[] = { 0, 95, 135, 175, 215, 255 };

/* -- names --------------------------------------------------------------- */

static bool
parse_rgb(const char *s, size_t len, int32_t *c)
{
	char digits[7];

	if (len != 7 || strspn(s + 1, "0123456789abcdefABCDEF") < 6)
		return false;
	memcpy(digits, s + 1, 6);
	digits[6] = '\0';
	*c = COLOUR_RGB | (int32_t)strtol(digits, NULL, 16);
	return true;
}

bool
colour_parse(const char *s, size_t len, int32_t *c)
{
	int i;

	if (len > 0 && s[0] == '#')
		return parse_rgb(s, len, c);
	if (len > 0 && len <= 3 && strspn(s, "0123456789") >= len) {
		*c = (int32_t)strtol(s, NULL, 10);
		return *c <= 255;
	}
	for (i = 0; colour_names[i] != NULL; i++)
		if (strlen(colour_names[i]) == len &&
		    strncmp(colour_names[i], s, len) == 0) {
			*c = i < COLOUR_FIXED ? i : COLOUR_OWN;
			return true;
		}
	return false;
}

/* -- light --------------------------------------------------------------- */

uint32_t
colour_rgb(int32_t c)
{
	unsigned i = (unsigned)c;

	if ((c & COLOUR_RGB) != 0)
		return i & 0xffffff;
	if (i < CUBE)
		return first_16[i];
	if (i >= GREYS)
		return (8 + 10 * (i - GREYS)) * 0x010101;
	i -= CUBE;
	return levels[i / 36] << 16 | levels[i / 6 % 6] << 8 | levels[i % 6];
}

bool
colour_known(int32_t c)
{
	return c >= COLOUR_FIXED;
}

static int
part(uint32_t rgb, int shift)
{
	return (int)(rgb >> shift & 0xff);
}

/* sRGB's curve. */
static double
linear(int v)
{
	const double s = v / 255.0;

	return s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4);
}

static double
luminance(uint32_t rgb)
{
	return 0.2126 * linear(part(rgb, 16)) + 0.7152 * linear(part(rgb, 8)) +
	    0.0722 * linear(part(rgb, 0));
}

double
colour_contrast(int32_t a, int32_t b)
{
	const double la = luminance(colour_rgb(a));
	const double lb = luminance(colour_rgb(b));

	return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

/* -- fewer colours ------------------------------------------------------- */

/* How different two look, roughly: the eye is keenest for green, and for red
 * where there is much of it. */
static long
distance(uint32_t a, uint32_t b)
{
	const long red = (part(a, 16) + part(b, 16)) / 2;
	const long dr = part(a, 16) - part(b, 16);
	const long dg = part(a, 8) - part(b, 8);
	const long db = part(a, 0) - part(b, 0);

	return (512 + red) * dr * dr + 1024 * dg * dg +
	    (767 - red) * db * db;
}

static int32_t
of_256(int32_t c)
{
	const uint32_t rgb = colour_rgb(c);
	int32_t i, best = CUBE;

	if ((c & COLOUR_RGB) == 0)
		return c;
	for (i = CUBE; i < 256; i++)
		if (distance(rgb, colour_rgb(i)) <
		    distance(rgb, colour_rgb(best)))
			best = i;
	return best;
}

static int
min3(int a, int b, int c)
{
	return a < b ? (a < c ? a : c) : (b < c ? b : c);
}

static int
max3(int a, int b, int c)
{
	return a > b ? (a > c ? a : c) : (b > c ? b : c);
}

/* RED to CYAN, or WHITE for what has no hue to speak of. */
static int32_t
hue(uint32_t rgb)
{
	/* Where one hue ends, in degrees: orange is yellow, sky is blue. */
	static const struct {
		int	end;
		int32_t	is;
	} hues[] = { { 25, RED }, { 70, YELLOW }, { 165, GREEN },
	    { 195, CYAN }, { 265, BLUE }, { 340, MAGENTA }, { 360, RED } };
	const int r = part(rgb, 16), g = part(rgb, 8), b = part(rgb, 0);
	const int most = max3(r, g, b), span = most - min3(r, g, b);
	size_t i = 0;
	int at;

	if (span * 10 < most * 3 || span < 24)
		return WHITE;
	if (most == r)
		at = 60 * (g - b) / span;
	else if (most == g)
		at = 120 + 60 * (b - r) / span;
	else
		at = 240 + 60 * (r - g) / span;
	at = (at + 360) % 360;
	while (at >= hues[i].end)
		i++;
	return hues[i].is;
}

int32_t
colour_ground(int32_t c, enum style_depth depth)
{
	const uint32_t rgb = c == COLOUR_OWN ? 0 : colour_rgb(c);
	const double light = luminance(rgb);
	int32_t is;

	if (c == COLOUR_OWN || depth == DEPTH_MONO)
		return COLOUR_OWN;
	if (depth == DEPTH_TRUE)
		return c;
	if (depth == DEPTH_256)
		return of_256(c);
	if (c < (depth == DEPTH_16 ? 16 : 8))
		return c;
	if (light < 0.05)
		return BLACK;
	if ((is = hue(rgb)) != WHITE && light < 0.75)
		return is;
	if (light < 0.2)
		return BLACK;
	return depth == DEPTH_16 && light > 0.75 ? WHITE + BRIGHT : WHITE;
}

static int32_t
black_or_white(int32_t ground, enum style_depth depth)
{
	const int32_t white = depth == DEPTH_16 ? WHITE + BRIGHT : WHITE;

	return colour_contrast(BLACK, ground) > colour_contrast(white, ground) ?
	    BLACK : white;
}

int32_t
colour_text(int32_t c, int32_t ground, enum style_depth depth)
{
	int32_t is;

	if (c == COLOUR_OWN || depth >= DEPTH_256 || depth == DEPTH_MONO)
		return colour_ground(c, depth);
	if (c < (depth == DEPTH_16 ? 16 : 8))
		is = c;
	else if ((is = hue(colour_rgb(c))) == WHITE)
		/* Nobody knows what can be read on the terminal's own. */
		return ground == COLOUR_OWN ? COLOUR_OWN :
		    black_or_white(ground, depth);
	if (ground == COLOUR_OWN)
		return is;
	/* A lighter one, if that is what it takes. */
	if (depth == DEPTH_16 && is < BRIGHT &&
	    colour_contrast(is, ground) < LEGIBLE)
		is += BRIGHT;
	return colour_contrast(is, ground) < LEGIBLE ?
	    black_or_white(ground, depth) : is;
}
