/*
 * drydock theme list, show, check: the console's colours, without the console.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/json_out.h"
#include "core/cmd/table.h"
#include "core/theme/theme.h"

/* -- list ---------------------------------------------------------------- */

enum { COL_NAME, COL_ABOUT, COL_FROM, COLUMNS };

static const struct table_column columns[COLUMNS] = {
	[COL_NAME] = { .title = "THEME" },
	[COL_ABOUT] = { .title = "ABOUT", .shrinks = true },
	[COL_FROM] = { .title = "FROM", .shrinks = true },
};

/* What it says of itself, or what is wrong with it. */
static void
describe(const struct cmd_env *env, const struct theme_entry *t, char *about,
    size_t cap)
{
	struct dd_err why = DD_ERR_INIT;
	struct theme theme;

	if (theme_load(env->xen, env->config_path, t->path == NULL ? t->name :
	    t->path, &theme, &why) == 0)
		(void)snprintf(about, cap, "%s", theme.about);
	else
		(void)snprintf(about, cap, "%s", why.msg);
}

static int
list_table(const struct cmd_env *env, const struct theme_list *l,
    struct dd_err *e)
{
	struct buf out = BUF_INIT;
	char about[sizeof(e->msg)];
	struct table t;
	size_t i;
	int rc = -1;

	if (table_init(&t, columns, COLUMNS, l->n, e) == -1)
		goto out;
	for (i = 0; i < l->n; i++) {
		describe(env, &l->v[i], about, sizeof(about));
		if (table_set(&t, i, COL_NAME, l->v[i].name, e) == -1 ||
		    table_set(&t, i, COL_ABOUT, about, e) == -1 ||
		    table_set(&t, i, COL_FROM, l->v[i].path == NULL ?
		    "built-in" : l->v[i].path, e) == -1)
			goto out;
	}
	table_measure(&t);
	table_put_titles(&out, &t);
	for (i = 0; i < l->n; i++) {
		table_put_cells(&out, &t, i, 0, COLUMNS);
		table_end_line(&out);
	}
	rc = fleet_out_print(&out, e);
out:
	table_dispose(&t);
	buf_dispose(&out);
	return rc;
}

static int
list_json(const struct cmd_env *env, const struct theme_list *l,
    struct dd_err *e)
{
	struct json_object *all = json_object_new_array(), *o;
	char about[sizeof(e->msg)];
	size_t i;

	for (i = 0; i < l->n; i++) {
		describe(env, &l->v[i], about, sizeof(about));
		o = json_object_new_object();
		json_set_string(o, "name", l->v[i].name);
		json_set_string(o, "about", about);
		json_set_string(o, "path", l->v[i].path);
		(void)json_object_array_add(all, o);
	}
	return cmd_print_json(all, e);
}

int
cmd_theme_list(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	struct theme_list l = { .v = NULL };
	bool json = false;
	const struct arg args[] = {
		{ 0, "json", ARG_FLAG, &json, NULL, "as JSON" },
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 0, 0, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (theme_names(env->config_path, &l, e) == -1)
		return -1;
	rc = json ? list_json(env, &l, e) : list_table(env, &l, e);
	theme_list_dispose(&l);
	return rc;
}

/* -- show ---------------------------------------------------------------- */

int
cmd_theme_show(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	const struct arg args[] = {
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	struct buf text = BUF_INIT, out = BUF_INIT;
	char *path = NULL, *line;
	size_t n;
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	rc = theme_read(env->config_path, argv[1], &text, &path, e);
	/* Whatever is in the file, it is for a terminal, too. */
	for (line = text.p; rc == 0 && line != NULL && *line != '\0';
	    line += n) {
		n = strcspn(line, "\n");
		(void)vis_buf(&out, line, n);
		(void)buf_str(&out, "\n");
		n += line[n] == '\n';
	}
	if (rc == 0)
		rc = fleet_out_print(&out, e);
	free(path);
	buf_dispose(&text);
	buf_dispose(&out);
	return rc;
}

/* -- check --------------------------------------------------------------- */

struct checking {
	const char	*path;
	struct buf	 out;
	unsigned	 warnings;
};

static void
take(void *arg, unsigned line, const char *text)
{
	struct checking *c = arg;

	(void)vis_buf(&c->out, c->path, strlen(c->path));
	if (line > 0)
		(void)buf_printf(&c->out, ":%u", line);
	(void)buf_printf(&c->out, ": warning: %s\n", text);
	c->warnings++;
}

static int
check(const struct cmd_env *env, const char *name, struct dd_err *e)
{
	struct checking c = { .out = BUF_INIT };
	struct buf text = BUF_INIT;
	struct theme theme;
	char *path = NULL;
	int rc = -1;

	if (theme_read(env->config_path, name, &text, &path, e) == -1 ||
	    theme_parse(env->xen, &text, path, &theme, e) == -1)
		goto out;
	c.path = path;
	theme_check(&theme, take, &c);
	if (c.warnings == 0) {
		(void)vis_buf(&c.out, path, strlen(path));
		(void)buf_str(&c.out, ": no fault found\n");
	}
	rc = fleet_out_print(&c.out, e);
out:
	free(path);
	buf_dispose(&text);
	buf_dispose(&c.out);
	return rc;
}

int
cmd_theme_check(const struct cmd_env *env, int argc, char **argv,
    struct dd_err *e)
{
	const struct arg args[] = {
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int rc;

	if ((rc = args_parse(args, &argc, argv, 1, 1, e)) != 0)
		return rc == 1 ? 0 : -1;
	return check(env, argv[1], e);
}
