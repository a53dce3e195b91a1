/*
 * Asking a terminal how large it is, where neither the kernel nor anybody else
 * knows: on a serial line.
 */
#ifndef DD_TUI_TERM_SIZE_H
#define DD_TUI_TERM_SIZE_H

#include <stdbool.h>
#include <stddef.h>

struct size_answer {
	int	rows, cols;
	/* Keys that came while it was waited for. */
	char	typed[128];
	size_t	ntyped;
};

/*
 * Put the cursor as far as it goes, ask where it is, and put it back; waits for
 * the answer for a second at most.  false: there was none, and only what was
 * typed is filled in.  The terminal is left as it was; it must be one of the
 * kind of ECMA-48.
 */
bool	term_ask_size(int in, int out, struct size_answer *);

/* Take an answer, ESC [ rows ; columns R, out of what was typed; false: there
 * is none whole. */
bool	size_answer_take(struct size_answer *);

#endif
