/* Choosing a file; see chooser.h.  The looks stand in chooser_look.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "tui/chooser.h"

enum { COL_NAME, COL_SIZE, COL_WHAT, COL_COUNT };

static const struct list_column columns[COL_COUNT] = {
	[COL_NAME] = { "FILE", .min = 16, .max = 40, .rank = 0 },
	[COL_SIZE] = { "SIZE", .min = 8, .max = 8, .rank = 2, .right = true },
	[COL_WHAT] = { "WHAT IT IS", .min = 12, .rank = 1 },
};

static const struct choice *
choice(const void *rows, size_t row)
{
	return &((const struct choices *)rows)->v[row];
}

static size_t
count(const void *rows)
{
	return ((const struct choices *)rows)->n;
}

static const char *
id(const void *rows, size_t row)
{
	return choice(rows, row)->name;
}

static void
cell(const void *rows, size_t row, int column, struct list_cell *c)
{
	const struct choice *f = choice(rows, row);
	char size[UNITS_MAX];

	switch (column) {
	case COL_NAME:
		(void)snprintf(c->text, sizeof(c->text), "%s%s", f->name,
		    f->folder ? "/" : "");
		break;
	case COL_SIZE:
		if (!f->folder)
			(void)snprintf(c->text, sizeof(c->text), "%s",
			    units_format(size, f->size));
		break;
	default:
		(void)snprintf(c->text, sizeof(c->text), "%s", f->known ?
		    f->what : "...");
		c->style = f->known ? f->style : STYLE_DIM;
	}
}

static int
compare(const void *rows, size_t a, size_t b, int column)
{
	(void)column;
	return strcmp(choice(rows, a)->name, choice(rows, b)->name);
}

static bool
match(const void *rows, size_t row, const char *filter)
{
	return strncmp(choice(rows, row)->name, filter, strlen(filter)) == 0;
}

static const struct list_source source = {
	.columns = columns, .ncolumns = COL_COUNT, .count = count, .id = id,
	.cell = cell, .compare = compare, .match = match,
};

void
chooser_init(struct chooser *c, bool utf8)
{
	*c = (struct chooser){ .active = false };
	list_init(&c->list, &source, utf8);
	c->list.unmarked = true;
}

void
chooser_dispose(struct chooser *c)
{
	list_dispose(&c->list);
	choices_free(c->files);
	free(c->folder);
}

/* The bytes of the folder in a path, with its slash. */
static size_t
folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* Ask what the first one on the screen is that nobody knows of. */
static void
ask_kind(struct app *app, struct chooser *c)
{
	size_t i, row, last = c->list.top + (size_t)c->list.page;
	struct kind_look *l;
	char path[INPUT_MAX];

	if (c->kind_ticket != 0 || c->files == NULL)
		return;
	for (i = c->list.top; i < c->list.n && i < last; i++) {
		row = c->list.order[i];
		if (c->files->v[row].known)
			continue;
		(void)snprintf(path, sizeof(path), "%s%s", c->folder,
		    c->files->v[row].name);
		if ((l = kind_look_new(path)) == NULL)
			return;
		c->kind_of = row;
		c->kind_ticket = app_look(app, &l->look);
		return;
	}
}

static void
show(struct app *app, struct chooser *c, struct choices *files)
{
	struct dd_err e = DD_ERR_INIT;

	if (list_update(&c->list, files, &e) == -1)
		app_say_error(app, &e);
	choices_free(c->files);
	c->files = files;
	c->kind_ticket = 0;	/* an answer would be about another list */
}

static void
open_folder(struct app *app, struct chooser *c, const char *path, size_t len)
{
	struct folder_look *l;

	free(c->folder);
	if ((c->folder = strndup(path, len)) == NULL ||
	    (l = folder_look_new(c->folder)) == NULL) {
		app_say_nomem(app);
		return;
	}
	c->why[0] = '\0';
	show(app, c, NULL);
	c->folder_ticket = app_look(app, &l->look);
}

static void
to_first(struct chooser *c)
{
	free(c->list.sel_id);
	c->list.sel_id = NULL;
	c->list.sel = c->list.top = 0;
}

void
chooser_typed(struct app *app, struct chooser *c, const char *path)
{
	size_t len = folder_len(path);
	struct dd_err e = DD_ERR_INIT;

	c->active = false;
	c->list.unmarked = true;
	if (c->folder == NULL || strlen(c->folder) != len ||
	    strncmp(c->folder, path, len) != 0)
		open_folder(app, c, path, len);
	if (list_filter(&c->list, path + len, &e) == -1)
		app_say_error(app, &e);
	to_first(c);
	ask_kind(app, c);
}

static void
activate(struct chooser *c, bool active)
{
	size_t row;

	c->active = active && c->list.n > 0;
	c->list.unmarked = !c->active;
	/* Nobody begins by going up. */
	if (c->active && c->list.sel == 0 && c->list.n > 1 &&
	    list_selected(&c->list, &row) &&
	    strcmp(c->files->v[row].name, "..") == 0)
		c->list.sel = 1;
}

/* The folder, which ends in a slash, without its last component. */
static void
go_up(const char *folder, char *path, size_t cap)
{
	size_t n = strlen(folder), start;

	while (n > 0 && folder[n - 1] == '/')
		n--;
	for (start = n; start > 0 && folder[start - 1] != '/'; start--)
		;
	if (n == 0)
		(void)snprintf(path, cap, "%s", folder[0] == '/' ? "/" :
		    "../");
	else if (n - start == 2 && strncmp(folder + start, "..", 2) == 0)
		(void)snprintf(path, cap, "%s../", folder);
	else
		(void)snprintf(path, cap, "%.*s", (int)start, folder);
}

static enum chosen
choose(struct chooser *c, char *path, size_t cap)
{
	const struct choice *f;
	size_t row;

	if (!list_selected(&c->list, &row))
		return CHOSEN_MOVED;
	f = &c->files->v[row];
	if (strcmp(f->name, "..") == 0)
		go_up(c->folder, path, cap);
	else
		(void)snprintf(path, cap, "%s%s%s", c->folder, f->name,
		    f->folder ? "/" : "");
	return f->folder ? CHOSEN_FOLDER : CHOSEN_FILE;
}

enum chosen
chooser_key(struct app *app, struct chooser *c, uint32_t key, char *path,
    size_t cap)
{
	static const enum cmd moves[] = { CMD_UP, CMD_DOWN, CMD_PAGE_UP,
	    CMD_PAGE_DOWN };
	const bool typed = key < K_UP && key != K_CTRL('n') &&
	    key != K_CTRL('p');
	enum cmd cmd = typed ? CMD_NONE : command_find(moves, 4, key);

	if (c->active && (key == K_ENTER || key == K_RIGHT))
		return choose(c, path, cap);
	if (cmd == CMD_NONE)
		return CHOSEN_NOT;
	if (!c->active) {
		if (cmd != CMD_DOWN && cmd != CMD_PAGE_DOWN)
			return CHOSEN_NOT;
		activate(c, true);
		return c->active ? CHOSEN_MOVED : CHOSEN_NOT;
	}
	if (cmd == CMD_UP && c->list.sel == 0)
		activate(c, false);
	else if (cmd == CMD_DOWN && c->list.sel + 1 >= c->list.n) {
		activate(c, false);
		return CHOSEN_NOT;
	} else
		(void)list_command(&c->list, cmd);
	ask_kind(app, c);
	return CHOSEN_MOVED;
}

bool
chooser_looked(struct app *app, struct chooser *c, struct look *look)
{
	struct kind_look *kind = (struct kind_look *)look;
	struct folder_look *folder = (struct folder_look *)look;
	struct dd_err e = DD_ERR_INIT;
	struct choice *f;

	if (look->ticket == c->folder_ticket) {
		c->folder_ticket = 0;
		(void)snprintf(c->why, sizeof(c->why), "%s", folder->why);
		show(app, c, folder->found);
		folder->found = NULL;
		to_first(c);
	} else if (look->ticket == c->kind_ticket) {
		c->kind_ticket = 0;
		f = &c->files->v[c->kind_of];
		(void)snprintf(f->what, sizeof(f->what), "%s", kind->what);
		f->style = kind->style;
		f->known = true;
		/* It may be wider than all before. */
		if (list_update(&c->list, c->files, &e) == -1)
			app_say_error(app, &e);
	} else
		return false;
	ask_kind(app, c);
	return true;
}

void
chooser_layout(struct chooser *c, int rows)
{
	list_layout(&c->list, rows);
}

void
chooser_render(const struct chooser *c, struct canvas *canvas, struct rect r)
{
	const char *say = c->why;

	if (r.rows < 2)
		return;
	if (c->files == NULL && c->why[0] == '\0')
		say = "reading the folder";
	else if (c->files != NULL && c->list.n == 0)
		say = "no file begins like that";
	if (say[0] != '\0')
		(void)canvas_text(canvas, r.y, r.x, r.cols, c->why[0] != '\0' ?
		    STYLE_WARN : STYLE_DIM, say);
	else
		list_render(&c->list, canvas, r);
}
