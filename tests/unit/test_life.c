/* The life of domUs, with a Xen that this test plays. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/events.h"
#include "core/base/spawn.h"
#include "core/fleet/watch.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"
#include "xen/xen.h"

static struct dd_err e;

/* The one domain there is, and what is done to it. */
static struct {
	bool		there;
	unsigned	id;
	enum xen_state	state;
	unsigned	looks;		/* at it, so far */
	unsigned	busy;		/* looks that get no answer */
	unsigned	gone_after;	/* looks, once it is shut down; 0: never */
	bool		reboots;	/* at each look it is another one */
	char		said[256];	/* what Xen was asked */
} world;

static int
domains(bool disks, struct xen_domain **v, size_t *n, struct dd_err *err)
{
	T(!disks);	/* nobody waits for what isn't needed */
	if (world.busy > 0) {
		world.busy--;
		return dd_fail(err, ERR_IO, "Xen does not answer");
	}
	world.looks++;
	if (world.gone_after != 0 && world.looks >= world.gone_after)
		world.there = false;
	world.id += world.reboots;
	*n = world.there;
	if ((*v = calloc(1, sizeof(**v))) == NULL)
		return dd_fail_nomem(err);
	(*v)->name = strdup("web1");
	(*v)->id = world.id;
	(*v)->state = world.state;
	return 0;
}

static void
domains_free(struct xen_domain *v, size_t n)
{
	(void)n;
	free(v->name);
	free(v);
}

static int
start(const char *cfg, const char *instead, unsigned limit,
    struct dd_err *err)
{
	(void)err;
	T(limit > 0);
	(void)strcat(strcat(world.said, "start "), cfg);
	if (instead != NULL)
		(void)strcat(strcat(world.said, " "), instead);
	world.there = true;
	return 0;
}

static int
act(unsigned id, enum xen_act what, unsigned limit, struct dd_err *err)
{
	static const char *const names[] = { "shutdown", "reboot", "destroy",
	    "pause", "unpause" };

	(void)err;
	T_EQ(id, world.id);
	T(limit > 0);
	(void)strcat(world.said, names[what]);
	return 0;
}

static const char *console;

static int
console_path(unsigned id, char *path, size_t cap, struct dd_err *err)
{
	T_EQ(id, world.id);
	if (console == NULL)
		return dd_fail(err, ERR_NOENT, "none");
	(void)snprintf(path, cap, "%s", console);
	return 0;
}

static const struct xen_ops xen = { .console_path = console_path, .domains = domains,
    .domains_free = domains_free, .start = start, .act = act };
static int stop;
static struct progress progress = { .cancel = &stop };
static const struct life life = { .xen = &xen, .progress = &progress,
    .limit = 1 };

static void
begin(bool there)
{
	memset(&world, 0, sizeof(world));
	world.there = there;
	world.id = 7;
	stop = 0;
	dd_err_clear(&e);
}

static void
starts_what_does_not_run(void)
{
	struct fleet_domu d = { .name = (char []){ "web1" },
	    .cfg = (char []){ "/x/web1.cfg" } };

	begin(false);
	T_OK(life_start(&life, &d, &e));
	T_STR(world.said, "start /x/web1.cfg");
	begin(true);
	T_ERR(life_start(&life, &d, &e), ERR_EXIST);
	begin(false);
	d.cfg = NULL;
	T_ERR(life_start(&life, &d, &e), ERR_NOENT);
	T_STR(world.said, "");
}

/* As xl reads it: the other disks as they were, and of this one all but its
 * file. */
static void
another_file_instead(void)
{
	static const char text[] = "name = \"web1\"\ndisk = [\n"
	    "  '/x/root.img,raw,xvda,r',\n"
	    "  'format=raw, vdev=xvdb, access=w, discard, target=/x/a,b.img',\n"
	    "  '/x/pkg.img,raw,xvdd,w' ]\n";
	const char *cfg = scratch_file("web1.cfg", (off_t)strlen(text), text,
	    strlen(text), 0);
	struct buf b = BUF_INIT;

	dd_err_clear(&e);
	T_OK(life_instead(&xen_ops, cfg, "xvda", "/x/.d/4.run", NULL, &b,
	    &e));
	T_STR(b.p, "disk = [ \"vdev=xvda, access=r, format=raw, "
	    "target=/x/.d/4.run\", \"format=raw, vdev=xvdb, access=w, "
	    "discard, target=/x/a,b.img\", \"/x/pkg.img,raw,xvdd,w\" ]");
	buf_reset(&b);
	T_OK(life_instead(&xen_ops, cfg, "xvdb", "/y", "/k", &b, &e));
	T(strstr(b.p, "\"format=raw, vdev=xvdb, access=w, discard, "
	    "target=/y\"") != NULL);
	T(strstr(b.p, " ]\nkernel = \"/k\"") != NULL);
	buf_reset(&b);
	T_OK(life_disk_spec(&xen_ops, cfg, "xvdd", &b, &e));
	T_STR(b.p, "/x/pkg.img,raw,xvdd,w");
	T_ERR(life_disk_spec(&xen_ops, cfg, "xvde", &b, &e), ERR_NOENT);
	buf_dispose(&b);
}

static void
waits_until_it_is_gone(void)
{
	begin(true);
	world.gone_after = 3;
	T_OK(life_shutdown(&life, "web1", &e));
	T_STR(world.said, "shutdown");
	T_EQ(world.looks, 3);
	/* one that is being torn down is not asked again */
	begin(true);
	world.state = XEN_DYING;
	world.gone_after = 2;
	T_OK(life_shutdown(&life, "web1", &e));
	T_STR(world.said, "");
	begin(true);
	world.gone_after = 2;
	T_OK(life_kill(&life, "web1", &e));
	T_STR(world.said, "destroy");
	begin(false);
	T_ERR(life_shutdown(&life, "web1", &e), ERR_NOENT);
}

/* Who is stopped does not hear that it shall shut down; it can be ended. */
static void
tells_who_cannot_hear(void)
{
	static const enum xen_state deaf[] = { XEN_PAUSED, XEN_CRASHED };
	size_t i;

	for (i = 0; i < 2; i++) {
		begin(true);
		world.state = deaf[i];
		T_ERR(life_shutdown(&life, "web1", &e), ERR_HELD);
		T(strstr(e.msg, "can't hear") != NULL);
		dd_err_clear(&e);
		T_ERR(life_act(&life, "web1", XEN_REBOOT, &e), ERR_HELD);
		T_STR(world.said, "");
		dd_err_clear(&e);
		T_OK(life_act(&life, "web1", XEN_UNPAUSE, &e));
		T_STR(world.said, "unpause");
	}
}

static void
gives_up(void)
{
	begin(true);
	T_ERR(life_shutdown(&life, "web1", &e), ERR_HELD);
	T(strstr(e.hint, "drydock kill web1") != NULL);
	begin(true);
	stop = 1;
	T_ERR(life_shutdown(&life, "web1", &e), ERR_CANCEL);
	T(strstr(e.hint, "may still do so") != NULL);
}

static void
waits_for_a_busy_xen(void)
{
	begin(true);
	world.busy = 2;
	world.gone_after = 2;
	T_OK(life_shutdown(&life, "web1", &e));
	T_STR(world.said, "shutdown");
	begin(true);
	world.busy = 100;
	T_ERR(life_shutdown(&life, "web1", &e), ERR_IO);
	T_STR(world.said, "");
	begin(true);
	world.busy = 100;
	stop = 1;
	T_ERR(life_shutdown(&life, "web1", &e), ERR_CANCEL);
}

static void
watches(void)
{
	struct fleet_domu d = { .name = (char []){ "web1" } };

	begin(true);
	T_OK(watch_domu(&life, &d, 1, &e));
	begin(true);
	world.gone_after = 2;
	T_ERR(watch_domu(&life, &d, 1, &e), ERR_FAULTS);
	begin(true);
	world.state = XEN_CRASHED;
	T_ERR(watch_domu(&life, &d, 1, &e), ERR_FAULTS);
	T(strstr(e.msg, "has crashed") != NULL);
	begin(true);
	world.reboots = true;
	T_ERR(watch_domu(&life, &d, 60, &e), ERR_FAULTS);
	T(strstr(e.msg, "again and again") != NULL);
	begin(true);
	stop = 1;
	T_ERR(watch_domu(&life, &d, 60, &e), ERR_CANCEL);
}

static void
watches_its_health(void)
{
	struct fleet_domu d = { .name = (char []){ "web1" },
	    .health = (char []){ "exit 3" } };

	begin(true);
	T_ERR(watch_domu(&life, &d, 1, &e), ERR_FAULTS);
	T(strstr(e.msg, "status 3") != NULL);
	d.health[5] = '0';
	begin(true);
	T_OK(watch_domu(&life, &d, 1, &e));
	d.health_console = (char []){ "login:" };
	begin(true);
	T_ERR(watch_domu(&life, &d, 1, &e), ERR_FAULTS);
	console = scratch_file("tty", 9000, "web1 login: ", 12, 5000);
	begin(true);
	T_OK(watch_domu(&life, &d, 1, &e));
}

/* What runs programs for it. */
static void
programs_with_a_limit(void)
{
	const char *const prints[] = { "sh", "-c", "echo out; echo err >&2; "
	    "exit 3", NULL };
	const char *const hangs[] = { "sh", "-c", "echo begun; exec sleep "
	    "1000", NULL };
	const char *const none[] = { "drydock-no-such-program", NULL };
	struct buf out = BUF_INIT;
	int status = -1;

	T_OK(spawn_run(prints, 60, &out, &status, &e));
	T_EQ(status, 3);
	T_STR(out.p, "out\nerr\n");
	buf_reset(&out);
	T_ERR(spawn_run(hangs, 1, &out, &status, &e), ERR_IO);
	T_EQ(status, 128 + 15);
	T_STR(out.p, "begun\n");
	T_ERR(spawn_run(none, 1, NULL, &status, &e), ERR_NOENT);
	buf_dispose(&out);
}

/* That we pass over a signal is not passed on. */
static void
programs_have_their_signals(void)
{
	const char *const dies[] = { "sh", "-c", "kill -PIPE $$", NULL };
	int status = 0;

	(void)signal(SIGPIPE, SIG_IGN);
	T_OK(spawn_run(dies, 60, NULL, &status, &e));
	T_EQ(status, 128 + SIGPIPE);
	(void)signal(SIGPIPE, SIG_DFL);
}

static void
a_flood_on_the_console(void)
{
	struct fleet_domu d = { .name = (char []){ "web1" },
	    .health_console = (char []){ "login:" } };

	/* it never is silent */
	console = "/dev/zero";
	begin(true);
	T_ERR(watch_domu(&life, &d, 0, &e), ERR_FAULTS);
}

/* However long: the console waits for each of them. */
static void
events_come_whole(void)
{
	char *detail = malloc(8001), *got = calloc(1, 16384);
	int fds[2];
	ssize_t n;

	memset(detail, 'x', 8000);
	detail[8000] = '\0';
	T_EQ(pipe(fds), 0);
	events_open(fds[1]);
	events_question("May it?", detail, "--allow", "it");
	events_open(-1);
	(void)close(fds[1]);
	n = read(fds[0], got, 16383);
	T(n > 8000 && got[n - 1] == '\n' && strstr(got, detail) != NULL);
	(void)close(fds[0]);
	free(detail);
	free(got);
}

int
main(void)
{
	T_RUN(starts_what_does_not_run);
	T_RUN(another_file_instead);
	T_RUN(waits_until_it_is_gone);
	T_RUN(tells_who_cannot_hear);
	T_RUN(gives_up);
	T_RUN(waits_for_a_busy_xen);
	T_RUN(watches);
	T_RUN(watches_its_health);
	T_RUN(programs_with_a_limit);
	T_RUN(programs_have_their_signals);
	T_RUN(a_flood_on_the_console);
	T_RUN(events_come_whole);
	return t_done();
}
