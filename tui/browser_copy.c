/*
 * Out of an image onto the host: drydock cp.  Its dry run says what it would
 * replace there; only then it is asked for.
 */
#include <stdio.h>
#include <string.h>

#include "tui/browser.h"

#define SHOWN	8	/* files that the question names */

static struct action *
run_cp(struct app *app, struct browser *v, const char *title, bool dry)
{
	const char *words[4] = { "cp" };
	size_t n = 1;

	if (v->whole)
		words[n++] = "-r";
	if (dry)
		words[n++] = "-n";
	return browser_run(app, v, title, !dry, words, v->source, v->target);
}

void
browser_copy(struct app *app, struct browser *v, const char *target)
{
	char title[INPUT_MAX + 32];

	if (target[0] == '\0')
		return;
	v->asked = false;
	(void)snprintf(v->target, sizeof(v->target), "%s%s",
	    target[0] == '-' ? "./" : "", target);
	(void)snprintf(title, sizeof(title), "preview of a copy to %s",
	    v->target);
	v->checking = run_cp(app, v, title, true);
}

/* The path in a line of the dry run that says what is replaced, or NULL. */
static const char *
replaced(const char *line)
{
	static const char word[] = "changed ";

	if (strncmp(line, word, sizeof(word) - 1) != 0)
		return NULL;
	line += sizeof(word) - 1;
	return line + strspn(line, " ");
}

static size_t
count_replaced(const char *line)
{
	size_t n = 0;

	while (line != NULL && *line != '\0') {
		n += replaced(line) != NULL;
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return n;
}

static void
copy(struct app *app, void *data)
{
	struct browser *v = data;
	char title[INPUT_MAX + 32];
	struct action *a;

	(void)snprintf(title, sizeof(title), "copy to %s", v->target);
	a = run_cp(app, v, title, false);
	action_unref(v->checking);
	v->checking = NULL;
	if (a != NULL)
		view_job_open(app, a);
	action_unref(a);
}

static void
fill(struct text *t, const struct model *m, const void *data, int width)
{
	const struct browser *v = data;
	const char *line = v->checking->out.p, *path;
	size_t n = count_replaced(line), shown = 0;
	char one[INPUT_MAX];

	(void)m;
	text_wrap(t, STYLE_NORMAL, 0, width, n == 1 ? "A file is there "
	    "already, and would be replaced:" : "Files are there already, and "
	    "would be replaced:");
	while (line != NULL && *line != '\0' && shown < SHOWN) {
		if ((path = replaced(line)) != NULL) {
			(void)snprintf(one, sizeof(one), "%.*s",
			    (int)strcspn(path, "\n"), path);
			text_wrap(t, STYLE_TITLE, 2, width, one);
			shown++;
		}
		line = strchr(line, '\n');
		line += line != NULL;
	}
	if (n > shown)
		text_line(t, STYLE_DIM, "and %zu more", n - shown);
	text_end(t);
	text_wrap(t, STYLE_WARN, 0, width, "Nothing brings back what they "
	    "hold now.");
}

static void
done(void *data)
{
	struct browser *v = data;

	action_unref(v->checking);
	v->checking = NULL;
}

void
browser_copy_changed(struct app *app, struct browser *v)
{
	struct action *a = v->checking;

	if (!app_on_top(app, v) || v->asked)
		return;
	if (a->status != 0) {
		app_say(app, STYLE_ERROR, "%s%s%s", a->message,
		    a->hint[0] != '\0' ? ": " : "", a->hint);
		done(v);
	} else if (count_replaced(a->out.p) == 0)
		copy(app, v);
	else {
		(void)snprintf(v->title, sizeof(v->title), "Copy to %s?",
		    v->target);
		v->question = (struct question){ .title = v->title,
		    .yes = "Replace", .fill = fill, .run = copy,
		    .done = done };
		v->asked = true;
		view_confirm_open(app, &v->question, v);
	}
}
