/* What recover would find; see cuts.h. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/vis.h"
#include "core/fleet/record.h"
#include "core/store/store.h"
#include "tui/cuts.h"

struct finding {
	struct buf	text;
	size_t		images, jobs;
};

static void
put(struct finding *f, const char *name, const char *what)
{
	(void)vis_buf(&f->text, name, strlen(name));
	(void)buf_printf(&f->text, ": %s\n", what);
}

/* A flip that nobody is at work on. */
static void
look_at_store(struct finding *f, const char *path)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct store *s = NULL;

	if (!store_managed(path) || store_open(path, &s, &ignored) == -1)
		return;
	if (s->interrupted && !s->busy) {
		put(f, path, "a generation was on its way into place");
		f->images++;
	}
	store_close(s);
}

static void
look_at_images(struct finding *f, const struct fleet *fleet)
{
	const struct fleet_image *img;
	size_t i;

	for (i = 0; i < fleet->nimages; i++) {
		img = fleet->images[i];
		look_at_store(f, img->path);
		if (!img->pending)
			continue;
		put(f, img->path, "a change of it is not finished");
		f->images++;
	}
}

/* Kernels follow their roots; most domUs name the same. */
static void
look_at_kernels(struct finding *f, const struct fleet *fleet)
{
	const char *kernel, *last = NULL;
	size_t i;

	for (i = 0; i < fleet->ndomus; i++) {
		kernel = fleet->domus[i].kernel;
		if (kernel == NULL || (last != NULL &&
		    strcmp(kernel, last) == 0))
			continue;
		look_at_store(f, kernel);
		last = kernel;
	}
}

static int
take(void *arg, const struct db_job *j, struct dd_err *e)
{
	struct finding *f = arg;

	(void)e;
	if (record_alive(j))
		return 0;
	(void)buf_printf(&f->text, "job %lld, %s of ", (long long)j->id,
	    j->action);
	put(f, j->image != NULL ? j->image : "?", "it never ended");
	f->jobs++;
	return 0;
}

static void
look_at_history(struct finding *f, const char *state_dir)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct db *db;

	if (db_open_read(state_dir, &db, &ignored) == -1)
		return;
	(void)db_jobs(db, NULL, NULL, true, 0, take, f, &ignored);
	db_close(db);
}

void
cuts_find(const struct fleet *fleet, const char *state_dir, struct cuts *c)
{
	struct finding f = { .text = BUF_INIT };

	look_at_images(&f, fleet);
	look_at_kernels(&f, fleet);
	look_at_history(&f, state_dir);
	/* A job that was cut short is mostly what its image shows. */
	*c = (struct cuts){ .n = f.images > f.jobs ? f.images : f.jobs };
	if (c->n > 0)
		c->text = buf_steal(&f.text);
	buf_dispose(&f.text);
}

void
cuts_dispose(struct cuts *c)
{
	free(c->text);
	*c = (struct cuts){ .n = 0 };
}
