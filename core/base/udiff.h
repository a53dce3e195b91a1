/* Unified diff of two texts, three lines of context, as diff -u prints. */
#ifndef DD_BASE_UDIFF_H
#define DD_BASE_UDIFF_H

#include <stdbool.h>

#include "core/base/buf.h"

/*
 * Append the diff of a and b to out; nothing where they are equal.  Lines are
 * escaped (vis), but tabs stay.  Time and memory are bounded: texts that
 * differ too much come out as one replaced hunk, still a correct diff.
 * -1: no memory.
 */
int	udiff(struct buf *out, const char *aname, const char *a, size_t alen,
	    const char *bname, const char *b, size_t blen);

/* Text: no NUL byte in its first 8 KiB. */
bool	udiff_is_text(const char *p, size_t len);

#endif
