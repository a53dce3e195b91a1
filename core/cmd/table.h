/*
 * Tables that fit the terminal: cells that may be cut are cut, the widest
 * first, and what is left at the end of the line goes to the last column.
 */
#ifndef DD_CMD_TABLE_H
#define DD_CMD_TABLE_H

#include <stdbool.h>

#include "core/cmd/fleet_out.h"

#define TABLE_COLUMNS	12	/* at most */

struct table_column {
	const char	*title;
	bool		 shrinks;
	bool		 spare;		/* left out where all is empty */
};

/* text on the left, which may be cut; tail on the right, which stays. */
struct table_cell {
	char	*text;
	char	 tail[FLEET_OUT_SIZE];
};

struct table {
	const struct table_column *columns;
	size_t			 ncolumns, nrows;
	struct table_cell	*cells;
	size_t			 width[TABLE_COLUMNS];	/* once measured; 0: not
							 * shown */
};

int	table_init(struct table *, const struct table_column *, size_t ncolumns,
	    size_t nrows, struct dd_err *);
void	table_dispose(struct table *);
struct table_cell *table_cell(const struct table *, size_t row, size_t column);
/* Text from outside, which is escaped; "-" for NULL.  Each cell once. */
int	table_set(const struct table *, size_t row, size_t column,
	    const char *text, struct dd_err *);
/* All cells are set: how wide is each column? */
void	table_measure(struct table *);
void	table_put_titles(struct buf *, const struct table *);
/* Columns [from, to), with the gap behind each. */
void	table_put_cells(struct buf *, const struct table *, size_t row,
	    size_t from, size_t to);
/* text in exactly width columns, a cut marked with '~'. */
void	table_put_text(struct buf *, const char *text, size_t width);
/* Without the blanks at its end. */
void	table_end_line(struct buf *);

#endif
