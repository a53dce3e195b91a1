/*
 * drydock start, shutdown, reboot, kill, pause, unpause, console.  On a
 * terminal what interrupts a domU asks first.
 */
#include <stdio.h>
#include <unistd.h>

#include "core/base/events.h"
#include "core/cmd/confirm.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/disk/overlay.h"
#include "core/fleet/life.h"

enum verb { START, SHUTDOWN, REBOOT, KILL, PAUSE, UNPAUSE, CONSOLE };

static const struct {
	const char	*action;
	const char	*done;		/* "web1: is started" */
	const char	*ask;		/* behind "web1: "; NULL: no question */
} verbs[] = {
	[START] = { "start", "is started", NULL },
	[SHUTDOWN] = { "shutdown", "is shut down", "shut it down?" },
	[REBOOT] = { "reboot", "reboots", "reboot it?" },
	[KILL] = { "kill", "is ended", "end it as a power cut does?  What it "
	    "has not written to its disks is lost." },
	[PAUSE] = { "pause", "is paused", "stop it where it is?" },
	[UNPAUSE] = { "unpause", "goes on", NULL },
	[CONSOLE] = { "console", NULL, NULL },
};

struct living {
	struct managing		 m;
	struct life		 life;
	const struct fleet_domu	*d;
	enum verb		 verb;
	bool			 yes;		/* don't ask */
	struct record		 record;
};

/* One with a change that was cut short must not be booted from. */
static int
check_pending(const struct fleet_domu *d, struct dd_err *e)
{
	bool pending = false;
	size_t i;

	for (i = 0; i < d->ndisks; i++) {
		if (d->disks[i].image == NULL || d->disks[i].image->missing)
			continue;
		if (overlay_pending(d->disks[i].image->path, &pending,
		    e) == -1)
			return -1;
		if (!pending)
			continue;
		(void)dd_fail(e, ERR_UNCLEAN, "%s: a change of %s was cut "
		    "short", d->name, d->disks[i].image->path);
		return dd_hint(e, "drydock recover finishes it");
	}
	return 0;
}

/* xl does not say it, and who doesn't know sits there. */
static int
tell_way_out(const char *name, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	if (!isatty(STDOUT_FILENO))
		return 0;
	fleet_out_text(&b, name);
	(void)buf_str(&b, ": ^] leaves its console; Enter may show a "
	    "prompt\n");
	return fleet_out_print(&b, e);
}

static int
run(void *ctx, struct dd_err *e)
{
	struct living *l = ctx;
	const char *name = l->d->name;
	struct life_now now;

	switch (l->verb) {
	case START:
		return check_pending(l->d, e) == -1 ? -1 :
		    life_start(&l->life, l->d, e);
	case SHUTDOWN:
		return life_shutdown(&l->life, name, e);
	case REBOOT:
		return life_act(&l->life, name, XEN_REBOOT, e);
	case KILL:
		return life_kill(&l->life, name, e);
	case PAUSE:
		return life_act(&l->life, name, XEN_PAUSE, e);
	case UNPAUSE:
		return life_act(&l->life, name, XEN_UNPAUSE, e);
	case CONSOLE:
		break;
	}
	if (life_look(&l->life, name, &now, e) == -1)
		return -1;
	if (!now.there) {
		(void)dd_fail(e, ERR_NOENT, "%s: does not run", name);
		return dd_hint(e, "drydock start %s starts it", name);
	}
	if (tell_way_out(name, e) == -1)
		return -1;
	return l->life.xen->console(now.id, e);
}

/* One that does not run is refused later, with a better reason than no.  A
 * script may shut down, but who ends a domU by one says so. */
static int
ask(const struct living *l, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	if (l->yes || verbs[l->verb].ask == NULL ||
	    l->d->state == STATE_OFF || l->d->state == STATE_UNKNOWN)
		return 0;
	if (!confirm_possible()) {
		if (l->verb != KILL)
			return 0;
		(void)dd_fail(e, ERR_USAGE, "%s: kill asks first, and there "
		    "is no terminal", l->d->name);
		return dd_hint(e, "--yes does without asking");
	}
	fleet_out_text(&b, l->d->name);
	(void)buf_printf(&b, ": %s", verbs[l->verb].ask);
	rc = b.failed ? dd_fail_nomem(e) : confirm(b.p, e);
	buf_dispose(&b);
	return rc;
}

/* Who sits at a terminal must know why nothing happens for minutes. */
static void
tell_waiting(const struct living *l)
{
	if (l->verb != SHUTDOWN || events_wanted() || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "waiting until it is down, %u seconds at most; ^C "
	    "ends the waiting\n", l->life.limit != 0 ? l->life.limit :
	    LIFE_SHUTDOWN_LIMIT);
}

static int
act(struct living *l, const struct cmd_env *env, const char *name,
    struct dd_err *e)
{
	static const struct job_step steps[] = {
		{ .name = "ask Xen", .run = run }, { .name = NULL }
	};
	const struct job job = { .name = verbs[l->verb].action,
	    .steps = steps, .ctx = l, .progress = env->progress,
	    .log = l->verb == CONSOLE ? NULL : &record_log,
	    .log_arg = &l->record };
	struct buf b = BUF_INIT;

	if (managing_load(&l->m, env, e) == -1 ||
	    (l->d = fleet_want(l->m.fleet, name, e)) == NULL ||
	    ask(l, e) == -1)
		return -1;
	tell_waiting(l);
	l->record = (struct record){ .state_dir = l->m.conf.state_dir,
	    .command = l->m.command, .action = verbs[l->verb].action,
	    .domu = l->d->name, .image = l->d->cfg };
	if (job_run(&job, e) == -1)
		return -1;
	cmd_done();
	if (verbs[l->verb].done == NULL)
		return 0;
	fleet_out_text(&b, l->d->name);
	(void)buf_printf(&b, ": %s\n", verbs[l->verb].done);
	return fleet_out_print(&b, e);
}

static int
cmd_life(const struct cmd_env *env, int argc, char **argv, enum verb verb,
    struct dd_err *e)
{
	struct living l = { .verb = verb, .life = { .xen = env->xen,
	    .progress = env->progress } };
	uint64_t limit = 0;
	const bool limited = verb == START || verb == SHUTDOWN;
	const bool asking = verbs[verb].ask != NULL;
	const struct arg end = { 0, NULL, ARG_FLAG, NULL, NULL, NULL };
	const struct arg limit_arg = { 0, "limit", ARG_NUMBER, &limit,
	    "SECONDS", "how long to wait for it" };
	const struct arg yes_arg = { 'y', "yes", ARG_FLAG, &l.yes, NULL,
	    "don't ask" };
	struct arg args[3] = { end, end, end };
	size_t n = 0;
	int rc;

	if (limited)
		args[n++] = limit_arg;
	if (asking)
		args[n++] = yes_arg;
	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	l.life.limit = (unsigned)limit;
	rc = act(&l, env, argv[1], e);
	record_dispose(&l.record);
	managing_dispose(&l.m);
	return rc;
}

#define LIFE(name, verb)						\
int									\
name(const struct cmd_env *env, int argc, char **argv, struct dd_err *e) \
{									\
	return cmd_life(env, argc, argv, verb, e);			\
}

LIFE(cmd_start, START)
LIFE(cmd_shutdown, SHUTDOWN)
LIFE(cmd_reboot, REBOOT)
LIFE(cmd_kill, KILL)
LIFE(cmd_pause, PAUSE)
LIFE(cmd_unpause, UNPAUSE)
LIFE(cmd_console, CONSOLE)
