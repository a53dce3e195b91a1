/* The list of all findings; see doctor.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/fleet/doctor_impl.h"
#include "core/fleet/record.h"

/* -- the list ----------------------------------------------------------- */

static char *
escaped(const char *s)
{
	struct buf b = BUF_INIT;

	(void)vis_buf(&b, s, strlen(s));
	return buf_steal(&b);
}

struct doctor_finding *
doctor_add(struct doctor_visit *w, enum fleet_kind kind,
    enum fleet_severity severity, const char *hint, struct dd_err *e,
    const char *fmt, ...)
{
	struct doctor *all = w->out;
	char text[sizeof(e->msg)];
	struct doctor_finding *v;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* full at each power of two */
	if ((all->n & (all->n - 1)) == 0) {
		v = realloc(all->v, (all->n == 0 ? 1 : 2 * all->n) *
		    sizeof(*v));
		if (v == NULL)
			goto nomem;
		all->v = v;
	}
	v = &all->v[all->n];
	*v = (struct doctor_finding){ .kind = kind, .severity = severity,
	    .mend = fleet_kind_mend(kind), .order = all->n,
	    .text = escaped(text),
	    .hint = hint == NULL ? NULL : escaped(hint) };
	all->n++;
	all->count[severity]++;
	if (v->text != NULL && (hint == NULL || v->hint != NULL))
		return v;
nomem:
	(void)dd_fail_nomem(e);
	return NULL;
}

int
doctor_of_domu(struct doctor_finding *f, const char *name, struct dd_err *e)
{
	char **v;

	if (name == NULL || (f->ndomus > 0 &&
	    strcmp(f->domus[f->ndomus - 1], name) == 0))
		return 0;
	/* full at each power of two */
	if ((f->ndomus & (f->ndomus - 1)) == 0) {
		v = realloc(f->domus, (f->ndomus == 0 ? 1 : 2 * f->ndomus) *
		    sizeof(*v));
		if (v == NULL)
			return dd_fail_nomem(e);
		f->domus = v;
	}
	if ((f->domus[f->ndomus] = strdup(name)) == NULL)
		return dd_fail_nomem(e);
	f->ndomus++;
	return 0;
}

int
doctor_of_users(const struct fleet *fleet, struct doctor_finding *f,
    const struct fleet_image *img, struct dd_err *e)
{
	size_t i;

	for (i = 0; i < img->nusers; i++)
		if (doctor_of_domu(f, fleet->domus[img->users[i]].name, e) ==
		    -1)
			return -1;
	return 0;
}

int
doctor_set(char **field, const char *s, struct dd_err *e)
{
	if (s == NULL)
		return 0;
	free(*field);
	*field = strdup(s);
	return *field == NULL ? dd_fail_nomem(e) : 0;
}

static uint64_t
key_of(enum fleet_kind kind, const struct fleet_image *img)
{
	return (uint64_t)(uintptr_t)img * FOUND_KINDS + (uint64_t)kind;
}

struct doctor_finding *
doctor_find(struct doctor_visit *w, enum fleet_kind kind,
    const struct fleet_image *img)
{
	void *at = map_get(&w->seen, key_of(kind, img));

	return at == NULL ? NULL : &w->out->v[(uintptr_t)at - 1];
}

int
doctor_is_of(struct doctor_visit *w, struct doctor_finding *f,
    const struct fleet_image *img, struct dd_err *e)
{
	if (doctor_set(&f->image, img->path, e) == -1)
		return -1;
	if (map_put(&w->seen, key_of(f->kind, img),
	    (void *)(uintptr_t)(f->order + 1)) == -1)
		return dd_fail_nomem(e);
	return 0;
}

/* The gravest first, and then as they were found: by domU. */
static int
compare(const void *x, const void *y)
{
	const struct doctor_finding *a = x, *b = y;

	if (a->severity != b->severity)
		return a->severity < b->severity ? 1 : -1;
	return a->order < b->order ? -1 : a->order > b->order;
}

void
doctor_free(struct doctor *all)
{
	struct doctor_finding *f;

	if (all == NULL)
		return;
	while (all->n > 0) {
		f = &all->v[--all->n];
		while (f->ndomus > 0)
			free(f->domus[--f->ndomus]);
		free(f->domus);
		free(f->role);
		free(f->image);
		free(f->device);
		free(f->text);
		free(f->hint);
	}
	free(all->v);
	free(all);
}

/* -- what the fleet has found ------------------------------------------- */

/* What is newer than what is in place was started by try, and would come again
 * with a reboot. */
static bool
is_tried(const struct fleet_finding *f)
{
	return f->kind == FOUND_OLD_GENERATION && f->disk != NULL &&
	    f->disk->image != NULL &&
	    f->disk->runs_with > f->disk->image->generation;
}

/* The image whose finding it is, rather than its domU's; or NULL. */
static const struct fleet_image *
owner(const struct fleet_finding *f)
{
	return f->disk != NULL && fleet_kind_subject(f->kind) == OF_IMAGE ?
	    f->disk->image : NULL;
}

static int
fill(struct doctor_visit *w, struct doctor_finding *to,
    const struct fleet_finding *f, const char *domu, struct dd_err *e)
{
	const struct fleet_disk *disk = f->disk;

	if (is_tried(f))
		to->mend = MEND_NONE;
	if (doctor_of_domu(to, domu, e) == -1)
		return -1;
	if (disk == NULL)
		return 0;
	if (doctor_set(&to->role, disk->role != ROLE_OTHER ?
	    fleet_role_name(disk->role) : disk->vdev, e) == -1)
		return -1;
	if (owner(f) != NULL)
		return doctor_is_of(w, to, owner(f), e);
	return doctor_set(&to->image, disk->image == NULL ? NULL :
	    disk->image->path, e);
}

/* A job that is in the middle of it was not cut short. */
static bool
is_at_work(const struct doctor_visit *w, const struct fleet_finding *f)
{
	struct buf ignored = BUF_INIT;
	bool yes = f->kind == FOUND_INTERRUPTED && f->disk != NULL &&
	    w->ask->state_dir != NULL && record_at_work(w->ask->state_dir,
	    f->disk->image->path, &ignored);

	buf_dispose(&ignored);
	return yes;
}

/* domu NULL: the fleet's. */
static int
take(struct doctor_visit *w, const struct fleet_finding *f,
    const char *domu, struct dd_err *e)
{
	struct doctor_finding *to;

	if (f->kind == FOUND_NOT_SEEN && f->disk != NULL) {
		if (w->nunseen++ == 0)
			w->unseen = f;
		return 0;
	}
	if (is_at_work(w, f))
		return 0;
	if (owner(f) != NULL &&
	    (to = doctor_find(w, f->kind, owner(f))) != NULL)
		return doctor_of_domu(to, domu, e);
	to = doctor_add(w, f->kind, f->severity, f->hint, e, "%s", f->text);
	return to == NULL ? -1 : fill(w, to, f, domu, e);
}

/* One note for all of them: who is not root would be shown each image. */
static int
tell_unseen(struct doctor_visit *w, struct dd_err *e)
{
	if (w->nunseen == 0)
		return 0;
	return doctor_add(w, FOUND_NOT_SEEN, SEV_NOTE, w->unseen->hint, e,
	    "%zu file%s can't be looked at%s: %s", w->nunseen,
	    w->nunseen == 1 ? "" : "s", w->nunseen == 1 ? "" : ", such as",
	    w->unseen->text) == NULL ? -1 : 0;
}

static int
take_all(struct doctor_visit *w, struct dd_err *e)
{
	const struct fleet *f = w->fleet;
	size_t i, j;

	for (i = 0; i < f->findings.n; i++)
		if (take(w, &f->findings.v[i], NULL, e) == -1)
			return -1;
	for (i = 0; i < f->ndomus; i++)
		for (j = 0; j < f->domus[i].findings.n; j++)
			if (take(w, &f->domus[i].findings.v[j],
			    f->domus[i].name, e) == -1)
				return -1;
	return tell_unseen(w, e);
}

int
doctor_look(const struct fleet *fleet, const struct doctor_ask *ask,
    struct doctor **out, struct dd_err *e)
{
	struct doctor_visit w = { .fleet = fleet, .ask = ask };
	int rc = -1;

	if ((w.out = calloc(1, sizeof(*w.out))) == NULL)
		return dd_fail_nomem(e);
	if (take_all(&w, e) == 0 && doctor_domus(&w, e) == 0 &&
	    doctor_host(&w, e) == 0 && doctor_cuts(&w, e) == 0)
		rc = 0;
	map_dispose(&w.seen);
	if (rc == -1) {
		doctor_free(w.out);
		return -1;
	}
	if (w.out->n > 0)
		qsort(w.out->v, w.out->n, sizeof(*w.out->v), compare);
	*out = w.out;
	return 0;
}

/* -- what is told of one ------------------------------------------------ */

bool
doctor_concerns(const struct doctor_finding *f, const char *domu)
{
	size_t i;

	for (i = 0; i < f->ndomus; i++)
		if (strcmp(f->domus[i], domu) == 0)
			return true;
	return false;
}

void
doctor_about(const struct doctor_finding *f, struct buf *b)
{
	const char *what = f->ndomus > 0 ? f->domus[0] : f->image != NULL ?
	    f->image : f->device != NULL ? f->device : "the host";

	(void)vis_buf(b, what, strlen(what));
	if (f->ndomus > 1)
		(void)buf_printf(b, " and %zu more", f->ndomus - 1);
}

size_t
doctor_mended_by(const struct doctor *all, enum fleet_mend mend)
{
	size_t i, n = 0;

	for (i = 0; i < all->n; i++)
		n += all->v[i].mend == mend;
	return n;
}

/* Words that a command is followed by: what the finding is about, or NULL. */
static const char *
object_of(const struct doctor_finding *f)
{
	if (f->mend == MEND_RESTART)
		return f->ndomus > 0 ? f->domus[0] : NULL;
	return f->mend == MEND_REPAIR ? f->image : NULL;
}

bool
doctor_mend(const struct doctor_finding *f, const char *argv[DOCTOR_WORDS])
{
	static const struct {
		const char	*words[2];
		bool		 object;
	} commands[] = {
		[MEND_NONE] = { { NULL, NULL }, false },
		[MEND_RECOVER] = { { "recover", NULL }, false },
		[MEND_RESTART] = { { "reboot", NULL }, true },
		[MEND_REPAIR] = { { "check", "--repair" }, true },
		[MEND_CLEAN] = { { "devices", "--clean" }, false },
		[MEND_PRUNE] = { { "prune", "--yes" }, false }
	};
	const char *object = object_of(f);
	size_t i, n = 0;

	if (f->mend == MEND_NONE || (commands[f->mend].object &&
	    object == NULL))
		return false;
	argv[n++] = "drydock";
	for (i = 0; i < 2 && commands[f->mend].words[i] != NULL; i++)
		argv[n++] = commands[f->mend].words[i];
	if (object != NULL && object[0] == '-')
		argv[n++] = "--";
	if (object != NULL)
		argv[n++] = object;
	argv[n] = NULL;
	return true;
}
