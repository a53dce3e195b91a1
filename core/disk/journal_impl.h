/*
 * Inside core/disk: the layout of a journal, between journal.c (the
 * file), journal_write.c and journal_apply.c.
 */
#ifndef DD_DISK_JOURNAL_IMPL_H
#define DD_DISK_JOURNAL_IMPL_H

#include "core/disk/journal.h"

#define CHUNK		((size_t)65536)
#define CHUNK_SECTORS	(CHUNK / SECTOR)

enum {
	H_DEV = 16,
	H_INO = 24,
	H_IMAGE_SIZE = 32,
	H_ENTRIES = 40,
	H_MARKS = 48,
	ENTRY_OLD = 8,
	ENTRY_NEW = ENTRY_OLD + JOURNAL_SUM,
	ENTRY_LEN = ENTRY_NEW + JOURNAL_SUM,
	MARK_LEN = 8 + JOURNAL_SUM
};

static inline uint64_t
journal_marks_at(const struct journal *j)
{
	return JOURNAL_HEADER + j->nentries * ENTRY_LEN;
}

static inline uint64_t
journal_data_at(const struct journal *j)
{
	return journal_marks_at(j) + j->nmarks * MARK_LEN;
}

void	journal_sum(const void *sector, uint8_t sum[JOURNAL_SUM]);

#endif
