/*
 * Inside core/cgd: a re-encryption in place, between inplace.c (what it does),
 * inplace_begin.c and inplace_open.c.
 */
#ifndef DD_CGD_INPLACE_IMPL_H
#define DD_CGD_INPLACE_IMPL_H

#include "core/cgd/crew.h"
#include "core/cgd/inplace.h"
#include "core/disk/file.h"
#include "core/disk/rekey_format.h"

/* A step in memory: its slot as it stands in the state, and its data. */
struct area {
	struct rekey_slot slot;		/* seq 0: nothing */
	uint8_t		*raw;		/* REKEY_SLOT bytes, then the data */
};

struct inplace {
	struct blk	*file;
	struct rekey_state st;
	int		 fd;		/* of the state */
	char		*path;
	struct crew	*crew;
	struct area	 areas[2];	/* of the step at work, and the next */
	uint64_t	 seq;		/* of the last step that is done */
	bool		 broken;	/* a step failed: open it anew */
};

static inline uint8_t *
area_data(const struct area *a)
{
	return a->raw + REKEY_SLOT;
}

int	area_alloc(struct area *, size_t len, struct dd_err *);
void	area_free(struct area *, size_t len);

/* Moves 2 and 3 of a step: see rekey_format.c. */
int	inplace_commit(struct inplace *, const struct area *,
	    struct dd_err *);

/* What a key's check value is; also made anew, with a fresh salt. */
int	inplace_check(const struct secret *key, const uint8_t salt[REKEY_CHECK],
	    uint8_t check[REKEY_CHECK], struct dd_err *);

/* The path of the request to pause, in fresh memory. */
int	inplace_pause_path(const struct blk *file, char **, struct dd_err *);

#endif
