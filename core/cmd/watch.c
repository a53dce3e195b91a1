/*
 * drydock watch: a watchful eye on a domU that was started on another
 * generation.  It is well: the generation is marked good.  It is not: the last
 * good one before comes back, or else the one before, and the domU is started
 * on that, once.  swap and rollback run this in a process of its own.
 */
#include <stdio.h>

#include "core/cmd/child.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/fleet/watch.h"

struct keeping {
	struct managing		 m;
	struct store		*store;		/* locked while it watches */
	struct record		 record;
};

static int
eye(void *ctx, struct dd_err *e)
{
	struct keeping *k = ctx;

	if (watch_domu(&k->m.life, k->m.t.domu, k->m.conf.watch, e) == -1)
		return -1;
	return store_mark(k->store, k->m.p.was, GEN_GOOD,
	    k->store->place->name.pinned, e);
}

static int
begin(void *arg, struct dd_err *e)
{
	return record_log.begin(&((struct keeping *)arg)->record, e);
}

static int
end(void *arg, const struct dd_err *result, struct dd_err *e)
{
	return record_log.end(&((struct keeping *)arg)->record, result, e);
}

/* Where to go back to: the last good one before, or else the one before.  0:
 * there is none. */
static uint32_t
way_back(const struct store *s)
{
	struct dd_err none = DD_ERR_INIT;
	const struct generation *g;
	size_t i;

	for (i = s->n; i-- > 0;)
		if (s->v[i].name.n < s->place->name.n &&
		    s->v[i].name.mark == GEN_GOOD)
			return s->v[i].name.n;
	g = store_before(s, &none);
	return g == NULL ? 0 : g->name.n;
}

/* Once; what comes of that is not watched again. */
static int
go_back(struct keeping *k, uint32_t n, struct dd_err *e)
{
	const uint32_t was = k->m.p.was;
	struct dd_err why = *e;
	int rc;

	dd_err_clear(e);
	k->m.p.force = true;	/* one that hangs can't be asked */
	k->m.p.how = PLACING_BACK;
	k->m.p.action = "rollback";
	k->m.p.n = n;
	k->m.p.restart = k->m.t.domu;
	k->m.p.life = &k->m.life;
	rc = placing_plan(&k->m.p, e);
	if (rc == 0 && k->m.p.was != was)
		rc = dd_fail(e, ERR_PLAN, "generation %u was put in place "
		    "meanwhile", k->m.p.was);
	if (rc == 0)
		rc = placing_run(&k->m.p, e);
	if (rc == -1)
		return dd_context(e, "%s; and going back to generation %u "
		    "failed", why.msg, n);
	(void)dd_fail(e, ERR_FAULTS, "%s: generation %u is in place again, "
	    "and it was started with that", why.msg, n);
	return dd_hint(e, "drydock diff %s shows what was new", k->m.p.domu);
}

static int
watch(struct keeping *k, const struct cmd_env *env, struct dd_err *e)
{
	static const struct job_step steps[] = {
		{ .name = "watch the domU", .run = eye }, { .name = NULL }
	};
	static const struct job_log writer = { begin, end };
	const struct job job = { .name = "watch", .steps = steps, .ctx = k,
	    .progress = env->progress, .log = &writer, .log_arg = k };
	uint32_t back;

	if (store_open(k->m.p.image, &k->store, e) == -1 ||
	    store_lock(k->store, e) == -1)
		return -1;
	if (k->store->place == NULL)
		return dd_fail(e, ERR_NOENT, "%s: is not there",
		    k->store->image);
	k->m.p.was = k->store->place->name.n;
	k->record = (struct record){ .state_dir = k->m.conf.state_dir,
	    .command = k->m.command, .action = "watch",
	    .domu = k->m.p.domu, .image = k->store->image,
	    .from = k->m.p.was, .to = k->m.p.was };
	if (job_run(&job, e) == 0)
		return 0;
	if (e->code != ERR_FAULTS)
		return -1;
	back = way_back(k->store);
	store_close(k->store);
	k->store = NULL;
	if (back == 0)
		return dd_hint(e, "there is no generation to go back to: look "
		    "at its console");
	return go_back(k, back, e);
}

int
cmd_watch(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct keeping k = { .store = NULL };
	const struct arg args[] = { { 0, NULL, ARG_FLAG, NULL, NULL, NULL } };
	struct buf b = BUF_INIT;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = managing_find(&k.m, env, argv[1], "watch", e);
	if (rc == 0)
		rc = watch(&k, env, e);
	if (rc == 0) {
		fleet_out_text(&b, k.m.p.domu);
		(void)buf_printf(&b, ": is well, and generation %u marked "
		    "good\n", k.m.p.was);
		rc = fleet_out_print(&b, e);
	}
	store_close(k.store);
	record_dispose(&k.record);
	managing_dispose(&k.m);
	return rc;
}

/* -- in a process of its own ---------------------------------------------- */

bool
managing_watch_begin(const struct cmd_env *env, const char *word)
{
	const char *const words[] = { "watch", "--", word, NULL };
	struct dd_err ignored = DD_ERR_INIT;
	struct child c;

	return child_start(env, words, CHILD_SILENT, false, &c, &ignored) ==
	    0;
}

int
managing_watch(struct managing *m, const struct cmd_env *env,
    struct dd_err *e)
{
	const char *words[] = { "watch", "--", NULL, NULL };
	struct child c = CHILD_INIT;
	struct buf word = BUF_INIT;
	int rc = -1;

	if (m->dry_run || m->p.restart == NULL || m->p.live != NULL ||
	    m->no_watch || m->conf.watch == 0 || m->p.unchanged)
		return 0;
	placing_dispose(&m->p);	/* the watch takes the lock */
	/* of the one that was restarted, whoever was named */
	(void)target_word(m->p.restart, m->t.disk->image, &word);
	if ((words[2] = word.p) == NULL)
		(void)dd_fail(e, ERR_CONFIG, "%s is not watched: its disk has "
		    "no role", m->p.restart->name);
	else
		rc = child_start(env, words, CHILD_ERRORS, true, &c, e);
	if (rc == 0)
		rc = child_wait(env, &c, true, e);
	if (rc == 1) {
		fprintf(stderr, "drydock: the watch goes on: drydock history "
		    "tells how it ends\n");
		rc = 0;
	} else if (rc == 0)
		rc = child_result(&c, e);
	child_dispose(&c);
	buf_dispose(&word);
	return rc;
}
