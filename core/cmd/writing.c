/* Commands that write to an image by its path; see managing.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/cmd/managing.h"

/* One step, so that what happens in place is written down as well. */
static int
change(void *ctx, struct dd_err *e)
{
	struct writing *w = ctx;
	bool changed = true;

	return w->work(w->arg, w->image, true, &changed, e);
}

/* The same on a copy. */
static int
change_copy(void *arg, const char *path, bool *changed, struct dd_err *e)
{
	struct writing *w = arg;

	return w->work(w->arg, path, false, changed, e);
}

static int
in_place(struct writing *w, struct managing *m, const char *image,
    const char *domu, struct dd_err *e)
{
	static const struct job_step steps[] = {
		{ .name = "change it", .run = change }, { .name = NULL }
	};
	struct record record = { .state_dir = m->conf.state_dir,
	    .command = m->command, .action = w->action, .domu = domu,
	    .image = image };
	const struct job job = { .name = w->action, .steps = steps,
	    .ctx = w, .progress = w->env->progress, .log = &record_log,
	    .log_arg = &record };
	int rc;

	if (holders_refuse(m->fleet, w->image, false, e) == -1)
		return -1;
	rc = job_run(&job, e);
	record_dispose(&record);
	if (rc == -1 && e->code == ERR_HELD)
		record_name_holder(m->conf.state_dir, image, e);
	return rc;
}

static int
new_generation(struct writing *w, struct managing *m, const char *image,
    const char *domu, struct dd_err *e)
{
	int rc;

	m->p = (struct placing){ .conf = &m->conf, .fleet = m->fleet,
	    .progress = w->env->progress, .how = PLACING_WORK,
	    .action = w->action, .domu = domu, .image = image,
	    .command = m->command, .work = change_copy, .arg = w };
	rc = placing_run(&m->p, e);
	w->was = m->p.was;
	w->is = m->p.is;
	return rc;
}

/* The domU that the image belongs to, when it is one. */
static const char *
domu_of(const struct fleet *f, const char *path)
{
	const struct fleet_image *img = fleet_image_at(f, path);

	return img != NULL && img->nusers == 1 ?
	    f->domus[img->users[0]].name : NULL;
}

char *
writing_managed(const char *image)
{
	char *real = realpath(image, NULL);

	if (real != NULL && store_managed(real))
		return real;
	free(real);
	return NULL;
}

/* The history is read from other folders than this one. */
static char *
whole_name(const char *image, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	char *path = fs_absolute(image, &why);

	/* what is wrong with it is said by who opens it */
	if (path == NULL && (path = strdup(image)) == NULL)
		(void)dd_fail_nomem(e);
	return path;
}

int
writing_run(struct writing *w, struct dd_err *e)
{
	struct managing m = { .dry_run = false };
	char *managed, *image;
	bool changed;
	int rc = -1;

	if (w->dry_run)
		return w->work(w->arg, w->image, true, &changed, e);
	managed = writing_managed(w->image);
	image = managed != NULL ? managed : whole_name(w->image, e);
	if (image != NULL && managing_load(&m, w->env, e) == 0)
		rc = managed != NULL ?
		    new_generation(w, &m, image, domu_of(m.fleet, image), e) :
		    in_place(w, &m, image, domu_of(m.fleet, image), e);
	managing_dispose(&m);
	free(image);
	if (rc == 0)
		cmd_done();
	return rc;
}

void
writing_tell(const struct writing *w)
{
	if (w->is != w->was)
		printf("generation %u is in place, %u is kept\n", w->is,
		    w->was);
}
