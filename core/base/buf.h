/*
 * A growing byte buffer.  It starts as BUF_INIT; dispose is idempotent.
 * p is always NUL-terminated behind len once anything was added, so text
 * can be used as a string.  A failed addition (out of memory) returns -1,
 * sets `failed` and leaves the content as it was, so a series of additions
 * can be checked once at the end.
 */
#ifndef DD_BASE_BUF_H
#define DD_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

struct buf {
	char	*p;
	size_t	 len;
	size_t	 cap;
	bool	 failed;
};

#define BUF_INIT	{ .p = NULL }

int	buf_add(struct buf *b, const void *data, size_t len);
int	buf_str(struct buf *b, const char *s);
int	buf_printf(struct buf *b, const char *fmt, ...) DD_PRINTF(2, 3);
/* Make room for len more bytes and return where they go; the caller adds
 * what it wrote to b->len.  NULL: out of memory. */
void	*buf_room(struct buf *b, size_t len);
void	buf_reset(struct buf *b);
void	buf_dispose(struct buf *b);
/* Hand the string over to the caller, who frees it.  NULL: out of memory. */
char	*buf_steal(struct buf *b);

#endif
