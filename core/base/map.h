/*
 * A hash map from 64-bit numbers (block, inode, sector numbers) to non-NULL
 * pointers.  It starts as MAP_INIT; it owns nothing that it points to.
 */
#ifndef DD_BASE_MAP_H
#define DD_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t	 key;
	void		*val;		/* NULL: free slot */
};

struct map {
	struct map_slot	*slots;
	size_t		 cap;		/* power of two, or 0 */
	size_t		 len;
};

#define MAP_INIT	{ .slots = NULL }

void	*map_get(const struct map *m, uint64_t key);
/* Put or replace.  -1: out of memory, the map as it was. */
int	 map_put(struct map *m, uint64_t key, void *val);
/* Remove and return what stood there, or NULL. */
void	*map_del(struct map *m, uint64_t key);
/* Iterate: *at starts at 0; returns NULL at the end.  The map must not
 * change meanwhile. */
void	*map_next(const struct map *m, size_t *at, uint64_t *key);
void	 map_dispose(struct map *m);

#endif
