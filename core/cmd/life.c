/* drydock start, shutdown, reboot, kill, pause, unpause, console. */
#include <stdio.h>
#include <unistd.h>

#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/disk/overlay.h"
#include "core/fleet/life.h"

enum verb { START, SHUTDOWN, REBOOT, KILL, PAUSE, UNPAUSE, CONSOLE };

static const struct {
	const char	*action;
	const char	*done;		/* "web1: is started" */
} verbs[] = {
	[START] = { "start", "is started" },
	[SHUTDOWN] = { "shutdown", "is shut down" },
	[REBOOT] = { "reboot", "reboots" },
	[KILL] = { "kill", "is ended" },
	[PAUSE] = { "pause", "is paused" },
	[UNPAUSE] = { "unpause", "goes on" },
	[CONSOLE] = { "console", NULL },
};

struct living {
	struct managing		 m;
	struct life		 life;
	const struct fleet_domu	*d;
	enum verb		 verb;
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
	return l->life.xen->console(now.id, e);
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
	    (l->d = fleet_want(l->m.fleet, name, e)) == NULL)
		return -1;
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
	const struct arg limited[] = {
		{ 0, "limit", ARG_NUMBER, &limit, "SECONDS",
		    "how long to wait for it" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	const struct arg none[] = { { 0, NULL, ARG_FLAG, NULL, NULL, NULL } };
	int rc;

	if ((rc = args_parse(verb == START || verb == SHUTDOWN ? limited :
	    none, &argc, argv, 1, 1, e)) != 0)
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
