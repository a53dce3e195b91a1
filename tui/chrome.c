/*
 * The frame around every view: header in row 0, status in the last row but
 * one, keys in the last; and the order in which all is drawn.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/units.h"
#include "tui/bar.h"
#include "tui/views.h"

/* What a title adds to that of the view below, which may be its beginning. */
static const char *
added(const char *below, const char *title)
{
	static const char between[] = " > ";
	const size_t n = strlen(below);

	return n > 0 && strncmp(title, below, n) == 0 &&
	    strncmp(title + n, between, sizeof(between) - 1) == 0 ?
	    title + n + sizeof(between) - 1 : title;
}

/* " drydock > web1 > prepare root" */
static int
header_path(const struct app *app, struct canvas *c)
{
	char title[256], below[256] = "";
	const struct view *v;
	size_t i;
	int x;

	x = canvas_text(c, 0, 1, c->cols, STYLE_HEADER, "drydock") + 1;
	for (i = 0; i < app->depth; i++) {
		v = &app->stack[i];
		title[0] = '\0';
		if (v->ops->title != NULL)
			v->ops->title(v->state, title, sizeof(title));
		if (title[0] == '\0')
			continue;
		x += canvas_text(c, 0, x, c->cols - x, STYLE_HEADER, " > ");
		x += canvas_text(c, 0, x, c->cols - x, STYLE_HEADER,
		    added(below, title));
		memcpy(below, title, sizeof(below));
	}
	return x;
}

/* What is to be said of Xen: what we wait for, or why it is not asked, or what
 * the machine has; in room columns, shorter where they are few. */
static void
xen_note(const struct model *m, char *note, size_t cap, int room)
{
	const struct xen_host *h = &m->fleet->host;
	const char *words = model_xen(m);
	char memory[UNITS_MAX], free_memory[UNITS_MAX];

	note[0] = '\0';
	if (words != NULL) {
		(void)snprintf(note, cap, "%s", words);
		return;
	}
	if (h->cpus == 0)
		return;
	(void)units_format(free_memory, h->free);
	(void)snprintf(note, cap, "Xen %s, %u CPU%s, %s of %s free",
	    h->version, h->cpus, h->cpus == 1 ? "" : "s", free_memory,
	    units_format(memory, h->memory));
	if (canvas_width(m->utf8, note) > room)
		(void)snprintf(note, cap, "%s free", free_memory);
}

/* Right to left, each where there is room for it. */
static void
header_notes(const struct model *m, struct canvas *c, int left)
{
	char notes[3][256] = { "", "", "" };
	size_t i;
	int x = c->cols, n;

	if (m->fleet != NULL) {
		n = snprintf(notes[0], sizeof(notes[0]), "%zu domU%s",
		    m->fleet->ndomus, m->fleet->ndomus == 1 ? "" : "s");
		if (m->errors > 0)
			n += snprintf(notes[0] + n, sizeof(notes[0]) -
			    (size_t)n, "  %s %zu", severity_sign(SEV_ERROR),
			    m->errors);
		if (m->warnings > 0)
			(void)snprintf(notes[0] + n, sizeof(notes[0]) -
			    (size_t)n, "  %s %zu", severity_sign(SEV_WARNING),
			    m->warnings);
		xen_note(m, notes[1], sizeof(notes[1]), x - left - 5 -
		    canvas_width(c->utf8, notes[0]) -
		    canvas_width(c->utf8, m->host));
	}
	(void)snprintf(notes[2], sizeof(notes[2]), "%s", m->host);
	for (i = 0; i < 3; i++) {
		n = canvas_width(c->utf8, notes[i]);
		if (x - n - 2 < left + 1)
			break;
		if (n == 0)
			continue;
		x -= n + 1;
		(void)canvas_text(c, 0, x, n, STYLE_HEADER, notes[i]);
		x--;
	}
}

static void
job_status(const struct action *a, struct canvas *c, int y, int width)
{
	char text[512];
	unsigned percent;

	if (a->total > 0) {
		percent = (unsigned)((double)a->done * 100 /
		    (double)a->total);
		(void)snprintf(text, sizeof(text), "%s: %u %%, %s shows it",
		    a->title, percent, command_key(CMD_JOB));
	} else
		(void)snprintf(text, sizeof(text), "%s: running, %s shows it",
		    a->title, command_key(CMD_JOB));
	(void)canvas_text(c, y, 1, width, STYLE_PENDING, text);
}

/* The job that runs, if the view on top can show it. */
static const struct action *
job_elsewhere(const struct app *app)
{
	const struct view_ops *ops = app->stack[app->depth - 1].ops;
	const struct action *job = model_job(&app->model);
	size_t i;

	for (i = 0; job != NULL && job->running && i < ops->ncommands; i++)
		if (ops->commands[i] == CMD_JOB)
			return job;
	return NULL;
}

/* At the right end of the status line; returns the columns left for text. */
static int
position(const struct app *app, struct canvas *c, int y)
{
	const struct view *v = &app->stack[app->depth - 1];
	char where[64] = "";
	int n;

	if (v->ops->where != NULL)
		v->ops->where(v->state, where, sizeof(where));
	n = (int)strlen(where);
	(void)canvas_text(c, y, c->cols - n - 1, n, STYLE_DIM, where);
	return c->cols - 2 - (n > 0 ? n + 1 : 0);
}

static void
status(const struct app *app, struct canvas *c, int y)
{
	const struct action *job = job_elsewhere(app);
	int x, width = position(app, c, y);

	if (app->prompt.active && app->prompt.offers.len > 0) {
		canvas_fill(c, (struct rect){ y - 1, 0, 1, c->cols },
		    STYLE_BAR);
		(void)canvas_text(c, y - 1, 1, c->cols - 1, STYLE_BAR,
		    app->prompt.offers.p);
	}
	if (app->prompt.active) {
		x = canvas_text(c, y, 1, c->cols, STYLE_KEY,
		    app->prompt.label);
		input_render(&app->prompt.input, c, y, x + 1,
		    width - x, true);
	} else if (app->message[0] != '\0')
		(void)canvas_text(c, y, 1, width, app->message_style,
		    app->message);
	else if (job != NULL)
		job_status(job, c, y, width);
	else if (app->model.loading && app->model.fleet != NULL)
		(void)canvas_text(c, y, 1, width, STYLE_DIM,
		    "reading the fleet");
}

static void
too_small(const struct app *app, struct canvas *c)
{
	const struct action *job = model_job(&app->model);
	char text[128];

	(void)snprintf(text, sizeof(text), "%dx%d is too small", c->cols,
	    c->rows);
	(void)canvas_text(c, 0, 0, c->cols, STYLE_WARN, text);
	(void)snprintf(text, sizeof(text), "drydock wants %dx%d",
	    APP_MIN_COLS, APP_MIN_ROWS);
	(void)canvas_text(c, 1, 0, c->cols, STYLE_NORMAL, text);
	if (job != NULL && job->running)
		(void)canvas_text(c, 2, 0, c->cols, STYLE_PENDING,
		    "the job goes on");
}

void
chrome_title(struct canvas *c, struct rect r, const char *title,
    const char *note)
{
	const int wide = canvas_width(c->utf8, note);
	int x = r.x + 1, end = r.x + r.cols - 1, n;

	/* The title may take what a third of the line for the note, and the
	 * rule with its blanks, leave; then the note, or its end, what the
	 * title left. */
	canvas_hline(c, r.y, r.x, r.cols, STYLE_FRAME);
	n = r.cols - 4;
	if (wide > 0)
		n -= 3 + (wide < r.cols / 3 ? wide : r.cols / 3);
	canvas_fill(c, (struct rect){ r.y, x, 1, 1 }, STYLE_NORMAL);
	x += 1 + canvas_text(c, r.y, x + 1, n, STYLE_TITLE, title);
	canvas_fill(c, (struct rect){ r.y, x, 1, 1 }, STYLE_NORMAL);
	if (wide == 0)
		return;
	n = end - x - 4 < wide ? end - x - 4 : wide;
	canvas_fill(c, (struct rect){ r.y, end - n - 2, 1, n + 2 },
	    STYLE_DIM);
	(void)canvas_cut(c, r.y, end - n - 1, n, STYLE_DIM, CUT_START, note);
}

/* The lowest view that shows; dialogs stand over others. */
static size_t
lowest(const struct app *app)
{
	size_t i = app->depth - 1;

	while (i > 0 && app->stack[i].ops->overlay)
		i--;
	return i;
}

void
app_render(struct app *app, struct canvas *c)
{
	struct rect body = { 1, 0, c->rows - 3, c->cols };
	struct view *v;
	size_t i;

	app->small = c->rows < APP_MIN_ROWS || c->cols < APP_MIN_COLS;
	if (app->small) {
		too_small(app, c);
		return;
	}
	for (i = lowest(app); i < app->depth; i++) {
		v = &app->stack[i];
		c->cursor_y = -1;
		c->cursor_shown = false;
		if (v->ops->layout != NULL)
			v->ops->layout(&app->model, v->state, body.rows,
			    body.cols);
		v->ops->render(&app->model, v->state, c, body);
	}
	canvas_fill(c, (struct rect){ 0, 0, 1, c->cols }, STYLE_HEADER);
	header_notes(&app->model, c, header_path(app, c));
	status(app, c, c->rows - 2);
	bar_render(app, c, c->rows - 1);
}
