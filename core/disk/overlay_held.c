/*
 * Direct writes of a small transaction are held back until it is committed:
 * one that is given up, as most that fail are, leaves no byte behind.  A
 * large one writes through from the moment that it is large; what it leaves
 * when it is given up lies in free space.
 */
#include <stdlib.h>

#include "core/base/bytes.h"
#include "core/disk/overlay_impl.h"

static int
write_page(struct overlay *o, uint64_t number, uint8_t *buf,
    struct dd_err *e)
{
	uint32_t mask = pages_mask(&o->held, number);
	uint64_t off = number * PAGE_BYTES;
	unsigned at, n;

	if (pages_lay(&o->held, buf, PAGE_BYTES, off, e) == -1)
		return -1;
	for (at = 0; pages_run(mask, &at, &n); at += n)
		if (blk_pwrite(o->lower, buf + at * SECTOR,
		    (size_t)n * SECTOR, off + (uint64_t)at * SECTOR,
		    BLK_DIRECT, e) == -1)
			return -1;
	return 0;
}

int
overlay_write_held(struct overlay *o, struct dd_err *e)
{
	uint8_t *buf = malloc(PAGE_BYTES);
	uint64_t *list = NULL;
	size_t i, n;
	int rc = -1;

	if (buf == NULL)
		return dd_fail_nomem(e);
	if (pages_list(&o->held, &list, &n, e) == -1)
		goto out;
	for (i = 0; i < n; i++)
		if (write_page(o, list[i], buf, e) == -1)
			goto out;
	pages_reset(&o->held);
	rc = 0;
out:
	free(list);
	free(buf);
	return rc;
}

int
overlay_direct(struct overlay *o, const void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	o->direct += len;
	if (!o->through && (len > OVERLAY_HELD ||
	    o->held.slots + len / PAGE_BYTES + 2 > o->held.mem_max)) {
		/* what is free now may be needed on the way back */
		if (undo_drop(o->journal, UNDO, o->lower, e) == -1 ||
		    overlay_write_held(o, e) == -1)
			return -1;
		o->through = true;
	}
	if (!o->through)
		return pages_put(&o->held, p, len, off, e);
	return blk_pwrite(o->lower, p, len, off, BLK_DIRECT, e);
}
