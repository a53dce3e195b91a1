/* The model; see model.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/fleet/live.h"
#include "tui/model.h"

void
model_init(struct model *m, bool utf8, const struct config *config)
{
	*m = (struct model){ .utf8 = utf8, .config = config,
	    .error = DD_ERR_INIT, .now = (int64_t)time(NULL) };
	if (gethostname(m->host, sizeof(m->host)) == -1)
		m->host[0] = '\0';
	m->host[sizeof(m->host) - 1] = '\0';
	/* The short name is enough to know where one is. */
	m->host[strcspn(m->host, ".")] = '\0';
}

void
model_dispose(struct model *m)
{
	struct action *a, *next;

	for (a = m->actions; a != NULL; a = next) {
		next = a->next;
		action_unref(a);
	}
	m->actions = NULL;
	fleet_free(m->fleet);
	m->fleet = NULL;
	doctor_free(m->doctor);
	m->doctor = NULL;
	log_dispose(&m->log);
}

void
model_set_doctor(struct model *m, struct doctor *doctor)
{
	doctor_free(m->doctor);
	m->doctor = doctor;
	m->visits++;
	m->cuts = doctor == NULL ? 0 : doctor_mended_by(doctor, MEND_RECOVER);
}

static int
worst_of(const struct fleet_findings *f)
{
	const struct fleet_finding *gravest = fleet_gravest(f);

	return gravest == NULL ? -1 : (int)gravest->severity;
}

/* What no domU's own findings say: the host's, and domUs that don't stay up. */
static void
count_others(struct model *m)
{
	const struct doctor_finding *f;
	const struct fleet_domu *d;
	size_t i;
	int was;

	for (i = 0; m->doctor != NULL && i < m->doctor->n; i++) {
		f = &m->doctor->v[i];
		was = -1;
		if (f->kind == FOUND_CRASHED || f->kind == FOUND_REBOOT_LOOP) {
			d = fleet_find(m->fleet, f->domus[0]);
			was = d == NULL ? -1 : worst_of(&d->findings);
		} else if (f->ndomus > 0)
			continue;
		m->errors += f->severity == SEV_ERROR && was != SEV_ERROR;
		m->warnings -= f->severity == SEV_ERROR && was == SEV_WARNING;
		m->warnings += f->severity == SEV_WARNING && was < SEV_WARNING;
	}
}

static void
count(struct model *m)
{
	size_t i;
	int worst;

	m->errors = m->warnings = 0;
	for (i = 0; i < m->fleet->ndomus; i++) {
		worst = worst_of(&m->fleet->domus[i].findings);
		m->errors += worst == SEV_ERROR;
		m->warnings += worst == SEV_WARNING;
	}
	count_others(m);
}

struct fleet *
model_set_fleet(struct model *m, struct fleet *fleet, const struct dd_err *e)
{
	struct fleet *old = m->fleet;

	m->loading = false;
	m->changes++;
	m->error = *e;
	if (fleet == NULL)
		return NULL;
	m->fleet = fleet;
	if (m->xen != NULL)
		live_follow(fleet, m->xen);
	count(m);
	return old;
}

const char *
model_xen(const struct model *m)
{
	return m->xen_note[0] != '\0' ? m->xen_note : m->fleet->xen;
}

void
model_set_xen(struct model *m, const struct xen_now *now,
    const struct dd_err *why, int64_t heard)
{
	m->xen = now;
	m->xen_note[0] = '\0';
	if (now != NULL) {
		if (m->fleet != NULL)
			live_follow(m->fleet, now);
		return;
	}
	if (why->code == ERR_NOENT || why->code == ERR_PERM)
		(void)snprintf(m->xen_note, sizeof(m->xen_note), "%.120s",
		    why->msg);
	else
		(void)snprintf(m->xen_note, sizeof(m->xen_note),
		    "waiting for Xen (%.100s), %lld s", why->msg,
		    (long long)(clock_ms() - heard) / 1000);
	if (m->fleet != NULL)
		live_lose(m->fleet, why);
}

void
model_add_action(struct model *m, struct action *a)
{
	struct action **at = &m->actions, *gone;
	size_t kept = 0;

	while ((gone = *at) != NULL)
		if (gone->running || (gone->changes &&
		    ++kept < MODEL_ACTIONS))
			at = &gone->next;
		else {
			*at = gone->next;
			action_unref(gone);
		}
	a->next = m->actions;
	m->actions = action_ref(a);
	log_action(&m->log, a);
}

struct action *
model_job(const struct model *m)
{
	struct action *a;

	for (a = m->actions; a != NULL; a = a->next)
		if (a->changes)
			return a;
	return NULL;
}

const char *
severity_sign(int severity)
{
	static const char *const signs[] = { [SEV_NOTE] = "-",
	    [SEV_WARNING] = "!", [SEV_ERROR] = "!!" };

	return severity < 0 ? "" : signs[severity];
}

enum style
severity_style(int severity)
{
	static const enum style styles[] = { [SEV_NOTE] = STYLE_DIM,
	    [SEV_WARNING] = STYLE_WARN, [SEV_ERROR] = STYLE_ERROR };

	return severity < 0 ? STYLE_NORMAL : styles[severity];
}
