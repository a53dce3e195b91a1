/* Three-way merge of texts, line by line, as diff3 -m and git merge-file. */
#ifndef DD_BASE_MERGE3_H
#define DD_BASE_MERGE3_H

#include "core/base/buf.h"

/*
 * Append to out what becomes of base with the changes of both sides.  The
 * same change on both sides is one change; different ones that overlap or
 * touch each other are a conflict, as in git.  Merging the result once more
 * with the same theirs changes nothing.  Lines that repeat can stand
 * in the way of that: ours stays where it shows all changes of theirs
 * already, and what would not come out the same is a conflict.
 *
 * *conflicts > 0: out is not to be used; *line is the first line of ours, from
 * 1, that is in conflict (one behind the last where ours ends there); both are
 * set whenever it returns 0.
 * Time and memory are bounded as linediff.h says: texts that differ
 * too much are in conflict.  -1: no memory.
 */
int	merge3(const char *base, size_t baselen, const char *ours,
	    size_t ourslen, const char *theirs, size_t theirslen,
	    struct buf *out, unsigned *conflicts, size_t *line);

#endif
