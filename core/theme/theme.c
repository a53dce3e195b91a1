/*
 * From what a theme says to how each role looks at each depth: what a role does
 * not say comes from the role "normal", what the theme does not say of a
 * terminal with fewer colours from the nearest it says of one with more, and
 * where there are none, the attributes of the theme "mono" stand in for them.
 */
#include <string.h>

#include "core/theme/colour.h"
#include "core/theme/theme_impl.h"

/* Of what is selected: the role's own. */
#define COLOUR_KEPT	(COLOUR_OWN - 1)

struct style_look
theme_look(const struct theme *t, enum style_depth depth, unsigned style)
{
	struct style_look look = t->looks[depth][style & STYLE_MASK];
	const struct style_look *over = &t->selected[depth];

	if (!(style & STYLE_SELECTED))
		return look;
	look.attrs &= (uint8_t)~ATTR_DIM;
	look.attrs |= over->attrs;
	if (over->fg != COLOUR_KEPT)
		look.fg = over->fg;
	if (over->bg != COLOUR_KEPT)
		look.bg = over->bg;
	return look;
}

/* The look that counts at a depth: its own, or that of the next deeper. */
static const struct look_said *
said_at(const struct role_said *r, enum style_depth depth)
{
	enum style_depth d = depth;

	while (d < DEPTH_TRUE && !r->at[d].said)
		d++;
	return &r->at[d];
}

/* Attributes are all that is left of it, and those of "mono" join them. */
static struct style_look
in_mono(const struct role_said *r, const struct style_look *mono)
{
	const uint8_t attrs = r->at[DEPTH_MONO].said ?
	    r->at[DEPTH_MONO].look.attrs :
	    r->at[DEPTH_TRUE].look.attrs | mono->attrs;

	return (struct style_look){ COLOUR_OWN, COLOUR_OWN, attrs };
}

/* What it does not say is as in normal. */
static struct style_look
in_colours(const struct role_said *r, enum style_depth depth,
    struct style_look normal, const struct style_look *mono)
{
	const struct look_said *l = said_at(r, depth);
	struct style_look look = { normal.fg, normal.bg, l->look.attrs };
	bool own = r->at[depth].said;

	if (!l->said) {
		look.attrs = mono->attrs;
		return look;
	}
	if (l->has_bg)
		look.bg = colour_ground(l->look.bg, depth);
	if (l->has_fg)
		look.fg = own ? colour_ground(l->look.fg, depth) :
		    colour_text(l->look.fg, look.bg, depth);
	else if (l->has_bg && !own && look.fg != COLOUR_KEPT)
		look.fg = colour_text(look.fg, look.bg, depth);
	/* The ground that set it apart is gone with the colours. */
	if (l->has_bg && l->look.bg != COLOUR_OWN && look.bg == normal.bg &&
	    !own && depth < DEPTH_256)
		look.attrs |= mono->attrs & ATTR_REVERSE;
	return look;
}

/*
 * What it does not say stays as it is; and a ground that no role was made for
 * is, with few colours, no ground.
 */
static struct style_look
selected_in_colours(const struct role_said *r, enum style_depth depth,
    const struct style_look *mono)
{
	const struct style_look kept = { COLOUR_KEPT, COLOUR_KEPT,
	    mono->attrs };
	const struct look_said *l = said_at(r, depth);

	if (depth < DEPTH_256 && l == &r->at[DEPTH_TRUE] && l->has_bg &&
	    l->look.bg != COLOUR_OWN)
		return kept;
	return in_colours(r, depth, kept, mono);
}

static void
fill_depth(const struct theme_said *said, enum style_depth depth,
    const struct theme *mono, struct theme *t)
{
	const struct style_look own = { COLOUR_OWN, COLOUR_OWN, 0 };
	struct style_look normal, all[ROLE_COUNT];
	const struct style_look *m;
	int i;

	normal = in_colours(&said->roles[STYLE_NORMAL], depth, own, &own);
	for (i = 0; i < ROLE_COUNT; i++) {
		m = i == ROLE_SELECTED ? &mono->selected[DEPTH_MONO] :
		    &mono->looks[DEPTH_MONO][i];
		if (depth == DEPTH_MONO)
			all[i] = in_mono(&said->roles[i], m);
		else if (i == STYLE_NORMAL)
			all[i] = normal;
		else if (i == ROLE_SELECTED)
			all[i] = selected_in_colours(&said->roles[i], depth, m);
		else
			all[i] = in_colours(&said->roles[i], depth, normal, m);
	}
	memcpy(t->looks[depth], all, sizeof(t->looks[depth]));
	t->selected[depth] = all[ROLE_SELECTED];
}

static void
fill(const struct theme_said *said, const struct theme *mono, struct theme *t)
{
	int d;

	for (d = 0; d < DEPTH_COUNT; d++)
		fill_depth(said, (enum style_depth)d, mono, t);
}

/* The theme that says what others do not. */
static int
load_mono(const struct xen_ops *ops, struct theme *t, struct dd_err *e)
{
	struct theme nothing = { .name = "" };
	struct theme_said said = { .roles = { { .at = { { false } } } } };
	struct buf text = BUF_INIT;
	int rc = -1;

	if (theme_builtin_text("mono", &text, e) == 0)
		rc = theme_said(ops, &text, "mono", &said, t, e);
	buf_dispose(&text);
	if (rc == 0)
		fill(&said, &nothing, t);
	return rc;
}

int
theme_parse(const struct xen_ops *ops, const struct buf *text,
    const char *path, struct theme *out, struct dd_err *e)
{
	struct theme_said said = { .roles = { { .at = { { false } } } } };
	struct theme mono = { .name = "" }, t = { .name = "" };

	if (load_mono(ops, &mono, e) == -1 ||
	    theme_said(ops, text, path, &said, &t, e) == -1)
		return -1;
	fill(&said, &mono, &t);
	*out = t;
	return 0;
}
