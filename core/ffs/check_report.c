/*
 * Findings: kept until the passes are done, because only then the paths of
 * what they name are known; told in the order in which they were found.
 *
 * Paths of directories follow from what pass 2 learned.  For other files one
 * more look through all directories finds the names that are wanted.  When
 * there are more findings than fit here, the rest is told at once, without
 * paths of files: an image can be arranged to have any number.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/ffs/check_impl.h"

#define QUEUE_MAX	10000
#define PATH_CAP	1024

struct finding {
	enum ck_severity severity;
	uint32_t	 ino, other;
	char		*text;
};

/* A file whose name is wanted. */
struct wanted {
	uint32_t	 dir;		/* 0: not met yet */
	char		*name;
};

struct ck_report {
	ffs_finding_fn	*fn;
	void		*arg;
	struct finding	*queue;
	size_t		 n;
	bool		 overflow;
	unsigned	 count[CK_WORSE + 1];
	struct map	 wanted;	/* ino -> struct wanted */
};

int
ck_report_init(struct check *c, ffs_finding_fn *fn, void *arg)
{
	struct ck_report *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return dd_fail_nomem(c->e);
	r->fn = fn;
	r->arg = arg;
	r->queue = calloc(QUEUE_MAX, sizeof(*r->queue));
	c->report = r;
	return r->queue == NULL ? dd_fail_nomem(c->e) : 0;
}

void
ck_report_dispose(struct check *c)
{
	struct ck_report *r = c->report;
	struct wanted *w;
	uint64_t ino;
	size_t i, at = 0;

	if (r == NULL)
		return;
	for (i = 0; i < r->n; i++)
		free(r->queue[i].text);
	while ((w = map_next(&r->wanted, &at, &ino)) != NULL) {
		free(w->name);
		free(w);
	}
	map_dispose(&r->wanted);
	free(r->queue);
	free(r);
	c->report = NULL;
}

unsigned
ck_count(const struct check *c, enum ck_severity severity)
{
	return c->report->count[severity];
}

/*
 * "/a/b" of a directory, built from the end; "?" stands for what is not
 * connected to the root, or goes on for too long (a loop does).
 */
static const char *
dir_path(struct check *c, uint32_t ino, char path[PATH_CAP])
{
	char *p = path + PATH_CAP - 1;
	struct ck_dir *d;
	const char *name;
	size_t len;

	*p = '\0';
	while (ino != FFS_ROOT) {
		d = ck_dir(c, ino);
		if (d == NULL || d->parent == 0 || d->name == 0) {
			*--p = '?';
			break;
		}
		name = c->names.p + d->name;
		len = strlen(name);
		if ((size_t)(p - path) < len + 2) {
			*--p = '?';
			break;
		}
		p -= len;
		memcpy(p, name, len);
		*--p = '/';
		ino = d->parent;
	}
	return *p == '\0' ? "/" : p;
}

/* Escaped; NULL: not known. */
static const char *
path_of(struct check *c, uint32_t ino, char out[4 * PATH_CAP])
{
	char dir[PATH_CAP], raw[PATH_CAP + 260];
	struct wanted *w;
	const char *p;

	if (ino == 0)
		return NULL;
	if (ck_dir(c, ino) != NULL)
		p = dir_path(c, ino, dir);
	else {
		w = map_get(&c->report->wanted, ino);
		if (w == NULL || w->name == NULL)
			return NULL;
		p = dir_path(c, w->dir, dir);
		(void)snprintf(raw, sizeof(raw), "%s/%s",
		    strcmp(p, "/") == 0 ? "" : p, w->name);
		p = raw;
	}
	if (strcmp(p, "?") == 0)
		return NULL;
	vis_str(out, 4 * PATH_CAP, p);
	return out;
}

static int
tell(struct check *c, const struct finding *f)
{
	char path[4 * PATH_CAP], other[4 * PATH_CAP];
	struct ffs_finding out = { (int)f->severity, f->ino, NULL, f->text };
	struct buf text = BUF_INIT;
	const char *p;

	out.path = path_of(c, f->ino, path);
	if (f->other != 0) {
		p = path_of(c, f->other, other);
		(void)buf_printf(&text, p != NULL ? "%s inode %u (%s)" :
		    "%s inode %u", f->text, f->other, p);
		if (text.failed) {
			buf_dispose(&text);
			return dd_fail_nomem(c->e);
		}
		out.text = text.p;
	}
	if (c->report->fn != NULL)
		c->report->fn(c->report->arg, &out);
	buf_dispose(&text);
	return 0;
}

int
ck_finding(struct check *c, enum ck_severity severity, uint32_t ino,
    uint32_t other, const char *fmt, ...)
{
	struct ck_report *r = c->report;
	struct finding f = { severity, ino, other, NULL };
	char text[512];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->count[severity]++;
	if ((f.text = strdup(text)) == NULL)
		return dd_fail_nomem(c->e);
	if (r->n < QUEUE_MAX && !r->overflow) {
		r->queue[r->n++] = f;
		return 0;
	}
	if (!r->overflow) {
		r->overflow = true;
		if (ck_report_flush(c) == -1) {
			free(f.text);
			return -1;
		}
	}
	rc = tell(c, &f);
	free(f.text);
	return rc;
}

static int
want(struct check *c, uint32_t ino)
{
	struct wanted *w;

	if (ino == 0 || ck_dir(c, ino) != NULL ||
	    map_get(&c->report->wanted, ino) != NULL)
		return 0;
	if ((w = calloc(1, sizeof(*w))) == NULL ||
	    map_put(&c->report->wanted, ino, w) == -1) {
		free(w);
		return dd_fail_nomem(c->e);
	}
	return 0;
}

static int
take_name(struct check *c, struct ck_entry *ent, void *arg)
{
	struct wanted *w = map_get(&c->report->wanted, ent->ino);

	(void)arg;
	if (ent->ino == 0 || w == NULL || w->name != NULL)
		return 0;
	w->dir = ent->dir->ino;
	w->name = strdup(ent->name);
	return w->name == NULL ? dd_fail_nomem(c->e) : 0;
}

/* The names of files in the queue. */
static int
find_names(struct check *c)
{
	struct ck_report *r = c->report;
	size_t i;

	for (i = 0; i < r->n; i++)
		if (want(c, r->queue[i].ino) == -1 ||
		    want(c, r->queue[i].other) == -1)
			return -1;
	if (r->wanted.len == 0)
		return 0;
	for (i = 0; i < c->ndirs; i++)
		if (ck_scan(c, c->dirs[i], true, take_name, NULL) == -1)
			return -1;
	return 0;
}

int
ck_report_flush(struct check *c)
{
	struct ck_report *r = c->report;
	size_t i;
	int rc = 0;

	if (find_names(c) == -1)
		return -1;
	for (i = 0; i < r->n; i++) {
		if (rc == 0)
			rc = tell(c, &r->queue[i]);
		free(r->queue[i].text);
	}
	r->n = 0;
	return rc;
}
