/*
 * The form for prepare root: which image, which kernel.  It ends in a preview,
 * never in a change.
 */
#include <sys/stat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "tui/complete.h"
#include "tui/views.h"

#define DEFAULT_KERNEL	"netbsd-XENU"
#define LABEL_COLS	10

enum { FIELD_IMAGE, FIELD_KERNEL, FIELD_COUNT };

static const char *const labels[FIELD_COUNT] = { "Image", "Kernel" };

struct prepare_view {
	struct input	field[FIELD_COUNT];
	char		note[FIELD_COUNT][512];
	enum style	note_style[FIELD_COUNT];
	int		focus;
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
	(void)state;
	(void)snprintf(buf, cap, "prepare root");
}

static void
set_note(struct prepare_view *v, int field, enum style style,
    const char *text)
{
	(void)snprintf(v->note[field], sizeof(v->note[field]), "%s", text);
	v->note_style[field] = style;
}

/* Say under a field what its path leads to. */
static void
look(const struct model *m, struct prepare_view *v, int field)
{
	const char *path = v->field[field].text;
	const struct fleet_image *image = NULL;
	struct buf b = BUF_INIT;
	char size[UNITS_MAX];
	struct stat st;

	set_note(v, field, STYLE_DIM, "");
	if (*path == '\0')
		return;
	if (stat(path, &st) == -1) {
		set_note(v, field, STYLE_WARN, strerror(errno));
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		set_note(v, field, STYLE_WARN, "a folder: Tab lists it");
		return;
	}
	(void)buf_str(&b, units_format(size, (uint64_t)st.st_size));
	if (field == FIELD_IMAGE)
		image = image_of_path(m->fleet, path);
	if (image != NULL) {
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

static void
move(struct app *app, struct prepare_view *v, int by)
{
	look(&app->model, v, v->focus);
	buf_reset(&v->names);
	v->focus = (v->focus + FIELD_COUNT + by) % FIELD_COUNT;
}

/* A path that begins with '-' must not become an option. */
static void
plain_path(char *dst, size_t cap, const char *path)
{
	(void)snprintf(dst, cap, "%s%s", *path == '-' ? "./" : "", path);
}

static void
preview(struct app *app, struct prepare_view *v)
{
	struct prepare p;
	const char *const args[] = { "prepare", "root", p.image, "-k",
	    p.kernel, "--dry-run", NULL };
	struct dd_err e = DD_ERR_INIT;
	char what[INPUT_MAX + 32];
	struct action *a;
	int i;

	for (i = 0; i < FIELD_COUNT; i++) {
		look(&app->model, v, i);
		if (v->field[i].len == 0) {
			v->focus = i;
			app_say(app, STYLE_WARN, "%s: a path is missing",
			    labels[i]);
			return;
		}
	}
	plain_path(p.image, sizeof(p.image), v->field[FIELD_IMAGE].text);
	plain_path(p.kernel, sizeof(p.kernel), v->field[FIELD_KERNEL].text);
	(void)snprintf(what, sizeof(what), "preview of %s", p.image);
	if ((a = app_run(app, what, false, args, &e)) == NULL) {
		app_say_error(app, &e);
		return;
	}
	view_job_preview(app, a, &p);
	action_unref(a);
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
		move(app, v, -1);
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
	text_wrap(t, STYLE_DIM, 0, cols - 4, "Makes a full NetBSD install "
	    "in the image fit to be a shared, read-only root: /dev in "
	    "memory, the hook in /etc/rc that mounts /local, the kernel "
	    "as /netbsd.");
	text_end(t);
	text_wrap(t, STYLE_DIM, 0, cols - 4, "The preview shows each change "
	    "before anything is written.");
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct prepare_view *v = state;
	int i, y = r.y + 2, x = r.x + 2 + LABEL_COLS;
	int width = r.cols - LABEL_COLS - 4;

	(void)m;
	chrome_title(c, r, "Prepare a root image", "");
	for (i = 0; i < FIELD_COUNT; i++) {
		(void)canvas_text(c, y, r.x + 2, LABEL_COLS,
		    v->focus == i ? STYLE_TITLE : STYLE_NORMAL, labels[i]);
		input_render(&v->field[i], c, y, x, width, v->focus == i);
		(void)canvas_text(c, y + 1, x, width, v->note_style[i],
		    v->note[i]);
		y += r.rows > 12 ? 3 : 2;
	}
	for (i = 0; (size_t)i < v->about.nlines && y < r.y + r.rows; i++)
		text_draw(&v->about, (size_t)i, c, y++, r.x + 2, r.cols - 4,
		    0, NULL);
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
	.title = title, .key = key, .command = command, .layout = layout,
	.render = render, .free = dispose,
};

void
view_prepare_open(struct app *app, const struct fleet_domu *d)
{
	struct prepare_view *v = calloc(1, sizeof(*v));
	const struct fleet_disk *disk = NULL;
	const char *image = "";

	if (v == NULL) {
		app_say_nomem(app);
		return;
	}
	if (d != NULL)
		disk = fleet_disk_of(d, ROLE_ROOT);
	if (disk != NULL && disk->image != NULL)
		image = disk->image->path;
	v->about.utf8 = app->model.utf8;
	input_set(&v->field[FIELD_IMAGE], image);
	input_set(&v->field[FIELD_KERNEL], DEFAULT_KERNEL);
	v->focus = *image == '\0' ? FIELD_IMAGE : FIELD_KERNEL;
	look(&app->model, v, FIELD_IMAGE);
	look(&app->model, v, FIELD_KERNEL);
	(void)app_push(app, &prepare_ops, v);
}
