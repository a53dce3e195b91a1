/* Completion of the command line: commands, domUs and their images, roles,
 * themes, paths. */
#include <stdio.h>
#include <string.h>

#include "tui/command_line.h"
#include "tui/complete.h"
#include "tui/views.h"

#define OFFERS_MAX	1024

struct completion {
	const char	*word;		/* that is being typed */
	struct buf	 common;	/* what all that fit begin with */
	struct buf	*offers;
	size_t		 n;
};

static void
offer_part(struct completion *c, const char *name, size_t len)
{
	size_t i;

	if (len < strlen(c->word) || strncmp(name, c->word,
	    strlen(c->word)) != 0)
		return;
	if (c->n++ == 0)
		(void)buf_add(&c->common, name, len);
	else {
		for (i = 0; i < c->common.len && i < len &&
		    c->common.p[i] == name[i]; i++)
			;
		while (i > 0 && ((unsigned char)c->common.p[i] & 0xc0) ==
		    0x80)
			i--;
		c->common.len = i;
		c->common.p[i] = '\0';
	}
	if (c->offers->len + len < OFFERS_MAX)
		(void)buf_printf(c->offers, "%s%.*s", c->offers->len > 0 ?
		    "  " : "", (int)len, name);
}

static void
offer(struct completion *c, const char *name)
{
	offer_part(c, name, strlen(name));
}

/* The first word of what drydock is called with, or the second. */
static void
offer_drydock(struct completion *c, const struct app *app, const char *first)
{
	const char *const *p = app->commands, *last = "";
	size_t len;

	for (; p != NULL && *p != NULL; p++) {
		len = strcspn(*p, " ");
		if (first == NULL) {
			/* "cgd passwd", "cgd params new": cgd once */
			if (strncmp(last, *p, len) != 0 || last[len] != ' ')
				offer_part(c, *p, len);
			last = *p;
		} else if ((*p)[len] == ' ' && strncmp(*p, first, len) == 0 &&
		    first[len] == '\0')
			offer(c, *p + len + 1);
	}
}

static bool
is_drydock(const struct app *app, const char *name)
{
	const char *const *p = app->commands;

	for (; p != NULL && *p != NULL; p++)
		if (strcmp(*p, name) == 0)
			return true;
	return false;
}

/* Commands of the screen, and those that drydock itself has. */
static void
offer_commands(struct completion *c, const struct app *app)
{
	static const enum cmd anywhere[] = { CMD_HOST, CMD_JOBS, CMD_LOG,
	    CMD_HISTORY,
	    CMD_SETTINGS, CMD_THEMES, CMD_REFRESH, CMD_QUIT,
	    CMD_HELP };
	const struct view_ops *ops = app->stack[app->depth - 1].ops;
	bool named[CMD_COUNT] = { false };
	const char *name;
	size_t i;
	int id;

	for (i = 0; i < ops->ncommands; i++)
		named[ops->commands[i]] = ops->commands[i] > CMD_END;
	for (i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
		named[anywhere[i]] = true;
	for (id = 0; id < CMD_COUNT; id++) {
		name = command_info((enum cmd)id)->name;
		if (named[id] && !is_drydock(app, name))
			offer(c, name);
	}
	offer_drydock(c, app, NULL);
}

/* web1, and web1:pkg where a role is being typed. */
static void
offer_domus(struct completion *c, const struct app *app)
{
	const struct fleet *f = app->model.fleet;
	const char *colon = strrchr(c->word, ':');
	char name[256];
	size_t i;
	int role;

	for (i = 0; f != NULL && i < f->ndomus; i++) {
		if (colon == NULL) {
			offer(c, f->domus[i].name);
			continue;
		}
		if (strncmp(f->domus[i].name, c->word,
		    (size_t)(colon - c->word)) != 0)
			continue;
		for (role = ROLE_ROOT; role < ROLE_COUNT; role++) {
			(void)snprintf(name, sizeof(name), "%s:%s",
			    f->domus[i].name,
			    fleet_role_name((enum fleet_role)role));
			offer(c, name);
		}
	}
}

static void
offer_roles(struct completion *c)
{
	int role;

	for (role = ROLE_ROOT; role < ROLE_COUNT; role++)
		offer(c, fleet_role_name((enum fleet_role)role));
}

static void
offer_themes(struct completion *c, const struct app *app)
{
	struct theme_list list = { .n = 0 };
	struct dd_err ignored = DD_ERR_INIT;
	size_t i;

	if (theme_names(app->config_path, &list, &ignored) == -1)
		return;
	for (i = 0; i < list.n; i++)
		offer(c, list.v[i].name);
	theme_list_dispose(&list);
}

void
command_complete(const struct app *app, const char *text, struct buf *out,
    struct buf *offers)
{
	const char *blank = strrchr(text, ' ');
	const char *word = blank == NULL ? text : blank + 1;
	struct completion c = { .word = word, .offers = offers };
	char first[64];
	bool waiting;

	text += strspn(text, " ");
	(void)snprintf(first, sizeof(first), "%.*s",
	    (int)strcspn(text, " "), text);
	if (strchr(word, '/') != NULL && strchr(word, ':') == NULL) {
		(void)complete_soon(word, out, offers, &waiting);
		if (waiting)
			(void)buf_str(offers, "the folder does not answer: "
			    "Tab asks again");
		return;
	}
	if (word == text)
		offer_commands(&c, app);
	else if (strcmp(first, "themes") == 0)
		offer_themes(&c, app);
	else {
		offer_drydock(&c, app, first);
		if (strcmp(first, "theme") == 0)
			offer_themes(&c, app);
		offer_domus(&c, app);
		offer_roles(&c);
	}
	if (c.n > 0 && c.common.len >= strlen(word) && !c.common.failed) {
		(void)buf_str(out, c.common.p + strlen(word));
		if (c.n == 1)
			(void)buf_str(out, " ");
	}
	if (c.n == 1)
		buf_reset(offers);
	buf_dispose(&c.common);
}
