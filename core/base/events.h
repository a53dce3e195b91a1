/*
 * Events: one JSON object a line on the descriptor given with --events, for
 * the TUI and scripts.
 *
 *	{"event":"progress","what":"…","done":N,"total":N}
 *	{"event":"message","text":"…"}
 *	{"event":"plan","hash":"…"}		a --dry-run that went well
 *	{"event":"result","status":N,"code":"…","message":"…","hint":"…"}
 */
#ifndef DD_BASE_EVENTS_H
#define DD_BASE_EVENTS_H

#include "core/base/progress.h"

/* fd -1: every call does nothing.  A reader that went away is ignored. */
void	events_open(int fd);
void	events_message(const char *fmt, ...) DD_PRINTF(1, 2);
/* At most ten a second, and the last one. */
void	events_progress(const char *what, uint64_t done, uint64_t total);
/* What to give --plan, so that what was previewed is what happens. */
void	events_plan(const char *hash);
void	events_result(const struct dd_err *e);

#endif
