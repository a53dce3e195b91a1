/*
 * A domU that runs with the image that is swapped: it is shut down and started,
 * and whatever goes wrong on the way it runs in the end, with what is in place.
 * Xen is played.
 */
#include "core/fleet/placing.h"
#include "tests/fault/small_fleet.h"

#ifdef TRACE_WORKS

static struct dd_err e;

static int
nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* Xen, and what it was asked, a letter each: shutdown s, destroy d, start S,
 * detach t, attach a. */
static struct {
	bool		there, deaf, bad_start, no_detach;
	enum xen_state	state;
	unsigned	starts_fail;	/* so many of them */
	char		said[32];
	int		cancel;		/* set when it is asked to shut down */
} world;

static void
say(char what)
{
	size_t n = strlen(world.said);

	if (n + 1 < sizeof(world.said))
		world.said[n] = what;
}

static int
domains(bool disks, struct xen_domain **v, size_t *n, struct dd_err *err)
{
	(void)disks;
	*n = world.there;
	if ((*v = calloc(1, sizeof(**v))) == NULL)
		return dd_fail_nomem(err);
	(*v)->name = strdup("web1");
	(*v)->id = 7;
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
	(void)cfg;
	(void)instead;
	(void)limit;
	say('S');
	world.there = true;
	world.state = XEN_RUNNING;
	if (world.starts_fail == 0)
		return 0;
	world.starts_fail--;
	return dd_fail(err, ERR_IO, "half of it");
}

static int
act(unsigned id, enum xen_act what, unsigned limit, struct dd_err *err)
{
	(void)id;
	(void)limit;
	(void)err;
	say(what == XEN_SHUTDOWN ? 's' : 'd');
	if (what == XEN_DESTROY || !world.deaf)
		world.there = false;
	return 0;
}

static int
attach(unsigned id, const char *spec, unsigned limit, struct dd_err *err)
{
	(void)id;
	(void)limit;
	(void)err;
	T(strstr(spec, "pkg.img") != NULL);
	say('a');
	return 0;
}

static int
detach(unsigned id, const char *vdev, unsigned limit, struct dd_err *err)
{
	(void)id;
	(void)limit;
	T_STR(vdev, "xvdb");
	say('t');
	return world.no_detach ? dd_fail(err, ERR_IO, "it is busy") : 0;
}

/* Swap pkg.img for in/b.img: what it ends with. */
static enum dd_code
swap(bool force, const char *live)
{
	struct progress progress = { .cancel = NULL };
	struct xen_ops ops = xen_ops;
	struct life life = { .xen = &ops, .progress = &progress, .limit = 1 };
	struct placing p = { .how = PLACING_COMES, .action = "swap",
	    .domu = "web1", .command = "test", .force = force, .live = live,
	    .progress = &progress, .life = &life };
	struct fleet *f = NULL;
	struct config conf;
	int rc;

	fleet_remove(scratch("work"));
	fleet_make();
	ops.domains = domains;
	ops.domains_free = domains_free;
	ops.start = start;
	ops.act = act;
	ops.attach = attach;
	ops.detach = detach;
	progress.cancel = &world.cancel;
	memset(world.said, 0, sizeof(world.said));
	dd_err_clear(&e);
	T_OK(config_load(&ops, scratch("work/drydock.conf"), &conf, &e));
	T_OK(fleet_load_quick(&ops, &conf, &f, &e));
	p.conf = &conf;
	p.fleet = f;
	p.image = strdup(scratch("work/img/pkg.img"));
	p.source = strdup(scratch("work/in/b.img"));
	p.restart = fleet_find(f, "web1");
	rc = placing_run(&p, &e);
	placing_dispose(&p);
	T_EQ(rc, e.code == ERR_NONE ? 0 : -1);
	free((char *)(uintptr_t)p.image);
	free((char *)(uintptr_t)p.source);
	fleet_free(f);
	config_dispose(&conf);
	return e.code;
}

static bool
has_new(void)
{
	uint64_t is = fleet_sum(scratch("work/img/pkg.img"));

	return is == fleet_sum(scratch("work/in/b.img"));
}

static void
it_is_restarted(void)
{
	memset(&world, 0, sizeof(world));
	world.there = true;
	T_EQ(swap(false, NULL), ERR_NONE);
	T_STR(world.said, "sS");
	T(world.there && has_new());
	/* one that has crashed can't be asked */
	memset(&world, 0, sizeof(world));
	world.there = true;
	world.state = XEN_CRASHED;
	T_EQ(swap(false, NULL), ERR_NONE);
	T_STR(world.said, "dS");
	T(world.there && has_new());
}

static void
one_that_does_not_go(void)
{
	memset(&world, 0, sizeof(world));
	world.there = world.deaf = true;
	T_EQ(swap(false, NULL), ERR_HELD);
	T_STR(world.said, "s");
	T(world.there && !has_new());
	/* on the way back it is ended */
	T_EQ(swap(true, NULL), ERR_NONE);
	T_STR(world.said, "sdS");
	T(world.there && has_new());
}

static void
stopped_when_it_was_asked(void)
{
	memset(&world, 0, sizeof(world));
	world.there = true;
	world.cancel = 1;
	/* before anything: nothing is asked */
	T_EQ(swap(false, NULL), ERR_CANCEL);
	T_STR(world.said, "");
	T(world.there && !has_new());
}

/* The operator wants to stop while the domU goes down. */
static int
act_and_stop(unsigned id, enum xen_act what, unsigned limit,
    struct dd_err *err)
{
	world.cancel = 1;
	return act(id, what, limit, err);
}

static void
stopped_while_it_goes_down(void)
{
	struct progress progress = { .cancel = &world.cancel };
	struct xen_ops ops = { .domains = domains,
	    .domains_free = domains_free, .start = start,
	    .act = act_and_stop };
	const struct life life = { .xen = &ops, .progress = &progress,
	    .limit = 1, .steady = true };

	memset(&world, 0, sizeof(world));
	world.there = true;
	dd_err_clear(&e);
	/* what was asked is waited for */
	T_OK(life_shutdown(&life, "web1", &e));
	T(!world.there);
}

static void
it_does_not_start(void)
{
	memset(&world, 0, sizeof(world));
	world.there = true;
	world.starts_fail = 1;
	T_EQ(swap(false, NULL), ERR_IO);
	/* what xl left of it is gone, and it runs with what it had */
	T_STR(world.said, "sSdS");
	T(world.there && !has_new());
	memset(&world, 0, sizeof(world));
	world.there = true;
	world.starts_fail = 2;
	T_EQ(swap(false, NULL), ERR_RECOVER);
	T_STR(world.said, "sSdSd");
	T(!has_new());
}

static void
while_it_runs(void)
{
	memset(&world, 0, sizeof(world));
	world.there = true;
	T_EQ(swap(false, "xvdb"), ERR_NONE);
	T_STR(world.said, "ta");
	T(has_new());
	world.no_detach = true;
	T_EQ(swap(false, "xvdb"), ERR_IO);
	T_STR(world.said, "t");
	T(!has_new());
	/* a disk that its configuration does not have is not taken */
	world.no_detach = false;
	T_EQ(swap(false, "xvdz"), ERR_NOENT);
	T_STR(world.said, "");
}

int
main(void)
{
	struct forked f = { .fn = nothing };

	forked_run(&f);
	if (f.status != 0) {
		printf("# skip ptrace or seccomp does not work here\n"
		    "ok 1 - skipped\n");
		return 0;
	}
	T_RUN(it_is_restarted);
	T_RUN(one_that_does_not_go);
	T_RUN(stopped_when_it_was_asked);
	T_RUN(stopped_while_it_goes_down);
	T_RUN(it_does_not_start);
	T_RUN(while_it_runs);
	return t_done();
}
#else

int
main(void)
{
	printf("# skip system calls are traced on x86-64 only\n"
	    "ok 1 - skipped\n");
	return 0;
}

#endif
