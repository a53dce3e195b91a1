/* Parts of the fleet view: leaving, recovery, and an empty fleet. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tui/batch.h"
#include "tui/fleet_more.h"
#include "tui/life.h"

static void
quit_now(struct app *app, void *data)
{
	(void)data;
	app->want_quit = true;
}

static void
fill_quit(struct text *t, const struct model *m, const void *data, int width)
{
	(void)data;
	text_wrap(t, STYLE_PENDING, 0, width, model_job(m)->title);
	text_end(t);
	text_wrap(t, STYLE_NORMAL, 0, width, "This still runs.  It goes on "
	    "when you leave, and ends by itself.");
}

static const struct question quit_question = {
	.title = "Leave drydock?", .yes = "Leave", .fill = fill_quit,
	.run = quit_now,
};

void
fleet_quit(struct app *app)
{
	const struct action *job = model_job(&app->model);

	if (job != NULL && job->running)
		view_confirm_open(app, &quit_question, NULL);
	else
		app->want_quit = true;
}

/* -- several domUs ------------------------------------------------------- */

bool
fleet_for_marked(struct app *app, const struct list *l, enum cmd cmd)
{
	struct batch *b;

	if (cmd == CMD_LIFE || cmd == CMD_START)
		return life_command_marked(app, l, cmd);
	if (cmd != CMD_ROLLBACK && cmd != CMD_SWAP)
		return false;
	b = batch_new(cmd == CMD_SWAP ? &recipe_swap : &recipe_rollback,
	    app->model.fleet, l);
	if (b == NULL)
		app_say_nomem(app);
	else if (cmd == CMD_SWAP)
		view_prepare_many(app, &recipe_swap_many, b);
	else
		view_batch_open(app, b);
	return true;
}

/* -- recovery ------------------------------------------------------------ */

void
fleet_fill_banner(struct text *t, const struct model *m, int width)
{
	char line[160];

	if (m->cuts == 0)
		return;
	if (m->cuts == 1)
		(void)snprintf(line, sizeof(line), "A change was");
	else
		(void)snprintf(line, sizeof(line), "%zu changes were",
		    m->cuts);
	(void)snprintf(line + strlen(line), sizeof(line) - strlen(line),
	    " cut short: %s brings %s to an end (drydock recover)",
	    command_key(CMD_RECOVER), m->cuts == 1 ? "it" : "them");
	text_add(t, STYLE_ERROR, "%2s ", severity_sign(SEV_ERROR));
	text_wrap(t, STYLE_ERROR, 3, width, line);
}

static void
fill_recover(struct text *t, const struct model *m, const void *data,
    int width)
{
	const struct doctor *all = m->doctor;
	size_t i;

	(void)data;
	for (i = 0; i < all->n; i++)
		if (all->v[i].mend == MEND_RECOVER)
			text_wrap(t, STYLE_PENDING, 2, width, all->v[i].text);
	text_end(t);
	text_wrap(t, STYLE_NORMAL, 0, width, "What had all it needs is "
	    "finished, the rest is undone; each image is whole then.");
}

static void
recover(struct app *app, void *data)
{
	static const char *const words[] = { "recover", NULL };
	struct dd_err e = DD_ERR_INIT;
	struct action *a;

	(void)data;
	if ((a = app_run(app, "recover", true, words, &e)) == NULL) {
		app_say_error(app, &e);
		return;
	}
	view_job_open(app, a);
	action_unref(a);
}

static const struct question recover_question = {
	.title = "Recover?", .yes = "Recover", .fill = fill_recover,
	.run = recover,
};

void
fleet_recover(struct app *app)
{
	view_confirm_open(app, &recover_question, NULL);
}

/* -- nothing to show ----------------------------------------------------- */

/* What to show where there is no domU: where we looked, and what to do. */
void
fleet_fill_empty(struct text *t, const struct config *conf, int width)
{
	size_t i;

	text_reset(t);
	text_end(t);
	text_line(t, STYLE_TITLE, "No domU found.");
	text_end(t);
	text_wrap(t, STYLE_NORMAL, 0, width, "drydock looked for xl.cfg "
	    "files in");
	for (i = 0; conf->config_dirs != NULL &&
	    conf->config_dirs[i] != NULL; i++) {
		text_add(t, STYLE_NORMAL, "    %s", conf->config_dirs[i]);
		if (access(conf->config_dirs[i], R_OK | X_OK) == -1)
			text_add(t, STYLE_WARN, "  (%s)", strerror(errno));
		text_end(t);
	}
	if (i == 0)
		text_wrap(t, STYLE_WARN, 4, width, "    nowhere: neither "
		    "/etc/xen nor /usr/pkg/etc/xen is there");
	text_end(t);
	text_add(t, STYLE_KEY, "%s", command_key(CMD_REFRESH));
	text_wrap(t, STYLE_NORMAL, 3, width, "  looks again, once the domUs' "
	    "files are there.");
	text_add(t, STYLE_KEY, "%s", command_key(CMD_PREPARE_ANY));
	text_wrap(t, STYLE_NORMAL, 3, width, "  prepares a root image, which "
	    "needs no domU.");
	text_end(t);
	text_wrap(t, STYLE_NORMAL, 0, width, "Other folders are named in "
	    "drydock.conf, before drydock is started:");
	text_line(t, STYLE_NORMAL, "    %s", conf->path != NULL ?
	    conf->path : CONFIG_PATH);
	text_line(t, STYLE_NORMAL, "    config_dirs = [ \"/a/folder\" ]");
}
