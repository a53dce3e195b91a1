/*
 * drydock diff: what differs between two generations of an image: files, and
 * the packages of a pkg image.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/cmd/change_out.h"
#include "core/cmd/fleet_out.h"
#include "core/cmd/managing.h"
#include "core/recipe/packages.h"

struct differing {
	struct managing		 m;
	struct image_args	 image;
	bool			 content;	/* the texts, too */
	uint32_t		 from, to;
	char			*path[2];
	char			*params[2];	/* of each; NULL: none */
	struct image		*im[2];
	struct tree		*tree[2];
	struct buf		 packages;
	struct json_object	*changes, *pkgs;	/* with --json */
	size_t			 added, removed, changed;
};

/* "@4", or "4" */
static int
parse_other(const char *word, uint32_t *n, struct dd_err *e)
{
	uint64_t v;

	if (units_number(word + (word[0] == '@'), 1, GEN_MAX, "generation",
	    &v, e) == -1)
		return dd_hint(e, "drydock diff DOMU:ROLE@3 @4");
	*n = (uint32_t)v;
	return 0;
}

/* What opens a generation: what -c says, what belongs to it, or what the
 * configuration names. */
static int
find_params(struct differing *d, const struct store *s,
    const struct generation *g, int i, struct dd_err *e)
{
	const char *named = d->image.params != NULL ? d->image.params :
	    d->m.t.disk->params;

	if (d->image.params == NULL && g->params)
		d->params[i] = store_beside(s, g->name.n, "params");
	else if (named != NULL)
		d->params[i] = strdup(named);
	else
		return 0;
	return d->params[i] == NULL ? dd_fail_nomem(e) : 0;
}

static int
find(struct differing *d, struct dd_err *e)
{
	const struct generation *a, *b;
	struct store *s = NULL;
	int rc = -1;

	if (store_open(d->m.p.image, &s, e) == -1)
		goto out;
	if (d->to == 0 && s->place != NULL)
		d->to = s->place->name.n;
	if ((a = d->from != 0 ? store_want(s, d->from, e) :
	    managing_before(s, "drydock diff DOMU:ROLE@3 @4 names both", e)) ==
	    NULL ||
	    (b = store_want(s, d->to, e)) == NULL)
		goto out;
	d->from = a->name.n;
	d->path[0] = store_path(s, a);
	d->path[1] = store_path(s, b);
	rc = d->path[0] == NULL || d->path[1] == NULL ? dd_fail_nomem(e) : 0;
	if (rc == 0 && (find_params(d, s, a, 0, e) == -1 ||
	    find_params(d, s, b, 1, e) == -1))
		rc = -1;
out:
	store_close(s);
	return rc;
}

static int
open_both(struct differing *d, struct dd_err *e)
{
	struct image_opts opts;
	int i;

	for (i = 0; i < 2; i++) {
		opts = (struct image_opts){ .write = false };
		d->image.params = d->params[i];
		if (image_args_opts(&d->image, &opts, e) == -1 ||
		    image_open(d->path[i], &opts, &d->im[i], e) == -1 ||
		    image_tree(d->im[i], &d->tree[i], e) == -1)
			return -1;
	}
	return 0;
}

/* -- packages ------------------------------------------------------------ */

static int
take_package(void *arg, const char *name, const char *old, const char *new)
{
	struct differing *d = arg;
	struct json_object *o;

	if (d->pkgs != NULL) {
		o = json_object_new_object();
		json_set(o, "name", json_text(name));
		json_set(o, "from", json_text(old));
		json_set(o, "to", json_text(new));
		(void)json_object_array_add(d->pkgs, o);
		return 0;
	}
	(void)buf_str(&d->packages, "package  ");
	fleet_out_text(&d->packages, name);
	(void)buf_str(&d->packages, " ");
	if (old == NULL)
		(void)buf_str(&d->packages, "added: ");
	else
		fleet_out_text(&d->packages, old);
	if (old != NULL)
		(void)buf_str(&d->packages, new == NULL ? " removed" :
		    " -> ");
	if (new != NULL)
		fleet_out_text(&d->packages, new);
	(void)buf_str(&d->packages, "\n");
	return d->packages.failed ? -1 : 0;
}

static int
compare_packages(struct differing *d, struct dd_err *e)
{
	struct packages old = PACKAGES_INIT, new = PACKAGES_INIT;
	int rc = -1;

	if (packages_read(d->tree[0], &old, e) == 0 &&
	    packages_read(d->tree[1], &new, e) == 0)
		rc = packages_diff(&old, &new, take_package, d) == 0 ? 0 :
		    dd_fail_nomem(e);
	packages_dispose(&old);
	packages_dispose(&new);
	return rc;
}

/* -- files --------------------------------------------------------------- */

static int
take_change(void *arg, const struct change *ch, const char *text,
    struct dd_err *e)
{
	struct differing *d = arg;
	char *line = NULL;

	if (text[0] == '\0')
		return 0;
	d->added += ch->kind == CHANGE_ADDED;
	d->removed += ch->kind == CHANGE_REMOVED;
	d->changed += ch->kind == CHANGE_CHANGED;
	if (d->changes != NULL)
		change_add_json(d->changes, ch->kind, ch->path, text);
	else if (d->content || !change_is_diff(text))
		(void)fputs(text, stdout);
	else {
		struct buf b = BUF_INIT;

		(void)buf_str(&b, "changed  ");
		fleet_out_text(&b, ch->path);
		if ((line = buf_steal(&b)) == NULL)
			return dd_fail_nomem(e);
		puts(line);
		free(line);
	}
	return 0;
}

static int
report(struct differing *d, struct dd_err *e)
{
	struct json_object *o;

	if (d->changes != NULL) {
		o = json_object_new_object();
		json_set_string(o, "image", d->m.p.image);
		json_set_size(o, "from", d->from);
		json_set_size(o, "to", d->to);
		json_set(o, "packages", json_object_get(d->pkgs));
		json_set(o, "changes", json_object_get(d->changes));
		return cmd_print_json(o, e);
	}
	printf("%zu added, %zu removed, %zu changed\n", d->added, d->removed,
	    d->changed);
	return cmd_finish_stdout(e);
}

static int
run(struct differing *d, const struct cmd_env *env, struct dd_err *e)
{
	if (find(d, e) == -1 || open_both(d, e) == -1)
		return -1;
	if (d->m.t.role == ROLE_PKG && compare_packages(d, e) == -1)
		return -1;
	if (d->packages.p != NULL)
		(void)fputs(d->packages.p, stdout);
	if (tree_preview(d->tree[0], d->tree[1], take_change, d,
	    env->progress, NULL, e) == -1)
		return -1;
	return report(d, e);
}

int
cmd_diff(const struct cmd_env *env, int argc, char **argv, struct dd_err *e)
{
	struct differing d = { .from = 0 };
	const struct arg args[] = {
		{ 'u', "content", ARG_FLAG, &d.content, NULL,
		    "how the texts differ, too" },
		{ 0, "json", ARG_FLAG, &d.m.json, NULL, "as JSON" },
		IMAGE_ARGS(d.image),
		{ 0, NULL, ARG_FLAG, NULL, NULL, NULL }
	};
	int i, rc;

	if ((rc = args_parse(args, &argc, argv, 1, 2, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (d.m.json) {
		d.changes = json_object_new_array();
		d.pkgs = json_object_new_array();
	}
	rc = managing_find(&d.m, env, argv[1], "diff", e);
	d.from = d.m.t.n;
	if (rc == 0 && argc > 2)
		rc = parse_other(argv[2], &d.to, e);
	if (rc == 0)
		rc = run(&d, env, e);
	for (i = 0; i < 2; i++) {
		image_close(d.im[i]);
		free(d.path[i]);
		free(d.params[i]);
	}
	json_object_put(d.changes);
	json_object_put(d.pkgs);
	buf_dispose(&d.packages);
	managing_dispose(&d.m);
	return rc;
}
