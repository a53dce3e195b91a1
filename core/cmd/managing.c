/* Commands on generations; see managing.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/events.h"
#include "core/base/quote.h"
#include "core/base/vis.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"

int
managing_load(struct managing *m, const struct cmd_env *env, struct dd_err *e)
{
	m->env = env;
	m->command = env->command;
	if (config_load(env->xen, env->config_path, &m->conf, e) == -1)
		return -1;
	return fleet_load_quick(env->xen, &m->conf, &m->fleet, e);
}

int
managing_find(struct managing *m, const struct cmd_env *env,
    const char *word, const char *action, struct dd_err *e)
{
	if (managing_load(m, env, e) == -1 ||
	    target_find(m->fleet, word, &m->t, e) == -1)
		return -1;
	m->p.conf = &m->conf;
	m->p.fleet = m->fleet;
	m->p.progress = env->progress;
	m->life = (struct life){ .xen = env->xen,
	    .progress = env->progress };
	m->p.action = action;
	m->p.domu = m->t.domu->name;
	m->p.image = target_image(&m->t);
	m->p.command = m->command;
	if (m->t.role == ROLE_ROOT)
		m->p.kernel = m->t.domu->kernel;
	return 0;
}

/* How many run with the image, and the last of them. */
static int
running_users(const struct managing *m, size_t *n,
    const struct fleet_domu **last, struct dd_err *e)
{
	const struct fleet_image *img = m->t.disk->image;
	const struct fleet_domu *d;
	size_t i;

	*last = NULL;
	*n = 0;
	for (i = 0; i < img->nusers; i++) {
		d = &m->fleet->domus[img->users[i]];
		if (d->state == STATE_UNKNOWN) {
			(void)dd_fail(e, ERR_HELD, "does %s run with it?  %s",
			    d->name, m->fleet->xen != NULL ? m->fleet->xen :
			    "Xen does not tell");
			return dd_hint(e, "--next-boot puts it in place for "
			    "the next start, whoever runs");
		}
		if (d->state == STATE_OFF)
			continue;
		/* it must come up again */
		if (life_can_start(d, e) == -1) {
			e->hint[0] = '\0';
			return dd_hint(e, "it runs with the image, and could "
			    "not be started again: --next-boot leaves it "
			    "alone");
		}
		if (*last != NULL && strcmp((*last)->name, d->name) == 0) {
			(void)dd_fail(e, ERR_CONFIG, "two configurations say "
			    "that they are %s", d->name);
			return dd_hint(e, "remove one of them: drydock list "
			    "shows where they are");
		}
		*last = d;
		(*n)++;
	}
	return 0;
}

/* The guest is not asked: it would lose what it has not written. */
static int
check_live(struct managing *m, size_t n, const struct fleet_domu *d,
    struct dd_err *e)
{
	if (m->t.role == ROLE_ROOT || m->t.role == ROLE_LOCAL) {
		(void)dd_fail(e, ERR_UNSUP, "%s can't unmount its %s while it "
		    "runs", m->t.domu->name, fleet_role_name(m->t.role));
		return dd_hint(e, "without --live it is restarted");
	}
	if (n != 1) {
		(void)dd_fail(e, ERR_UNSUP, n == 0 ? "%s: no domU runs with "
		    "it" : "%s: several domUs run with it", m->p.image);
		return dd_hint(e, n == 0 ? "leave --live out" : "without "
		    "--live they are restarted, one after the other");
	}
	if (d != m->t.domu) {
		(void)dd_fail(e, ERR_USAGE, "%s does not run, but %s does "
		    "with that image", m->t.domu->name, d->name);
		return dd_hint(e, "name %s", d->name);
	}
	if (!m->unmounted) {
		(void)dd_fail(e, ERR_HELD, "%s may have it mounted: drydock "
		    "can't see that", d->name);
		return dd_hint(e, "unmount it there (umount, or swapctl -d), "
		    "then give --unmounted, too");
	}
	m->p.live = m->t.disk->vdev;
	return 0;
}

/* What is read for long is not taken from a domU unasked. */
int
managing_want_restart(struct managing *m, struct dd_err *e)
{
	const struct fleet_domu *d;
	size_t n;

	if (m->t.disk == NULL)
		return 0;
	if (running_users(m, &n, &d, e) == -1) {
		e->hint[0] = '\0';
		return dd_hint(e, "nobody may write to it meanwhile: shut the "
		    "domU down first");
	}
	if (n > 1) {
		(void)dd_fail(e, ERR_HELD, "%s: several domUs run with it",
		    m->p.image);
		return dd_hint(e, "shut them down first: drydock shutdown %s",
		    d->name);
	}
	if (n == 1 && !m->restart) {
		(void)dd_fail(e, ERR_HELD, "%s: %s runs with it", m->p.image,
		    d->name);
		return dd_hint(e, "--restart shuts it down until this is "
		    "done");
	}
	m->p.restart = n == 1 ? d : NULL;
	m->p.life = &m->life;
	return 0;
}

int
managing_run(struct managing *m, struct dd_err *e)
{
	const struct fleet_domu *d;
	size_t n;

	m->p.dry_run = m->dry_run;
	if (m->restart + m->live + m->next_boot > 1) {
		(void)dd_fail(e, ERR_USAGE, "--restart, --live and "
		    "--next-boot: which of them?");
		return dd_hint(e, "leave the others out");
	}
	if (m->p.key != NULL && managing_want_restart(m, e) == -1)
		return -1;
	if (!m->next_boot && m->p.how != PLACING_WORK) {
		if (running_users(m, &n, &d, e) == -1 ||
		    (m->live && check_live(m, n, d, e) == -1))
			return -1;
		if (n > 1)
			return managing_roll(m, n, e);
		m->p.restart = n == 1 ? d : NULL;
		m->p.life = &m->life;
	}
	if (placing_plan(&m->p, e) == -1)
		return -1;
	if (m->dry_run)
		events_plan(m->p.hash);
	else if (placing_run(&m->p, e) == -1)
		return -1;
	else
		cmd_done();
	return 0;
}

const struct generation *
managing_before(const struct store *s, const char *hint, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	const struct generation *g = store_before(s, &why);

	if (g != NULL)
		return g;
	(void)dd_fail(e, why.code, "%s: there is no generation before the one "
	    "in place to compare with", s->image);
	(void)dd_hint(e, "%s", hint);
	return NULL;
}

char *
managing_time(char text[MANAGING_TIME], int64_t t)
{
	time_t at = (time_t)t;
	struct tm tm;

	if (localtime_r(&at, &tm) == NULL ||
	    strftime(text, MANAGING_TIME, "%Y-%m-%d %H:%M", &tm) == 0)
		(void)snprintf(text, MANAGING_TIME, "?");
	return text;
}

static void
put_rolling(struct buf *b, const struct managing *m)
{
	(void)buf_str(b, m->dry_run ? "  before that, one after the other, "
	    "each is started with it by its own path, and watched:\n" :
	    "  before that, each was started with it and watched:\n");
	rolling_text(&m->rolling, m->dry_run, b);
}

static void
put_users(struct buf *b, const struct managing *m)
{
	const struct fleet_image *img = m->t.disk->image;
	struct buf users = BUF_INIT;
	size_t i, n = 0;

	if (img->nusers > 1 && target_users(m->fleet, img, &users) == 0) {
		(void)buf_str(b, "  used by ");
		fleet_out_text(b, users.p);
		(void)buf_str(b, "\n");
	}
	buf_dispose(&users);
	if (m->rolling.n > 0)
		put_rolling(b, m);
	for (i = 0; m->rolling.n == 0 && i < img->nusers; i++) {
		const struct fleet_domu *d = &m->fleet->domus[img->users[i]];

		if (d->state == STATE_OFF || d == m->p.restart)
			continue;
		(void)buf_str(b, n++ == 0 ? "  takes effect at the next "
		    "start of " : ", ");
		fleet_out_text(b, d->name);
	}
	(void)buf_str(b, n > 0 ? "\n" : "");
	if (m->p.restart != NULL) {
		(void)buf_str(b, "  ");
		fleet_out_text(b, m->p.restart->name);
		(void)buf_str(b, m->p.live != NULL ? (m->dry_run ?
		    " would get it while it runs\n" :
		    " has it now: mount it there\n") : m->dry_run ?
		    " would be shut down for it, and started again\n" :
		    " was shut down for it, and is started again\n");
	}
}

static void
put_kernel(struct buf *b, const struct placing *p, bool done)
{
	if (p->kernel_is == 0)
		return;
	(void)buf_str(b, "  the kernel ");
	fleet_out_text(b, p->kstore != NULL ? p->kstore->image : p->kernel);
	(void)buf_printf(b, ": generation %u %s in place\n", p->kernel_is,
	    done ? "is" : "would be");
}

static void
put_what_comes(struct buf *b, const struct placing *p, bool done)
{
	char time_text[MANAGING_TIME];
	const struct generation *g;

	switch (p->how) {
	case PLACING_BACK:
		g = store_find(p->store, p->next.n);
		(void)buf_printf(b, "  it came in on %s",
		    managing_time(time_text, p->next.time));
		if (g != NULL)
			(void)buf_printf(b, ", and was last written to on %s",
			    managing_time(time_text, g->mtime));
		(void)buf_str(b, "\n");
		break;
	case PLACING_PRISTINE:
		(void)buf_printf(b, "  a copy of generation %u as it came in\n",
		    p->n);
		break;
	case PLACING_COMES:
		(void)buf_str(b, "  from ");
		fleet_out_text(b, p->source);
		(void)buf_str(b, p->move ? ", which is moved\n" :
		    !done ? ", by copy\n" : p->cloned ?
		    ", whose blocks it shares\n" : "\n");
		if (p->sha256[0] != '\0')
			(void)buf_printf(b, "  sha256 %s\n", p->sha256);
		break;
	case PLACING_WORK:
		break;
	}
}

/* The way back, as one can type it. */
static void
put_back(struct buf *b, const struct managing *m)
{
	struct buf target = BUF_INIT, word = BUF_INIT;

	(void)buf_printf(&target, "%s:%s", m->t.domu->name,
	    fleet_role_name(m->t.role));
	if (!target.failed && quote_word(&word, target.p) == 0) {
		(void)buf_str(b, "Back: drydock rollback ");
		if (m->p.was > m->p.next.n)
			(void)buf_printf(b, "--to %u ", m->p.was);
		fleet_out_text(b, word.p);
		(void)buf_str(b, "\n");
	}
	buf_dispose(&target);
	buf_dispose(&word);
}

static void
put_text(struct buf *b, const struct managing *m)
{
	const struct placing *p = &m->p;
	const char *role = fleet_role_name(m->t.role);
	bool done = !m->dry_run;

	fleet_out_text(b, m->t.domu->name);
	(void)buf_printf(b, ":%s: generation %u %s in place", role,
	    p->next.n, done ? "is" : "would be");
	if (p->was != 0)
		(void)buf_printf(b, ", %u %s kept", p->was, done ? "is" :
		    "would be");
	(void)buf_str(b, "\n  ");
	fleet_out_text(b, p->store->image);
	(void)buf_str(b, "\n");
	put_what_comes(b, p, done);
	put_kernel(b, p, done);
	put_users(b, m);
	if (!done)
		(void)buf_printf(b, "plan: %s\n", p->hash);
	else if (p->was != 0)
		put_back(b, m);
}

static struct json_object *
json_users(const struct managing *m, bool running)
{
	struct json_object *list = json_object_new_array();
	const struct fleet_image *img = m->t.disk->image;
	size_t i;

	for (i = 0; i < img->nusers; i++) {
		const struct fleet_domu *d = &m->fleet->domus[img->users[i]];

		if (!running || d->state != STATE_OFF)
			(void)json_object_array_add(list, json_text(d->name));
	}
	return list;
}

static int
print_json(const struct managing *m, const char *name,
    struct json_object *extra, struct dd_err *e)
{
	struct json_object *o = json_object_new_object();
	const struct placing *p = &m->p;

	json_set_string(o, "action", p->action);
	json_set_string(o, "domu", m->t.domu->name);
	json_set_string(o, "role", fleet_role_name(m->t.role));
	json_set_string(o, "image", p->store->image);
	json_set(o, "was", p->was == 0 ? NULL :
	    json_object_new_int64(p->was));
	json_set_size(o, "is", p->next.n);
	json_set_string(o, "source", p->how == PLACING_COMES ? p->source :
	    NULL);
	json_set_string(o, "sha256", p->sha256[0] != '\0' ? p->sha256 : NULL);
	json_set(o, "kernel", p->kernel_is == 0 ? NULL :
	    json_object_new_int64(p->kernel_is));
	json_set(o, "users", json_users(m, false));
	json_set(o, "running", json_users(m, true));
	if (m->rolling.n > 0)
		json_set(o, "rolling", rolling_json(&m->rolling));
	json_set(o, "restarted", m->p.restart == NULL ? NULL :
	    json_text(m->p.restart->name));
	if (name != NULL)
		json_set(o, name, extra);
	json_set_string(o, "plan", p->hash);
	json_set_bool(o, "done", !m->dry_run);
	return cmd_print_json(o, e);
}

int
managing_report(struct managing *m, const char *name,
    struct json_object *extra_json, const struct buf *extra, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	if (m->json)
		return print_json(m, name, extra_json, e);
	put_text(&b, m);
	if (extra != NULL && extra->p != NULL)
		(void)buf_str(&b, extra->p);
	return fleet_out_print(&b, e);
}

/* Whoever reads the history wants to know that it was tried. */
static void
record_refusal(const struct managing *m, const struct dd_err *why)
{
	struct record r = { .state_dir = m->conf.state_dir,
	    .command = m->command, .action = m->p.action,
	    .domu = m->p.domu, .image = m->p.image };
	struct dd_err ignored = DD_ERR_INIT;

	if (record_log.begin(&r, &ignored) == 0)
		(void)record_log.end(&r, why, &ignored);
	record_dispose(&r);
}

int
managing_end(struct managing *m, int rc, struct dd_err *e)
{
	if (rc == -1 && !m->dry_run && m->t.disk != NULL &&
	    m->p.record.began == 0)
		record_refusal(m, e);
	managing_dispose(m);
	return rc;
}

void
managing_dispose(struct managing *m)
{
	placing_dispose(&m->p);
	rolling_dispose(&m->rolling);
	fleet_free(m->fleet);
	config_dispose(&m->conf);
	m->fleet = NULL;
}
