/* Themes: what files say, what becomes of it on terminals of each depth, where
 * files are looked for. */
#include "core/base/fsutil.h"
#include "core/theme/colour.h"
#include "core/theme/theme.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"
#include "xen/xen.h"

static struct dd_err e;

static int
parse(const char *text, struct theme *t)
{
	struct buf b = BUF_INIT;
	int rc;

	dd_err_clear(&e);
	(void)buf_str(&b, text);
	rc = theme_parse(&xen_ops, &b, "dir/a.theme", t, &e);
	buf_dispose(&b);
	return rc;
}

static struct style_look
look(const struct theme *t, enum style_depth depth, unsigned style)
{
	return theme_look(t, depth, style);
}

#define LOOK(t, depth, style, f, b, a) do {				\
	struct style_look t_l = look(t, depth, style);			\
	if (t_l.fg != (f) || t_l.bg != (b) || t_l.attrs != (a))		\
		T_FAIL("%s at %d is %x on %x with %x", #style, depth,	\
		    (unsigned)t_l.fg, (unsigned)t_l.bg, t_l.attrs);	\
} while (0)

#define RGB(c)	(COLOUR_RGB | (c))

/* -- what a file says ---------------------------------------------------- */

static void
looks_are_read(void)
{
	struct theme t;

	T_OK(parse("about = \"two\twords\"\n"
	    "normal = \"#Aabbcc on #000000\"\n"
	    "ok = \"green\"\nwarn = \" bold\t214  underline \"\n"
	    "error = \"bright-red on own dim reverse\"\nheld = 5\n"
	    "bar = [ \"#102030 on #d0d0d0\", \"256: 17\", "
	    "\"8: black on cyan\", \"mono: underline\" ]\n", &t));
	T_STR(t.name, "a");
	T_STR(t.about, "two\\twords");
	LOOK(&t, DEPTH_TRUE, STYLE_NORMAL, RGB(0xaabbcc), RGB(0), 0);
	LOOK(&t, DEPTH_TRUE, STYLE_OK, 2, RGB(0), 0);
	LOOK(&t, DEPTH_TRUE, STYLE_WARN, 214, RGB(0),
	    ATTR_BOLD | ATTR_UNDERLINE);
	LOOK(&t, DEPTH_TRUE, STYLE_ERROR, 9, COLOUR_OWN,
	    ATTR_DIM | ATTR_REVERSE);
	LOOK(&t, DEPTH_TRUE, STYLE_HELD, 5, RGB(0), 0);
	LOOK(&t, DEPTH_TRUE, STYLE_BAR, RGB(0x102030), RGB(0xd0d0d0), 0);
	LOOK(&t, DEPTH_256, STYLE_BAR, 17, 16, 0);
	LOOK(&t, DEPTH_8, STYLE_BAR, 0, 6, 0);
	LOOK(&t, DEPTH_MONO, STYLE_BAR, COLOUR_OWN, COLOUR_OWN,
	    ATTR_UNDERLINE);
	T_EQ(t.line_of[STYLE_BAR], 7);
}

static void
what_is_not_said_is_as_in_mono(void)
{
	struct theme t, mono;
	unsigned s;
	int d;

	T_OK(theme_builtin(&xen_ops, "mono", &mono, &e));
	T_OK(parse("", &t));
	for (d = 0; d < DEPTH_COUNT; d++)
		for (s = 0; s < 2 * 0x80; s++)
			if ((s & STYLE_MASK) < STYLE_COUNT)
				LOOK(&t, (enum style_depth)d, s, COLOUR_OWN,
				    COLOUR_OWN, look(&mono, DEPTH_MONO,
				    s).attrs);
	/* Attributes join those of mono where colours are gone. */
	T_OK(parse("match = \"red dim\"\nkey = [ \"red\", \"mono: \" ]\n",
	    &t));
	LOOK(&t, DEPTH_MONO, STYLE_MATCH, COLOUR_OWN, COLOUR_OWN,
	    ATTR_DIM | ATTR_BOLD | ATTR_UNDERLINE);
	LOOK(&t, DEPTH_8, STYLE_MATCH, 1, COLOUR_OWN, ATTR_DIM);
	LOOK(&t, DEPTH_MONO, STYLE_KEY, COLOUR_OWN, COLOUR_OWN, 0);
}

static void
faults_have_line_and_hint(void)
{
	static const struct {
		const char	*text, *says, *hint;
	} cases[] = {
		{ "\nokk = \"red\"\n", "a.theme:2: okk: no role", "mean ok?" },
		{ "zebra = \"red\"\n", "zebra: no role", "there are: normal" },
		{ "ok = \"red\"\n\nok = \"red\"\n",
		    "a.theme:3: ok stands in line 1", "take one" },
		{ "ok += \"red\"\n", "a.theme:1: ok: +=", "a line is" },
		{ "ok = \"gren\"\n", "\"gren\" is no colour", "mean green?" },
		{ "ok = \"bodl\"\n", "\"bodl\" is no colour", "mean bold?" },
		{ "ok = \"#12345\"\n", "\"#12345\"", "as in #ff8700" },
		{ "ok = \"#12345g\"\n", "\"#12345g\"", "as in #ff8700" },
		{ "ok = \"256\"\n", "\"256\"", "0 to 255" },
		{ "ok = \"red green\"\n", "\"green\": there is a colour", "" },
		{ "ok = \"red on\"\n", "wants a colour behind it", "" },
		{ "ok = \"on red on blue\"\n", "\"on\" is no colour", "" },
		{ "ok = []\n", "a.theme:1: ok: no look", "write ok = " },
		{ "ok = [ \"red\", [ \"x\" ] ]\n", "entry 2 is no", "" },
		{ "ok = [ \"8: red\" ]\n", "names no depth", "write [" },
		{ "ok = [ \"red\", \"blue\" ]\n", "does not say which",
		    "256:, 16:" },
		{ "ok = [ \"red\", \"8: blue\", \"8: blue\" ]\n",
		    "two looks", "" },
		{ "ok = [ \"red\", \"mono: blue\" ]\n", "attributes only",
		    "" },
		{ "about = [ \"x\" ]\n", "about: it is one string", "" },
		{ "ok = red\n", "a.theme:1: config parsing error", "quotes" },
	};
	struct theme t = { .name = "was" };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		T_ERR(parse(cases[i].text, &t), ERR_CONFIG);
		if (strstr(e.msg, cases[i].says) == NULL)
			T_FAIL("%s: no %s", e.msg, cases[i].says);
		if (e.hint[0] == '\0' || strstr(e.hint, cases[i].hint) == NULL)
			T_FAIL("%s: hint %s", e.msg, e.hint);
		T_STR(t.name, "was");
	}
}

/* -- fewer colours ------------------------------------------------------- */

static void
colours_become_fewer(void)
{
	T_EQ(colour_ground(RGB(0xff0000), DEPTH_256), 196);
	T_EQ(colour_ground(RGB(0x808080), DEPTH_256), 244);
	T_EQ(colour_ground(RGB(0x005f87), DEPTH_256), 24);
	T_EQ(colour_ground(3, DEPTH_256), 3);
	/* a hue stays what it is called */
	T_EQ(colour_text(RGB(0x859900), -1, DEPTH_8), 3);
	T_EQ(colour_text(RGB(0xdc322f), -1, DEPTH_8), 1);
	T_EQ(colour_text(RGB(0xd33682), -1, DEPTH_8), 5);
	T_EQ(colour_text(RGB(0x268bd2), -1, DEPTH_8), 4);
	T_EQ(colour_text(RGB(0x2aa198), -1, DEPTH_8), 6);
	T_EQ(colour_text(RGB(0x009e73), -1, DEPTH_8), 2);
	T_EQ(colour_text(RGB(0xe69f00), -1, DEPTH_8), 3);
	T_EQ(colour_text(208, -1, DEPTH_8), 3);
	/* a grey on who knows what is the terminal's own */
	T_EQ(colour_text(RGB(0x586e75), -1, DEPTH_8), -1);
	T_EQ(colour_text(RGB(0x888888), 0, DEPTH_8), 7);
	T_EQ(colour_text(RGB(0x888888), 7, DEPTH_8), 0);
	/* blue on black cannot be read */
	T_EQ(colour_text(RGB(0x0000ff), 0, DEPTH_16), 12);
	T_EQ(colour_text(RGB(0x0000ff), 0, DEPTH_8), 7);
	T_EQ(colour_ground(RGB(0x002b36), DEPTH_8), 0);
	T_EQ(colour_ground(RGB(0xfdf6e3), DEPTH_8), 7);
	T_EQ(colour_ground(RGB(0xfdf6e3), DEPTH_16), 15);
	T_EQ((int)(10 * colour_contrast(RGB(0), RGB(0xffffff))), 210);
	T_EQ((int)(10 * colour_contrast(RGB(0x777777), 231)), 44);
}

/* What only its ground sets apart is reversed where that is gone. */
static void
grounds_that_vanish(void)
{
	struct theme t;

	T_OK(parse("normal = \"#ffffff on #000000\"\n"
	    "bar = \"on #121212\"\nok = \"green on #121212\"\n"
	    "selected = \"on #202020\"\n", &t));
	LOOK(&t, DEPTH_256, STYLE_BAR, 231, 233, 0);
	LOOK(&t, DEPTH_8, STYLE_BAR, 7, 0, ATTR_REVERSE);
	LOOK(&t, DEPTH_8, STYLE_OK, 2, 0, 0);
	LOOK(&t, DEPTH_256, STYLE_OK | STYLE_SELECTED, 2, 234, 0);
	LOOK(&t, DEPTH_8, STYLE_OK | STYLE_SELECTED, 2, 0, ATTR_REVERSE);
	T_OK(parse("selected = [ \"on #202020\", \"8: on blue\" ]\n", &t));
	LOOK(&t, DEPTH_16, STYLE_OK | STYLE_SELECTED, -1, -1, ATTR_REVERSE);
	LOOK(&t, DEPTH_8, STYLE_OK | STYLE_SELECTED, -1, 4, 0);
	/* the same whatever is selected */
	T_OK(parse("ok = \"green\"\nselected = \"own on own reverse\"\n",
	    &t));
	LOOK(&t, DEPTH_256, STYLE_OK | STYLE_SELECTED, -1, -1, ATTR_REVERSE);
	LOOK(&t, DEPTH_8, STYLE_OK | STYLE_SELECTED, -1, -1, ATTR_REVERSE);
}

static bool
has_depth(int32_t c, enum style_depth depth)
{
	static const int32_t colours[] = { 0, 8, 16, 256, INT32_MAX };

	return c >= COLOUR_OWN && c < colours[depth];
}

/* One role of one theme at one depth, and the same when it is selected. */
static void
check_look(const struct theme *t, enum style_depth depth, unsigned s)
{
	const struct style_look l = look(t, depth, s);
	const struct style_look sel = look(t, depth, s | STYLE_SELECTED);
	const uint8_t kept = look(t, DEPTH_TRUE, s).attrs;

	if (!has_depth(l.fg, depth) || !has_depth(l.bg, depth))
		T_FAIL("%s: %s at %d: %d on %d", t->name, style_name(s),
		    depth, l.fg, l.bg);
	if (l.fg >= 0 && l.bg >= 0 && colour_contrast(l.fg, l.bg) < 2.5)
		T_FAIL("%s: %s at %d: %d on %d can't be read", t->name,
		    style_name(s), depth, l.fg, l.bg);
	if ((l.attrs & kept) != kept)
		T_FAIL("%s: %s at %d has lost attributes", t->name,
		    style_name(s), depth);
	if (s != STYLE_HEADER && s != STYLE_BAR && l.fg == sel.fg &&
	    l.bg == sel.bg && l.attrs == sel.attrs)
		T_FAIL("%s: %s at %d: selected looks the same", t->name,
		    style_name(s), depth);
}

static void
take_fault(void *arg, unsigned line, const char *text)
{
	T_FAIL("%s:%u: %s", (const char *)arg, line, text);
}

static void
themes_are_good_at_every_depth(void)
{
	const struct theme_source *b;
	struct theme t;
	unsigned s;
	int d;

	for (b = theme_builtins; b->name != NULL; b++) {
		T_OK(theme_builtin(&xen_ops, b->name, &t, &e));
		T(t.about[0] != '\0');
		for (s = 0; s < STYLE_COUNT; s++) {
			if (t.line_of[s] == 0)
				T_FAIL("%s says nothing of %s", b->name,
				    style_name(s));
			for (d = 0; d < DEPTH_COUNT; d++)
				check_look(&t, (enum style_depth)d, s);
		}
		theme_check(&t, take_fault, t.name);
	}
}

/* What is told: where, and how often. */
static unsigned told, told_line;

static void
count(void *arg, unsigned line, const char *text)
{
	if (strstr(text, arg) == NULL)
		T_FAIL("%s: no %s", text, (const char *)arg);
	told++;
	told_line = line;
}

static void
check_tells(void)
{
	static const struct {
		const char	*text, *says;
		unsigned	 times, line;
	} cases[] = {
		{ "\nfield = \"#777777 on #ffffff\"\n",
		    "field: #777777 on #ffffff has a contrast of 4.4", 1, 2 },
		{ "field = \"#747474 on #ffffff\"\n", "", 0, 0 },
		/* what only divides needs less */
		{ "frame = \"#949494 on #ffffff\"\n", "", 0, 0 },
		{ "frame = \"#969696 on #ffffff\"\n", "less than 3.0", 1, 1 },
		/* of the first 16 nobody knows */
		{ "field = \"blue on black\"\n", "", 0, 0 },
		{ "ok = \"#000000 on #ffffff\"\nselected = \"on #333333\"\n",
		    "ok, selected: #000000 on #333333", 1, 2 },
		{ "match = [ \"red\", \"mono: \" ]\n", "match and normal", 1,
		    1 },
		{ "key = \"reverse\"\nbar = [ \"red\", \"mono: reverse bold\" "
		    "]\n", "key and bar", 1, 1 },
		{ "ok = \"reverse\"\n", "ok looks the same when it is "
		    "selected", 1, 1 },
	};
	struct theme t;
	char says[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		T_OK(parse(cases[i].text, &t));
		told = told_line = 0;
		(void)snprintf(says, sizeof(says), "%s", cases[i].says);
		theme_check(&t, count, says);
		if (told != cases[i].times || told_line != cases[i].line)
			T_FAIL("%s: told %u times, line %u", cases[i].text,
			    told, told_line);
	}
}

/* -- where they are ------------------------------------------------------ */

static void
put(const char *name, const char *text)
{
	T_OK(fs_replace_file(scratch(name), text, strlen(text), 0644, &e));
}

static void
files_go_before_what_is_built_in(void)
{
	const char *conf = scratch("drydock.conf");
	struct theme_list l = { .v = NULL };
	struct theme t;
	size_t i, at = 0;

	T_OK(fs_mkdirs(scratch("drydock/themes"), 0755, &e));
	put("drydock/themes/amber.theme", "about = \"mine\"\n");
	put("drydock/themes/.hidden.theme", "");
	put("drydock/themes/no-theme", "");
	put("drydock/themes/zoo.theme", "zoo = 1\n");

	T_OK(theme_names(conf, &l, &e));
	T(l.n >= 10);
	for (i = 1; i < l.n; i++) {
		T(strcmp(l.v[i - 1].name, l.v[i].name) < 0);
		at = strcmp(l.v[i].name, "zoo") == 0 ? i : at;
	}
	T_STR(l.v[0].name, "amber");
	T(l.v[0].path != NULL && at > 0);
	T_OK(theme_load(&xen_ops, conf, "amber", &t, &e));
	T_STR(t.about, "mine");
	T_OK(theme_load(&xen_ops, conf, "green", &t, &e));
	T_STR(t.name, "green");
	T_OK(theme_load(&xen_ops, conf, l.v[0].path, &t, &e));
	T_STR(t.name, "amber");
	T_ERR(theme_load(&xen_ops, conf, "zoo", &t, &e), ERR_CONFIG);
	T_ERR(theme_load(&xen_ops, conf, "ambr", &t, &e), ERR_NOENT);
	T_STR(e.hint, "did you mean amber?");
	T_ERR(theme_load(&xen_ops, conf, "nothing", &t, &e), ERR_NOENT);
	T(strstr(e.hint, "amber, contrast, default") != NULL);
	T_ERR(theme_load(&xen_ops, conf, "./none.theme", &t, &e), ERR_NOENT);
	T_OK(theme_builtin(&xen_ops, "amber", &t, &e));
	T(strcmp(t.about, "mine") != 0);
	theme_list_dispose(&l);
	theme_list_dispose(&l);
}

int
main(void)
{
	T_RUN(looks_are_read);
	T_RUN(what_is_not_said_is_as_in_mono);
	T_RUN(faults_have_line_and_hint);
	T_RUN(colours_become_fewer);
	T_RUN(grounds_that_vanish);
	T_RUN(themes_are_good_at_every_depth);
	T_RUN(check_tells);
	T_RUN(files_go_before_what_is_built_in);
	return t_done();
}
