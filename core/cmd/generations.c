/*
 * drydock generations: those of an image, newest first.  pin, unpin, good, bad:
 * marks, which stay with a generation wherever it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"

/* What the history adds to one. */
struct known {
	uint32_t n;
	char	*who, *source, *sha256, *note;
};

struct showing {
	struct managing	 m;
	struct store	*store;
	struct known	*known;
	size_t		 nknown;
};

static char *
copy(const char *s)
{
	return s == NULL ? NULL : strdup(s);
}

static int
take_known(void *arg, const struct db_generation *g, struct dd_err *e)
{
	struct showing *s = arg;
	struct known *v;

	v = realloc(s->known, (s->nknown + 1) * sizeof(*v));
	if (v == NULL)
		return dd_fail_nomem(e);
	s->known = v;
	v[s->nknown++] = (struct known){ .n = g->n, .who = copy(g->who),
	    .source = copy(g->source), .sha256 = copy(g->sha256),
	    .note = copy(g->note) };
	return 0;
}

/* Without the history there is less to show, and that is all. */
static void
ask_history(struct showing *s)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct db *db;

	if (db_open_read(s->m.conf.state_dir, &db, &ignored) == -1)
		return;
	(void)db_generations(db, s->store->image, take_known, s, &ignored);
	db_close(db);
}

static const struct known *
known_of(const struct showing *s, uint32_t n)
{
	static const struct known nothing;
	size_t i;

	for (i = 0; i < s->nknown; i++)
		if (s->known[i].n == n)
			return &s->known[i];
	return &nothing;
}

/* Attached for writing: what is read of it may be stale. */
static bool
is_written_to(const struct showing *s)
{
	const struct fleet_image *img = s->m.t.disk->image;
	size_t i;

	for (i = 0; i < img->nusers; i++)
		if (s->m.fleet->domus[img->users[i]].state != STATE_OFF &&
		    img->nwriters > 0)
			return true;
	return false;
}

static void
put_line(struct buf *b, const struct showing *s, const struct generation *g)
{
	char came[MANAGING_TIME], written[MANAGING_TIME];
	char size[FLEET_OUT_SIZE];
	const struct known *k = known_of(s, g->name.n);
	struct buf marks = BUF_INIT;

	(void)buf_printf(&marks, "%s%s%s%s%s", g->in_place ? "in place" : "",
	    g->in_place && g->name.mark != GEN_UNMARKED ? ", " : "",
	    gen_mark_name(g->name.mark),
	    g->name.pinned && (g->in_place || g->name.mark != GEN_UNMARKED) ?
	    ", " : "", g->name.pinned ? "pinned" : "");
	(void)buf_printf(b, "%c %4u  %s  %6s  %s  %-20s  ", g->in_place ?
	    '>' : ' ', g->name.n, managing_time(came, g->name.time),
	    fleet_out_size(size, g->allocated),
	    managing_time(written, g->mtime), marks.p);
	if (k->note != NULL)
		fleet_out_text(b, k->note);
	while (b->len > 0 && b->p[b->len - 1] == ' ')
		b->len--;
	(void)buf_str(b, "\n");
	b->failed |= marks.failed;
	buf_dispose(&marks);
}

static int
print_text(const struct showing *s, struct dd_err *e)
{
	struct buf b = BUF_INIT, users = BUF_INIT;
	size_t i;

	fleet_out_text(&b, s->store->image);
	if (target_users(s->m.fleet, s->m.t.disk->image, &users) == 0 &&
	    users.p != NULL) {
		(void)buf_str(&b, ", used by ");
		fleet_out_text(&b, users.p);
	}
	buf_dispose(&users);
	(void)buf_str(&b, is_written_to(s) ?
	    "\nattached for writing: its figures may be stale\n" : "\n");
	if (s->store->place == NULL)
		(void)buf_str(&b, s->store->n > 0 ? "no file is in place: "
		    "drydock rollback puts one back\n" : "no file is in "
		    "place, and there is no generation\n");
	if (s->store->foreign)
		(void)buf_str(&b, "the file in place is not the one that "
		    "drydock put there: it is shown as a new generation\n");
	if (s->store->interrupted && !s->store->busy)
		(void)buf_str(&b, "a change was cut short: drydock recover "
		    "brings it to an end\n");
	(void)buf_str(&b, "     N  CAME IN            TAKES  LAST WRITTEN TO"
	    "   MARKS                 NOTE\n");
	for (i = s->store->n; i-- > 0;)
		put_line(&b, s, &s->store->v[i]);
	return fleet_out_print(&b, e);
}

static struct json_object *
json_of(const struct showing *s, const struct generation *g)
{
	struct json_object *o = json_object_new_object();
	const struct known *k = known_of(s, g->name.n);

	json_set_size(o, "n", g->name.n);
	json_set(o, "came_in", json_object_new_int64(g->name.time));
	json_set_bool(o, "in_place", g->in_place);
	json_set_string(o, "mark", g->name.mark == GEN_UNMARKED ? NULL :
	    gen_mark_name(g->name.mark));
	json_set_bool(o, "pinned", g->name.pinned);
	json_set_size(o, "size", g->size);
	json_set_size(o, "allocated", g->allocated);
	json_set(o, "last_written", json_object_new_int64(g->mtime));
	json_set_bool(o, "original", g->orig);
	json_set_string(o, "kernel", g->kernel);
	json_set_string(o, "who", k->who);
	json_set_string(o, "source", k->source);
	json_set_string(o, "sha256", k->sha256);
	json_set_string(o, "note", k->note);
	return o;
}

static int
print_json(const struct showing *s, struct dd_err *e)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = s->store->n; i-- > 0;)
		(void)json_object_array_add(list, json_of(s,
		    &s->store->v[i]));
	json_set_string(o, "image", s->store->image);
	json_set_bool(o, "managed", s->store->fd != -1);
	json_set_bool(o, "foreign", s->store->foreign);
	json_set_bool(o, "interrupted", s->store->interrupted &&
	    !s->store->busy);
	json_set_bool(o, "may_be_stale", is_written_to(s));
	json_set(o, "generations", list);
	return cmd_print_json(o, e);
}

static void
dispose(struct showing *s)
{
	size_t i;

	for (i = 0; i < s->nknown; i++) {
		free(s->known[i].who);
		free(s->known[i].source);
		free(s->known[i].sha256);
		free(s->known[i].note);
	}
	free(s->known);
	store_close(s->store);
	managing_dispose(&s->m);
}

int
cmd_generations(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct showing s = { .store = NULL };
	const struct arg args[] = {
		{ 0, "json", ARG_FLAG, &s.m.json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = -1;
	if (managing_find(&s.m, env, argv[1], "generations", e) == 0 &&
	    store_open(s.m.p.image, &s.store, e) == 0) {
		ask_history(&s);
		rc = s.m.json ? print_json(&s, e) : print_text(&s, e);
	}
	dispose(&s);
	return rc;
}

/* -- marks --------------------------------------------------------------- */

enum change { PIN, UNPIN, GOOD, BAD };

static const struct {
	const char	*action;
	const char	*done;		/* "generation 3 is pinned" */
} marks[] = {
	[PIN] = { "pin", "pinned" },
	[UNPIN] = { "unpin", "no longer pinned" },
	[GOOD] = { "good", "marked good" },
	[BAD] = { "bad", "marked bad" },
};

struct marking {
	struct managing	 m;
	enum change	 what;
};

static int
change(void *ctx, struct dd_err *e)
{
	struct marking *k = ctx;
	struct managing *m = &k->m;
	const struct generation *g;
	struct store *s = NULL;
	enum gen_mark mark;
	bool pinned;
	int rc = -1;

	if (store_open(m->p.image, &s, e) == -1 || store_lock(s, e) == -1)
		goto out;
	if ((g = store_want(s, m->p.record.from, e)) == NULL)
		goto out;
	mark = k->what == GOOD ? GEN_GOOD : k->what == BAD ? GEN_BAD :
	    g->name.mark;
	pinned = k->what == PIN || (k->what != UNPIN && g->name.pinned);
	rc = store_mark(s, g->name.n, mark, pinned, e);
out:
	store_close(s);
	return rc;
}

/* Which one is meant, so that the history has it before it is marked. */
static int
choose(struct marking *k, struct dd_err *e)
{
	const struct generation *g;
	struct store *s = NULL;

	if (store_open(k->m.p.image, &s, e) == -1)
		return -1;
	g = k->m.t.n != 0 ? store_want(s, k->m.t.n, e) : s->place;
	if (g == NULL) {
		(void)dd_fail(e, ERR_NOENT, "%s: is not there", s->image);
		(void)dd_hint(e, "a generation that is out is named: @N");
	} else
		k->m.p.record.from = g->name.n;
	store_close(s);
	return g == NULL ? -1 : 0;
}

static int
mark(struct marking *k, const struct cmd_env *env, struct dd_err *e)
{
	static const struct job_step steps[] = {
		{ .name = "mark it", .run = change }, { .name = NULL }
	};
	struct managing *m = &k->m;
	const struct job job = { .name = m->p.action, .steps = steps,
	    .ctx = k, .progress = env->progress, .log = &record_log,
	    .log_arg = &m->p.record };
	struct buf b = BUF_INIT;

	m->p.record = (struct record){ .state_dir = m->conf.state_dir,
	    .command = m->command, .action = m->p.action, .domu = m->p.domu,
	    .image = m->p.image };
	if (choose(k, e) == -1 || job_run(&job, e) == -1)
		return -1;
	cmd_done();
	fleet_out_text(&b, m->t.domu->name);
	(void)buf_printf(&b, ":%s: generation %u is %s\n",
	    fleet_role_name(m->t.role), m->p.record.from,
	    marks[k->what].done);
	return fleet_out_print(&b, e);
}

static int
cmd_mark(const struct cmd_env *env, int argc, char **argv, enum change what,
    struct dd_err *e)
{
	struct marking k = { .what = what };
	const struct arg args[] = { { 0, NULL, ARG_FLAG, NULL, NULL, NULL } };
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = managing_find(&k.m, env, argv[1], marks[what].action, e);
	if (rc == 0)
		rc = mark(&k, env, e);
	managing_dispose(&k.m);
	return rc;
}

int
cmd_pin(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	return cmd_mark(env, argc, argv, PIN, e);
}

int
cmd_unpin(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	return cmd_mark(env, argc, argv, UNPIN, e);
}

int
cmd_good(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	return cmd_mark(env, argc, argv, GOOD, e);
}

int
cmd_bad(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	return cmd_mark(env, argc, argv, BAD, e);
}
