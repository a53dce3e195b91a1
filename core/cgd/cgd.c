/* The cgd layer; see cgd.h. */
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/cgd/cgd.h"
#include "core/cgd/pair.h"

#define CHUNK	((size_t)512 * 1024)	/* ciphertext on its way down */

struct cgd {
	struct blk		 blk;
	struct blk		*lower;
	struct cgd_pair		*cipher;
	uint8_t			*out;	/* CHUNK bytes, from the first write
					 * on */
};

static int
cgd_pread(struct blk *b, void *p, size_t len, uint64_t off, struct dd_err *e)
{
	struct cgd *c = (struct cgd *)b;

	if (blk_pread(c->lower, p, len, off, e) == -1)
		return -1;
	return cgd_pair_run(c->cipher, false, p, len, off / b->sector_size,
	    e);
}

static int
cgd_pread_committed(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	struct cgd *c = (struct cgd *)b;

	if (blk_pread_committed(c->lower, p, len, off, e) == -1)
		return -1;
	return cgd_pair_run(c->cipher, false, p, len, off / b->sector_size,
	    e);
}

static int
cgd_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *e)
{
	struct cgd *c = (struct cgd *)b;
	const uint8_t *at = p;
	size_t n;

	if (c->out == NULL && (c->out = malloc(CHUNK)) == NULL)
		return dd_fail_nomem(e);
	for (; len > 0; at += n, off += n, len -= n) {
		n = len < CHUNK ? len : CHUNK;
		memcpy(c->out, at, n);
		if (cgd_pair_run(c->cipher, true, c->out, n,
		    off / b->sector_size, e) == -1 ||
		    blk_pwrite(c->lower, c->out, n, off, how, e) == -1)
			return -1;
	}
	return 0;
}

static int
cgd_flush(struct blk *b, struct dd_err *e)
{
	return blk_flush(((struct cgd *)b)->lower, e);
}

static void
cgd_close(struct blk *b)
{
	struct cgd *c = (struct cgd *)b;

	blk_close(c->lower);
	cgd_pair_close(c->cipher);
	free(c->out);
	free(c);
}

static const struct blk_ops ops = {
	.name = "cgd",
	.pread = cgd_pread,
	.pread_committed = cgd_pread_committed,
	.pwrite = cgd_pwrite,
	.flush = cgd_flush,
	.close = cgd_close,
};

int
cgd_open(struct blk *lower, const struct cgd_params *p,
    const struct secret *key, bool threads, struct blk **out,
    struct dd_err *e)
{
	struct cgd *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return dd_fail_nomem(e);
	if (cgd_pair_open(p->algorithm, p->keylen, p->ivmethod, key->p,
	    lower->sector_size, threads, &c->cipher, e) == -1) {
		free(c);
		return -1;
	}
	c->blk = (struct blk){ .ops = &ops, .size = round_down(lower->size,
	    lower->sector_size), .sector_size = lower->sector_size,
	    .writable = lower->writable };
	c->lower = lower;
	*out = &c->blk;
	return 0;
}
