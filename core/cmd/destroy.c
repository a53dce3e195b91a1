/*
 * drydock destroy: a generation that nobody is to read again, above all one
 * that is still under an old key, or plain.  What can't be undone is typed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/base/vis.h"
#include "core/cmd/confirm.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"

struct destroying {
	struct managing		 m;
	bool			 yes, overwrite;
	const char		*word;
	uint32_t		 n;
	uint64_t		 ino, allocated;
	bool			 good;		/* the last good one */
	struct progress		*progress;
};

static int
destroy(void *ctx, struct dd_err *e)
{
	struct destroying *d = ctx;

	return placing_destroy(d->m.p.image, d->n, d->ino, d->overwrite,
	    d->progress, e);
}

static int
end(void *arg, const struct dd_err *result, struct dd_err *e)
{
	struct destroying *d = arg;
	struct record *r = &d->m.p.record;

	if (record_log.end(r, result, e) == -1)
		return -1;
	return r->db == NULL || (result->code != ERR_NONE &&
	    result->code != ERR_PARTLY) ? 0 :
	    db_forget_generation(r->db, d->m.p.image, d->n, e);
}

static int
begin(void *arg, struct dd_err *e)
{
	return record_log.begin(&((struct destroying *)arg)->m.p.record, e);
}

static bool
is_last_good(const struct store *s, const struct generation *g)
{
	size_t i;

	for (i = s->n; i-- > 0;)
		if (s->v[i].name.mark == GEN_GOOD)
			return &s->v[i] == g;
	return false;
}

/* Which one, and may it go? */
static int
look(struct destroying *d, const struct store *s, struct dd_err *e)
{
	const struct generation *g = store_want(s, d->m.t.n, e);
	char who[512];

	if (g == NULL)
		return -1;
	if (g->in_place) {
		(void)dd_fail(e, ERR_HELD, "%s: is in place", d->word);
		return dd_hint(e, "roll back or swap first");
	}
	if (g->name.pinned) {
		(void)dd_fail(e, ERR_HELD, "%s: is pinned", d->word);
		return dd_hint(e, "drydock unpin %s", d->word);
	}
	if (holders_any(d->m.fleet, s->dev, (ino_t)g->ino, who, sizeof(who))) {
		(void)dd_fail(e, ERR_HELD, "%s: is in use: %s", d->word, who);
		return dd_hint(e, "shut down or detach who has it");
	}
	d->n = g->name.n;
	d->ino = g->ino;
	d->allocated = g->allocated;
	d->good = is_last_good(s, g);
	return 0;
}

static int
find(struct destroying *d, const struct cmd_env *env, struct dd_err *e)
{
	struct store *s = NULL;
	int rc = -1;

	if (managing_find(&d->m, env, d->word, "destroy", e) == -1)
		return -1;
	if (d->m.t.n == 0) {
		(void)dd_fail(e, ERR_USAGE, "%s: which generation?", d->word);
		return dd_hint(e, "%s@N; drydock generations %s shows them",
		    d->word, d->word);
	}
	if (store_open(d->m.p.image, &s, e) == 0)
		rc = look(d, s, e);
	store_close(s);
	return rc;
}

static int
ask(const struct destroying *d, struct dd_err *e)
{
	char word[256], size[UNITS_MAX], question[1024];

	if (d->yes || d->m.dry_run)
		return 0;
	if (!confirm_possible()) {
		(void)dd_fail(e, ERR_USAGE, "%s: nobody can be asked",
		    d->word);
		return dd_hint(e, "--yes destroys it without a question");
	}
	vis_str(word, sizeof(word), d->word);
	(void)snprintf(question, sizeof(question), "%s, %s, and the "
	    "parameters that belong to it alone: nobody will read it "
	    "again.%s", word, units_format(size, d->allocated), d->good ?
	    "\nIt is the last one that is marked good." : "");
	return confirm_typed(question, d->word, e);
}

static int
report(const struct destroying *d, struct dd_err *e)
{
	char size[UNITS_MAX];
	struct buf b = BUF_INIT;

	fleet_out_text(&b, d->word);
	(void)buf_printf(&b, d->m.dry_run ? ": %s would be destroyed%s\n" :
	    ": %s destroyed%s\n", units_format(size, d->allocated),
	    d->overwrite ? ", overwritten before" : "");
	return fleet_out_print(&b, e);
}

static int
run(struct destroying *d, const struct cmd_env *env, struct dd_err *e)
{
	static const struct job_step steps[] = {
		{ .name = "destroy it", .run = destroy }, { .name = NULL }
	};
	static const struct job_log writer = { begin, end };
	const struct job job = { .name = "destroy", .steps = steps, .ctx = d,
	    .progress = env->progress, .log = &writer, .log_arg = d };

	if (find(d, env, e) == -1 || ask(d, e) == -1)
		return -1;
	if (d->m.dry_run)
		return 0;
	d->progress = env->progress;
	d->m.p.record = (struct record){ .state_dir = d->m.conf.state_dir,
	    .command = d->m.command, .action = "destroy",
	    .domu = d->m.p.domu, .image = d->m.p.image, .from = d->n };
	if (job_run(&job, e) == -1)
		return -1;
	cmd_done();
	return 0;
}

int
cmd_destroy(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct destroying d = { .yes = false };
	const struct arg args[] = {
		{ 0, "overwrite", ARG_FLAG, &d.overwrite, NULL,
		    "write zeros over it first" },
		{ 'n', "dry-run", ARG_FLAG, &d.m.dry_run, NULL,
		    "say what would be destroyed, and do nothing" },
		{ 'y', "yes", ARG_FLAG, &d.yes, NULL, "don't ask" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	d.word = argv[1];
	rc = run(&d, env, e);
	if (rc == 0)
		rc = report(&d, e);
	return managing_end(&d.m, rc, e);
}
