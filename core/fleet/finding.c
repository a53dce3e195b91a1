/* Findings: their kinds, and lists of them; see finding.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/vis.h"
#include "core/fleet/finding.h"

static const struct {
	const char		*id;
	enum fleet_mend		 mend;
	enum fleet_subject	 subject;
} kinds[FOUND_KINDS] = {
#define X(kind, id, mend, subject) [kind] = { id, mend, subject },
	FLEET_KINDS(X)
#undef X
};

static const char *const severity_names[SEV_COUNT] = {
	[SEV_NOTE] = "note",
	[SEV_WARNING] = "warning",
	[SEV_ERROR] = "error",
};

const char *
fleet_severity_name(enum fleet_severity s)
{
	return severity_names[s];
}

int
fleet_severity_parse(const char *name)
{
	int i;

	for (i = 0; i < SEV_COUNT; i++)
		if (strcmp(severity_names[i], name) == 0)
			return i;
	return -1;
}

const char *
fleet_kind_id(enum fleet_kind k)
{
	return kinds[k].id;
}

enum fleet_mend
fleet_kind_mend(enum fleet_kind k)
{
	return kinds[k].mend;
}

enum fleet_subject
fleet_kind_subject(enum fleet_kind k)
{
	return kinds[k].subject;
}

const struct fleet_finding *
fleet_gravest(const struct fleet_findings *f)
{
	const struct fleet_finding *found = NULL;
	size_t i;

	for (i = 0; i < f->n; i++)
		if (found == NULL || f->v[i].severity > found->severity)
			found = &f->v[i];
	return found;
}

static int
append(struct fleet_findings *f, enum fleet_kind kind,
    enum fleet_severity severity, const char *text, const char *hint,
    struct dd_err *e)
{
	struct fleet_finding *v;
	struct buf t = BUF_INIT, h = BUF_INIT;

	v = realloc(f->v, (f->n + 1) * sizeof(*v));
	if (v == NULL)
		return dd_fail_nomem(e);
	f->v = v;
	v = &f->v[f->n];
	*v = (struct fleet_finding){ .kind = kind, .severity = severity };
	(void)vis_buf(&t, text, strlen(text));
	v->text = buf_steal(&t);
	if (hint != NULL) {
		(void)vis_buf(&h, hint, strlen(hint));
		v->hint = buf_steal(&h);
	}
	if (v->text == NULL || (hint != NULL && v->hint == NULL)) {
		free(v->text);
		free(v->hint);
		return dd_fail_nomem(e);
	}
	f->n++;
	return 0;
}

int
finding_add(struct fleet_findings *f, enum fleet_kind kind,
    enum fleet_severity severity, const char *hint, struct dd_err *e,
    const char *fmt, ...)
{
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return append(f, kind, severity, text, hint, e);
}

int
finding_add_err(struct fleet_findings *f, enum fleet_kind kind,
    enum fleet_severity severity, const struct dd_err *why, struct dd_err *e)
{
	return append(f, kind, severity, why->msg, why->hint[0] != '\0' ?
	    why->hint : NULL, e);
}

void
findings_about(struct fleet_findings *f, size_t n,
    const struct fleet_disk *disk)
{
	for (; n < f->n; n++)
		f->v[n].disk = disk;
}

void
findings_dispose(struct fleet_findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->v[i].text);
		free(f->v[i].hint);
	}
	free(f->v);
	*f = (struct fleet_findings){ .v = NULL };
}
