/*
 * Events: one JSON object a line on the descriptor given with --events, for
 * the TUI and scripts.
 *
 *	{"event":"job","name":"…"}		something is about to be done
 *	{"event":"step","name":"…","n":N,"of":N}
 *	{"event":"progress","what":"…","done":N,"total":N,"rate":N,"eta":N}
 *						rate: a second; eta: seconds
 *	{"event":"message","text":"…"}
 *	{"event":"plan","hash":"…"}		a --dry-run that went well
 *	{"event":"question","text":"…","detail":"…","answer":["--option", "…"]}
 *						nothing was done: with these
 *						words added it would be
 *	{"event":"result","status":N,"code":"…","message":"…","hint":"…"}
 *						the last one counts
 */
#ifndef DD_BASE_EVENTS_H
#define DD_BASE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/progress.h"

/* fd -1: every call does nothing.  A reader that went away is ignored. */
/* Programs that we run don't get it, unless its FD_CLOEXEC is cleared. */
void	events_open(int fd);
void	events_job(const char *name);
void	events_step(const char *name, size_t n, size_t of);
void	events_message(const char *fmt, ...) DD_PRINTF(1, 2);
/* At most ten a second, and the last one. */
void	events_progress(const char *what, uint64_t done, uint64_t total);
/* Is there anybody who reads them? */
bool	events_wanted(void);
/* May this be done?  The command fails after it; whoever says yes runs it again
 * with option and value added. */
void	events_question(const char *text, const char *detail,
	    const char *option, const char *value);
/* What to give --plan, so that what was previewed is what happens. */
void	events_plan(const char *hash);
void	events_result(const struct dd_err *e);

#endif
