/*
 * What could be better in a theme: text that is hard to read, where both its
 * colours are known, and roles that cannot be told apart without colours.
 */
#include <stdio.h>

#include "core/theme/colour.h"
#include "core/theme/theme_impl.h"

/* WCAG's, in tenths: what is read, and what only divides. */
#define READ_TENTHS	45
#define DIVIDE_TENTHS	30

/* Without colours these stand side by side, and nothing else divides them. */
static const struct {
	enum style	a, b;
} pairs[] = {
	{ STYLE_HEADER, STYLE_NORMAL }, { STYLE_BAR, STYLE_NORMAL },
	{ STYLE_KEY, STYLE_BAR }, { STYLE_MATCH, STYLE_NORMAL },
	{ STYLE_FIELD, STYLE_NORMAL },
};

/* What the lines of a list are drawn with, one of which is selected. */
static const enum style in_lists[] = {
	STYLE_NORMAL, STYLE_DIM, STYLE_OK, STYLE_WARN, STYLE_ERROR,
	STYLE_HELD, STYLE_PENDING, STYLE_TITLE, STYLE_ADDED, STYLE_REMOVED,
	STYLE_REST,
};

#define LENGTH(a)	(sizeof(a) / sizeof((a)[0]))

bool
theme_in_lists(unsigned style)
{
	size_t i;

	for (i = 0; i < LENGTH(in_lists); i++)
		if (in_lists[i] == (style & STYLE_MASK))
			return true;
	return false;
}

static bool
only_divides(unsigned style)
{
	return style == STYLE_FRAME || style == STYLE_REST;
}

static void
check_contrast(const struct theme *t, unsigned style, theme_tell *tell,
    void *arg)
{
	const struct style_look l = theme_look(t, DEPTH_TRUE, style);
	const bool selected = (style & STYLE_SELECTED) != 0;
	const int least = only_divides(style & STYLE_MASK) ? DIVIDE_TENTHS :
	    READ_TENTHS;
	char text[160];
	int tenths;

	if (!colour_known(l.fg) || !colour_known(l.bg))
		return;
	tenths = (int)(10 * colour_contrast(l.fg, l.bg));
	if (tenths >= least)
		return;
	(void)snprintf(text, sizeof(text), "%s%s: #%06x on #%06x has a "
	    "contrast of %d.%d, less than %d.%d", style_name(style),
	    selected ? ", selected" : "", colour_rgb(l.fg), colour_rgb(l.bg),
	    tenths / 10, tenths % 10, least / 10, least % 10);
	tell(arg, t->line_of[selected && t->line_of[ROLE_SELECTED] != 0 ?
	    ROLE_SELECTED : style & STYLE_MASK], text);
}

static bool
same(struct style_look a, struct style_look b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static void
check_mono(const struct theme *t, theme_tell *tell, void *arg)
{
	const struct style_look *mono = t->looks[DEPTH_MONO];
	char text[160];
	enum style s;
	size_t i;

	for (i = 0; i < LENGTH(pairs); i++) {
		if (!same(mono[pairs[i].a], mono[pairs[i].b]))
			continue;
		(void)snprintf(text, sizeof(text), "%s and %s look the same "
		    "without colours", style_name(pairs[i].a),
		    style_name(pairs[i].b));
		tell(arg, t->line_of[pairs[i].a], text);
	}
	for (i = 0; i < LENGTH(in_lists); i++) {
		s = in_lists[i];
		if (!same(mono[s], theme_look(t, DEPTH_MONO,
		    s | STYLE_SELECTED)))
			continue;
		(void)snprintf(text, sizeof(text), "%s looks the same when it "
		    "is selected, without colours", style_name(s));
		tell(arg, t->line_of[s], text);
	}
}

void
theme_check(const struct theme *t, theme_tell *tell, void *arg)
{
	unsigned s;
	size_t i;

	for (s = 0; s < STYLE_COUNT; s++)
		check_contrast(t, s, tell, arg);
	for (i = 0; i < LENGTH(in_lists); i++)
		check_contrast(t, in_lists[i] | STYLE_SELECTED, tell, arg);
	check_mono(t, tell, arg);
}
