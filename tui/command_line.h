/*
 * The command line that `:` opens: commands of the console by name, on what is
 * selected or on the domU that is named, and drydock's own, run as jobs.
 */
#ifndef DD_TUI_COMMAND_LINE_H
#define DD_TUI_COMMAND_LINE_H

#include "tui/app.h"

#define COMMAND_WORDS	32

void	command_line_open(struct app *, const char *text);
/* A key while it is open. */
void	command_line_key(struct app *, uint32_t key);
void	command_line_dispose(struct app *);

/* Run a line.  What is wrong with it is said. */
void	command_line_run(struct app *, const char *line);
/* Views that can be opened from everywhere.  false: it is another command. */
bool	command_anywhere(struct app *, enum cmd);

/* Split a line into words, as a shell does with blanks and quotes; they lie in
 * line, which is changed.  Ends with NULL.  -1: a quote is open, or they are
 * too many. */
int	command_split(char *line, const char *words[COMMAND_WORDS + 1]);

/*
 * Complete the last word of the text: append to out what can be added without
 * doubt, and to offers the words that it could be.
 */
void	command_complete(const struct app *, const char *text,
	    struct buf *out, struct buf *offers);

#endif
