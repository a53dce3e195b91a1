/*
 * drydock prune: old generations go.  Nothing else deletes any.  Alone it says
 * what it would free; --yes, or --plan with what it said, does it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/events.h"
#include "core/base/hash.h"
#include "core/base/units.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"

struct victim {
	char		*image;
	const char	*domu;		/* whose it is, when it is one's */
	uint32_t	 n;
	uint64_t	 ino;
	uint64_t	 bytes;		/* with what belongs to it */
};

struct pruning {
	struct managing		 m;
	uint64_t		 keep;
	const char		*plan;
	bool			 yes;
	struct victim		*v;
	size_t			 n;
	uint64_t		 bytes;
	char			 hash[HASH_HEX];
	struct buf		 text;
	struct json_object	*list;		/* with --json */
};

static void
tell(struct pruning *p, const struct store *s, const struct generation *g,
    bool goes, const char *why)
{
	char size[UNITS_MAX];
	struct json_object *o;

	if (p->list == NULL) {
		fleet_out_text(&p->text, s->image);
		(void)buf_printf(&p->text, ": %u %s, %s%s", g->name.n,
		    goes ? "goes" : "stays", units_format(size,
		    g->allocated), why[0] != '\0' ? ": " : "");
		fleet_out_text(&p->text, why);
		(void)buf_str(&p->text, "\n");
		return;
	}
	o = json_object_new_object();
	json_set_string(o, "image", s->image);
	json_set_size(o, "n", g->name.n);
	json_set_size(o, "allocated", g->allocated);
	json_set_bool(o, "goes", goes);
	json_set_string(o, "why", why[0] != '\0' ? why : NULL);
	(void)json_object_array_add(p->list, o);
}

/* A domU whose state is unknown may run with any of them. */
static bool
state_unknown(const struct pruning *p, const struct fleet_image *img)
{
	size_t i;

	for (i = 0; i < img->nusers; i++)
		if (p->m.fleet->domus[img->users[i]].state == STATE_UNKNOWN)
			return true;
	return false;
}

/* Of one that the store lets go. */
static void
who_has(const struct pruning *p, const struct store *s,
    const struct generation *g, const struct fleet_image *img,
    char *why, size_t cap)
{
	char who[512];

	why[0] = '\0';
	if (state_unknown(p, img))
		(void)snprintf(why, cap, "a domU may be running with it");
	else if (holders_any(p->m.fleet, s->dev, (ino_t)g->ino, who,
	    sizeof(who)))
		(void)snprintf(why, cap, "%s", who);
}

static int
add_victim(struct pruning *p, const struct store *s,
    const struct generation *g, const struct fleet_image *img,
    struct dd_err *e)
{
	struct victim *v = realloc(p->v, (p->n + 1) * sizeof(*v));

	if (v == NULL)
		return dd_fail_nomem(e);
	p->v = v;
	v[p->n] = (struct victim){ .image = strdup(s->image),
	    .domu = img->nusers == 1 ?
	    p->m.fleet->domus[img->users[0]].name : NULL,
	    .n = g->name.n, .ino = g->ino, .bytes = g->allocated };
	p->bytes += g->allocated;
	return v[p->n++].image == NULL ? dd_fail_nomem(e) : 0;
}

/* What is looked at for old generations. */
struct choice {
	struct pruning			*p;
	const struct store		*s;
	const struct fleet_image	*img;
};

static int
choose(void *arg, const struct generation *g, const char *stays,
    struct dd_err *e)
{
	const struct choice *c = arg;
	char why[512];

	if (stays != NULL)
		(void)snprintf(why, sizeof(why), "%s", stays);
	else
		who_has(c->p, c->s, g, c->img, why, sizeof(why));
	tell(c->p, c->s, g, why[0] == '\0', why);
	return why[0] != '\0' ? 0 : add_victim(c->p, c->s, g, c->img, e);
}

static int
look(struct pruning *p, const struct fleet_image *img, struct dd_err *e)
{
	struct choice c = { .p = p, .img = img };
	struct store *s = NULL;
	int rc;

	if (!store_managed(img->path))
		return 0;
	if (store_open(img->path, &s, e) == -1)
		return -1;
	c.s = s;
	rc = store_old(s, p->keep, choose, &c, e);
	store_close(s);
	return rc;
}

static int
hash_victims(struct pruning *p, struct dd_err *e)
{
	struct buf b = BUF_INIT;
	uint8_t sum[HASH_LEN];
	size_t i;

	for (i = 0; i < p->n; i++)
		(void)buf_printf(&b, "%s %u %llu\n", p->v[i].image, p->v[i].n,
		    (unsigned long long)p->v[i].ino);
	hash_once(HASH_SHA256, b.p != NULL ? b.p : "", b.len, sum);
	(void)hash_hex(p->hash, sum);
	buf_dispose(&b);
	if (b.failed)
		return dd_fail_nomem(e);
	if (p->plan == NULL || strcmp(p->plan, p->hash) == 0)
		return 0;
	(void)dd_fail(e, ERR_PLAN, "other generations would go now than those "
	    "that were planned");
	return dd_hint(e, "look again with drydock prune");
}

/* -- and they go --------------------------------------------------------- */

struct deletion {
	struct pruning	*p;
	struct victim	*v;
	struct record	 record;
};

static int
delete(void *ctx, struct dd_err *e)
{
	const struct victim *v = ((struct deletion *)ctx)->v;

	return placing_delete(v->image, v->n, v->ino, e);
}

static int
begin(void *arg, struct dd_err *e)
{
	return record_log.begin(&((struct deletion *)arg)->record, e);
}

static int
end(void *arg, const struct dd_err *result, struct dd_err *e)
{
	struct deletion *d = arg;

	if (record_log.end(&d->record, result, e) == -1)
		return -1;
	return d->record.db == NULL || result->code != ERR_NONE ? 0 :
	    db_forget_generation(d->record.db, d->v->image, d->v->n, e);
}

static int
delete_all(struct pruning *p, const struct cmd_env *env, struct dd_err *e)
{
	static const struct job_step steps[] = {
		{ .name = "delete it", .run = delete }, { .name = NULL }
	};
	static const struct job_log writer = { begin, end };
	size_t i;
	int rc = 0;

	for (i = 0; i < p->n && rc == 0; i++) {
		struct deletion d = { .p = p, .v = &p->v[i], .record = {
		    .state_dir = p->m.conf.state_dir,
		    .command = p->m.command, .action = "prune",
		    .domu = p->v[i].domu, .image = p->v[i].image, .from = p->v[i].n } };
		const struct job job = { .name = "prune", .steps = steps,
		    .ctx = &d, .progress = env->progress, .log = &writer,
		    .log_arg = &d };

		rc = job_run(&job, e);
		record_dispose(&d.record);
	}
	if (rc == 0 && p->n > 0)
		cmd_done();
	if (rc == -1 && i > 1) {
		e->code = ERR_PARTLY;
		(void)dd_hint(e, "%zu are deleted", i - 1);
	}
	return rc;
}

static int
report(struct pruning *p, bool done, struct dd_err *e)
{
	char size[UNITS_MAX];
	struct json_object *o;

	if (p->list != NULL) {
		o = json_object_new_object();
		json_set(o, "generations", json_object_get(p->list));
		json_set_size(o, "bytes", p->bytes);
		json_set_string(o, "plan", p->hash);
		json_set_bool(o, "done", done);
		return cmd_print_json(o, e);
	}
	if (p->n == 0)
		(void)buf_str(&p->text, "no generation is to go\n");
	else
		(void)buf_printf(&p->text, "%zu %s, %s\n", p->n, done ?
		    "deleted" : "would go: --yes deletes them",
		    units_format(size, p->bytes));
	if (!done)
		(void)buf_printf(&p->text, "plan: %s\n", p->hash);
	return fleet_out_print(&p->text, e);
}

/* Is it named among the words already, perhaps as another domU's?  Each
 * generation goes once. */
static bool
named_before(const struct pruning *p, const struct fleet_image *img, int n,
    char **words)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct target t;

	while (n-- > 0)
		if (target_find(p->m.fleet, words[n], &t, &ignored) == 0 &&
		    t.disk->image == img)
			return true;
	return false;
}

static int
look_at_all(struct pruning *p, int argc, char **argv, struct dd_err *e)
{
	struct target t;
	size_t i;
	int a;

	for (a = 1; a < argc; a++) {
		if (target_find(p->m.fleet, argv[a], &t, e) == -1)
			return -1;
		if (t.n != 0) {
			(void)dd_fail(e, ERR_USAGE, "%s: prune chooses the "
			    "generations itself", argv[a]);
			return dd_hint(e, "leave the @%u out; pin keeps one, "
			    "--keep says how many stay", t.n);
		}
		if (!named_before(p, t.disk->image, a - 1, argv + 1) &&
		    look(p, t.disk->image, e) == -1)
			return -1;
	}
	for (i = 0; argc == 1 && i < p->m.fleet->nimages; i++)
		if (look(p, p->m.fleet->images[i], e) == -1)
			return -1;
	return 0;
}

static int
run(struct pruning *p, const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	bool go = p->yes || p->plan != NULL;

	if (managing_load(&p->m, env, e) == -1)
		return -1;
	if (p->keep == UINT64_MAX)
		p->keep = p->m.conf.keep;
	if (look_at_all(p, argc, argv, e) == -1)
		return -1;
	if (hash_victims(p, e) == -1)
		return -1;
	if (!go)
		events_plan(p->hash);
	if (go && delete_all(p, env, e) == -1)
		return -1;
	return report(p, go, e);
}

int
cmd_prune(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct pruning p = { .keep = UINT64_MAX };
	const struct arg args[] = {
		{ 0, "keep", ARG_NUMBER, &p.keep, "N",
		    "how many stay of each image (default: keep in "
		    "drydock.conf)" },
		{ 'y', "yes", ARG_FLAG, &p.yes, NULL, "delete them" },
		{ 0, "plan", ARG_STRING, &p.plan, "HASH",
		    "delete them, if they are those that were shown" },
		{ 0, "json", ARG_FLAG, &p.m.json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	size_t i;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, -1, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (p.m.json)
		p.list = json_object_new_array();
	rc = run(&p, env, argc, argv, e);
	for (i = 0; i < p.n; i++)
		free(p.v[i].image);
	free(p.v);
	json_object_put(p.list);
	buf_dispose(&p.text);
	managing_dispose(&p.m);
	return rc;
}
