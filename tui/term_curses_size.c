/*
 * The size of the terminal: the kernel's, where that has one; else what
 * somebody has said by LINES and COLUMNS; else what the terminal answers; else
 * what terminfo says, which is 80x24.
 */
#include <sys/ioctl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "tui/keys.h"
#include "tui/term_curses.h"
#include "tui/term_size.h"

#define LATE_MILLISECONDS	100	/* between two bytes of an answer */
#define LATE_MAX		12	/* ESC [ 1000 ; 1000 R */

static enum { NOT_ASKED, NO_ANSWER, ANSWERED } asked;

static bool
kernel_size(int *rows, int *cols)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == -1 || ws.ws_row == 0 ||
	    ws.ws_col == 0)
		return false;
	*rows = ws.ws_row;
	*cols = ws.ws_col;
	return true;
}

void
curses_heed_size(void)
{
	int rows, cols;

	if (kernel_size(&rows, &cols) && (rows != LINES || cols != COLS))
		(void)resizeterm(rows, cols);
}

/* Those of ECMA-48 can be asked. */
static bool
can_ask(void)
{
	char name[] = "cup";
	const char *cup = tigetstr(name);
	int rows, cols;

	return !kernel_size(&rows, &cols) && getenv("LINES") == NULL &&
	    getenv("COLUMNS") == NULL && cup != NULL &&
	    cup != (char *)-1 && strncmp(cup, "\033[", 2) == 0;
}

static void
ask(void)
{
	struct size_answer a;
	size_t i;

	asked = term_ask_size(STDIN_FILENO, STDOUT_FILENO, &a) ? ANSWERED :
	    NO_ANSWER;
	if (asked == ANSWERED)
		(void)resizeterm(a.rows, a.cols);
	/* What was typed meanwhile. */
	for (i = a.ntyped; i > 0; i--)
		(void)ungetch((unsigned char)a.typed[i - 1]);
}

void
curses_open_size(void)
{
	asked = NOT_ASKED;
	if (can_ask())
		ask();
}

/* One that did not answer would not do so now. */
void
curses_ask_size_again(void)
{
	if (asked == ANSWERED && can_ask())
		ask();
}

/* Else its digits, and its R, would be keys. */
bool
curses_late_size(void)
{
	struct size_answer a = { .typed = "\033", .ntyped = 1 };
	int rows, cols;
	wint_t c;
	size_t i;
	int r;

	if (asked != NO_ANSWER || kernel_size(&rows, &cols))
		return false;
	timeout(LATE_MILLISECONDS);
	while (a.ntyped < LATE_MAX && (r = get_wch(&c)) != ERR) {
		if (r == OK && c != 0 && c < 0x80 &&
		    strchr("[0123456789;R", (int)c) != NULL) {
			a.typed[a.ntyped++] = (char)c;
			if (c != 'R')
				continue;
		} else if (r == OK)
			(void)unget_wch((wchar_t)c);
		else
			(void)ungetch((int)c);
		break;
	}
	(void)nodelay(stdscr, TRUE);
	if (size_answer_take(&a)) {
		asked = ANSWERED;
		(void)resizeterm(a.rows, a.cols);
		return true;
	}
	for (i = a.ntyped; i > 1; i--)
		(void)ungetch((unsigned char)a.typed[i - 1]);
	return false;
}
