/*
 * A terminal: shows a canvas, gives keys.  One at a time, and for one thread.
 */
#ifndef DD_TUI_TERM_H
#define DD_TUI_TERM_H

#include "core/theme/theme.h"
#include "tui/canvas.h"

struct term_ops {
	/* Take the terminal over; it is left as it was if this fails.  The
	 * theme outlives it, or is replaced before. */
	int	(*open)(const struct theme *, struct dd_err *);
	/* From the next draw on, by that theme. */
	void	(*theme)(const struct theme *);
	/* Ask for its mouse, if it has one: it comes as keys (K_MOUSE). */
	void	(*mouse)(void);
	/* Put text on its clipboard; false: it has none that is known of. */
	bool	(*copy)(const char *);
	/* Give it back as it was.  May be called twice. */
	void	(*close)(void);
	/* Give it back for a while; the next draw takes it again. */
	void	(*leave)(void);
	/* Does its character set take UTF-8? */
	bool	(*utf8)(void);
	/* Its size now. */
	void	(*size)(int *rows, int *cols);
	/* Send what differs from what it shows. */
	void	(*draw)(const struct canvas *);
	/* Forget what it shows: the next draw sends everything. */
	void	(*forget)(void);
	/* The next key that was pressed; false: none is waiting. */
	bool	(*key)(uint32_t *key);
	/* The descriptor to wait on for keys. */
	int	(*fd)(void);
};

extern const struct term_ops term_curses;

#endif
