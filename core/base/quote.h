/* Command lines, as one would type them. */
#ifndef DD_BASE_QUOTE_H
#define DD_BASE_QUOTE_H

#include "core/base/buf.h"

/* Append word as a shell takes it, behind a blank unless b is empty.  -1: out
 * of memory. */
int	quote_word(struct buf *b, const char *word);

#endif
