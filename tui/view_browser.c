/* The files inside an image: a list to walk through, to look into files, and to
 * copy out.  Nothing is ever written to the image from here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/vis.h"
#include "tui/columns.h"
#include "tui/browser.h"

static const enum cmd commands[] = {
	CMD_OPEN, CMD_UP_DIR, CMD_COPY_OUT, CMD_FILTER, CMD_UNFILTER,
	CMD_SORT, CMD_REFRESH, CMD_JOBS, CMD_HELP, CMD_BACK, CMD_UP, CMD_DOWN,
	CMD_LEFT, CMD_RIGHT, CMD_PAGE_UP, CMD_PAGE_DOWN, CMD_HOME, CMD_END,
	CMD_REVERSE,
};

const struct file_row *
browser_selected(const struct browser *v)
{
	size_t row;

	return v->files == NULL || !list_selected(&v->list, &row) ? NULL :
	    &v->files->v[row];
}

bool
browser_path(const struct browser *v, const char *name,
    char path[BROWSER_PATH])
{
	/* what a symlink led to has its whole path for a name */
	const char *dir = name[0] == '/' ? "" : v->dir;
	const size_t n = strlen(dir);

	return (size_t)snprintf(path, BROWSER_PATH, "%s%s%s", dir,
	    n > 0 && dir[n - 1] != '/' ? "/" : "", name) < BROWSER_PATH;
}

static void
title(const void *state, char *buf, size_t cap)
{
	const struct browser *v = state;
	char dir[256];

	vis_str(dir, sizeof(dir), v->dir);
	(void)snprintf(buf, cap, "%s > %s", v->name, dir);
}

static void
where(const void *state, char *buf, size_t cap)
{
	const struct list *l = &((const struct browser *)state)->list;

	if (l->n > (size_t)l->page)
		(void)snprintf(buf, cap, "%zu/%zu", l->sel + 1, l->n);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct browser *v = state;

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
	case CMD_COPY_OUT:
		return v->checking != NULL ? "it looks what the copy would "
		    "replace" : browser_selected(v) == NULL ?
		    "no file is selected" : NULL;
	case CMD_FILTER:
	case CMD_SORT:
	case CMD_REVERSE:
		return v->files == NULL ? "nothing was read yet" : NULL;
	case CMD_UNFILTER:
		return v->list.filter[0] == '\0' ? "" : NULL;
	case CMD_UP_DIR:
		return strcmp(v->dir, "/") == 0 ? "this is the top" : NULL;
	case CMD_JOBS:
		return model_job(&app->model) == NULL ?
		    "no job was started yet" : NULL;
	default:
		return NULL;
	}
}

static void
up(struct app *app, struct browser *v)
{
	char dir[BROWSER_PATH], *slash;

	(void)snprintf(dir, sizeof(dir), "%s", v->dir);
	if ((slash = strrchr(dir, '/')) == NULL)
		return;
	browser_stop(app, v);
	v->select = strdup(slash + 1);
	slash[slash == dir] = '\0';
	browser_read(app, v, dir);
}

static void
enter(struct app *app, struct browser *v)
{
	static const char *const words[] = { "cat", "-m", FILE_VIEW_TEXT,
	    NULL };
	const struct file_row *f = browser_selected(v);
	char path[BROWSER_PATH], what[INPUT_MAX];
	struct action *a;

	browser_stop(app, v);
	if (!browser_path(v, f->name, path)) {
		app_say(app, STYLE_WARN, "its path is too long");
		return;
	}
	if (f->mode[0] == 'd' || f->mode[0] == 'l') {
		browser_read(app, v, path);
		return;
	}
	if (f->mode[0] != '-') {
		app_say(app, STYLE_WARN, "%s is no file and no directory",
		    f->shown);
		return;
	}
	(void)snprintf(what, sizeof(what), "cat of %s", f->shown);
	a = browser_run(app, v, what, false, words, path, NULL);
	if (a != NULL)
		view_file_open(app, a, f->shown, f->size);
	action_unref(a);
}

static void
ask_target(struct app *app, struct browser *v)
{
	const struct file_row *f = browser_selected(v);
	char cwd[INPUT_MAX - 1], text[INPUT_MAX];

	/* The list may be another one when the answer is there. */
	if (!browser_path(v, f->name, v->source)) {
		app_say(app, STYLE_WARN, "its path is too long");
		return;
	}
	v->whole = f->mode[0] == 'd';
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		cwd[0] = '\0';
	(void)snprintf(text, sizeof(text), "%s/", strcmp(cwd, "/") == 0 ? "" :
	    cwd);
	v->prompt = BROWSER_COPIES;
	app_prompt(app, "copy to ", text);
}

static void
set_filter(struct app *app, struct browser *v, const char *text)
{
	struct dd_err e = DD_ERR_INIT;

	if (list_filter(&v->list, text, &e) == -1)
		app_say_error(app, &e);
}

static void
prompted(struct app *app, void *state, const char *text,
    enum prompt_step step)
{
	struct browser *v = state;

	if (v->prompt == BROWSER_FILTERS)
		set_filter(app, v, step == PROMPT_CANCELLED ? "" : text);
	else if (step == PROMPT_ACCEPTED)
		browser_copy(app, v, text);
}

static void
sort(struct app *app, struct browser *v, enum cmd cmd)
{
	struct dd_err e = DD_ERR_INIT;

	if ((cmd == CMD_SORT ? list_sort_next(&v->list, &e) :
	    list_sort_reverse(&v->list, &e)) == -1)
		app_say_error(app, &e);
	else
		app_say(app, STYLE_DIM, "sorted by %s%s",
		    file_rows.columns[v->list.sort].title,
		    v->list.reverse ? ", reversed" : "");
}

/* Esc first ends what is waited for. */
static void
back(struct app *app, struct browser *v)
{
	if (((v->reading != NULL || v->read != NULL) && v->files != NULL) ||
	    v->checking != NULL) {
		browser_stop(app, v);
		app_say(app, STYLE_DIM, "not waited for any longer");
	} else {
		browser_stop(app, v);
		app_pop(app);
	}
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct browser *v = state;

	switch (cmd) {
	case CMD_OPEN:
	case CMD_RIGHT:
		enter(app, v);
		break;
	case CMD_UP_DIR:
		up(app, v);
		break;
	case CMD_LEFT:
		if (strcmp(v->dir, "/") == 0 || v->files == NULL)
			back(app, v);
		else
			up(app, v);
		break;
	case CMD_COPY_OUT:
		ask_target(app, v);
		break;
	case CMD_FILTER:
		v->prompt = BROWSER_FILTERS;
		app_prompt(app, "/", v->list.filter);
		break;
	case CMD_UNFILTER:
		set_filter(app, v, "");
		break;
	case CMD_SORT:
	case CMD_REVERSE:
		sort(app, v, cmd);
		break;
	case CMD_REFRESH:
		browser_stop(app, v);
		v->select = browser_selected(v) == NULL ? NULL :
		    strdup(browser_selected(v)->shown);
		browser_read(app, v, v->dir);
		break;
	case CMD_JOBS:
		view_jobs_open(app);
		break;
	case CMD_BACK:
		back(app, v);
		break;
	default:
		(void)list_command(&v->list, cmd);
	}
}

static void
fill_head(struct browser *v, int width)
{
	struct text *t = &v->head;
	char wanted[INPUT_MAX], only[64];

	text_reset(t);
	if (v->written)
		text_wrap(t, STYLE_HELD, 0, width, "A domU is at work on the "
		    "image: what is shown may be stale.");
	if (v->why[0] != '\0')
		text_wrap(t, STYLE_ERROR, 0, width, v->why);
	if (v->hint[0] != '\0')
		text_wrap(t, STYLE_DIM, 0, width, v->hint);
	if (v->files != NULL && v->files->cut) {
		(void)snprintf(only, sizeof(only), "Only the first %zu names "
		    "are shown.", v->files->n);
		text_wrap(t, STYLE_WARN, 0, width, only);
	}
	vis_str(wanted, sizeof(wanted), v->wanted);
	if (v->reading != NULL || v->read != NULL || v->ticket != 0) {
		text_add(t, STYLE_PENDING, "reading %s", wanted);
		text_line(t, STYLE_DIM, "  Esc ends the waiting");
	}
	if (v->checking != NULL && v->checking->running)
		text_line(t, STYLE_PENDING, "looking what the copy would "
		    "replace");
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct browser *v = state;

	(void)m;
	fill_head(v, cols - 2);
	list_layout(&v->list, rows - 1 - (int)v->head.nlines);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct browser *v = state;
	const int head = (int)v->head.nlines;
	char dir[BROWSER_PATH];
	int i;

	(void)m;
	vis_str(dir, sizeof(dir), v->dir);
	chrome_title(c, r, dir, v->image);
	for (i = 0; i < head && i < r.rows - 1; i++)
		text_draw(&v->head, (size_t)i, c, r.y + 1 + i, r.x + 1,
		    r.cols - 2, 0, NULL);
	r.y += 1 + head;
	r.rows -= 1 + head;
	if (v->files == NULL || r.rows < 2)
		return;
	list_render(&v->list, c, (struct rect){ r.y, r.x + 1, r.rows,
	    r.cols - 2 });
	if (v->list.n == 0)
		(void)canvas_text(c, r.y + 1, r.x + 3, r.cols - 3, STYLE_DIM,
		    v->list.filter[0] != '\0' ? "no name matches the filter" :
		    "the directory is empty");
}

static void
dispose(void *state)
{
	struct browser *v = state;

	action_unref(v->reading);
	action_unref(v->read);
	action_unref(v->checking);
	list_dispose(&v->list);
	files_free(v->files);
	text_dispose(&v->head);
	secret_free(&v->passphrase);
	free(v->select);
	free(v->name);
	free(v->image);
	free(v->params);
	free(v);
}

static struct list *
list_of(void *state)
{
	return &((struct browser *)state)->list;
}

const struct view_ops browser_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.list = list_of,
	.title = title, .where = where, .why_not = why_not,
	.command = command, .prompted = prompted,
	.changed = browser_changed, .looked = browser_looked,
	.layout = layout, .render = render, .free = dispose,
};

void
view_browser_open(struct app *app, const struct browse *b)
{
	struct browser *v = calloc(1, sizeof(*v));

	if (v != NULL) {
		list_init(&v->list, &file_rows, app->model.utf8);
		columns_apply(app->model.config, &v->list);
		v->list.sort = FILE_COL_NAME;
		v->head.utf8 = app->model.utf8;
		v->name = strdup(b->name);
		v->image = strdup(b->image);
		v->params = b->params != NULL ? strdup(b->params) : NULL;
		v->part[0] = b->part;
		v->written = b->written;
		(void)strcpy(v->dir, "/");
	}
	if (v == NULL || v->name == NULL || v->image == NULL ||
	    (b->params != NULL && v->params == NULL)) {
		app_say_nomem(app);
		if (v != NULL)
			dispose(v);
		return;
	}
	if (app_push(app, &browser_ops, v))
		browser_read(app, v, "/");
}
