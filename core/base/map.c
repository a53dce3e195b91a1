/* Open addressing with linear probing; removal shifts back, no tombstones. */
#include <stdlib.h>

#include "core/base/map.h"

static size_t
slot_of(const struct map *m, uint64_t key)
{
	key *= 0x9e3779b97f4a7c15ULL;
	return (size_t)(key ^ key >> 32) & (m->cap - 1);
}

void *
map_get(const struct map *m, uint64_t key)
{
	size_t i;

	if (m->len == 0)
		return NULL;
	for (i = slot_of(m, key); m->slots[i].val != NULL;
	    i = (i + 1) & (m->cap - 1))
		if (m->slots[i].key == key)
			return m->slots[i].val;
	return NULL;
}

static void
insert(struct map *m, uint64_t key, void *val)
{
	size_t i;

	for (i = slot_of(m, key); m->slots[i].val != NULL;
	    i = (i + 1) & (m->cap - 1))
		if (m->slots[i].key == key) {
			m->slots[i].val = val;
			return;
		}
	m->slots[i] = (struct map_slot){ key, val };
	m->len++;
}

int
map_put(struct map *m, uint64_t key, void *val)
{
	struct map bigger = MAP_INIT;
	size_t i;

	if ((m->len + 1) * 4 > m->cap * 3) {
		bigger.cap = m->cap == 0 ? 16 : m->cap * 2;
		bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
		if (bigger.slots == NULL)
			return -1;
		for (i = 0; i < m->cap; i++)
			if (m->slots[i].val != NULL)
				insert(&bigger, m->slots[i].key,
				    m->slots[i].val);
		free(m->slots);
		*m = bigger;
	}
	insert(m, key, val);
	return 0;
}

void *
map_del(struct map *m, uint64_t key)
{
	size_t i, j, home;
	void *val;

	if (m->len == 0)
		return NULL;
	for (i = slot_of(m, key); m->slots[i].key != key ||
	    m->slots[i].val == NULL; i = (i + 1) & (m->cap - 1))
		if (m->slots[i].val == NULL)
			return NULL;
	val = m->slots[i].val;
	m->slots[i].val = NULL;
	m->len--;
	for (j = (i + 1) & (m->cap - 1); m->slots[j].val != NULL;
	    j = (j + 1) & (m->cap - 1)) {
		home = slot_of(m, m->slots[j].key);
		if (((j - home) & (m->cap - 1)) >= ((j - i) & (m->cap - 1))) {
			m->slots[i] = m->slots[j];
			m->slots[j].val = NULL;
			i = j;
		}
	}
	return val;
}

void *
map_next(const struct map *m, size_t *at, uint64_t *key)
{
	while (*at < m->cap) {
		const struct map_slot *s = &m->slots[(*at)++];

		if (s->val != NULL) {
			*key = s->key;
			return s->val;
		}
	}
	return NULL;
}

void
map_dispose(struct map *m)
{
	free(m->slots);
	*m = (struct map)MAP_INIT;
}
