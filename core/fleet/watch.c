/* A watchful eye on a domU; see watch.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/spawn.h"
#include "core/fleet/watch.h"

#define ASK_MS		2000	/* between two runs of the command */
#define MISSING_MAX	40	/* looks: ten seconds */
#define CHUNKS_MAX	256	/* of the console that are read in a look */
#define CONSOLE_KEPT	4096	/* bytes of the console that are searched */

struct watching {
	const struct life	*life;
	const struct fleet_domu	*d;
	int64_t			 now, end, ask;	/* milliseconds */
	bool			 answered;	/* by the command, or none */
	bool			 seen;		/* the text, or none */
	unsigned		 id, reboots;
	bool			 known;		/* id is */
	int			 console;	/* -1: not open */
	struct buf		 text;
	unsigned		 missing;	/* looks without it, in a row */
	/* why it did not answer */
	char			 last[sizeof(((struct dd_err *)0)->msg)];
};

static int
unwell(const struct watching *w, const char *why, struct dd_err *e)
{
	return dd_fail(e, ERR_FAULTS, "%s: %s", w->d->name, why);
}

/* Is it there, the same one as before? */
static int
look(struct watching *w, struct dd_err *e)
{
	struct life_now now;

	if (life_look(w->life, w->d->name, &now, e) == -1)
		return -1;
	/* between two lives of a reboot there is none for a moment */
	if (!now.there)
		return ++w->missing <= MISSING_MAX ? 0 :
		    unwell(w, "has gone down by itself", e);
	w->missing = 0;
	if (now.state == XEN_CRASHED)
		return unwell(w, "has crashed", e);
	if (!w->known || now.id != w->id) {
		w->reboots += w->known;
		w->id = now.id;
		w->known = true;
		if (w->console != -1)
			(void)close(w->console);
		w->console = -1;
	}
	if (w->reboots > 1)
		return unwell(w, "reboots again and again", e);
	return 0;
}

static int
ask(struct watching *w, struct dd_err *e)
{
	const char *const argv[] = { "/bin/sh", "-c", w->d->health, NULL };
	struct dd_err why = DD_ERR_INIT;
	struct buf out = BUF_INIT;
	int status = 0;

	if (w->answered || w->now < w->ask)
		return 0;
	w->ask = w->now + ASK_MS;
	if (spawn_run(argv, WATCH_COMMAND_LIMIT, &out, &status, &why) == -1)
		(void)snprintf(w->last, sizeof(w->last), "%s", why.msg);
	else if (status == 0)
		w->answered = true;
	else
		(void)snprintf(w->last, sizeof(w->last), "its health command "
		    "ends with status %d", status);
	buf_dispose(&out);
	return why.code == ERR_NOMEM ? dd_fail_nomem(e) : 0;
}

/* The console's terminal, without its echo and line editing. */
static void
open_console(struct watching *w)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct termios t;
	char path[128];

	if (w->console != -1 || w->life->xen->console_path == NULL ||
	    w->life->xen->console_path(w->id, path, sizeof(path),
	    &ignored) == -1)
		return;
	w->console = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (w->console != -1 && tcgetattr(w->console, &t) == 0) {
		cfmakeraw(&t);
		(void)tcsetattr(w->console, TCSANOW, &t);
	}
}

static int
listen(struct watching *w, struct dd_err *e)
{
	char chunk[1024];
	ssize_t n;
	int i;

	if (w->seen)
		return 0;
	open_console(w);
	/* one that prints without end must not keep us from the rest */
	for (i = 0; i < CHUNKS_MAX && w->console != -1 &&
	    (n = read(w->console, chunk, sizeof(chunk))) > 0; i++) {
		if (buf_add(&w->text, chunk, (size_t)n) == -1)
			return dd_fail_nomem(e);
		w->seen = w->seen || memmem(w->text.p, w->text.len,
		    w->d->health_console,
		    strlen(w->d->health_console)) != NULL;
		if (w->text.len > 2 * CONSOLE_KEPT) {
			memmove(w->text.p, w->text.p + w->text.len -
			    CONSOLE_KEPT, CONSOLE_KEPT);
			w->text.len = CONSOLE_KEPT;
		}
	}
	return 0;
}

static int
judge(const struct watching *w, struct dd_err *e)
{
	char why[512];

	if (!w->known || w->missing > 0)
		return unwell(w, "is gone", e);
	if (!w->answered)
		return unwell(w, w->last[0] != '\0' ? w->last :
		    "its health command was not run", e);
	if (w->seen)
		return 0;
	(void)snprintf(why, sizeof(why), "\"%s\" did not appear on its "
	    "console", w->d->health_console);
	return unwell(w, why, e);
}

static int
watch(struct watching *w, struct dd_err *e)
{
	char what[128];

	(void)snprintf(what, sizeof(what), "watching %s", w->d->name);
	for (;;) {
		w->now = clock_ms();
		if (look(w, e) == -1 || ask(w, e) == -1 ||
		    listen(w, e) == -1)
			return -1;
		if (w->now >= w->end)
			return judge(w, e);
		if (life_pause(w->life, what, e) == -1)
			return -1;
	}
}

int
watch_domu(const struct life *life, const struct fleet_domu *d,
    unsigned seconds, struct dd_err *e)
{
	struct watching w = { .life = life, .d = d, .console = -1,
	    .answered = d->health == NULL, .seen = d->health_console == NULL };
	int rc;

	w.end = clock_ms() + (int64_t)seconds * 1000;
	rc = watch(&w, e);
	if (w.console != -1)
		(void)close(w.console);
	buf_dispose(&w.text);
	return rc;
}
