/* Completion of a path of the host that is being typed. */
#ifndef DD_TUI_COMPLETE_H
#define DD_TUI_COMPLETE_H

#include <stdbool.h>

#include "core/base/buf.h"

/*
 * Append to out what can be added to path without doubt: the rest of the only
 * entry that it begins ('/' behind a directory), or what all such
 * entries have in common.  Returns how many there are; their names, separated
 * by two blanks, in names (as many as keep it under a kilobyte).  May block
 * on the file system.
 */
size_t	complete_path(const char *path, struct buf *out, struct buf *names);

/* The same, waited for for a moment; *waiting: nothing is known yet, and who asks
 * again may be told then. */
size_t	complete_soon(const char *path, struct buf *out, struct buf *names,
	    bool *waiting);

#endif
