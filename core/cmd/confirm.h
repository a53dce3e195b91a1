/*
 * A question on the terminal, before a command does what can't be taken back.
 * Where nobody can be asked, for input or messages go elsewhere, whoever wrote
 * the command line has said it.
 */
#ifndef DD_CMD_CONFIRM_H
#define DD_CMD_CONFIRM_H

#include <stdbool.h>

#include "core/base/err.h"

/* Is there somebody to ask? */
bool	confirm_possible(void);
/* Ask, and wait for a line.  ERR_CANCEL: it is not yes, or there is none. */
int	confirm(const char *question, struct dd_err *);
/* The same of what can't be undone: that word must be typed. */
int	confirm_typed(const char *question, const char *word,
	    struct dd_err *);

#endif
