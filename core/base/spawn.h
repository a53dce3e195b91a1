/* Programs that we run and whose output we want. */
#ifndef DD_BASE_SPAWN_H
#define DD_BASE_SPAWN_H

#include <stdbool.h>

#include "core/base/secret.h"

/*
 * Run cmd and take its standard output (at most max bytes; more is an
 * error).  Without a shell where cmd is plain words; with /bin/sh -c where it
 * has characters that only a shell understands.  Standard input is
 * /dev/null; a status other than 0 is an error.  After limit seconds (0: never)
 * it is ended, which is one, too.
 */
int	spawn_output(const char *cmd, size_t max, unsigned limit,
	    struct secret *out, struct dd_err *e);

struct buf;

/*
 * Run a program, found along PATH, and wait for it; what it prints, on standard
 * output and error, is appended to out (at most 64 KiB; NULL: nobody wants
 * it).  Standard input is /dev/null.  After limit seconds it is ended.
 * *status: its exit status, 128 + the signal that ended it; -1 for what keeps
 * it from running, and when it took too long (ERR_IO).
 */
int	spawn_run(const char *const *argv, unsigned limit, struct buf *out,
	    int *status, struct dd_err *e);
/* The same without what it prints on standard error. */
int	spawn_answer(const char *const *argv, unsigned limit, struct buf *out,
	    int *status, struct dd_err *e);
/* As spawn_run, with at most SPAWN_FEED_MAX bytes on its standard input. */
#define SPAWN_FEED_MAX	4096
int	spawn_feed(const char *const *argv, const struct secret *in,
	    unsigned limit, struct buf *out, int *status, struct dd_err *e);

#endif
