/* Contents piece by piece; see content.h. */
#include "core/base/bytes.h"
#include "core/tree/content.h"

/* One allocated range. */
static int
each_of_range(struct tree *t, struct tree_node node, uint64_t off,
    uint64_t end, struct buf *scratch, content_fn *fn, void *arg,
    struct dd_err *e)
{
	size_t want, got;
	void *p;
	int r;

	for (; off < end; off += want) {
		want = (size_t)min64(end - off, CONTENT_PIECE);
		buf_reset(scratch);
		if ((p = buf_room(scratch, want)) == NULL)
			return dd_fail_nomem(e);
		if (t->ops->read(t, node, p, want, off, &got, e) == -1)
			return -1;
		if (got != want)
			return dd_fail(e, ERR_HELD,
			    "became shorter while it was read");
		if ((r = fn(arg, p, want, off, e)) != 0)
			return r;
	}
	return 0;
}

int
content_each(struct tree *t, struct tree_node node, struct buf *scratch,
    content_fn *fn, void *arg, struct dd_err *e)
{
	uint64_t off, start, end;
	int r = 0;

	for (off = 0; r == 0; off = end) {
		if (t->ops->next_data(t, node, off, &start, &end, e) == -1)
			return -1;
		if (start > off)
			r = fn(arg, NULL, start - off, off, e);
		if (start == end)
			break;
		if (r == 0)
			r = each_of_range(t, node, start, end, scratch, fn,
			    arg, e);
	}
	return r == -1 ? -1 : 0;
}

struct summing {
	struct hash	*sum;
	struct progress	*progress;
	uint64_t	 holes;		/* bytes so far */
};

static int
add(void *arg, const void *p, uint64_t len, uint64_t off, struct dd_err *e)
{
	static const char zeros[65536];
	struct summing *s = arg;
	uint64_t now;

	if (p != NULL) {
		hash_add(s->sum, p, (size_t)len);
		return progress_tick(s->progress, "reading", off + len, 0, e);
	}
	s->holes += len;
	if (s->holes > CONTENT_HOLES_MAX)
		return dd_fail(e, ERR_UNSUP, "holes of more than %llu GiB are "
		    "not summed", CONTENT_HOLES_MAX >> 30);
	for (; len > 0; len -= now) {
		now = min64(len, sizeof(zeros));
		hash_add(s->sum, zeros, (size_t)now);
		if (progress_tick(s->progress, "reading", off, 0, e) == -1)
			return -1;
	}
	return 0;
}

int
content_sum(struct tree *t, struct tree_node node, struct hash *sum,
    struct buf *scratch, struct progress *progress, char hex[HASH_HEX],
    struct dd_err *e)
{
	struct summing s = { .sum = sum, .progress = progress };
	uint8_t bytes[HASH_LEN];
	int r = content_each(t, node, scratch, add, &s, e);

	hash_result(sum, bytes);	/* also after a failure: starts anew */
	(void)hash_hex(hex, bytes);
	return r;
}
