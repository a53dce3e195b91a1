/*
 * The host: what Xen has of it, the file systems that images lie on, devices
 * that are made of images, and what drydock itself has there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "tui/host_made.h"
#include "tui/input.h"
#include "tui/space.h"
#include "tui/views.h"

struct host_view {
	struct pager	 pager;		/* first: see view_ops.paged */
	struct space	*spaces;
	size_t		 nspaces;
	unsigned	 ticket;	/* of the look at them; 0: none */
	bool		 looked;	/* they were */
	struct host_devices_said *said;
	struct action	*reading;	/* drydock devices, or NULL */
	char		 why[INPUT_MAX];	/* it failed */
	unsigned	 changes;	/* the model's, then */
	bool		 asked;
};

static const enum cmd commands[] = {
	CMD_REFRESH, CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_JOBS, CMD_HISTORY,
	CMD_HELP, CMD_BACK, PAGING_COMMANDS,
};

static void
title(const void *state, char *buf, size_t cap)
{
	(void)state;
	(void)snprintf(buf, cap, "host");
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	(void)state;
	return cmd == CMD_JOBS && model_job(&app->model) == NULL ?
	    "no job was started yet" : NULL;
}

/* -- reading ------------------------------------------------------------- */

static void
stop(struct app *app, struct host_view *v)
{
	if (v->reading != NULL)
		app->runner->stop(v->reading);
	action_unref(v->reading);
	v->reading = NULL;
}

static void
ask(struct app *app, struct host_view *v)
{
	static const char *const words[] = { "devices", "--json", NULL };
	struct dd_err e = DD_ERR_INIT;
	struct space_look *l;

	v->asked = true;
	v->changes = app->model.changes;
	stop(app, v);
	v->why[0] = '\0';
	v->reading = app_run(app, "devices", false, words, &e);
	if (v->reading == NULL)
		(void)snprintf(v->why, sizeof(v->why), "%s", e.msg);
	if (app->model.fleet == NULL)
		return;
	if ((l = space_look_new(app->model.fleet)) == NULL)
		app_say_nomem(app);
	else
		v->ticket = app_look(app, &l->look);
}

static void
take(struct host_view *v)
{
	struct action *a = v->reading;

	v->reading = NULL;
	host_devices_free(v->said);
	v->said = a->status == 0 ? host_devices_parse(&a->out) : NULL;
	if (v->said == NULL)
		(void)snprintf(v->why, sizeof(v->why), "%s", a->message[0] !=
		    '\0' ? a->message : "the devices can't be told");
	action_unref(a);
}

static void
changed(struct app *app, void *state)
{
	struct host_view *v = state;

	if (v->reading != NULL && !v->reading->running)
		take(v);
	if (!v->asked || v->changes != app->model.changes)
		ask(app, v);
}

static bool
looked(struct app *app, void *state, struct look *look)
{
	struct space_look *l = (struct space_look *)look;
	struct host_view *v = state;

	(void)app;
	if (look->ticket != v->ticket)
		return false;
	v->ticket = 0;
	v->looked = true;
	spaces_free(v->spaces, v->nspaces);
	v->spaces = l->v;
	v->nspaces = l->n;
	l->v = NULL;
	l->n = 0;
	return true;
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct host_view *v = state;

	switch (cmd) {
	case CMD_REFRESH:
		app->model.loading = app->want_refresh = true;
		ask(app, v);
		break;
	case CMD_JOBS:
		view_jobs_open(app);
		break;
	case CMD_HISTORY:
		view_history_open(app, NULL);
		break;
	case CMD_BACK:
	case CMD_LEFT:
		stop(app, v);
		app_pop(app);
		break;
	default:
		break;
	}
}

/* -- what it says -------------------------------------------------------- */

#define NAME_COL	12
#define GAUGE		16
#define NARROW		60

static void
name(struct text *t, const char *s)
{
	text_add(t, STYLE_DIM, " %s", s);
	text_tab(t, NAME_COL);
}

/* A gauge of how much of all is used, and its figures. */
static void
gauge(struct text *t, uint64_t free, uint64_t all, int width)
{
	const int permille = all == 0 ? 0 : (int)((double)(all > free ? all -
	    free : 0) * 1000 / (double)all);
	char one[UNITS_MAX], two[UNITS_MAX];

	text_gauge(t, describe_fill_style(permille), width < NARROW ? 8 :
	    GAUGE, (unsigned)permille);
	text_add(t, STYLE_NORMAL, " %3d%%  %s%s%s free", permille / 10,
	    units_format(one, free), width < NARROW ? "" : " of ",
	    width < NARROW ? "" : units_format(two, all));
}

static void
fill_xen(struct text *t, const struct model *m, int width)
{
	const struct xen_host *h = m->fleet == NULL ? NULL : &m->fleet->host;
	const char *words = model_xen(m);
	size_t i, running = 0;
	uint64_t memory = 0;
	char buf[UNITS_MAX];

	name(t, "Xen");
	if (words != NULL)
		text_line(t, STYLE_WARN, "%s", words);
	else if (h == NULL || h->cpus == 0)
		text_line(t, STYLE_DIM, "nothing is known yet");
	else {
		text_line(t, STYLE_NORMAL, "%s, %u CPU%s", h->version,
		    h->cpus, h->cpus == 1 ? "" : "s");
		name(t, "memory");
		gauge(t, h->free, h->memory, width);
		text_end(t);
	}
	if (m->fleet == NULL)
		return;
	for (i = 0; i < m->fleet->ndomus; i++) {
		if (m->fleet->domus[i].id == 0)
			continue;
		running++;
		memory += m->fleet->domus[i].memory;
	}
	name(t, "domUs");
	text_add(t, STYLE_NORMAL, "%zu, %zu of them running",
	    m->fleet->ndomus, running);
	if (running > 0)
		text_add(t, STYLE_NORMAL, " with %s",
		    units_format(buf, memory));
	text_end(t);
}

static void
fill_spaces(struct text *t, const struct host_view *v, int width)
{
	const struct space *s;
	char buf[UNITS_MAX];
	size_t i;

	text_end(t);
	text_line(t, STYLE_TITLE, "File systems that hold images");
	if (!v->looked)
		text_line(t, STYLE_PENDING, " looking");
	else if (v->nspaces == 0)
		text_line(t, STYLE_DIM, " there is no image");
	for (i = 0; i < v->nspaces; i++) {
		s = &v->spaces[i];
		text_add(t, STYLE_NORMAL, " %s", s->at);
		if (t->col >= NAME_COL)
			text_end(t);
		text_tab(t, NAME_COL);
		if (s->error != NULL) {
			text_line(t, STYLE_ERROR, "%s", s->error);
			continue;
		}
		gauge(t, s->free, s->size, width);
		if (width < NARROW) {
			text_end(t);
			text_tab(t, NAME_COL);
		} else
			text_add(t, STYLE_NORMAL, ", ");
		text_line(t, STYLE_DIM, "%s by %zu image%s",
		    units_format(buf, s->taken), s->images,
		    s->images == 1 ? "" : "s");
	}
}

static void
fill_device(struct text *t, const struct host_device *d, int width)
{
	text_add(t, d->stale[0] != '\0' ? STYLE_WARN : STYLE_NORMAL, " %s%s",
	    d->upon ? "  " : "", d->name);
	text_tab(t, NAME_COL + 6);
	text_wrap(t, STYLE_NORMAL, NAME_COL + 6, width, d->image[0] != '\0' ?
	    d->image : "of what is not known");
	if (d->holders[0] != '\0') {
		text_tab(t, NAME_COL + 6);
		text_wrap(t, STYLE_HELD, NAME_COL + 6, width, d->holders);
	}
	if (d->stale[0] != '\0') {
		text_tab(t, NAME_COL + 6);
		text_wrap(t, STYLE_WARN, NAME_COL + 6, width, d->stale);
	}
}

static void
fill_room(struct text *t, const struct host_devices_said *s)
{
	if (s->kind[0] == '\0')
		return;
	name(t, s->kind);
	if (s->all > 0)
		text_line(t, s->used >= s->all ? STYLE_WARN : STYLE_NORMAL,
		    "%u of %u used", s->used, s->all);
	else
		text_line(t, STYLE_NORMAL, "%u used, more are made as needed",
		    s->used);
}

static void
fill_devices(struct text *t, const struct host_view *v, int width)
{
	const struct host_devices_said *s = v->said;
	size_t i;

	text_end(t);
	text_line(t, STYLE_TITLE, "Devices made of images");
	if (v->reading != NULL)
		text_line(t, STYLE_PENDING, " asking the kernel");
	if (v->why[0] != '\0')
		text_wrap(t, STYLE_ERROR, 1, width, v->why);
	if (s == NULL)
		return;
	fill_room(t, s);
	if (s->n == 0)
		text_line(t, STYLE_DIM, " none");
	for (i = 0; i < s->n; i++)
		fill_device(t, &s->v[i], width);
	if (s->nrecords == 0)
		return;
	text_end(t);
	text_line(t, STYLE_TITLE, "What drydock has made");
	for (i = 0; i < s->nrecords; i++) {
		text_tab(t, 1);
		text_wrap(t, s->records[i].alive ? STYLE_NORMAL : STYLE_WARN,
		    3, width, s->records[i].what);
	}
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct host_view *v = state;
	struct text *t = &v->pager.text;

	text_reset(t);
	fill_xen(t, m, cols - 2);
	fill_spaces(t, v, cols - 2);
	fill_devices(t, v, cols - 2);
	pager_layout(&v->pager, rows - 1, cols - 2);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct host_view *v = state;

	paging_render(&v->pager, c, r, m->host);
}

static void
dispose(void *state)
{
	struct host_view *v = state;

	pager_dispose(&v->pager);
	spaces_free(v->spaces, v->nspaces);
	host_devices_free(v->said);
	action_unref(v->reading);
	free(v);
}

const struct view_ops host_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.paged = true, .title = title, .why_not = why_not,
	.command = command, .changed = changed, .looked = looked,
	.layout = layout, .render = render, .free = dispose,
};

void
view_host_open(struct app *app)
{
	struct host_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	(void)app_push(app, &host_ops, v);
}
