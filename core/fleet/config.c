/* drydock.conf: a table of keys, read through the same parser as xl.cfg. */
#include <sys/stat.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/base/nearest.h"
#include "core/base/units.h"
#include "core/base/vis.h"
#include "core/fleet/config_list.h"
#include "core/fleet/scan.h"

enum kind { DIRS, DIR, LIST, WORD, THEME, NUMBER };

struct key {
	const char	*name;
	enum kind	 kind;
	size_t		 field;		/* in struct config */
	const char	*const *only;	/* WORD: those there are; NULL: any */
	unsigned	 min, max;	/* NUMBER */
};

#define FIELD(name)	offsetof(struct config, name)

static const char *const drivers[] = { "direct", "kernel", NULL };

static const char *const bars[] = { "letters", "functions", NULL };

static const struct key keys[] = {
	{ .name = "config_dirs", .kind = DIRS, .field = FIELD(config_dirs) },
	{ .name = "state_dir", .kind = DIR, .field = FIELD(state_dir) },
	{ .name = "driver", .kind = WORD, .field = FIELD(driver),
	    .only = drivers },
	{ .name = "theme", .kind = THEME, .field = FIELD(theme) },
	{ .name = "keep", .kind = NUMBER, .field = FIELD(keep),
	    .min = 1, .max = 1000 },
	{ .name = "watch", .kind = NUMBER, .field = FIELD(watch),
	    .min = 0, .max = 86400 },
	{ .name = "max_unavailable", .kind = NUMBER,
	    .field = FIELD(max_unavailable), .min = 1, .max = 100000 },
	{ .name = "full_warning", .kind = NUMBER,
	    .field = FIELD(full_warning), .min = 1, .max = 100 },
	{ .name = "full_error", .kind = NUMBER,
	    .field = FIELD(full_error), .min = 1, .max = 100 },
	{ .name = "refresh", .kind = NUMBER, .field = FIELD(refresh),
	    .min = 0, .max = 3600 },
	{ .name = "keys", .kind = LIST, .field = FIELD(keys) },
	{ .name = "columns_fleet", .kind = LIST,
	    .field = FIELD(columns_fleet) },
	{ .name = "columns_generations", .kind = LIST,
	    .field = FIELD(columns_generations) },
	{ .name = "columns_history", .kind = LIST,
	    .field = FIELD(columns_history) },
	{ .name = "columns_files", .kind = LIST,
	    .field = FIELD(columns_files) },
	{ .name = "mouse", .kind = NUMBER, .field = FIELD(mouse),
	    .min = 0, .max = 1 },
	{ .name = "bar", .kind = WORD, .field = FIELD(bar), .only = bars },
};

#define NKEYS	(sizeof(keys) / sizeof(keys[0]))
_Static_assert(NKEYS <= sizeof(((struct config *)0)->lines) /
    sizeof(unsigned), "struct config has a line for each key");

/* The file being read. */
struct reader {
	const struct xen_ops	*ops;
	const struct xen_cfg	*cfg;
	const char		*path;
	const char		*dir;	/* where path lies; NULL: here */
	const struct buf	*text;
	struct config		*conf;
};

static void
free_dirs(char **dirs)
{
	size_t i;

	for (i = 0; dirs != NULL && dirs[i] != NULL; i++)
		free(dirs[i]);
	free(dirs);
}

void
config_dispose(struct config *c)
{
	config_list_dispose(&c->keys);
	config_list_dispose(&c->columns_fleet);
	config_list_dispose(&c->columns_generations);
	config_list_dispose(&c->columns_history);
	config_list_dispose(&c->columns_files);
	free(c->bar);
	free(c->path);
	free_dirs(c->config_dirs);
	free(c->state_dir);
	free(c->driver);
	free(c->theme);
	*c = (struct config){ .path = NULL };
}

static int
set_string(char **field, char *value, struct dd_err *e)
{
	if (value == NULL)
		return dd_fail_nomem(e);
	free(*field);
	*field = value;
	return 0;
}

/* A folder's name from the file, in fresh memory, or NULL. */
static char *
resolve(const struct reader *r, const char *dir)
{
	return r->dir == NULL ? strdup(dir) : fs_join(r->dir, dir);
}

/* Those of the usual folders that are there. */
static int
default_dirs(struct config *c, struct dd_err *e)
{
	static const char *const usual[] = { "/etc/xen", "/etc/xen/auto",
	    "/usr/pkg/etc/xen", "/usr/pkg/etc/xen/auto" };
	struct stat st;
	size_t i, n = 0;

	c->config_dirs = calloc(sizeof(usual) / sizeof(usual[0]) + 1,
	    sizeof(*c->config_dirs));
	if (c->config_dirs == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (stat(usual[i], &st) == 0 && S_ISDIR(st.st_mode) &&
		    set_string(&c->config_dirs[n++], strdup(usual[i]), e) ==
		    -1)
			return -1;
	return 0;
}

static int
defaults(struct config *c, struct dd_err *e)
{
	*c = (struct config){ .keep = 5, .watch = 60, .max_unavailable = 1,
	    .full_warning = CONFIG_FULL_WARNING,
	    .full_error = CONFIG_FULL_ERROR, .refresh = 5, .mouse = 1 };
	if (default_dirs(c, e) == -1)
		return -1;
	return set_string(&c->state_dir, strdup("/var/db/drydock"), e);
}

static int
read_dirs(const struct reader *r, const char *name, char ***field,
    struct dd_err *e)
{
	int i, n = r->ops->cfg_list(r->cfg, name);
	const char *item;
	char **dirs;

	if (n <= 0) {
		(void)dd_fail(e, ERR_CONFIG, n == 0 ? "%s names no folder" :
		    "%s wants a list", name);
		return dd_hint(e, "write %s = [ \"/etc/xen\" ]", name);
	}
	if ((dirs = calloc((size_t)n + 1, sizeof(*dirs))) == NULL)
		return dd_fail_nomem(e);
	for (i = 0; i < n; i++) {
		item = r->ops->cfg_item(r->cfg, name, i);
		if (item == NULL || item[0] == '\0') {
			(void)dd_fail(e, ERR_CONFIG, "%s: entry %d is not "
			    "the name of a folder", name, i + 1);
			goto fail;
		}
		if (set_string(&dirs[i], resolve(r, item), e) == -1)
			goto fail;
	}
	free_dirs(*field);
	*field = dirs;
	return 0;
fail:
	free_dirs(dirs);
	return -1;
}

static int
read_word(const struct key *k, const char *value, char **field,
    struct dd_err *e)
{
	size_t i;

	for (i = 0; k->only != NULL && k->only[i] != NULL; i++)
		if (strcmp(k->only[i], value) == 0)
			break;
	if (k->only != NULL && k->only[i] == NULL) {
		(void)dd_fail(e, ERR_CONFIG, "%s can't be \"%s\"", k->name,
		    value);
		return dd_hint(e, "it is \"%s\" or \"%s\"", k->only[0],
		    k->only[1]);
	}
	return set_string(field, strdup(value), e);
}

static int
read_number(const struct key *k, const char *value, unsigned *field,
    struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;
	uint64_t n;

	if (units_number(value, k->min, k->max, k->name, &n, &why) == -1)
		return dd_fail(e, ERR_CONFIG, "%s", why.msg);
	*field = (unsigned)n;
	return 0;
}

/* A theme goes by its name, or is a file. */
static bool
names_file(const char *theme)
{
	const char *dot = strrchr(theme, '.');

	return strchr(theme, '/') != NULL ||
	    (dot != NULL && strcmp(dot, ".theme") == 0);
}

static int
read_key(const struct reader *r, const struct key *k, unsigned line,
    struct dd_err *e)
{
	void *field = (char *)r->conf + k->field;
	const char *value;

	r->conf->lines[k - keys] = line;
	if (k->kind == DIRS)
		return read_dirs(r, k->name, field, e);
	if (k->kind == LIST)
		return config_list_read(r->ops, r->cfg, r->text, k->name,
		    line, field, e);
	if ((value = r->ops->cfg_string(r->cfg, k->name)) == NULL) {
		(void)dd_fail(e, ERR_CONFIG, "%s wants one value, not a "
		    "list", k->name);
		return dd_hint(e, "write %s = %s", k->name,
		    k->kind == NUMBER ? "5" : "\"...\"");
	}
	if (k->kind == NUMBER)
		return read_number(k, value, field, e);
	if (value[0] == '\0')
		return dd_fail(e, ERR_CONFIG, "%s is empty", k->name);
	if (k->kind == WORD)
		return read_word(k, value, field, e);
	if (k->kind == THEME && !names_file(value))
		return set_string(field, strdup(value), e);
	return set_string(field, resolve(r, value), e);
}

static const struct key *
find_key(const char *name)
{
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

static int
unknown_key(const char *name, struct dd_err *e)
{
	const char *names[NKEYS + 1], *meant;
	char all[512] = "";
	size_t i, n = 0;

	for (i = 0; i < NKEYS; i++) {
		names[i] = keys[i].name;
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
		    i == 0 ? "" : ", ", names[i]);
	}
	names[NKEYS] = NULL;
	(void)dd_fail(e, ERR_CONFIG, "unknown key %s", name);
	if ((meant = nearest(name, names)) != NULL)
		return dd_hint(e, "did you mean %s?", meant);
	return dd_hint(e, "there are: %s", all);
}

/* Every key once, known, and of the right kind. */
static int
read_keys(const struct reader *r, const struct scan *s, struct dd_err *e)
{
	const struct scan_key *dup, *first;
	const struct key *k;
	size_t i = 0;

	if ((dup = scan_duplicate(s, &i, &first)) != NULL) {
		(void)dd_fail(e, ERR_CONFIG, "%s:%u: %s stands in line %u "
		    "already", r->path, dup->line, dup->name, first->line);
		return dd_hint(e, "take one of the two lines out");
	}
	for (i = 0; i < s->n; i++) {
		k = find_key(s->v[i].name);
		if ((k == NULL ? unknown_key(s->v[i].name, e) :
		    read_key(r, k, s->v[i].line, e)) == -1)
			return dd_context(e, "%s:%u", r->path, s->v[i].line);
	}
	return 0;
}

static int
read_text(const struct xen_ops *ops, const char *path, const struct buf *text,
    struct config *conf, struct dd_err *e)
{
	struct reader r = { .ops = ops, .path = path, .conf = conf,
	    .text = text };
	struct scan scan = SCAN_INIT;
	struct xen_cfg *cfg = NULL;
	char *dir = NULL;
	int rc = -1;

	if (scan_text(text->p, text->len, &scan, e) == -1) {
		(void)dd_context(e, "%s", path);
		goto out;
	}
	if (ops->cfg_open(text->p, text->len, path, &cfg, e) == -1)
		goto out;
	if (strchr(path, '/') != NULL && (dir = fs_parent(path)) == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	r.cfg = cfg;
	r.dir = dir;
	rc = read_keys(&r, &scan, e);
out:
	free(dir);
	ops->cfg_close(cfg);
	scan_dispose(&scan);
	return rc;
}

/* The file to read: the one asked for, or a default one that exists. */
static const char *
choose(const char *path)
{
	struct stat st;

	if (path != NULL)
		return path;
	if (stat(CONFIG_PATH, &st) == 0)
		return CONFIG_PATH;
	if (stat(CONFIG_PATH_PKGSRC, &st) == 0)
		return CONFIG_PATH_PKGSRC;
	return NULL;
}

/*
 * Made when it is missing.  Where that is not allowed whatever only looks
 * works all the same; what keeps something there will say so.
 */
static void
make_state_dir(const struct config *c)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct stat st;

	if (c->path != NULL && stat(c->state_dir, &st) == -1)
		(void)fs_mkdirs(c->state_dir, 0755, &ignored);
}

int
config_load(const struct xen_ops *ops, const char *path, struct config *out,
    struct dd_err *e)
{
	struct buf text = BUF_INIT;
	struct config conf;
	int rc = -1;

	if (defaults(&conf, e) == -1)
		goto out;
	if ((path = choose(path)) != NULL) {
		if (fs_read_regular(path, CONFIG_MAX, &text, NULL, e) == -1) {
			(void)dd_hint(e, "--config wants a file in xl.conf "
			    "syntax, such as config_dirs = [ \"/etc/xen\" ]");
			goto out;
		}
		if (set_string(&conf.path, strdup(path), e) == -1 ||
		    read_text(ops, path, &text, &conf, e) == -1)
			goto out;
	}
	make_state_dir(&conf);
	*out = conf;
	conf = (struct config){ .path = NULL };
	rc = 0;
out:
	buf_dispose(&text);
	config_dispose(&conf);
	return rc;
}

static void
put_list(struct buf *b, char *const *v)
{
	(void)buf_str(b, "[ ");
	for (; v != NULL && *v != NULL; v++) {
		(void)scan_quote(b, *v);
		(void)buf_str(b, v[1] != NULL ? ", " : " ");
	}
	(void)buf_str(b, "]");
}

static void
put_value(struct buf *b, const struct config *c, const struct key *k)
{
	const void *field = (const char *)c + k->field;
	const char *s;

	switch (k->kind) {
	case DIRS:
		put_list(b, *(char *const *const *)field);
		break;
	case LIST:
		put_list(b, ((const struct config_list *)field)->v);
		break;
	case NUMBER:
		(void)buf_printf(b, "%u", *(const unsigned *)field);
		break;
	default:
		if ((s = *(char *const *)field) != NULL)
			(void)scan_quote(b, s);
	}
}

void
config_each(const struct config *c, config_fn *fn, void *arg)
{
	struct buf b = BUF_INIT, shown = BUF_INIT;
	size_t i;

	for (i = 0; i < NKEYS; i++) {
		buf_reset(&b);
		buf_reset(&shown);
		put_value(&b, c, &keys[i]);
		if (b.p != NULL && !b.failed)
			(void)vis_buf(&shown, b.p, b.len);
		fn(arg, keys[i].name, shown.p != NULL && !shown.failed ?
		    shown.p : "", c->lines[i]);
	}
	buf_dispose(&b);
	buf_dispose(&shown);
}

unsigned
config_line(const struct config *c, const char *name)
{
	const struct key *k = find_key(name);

	return k == NULL ? 0 : c->lines[k - keys];
}
