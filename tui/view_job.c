/*
 * An action: the command line that runs, its progress, and in the end what came
 * of it, with all that it printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/cipher.h"

struct job_view {
	struct pager	pager;		/* first: see view_ops.paged */
	struct action	*action;
	struct order	*preview;	/* NULL: an action of its own */
	bool		 asked;		/* what the preview asks */
};

static const enum cmd commands[] = {
	CMD_CLOSE, CMD_STOP, CMD_REKEY_PAUSE, CMD_REKEY_RESUME, CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_HELP,
	CMD_BACK, PAGING_COMMANDS,
};

static void
title(const void *state, char *buf, size_t cap)
{
	const struct job_view *v = state;

	(void)snprintf(buf, cap, "%s", v->action->running ? "job" : "result");
}

/* Did it leave the image half re-encrypted? */
static bool
paused(const struct model *m, const struct action *a)
{
	return a->pause != NULL && !a->running &&
	    cipher_can_resume(m, a->pause);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct job_view *v = state;

	switch (cmd) {
	case CMD_REKEY_PAUSE:
		return v->action->pause == NULL || !v->action->running ? "" :
		    NULL;
	case CMD_REKEY_RESUME:
		return paused(&app->model, v->action) ? NULL : "";
	case CMD_CLOSE:
	case CMD_SEARCH:
		return v->action->running ? "it still runs" : NULL;
	case CMD_STOP:
		return !v->action->running ? "" : v->action->stopping ?
		    "it was asked to stop already" : NULL;
	default:
		return NULL;
	}
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct job_view *v = state;
	struct action *a = v->action;

	switch (cmd) {
	case CMD_STOP:
		app->runner->stop(a);
		break;
	case CMD_REKEY_PAUSE:
		cipher_pause(app, a->pause);
		break;
	case CMD_REKEY_RESUME:
		cipher_resume(app, a->pause);
		break;
	case CMD_CLOSE:
		app_pop(app);
		break;
	case CMD_BACK:
		if (!a->changes && a->running)
			app->runner->stop(a);
		app_pop(app);
		break;
	default:
		break;
	}
}

static void
fill_question(struct text *t, const struct model *m, const void *data,
    int width)
{
	const struct job_view *v = data;

	(void)m;
	text_wrap(t, STYLE_NORMAL, 0, width, v->action->question);
	text_end(t);
	if (v->action->detail != NULL)
		text_wrap(t, STYLE_TITLE, 0, width, v->action->detail);
}

/* Yes: the preview once more, with the words that say so. */
static void
allow(struct app *app, void *data)
{
	const struct job_view *v = data;
	struct order o;

	order_copy(&o, v->preview);
	memcpy(o.answer, v->action->answer, sizeof(o.answer));
	app_pop(app);		/* v is gone */
	view_preview_run(app, &o);
	order_dispose(&o);
}

static const struct question question = { .title = "It asks", .yes = "Yes",
	.fill = fill_question, .run = allow };

static void
changed(struct app *app, void *state)
{
	struct job_view *v = state;
	struct order preview;
	struct action *a;

	if (!app_on_top(app, v) || v->action->running)
		return;
	/* What the status line would say stands on the screen. */
	app->message[0] = '\0';
	if (v->preview == NULL)
		return;
	if (v->action->status != 0) {
		if (v->action->question[0] != '\0' && !v->asked) {
			v->asked = true;
			view_confirm_open(app, &question, v);
		}
		return;
	}
	if (v->preview->recipe->nothing != NULL && v->action->out.p != NULL &&
	    strstr(v->action->out.p, v->preview->recipe->nothing) != NULL)
		return;
	order_copy(&preview, v->preview);
	a = action_ref(v->action);
	app_pop(app);
	if (preview.recipe->brief)
		view_ask_open(app, a, &preview);
	else
		view_preview_open(app, a, &preview);
	action_unref(a);
	order_dispose(&preview);
}

static void
running_text(struct text *t, const struct action *a, int width)
{
	char progress[ACTION_PROGRESS];
	unsigned permille;

	action_progress(a, progress);
	text_wrap(t, STYLE_PENDING, 0, width, a->stopping ?
	    a->pause != NULL ? "Stopping: it pauses where it can go on." :
	    "Stopping: it undoes what it began." :
	    progress[0] != '\0' ? progress : "Running.");
	if (a->total > 0) {
		permille = (unsigned)((double)a->done * 1000 /
		    (double)a->total);
		text_gauge(t, STYLE_PENDING, width > 60 ? 50 : width - 10,
		    permille);
		text_line(t, STYLE_NORMAL, " %3u%%", permille / 10);
	}
	text_end(t);
	if (a->changes)
		text_wrap(t, STYLE_DIM, 0, width, "You can leave this screen, "
		    "and drydock: the command goes on.");
}

/* The exit status in words; see drydock(8). */
static const char *
outcome(const struct model *m, const struct action *a)
{
	if (a->status == 0 && paused(m, a))
		return "Paused.";
	if (a->stopping && a->status != 0)
		return "Cancelled.";
	switch (a->status) {
	case 0:
		return "Done.";
	case 3:
		return "Failed, and something is left to be recovered.";
	case 4:
		return "Not well, and as it was before.";
	case 5:
		return "Partly done: what is finished stands.";
	case -1:
		return "Failed.";
	default:
		return "Failed: nothing was changed.";
	}
}

/* Does the line only repeat what the result says already? */
static bool
repeats(const struct action *a, const char *line, size_t len)
{
	static const char *const heads[] = { "drydock: ", "hint: " };
	const char *said[] = { a->message, a->hint };
	size_t i, n;

	for (i = 0; i < 2; i++) {
		n = strlen(heads[i]);
		if (len == n + strlen(said[i]) && said[i][0] != '\0' &&
		    strncmp(line, heads[i], n) == 0 &&
		    strncmp(line + n, said[i], len - n) == 0)
			return true;
	}
	return false;
}

static void
printed_errors(struct text *t, const struct action *a)
{
	size_t at, len, left;
	const char *p, *nl;

	for (at = 0; at < a->err.len; at += len + 1) {
		p = a->err.p + at;
		left = a->err.len - at;
		nl = memchr(p, '\n', left);
		len = nl == NULL ? left : (size_t)(nl - p);
		if (!repeats(a, p, len))
			text_content(t, p, len + (nl != NULL), NULL);
	}
}

static void
result_text(struct text *t, const struct model *m, const struct action *a,
    int width)
{
	text_line(t, a->status == 0 ? STYLE_OK : a->stopping ? STYLE_WARN :
	    STYLE_ERROR, "%s", outcome(m, a));
	if (a->message[0] != '\0')
		text_wrap(t, STYLE_NORMAL, 0, width, a->message);
	if (a->hint[0] != '\0') {
		text_end(t);
		text_wrap(t, STYLE_TITLE, 0, width, a->hint);
	}
	text_end(t);
	printed_errors(t, a);
	text_content(t, a->out.p, a->out.len, NULL);
	if (a->cut)
		text_wrap(t, STYLE_WARN, 0, width, "-- it said more, which is "
		    "not kept; in a shell the same command says all");
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct job_view *v = state;
	struct text *t = &v->pager.text;

	text_reset(t);
	text_add(t, STYLE_DIM, "$ ");
	text_wrap(t, STYLE_DIM, 2, cols - 2, v->action->command);
	text_end(t);
	if (v->action->running)
		running_text(t, v->action, cols - 2);
	else
		result_text(t, m, v->action, cols - 2);
	pager_layout(&v->pager, rows - 1, cols - 2);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct job_view *v = state;

	(void)m;
	paging_render(&v->pager, c, r, v->action->title);
}

static void
dispose(void *state)
{
	struct job_view *v = state;

	pager_dispose(&v->pager);
	action_unref(v->action);
	if (v->preview != NULL)
		order_dispose(v->preview);
	free(v->preview);
	free(v);
}

const struct view_ops job_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.passing = true, .paged = true, .title = title, .why_not = why_not,
	.command = command, .changed = changed, .layout = layout,
	.render = render, .free = dispose,
};

static void
open_job(struct app *app, struct action *a, const struct order *preview)
{
	struct job_view *v = calloc(1, sizeof(*v));

	if (v != NULL && preview != NULL &&
	    (v->preview = malloc(sizeof(*preview))) != NULL)
		order_copy(v->preview, preview);
	if (v == NULL || (preview != NULL && v->preview == NULL)) {
		app_say_nomem(app);
		free(v);
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	v->action = action_ref(a);
	(void)app_push(app, &job_ops, v);
}

void
view_job_open(struct app *app, struct action *a)
{
	open_job(app, a, NULL);
}

void
view_job_preview(struct app *app, struct action *a,
    const struct order *preview)
{
	open_job(app, a, preview);
}
