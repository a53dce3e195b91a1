/*
 * An image that several running domUs share, a root above all: the new
 * generation is kept beside the one in place, and each domU is started with it
 * by its own path (drydock try), the one that was named first.  When all are
 * well it is put in place.  When one is not, that one returns, no more are
 * begun, and what is in place stays: the same command goes on from there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/events.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"

/* -- which generation ---------------------------------------------------- */

/* Does the kernel that goes with it come from the file that is asked for; or
 * where none is, does it go with the one in place? */
static bool
has_kernel(const struct managing *m, const struct generation *g)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct store *s = NULL;
	char *path = NULL;
	bool fits = false;
	uint32_t k;

	if (placing_kernel_of(g, &path, &k, &ignored) == 0) {
		if (k == 0)
			fits = m->p.new_kernel == NULL;
		else if (store_open(path, &s, &ignored) == 0)
			fits = m->p.new_kernel != NULL ? store_came_from(s, k,
			    m->p.new_kernel) : s->place != NULL &&
			    s->place->name.n == k;
	}
	store_close(s);
	free(path);
	return fits;
}

/* A generation that is out, newer than the one in place, and came from the
 * source: an earlier try stopped there.  0: there is none. */
static uint32_t
begun_before(const struct managing *m, const char *source)
{
	struct dd_err ignored = DD_ERR_INIT;
	const struct generation *g;
	struct store *s = NULL;
	uint32_t n = 0;
	size_t i;

	if (store_open(m->p.image, &s, &ignored) == -1)
		return 0;
	for (i = s->n; i-- > 0 && n == 0;) {
		g = &s->v[i];
		if (g->in_place)
			break;
		if (g->name.mark != GEN_BAD && store_came_from(s, g->name.n,
		    source) && has_kernel(m, g) &&
		    g->params == (m->p.params != NULL))
			n = g->name.n;
	}
	store_close(s);
	return n;
}

/* Settle which one it is; m->p is planned then. */
static int
plan(struct managing *m, struct dd_err *e)
{
	uint32_t n;

	if (m->p.move) {
		(void)dd_fail(e, ERR_HELD, "%s: several domUs run with it, "
		    "and --move would leave no copy to try", m->p.image);
		return dd_hint(e, "leave --move out, or give --next-boot");
	}
	if (m->p.how == PLACING_COMES &&
	    (n = begun_before(m, m->p.source)) != 0) {
		m->p.how = PLACING_BACK;
		m->p.n = n;
		m->p.new_kernel = NULL;	/* it is there, too */
	}
	m->p.stay_out = m->p.how != PLACING_BACK;
	return placing_plan(&m->p, e);
}

/* -- who takes it -------------------------------------------------------- */

/* Does it run with that generation already? */
static bool
runs_with(const struct managing *m, const struct fleet_domu *d, uint32_t n)
{
	const struct generation *g = store_find(m->p.store, n);
	size_t i;

	for (i = 0; g != NULL && i < d->ndisks; i++)
		if (d->disks[i].image == m->t.disk->image)
			return d->disks[i].run_known &&
			    d->disks[i].run_dev == m->p.store->dev &&
			    (uint64_t)d->disks[i].run_ino == g->ino;
	return false;
}

static int
add(struct managing *m, const struct fleet_domu *d, struct dd_err *e)
{
	struct buf word = BUF_INIT;
	const struct fleet_disk *disk = target_word(d, m->t.disk->image,
	    &word);

	buf_dispose(&word);
	if (disk == NULL || disk->readwrite) {
		(void)dd_fail(e, ERR_UNSUP, disk == NULL ? "%s has it as a "
		    "disk without a role" : "%s writes to it: several must "
		    "not try it at a time", d->name);
		return dd_hint(e, "--next-boot puts it in place for the next "
		    "start");
	}
	return rolling_add(&m->rolling, d->name, fleet_role_name(disk->role),
	    m->p.next.n, runs_with(m, d, m->p.next.n), e);
}

static void
words_of(void *arg, const struct rolling_member *r, const char **v)
{
	const struct managing *m = arg;

	*v++ = "try";
	if (m->no_watch)
		*v++ = "--no-watch";
	*v++ = "--";
	*v++ = r->word;
	*v = NULL;
}

/* The one that was named goes first. */
static int
gather(struct managing *m, size_t running, struct dd_err *e)
{
	const struct fleet_image *img = m->t.disk->image;
	const struct fleet_domu *d;
	size_t i;

	if (rolling_init(&m->rolling, running, e) == -1)
		return -1;
	m->rolling.words = words_of;
	m->rolling.arg = m;
	if (m->t.domu->state != STATE_OFF && add(m, m->t.domu, e) == -1)
		return -1;
	for (i = 0; i < img->nusers; i++) {
		d = &m->fleet->domus[img->users[i]];
		if (d->state != STATE_OFF && d != m->t.domu &&
		    add(m, d, e) == -1)
			return -1;
	}
	return 0;
}

/* -- and that it does ---------------------------------------------------- */

/* Its path to be started with, and its kernel's, stay while they are tried:
 * both stores are shared. */
static int
hold(struct managing *m, struct dd_err *e)
{
	char *path = NULL;
	int rc = 0;

	if (m->p.kstore != NULL && m->p.kernel_is != 0)
		rc = store_run_hold(m->p.kstore, m->p.kernel_is, &path, e);
	free(path);
	path = NULL;
	if (rc == 0)
		rc = store_run_hold(m->p.store, m->p.next.n, &path, e);
	free(path);
	return rc;
}

/* Not all came through: who is where. */
static int
report_rest(struct managing *m, struct dd_err *e)
{
	struct dd_err why = *e, ignored = DD_ERR_INIT;
	struct json_object *o;
	struct buf b = BUF_INIT;

	if (m->json) {
		o = json_object_new_object();
		json_set_string(o, "image", m->p.image);
		json_set_size(o, "tried", m->p.next.n);
		json_set(o, "rolling", rolling_json(&m->rolling));
		json_set_bool(o, "done", false);
		(void)cmd_print_json(o, &ignored);
	} else {
		(void)buf_printf(&b, "generation %u is not put in place:\n",
		    m->p.next.n);
		rolling_text(&m->rolling, false, &b);
		(void)fleet_out_print(&b, &ignored);
	}
	*e = why;
	return -1;
}

/* All are well: now it is put in place, if nobody else was there. */
static int
flip(struct managing *m, struct dd_err *e)
{
	const uint32_t n = m->p.next.n, was = m->p.was;

	placing_dispose(&m->p);
	m->p.flip = m->p.kflip = (struct store_flip){ .from = NULL };
	m->p.kernel_was = m->p.kernel_is = 0;
	m->p.how = PLACING_BACK;
	m->p.n = n;
	m->p.stay_out = false;
	m->p.plan = NULL;
	m->p.new_kernel = NULL;
	/* it is too late to stop */
	m->p.progress = NULL;
	if (placing_plan(&m->p, e) == -1)
		return -1;
	if (m->p.was == was)
		return placing_run(&m->p, e);
	(void)dd_fail(e, ERR_PLAN, "%s: generation %u was put in place "
	    "meanwhile", m->p.image, m->p.was);
	return dd_hint(e, "drydock list shows who runs with what");
}

/* They were watched. */
static void
mark_good(struct managing *m)
{
	struct dd_err why = DD_ERR_INIT;
	const struct generation *g;

	g = store_find(m->p.store, m->p.is);
	if (g != NULL && store_mark(m->p.store, m->p.is, GEN_GOOD,
	    g->name.pinned, &why) == -1)
		fprintf(stderr, "drydock: warning: it is not marked good: "
		    "%s\n", why.msg);
}

static int
put_in_place(struct managing *m, struct dd_err *e)
{
	const enum placing_how how = m->p.how;
	struct dd_err why;

	if (flip(m, e) == -1) {
		if (e->code == ERR_RECOVER)
			return report_rest(m, e);
		why = *e;
		dd_err_clear(e);
		(void)dd_fail(e, ERR_PARTLY, "all run with it, but it is not "
		    "put in place: %s", why.msg);
		(void)dd_hint(e, "the same command does that");
		return report_rest(m, e);
	}
	cmd_done();
	m->p.how = how;		/* for the report */
	if (!m->no_watch && m->conf.watch != 0)
		mark_good(m);
	return 0;
}

int
managing_roll(struct managing *m, size_t running, struct dd_err *e)
{
	bool brought;

	if (plan(m, e) == -1 || gather(m, running, e) == -1)
		return -1;
	if (m->dry_run) {
		events_plan(m->p.hash);
		return 0;
	}
	brought = m->p.stay_out;
	if (brought && placing_run(&m->p, e) == -1)
		return -1;
	if (hold(m, e) == -1)
		return -1;
	if (m->rolling.width == 0)
		m->rolling.width = m->conf.max_unavailable;
	if (rolling_run(m->env, &m->rolling, e) == 0)
		return put_in_place(m, e);
	/* it is kept */
	if (brought && e->code == ERR_CANCEL)
		e->code = ERR_PARTLY;
	return report_rest(m, e);
}
