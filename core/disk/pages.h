/*
 * Inside core/disk: loose sectors, held in memory and, above a limit, in an
 * unlinked file.
 *
 * The unit is a page of 16 KiB (the size of FFS's usual block) with a mask of
 * the 512-byte sectors that it holds.  A page that came while there was room
 * stays in memory; those that come later live in the file.
 */
#ifndef DD_DISK_PAGES_H
#define DD_DISK_PAGES_H

#include <stdbool.h>

#include "core/base/map.h"
#include "core/base/err.h"

#define SECTOR		512
#define PAGE_SECTORS	32
#define PAGE_BYTES	(PAGE_SECTORS * SECTOR)

struct page {
	uint32_t	slot;		/* in memory, then in the file */
	uint32_t	held;		/* mask of sectors */
};

struct pages {
	struct map	 map;		/* page number -> struct page */
	uint8_t		**mem;		/* of the first mem_max slots */
	uint32_t	 mem_max;
	uint32_t	 slots;		/* given out */
	int		 spill;		/* -1: none yet */
	uint64_t	 bytes;		/* held */
};

/* memory: bytes to keep before spilling. */
int	pages_init(struct pages *, size_t memory, struct dd_err *);
void	pages_dispose(struct pages *);
/* Forget all. */
void	pages_reset(struct pages *);

/* Offsets and lengths are multiples of SECTOR. */
int	pages_put(struct pages *, const void *, size_t len, uint64_t off,
	    struct dd_err *);
/* Copy what is held of the range over buf. */
int	pages_lay(const struct pages *, void *buf, size_t len, uint64_t off,
	    struct dd_err *);
void	pages_drop(struct pages *, size_t len, uint64_t off);

/* The numbers of all pages, ascending, in fresh memory (NULL where n = 0). */
int	pages_list(const struct pages *, uint64_t **numbers, size_t *n,
	    struct dd_err *);
/* The mask of what page number holds; 0: nothing. */
uint32_t	pages_mask(const struct pages *, uint64_t number);
/* The next run of sectors in a mask, from *at on: *at and *n, or false. */
bool	pages_run(uint32_t mask, unsigned *at, unsigned *n);
/* Forget single sectors of a page. */
void	pages_forget(struct pages *, uint64_t number, uint32_t mask);

#endif
