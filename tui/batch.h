/*
 * The same done to several domUs, or to their images, one command after the
 * other: a table of what is to be done, and how far that is.
 */
#ifndef DD_TUI_BATCH_H
#define DD_TUI_BATCH_H

#include "tui/app.h"
#include "tui/list.h"
#include "tui/recipe.h"

enum batch_state { BATCH_WAITS, BATCH_LOOKS, BATCH_READY, BATCH_REFUSED,
	BATCH_RUNS, BATCH_DONE, BATCH_FAILED, BATCH_NOT_BEGUN };

struct batch_entry {
	char		 id[12];
	struct order	 order;
	char		 with[128];	/* marked domUs that share the image */
	enum batch_state state;
	struct action	*action;	/* the preview, then the job; or NULL */
	char		 said[LIST_CELL];	/* by it */
	char		 plan[129];
};

struct batch {
	const struct recipe	*recipe;
	struct batch_entry	*v;
	size_t			 n;
};

/* For the domUs marked in the fleet's list; an image that several share is
 * there once, and what can't be is refused with its reason.  NULL: out of
 * memory. */
struct batch *batch_new(const struct recipe *, const struct fleet *,
	    const struct list *);
struct batch *batch_copy(const struct batch *);
void	batch_free(struct batch *);	/* NULL is fine */
/* A field of each. */
void	batch_set(struct batch *, size_t field, const char *value);
/* How many are in that state. */
size_t	batch_count(const struct batch *, enum batch_state);

/* The rows of a struct batch: images, or domUs. */
const struct list_source *batch_rows(const struct batch *);

/* Preview all, ask, and do it; takes the batch over. */
void	view_batch_open(struct app *, struct batch *);

#endif
