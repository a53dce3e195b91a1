/* Asking a terminal for its size; see term_size.h. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tui/canvas.h"
#include "tui/term_size.h"

#define MILLISECONDS	1000	/* slow lines, and far ones */

/* The number at s, which is moved behind it; 0: there is none. */
static int
number(const char **s, const char *end)
{
	int n = 0;

	while (*s < end && **s >= '0' && **s <= '9' && n <= CANVAS_MAX)
		n = 10 * n + (*(*s)++ - '0');
	return n;
}

/* An answer at s: its length, else 0. */
static size_t
match(const char *s, const char *end, int *rows, int *cols)
{
	const char *at = s;

	if (end - at < 6 || at[0] != '\033' || at[1] != '[')
		return 0;
	at += 2;
	*rows = number(&at, end);
	if (at == end || *at++ != ';')
		return 0;
	*cols = number(&at, end);
	if (at == end || *at++ != 'R' || *rows < 2 || *cols < 2 ||
	    *rows > CANVAS_MAX || *cols > CANVAS_MAX)
		return 0;
	return (size_t)(at - s);
}

bool
size_answer_take(struct size_answer *a)
{
	const char *end = a->typed + a->ntyped;
	size_t i, n;

	for (i = 0; i < a->ntyped; i++) {
		n = match(a->typed + i, end, &a->rows, &a->cols);
		if (n == 0)
			continue;
		memmove(a->typed + i, a->typed + i + n, a->ntyped - i - n);
		a->ntyped -= n;
		return true;
	}
	return false;
}

static bool
wait_for_answer(int in, struct size_answer *a)
{
	const int64_t until = clock_ms() + MILLISECONDS;
	struct pollfd p = { .fd = in, .events = POLLIN };
	int64_t left;
	ssize_t n;

	while ((left = until - clock_ms()) > 0 &&
	    a->ntyped < sizeof(a->typed)) {
		if (poll(&p, 1, (int)left) <= 0 ||
		    (n = read(in, a->typed + a->ntyped,
		    sizeof(a->typed) - a->ntyped)) <= 0)
			return false;
		a->ntyped += (size_t)n;
		if (size_answer_take(a))
			return true;
	}
	return false;
}

bool
term_ask_size(int in, int out, struct size_answer *a)
{
	static const char ask[] = "\0337\033[999;999H\033[6n\0338";
	struct termios was, now;
	bool answered;

	*a = (struct size_answer){ .rows = 0 };
	if (tcgetattr(in, &was) == -1)
		return false;
	/* Byte by byte, and not on the screen. */
	now = was;
	now.c_lflag &= (tcflag_t)~(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	answered = tcsetattr(in, TCSANOW, &now) == 0 &&
	    write(out, ask, sizeof(ask) - 1) == (ssize_t)sizeof(ask) - 1 &&
	    wait_for_answer(in, a);
	(void)tcsetattr(in, TCSANOW, &was);
	return answered;
}
