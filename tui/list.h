/*
 * The one list widget: columns, sort, filter, selection.
 *
 * The rows belong to a source that the view describes; the list keeps an order
 * over them.  After the source changed, list_update sorts and filters anew and
 * finds the selected row again by its identity.
 */
#ifndef DD_TUI_LIST_H
#define DD_TUI_LIST_H

#include "tui/canvas.h"
#include "tui/keys.h"

#define LIST_COLUMNS	12
#define LIST_CELL	256

struct list_cell {
	char		 text[LIST_CELL];
	enum style	 style;
	enum cut	 cut;
	int		 gauge;		/* permille, or -1: none */
	enum style	 gauge_style;
	bool		 span;		/* takes the rest of the row */
};

struct list_column {
	const char	*title;		/* "": not one to sort by */
	int		 min;		/* columns it needs to make sense */
	int		 max;		/* more it does not take; 0: any */
	int		 rank;		/* dropped first where it is highest */
	bool		 right;		/* aligned to the right */
	bool		 spare;		/* left out where no row has anything */
};

struct list_source {
	const struct list_column *columns;
	int		  ncolumns;
	size_t		(*count)(const void *rows);
	/* Stays the row's own through changes of the source. */
	const char	*(*id)(const void *rows, size_t row);
	/* The cell is handed in with empty text and defaults. */
	void		(*cell)(const void *rows, size_t row, int column,
			    struct list_cell *);
	int		(*compare)(const void *rows, size_t a, size_t b,
			    int column);
	bool		(*match)(const void *rows, size_t row,
			    const char *filter);
};

struct list {
	const struct list_source *source;
	const void	*rows;
	size_t		*order;		/* rows shown, in order */
	size_t		 n;
	size_t		 sel, top;	/* places in order */
	char		*sel_id;	/* NULL: nothing selected yet */
	char		 filter[64];
	int		 sort;		/* column */
	bool		 reverse;
	bool		 utf8;
	bool		 hidden[LIST_COLUMNS];	/* not shown */
	bool		 unmarked;	/* don't show which is selected */
	char		**marked;	/* identities of rows */
	size_t		 nmarked;
	int		 natural[LIST_COLUMNS];	/* widths that fit all rows; 0:
					 * left out */
	int		 page;		/* rows on screen, from list_layout */
};

void	list_init(struct list *, const struct list_source *, bool utf8);
void	list_dispose(struct list *);
/* rows may be NULL: nothing to show.  -1: out of memory, the list empty. */
int	list_update(struct list *, const void *rows, struct dd_err *);
/* Show only what matches; "" shows all. */
int	list_filter(struct list *, const char *, struct dd_err *);
/* Sort by the next column, or the other way round. */
int	list_sort_next(struct list *, struct dd_err *);
int	list_sort_reverse(struct list *, struct dd_err *);
/* Sort by that column; where it is sorted so already, the other way round. */
int	list_sort_by(struct list *, int column, struct dd_err *);

/* Select the row of that identity, if it is shown. */
void	list_select(struct list *, const char *id);
/* Select what stands there in the order. */
void	list_go(struct list *, size_t at);
/* The row selected; false where there is none. */
bool	list_selected(const struct list *, size_t *row);
/* Marks stay with their rows as the selection does, also while a filter hides
 * them. */
bool	list_is_marked(const struct list *, size_t row);
/* Mark the row selected, or take its mark away, and go on to the next. */
int	list_mark(struct list *, struct dd_err *);
/* Mark all rows shown; where they are marked take all marks away. */
int	list_mark_all(struct list *, struct dd_err *);
void	list_unmark(struct list *);

/* Movement commands; false: not one of them. */
bool	list_command(struct list *, enum cmd);

/* Fit the scroll position to the room, headings included. */
void	list_layout(struct list *, int rows);
void	list_render(const struct list *, struct canvas *, struct rect);

#endif
