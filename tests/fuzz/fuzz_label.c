/*
 * Partition tables: whatever is read, the partitions found can be used or are
 * refused.  The first byte chooses the sector size.
 */
#include "core/disk/part.h"
#include "core/disk/window.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memblk.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct part_table t;
	struct dd_err e = DD_ERR_INIT;
	struct blk *b, *w;
	struct part p;
	char letter;

	if (len == 0 || (b = memblk_open(data + 1, len - 1,
	    512U << data[0] % 4)) == NULL)
		return 0;
	if (part_read(b, &t, &e) == 0) {
		if (t.n > PART_MAX)
			abort();
		for (letter = 'a'; letter <= 'q'; letter++) {
			dd_err_clear(&e);
			if (part_find(&t, letter == 'q' ? 0 : letter, b->size,
			    &p, &e) == -1)
				continue;
			if (p.off > b->size || p.len > b->size - p.off)
				abort();
			if (window_open(b, p.off, p.len, &w, &e) == 0)
				(void)window_release(w);
		}
	}
	blk_close(b);
	return 0;
}
