/* A kernel from the host, put into a root image. */
#ifndef DD_RECIPE_KERNEL_H
#define DD_RECIPE_KERNEL_H

#include "core/base/progress.h"
#include "core/recipe/release.h"
#include "core/tree/tree.h"

/*
 * Copy the kernel at path (host) into the tree's root under its own name, and
 * make /netbsd a hard link to it; one that is called netbsd needs no
 * link.  Nothing changes when it is there already.  ERR_FORMAT when it is no
 * ELF file, plain or gzip'ed.
 */
int	kernel_install(struct tree *, const char *path, struct progress *,
	    struct dd_err *);

/* Which release the kernel at path (host) is of; unpack: also if it is
 * gzip'ed.  false: it does not tell. */
bool	kernel_release(const char *path, bool unpack, struct release *);

/* Is the file at path (host) a kernel, as kernel_install wants it? */
int	kernel_check(const char *path, struct progress *, struct dd_err *);

#endif
