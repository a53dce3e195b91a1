/*
 * Lines of styled text, of which pagers, panes and dialogs are made.  It starts
 * as TEXT_INIT; dispose is idempotent.  Out of memory sets `failed`, and what
 * is there stays readable.
 */
#ifndef DD_TUI_TEXT_H
#define DD_TUI_TEXT_H

#include "tui/canvas.h"

struct text_span {
	size_t		off;		/* of its string in bytes */
	enum style	style;
	int		gauge;		/* columns of a gauge, or 0: text */
	unsigned	permille;
};

struct text {
	bool			 utf8;
	bool			 failed;
	struct buf		 bytes;
	struct text_span	*spans;
	size_t			 nspans, capspans;
	size_t			*lines;	/* the span each line starts at */
	size_t			 nlines, caplines;
	bool			 open;	/* the last line may get more */
	int			 col;	/* its width so far */
	int			 widest;	/* of all lines */
};

#define TEXT_INIT(u)	{ .utf8 = (u) }

void	text_reset(struct text *);
void	text_dispose(struct text *);

/* Add to the line that is open (nlines counts it from its first piece). */
void	text_add(struct text *, enum style, const char *fmt, ...)
	    DD_PRINTF(3, 4);
/* s, or as much of it as goes into width columns. */
void	text_cut(struct text *, enum style, int width, const char *s);
void	text_gauge(struct text *, enum style, int width, unsigned permille);
/* Blanks up to column col; at least one unless the line is empty. */
void	text_tab(struct text *, int col);
/* Words of s, wrapped at width, further lines indented; ends the line. */
void	text_wrap(struct text *, enum style, int indent, int width,
	    const char *s);
/* End the line, an empty one if nothing was added. */
void	text_end(struct text *);
/* text_add and text_end. */
void	text_line(struct text *, enum style, const char *fmt, ...)
	    DD_PRINTF(3, 4);
/* A file's content, a line a line, each in the style that fn gives it;
 * fn NULL: normal. */
void	text_content(struct text *, const char *s, size_t len,
	    enum style (*fn)(const char *line));

/* Draw a line from its column `left` on; what equals `mark` (any case) shows
 * as a match.  mark may be NULL or "". */
void	text_draw(const struct text *, size_t line, struct canvas *, int y,
	    int x, int width, int left, const char *mark);
/* Columns of the widest line. */
int	text_columns(const struct text *);
/* Does the line hold s, in any case? */
bool	text_has(const struct text *, size_t line, const char *s);

#endif
