/*
 * The terminal through curses.  Rows that differ from what was drawn before are
 * put into its window; it finds the cheapest bytes that make the terminal show
 * them.
 *
 * Signals are not curses' business here: the loop takes them, and calls size,
 * leave or close.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "core/base/clock.h"
#include "tui/keys.h"
#include "tui/term.h"
#include "tui/term_curses.h"

/* From an ESC on, so long for the rest of a key's sequence. */
#define ESC_MILLISECONDS	15

static struct {
	SCREEN			*screen;
	bool			 utf8;
	bool			 everything;	/* draw all rows */
	bool			 away;		/* between leave and draw */
	const struct theme	*theme;
	enum style_depth	 depth;
	struct canvas		 shown;
} term;

static const struct {
	wint_t		curses;
	uint32_t	key;
} special[] = {
	{ KEY_UP, K_UP }, { KEY_DOWN, K_DOWN }, { KEY_LEFT, K_LEFT },
	{ KEY_RIGHT, K_RIGHT }, { KEY_PPAGE, K_PAGE_UP },
	{ KEY_NPAGE, K_PAGE_DOWN }, { KEY_HOME, K_HOME }, { KEY_END, K_END },
	{ KEY_BACKSPACE, K_BACKSPACE }, { KEY_DC, K_DELETE },
	{ KEY_BTAB, K_BACKTAB }, { KEY_ENTER, K_ENTER },
};

#ifdef NCURSES_VERSION
/* What terminals send whatever TERM says they are. */
static const struct {
	const char	*sequence;
	int		 curses;
} common[] = {
	{ "\033[A", KEY_UP }, { "\033OA", KEY_UP },
	{ "\033[B", KEY_DOWN }, { "\033OB", KEY_DOWN },
	{ "\033[C", KEY_RIGHT }, { "\033OC", KEY_RIGHT },
	{ "\033[D", KEY_LEFT }, { "\033OD", KEY_LEFT },
	{ "\033[H", KEY_HOME }, { "\033OH", KEY_HOME },
	{ "\033[1~", KEY_HOME }, { "\033[7~", KEY_HOME },
	{ "\033[F", KEY_END }, { "\033OF", KEY_END },
	{ "\033[4~", KEY_END }, { "\033[8~", KEY_END },
	{ "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
	{ "\033[3~", KEY_DC }, { "\033[Z", KEY_BTAB },
	{ "\033OP", KEY_F(1) }, { "\033[11~", KEY_F(1) },
	{ "\033[15~", KEY_F(5) }, { "\033[21~", KEY_F(10) },
};

static void
define_keys(void)
{
	size_t i;

	if (getenv("ESCDELAY") == NULL)
		(void)set_escdelay(ESC_MILLISECONDS);
	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		(void)define_key(common[i].sequence, common[i].curses);
}
#else
static void
define_keys(void)
{
	ESCDELAY = ESC_MILLISECONDS;
}
#endif

/* Does terminfo know such a terminal, and can it place its cursor? */
static bool
is_usable(const char *name, bool *known)
{
	char capability[] = "cup";
	const char *cup;
	bool able;
	int r;

	*known = setupterm(name, STDOUT_FILENO, &r) != ERR;
	if (!*known)
		return false;
	cup = tigetstr(capability);
	able = cup != NULL && cup != (char *)-1;
	(void)del_curterm(cur_term);
	return able;
}

/* Will curses be able to work?  It says no more than "no". */
static int
check_terminal(struct dd_err *e)
{
	const char *name = getenv("TERM");
	bool known;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		(void)dd_fail(e, ERR_USAGE, "the console needs a terminal");
		return dd_hint(e, "drydock --help lists the commands that "
		    "work without one");
	}
	if (is_usable(NULL, &known))
		return 0;
	if (!known) {
		(void)dd_fail(e, ERR_USAGE, "%s: unknown terminal",
		    name == NULL || *name == '\0' ? "TERM is not set" : name);
		return dd_hint(e, "set TERM to what you sit at, such as "
		    "TERM=vt100");
	}
	(void)dd_fail(e, ERR_UNSUP, "terminal %s cannot place its cursor",
	    name);
	return dd_hint(e, "set TERM to what you sit at, such as TERM=vt100; "
	    "commands work anywhere");
}

/*
 * Where terminals of this kind have a sibling that takes any colour, and this
 * one says that it does, the sibling's name; else NULL.
 */
static const char *
direct_sibling(void)
{
	static char name[128];
	const char *can = getenv("COLORTERM"), *is = getenv("TERM");
	const char *end = is == NULL ? NULL : strstr(is, "-256color");
	bool known;

	if (can == NULL || end == NULL || end[9] != '\0' ||
	    (strcmp(can, "truecolor") != 0 && strcmp(can, "24bit") != 0))
		return NULL;
	if (snprintf(name, sizeof(name), "%.*s-direct", (int)(end - is), is) >=
	    (int)sizeof(name))
		return NULL;
	return is_usable(name, &known) ? name : NULL;
}

static int
term_open(const struct theme *theme, struct dd_err *e)
{
	(void)setlocale(LC_CTYPE, "");
	if (check_terminal(e) == -1)
		return -1;
	term.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	term.theme = theme;
	term.everything = true;
	if ((term.screen = newterm(direct_sibling(), stdout, stdin)) == NULL)
		return dd_fail(e, ERR_UNSUP, "the terminal cannot be used");
	term.depth = curses_depth();
	curses_init_pairs(theme, term.depth);
	/* cbreak, not raw: flow control stays, a serial line needs it. */
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)intrflush(stdscr, FALSE);
	(void)nodelay(stdscr, TRUE);
	(void)scrollok(stdscr, FALSE);
	(void)keypad(stdscr, TRUE);
	define_keys();
	curses_open_size();
	return 0;
}

static void
term_theme(const struct theme *theme)
{
	term.theme = theme;
	curses_init_pairs(theme, term.depth);
	term.everything = true;
}

static void
term_close(void)
{
	if (term.screen == NULL)
		return;
	(void)endwin();
	delscreen(term.screen);
	term.screen = NULL;
	canvas_dispose(&term.shown);
}

/* Below the cursor may stand what somebody wrote there the last time. */
static void
term_leave(void)
{
	char name[] = "ed";
	const char *ed;

	term.away = true;
	(void)endwin();
	ed = tigetstr(name);
	if (ed != NULL && ed != (char *)-1)
		(void)putp(ed);
	(void)fflush(stdout);
}

static bool
term_utf8(void)
{
	return term.utf8;
}

static void
term_size(int *rows, int *cols)
{
	curses_heed_size();
	*rows = LINES;
	*cols = COLS;
}

static void
term_forget(void)
{
	term.everything = true;
	if (!term.away)
		curses_ask_size_again();
}

static void
draw_row(const struct canvas *c, int y)
{
	const struct cell *cell = &c->cells[y * c->cols];
	wchar_t text[CANVAS_MARKS + 2];
	struct style_look look;
	cchar_t out;
	int pair;
	int x, i, n;

	for (x = 0; x < c->cols; x++, cell++) {
		if (cell->ch == 0)
			continue;
		n = 0;
		text[n++] = (wchar_t)cell->ch;
		for (i = 0; i < CANVAS_MARKS && cell->marks[i] != 0; i++)
			text[n++] = (wchar_t)cell->marks[i];
		text[n] = L'\0';
		look = theme_look(term.theme, term.depth, cell->style);
		pair = curses_pair(look, cell->style);
		if (setcchar(&out, text, curses_attrs(look), (short)pair, NULL) ==
		    OK)
			(void)mvadd_wch(y, x, &out);
	}
}

/* Make `shown` a canvas like c that shows nothing c could show. */
static void
match_size(const struct canvas *c)
{
	struct dd_err e = DD_ERR_INIT;

	if (term.shown.rows == c->rows && term.shown.cols == c->cols)
		return;
	canvas_dispose(&term.shown);
	(void)canvas_init(&term.shown, c->rows, c->cols, c->utf8, &e);
	term.everything = true;
}

/*
 * What a program that had the terminal may have left on, and curses does not
 * turn off, since it has not turned it on: another character set, inserting,
 * marks around what is pasted, the mouse.  Nothing that moves the cursor, which
 * may be kept for when we leave.  Terminals that follow ECMA-48 pass over what
 * they do not know.
 */
static void
undo_others(void)
{
	static const char off[] = "\033(B\017\033[4l\033[?7h"
	    "\033[?2004l\033[?1000l\033[?1002l\033[?1003l\033[?1006l";
	char name[] = "cup";
	const char *cup = tigetstr(name);

	if (cup == NULL || cup == (char *)-1 || strncmp(cup, "\033[", 2) != 0)
		return;
	/* Before anything that curses sends, which has a buffer of its own. */
	(void)fputs(off, stdout);
	(void)fflush(stdout);
}

static void
term_draw(const struct canvas *c)
{
	size_t row = (size_t)c->cols * sizeof(*c->cells);
	struct cell *was;
	int y;

	match_size(c);
	if (term.everything)
		(void)clear();
	for (y = 0; y < c->rows; y++) {
		was = term.shown.cells == NULL ? NULL :
		    &term.shown.cells[y * c->cols];
		if (!term.everything && was != NULL &&
		    memcmp(was, &c->cells[y * c->cols], row) == 0)
			continue;
		draw_row(c, y);
		if (was != NULL)
			memcpy(was, &c->cells[y * c->cols], row);
	}
	term.everything = false;
	if (term.away)
		undo_others();
	/* Where a cursor cannot be hidden, it stands where one looks. */
	if (c->cursor_y >= 0)
		(void)move(c->cursor_y, c->cursor_x);
	else
		(void)move(c->rows - 1, 0);
	(void)curs_set(c->cursor_shown ? 1 : 0);
	(void)refresh();
	/* Else keys would come in their other form until one was read. */
	if (term.away)
		(void)keypad(stdscr, TRUE);
	term.away = false;
}

#ifdef NCURSES_MOUSE_VERSION
#define TWICE_MS	400

static void
term_mouse(void)
{
	(void)mouseinterval(0);
	(void)mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED |
	    BUTTON1_DOUBLE_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
}

/* false: it is nothing that means anything. */
static bool
take_mouse(uint32_t *key)
{
	static int64_t before;
	static int where = -1;
	enum mouse kind = MOUSE_PRESS;
	MEVENT m;

	if (getmouse(&m) != OK || m.y < 0 || m.x < 0)
		return false;
	if ((m.bstate & BUTTON4_PRESSED) != 0)
		kind = MOUSE_UP;
	else if ((m.bstate & BUTTON5_PRESSED) != 0)
		kind = MOUSE_DOWN;
	else if ((m.bstate & BUTTON1_DOUBLE_CLICKED) != 0)
		kind = MOUSE_TWICE;
	else if ((m.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED)) == 0)
		return false;
	else {
		if (m.y == where && clock_ms() - before < TWICE_MS)
			kind = MOUSE_TWICE;
		where = kind == MOUSE_TWICE ? -1 : m.y;
		before = clock_ms();
	}
	*key = K_MOUSE_AT(kind, m.y, m.x);
	return true;
}
#else
static void
term_mouse(void)
{
}
#endif

/* As OSC 52, where terminfo knows how (Ms): base64. */
static bool
term_copy(const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char name[] = "Ms", selection[] = "c";
	char *ms = tigetstr(name);
	struct buf b = BUF_INIT;
	size_t i, n = strlen(text);
	uint32_t v;
	char four[4];

	if (ms == NULL || ms == (char *)-1)
		return false;
	for (i = 0; i < n; i += 3) {
		v = (uint32_t)(unsigned char)text[i] << 16;
		if (i + 1 < n)
			v |= (uint32_t)(unsigned char)text[i + 1] << 8;
		if (i + 2 < n)
			v |= (unsigned char)text[i + 2];
		four[0] = digits[v >> 18];
		four[1] = digits[v >> 12 & 63];
		four[2] = i + 1 < n ? digits[v >> 6 & 63] : '=';
		four[3] = i + 2 < n ? digits[v & 63] : '=';
		(void)buf_add(&b, four, 4);
	}
	if (b.p != NULL && !b.failed) {
		(void)putp(tiparm(ms, selection, b.p));
		(void)fflush(stdout);
	}
	buf_dispose(&b);
	return true;
}

static bool
term_key(uint32_t *key)
{
	wint_t c;
	size_t i;
	int r;

	while ((r = get_wch(&c)) != ERR) {
		if (r == OK && c == K_ESC && curses_late_size())
			continue;
		if (r == OK) {
			/* Some terminals send one, some the other. */
			*key = c == '\n' ? K_ENTER : (uint32_t)c;
			return true;
		}
#ifdef NCURSES_MOUSE_VERSION
		if (c == KEY_MOUSE && take_mouse(key))
			return true;
#endif
		for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
			if (special[i].curses == c) {
				*key = special[i].key;
				return true;
			}
		if (c >= KEY_F(1) && c <= KEY_F(12)) {
			*key = K_F1 + (uint32_t)(c - KEY_F(1));
			return true;
		}
	}
	return false;
}

static int
term_fd(void)
{
	return STDIN_FILENO;
}

const struct term_ops term_curses = {
	.open = term_open, .theme = term_theme, .mouse = term_mouse,
	.copy = term_copy,
	.close = term_close,
	.leave = term_leave, .utf8 = term_utf8, .size = term_size,
	.draw = term_draw, .forget = term_forget, .key = term_key,
	.fd = term_fd,
};
