/* Generations, read; see generations.h.  gen_rows.c shows them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/store/db.h"
#include "core/store/store.h"
#include "tui/generations.h"

static char *
visible(const char *s)
{
	struct buf b = BUF_INIT;

	if (s == NULL)
		s = "";
	(void)vis_buf(&b, s, strlen(s));
	(void)buf_str(&b, "");
	return buf_steal(&b);
}

/* Replace *to; what has no memory stays as it was. */
static void
put(char **to, const char *s)
{
	char *v;

	if (s == NULL || (v = visible(s)) == NULL)
		return;
	free(*to);
	*to = v;
}

static int
take_known(void *arg, const struct db_generation *g, struct dd_err *e)
{
	struct generations *gens = arg;
	size_t i;

	(void)e;
	for (i = 0; i < gens->n; i++) {
		if (gens->v[i].name.n != g->n)
			continue;
		put(&gens->v[i].who, g->who);
		put(&gens->v[i].source, g->source);
		put(&gens->v[i].sha256, g->sha256);
		put(&gens->v[i].note, g->note);
	}
	return 0;
}

/* Without the history there is less to show, and that is said. */
static void
ask_history(struct gen_look *l, const struct store *s)
{
	struct db *db;

	if (db_open_read(l->state_dir, &db, &l->history) == -1) {
		if (l->history.code == ERR_NOENT)
			dd_err_clear(&l->history);
		return;
	}
	(void)db_generations(db, s->image, take_known, l->found, &l->history);
	db_close(db);
}

static bool
fill_row(struct gen_row *r, const struct store *s, const struct generation *g)
{
	*r = (struct gen_row){ .name = g->name, .in_place = g->in_place,
	    .orig = g->orig, .params = g->params, .size = g->size,
	    .allocated = g->allocated, .written = g->mtime,
	    .kernel = visible(g->kernel), .who = visible(NULL),
	    .source = visible(NULL), .sha256 = visible(NULL),
	    .note = visible(NULL), .path = store_path(s, g),
	    .params_path = g->params ? store_beside(s, g->name.n, "params") :
	    NULL };
	(void)snprintf(r->id, sizeof(r->id), "%u", g->name.n);
	return r->path != NULL && r->kernel != NULL && r->who != NULL && r->source != NULL &&
	    r->sha256 != NULL && r->note != NULL;
}

static struct generations *
generations_of(const struct store *s)
{
	struct generations *gens = calloc(1, sizeof(*gens));

	if (gens == NULL || (gens->v = calloc(s->n + 1, sizeof(*gens->v))) ==
	    NULL) {
		free(gens);
		return NULL;
	}
	gens->managed = s->fd != -1;
	gens->interrupted = s->interrupted && !s->busy;
	gens->foreign = s->foreign;
	while (gens->n < s->n) {
		if (!fill_row(&gens->v[gens->n], s, &s->v[gens->n])) {
			gens->n++;
			generations_free(gens);
			return NULL;
		}
		gens->n++;
	}
	return gens;
}

static void
look_run(struct look *look)
{
	struct gen_look *l = (struct gen_look *)look;
	struct store *s = NULL;

	if (store_open(l->image, &s, &l->e) == -1)
		return;
	if ((l->found = generations_of(s)) == NULL)
		(void)dd_fail_nomem(&l->e);
	else
		ask_history(l, s);
	store_close(s);
}

static void
look_free(struct look *look)
{
	struct gen_look *l = (struct gen_look *)look;

	generations_free(l->found);
	free(l->image);
	free(l->state_dir);
	free(l);
}

struct gen_look *
gen_look_new(const char *image, const char *state_dir)
{
	struct gen_look *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->look.run = look_run;
	l->look.free = look_free;
	l->image = strdup(image);
	l->state_dir = strdup(state_dir);
	if (l->image != NULL && l->state_dir != NULL)
		return l;
	look_free(&l->look);
	return NULL;
}

void
generations_free(struct generations *gens)
{
	size_t i;

	for (i = 0; gens != NULL && i < gens->n; i++) {
		free(gens->v[i].path);
		free(gens->v[i].params_path);
		free(gens->v[i].kernel);
		free(gens->v[i].who);
		free(gens->v[i].source);
		free(gens->v[i].sha256);
		free(gens->v[i].note);
	}
	if (gens != NULL)
		free(gens->v);
	free(gens);
}

const struct gen_row *
generations_place(const struct generations *gens)
{
	size_t i;

	for (i = 0; gens != NULL && i < gens->n; i++)
		if (gens->v[i].in_place)
			return &gens->v[i];
	return NULL;
}
