/*
 * The form of a recipe: which images, and what they are to become.  It ends in
 * a preview, never in a change.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "tui/complete.h"
#include "tui/views.h"

#define LABEL_COLS	12
#define ABOUT_ROWS	5	/* so many at least, before fields get blanks */

struct prepare_view {
	const struct recipe *recipe;
	struct input	field[RECIPE_FIELDS];
	char		note[RECIPE_FIELDS][512];
	enum style	note_style[RECIPE_FIELDS];
	bool		is_new;		/* the image is missing, and is made */
	size_t		focus;
	struct buf	names;		/* what could complete the path */
	struct text	about;
};

static const enum cmd commands[] = {
	CMD_PREVIEW, CMD_COMPLETE, CMD_NEXT_FIELD, CMD_HELP, CMD_BACK,
	CMD_PREV_FIELD,
};

static void
title(const void *state, char *buf, size_t cap)
{
	const struct prepare_view *v = state;

	(void)snprintf(buf, cap, "%s", v->recipe->title);
}

static void
set_note(struct prepare_view *v, size_t field, enum style style,
    const char *text)
{
	(void)snprintf(v->note[field], sizeof(v->note[field]), "%s", text);
	v->note_style[field] = style;
}

static bool
asked(const struct prepare_view *v, size_t field)
{
	return v->is_new ||
	    (v->recipe->field[field].flags & FIELD_FOR_NEW) == 0;
}

/* Say under a field what its path leads to, or what it is for. */
static void
look(const struct model *m, struct prepare_view *v, size_t field)
{
	const struct recipe_field *f = &v->recipe->field[field];
	const char *path = v->field[field].text;
	const struct fleet_image *image;
	struct buf b = BUF_INIT;
	char size[UNITS_MAX];
	struct stat st;
	bool made;

	if ((f->flags & FIELD_MADE) != 0)
		v->is_new = false;
	set_note(v, field, STYLE_DIM, f->note != NULL ? f->note : "");
	if (*path == '\0' || (f->flags & FIELD_PATH) == 0)
		return;
	if (stat(path, &st) == -1) {
		made = errno == ENOENT && (f->flags & FIELD_MADE) != 0;
		v->is_new |= made;
		if (made)
			set_note(v, field, STYLE_DIM, "is not there: it will "
			    "be made");
		else
			set_note(v, field, STYLE_WARN, strerror(errno));
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		set_note(v, field, STYLE_WARN, "a folder: Tab lists it");
		return;
	}
	(void)buf_str(&b, units_format(size, (uint64_t)st.st_size));
	if ((image = image_of_path(m->fleet, path)) != NULL) {
		(void)buf_str(&b, ", used by ");
		(void)describe_users(m->fleet, image, NULL, 6, &b);
	}
	if (!b.failed)
		set_note(v, field, STYLE_DIM, b.p);
	buf_dispose(&b);
}

static void
complete(struct app *app, struct prepare_view *v)
{
	struct input *in = &v->field[v->focus];
	struct buf more = BUF_INIT;
	char head[INPUT_MAX];
	size_t n;

	(void)snprintf(head, sizeof(head), "%.*s", (int)in->cur, in->text);
	buf_reset(&v->names);
	n = complete_path(head, &more, &v->names);
	if (n == 0)
		app_say(app, STYLE_WARN, "nothing begins like that");
	if (more.len > 0)
		input_insert(in, more.p, more.len);
	if (n == 1)
		buf_reset(&v->names);
	buf_dispose(&more);
	look(&app->model, v, v->focus);
}

/* by: fields to go on; one before is all but one. */
static void
move(struct app *app, struct prepare_view *v, size_t by)
{
	look(&app->model, v, v->focus);
	buf_reset(&v->names);
	do {
		v->focus = (v->focus + by) % v->recipe->nfields;
	} while (!asked(v, v->focus));
}

/* false: something is missing, which is said. */
static bool
take(struct app *app, struct prepare_view *v, struct order *o)
{
	const struct recipe *r = v->recipe;
	size_t i;

	*o = (struct order){ .recipe = r };
	for (i = 0; i < r->nfields; i++)
		look(&app->model, v, i);
	for (i = 0; i < r->nfields; i++) {
		if (!asked(v, i))
			continue;
		if (v->field[i].len == 0 &&
		    (r->field[i].flags & FIELD_OPTIONAL) == 0) {
			v->focus = i;
			app_say(app, STYLE_WARN, "%s: a %s is missing",
			    r->field[i].label,
			    (r->field[i].flags & FIELD_PATH) != 0 ? "path" :
			    "value");
			return false;
		}
		order_set(o, i, v->field[i].text);
	}
	return true;
}

static void
preview(struct app *app, struct prepare_view *v)
{
	struct order o;

	if (take(app, v, &o))
		view_preview_run(app, &o);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct prepare_view *v = state;

	(void)app;
	return cmd == CMD_COMPLETE && (v->recipe->field[v->focus].flags &
	    FIELD_PATH) == 0 ? "only paths are completed" : NULL;
}

static bool
key(struct app *app, void *state, uint32_t k)
{
	struct prepare_view *v = state;

	(void)app;
	if (!input_key(&v->field[v->focus], k))
		return false;
	set_note(v, v->focus, STYLE_DIM, "");
	buf_reset(&v->names);
	return true;
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct prepare_view *v = state;

	switch (cmd) {
	case CMD_PREVIEW:
		preview(app, v);
		break;
	case CMD_COMPLETE:
		complete(app, v);
		break;
	case CMD_NEXT_FIELD:
		move(app, v, 1);
		break;
	case CMD_PREV_FIELD:
		move(app, v, v->recipe->nfields - 1);
		break;
	case CMD_BACK:
		app_pop(app);
		break;
	default:
		break;
	}
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct prepare_view *v = state;
	struct text *t = &v->about;

	(void)m;
	(void)rows;
	text_reset(t);
	if (v->names.len > 0) {
		text_wrap(t, STYLE_NORMAL, 0, cols - 4, v->names.p);
		return;
	}
	text_wrap(t, STYLE_DIM, 0, cols - 4, v->recipe->about);
	text_end(t);
	text_wrap(t, STYLE_DIM, 0, cols - 4, "The preview shows each change "
	    "before anything is written.");
}

/* The field to begin with, so that the one being typed in is among those that
 * have room. */
static size_t
first_shown(const struct prepare_view *v, int room)
{
	size_t i = v->focus;

	while (i > 0 && (room -= asked(v, i)) > 0)
		i--;
	return i;
}

static void
render_field(const struct prepare_view *v, size_t i, struct canvas *c,
    struct rect r)
{
	const int x = r.x + LABEL_COLS, width = r.cols - LABEL_COLS;
	const bool focused = v->focus == i;

	(void)canvas_text(c, r.y, r.x, LABEL_COLS, focused ? STYLE_TITLE :
	    STYLE_NORMAL, v->recipe->field[i].label);
	input_render(&v->field[i], c, r.y, x, width, focused);
	(void)canvas_text(c, r.y + 1, x, width, v->note_style[i], v->note[i]);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct prepare_view *v = state;
	const int n = (int)v->recipe->nfields;
	const int step = r.rows >= 2 + 3 * n + ABOUT_ROWS ? 3 : 2;
	int y = r.y + 2;
	size_t i;

	(void)m;
	chrome_title(c, r, v->recipe->heading, "");
	for (i = first_shown(v, (r.rows - 2) / step); i < v->recipe->nfields &&
	    y + 1 < r.y + r.rows; i++) {
		if (!asked(v, i))
			continue;
		render_field(v, i, c, (struct rect){ y, r.x + 2, 2,
		    r.cols - 4 });
		y += step;
	}
	for (i = 0; i < v->about.nlines && y < r.y + r.rows; i++)
		text_draw(&v->about, i, c, y++, r.x + 2, r.cols - 4, 0, NULL);
}

static void
dispose(void *state)
{
	struct prepare_view *v = state;

	buf_dispose(&v->names);
	text_dispose(&v->about);
	free(v);
}

static const struct view_ops prepare_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.passing = true, .title = title, .why_not = why_not, .key = key,
	.command = command, .layout = layout, .render = render,
	.free = dispose,
};

/* What is known goes in; the focus goes to the first field whose value the
 * domU did not tell. */
static void
fill(const struct model *m, struct prepare_view *v,
    const struct fleet_domu *d)
{
	const struct recipe *r = v->recipe;
	const struct recipe_field *f;
	const char *known;
	size_t i;

	v->focus = r->nfields;
	for (i = 0; i < r->nfields; i++) {
		f = &r->field[i];
		known = d == NULL || f->of_domu == NULL ? NULL : f->of_domu(d);
		input_set(&v->field[i], known != NULL ? known :
		    f->preset != NULL ? f->preset : "");
		look(m, v, i);
		if (known == NULL && v->focus == r->nfields && asked(v, i))
			v->focus = i;
	}
	if (v->focus == r->nfields)
		v->focus = 0;
}

void
view_prepare_open(struct app *app, const struct recipe *recipe,
    const struct fleet_domu *d)
{
	struct prepare_view *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	v->recipe = recipe;
	v->about.utf8 = app->model.utf8;
	fill(&app->model, v, d);
	(void)app_push(app, &prepare_ops, v);
}
