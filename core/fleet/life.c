/* The life of domUs; see life.h. */
#include <sys/file.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/disk/rekey_state.h"
#include "core/fleet/life.h"

#define LOOK_MS	250	/* between two looks */
#define TRIES	6	/* to ask Xen: each may take five seconds */

int
life_pause(const struct life *l, const char *what, struct dd_err *e)
{
	const struct timespec ts = { 0, LOOK_MS * 1000000L };
	struct progress shown = { .report = NULL };
	struct progress *p = l->progress;

	if (l->steady && p != NULL) {
		shown.report = p->report;
		p = &shown;
	}
	if (progress_tick(p, what, 0, 0, e) == -1)
		return -1;
	(void)nanosleep(&ts, NULL);
	return progress_tick(p, what, 0, 0, e);
}

/* A host at its limit answers late: what is begun must not fail for that. */
static int
ask(const struct life *l, struct xen_domain **v, size_t *n, struct dd_err *e)
{
	unsigned tries = 0;

	while (l->xen->domains(false, v, n, e) == -1) {
		if (e->code != ERR_IO || ++tries == TRIES)
			return -1;
		dd_err_clear(e);
		if (life_pause(l, "waiting for Xen to answer", e) == -1)
			return -1;
	}
	return 0;
}

int
life_look(const struct life *l, const char *name, struct life_now *now,
    struct dd_err *e)
{
	struct xen_domain *v;
	size_t i, n;

	*now = (struct life_now){ .there = false };
	if (ask(l, &v, &n, e) == -1)
		return dd_hint(e, "domUs are started and stopped on a dom0, by "
		    "root");
	for (i = 0; i < n; i++)
		if (v[i].name != NULL && strcmp(v[i].name, name) == 0)
			*now = (struct life_now){ true, v[i].id, v[i].state };
	l->xen->domains_free(v, n);
	return 0;
}

static int
want_running(const struct life *l, const char *name, struct life_now *now,
    struct dd_err *e)
{
	if (life_look(l, name, now, e) == -1)
		return -1;
	if (now->there)
		return 0;
	(void)dd_fail(e, ERR_NOENT, "%s: does not run", name);
	return dd_hint(e, "drydock start %s starts it", name);
}

/* Asked by a word in xenstore: who is stopped does not read it. */
static int
want_hearing(const char *name, const struct life_now *now, struct dd_err *e)
{
	if (now->state != XEN_PAUSED && now->state != XEN_CRASHED)
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: %s, and can't hear what it is asked",
	    name, now->state == XEN_PAUSED ? "is paused" : "has crashed");
	return now->state == XEN_PAUSED ?
	    dd_hint(e, "drydock unpause %s lets it go on", name) :
	    dd_hint(e, "drydock kill %s ends it", name);
}

int
life_can_start(const struct fleet_domu *d, struct dd_err *e)
{
	size_t i;

	if (d->cfg == NULL) {
		(void)dd_fail(e, ERR_NOENT, "%s: has no configuration here",
		    d->name);
		return dd_hint(e, "put its xl.cfg into one of config_dirs");
	}
	if (d->error != NULL) {
		(void)dd_fail(e, ERR_CONFIG, "%s", d->error);
		return dd_hint(e, "mend it first: xl would refuse it, too");
	}
	for (i = 0; i < d->ndisks; i++)
		if (d->disks[i].image != NULL &&
		    rekey_refuse_at(d->disks[i].image->path, e) == -1)
			return dd_context(e, "%s", d->name);
	return 0;
}

int
life_hold(const struct fleet_domu *d, int *fd, struct dd_err *e)
{
	*fd = open(d->cfg, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd == -1)
		return dd_fail_sys(e, errno, "%s", d->cfg);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	(void)close(*fd);
	*fd = 0;
	(void)dd_fail(e, ERR_HELD, "%s: another job starts or stops it",
	    d->name);
	return dd_hint(e, "wait until that is done; drydock history tells "
	    "which");
}

/* What xl has left of a start that failed is nothing that could be used. */
static int
fail_start(const struct life *l, const struct fleet_domu *d,
    struct dd_err *e)
{
	const struct life steady = { .xen = l->xen, .steady = true };
	struct dd_err ignored = DD_ERR_INIT;
	struct life_now now;

	if (life_look(&steady, d->name, &now, &ignored) == 0 && now.there)
		(void)life_kill(&steady, d->name, &ignored);
	return dd_context(e, "%s", d->name);
}

int
life_start_with(const struct life *l, const struct fleet_domu *d,
    const char *instead, struct dd_err *e)
{
	struct life_now now;

	if (life_can_start(d, e) == -1 ||
	    life_look(l, d->name, &now, e) == -1)
		return -1;
	if (now.there) {
		(void)dd_fail(e, ERR_EXIST, "%s: runs already", d->name);
		return dd_hint(e, "drydock reboot %s starts it anew",
		    d->name);
	}
	if (l->xen->start(d->cfg, instead, l->limit != 0 ? l->limit :
	    LIFE_START_LIMIT, e) == -1)
		return fail_start(l, d, e);
	return 0;
}

int
life_start(const struct life *l, const struct fleet_domu *d,
    struct dd_err *e)
{
	return life_start_with(l, d, NULL, e);
}

int
life_detach(const struct life *l, const struct fleet_domu *d,
    const char *vdev, struct dd_err *e)
{
	struct life_now now;

	if (want_running(l, d->name, &now, e) == -1)
		return -1;
	if (l->xen->detach(now.id, vdev, LIFE_ASK_LIMIT, e) == 0)
		return 0;
	(void)dd_context(e, "%s: %s", d->name, vdev);
	return dd_hint(e, "is it unmounted in the guest?  It keeps the disk");
}

int
life_attach(const struct life *l, const struct fleet_domu *d,
    const char *spec, struct dd_err *e)
{
	struct life_now now;

	if (want_running(l, d->name, &now, e) == -1 ||
	    l->xen->attach(now.id, spec, LIFE_ASK_LIMIT, e) == -1)
		return dd_context(e, "%s", d->name);
	return 0;
}

/* Until the domain of that number is gone; one of the same name that comes
 * after it does not count. */
static int
wait_gone(const struct life *l, const char *name, unsigned id,
    unsigned limit, struct dd_err *e)
{
	const int64_t from = clock_ms(), end = from + (int64_t)limit * 1000;
	struct life_now now;
	char what[192];
	int64_t at;

	for (;;) {
		if (life_look(l, name, &now, e) == -1)
			return -1;
		if (!now.there || now.id != id)
			return 0;
		if ((at = clock_ms()) >= end)
			break;
		(void)snprintf(what, sizeof(what), "waiting for %.64s to be "
		    "gone, %lld s of at most %u", name,
		    (long long)(at - from) / 1000, limit);
		if (life_pause(l, what, e) == -1)
			return dd_hint(e, "%s was asked to end, and may still "
			    "do so", name);
	}
	(void)dd_fail(e, ERR_HELD, "%s: still runs after %u seconds", name,
	    limit);
	return dd_hint(e, "look at its console: drydock console %s; drydock "
	    "kill %s ends it as a power cut does", name, name);
}

int
life_shutdown(const struct life *l, const char *name, struct dd_err *e)
{
	struct life_now now;

	if (want_running(l, name, &now, e) == -1 ||
	    want_hearing(name, &now, e) == -1)
		return -1;
	if (now.state != XEN_DYING && l->xen->act(now.id, XEN_SHUTDOWN,
	    LIFE_ASK_LIMIT, e) == -1)
		return dd_context(e, "%s", name);
	return wait_gone(l, name, now.id, l->limit != 0 ? l->limit :
	    LIFE_SHUTDOWN_LIMIT, e);
}

int
life_kill(const struct life *l, const char *name, struct dd_err *e)
{
	struct life_now now;

	if (want_running(l, name, &now, e) == -1)
		return -1;
	if (l->xen->act(now.id, XEN_DESTROY, LIFE_ASK_LIMIT, e) == -1)
		return dd_context(e, "%s", name);
	return wait_gone(l, name, now.id, LIFE_ASK_LIMIT, e);
}

int
life_act(const struct life *l, const char *name, enum xen_act act,
    struct dd_err *e)
{
	struct life_now now;

	if (want_running(l, name, &now, e) == -1 ||
	    (act == XEN_REBOOT && want_hearing(name, &now, e) == -1))
		return -1;
	if (l->xen->act(now.id, act, LIFE_ASK_LIMIT, e) == -1)
		return dd_context(e, "%s", name);
	return 0;
}
