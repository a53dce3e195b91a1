/*
 * Several domUs, one after the other: all previews, one question, then the jobs
 * until one fails; what is asked of domUs themselves has no preview, and goes
 * on to the last.  The table says of each what came of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/batch.h"
#include "tui/views.h"

#define ONE_BY_ONE	"One after the other; where one fails the rest is " \
	"not begun."
#define ONE_BY_ONE_ON	"One after the other; where one fails the rest goes " \
	"on."

enum phase { LOOKING, ASKING, RUNNING, ENDED };

struct batch_view {
	struct list	 list;
	struct batch	*batch;
	enum phase	 phase;
	size_t		 at;		/* the entry whose child runs */
	bool		 asked;
	struct question	 q;
	char		 title[64];
};

static const enum cmd commands[] = {
	CMD_APPLY, CMD_CLOSE, CMD_STOP, CMD_HELP, CMD_BACK, CMD_UP, CMD_DOWN,
	CMD_PAGE_UP, CMD_PAGE_DOWN, CMD_HOME, CMD_END,
};

static void
title(const void *state, char *buf, size_t cap)
{
	(void)snprintf(buf, cap, "%s of several",
	    ((const struct batch_view *)state)->batch->recipe->title);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct batch_view *v = state;

	(void)app;
	switch (cmd) {
	case CMD_APPLY:
		return v->phase == ASKING ? NULL : "";
	case CMD_CLOSE:
		return v->phase == ENDED ? NULL : v->phase == ASKING ? "" :
		    "it still runs";
	case CMD_STOP:
		return v->phase == RUNNING ? NULL : "";
	case CMD_BACK:
		return v->phase == RUNNING ? "jobs run one after the other: c "
		    "stops them" : NULL;
	default:
		return NULL;
	}
}

/* -- one child after the other ------------------------------------------- */

static bool
begin(struct app *app, struct batch_entry *b, bool job)
{
	const char *words[RECIPE_WORDS + 3];
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX + 32];

	(void)snprintf(what, sizeof(what), "%s of %s", b->order.recipe->title,
	    order_image(&b->order));
	if (job)
		order_carry_out(&b->order, b->order.recipe->why_not != NULL ?
		    NULL : b->plan, words);
	else
		order_preview(&b->order, words);
	action_unref(b->action);
	b->action = app_run(app, what, job, words, &e);
	b->state = job ? BATCH_RUNS : BATCH_LOOKS;
	if (b->action != NULL)
		return true;
	b->state = job ? BATCH_FAILED : BATCH_REFUSED;
	(void)snprintf(b->said, sizeof(b->said), "%.*s", LIST_CELL - 1,
	    e.msg);
	return false;
}

/* What the first line of its output says, behind the image's name; or why it
 * failed. */
static void
take_said(struct batch_entry *b)
{
	const struct action *a = b->action;
	const char *name = order_image(&b->order);
	const char *s = a->status != 0 ? a->message : a->out.p != NULL ?
	    a->out.p : "";
	size_t n = strlen(name);

	if (strncmp(s, name, n) == 0 && strncmp(s + n, ": ", 2) == 0)
		s += n + 2;
	(void)snprintf(b->said, sizeof(b->said), "%.*s",
	    (int)strcspn(s, "\n") < LIST_CELL ? (int)strcspn(s, "\n") :
	    LIST_CELL - 1, s);
}

static void
ended(struct batch_entry *b)
{
	take_said(b);
	if (b->state == BATCH_RUNS) {
		b->state = b->action->status == 0 ? BATCH_DONE :
		    BATCH_FAILED;
		return;
	}
	b->state = b->action->status == 0 && b->action->plan[0] != '\0' ?
	    BATCH_READY : BATCH_REFUSED;
	(void)snprintf(b->plan, sizeof(b->plan), "%s", b->action->plan);
}

/* The next entry in that state begins; false: there is none. */
static bool
begin_next(struct app *app, struct batch_view *v, enum batch_state state)
{
	struct batch *b = v->batch;

	for (v->at = 0; v->at < b->n; v->at++)
		if (b->v[v->at].state == state) {
			if (begin(app, &b->v[v->at], state == BATCH_READY))
				return true;
			if (state == BATCH_READY)
				return false;
		}
	return false;
}

/* After a failure nothing more begins. */
static void
stop_here(struct batch_view *v)
{
	size_t i;

	for (i = 0; i < v->batch->n; i++)
		if (v->batch->v[i].state == BATCH_READY)
			v->batch->v[i].state = BATCH_NOT_BEGUN;
	v->phase = ENDED;
}

/* Does what came of those before keep the next from beginning? */
static bool
stops(const struct batch_view *v)
{
	const struct batch *b = v->batch;
	const struct action *last = v->at < b->n ? b->v[v->at].action : NULL;

	return b->recipe->why_not == NULL ?
	    batch_count(b, BATCH_FAILED) > 0 :
	    last != NULL && last->stopping;
}

static void
go_on(struct app *app, struct batch_view *v)
{
	struct batch *b = v->batch;

	if (v->phase == LOOKING && !begin_next(app, v, BATCH_WAITS))
		v->phase = batch_count(b, BATCH_READY) > 0 ? ASKING : ENDED;
	else if (v->phase == RUNNING && (stops(v) ||
	    !begin_next(app, v, BATCH_READY)))
		stop_here(v);
}

/* -- the question -------------------------------------------------------- */

/* Who else uses it, and who takes it at the next start. */
static void
put_more(struct text *t, const char *s, int width)
{
	const char *end;
	char line[512];

	for (; s != NULL && *s != '\0'; s = end + (*end == '\n')) {
		end = s + strcspn(s, "\n");
		if (strncmp(s, "  used ", 7) != 0 &&
		    strncmp(s, "  takes ", 8) != 0)
			continue;
		(void)snprintf(line, sizeof(line), "%.*s", (int)(end - s) - 2,
		    s + 2);
		text_add(t, STYLE_NORMAL, "  ");
		text_wrap(t, STYLE_NORMAL, 2, width, line);
	}
}

static void
fill(struct text *t, const struct model *m, const void *data, int width)
{
	const struct batch *b = ((const struct batch_view *)data)->batch;
	const struct recipe *r = b->recipe;
	const struct batch_entry *e;
	size_t i, f;

	(void)m;
	for (f = 0; f < r->nfields; f++)
		if (f != r->image && b->v[0].order.value[f][0] != '\0') {
			text_add(t, STYLE_DIM, "%s: ", r->field[f].label);
			text_wrap(t, STYLE_NORMAL, 2, width,
			    b->v[0].order.value[f]);
		}
	for (i = 0; i < b->n; i++) {
		e = &b->v[i];
		text_add(t, STYLE_TITLE, "%s: ", order_image(&e->order));
		text_wrap(t, e->state == BATCH_READY ? STYLE_NORMAL :
		    STYLE_WARN, 2, width, e->said);
		if (e->state == BATCH_READY && e->action != NULL)
			put_more(t, e->action->out.p, width);
	}
	text_end(t);
	text_wrap(t, STYLE_NORMAL, 0, width, r->why_not != NULL ?
	    ONE_BY_ONE_ON : ONE_BY_ONE);
	text_wrap(t, STYLE_NORMAL, 0, width, r->warning);
}

static void
run(struct app *app, void *data)
{
	struct batch_view *v = data;

	v->phase = RUNNING;
	go_on(app, v);
}

static void
ask(struct app *app, struct batch_view *v)
{
	const struct recipe *r = v->batch->recipe;
	const size_t n = batch_count(v->batch, BATCH_READY);

	v->asked = true;
	(void)snprintf(v->title, sizeof(v->title), "%s %zu %s%s?",
	    r->yes, n, r->why_not != NULL ? "domU" : "image",
	    n == 1 ? "" : "s");
	v->q = (struct question){ .title = v->title,
	    .yes = r->yes, .yes_first = r->undoable, .fill = fill,
	    .run = run };
	view_confirm_open(app, &v->q, v);
}

/* -- the view ------------------------------------------------------------ */

static void
changed(struct app *app, void *state)
{
	struct batch_view *v = state;
	struct batch_entry *b = v->at < v->batch->n ? &v->batch->v[v->at] :
	    NULL;
	struct dd_err e = DD_ERR_INIT;

	if (b != NULL && (b->state == BATCH_LOOKS ||
	    b->state == BATCH_RUNS) && !b->action->running) {
		ended(b);
		go_on(app, v);
	}
	if (list_update(&v->list, v->batch, &e) == -1)
		app_say_error(app, &e);
	if (v->phase == ASKING && !v->asked && app_on_top(app, v))
		ask(app, v);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct batch_view *v = state;

	switch (cmd) {
	case CMD_APPLY:
		ask(app, v);
		break;
	case CMD_STOP:
		app->runner->stop(v->batch->v[v->at].action);
		break;
	case CMD_CLOSE:
		app_pop_passing(app);
		break;
	case CMD_BACK:
		if (v->phase == LOOKING)
			app->runner->stop(v->batch->v[v->at].action);
		app_pop(app);
		break;
	default:
		(void)list_command(&v->list, cmd);
	}
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	(void)m;
	(void)cols;
	list_layout(&((struct batch_view *)state)->list, rows - 3);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct batch_view *v = state;
	const bool domus = v->batch->recipe->why_not != NULL;
	const char *const says[] = { [LOOKING] = "Looking at what would "
	    "change; nothing is written.", [ASKING] = domus ?
	    "Nothing is asked of them yet." : "Nothing is written yet.",
	    [RUNNING] = domus ? ONE_BY_ONE_ON : ONE_BY_ONE,
	    [ENDED] = "Ended." };
	char note[64] = "";

	(void)m;
	if (v->phase >= RUNNING)
		(void)snprintf(note, sizeof(note), "%zu of %zu done",
		    batch_count(v->batch, BATCH_DONE), v->batch->n);
	chrome_title(c, r, v->batch->recipe->heading, note);
	(void)canvas_text(c, r.y + 1, r.x + 1, r.cols - 2, v->phase == ENDED ?
	    STYLE_TITLE : STYLE_DIM, says[v->phase]);
	list_render(&v->list, c, (struct rect){ r.y + 3, r.x + 1, r.rows - 3,
	    r.cols - 2 });
}

static void
dispose(void *state)
{
	struct batch_view *v = state;

	list_dispose(&v->list);
	batch_free(v->batch);
	free(v);
}

const struct view_ops batch_ops = {
	.passing = true, .commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.title = title, .why_not = why_not, .command = command,
	.changed = changed, .layout = layout, .render = render,
	.free = dispose,
};

void
view_batch_open(struct app *app, struct batch *b)
{
	struct batch_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		batch_free(b);
		return;
	}
	list_init(&v->list, batch_rows(b), app->model.utf8);
	v->list.sort = -1;	/* they stay in their order */
	v->batch = b;
	go_on(app, v);
	(void)app_push(app, &batch_ops, v);
}
