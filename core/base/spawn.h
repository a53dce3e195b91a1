/* Programs that we run and whose output we want. */
#ifndef DD_BASE_SPAWN_H
#define DD_BASE_SPAWN_H

#include "core/base/secret.h"

/*
 * Run cmd and take its standard output (at most max bytes; more is an
 * error).  Without a shell where cmd is plain words; with /bin/sh -c where it
 * has characters that only a shell understands.  Standard input is
 * /dev/null; a status other than 0 is an error.
 */
int	spawn_output(const char *cmd, size_t max, struct secret *out,
	    struct dd_err *e);

#endif
