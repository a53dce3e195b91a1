/*
 * The themes that are built in.  The terminal's own background is kept; what is
 * selected is reversed, which every terminal can do and which needs no guess at
 * that background.
 */
#include <stddef.h>
#include <string.h>

#include "tui/style.h"

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, OWN = -1 };

#define MONO_LOOKS {							\
	[STYLE_NORMAL] = { OWN, OWN, 0 },				\
	[STYLE_HEADER] = { OWN, OWN, ATTR_REVERSE },			\
	[STYLE_TITLE] = { OWN, OWN, ATTR_BOLD },			\
	[STYLE_COLUMN] = { OWN, OWN, ATTR_BOLD },			\
	[STYLE_DIM] = { OWN, OWN, 0 },					\
	[STYLE_OK] = { OWN, OWN, 0 },					\
	[STYLE_WARN] = { OWN, OWN, ATTR_BOLD },				\
	[STYLE_ERROR] = { OWN, OWN, ATTR_BOLD },			\
	[STYLE_HELD] = { OWN, OWN, ATTR_BOLD },				\
	[STYLE_PENDING] = { OWN, OWN, ATTR_BOLD },			\
	[STYLE_ADDED] = { OWN, OWN, ATTR_BOLD },			\
	[STYLE_REMOVED] = { OWN, OWN, 0 },				\
	[STYLE_MATCH] = { OWN, OWN, ATTR_UNDERLINE | ATTR_BOLD },	\
	[STYLE_KEY] = { OWN, OWN, ATTR_BOLD },				\
	[STYLE_BAR] = { OWN, OWN, ATTR_REVERSE },			\
	[STYLE_FRAME] = { OWN, OWN, 0 },				\
	[STYLE_FIELD] = { OWN, OWN, ATTR_UNDERLINE },			\
	[STYLE_BUTTON] = { OWN, OWN, 0 },				\
	[STYLE_REST] = { OWN, OWN, 0 },					\
}

static const struct theme themes[] = {
	{
		.name = "default",
		.looks[DEPTH_MONO] = MONO_LOOKS,
		.looks[DEPTH_8] = {
			[STYLE_NORMAL] = { OWN, OWN, 0 },
			[STYLE_HEADER] = { WHITE, BLUE, ATTR_BOLD },
			[STYLE_TITLE] = { OWN, OWN, ATTR_BOLD },
			[STYLE_COLUMN] = { CYAN, OWN, ATTR_BOLD },
			[STYLE_DIM] = { OWN, OWN, ATTR_DIM },
			[STYLE_OK] = { GREEN, OWN, 0 },
			[STYLE_WARN] = { YELLOW, OWN, ATTR_BOLD },
			[STYLE_ERROR] = { RED, OWN, ATTR_BOLD },
			[STYLE_HELD] = { MAGENTA, OWN, 0 },
			[STYLE_PENDING] = { CYAN, OWN, 0 },
			[STYLE_ADDED] = { GREEN, OWN, 0 },
			[STYLE_REMOVED] = { RED, OWN, 0 },
			[STYLE_MATCH] = { BLACK, YELLOW, 0 },
			[STYLE_KEY] = { OWN, OWN, ATTR_BOLD },
			[STYLE_BAR] = { BLACK, CYAN, 0 },
			[STYLE_FRAME] = { CYAN, OWN, 0 },
			[STYLE_FIELD] = { OWN, OWN, ATTR_UNDERLINE },
			[STYLE_BUTTON] = { OWN, OWN, ATTR_BOLD },
			[STYLE_REST] = { OWN, OWN, ATTR_DIM },
		},
		.looks[DEPTH_256] = {
			[STYLE_NORMAL] = { OWN, OWN, 0 },
			[STYLE_HEADER] = { 255, 24, ATTR_BOLD },
			[STYLE_TITLE] = { OWN, OWN, ATTR_BOLD },
			[STYLE_COLUMN] = { 67, OWN, ATTR_BOLD },
			[STYLE_DIM] = { 244, OWN, 0 },
			[STYLE_OK] = { 71, OWN, 0 },
			[STYLE_WARN] = { 172, OWN, ATTR_BOLD },
			[STYLE_ERROR] = { 160, OWN, ATTR_BOLD },
			[STYLE_HELD] = { 133, OWN, 0 },
			[STYLE_PENDING] = { 37, OWN, 0 },
			[STYLE_ADDED] = { 71, OWN, 0 },
			[STYLE_REMOVED] = { 160, OWN, 0 },
			[STYLE_MATCH] = { 16, 220, 0 },
			[STYLE_KEY] = { OWN, OWN, ATTR_BOLD },
			[STYLE_BAR] = { 16, 109, 0 },
			[STYLE_FRAME] = { 67, OWN, 0 },
			[STYLE_FIELD] = { OWN, OWN, ATTR_UNDERLINE },
			[STYLE_BUTTON] = { OWN, OWN, ATTR_BOLD },
			[STYLE_REST] = { 244, OWN, 0 },
		},
	},
	{
		.name = "mono",
		.looks[DEPTH_MONO] = MONO_LOOKS,
		.looks[DEPTH_8] = MONO_LOOKS,
		.looks[DEPTH_256] = MONO_LOOKS,
	},
};

const struct theme *
theme_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(themes) / sizeof(themes[0]); i++)
		if (strcmp(themes[i].name, name) == 0)
			return &themes[i];
	return NULL;
}

struct style_look
theme_look(const struct theme *t, enum style_depth depth, unsigned style)
{
	struct style_look look = t->looks[depth][style & STYLE_MASK];

	if (style & STYLE_SELECTED) {
		look.attrs &= (uint8_t)~ATTR_DIM;
		look.attrs |= ATTR_REVERSE;
	}
	return look;
}
