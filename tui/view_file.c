/*
 * A file of an image, as drydock cat printed it: text in the pager, whose
 * canvas escapes what is no text; and bytes where it is none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "tui/browser.h"

#define HEX_MAX		(64 * 1024)	/* bytes that are shown as such */
#define PER_LINE	16

struct file_view {
	struct pager	pager;		/* first: see view_ops.paged */
	struct action	*action;	/* the cat */
	char		*name;		/* fit for a screen */
	uint64_t	size;
	bool		bytes;		/* it is shown as bytes */
	int		filled;		/* width that it is made for; 0: not */
};

static const enum cmd commands[] = {
	CMD_BYTES, CMD_SEARCH, CMD_NEXT, CMD_PREV, CMD_HELP, CMD_BACK,
	PAGING_COMMANDS,
};

static void
title(const void *state, char *buf, size_t cap)
{
	(void)snprintf(buf, cap, "%s",
	    ((const struct file_view *)state)->name);
}

static const char *
why_not(const struct app *app, const void *state, enum cmd cmd)
{
	const struct file_view *v = state;

	(void)app;
	return v->action->running && (cmd == CMD_BYTES || cmd == CMD_SEARCH) ?
	    "it is still being read" : NULL;
}

static void
command(struct app *app, void *state, enum cmd cmd)
{
	struct file_view *v = state;

	if (cmd == CMD_BYTES) {
		v->bytes = !v->bytes;
		v->filled = 0;
	} else if (cmd == CMD_BACK || cmd == CMD_LEFT) {
		if (v->action->running)
			app->runner->stop(v->action);
		app_pop(app);
	}
}

/* As most would say: a zero byte, or many controls that text does not have. */
static bool
is_binary(const struct buf *b)
{
	const size_t n = b->len < 8192 ? b->len : 8192;
	size_t i, odd = 0;

	for (i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)b->p[i];

		if (c == 0)
			return true;
		odd += c < ' ' && strchr("\t\n\r\f\b\033", c) == NULL;
	}
	return odd > n / 10;
}

/* 00000010  7f 45 4c 46 ...  |.ELF|; half of that, or a quarter, a line where
 * it is short. */
static void
fill_bytes(struct text *t, const struct buf *b, int width)
{
	const size_t n = b->len < HEX_MAX ? b->len : HEX_MAX;
	char hex[PER_LINE * 3 + 2], text[PER_LINE + 1];
	size_t at, i, left, per = PER_LINE;

	while (per > 4 && (int)(14 + per * 4) > width)
		per /= 2;
	for (at = 0; at < n; at += per) {
		left = n - at < per ? n - at : per;
		memset(hex, ' ', sizeof(hex));
		for (i = 0; i < left; i++) {
			const unsigned char c = (unsigned char)b->p[at + i];
			char *to = hex + i * 3 + (i >= PER_LINE / 2);

			to[0] = "0123456789abcdef"[c >> 4];
			to[1] = "0123456789abcdef"[c & 15];
			text[i] = c >= ' ' && c < 0x7f ? (char)c : '.';
		}
		hex[per * 3 + (per > PER_LINE / 2)] = text[left] = '\0';
		text_add(t, STYLE_DIM, "%08zx  ", at);
		text_add(t, STYLE_NORMAL, "%s", hex);
		text_line(t, STYLE_TITLE, "|%s|", text);
	}
}

static void
fill_failed(struct text *t, const struct action *a, int width)
{
	text_wrap(t, STYLE_ERROR, 0, width, a->message[0] != '\0' ?
	    a->message : "the file could not be read");
	if (a->hint[0] != '\0')
		text_wrap(t, STYLE_DIM, 0, width, a->hint);
	text_end(t);
}

static void
fill(struct file_view *v, int width)
{
	const struct action *a = v->action;
	struct text *t = &v->pager.text;
	char shown[UNITS_MAX], size[UNITS_MAX];
	size_t part = v->bytes ? HEX_MAX : FILE_VIEW_MAX;

	if (v->filled == width)
		return;
	text_reset(t);
	if (a->running) {
		text_line(t, STYLE_PENDING, "reading %s", v->name);
		text_line(t, STYLE_DIM, "Esc ends the waiting");
		return;
	}
	v->filled = width;
	if (a->status != 0)
		fill_failed(t, a, width);
	if (v->bytes)
		fill_bytes(t, &a->out, width);
	else
		text_content(t, a->out.p, a->out.len, NULL);
	if (a->status == 0 && v->size == 0)
		text_line(t, STYLE_DIM, "the file is empty");
	if (v->size > part && a->status == 0)
		text_line(t, STYLE_WARN, "-- the first %s of %s; c in the list "
		    "copies it out", units_format(shown, part),
		    units_format(size, v->size));
}

static void
changed(struct app *app, void *state)
{
	struct file_view *v = state;

	(void)app;
	if (!v->action->running && v->filled == 0)
		v->bytes = is_binary(&v->action->out);
}

static void
layout(const struct model *m, void *state, int rows, int cols)
{
	struct file_view *v = state;

	(void)m;
	fill(v, cols - 2);
	pager_layout(&v->pager, rows - 1, cols - 2);
}

static void
render(const struct model *m, const void *state, struct canvas *c,
    struct rect r)
{
	const struct file_view *v = state;
	char line[INPUT_MAX], size[UNITS_MAX];

	(void)m;
	(void)snprintf(line, sizeof(line), "%s, %s", v->name,
	    units_format(size, v->size));
	paging_render(&v->pager, c, r, line);
}

static void
dispose(void *state)
{
	struct file_view *v = state;

	pager_dispose(&v->pager);
	action_unref(v->action);
	free(v->name);
	free(v);
}

const struct view_ops file_ops = {
	.commands = commands,
	.ncommands = sizeof(commands) / sizeof(commands[0]),
	.paged = true, .title = title, .why_not = why_not,
	.command = command, .changed = changed, .layout = layout,
	.render = render, .free = dispose,
};

void
view_file_open(struct app *app, struct action *a, const char *name,
    uint64_t size)
{
	struct file_view *v = calloc(1, sizeof(*v));

	if (v == NULL || (v->name = strdup(name)) == NULL) {
		free(v);
		app_say_nomem(app);
		return;
	}
	pager_init(&v->pager, app->model.utf8);
	v->action = action_ref(a);
	v->size = size;
	(void)app_push(app, &file_ops, v);
}
