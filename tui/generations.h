/*
 * The generations of an image as a view has them: from the store, with what
 * the history adds.
 */
#ifndef DD_TUI_GENERATIONS_H
#define DD_TUI_GENERATIONS_H

#include "core/store/names.h"
#include "tui/list.h"
#include "tui/look.h"

struct gen_row {
	char		 id[12];
	struct gen_name	 name;
	bool		 in_place, orig, params;
	uint64_t	 size, allocated;
	int64_t		 written;
	char		*path, *params_path;	/* its file; that of its
						 * parameters, or NULL */
	/* Made fit for a screen; "" where nothing is known. */
	char		*kernel, *who, *source, *sha256, *note;
};

struct generations {
	struct gen_row	*v;		/* ascending */
	size_t		 n;
	bool		 managed, interrupted, foreign;
	int64_t		 now;		/* what ages are counted from */
};

/* A look at them. */
struct gen_look {
	struct look		 look;
	char			*image, *state_dir;
	struct generations	*found;		/* NULL: e says why */
	struct dd_err		 e;
	struct dd_err		 history;	/* ERR_NONE: there is none, or
						 * it was read */
};

/* NULL: out of memory. */
struct gen_look *gen_look_new(const char *image, const char *state_dir);
void	generations_free(struct generations *);	/* NULL is fine */
/* The one in place; NULL: the image is missing. */
const struct gen_row *generations_place(const struct generations *);

/* Of a struct generations. */
extern const struct list_source gen_rows;
#define GEN_SORT_NUMBER	1

/* "3h", "2d": how long ago. */
#define AGE_TEXT	24
char	*age_text(char [AGE_TEXT], int64_t then, int64_t now);
/* "2026-11-26 12:03", in local time. */
#define TIME_TEXT	24
char	*time_text(char [TIME_TEXT], int64_t);

#endif
