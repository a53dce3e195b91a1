/*
 * What the browser reads: by drydock ls as a child, so that an image that
 * makes it slow, or crash, does that to the child.  A parameters file is looked
 * at by a look, and tells whether a passphrase has to be asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet/encryption.h"
#include "tui/browser.h"

/* -- children ------------------------------------------------------------ */

#define WORDS	20

struct action *
browser_run(struct app *app, const struct browser *v, const char *title,
    bool changes, const char *const *words, const char *path,
    const char *more)
{
	const char *argv[WORDS];
	struct dd_err e = DD_ERR_INIT;
	struct buf place = BUF_INIT;
	struct action *a = NULL;
	char fd[8];
	size_t n = 0;

	while (n < WORDS - 9 && words[n] != NULL) {
		argv[n] = words[n];
		n++;
	}
	if (v->part[0] != '\0') {
		argv[n++] = "-p";
		argv[n++] = v->part;
	}
	if (v->params != NULL) {
		argv[n++] = "-c";
		argv[n++] = v->params;
	}
	if (v->passphrase.p != NULL) {
		(void)snprintf(fd, sizeof(fd), "%d", ACTION_PASSPHRASE_FD);
		argv[n++] = "--passphrase-fd";
		argv[n++] = fd;
	}
	(void)buf_printf(&place, "%s:%s", v->image, path);
	argv[n++] = place.p;
	argv[n++] = more;
	argv[n] = NULL;
	if (place.failed)
		(void)dd_fail_nomem(&e);
	else
		a = app_run_passphrase(app, title, changes, argv,
		    &v->passphrase, &e);
	if (a == NULL)
		app_say_error(app, &e);
	buf_dispose(&place);
	return a;
}

void
browser_stop(struct app *app, struct browser *v)
{
	if (v->reading != NULL)
		app->runner->stop(v->reading);
	action_unref(v->reading);
	v->reading = NULL;
	action_unref(v->read);
	v->read = NULL;
	v->parse = 0;
	if (v->checking != NULL)
		app->runner->stop(v->checking);
	action_unref(v->checking);
	v->checking = NULL;
	free(v->select);
	v->select = NULL;
}

static void
start(struct app *app, struct browser *v)
{
	static const char *const words[] = { "ls", "-a", "--json", "-m",
	    FILES_MAX_TEXT, NULL };
	char title[INPUT_MAX];

	(void)snprintf(title, sizeof(title), "ls of %s", v->name);
	v->reading = browser_run(app, v, title, false, words, v->wanted,
	    NULL);
}

static void
forget_passphrase(struct browser *v)
{
	secret_free(&v->passphrase);
}

/* -- passphrases --------------------------------------------------------- */

struct key_look {
	struct look	 look;
	char		*params;
	bool		 wants;
	struct dd_err	 e;
};

static void
key_run(struct look *look)
{
	struct key_look *l = (struct key_look *)look;
	struct encryption *c = encryption_read(l->params);

	if (c == NULL)
		(void)dd_fail_nomem(&l->e);
	else if (c->error != NULL) {
		(void)dd_fail(&l->e, c->code, "%s", c->error);
		if (c->hint != NULL)
			(void)dd_hint(&l->e, "%s", c->hint);
	} else
		l->wants = c->passphrases > 0;
	encryption_free(c);
}

static void
key_free(struct look *look)
{
	free(((struct key_look *)look)->params);
	free(look);
}

static void
ask_keys(struct app *app, struct browser *v)
{
	struct key_look *l = calloc(1, sizeof(*l));

	if (l != NULL)
		l->params = strdup(v->params);
	if (l == NULL || l->params == NULL) {
		free(l);
		app_say_nomem(app);
		return;
	}
	l->look.run = key_run;
	l->look.free = key_free;
	v->ticket = app_look(app, &l->look);
}

static void
given(struct app *app, void *data, const struct secret *pass)
{
	struct browser *v = data;
	struct dd_err e = DD_ERR_INIT;

	forget_passphrase(v);
	if (secret_alloc(&v->passphrase, pass->len, &e) == -1) {
		app_say_error(app, &e);
		return;
	}
	memcpy(v->passphrase.p, pass->p, pass->len);
	start(app, v);
}

static void
not_given(struct app *app, void *data)
{
	struct browser *v = data;

	if (v->files == NULL)
		app_pop(app);
}

static const struct passphrase_question question = {
	.title = "Passphrase", .about = "The image is encrypted.  Its "
	    "passphrase is kept while its files are shown, in locked memory, "
	    "and wiped then.", .run = given, .cancelled = not_given };

/* -- directories --------------------------------------------------------- */

void
browser_read(struct app *app, struct browser *v, const char *dir)
{
	action_unref(v->reading);
	action_unref(v->read);
	v->reading = v->read = NULL;
	v->parse = 0;
	v->why[0] = v->hint[0] = '\0';
	if (dir != v->wanted)
		(void)snprintf(v->wanted, sizeof(v->wanted), "%s", dir);
	if (v->params != NULL && !v->knows_keys) {
		if (v->ticket == 0)
			ask_keys(app, v);
	} else if (v->wants_passphrase && v->passphrase.p == NULL)
		(void)view_passphrase_open(app, &question, v);
	else
		start(app, v);
}

static void
show(struct app *app, struct browser *v, struct files *found)
{
	struct dd_err e = DD_ERR_INIT;

	(void)snprintf(v->dir, sizeof(v->dir), "%s", v->wanted);
	v->list.filter[0] = '\0';
	if (v->select == NULL)
		v->list.sel = v->list.top = 0;
	free(v->list.sel_id);
	v->list.sel_id = v->select;
	v->select = NULL;
	if (list_update(&v->list, found, &e) == -1)
		app_say_error(app, &e);
	files_free(v->files);
	v->files = found;
}

/* A symlink may lead to a file: it is then alone, under the name that was asked
 * for. */
static bool
is_file(const struct browser *v, const struct files *f)
{
	return f->n == 1 && strcmp(f->v[0].name, v->wanted) == 0 &&
	    f->v[0].mode[0] != 'd';
}

static void
open_file(struct app *app, struct browser *v, const struct file_row *f)
{
	static const char *const words[] = { "cat", "-m", FILE_VIEW_TEXT,
	    NULL };
	struct action *a;
	char title[INPUT_MAX];

	if (f->mode[0] != '-') {
		app_say(app, STYLE_WARN, "it leads to what is no file and no "
		    "directory");
		return;
	}
	(void)snprintf(title, sizeof(title), "cat of %s", f->shown);
	a = browser_run(app, v, title, false, words, v->wanted, NULL);
	if (a != NULL)
		view_file_open(app, a, f->shown, f->size);
	action_unref(a);
}

/* It failed: what was read of it before is shown where nothing else is. */
static void
failed(struct app *app, struct browser *v, const struct action *a,
    struct files *found)
{
	(void)snprintf(v->why, sizeof(v->why), "%s", a->message[0] != '\0' ?
	    a->message : "the image could not be read");
	(void)snprintf(v->hint, sizeof(v->hint), "%s", a->hint);
	if (found != NULL && found->n > 0 && !is_file(v, found)) {
		show(app, v, found);
		return;
	}
	files_free(found);
	/* The passphrase may have been the wrong one. */
	if (v->files == NULL)
		forget_passphrase(v);
}

/* What the child said is known; takes found over, which may be NULL. */
static void
take(struct app *app, struct browser *v, const struct action *a,
    struct files *found)
{
	if (found != NULL && a->cut)
		found->cut = true;
	if (found == NULL)
		app_say_nomem(app);
	else if (a->status != 0)
		failed(app, v, a, found);
	else if (is_file(v, found)) {
		open_file(app, v, &found->v[0]);
		files_free(found);
	} else
		show(app, v, found);
}

/* -- directories that are large ------------------------------------------ */

#define LARGE	(256 * 1024)	/* bytes, which are gone through at once */

struct parse_look {
	struct look	 look;
	struct buf	 json;
	struct files	*found;
};

static void
parse_run(struct look *look)
{
	struct parse_look *l = (struct parse_look *)look;

	l->found = files_parse(&l->json);
}

static void
parse_free(struct look *look)
{
	struct parse_look *l = (struct parse_look *)look;

	buf_dispose(&l->json);
	files_free(l->found);
	free(l);
}

/* Takes the action over. */
static void
parse(struct app *app, struct browser *v, struct action *a)
{
	struct parse_look *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		app_say_nomem(app);
		action_unref(a);
		return;
	}
	l->look.run = parse_run;
	l->look.free = parse_free;
	l->json = a->out;
	a->out = (struct buf)BUF_INIT;
	v->read = a;
	v->parse = app_look(app, &l->look);
}

static void
parsed(struct app *app, struct browser *v, struct parse_look *l)
{
	struct action *a = v->read;
	struct files *found = l->found;

	v->read = NULL;
	v->parse = 0;
	l->found = NULL;
	take(app, v, a, found);
	action_unref(a);
}

static void
child_ended(struct app *app, struct browser *v)
{
	struct action *a = v->reading;

	v->reading = NULL;
	if (a->out.len > LARGE) {
		parse(app, v, a);
		return;
	}
	take(app, v, a, files_parse(&a->out));
	action_unref(a);
}

bool
browser_looked(struct app *app, void *state, struct look *look)
{
	struct key_look *l = (struct key_look *)look;
	struct browser *v = state;

	if (v->read != NULL && look->ticket == v->parse) {
		parsed(app, v, (struct parse_look *)look);
		return true;
	}
	if (look->ticket != v->ticket)
		return false;
	v->ticket = 0;
	if (l->e.code != ERR_NONE) {
		(void)snprintf(v->why, sizeof(v->why), "%s", l->e.msg);
		(void)snprintf(v->hint, sizeof(v->hint), "%s", l->e.hint);
		return true;
	}
	v->knows_keys = true;
	v->wants_passphrase = l->wants;
	browser_read(app, v, v->wanted);
	return true;
}

void
browser_changed(struct app *app, void *state)
{
	struct browser *v = state;

	if (v->reading != NULL && !v->reading->running)
		child_ended(app, v);
	if (v->checking != NULL && !v->checking->running)
		browser_copy_changed(app, v);
}
