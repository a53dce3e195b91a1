/* All that is known of one domU, in a pager, and one of its disks selected; found
 * anew in each snapshot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/views.h"

struct domu_view {
	struct pager	pager;	/* first: see view_ops.paged */
	char		*id;
	char		*name;
	size_t		disk;	/* the one selected */
	size_t		*lines;	/* where each begins */
	size_t		nlines;
	bool		moved;	/* it is to be on the screen */
};

static const enum cmd commands[] = {
	CMD_FILES, CMD_NEXT_DISK, DOMU_COMMANDS, CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_HISTORY, CMD_REFRESH,
	CMD_HELP, CMD_BACK, CMD_PREV_DISK, PAGING_COMMANDS,
};

static const struct fleet_domu *
find(const struct model *m, const struct domu_view *v)
{
	size_t i;

	for (i = 0; m->fleet != NULL && i < m->fleet->ndomus; i++)
		if (strcmp(domu_id(&m->fleet->domus[i]), v->id) == 0)
			return &m->fleet->domus[i];
	return NULL;
}

static void
title(const void *state, char *buf, size_t cap)
{
	const struct domu_view *v = state;

	(void)snprintf(buf, cap, "%s", v->name);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct domu_view *v = state;
	const struct fleet_domu *d = find(&app->model, v);

	switch (cmd) {
	case CMD_NEXT_DISK:
	case CMD_PREV_DISK:
		return d == NULL || d->ndisks < 2 ? "it has no other disk" :
		    NULL;
	case CMD_FILES:
		return d == NULL || v->disk >= d->ndisks ?
		    "it has no disk" : d->disks[v->disk].image == NULL ?
		    "the disk has no image" :
		    d->disks[v->disk].image->missing ?
		    "the image is missing" : NULL;
	default:
		return domu_why_not(&app->model, d, cmd);
	}
}

static void
open_files(struct app *app, const struct domu_view *v,
    const struct fleet_domu *d)
{
	const struct fleet_disk *disk = &d->disks[v->disk];
	char name[INPUT_MAX];
	struct browse b = { .name = name, .image = disk->image->path,
	    .params = disk->params != NULL ? disk->params :
	    disk->image->params, .written = describe_is_written(
	    app->model.fleet, disk->image) };

	/* the partition of an encrypted one is inside */
	if (b.params == NULL)
		b.part = disk->image->part;
	(void)snprintf(name, sizeof(name), "%s > %s", v->name,
	    disk->role != ROLE_OTHER ? fleet_role_name(disk->role) :
	    disk->vdev != NULL ? disk->vdev : "disk");
	view_browser_open(app, &b);
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct domu_view *v = state;
	const struct fleet_domu *d = find(&app->model, v);

	if (domu_command(app, d, cmd))
		return;
	switch (cmd) {
	case CMD_NEXT_DISK:
	case CMD_PREV_DISK:
		v->disk = (v->disk + (cmd == CMD_NEXT_DISK ? 1 :
		    d->ndisks - 1)) % d->ndisks;
		v->moved = true;
		break;
	case CMD_FILES:
		open_files(app, v, d);
		break;
	case CMD_HISTORY:
		view_history_open(app, ((struct domu_view *)state)->name);
		break;
	case CMD_BACK:
	case CMD_LEFT:
		app_pop(app);
		break;
	case CMD_REFRESH:
		app->model.loading = app->want_refresh = true;
		break;
	default:
		break;
	}
}

/* Room for a line number of each disk; false: out of memory. */
static bool
room(struct domu_view *v, size_t n)
{
	size_t *lines = realloc(v->lines, (n + 1) * sizeof(*lines));

	if (lines == NULL)
		return false;
	v->lines = lines;
	v->nlines = n;
	return true;
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	const struct fleet_domu *d;
	struct domu_view *v = state;
	struct pager *p = &v->pager;

	text_reset(&p->text);
	v->nlines = 0;
	if ((d = find(m, v)) == NULL)
		text_line(&p->text, STYLE_WARN, "This domU is gone: its "
		    "configuration was removed or renamed.");
	else if (room(v, d->ndisks))
		describe_full(&p->text, m, d, cols - 2, v->lines);
	if (v->disk >= v->nlines)
		v->disk = 0;
	if (v->moved && v->nlines > 0)
		p->top = v->lines[v->disk];
	v->moved = false;
	pager_layout(p, rows - 1, cols - 2);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct domu_view *v = state;
	size_t line;

	(void)m;
	paging_render(&v->pager, c, r, v->name);
	if (v->nlines == 0)
		return;
	line = v->lines[v->disk];
	if (line >= v->pager.top &&
	    line < v->pager.top + (size_t)v->pager.rows)
		canvas_select(c, (struct rect){ r.y + 1 +
		    (int)(line - v->pager.top), r.x + 1, 1, r.cols - 2 });
}

static void
dispose(void *state)
{
	struct domu_view *v = state;

	pager_dispose(&v->pager);
	free(v->lines);
	free(v->id);
	free(v->name);
	free(v);
}

const struct view_ops domu_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.paged = true, .title = title, .why_not = why_not,
	.command = command, .layout = layout, .render = render,
	.free = dispose,
};

void
view_domu_open(struct app *app, const struct fleet_domu *d)
{
	struct domu_view *v = calloc(1, sizeof(*v));

	if (v != NULL) {
		pager_init(&v->pager, app->model.utf8);
		v->id = strdup(domu_id(d));
		v->name = strdup(d->name);
	}
	if (v == NULL || v->id == NULL || v->name == NULL) {
		app_say_nomem(app);
		if (v != NULL)
			dispose(v);
		return;
	}
	(void)app_push(app, &domu_ops, v);
}
