/*
 * A theme from its file.  libxlutil reads the values; our scan of the same
 * text gives names and lines.  A value is a look, or a list of looks of which
 * the first is for all depths, and others begin with the one that they are for:
 *
 *	bar = [ "black on #87afaf", "8: black on cyan", "mono: reverse" ]
 */
#include <stdio.h>
#include <string.h>

#include "core/base/nearest.h"
#include "core/base/vis.h"
#include "core/fleet/scan.h"
#include "core/theme/colour.h"
#include "core/theme/theme_impl.h"

static const char *const names[] = {
#define X(role, name, letter) [role] = name,
	STYLES(X)
#undef X
	[ROLE_SELECTED] = "selected",
	[ROLE_SELECTED + 1] = "about",
	NULL
};

static const struct {
	const char	*name;
	enum style_attr	 attr;
} attributes[] = {
	{ "bold", ATTR_BOLD }, { "dim", ATTR_DIM },
	{ "underline", ATTR_UNDERLINE }, { "reverse", ATTR_REVERSE },
};

#define NATTRIBUTES	(sizeof(attributes) / sizeof(attributes[0]))

static const struct {
	const char		*name;
	enum style_depth	 depth;
} depths[] = {
	{ "mono:", DEPTH_MONO }, { "8:", DEPTH_8 }, { "16:", DEPTH_16 },
	{ "256:", DEPTH_256 },
};

#define NDEPTHS		(sizeof(depths) / sizeof(depths[0]))

const char *
style_name(unsigned style)
{
	return names[style & STYLE_MASK];
}

/* The word at *s, which is moved behind it; its length, 0 at the end. */
static size_t
next_word(const char **s, const char **word)
{
	size_t n;

	*word = *s + strspn(*s, " \t");
	n = strcspn(*word, " \t");
	*s = *word + n;
	return n;
}

static bool
is_word(const char *word, size_t n, const char *s)
{
	return strlen(s) == n && strncmp(word, s, n) == 0;
}

static int
bad_word(const char *word, size_t n, struct dd_err *e)
{
	const char *all[64], *meant;
	char text[64];
	size_t i, count = 0;

	for (i = 0; colour_names[i] != NULL; i++)
		all[count++] = colour_names[i];
	for (i = 0; i < NATTRIBUTES; i++)
		all[count++] = attributes[i].name;
	all[count] = NULL;
	(void)snprintf(text, sizeof(text), "%.*s", (int)n, word);
	(void)dd_fail(e, ERR_CONFIG, "\"%s\" is no colour and no attribute",
	    text);
	if (text[0] == '#')
		return dd_hint(e, "a colour by its red, green and blue is "
		    "written as in #ff8700");
	if ((meant = nearest(text, all)) != NULL)
		return dd_hint(e, "did you mean %s?", meant);
	return dd_hint(e, "colours: #rrggbb, 0 to 255, own, black, red, "
	    "green, yellow, blue, magenta, cyan, white, bright-...; "
	    "attributes: bold, dim, underline, reverse");
}

static bool
take_attribute(struct look_said *l, const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < NATTRIBUTES; i++)
		if (is_word(word, n, attributes[i].name)) {
			l->look.attrs |= (uint8_t)attributes[i].attr;
			return true;
		}
	return false;
}

/* [COLOUR] [on COLOUR] [ATTRIBUTE]..., in any order but for "on". */
static int
parse_look(const char *s, struct look_said *out, struct dd_err *e)
{
	struct look_said l = { .said = true };
	const char *word;
	bool on = false;
	int32_t c;
	size_t n;

	while ((n = next_word(&s, &word)) > 0) {
		if (is_word(word, n, "on") && !on && !l.has_bg) {
			on = true;
			continue;
		}
		if (!on && take_attribute(&l, word, n))
			continue;
		if (!colour_parse(word, n, &c))
			return bad_word(word, n, e);
		if (on) {
			l.look.bg = c;
			l.has_bg = true;
		} else if (l.has_fg)
			return dd_fail(e, ERR_CONFIG, "\"%.*s\": there is a "
			    "colour already", (int)n, word);
		else {
			l.look.fg = c;
			l.has_fg = true;
		}
		on = false;
	}
	if (on)
		return dd_fail(e, ERR_CONFIG, "\"on\" wants a colour behind "
		    "it");
	*out = l;
	return 0;
}

/* Which depth is an entry of a list for?  It is moved behind that. */
static enum style_depth
depth_of(const char **s)
{
	const char *at = *s, *word;
	size_t i, n = next_word(&at, &word);

	for (i = 0; i < NDEPTHS; i++)
		if (is_word(word, n, depths[i].name)) {
			*s = at;
			return depths[i].depth;
		}
	return DEPTH_TRUE;
}

static int
parse_entry(const char *s, bool first, struct role_said *r, struct dd_err *e)
{
	enum style_depth depth = depth_of(&s);

	if (first && depth != DEPTH_TRUE) {
		(void)dd_fail(e, ERR_CONFIG, "the first look is for all "
		    "terminals, and names no depth");
		return dd_hint(e, "write [ \"#87afaf\", \"8: cyan\" ]");
	}
	if (!first && depth == DEPTH_TRUE) {
		(void)dd_fail(e, ERR_CONFIG, "\"%s\" does not say which "
		    "terminals it is for", s);
		return dd_hint(e, "begin it with 256:, 16:, 8: or mono:");
	}
	if (r->at[depth].said)
		return dd_fail(e, ERR_CONFIG, "two looks for the same depth");
	if (parse_look(s, &r->at[depth], e) == -1)
		return -1;
	if (depth == DEPTH_MONO && (r->at[depth].has_fg ||
	    r->at[depth].has_bg))
		return dd_fail(e, ERR_CONFIG, "mono has attributes only");
	return 0;
}

static int
parse_role(const struct xen_ops *ops, const struct xen_cfg *cfg,
    const char *name, struct role_said *r, struct dd_err *e)
{
	const char *s = ops->cfg_string(cfg, name);
	int i, n;

	if (s != NULL)
		return parse_entry(s, true, r, e);
	if ((n = ops->cfg_list(cfg, name)) <= 0) {
		(void)dd_fail(e, ERR_CONFIG, "no look");
		return dd_hint(e, "write %s = \"green bold\"", name);
	}
	for (i = 0; i < n; i++) {
		if ((s = ops->cfg_item(cfg, name, i)) == NULL)
			return dd_fail(e, ERR_CONFIG, "entry %d is no string",
			    i + 1);
		if (parse_entry(s, i == 0, r, e) == -1)
			return -1;
	}
	return 0;
}

static int
parse_about(const struct xen_ops *ops, const struct xen_cfg *cfg,
    struct theme *t, struct dd_err *e)
{
	const char *s = ops->cfg_string(cfg, "about");

	if (s == NULL)
		return dd_fail(e, ERR_CONFIG, "it is one string");
	vis_str(t->about, sizeof(t->about), s);
	return 0;
}

static int
unknown_key(const char *name, struct dd_err *e)
{
	const char *meant = nearest(name, names);
	char all[384] = "";
	size_t i, n = 0;

	(void)dd_fail(e, ERR_CONFIG, "no role of that name");
	if (meant != NULL)
		return dd_hint(e, "did you mean %s?", meant);
	for (i = 0; names[i] != NULL; i++)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
		    i == 0 ? "" : ", ", names[i]);
	return dd_hint(e, "there are: %s", all);
}

static int
parse_key(const struct xen_ops *ops, const struct xen_cfg *cfg,
    const struct scan_key *k, struct theme_said *said, struct theme *t,
    struct dd_err *e)
{
	size_t i;

	if (k->add)
		return dd_fail(e, ERR_CONFIG, "+= has no meaning here");
	if (strcmp(k->name, "about") == 0)
		return parse_about(ops, cfg, t, e);
	for (i = 0; i < ROLE_COUNT; i++)
		if (strcmp(names[i], k->name) == 0) {
			t->line_of[i] = k->line;
			return parse_role(ops, cfg, k->name, &said->roles[i],
			    e);
		}
	return unknown_key(k->name, e);
}

static int
parse_keys(const struct xen_ops *ops, const struct xen_cfg *cfg,
    const struct scan *s, const char *path, struct theme_said *said,
    struct theme *t, struct dd_err *e)
{
	const struct scan_key *dup, *first;
	size_t i = 0;

	if ((dup = scan_duplicate(s, &i, &first)) != NULL) {
		(void)dd_fail(e, ERR_CONFIG, "%s:%u: %s stands in line %u "
		    "already", path, dup->line, dup->name, first->line);
		return dd_hint(e, "take one of the two lines out");
	}
	for (i = 0; i < s->n; i++)
		if (parse_key(ops, cfg, &s->v[i], said, t, e) == -1) {
			(void)dd_hint(e, "a line is such as %s = \"white on "
			    "blue bold\"", s->v[i].name);
			return dd_context(e, "%s:%u: %s", path, s->v[i].line,
			    s->v[i].name);
		}
	return 0;
}

/* The file's name without folder and ".theme". */
static void
name_theme(struct theme *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *end;

	vis_str(t->name, sizeof(t->name), slash == NULL ? path : slash + 1);
	if ((end = strstr(t->name, ".theme")) != NULL)
		*end = '\0';
}

int
theme_said(const struct xen_ops *ops, const struct buf *text, const char *path,
    struct theme_said *said, struct theme *t, struct dd_err *e)
{
	struct scan scan = SCAN_INIT;
	struct xen_cfg *cfg = NULL;
	int rc = -1;

	name_theme(t, path);
	if (scan_text(text->p == NULL ? "" : text->p, text->len, &scan, e) ==
	    -1) {
		(void)dd_context(e, "%s", path);
		goto out;
	}
	if (ops->cfg_open(text->p == NULL ? "" : text->p, text->len, path,
	    &cfg, e) == -1)
		goto out;
	rc = parse_keys(ops, cfg, &scan, path, said, t, e);
out:
	ops->cfg_close(cfg);
	scan_dispose(&scan);
	return rc;
}
