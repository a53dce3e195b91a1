/* The command line; see command_line.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/nearest.h"
#include "tui/command_line.h"
#include "tui/views.h"

/* -- words --------------------------------------------------------------- */

int
command_split(char *line, const char *words[COMMAND_WORDS + 1])
{
	char *to = line, quote;
	size_t n = 0;

	for (;;) {
		line += strspn(line, " ");
		if (*line == '\0')
			break;
		if (n == COMMAND_WORDS)
			return -1;
		words[n++] = to;
		for (quote = '\0'; *line != '\0'; line++) {
			if (*line == '\\' && quote != '\'' &&
			    line[1] != '\0')
				*to++ = *++line;
			else if (quote != '\0' && *line == quote)
				quote = '\0';
			else if (quote == '\0' && (*line == '"' ||
			    *line == '\''))
				quote = *line;
			else if (quote == '\0' && *line == ' ')
				break;
			else
				*to++ = *line;
		}
		if (quote != '\0')
			return -1;
		line += *line != '\0';
		*to++ = '\0';
	}
	words[n] = NULL;
	return 0;
}

/* -- running ------------------------------------------------------------- */

bool
command_anywhere(struct app *app, enum cmd cmd)
{
	switch (cmd) {
	case CMD_HOST:
		view_host_open(app);
		return true;
	case CMD_JOBS:
		view_jobs_open(app);
		return true;
	case CMD_HISTORY:
		view_history_open(app, NULL);
		return true;
	case CMD_LOG:
		view_log_open(app);
		return true;
	case CMD_SETTINGS:
		view_settings_open(app);
		return true;
	case CMD_REFRESH:
		app->model.loading = app->want_refresh = true;
		return true;
	case CMD_QUIT:
		while (app->depth > 1)
			app_pop(app);
		app_command(app, CMD_QUIT);
		return true;
	default:
		return false;
	}
}

static enum cmd
find(const char *name)
{
	int id;

	for (id = 0; id < CMD_COUNT; id++)
		if (strcmp(command_info((enum cmd)id)->name, name) == 0)
			return (enum cmd)id;
	return CMD_NONE;
}

static bool
is_here(const struct app *app, enum cmd cmd)
{
	const struct view_ops *ops = app->stack[app->depth - 1].ops;
	size_t i;

	for (i = 0; i < ops->ncommands; i++)
		if (ops->commands[i] == cmd)
			return true;
	return cmd == CMD_REDRAW || cmd == CMD_HELP || cmd == CMD_THEMES;
}

/* How many words of a drydock command the line begins with; 0: none. */
static size_t
is_drydock(const struct app *app, const char *const *words)
{
	const char *const *c = app->commands;
	size_t len;

	for (; c != NULL && *c != NULL; c++) {
		len = strcspn(*c, " ");
		if (strncmp(*c, words[0], len) != 0 ||
		    words[0][len] != '\0')
			continue;
		if ((*c)[len] == '\0')
			return 1;
		if (words[1] != NULL && strcmp(*c + len + 1, words[1]) == 0)
			return 2;
	}
	return 0;
}

/* Those that change nothing: the fleet need not be read anew. */
static bool
is_look(const char *name)
{
	static const char *const looks[] = { "cat", "devices", "diff", "disk",
	    "doctor", "generations", "history", "list", "ls", "show", "stat",
	    "tree", "version" };
	size_t i;

	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (strcmp(looks[i], name) == 0)
			return true;
	return false;
}

static void
run_drydock(struct app *app, const char *line, const char *const *words)
{
	struct dd_err e = DD_ERR_INIT;
	struct action *a;

	if (strcmp(words[0], "console") == 0) {
		if (app_lend(app, line, words, &e) == -1)
			app_say_error(app, &e);
		return;
	}
	a = app_run(app, line, !is_look(words[0]), words, &e);
	if (a == NULL)
		app_say_error(app, &e);
	else
		view_job_open(app, a);
	action_unref(a);
}

/* A command of the console on a domU that is named, perhaps with a role.  false:
 * it is none that takes one. */
static bool
on_domu(struct app *app, enum cmd cmd, const char *const *words)
{
	const int role = words[2] != NULL ? fleet_role_parse(words[2]) : -1;
	const struct fleet_domu *d = app->model.fleet == NULL ? NULL :
	    fleet_find(app->model.fleet, words[1]);
	const char *why;

	if (d == NULL || (words[2] != NULL && (role == -1 ||
	    cmd != CMD_GENERATIONS || words[3] != NULL)))
		return false;
	if (cmd == CMD_OPEN) {
		view_domu_open(app, d);
		return true;
	}
	if (cmd == CMD_HISTORY) {
		view_history_open(app, d->name);
		return true;
	}
	if (role != -1) {
		why = role_why_not(d, (enum fleet_role)role);
		if (why == NULL)
			view_generations_open(app, d, (enum fleet_role)role);
	} else if ((why = domu_why_not(&app->model, d, cmd)) == NULL)
		return domu_command(app, d, cmd);
	if (why != NULL)
		app_say(app, STYLE_WARN, "%s: %s", d->name, why);
	return true;
}

/* The theme of that name, or file, in use from now on. */
static void
use_theme(struct app *app, const char *name)
{
	struct dd_err e = DD_ERR_INIT;
	struct theme theme;

	if (theme_load(app->xen, app->config_path, name, &theme, &e) == -1)
		app_say_error(app, &e);
	else
		app_theme(app, &theme);
}

/* "themes NAME", or "theme NAME" unless that is a command of drydock's. */
static bool
names_theme(const struct app *app, enum cmd cmd, const char *const *words)
{
	return words[1] != NULL && words[2] == NULL && (cmd == CMD_THEMES ||
	    (strcmp(words[0], "theme") == 0 && is_drydock(app, words) == 0));
}

static void
unknown(struct app *app, const char *word)
{
	const char *names[CMD_COUNT + 128], *meant;
	const char *const *c = app->commands;
	size_t n = 0;
	int id;

	for (id = 0; id < CMD_COUNT; id++)
		names[n++] = command_info((enum cmd)id)->name;
	for (; c != NULL && *c != NULL && n < CMD_COUNT + 127; c++)
		names[n++] = *c;
	names[n] = NULL;
	meant = nearest(word, names);
	app_say(app, STYLE_WARN, "%s: unknown command%s%s%s", word,
	    meant != NULL ? "; did you mean " : "; Tab shows what there is",
	    meant != NULL ? meant : "", meant != NULL ? "?" : "");
}

static bool
is_domu(const struct app *app, const char *word)
{
	return app->model.fleet != NULL &&
	    fleet_find(app->model.fleet, word) != NULL;
}

void
command_line_run(struct app *app, const char *line)
{
	const char *words[COMMAND_WORDS + 1];
	char copy[INPUT_MAX];
	enum cmd cmd;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	if (command_split(copy, words) == -1) {
		app_say(app, STYLE_WARN, "a quote is open, or the words are "
		    "too many");
		return;
	}
	if (words[0] == NULL)
		return;
	cmd = find(words[0]);
	if (words[1] == NULL && cmd != CMD_NONE && is_here(app, cmd))
		app_command(app, cmd);
	else if (words[1] == NULL && command_anywhere(app, cmd))
		return;
	else if (names_theme(app, cmd, words))
		use_theme(app, words[1]);
	else if (words[1] != NULL && cmd != CMD_NONE &&
	    on_domu(app, cmd, words))
		return;
	else if (is_drydock(app, words) > 0)
		run_drydock(app, line, words);
	else if (cmd != CMD_NONE)
		app_say(app, STYLE_WARN, words[1] == NULL ? "%s means nothing "
		    "here" : is_domu(app, words[1]) ? "%s takes no more words, "
		    "or not these" : "%s: no such domU", words[1] == NULL ||
		    is_domu(app, words[1]) ? words[0] : words[1]);
	else
		unknown(app, words[0]);
}

/* -- typing -------------------------------------------------------------- */

void
command_line_open(struct app *app, const char *text)
{
	app_prompt(app, ":", text);
	app->prompt.command = true;
	app->lines.at = app->lines.n;
	buf_reset(&app->prompt.offers);
}

static void
keep(struct app *app, const char *line)
{
	char *copy;

	if (line[0] == '\0' || (app->lines.n > 0 &&
	    strcmp(app->lines.v[app->lines.n - 1], line) == 0) ||
	    (copy = strdup(line)) == NULL)
		return;
	if (app->lines.n == APP_LINES) {
		free(app->lines.v[0]);
		memmove(app->lines.v, app->lines.v + 1, (APP_LINES - 1) *
		    sizeof(app->lines.v[0]));
		app->lines.n--;
	}
	app->lines.v[app->lines.n++] = copy;
}

/* Earlier lines, and the empty one behind them. */
static void
recall(struct app *app, int step)
{
	if (step < 0 && app->lines.at > 0)
		app->lines.at--;
	else if (step > 0 && app->lines.at < app->lines.n)
		app->lines.at++;
	input_set(&app->prompt.input, app->lines.at < app->lines.n ?
	    app->lines.v[app->lines.at] : "");
}

static void
complete(struct app *app)
{
	struct input *in = &app->prompt.input;
	struct buf out = BUF_INIT;

	buf_reset(&app->prompt.offers);
	in->cur = in->len;
	command_complete(app, in->text, &out, &app->prompt.offers);
	if (out.p != NULL && !out.failed)
		input_insert(in, out.p, out.len);
	buf_dispose(&out);
}

void
command_line_key(struct app *app, uint32_t key)
{
	struct input *in = &app->prompt.input;
	char line[INPUT_MAX];

	if (key == K_TAB) {
		complete(app);
		return;
	}
	buf_reset(&app->prompt.offers);
	if (key == K_ENTER) {
		app->prompt.active = app->prompt.command = false;
		(void)snprintf(line, sizeof(line), "%s", in->text);
		keep(app, line);
		command_line_run(app, line);
	} else if (key == K_ESC || key == K_CTRL('c') ||
	    (key == K_BACKSPACE && in->len == 0))
		app->prompt.active = app->prompt.command = false;
	else if (key == K_UP || key == K_CTRL('p'))
		recall(app, -1);
	else if (key == K_DOWN || key == K_CTRL('n'))
		recall(app, 1);
	else
		(void)input_key(in, key);
}

void
app_copy(struct app *app, const char *text)
{
	free(app->copy);
	if ((app->copy = strdup(text)) == NULL)
		app_say_nomem(app);
}

void
app_copied(struct app *app, bool taken)
{
	free(app->copy);
	app->copy = NULL;
	if (taken)
		app_say(app, STYLE_OK, "sent to the terminal's clipboard");
	else
		app_say(app, STYLE_WARN, "this terminal takes no copies: "
		    "select the text with its own means");
}

void
command_line_dispose(struct app *app)
{
	while (app->lines.n > 0)
		free(app->lines.v[--app->lines.n]);
	buf_dispose(&app->prompt.offers);
	free(app->copy);
}
