/*
 * drydock try: a running domU is started anew on another generation of an image
 * that it only reads, by that generation's own path, and watched.  Who is in
 * place stays; when the domU does not come up well, it returns to that.
 */
#include <stdlib.h>
#include <unistd.h>

#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/fleet/watch.h"

struct trying {
	struct managing		 m;
	struct store		*store, *kstore;	/* shared */
	struct life		 undoing;	/* can't be cancelled */
	struct buf		 instead;	/* for xl; none: the one in
						 * place */
	int			 domu_lock;
	bool			 ran;		/* before */
	struct record		 record;
};

/* The generation, and nobody takes it away meanwhile. */
static int
find(void *ctx, struct dd_err *e)
{
	struct trying *t = ctx;

	if (store_open(t->m.p.image, &t->store, e) == -1 ||
	    store_want(t->store, t->m.t.n, e) == NULL)
		return -1;
	if (t->store->place != NULL)
		t->record.from = t->store->place->name.n;
	t->record.to = t->record.from;
	return 0;
}

/* The path of the kernel that goes with it, in fresh memory; NULL: the one in
 * place. */
static int
hold_kernel(struct trying *t, const struct generation *root, char **kernel,
    struct dd_err *e)
{
	const struct generation *g;
	char *image = NULL;
	uint32_t k;
	int rc;

	if ((rc = placing_kernel_of(root, &image, &k, e)) == -1 || k == 0)
		goto out;
	rc = -1;
	if (store_open(image, &t->kstore, e) == 0 &&
	    (g = store_want(t->kstore, k, e)) != NULL)
		rc = g->in_place ? store_share(t->kstore, e) :
		    store_run_hold(t->kstore, k, kernel, e);
	if (rc == -1)
		(void)dd_context(e, "its kernel");
out:
	free(image);
	return rc;
}

static int
hold(void *ctx, struct dd_err *e)
{
	struct trying *t = ctx;
	const struct generation *g = store_want(t->store, t->m.t.n, e);
	char *path = NULL, *kernel = NULL;
	int rc = -1;

	if (g == NULL || life_hold(t->m.t.domu, &t->domu_lock, e) == -1)
		return -1;
	if (g->in_place)
		return store_share(t->store, e);
	/* all that xl is to be told, before anything is shut down */
	if (hold_kernel(t, g, &kernel, e) == 0 &&
	    store_run_hold(t->store, t->m.t.n, &path, e) == 0)
		rc = life_instead(t->m.life.xen, t->m.t.domu->cfg,
		    t->m.t.disk->vdev, path, kernel, &t->instead, e);
	free(path);
	free(kernel);
	return rc;
}

static int
can_ask(void *ctx, struct dd_err *e)
{
	struct trying *t = ctx;
	struct life_now now;

	return life_can_start(t->m.t.domu, e) == -1 ? -1 :
	    life_look(&t->m.life, t->m.t.domu->name, &now, e);
}

static int
down(void *ctx, struct dd_err *e)
{
	struct trying *t = ctx;
	const char *name = t->m.t.domu->name;
	struct life_now now;

	if (life_look(&t->m.life, name, &now, e) == -1)
		return -1;
	t->ran = now.there;
	if (!now.there)
		return 0;
	/* one that has crashed can't be asked; and one that was asked is waited
	 * for, or nobody would start it again */
	return now.state == XEN_CRASHED ? life_kill(&t->undoing, name, e) :
	    life_shutdown(&t->undoing, name, e);
}

static int
up_again(void *ctx, struct dd_err *e)
{
	struct trying *t = ctx;

	return t->ran ? life_start(&t->undoing, t->m.t.domu, e) : 0;
}

static int
up(void *ctx, struct dd_err *e)
{
	struct trying *t = ctx;

	return life_start_with(&t->m.life, t->m.t.domu, t->instead.p, e);
}

/* It may be too unwell to shut down by itself, or have gone. */
static int
down_again(void *ctx, struct dd_err *e)
{
	struct trying *t = ctx;
	const char *name = t->m.t.domu->name;
	struct dd_err why = DD_ERR_INIT;
	struct life_now now;

	if (life_look(&t->undoing, name, &now, e) == -1)
		return -1;
	if (!now.there)
		return 0;
	if (now.state != XEN_CRASHED && life_shutdown(&t->undoing, name,
	    &why) == 0)
		return 0;
	return why.code == ERR_NOENT ? 0 : life_kill(&t->undoing, name, e);
}

static int
eye(void *ctx, struct dd_err *e)
{
	struct trying *t = ctx;

	return t->m.no_watch || t->m.conf.watch == 0 ? 0 :
	    watch_domu(&t->m.life, t->m.t.domu, t->m.conf.watch, e);
}

static const struct job_step steps[] = {
	{ .name = "hold that generation", .check = find, .run = hold },
	{ .name = "shut the domU down", .check = can_ask, .run = down,
	    .undo = up_again },
	{ .name = "start it on that generation", .run = up,
	    .undo = down_again },
	{ .name = "watch it", .run = eye },
	{ .name = NULL }
};

static int
check(const struct trying *t, const char *word, struct dd_err *e)
{
	const struct fleet_disk *disk = t->m.t.disk;

	if (t->m.t.n == 0) {
		(void)dd_fail(e, ERR_USAGE, "%s: which generation?", word);
		return dd_hint(e, "DOMU:ROLE@N; drydock generations lists "
		    "them");
	}
	if (disk->readwrite) {
		(void)dd_fail(e, ERR_UNSUP, "%s: it writes to that disk, and "
		    "would change a generation that is kept", word);
		return dd_hint(e, "drydock swap and rollback are for such "
		    "disks");
	}
	return 0;
}

/* It was not well, and all is as before. */
static void
tell_return(const struct trying *t, struct dd_err *e)
{
	struct dd_err why = *e;

	dd_err_clear(e);
	(void)dd_fail(e, ERR_FAULTS, "%s; it %s", why.msg, t->ran ?
	    "was started with the one in place again" : "is off again");
	(void)dd_hint(e, "drydock console and the log of xl tell more");
}

static int
try(struct trying *t, const struct cmd_env *env, const char *word,
    struct dd_err *e)
{
	struct job job = { .name = "try", .steps = steps, .ctx = t,
	    .progress = env->progress, .log = &record_log,
	    .log_arg = &t->record };

	if (managing_find(&t->m, env, word, "try", e) == -1 ||
	    check(t, word, e) == -1)
		return -1;
	t->undoing = (struct life){ .xen = env->xen,
	    .progress = env->progress, .steady = true };
	t->record = (struct record){ .state_dir = t->m.conf.state_dir,
	    .command = t->m.command, .action = "try",
	    .domu = t->m.p.domu, .image = t->m.p.image };
	if (job_run(&job, e) == 0) {
		cmd_done();
		return 0;
	}
	if (e->code == ERR_FAULTS)
		tell_return(t, e);
	return -1;
}

int
cmd_try(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct trying t = { .store = NULL };
	const struct arg args[] = {
		{ 0, "no-watch", ARG_FLAG, &t.m.no_watch, NULL,
		    "don't watch it after the start" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct buf b = BUF_INIT;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = try(&t, env, argv[1], e);
	if (rc == 0) {
		fleet_out_text(&b, t.m.p.domu);
		(void)buf_printf(&b, ": runs with generation %u%s\n", t.m.t.n,
		    t.m.no_watch || t.m.conf.watch == 0 ? "" :
		    ", and is well");
		rc = fleet_out_print(&b, e);
	}
	buf_dispose(&t.instead);
	if (t.domu_lock > 0)
		(void)close(t.domu_lock);
	store_close(t.kstore);
	store_close(t.store);
	record_dispose(&t.record);
	managing_dispose(&t.m);
	return rc;
}
