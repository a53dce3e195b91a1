/* Messages of libxl.c into structures; see told.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xen/told.h"
#include "xen/xen.h"

#define MESSAGE_MAX	(16 * 1024 * 1024)
#define DIGITS_MAX	20

/* The words of an answer. */
struct words {
	const char	*at, *end;
};

/* The next word; "" behind the last. */
static const char *
next(struct words *w)
{
	const char *word = w->at, *nul;

	if (w->at == w->end ||
	    (nul = memchr(word, '\0', (size_t)(w->end - word))) == NULL)
		return "";
	w->at = nul + 1;
	return word;
}

/* Was this the next word?  Then it is taken. */
static bool
skip_if(struct words *w, const char *word)
{
	struct words ahead = *w;

	if (strcmp(next(&ahead), word) != 0)
		return false;
	*w = ahead;
	return true;
}

/* NULL for an empty word. */
static int
take(struct words *w, char **field, struct dd_err *e)
{
	const char *word = next(w);

	if (word[0] != '\0' && (*field = strdup(word)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

/* The next word, and what stands behind the colon in it. */
static const char *
next_of(struct words *w, const char **behind)
{
	const char *word = next(w), *colon = strchr(word, ':');

	*behind = colon != NULL ? colon + 1 : "";
	return word;
}

static int
take_disk(struct words *w, struct xen_domain *d, struct dd_err *e)
{
	const char *minor;
	struct xen_disk *v;

	v = realloc(d->disks, (d->ndisks + 1) * sizeof(*v));
	if (v == NULL)
		return dd_fail_nomem(e);
	d->disks = v;
	v = &d->disks[d->ndisks++];
	*v = (struct xen_disk){ .spec = NULL };
	if (take(w, &v->vdev, e) == -1 || take(w, &v->target, e) == -1 ||
	    take(w, &v->script, e) == -1)
		return -1;
	v->readwrite = strcmp(next(w), "w") == 0;
	v->cdrom = strcmp(next(w), "cdrom") == 0;
	v->elsewhere = strcmp(next(w), "elsewhere") == 0;
	if (take(w, &v->status, e) == -1 || take(w, &v->error, e) == -1)
		return -1;
	/* "7:1f", in hexadecimal */
	v->phys_major = (uint32_t)strtoul(next_of(w, &minor), NULL, 16);
	v->phys_minor = (uint32_t)strtoul(minor, NULL, 16);
	return 0;
}

static int
take_domain(struct words *w, struct xen_domain *d, struct dd_err *e)
{
	*d = (struct xen_domain){ .cpu = -1 };
	d->id = (unsigned)strtoul(next(w), NULL, 10);
	d->state = (enum xen_state)strtoul(next(w), NULL, 10);
	d->memory = strtoull(next(w), NULL, 10) * 1024;
	d->vcpus = (unsigned)strtoul(next(w), NULL, 10);
	d->cpu_time = strtoull(next(w), NULL, 10);
	d->started = (int64_t)strtoull(next(w), NULL, 10);
	if (take(w, &d->name, e) == -1)
		return -1;
	while (skip_if(w, "disk"))
		if (take_disk(w, d, e) == -1)
			return -1;
	return 0;
}

static int
take_domains(struct words *w, struct xen_now *now, struct dd_err *e)
{
	struct xen_domain *v;

	now->at = (int64_t)strtoull(next(w), NULL, 10);
	now->changes = (unsigned)strtoul(next(w), NULL, 10);
	while (skip_if(w, "domain")) {
		v = realloc(now->domains, (now->ndomains + 1) * sizeof(*v));
		if (v == NULL)
			return dd_fail_nomem(e);
		now->domains = v;
		if (take_domain(w, &v[now->ndomains++], e) == -1)
			return -1;
	}
	return 0;
}

static void
take_host(struct words *w, struct xen_host *host)
{
	(void)snprintf(host->version, sizeof(host->version), "%s", next(w));
	host->memory = strtoull(next(w), NULL, 10);
	host->free = strtoull(next(w), NULL, 10);
	host->cpus = (unsigned)strtoul(next(w), NULL, 10);
}

static int
read_message(struct words *w, struct told *t, struct dd_err *e)
{
	if (skip_if(w, "host")) {
		t->kind = TOLD_HOST;
		take_host(w, &t->now.host);
	} else if (skip_if(w, "domains")) {
		t->kind = TOLD_DOMAINS;
		if (take_domains(w, &t->now, e) == -1)
			return -1;
	} else if (skip_if(w, "none"))
		t->kind = TOLD_NONE;
	else if (skip_if(w, "silent"))
		t->kind = TOLD_SILENT;
	else {
		t->kind = TOLD_FAILED;
		t->sys = skip_if(w, "failed") ? (int)strtol(next(w), NULL,
		    10) : 0;
	}
	if (w->at != w->end)
		return dd_fail(e, ERR_FORMAT, "what asks Xen tells nonsense");
	return 1;
}

int
told_take(struct buf *b, struct told *t, struct dd_err *e)
{
	const char *nul = b->len == 0 ? NULL : memchr(b->p, '\0', b->len);
	struct told got = { .kind = TOLD_FAILED };
	size_t len, head;
	struct words w;
	int rc;

	if (nul == NULL && b->len <= DIGITS_MAX)
		return 0;
	len = nul == NULL ? 0 : strtoul(b->p, NULL, 10);
	if (len == 0 || len > MESSAGE_MAX)
		return dd_fail(e, ERR_FORMAT, "what asks Xen tells nonsense");
	head = (size_t)(nul + 1 - b->p);
	if (b->len - head < len)
		return 0;
	w = (struct words){ b->p + head, b->p + head + len };
	rc = read_message(&w, &got, e);
	b->len -= head + len;
	memmove(b->p, b->p + head + len, b->len);
	if (rc == 1)
		*t = got;
	else
		told_dispose(&got);
	return rc;
}

void
told_dispose(struct told *t)
{
	xen_domains_free(t->now.domains, t->now.ndomains);
	t->now.domains = NULL;
	t->now.ndomains = 0;
}

int
told_failure(const struct told *t, bool hypervisor, struct dd_err *e)
{
	if (t->kind == TOLD_NONE)
		return dd_fail(e, ERR_NOENT, "no Xen here");
	if (t->kind == TOLD_SILENT) {
		(void)dd_fail(e, ERR_IO, "%s does not answer", hypervisor ?
		    "xenstored" : "Xen");
		return dd_hint(e, "look whether xenstored runs");
	}
	if (t->sys == EACCES || t->sys == EPERM) {
		(void)dd_fail_sys(e, t->sys, "Xen can't be asked");
		return dd_hint(e, "only root may");
	}
	return t->sys != 0 ? dd_fail_sys(e, t->sys, "Xen can't be asked") :
	    dd_fail(e, ERR_IO, "Xen can't be asked: libxl failed");
}

void
xen_domains_free(struct xen_domain *v, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < v[i].ndisks; j++)
			xen_disk_dispose(&v[i].disks[j]);
		free(v[i].disks);
		free(v[i].name);
	}
	free(v);
}
