/* The history as a view has it: jobs, newest first. */
#ifndef DD_TUI_HISTORY_H
#define DD_TUI_HISTORY_H

#include "tui/list.h"
#include "tui/look.h"

/* Strings are fit for a screen; "" where nothing is known. */
struct hist_row {
	char		 id[24];
	int64_t		 number, started;	/* seconds since 1970 */
	int64_t		 duration;		/* milliseconds; -1: no end */
	uint32_t	 from, to;
	const char	*outcome;		/* "done", ... */
	enum style	 style;			/* of that */
	char		*who, *action, *domu, *image, *command, *message;
};

struct history {
	struct hist_row	*v;
	size_t		 n;
};

struct hist_look {
	struct look	 look;
	char		*state_dir, *domu;	/* domu NULL: of all */
	struct history	*found;			/* NULL: e says why */
	struct dd_err	 e;
};

/* NULL: out of memory. */
struct hist_look *hist_look_new(const char *state_dir, const char *domu);
void	history_free(struct history *);		/* NULL is fine */
/* Copy a row; false: out of memory, and there is nothing to free. */
bool	hist_row_copy(struct hist_row *, const struct hist_row *);
void	hist_row_dispose(struct hist_row *);

/* Of a struct history. */
extern const struct list_source hist_rows;
#define HIST_SORT_NUMBER	0

/* "swap of web1", or of its image's name where no domU is known. */
void	hist_what(const struct hist_row *, char *buf, size_t cap);
/* "3 -> 4", or "". */
void	hist_generations(const struct hist_row *, char *buf, size_t cap);

#endif
