/* Inside core/store: between read.c, flip.c, recover.c and incoming.c. */
#ifndef DD_STORE_STORE_IMPL_H
#define DD_STORE_STORE_IMPL_H

#include "core/store/store.h"

#define IN_PLACE	"in-place"
#define IN_PLACE_NEW	"in-place.new"
#define IN_PLACE_KERNEL	"in-place.kernel"
#define IN_PLACE_PARAMS	"in-place.params"
#define IN_PLACE_PLAIN	"in-place.plain"
#define FOLLOWS		"follows"
#define INCOMING	"incoming"
#define LAST		"last"
#define TELLS		"tells"
#define TELLS_NEW	"tells.new"

/* Of what stands beside a generation and goes with it. */
#define STORE_SUFFIXES	8
extern const char *const store_suffixes[STORE_SUFFIXES];

/* read.c: fill v and what follows from it, anew. */
int	store_read(struct store *, struct dd_err *);
/* What a link in the folder says.  1, 0: there is none, -1. */
int	store_read_place(const struct store *, const char *name,
	    struct gen_name *, uint64_t *ino, struct dd_err *);

/* recover.c: bring what was cut short to its end. */
int	store_recover(struct store *, struct dd_err *);
/* Remove from the folder what only a job at work has there. */
int	store_sweep(struct store *, struct dd_err *);

/* out.c: is that an N.run by which domUs have what is in place?  It stays. */
bool	store_leads_to_place(const struct store *, const char *name);
/* N.run of the one in place leads to the image; and before it is taken
 * out again, as if it had not been in place. */
int	store_run_settle(struct store *, bool *changed, struct dd_err *);
int	store_run_unsettle(struct store *, uint32_t n, struct dd_err *);

/* incoming.c: a small file, with its time, mode 0600. */
int	store_copy_small(const char *path, const char *source,
	    struct dd_err *);

/* tell.c: is it that parameters file that follows? */
bool	store_follows(const struct store *, const char *path);

/* flip.c */
/* What is only said while a flip is under way is so: what belongs to
 * generation n, which has gone out, and what follows. */
int	store_settle_said(struct store *, uint32_t n, struct dd_err *);
int	store_sync(const struct store *, struct dd_err *);
/* The inode at a path, from the folder dir on; 0: nothing is there. */
int	store_inode(int dir, const char *path, const char *shown,
	    uint64_t *ino, struct dd_err *);
/* unlink in the folder; what is not there is fine. */
int	store_unlink(const struct store *, const char *name, struct dd_err *);
/* Say who is in place where that is not said, or not true. */
int	store_say_who_is(struct store *, struct dd_err *);
/* Make name in the folder a link that says this, in place of what it said. */
int	store_say_place(const struct store *, const char *name,
	    const struct gen_name *, uint64_t ino, struct dd_err *);

#endif
