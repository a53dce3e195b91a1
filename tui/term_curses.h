/*
 * Between the files that know curses: what is about colours, and about size.
 */
#ifndef DD_TUI_TERM_CURSES_H
#define DD_TUI_TERM_CURSES_H

#include <stdbool.h>

#include <curses.h>

#include "core/theme/style.h"

struct theme;

/* What the terminal can show; NO_COLOR is heeded.  After newterm. */
enum style_depth curses_depth(void);
/* Make curses' pairs from the theme's looks. */
void	curses_init_pairs(const struct theme *, enum style_depth);
/* The pair for a cell of that style, which has that look. */
int	curses_pair(struct style_look, unsigned style);
attr_t	curses_attrs(struct style_look);

/* Ask the terminal for its size where nobody else knows; once it is set up. */
void	curses_open_size(void);
/* It may have another by now. */
void	curses_ask_size_again(void);
/* Make curses' size the kernel's, if that has one. */
void	curses_heed_size(void);
/* ESC was read: is it an answer that came too late?  Then it is taken. */
bool	curses_late_size(void);

#endif
