/* Inside core/store: between store.c, read.c, flip.c and incoming.c. */
#ifndef DD_STORE_STORE_IMPL_H
#define DD_STORE_STORE_IMPL_H

#include "core/store/store.h"

#define IN_PLACE	"in-place"
#define IN_PLACE_NEW	"in-place.new"
#define INCOMING	"incoming"
#define LAST		"last"

/* read.c: fill v and what follows from it, anew. */
int	store_read(struct store *, struct dd_err *);
/* What a link in the folder says.  1, 0: there is none, -1. */
int	store_read_place(const struct store *, const char *name,
	    struct gen_name *, uint64_t *ino, struct dd_err *);

/* flip.c: bring what was cut short to its end. */
int	store_recover(struct store *, struct dd_err *);

int	store_sync(const struct store *, struct dd_err *);
/* unlink in the folder; what is not there is fine. */
int	store_unlink(const struct store *, const char *name, struct dd_err *);
/* Make name in the folder a link that says this, in place of what it said. */
int	store_say_place(const struct store *, const char *name,
	    const struct gen_name *, uint64_t ino, struct dd_err *);

#endif
