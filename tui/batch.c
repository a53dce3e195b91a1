/* What is to be done to several domUs, and its table; see batch.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/batch.h"
#include "tui/views.h"

/* -- the entries --------------------------------------------------------- */

static struct batch_entry *
entry_of_image(struct batch *b, const struct fleet_image **images,
    const struct fleet_image *image)
{
	size_t i;

	for (i = 0; image != NULL && i < b->n; i++)
		if (images[i] == image)
			return &b->v[i];
	return NULL;
}

static void
add(struct batch *b, const struct fleet_image **images,
    const struct fleet_domu *d)
{
	const struct fleet_disk *disk = fleet_disk_of(d, ROLE_PKG);
	const char *why = role_why_not(d, ROLE_PKG);
	struct batch_entry *e;
	size_t len;

	e = entry_of_image(b, images, why != NULL ? NULL : disk->image);
	if (e != NULL) {
		len = strlen(e->with);
		(void)snprintf(e->with + len, sizeof(e->with) - len, "%s%s",
		    len > 0 ? ", " : "", d->name);
		return;
	}
	e = &b->v[b->n];
	images[b->n++] = why != NULL ? NULL : disk->image;
	*e = (struct batch_entry){ .order = { .recipe = b->recipe } };
	(void)snprintf(e->id, sizeof(e->id), "%zu", b->n);
	order_set_target(&e->order, b->recipe->image, d, ROLE_PKG);
	if (why == NULL)
		return;
	e->state = BATCH_REFUSED;
	(void)snprintf(e->said, sizeof(e->said), "%s", why);
}

/* Of a domU itself. */
static void
add_domu(struct batch *b, const struct fleet_domu *d)
{
	const char *why = b->recipe->why_not(d);
	struct batch_entry *e = &b->v[b->n++];

	if (d->name[0] == '-')
		why = "its name begins with -";
	*e = (struct batch_entry){ .order = { .recipe = b->recipe },
	    .state = why != NULL ? BATCH_REFUSED : BATCH_READY };
	(void)snprintf(e->id, sizeof(e->id), "%zu", b->n);
	order_set(&e->order, b->recipe->image, d->name);
	(void)snprintf(e->said, sizeof(e->said), "%s", why != NULL ? why :
	    fleet_state_name(d->state));
}

struct batch *
batch_new(const struct recipe *recipe, const struct fleet *fleet,
    const struct list *l)
{
	const struct fleet_image **images = calloc(fleet->ndomus + 1,
	    sizeof(*images));
	struct batch *b = calloc(1, sizeof(*b));
	size_t i;

	if (b == NULL || images == NULL ||
	    (b->v = calloc(l->nmarked + 1, sizeof(*b->v))) == NULL) {
		free(images);
		free(b);
		return NULL;
	}
	b->recipe = recipe;
	for (i = 0; i < fleet->ndomus; i++)
		if (!list_is_marked(l, i))
			continue;
		else if (recipe->why_not != NULL)
			add_domu(b, &fleet->domus[i]);
		else
			add(b, images, &fleet->domus[i]);
	free(images);
	return b;
}

struct batch *
batch_copy(const struct batch *from)
{
	struct batch *b = calloc(1, sizeof(*b));
	size_t i;

	if (b == NULL || (b->v = calloc(from->n + 1, sizeof(*b->v))) ==
	    NULL) {
		free(b);
		return NULL;
	}
	b->recipe = from->recipe;
	b->n = from->n;
	for (i = 0; i < b->n; i++) {
		b->v[i] = from->v[i];
		if (b->v[i].action != NULL)
			(void)action_ref(b->v[i].action);
	}
	return b;
}

void
batch_free(struct batch *b)
{
	size_t i;

	if (b == NULL)
		return;
	for (i = 0; i < b->n; i++)
		action_unref(b->v[i].action);
	free(b->v);
	free(b);
}

void
batch_set(struct batch *b, size_t field, const char *value)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		order_set(&b->v[i].order, field, value);
}

size_t
batch_count(const struct batch *b, enum batch_state state)
{
	size_t i, n = 0;

	for (i = 0; i < b->n; i++)
		n += b->v[i].state == state;
	return n;
}

/* -- the table ----------------------------------------------------------- */

enum { COL_WHAT, COL_STATE, COL_WITH, COL_SAID, COL_COUNT };

#define COLUMNS(what, with) {						\
	[COL_WHAT] = { what, .min = 12, .max = 30, .rank = 0 },		\
	[COL_STATE] = { "STATE", .min = 9, .max = 10, .rank = 0 },	\
	[COL_WITH] = { with, .min = 6, .max = 24, .rank = 2 },		\
	[COL_SAID] = { "", .min = 12, .rank = 1 },			\
}
static const struct list_column image_columns[COL_COUNT] =
	COLUMNS("IMAGE", "SHARED WITH");
static const struct list_column domu_columns[COL_COUNT] =
	COLUMNS("DOMU", "");

static const struct {
	const char	*name;
	enum style	 style;
} states[] = {
	[BATCH_WAITS] = { "", STYLE_DIM },
	[BATCH_LOOKS] = { "preview", STYLE_PENDING },
	[BATCH_READY] = { "ready", STYLE_NORMAL },
	[BATCH_REFUSED] = { "can't", STYLE_WARN },
	[BATCH_RUNS] = { "running", STYLE_PENDING },
	[BATCH_DONE] = { "done", STYLE_OK },
	[BATCH_FAILED] = { "failed", STYLE_ERROR },
	[BATCH_NOT_BEGUN] = { "not begun", STYLE_WARN },
};

static const struct batch_entry *
entry(const void *rows, size_t row)
{
	return &((const struct batch *)rows)->v[row];
}

static size_t
count(const void *rows)
{
	return ((const struct batch *)rows)->n;
}

static const char *
id(const void *rows, size_t row)
{
	return entry(rows, row)->id;
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	const struct batch_entry *e = entry(rows, row);
	char progress[ACTION_PROGRESS];

	switch (column) {
	case COL_WHAT:
		(void)snprintf(c->text, sizeof(c->text), "%.*s",
		    LIST_CELL - 1, order_image(&e->order));
		break;
	case COL_STATE:
		(void)snprintf(c->text, sizeof(c->text), "%s",
		    states[e->state].name);
		c->style = states[e->state].style;
		break;
	case COL_WITH:
		(void)snprintf(c->text, sizeof(c->text), "%s", e->with);
		break;
	default:
		(void)snprintf(c->text, sizeof(c->text), "%s", e->said);
		if (e->state != BATCH_RUNS)
			break;
		action_progress(e->action, progress);
		(void)snprintf(c->text, sizeof(c->text), "%.*s",
		    LIST_CELL - 1, progress);
		c->cut = CUT_START;
	}
}

static int
compare(const void *rows, size_t a, size_t b, int column)
{
	(void)rows;
	(void)column;
	return (a > b) - (a < b);
}

#define ROWS(c) {							\
	.columns = c, .ncolumns = COL_COUNT, .count = count, .id = id,	\
	.cell = cell, .compare = compare,				\
}
static const struct list_source image_rows = ROWS(image_columns);
static const struct list_source domu_rows = ROWS(domu_columns);

const struct list_source *
batch_rows(const struct batch *b)
{
	return b->recipe->why_not != NULL ? &domu_rows : &image_rows;
}
