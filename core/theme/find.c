/* Where themes are; see theme.h. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/base/nearest.h"
#include "core/fleet/config.h"
#include "core/theme/theme_impl.h"

#define BUILT_IN	"built-in"
#define SUFFIX		".theme"
#define BESIDE		"drydock/themes"	/* a drydock.conf */
#define FOLDERS		3	/* at most, and NULL */
#define LIST_MAX	1000	/* themes; nobody has more */

static bool
is_file(const char *theme)
{
	size_t n = strlen(theme), end = strlen(SUFFIX);

	return strchr(theme, '/') != NULL ||
	    (n > end && strcmp(theme + n - end, SUFFIX) == 0);
}

/* -- folders ------------------------------------------------------------- */

static void
free_folders(char **f)
{
	size_t i;

	for (i = 0; i < FOLDERS; i++)
		free(f[i]);
}

/* Those to look into, first to last; a NULL among them is none. */
static int
folders(const char *config, char **f, struct dd_err *e)
{
	const char *beside[2] = { CONFIG_PATH, CONFIG_PATH_PKGSRC };
	char *dir;
	size_t i;

	memset(f, 0, FOLDERS * sizeof(*f));
	if (config != NULL) {
		beside[0] = config;
		beside[1] = NULL;
	}
	for (i = 0; i < 2; i++) {
		if (beside[i] == NULL)
			continue;
		if ((dir = fs_parent(beside[i])) != NULL)
			f[i] = fs_join(dir, BESIDE);
		free(dir);
		if (f[i] == NULL)
			goto nomem;
	}
	if ((f[2] = strdup(THEME_DIR)) == NULL)
		goto nomem;
	return 0;
nomem:
	free_folders(f);
	return dd_fail_nomem(e);
}

/* -- the list ------------------------------------------------------------ */

void
theme_list_dispose(struct theme_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].path);
	}
	free(l->v);
	*l = (struct theme_list){ .v = NULL };
}

/* The len bytes at name, unless there is one of that name. */
static int
add(struct theme_list *l, const char *name, size_t len, const char *folder,
    const char *file, struct dd_err *e)
{
	struct theme_entry *v;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strlen(l->v[i].name) == len &&
		    strncmp(l->v[i].name, name, len) == 0)
			return 0;
	if (l->n == LIST_MAX || len >= THEME_NAME)
		return 0;
	if ((v = realloc(l->v, (l->n + 1) * sizeof(*v))) == NULL)
		return dd_fail_nomem(e);
	l->v = v;
	v[l->n] = (struct theme_entry){ .name = strndup(name, len) };
	if (folder != NULL)
		v[l->n].path = fs_join(folder, file);
	l->n++;
	return v[l->n - 1].name == NULL ||
	    (folder != NULL && v[l->n - 1].path == NULL) ?
	    dd_fail_nomem(e) : 0;
}

/* A folder that is not there, or can't be read, has none. */
static int
add_folder(struct theme_list *l, const char *folder, struct dd_err *e)
{
	const size_t end = strlen(SUFFIX);
	struct dirent *d;
	DIR *dir;
	size_t n;
	int rc = 0;

	if (folder == NULL || (dir = opendir(folder)) == NULL)
		return 0;
	while (rc == 0 && (d = readdir(dir)) != NULL) {
		n = strlen(d->d_name);
		if (d->d_name[0] != '.' && is_file(d->d_name))
			rc = add(l, d->d_name, n - end, folder, d->d_name, e);
	}
	(void)closedir(dir);
	return rc;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct theme_entry *)a)->name,
	    ((const struct theme_entry *)b)->name);
}

int
theme_names(const char *config, struct theme_list *out, struct dd_err *e)
{
	struct theme_list l = { .v = NULL };
	const struct theme_source *b;
	char *f[FOLDERS];
	int rc = 0;
	size_t i;

	if (folders(config, f, e) == -1)
		return -1;
	for (i = 0; rc == 0 && i < FOLDERS; i++)
		rc = add_folder(&l, f[i], e);
	for (b = theme_builtins; rc == 0 && b->name != NULL; b++)
		rc = add(&l, b->name, strlen(b->name), NULL, NULL, e);
	free_folders(f);
	if (rc == -1) {
		theme_list_dispose(&l);
		return -1;
	}
	qsort(l.v, l.n, sizeof(*l.v), by_name);
	*out = l;
	return 0;
}

/* -- one ----------------------------------------------------------------- */

static int
unknown(const struct theme_list *l, const char *theme, struct dd_err *e)
{
	const char **names = calloc(l->n + 1, sizeof(*names));
	const char *meant = NULL;
	struct buf all = BUF_INIT;
	size_t i;

	(void)dd_fail(e, ERR_NOENT, "no theme %s", theme);
	for (i = 0; names != NULL && i < l->n; i++) {
		names[i] = l->v[i].name;
		(void)buf_printf(&all, "%s%s", i == 0 ? "" : ", ", names[i]);
	}
	if (names != NULL)
		meant = nearest(theme, names);
	if (meant != NULL)
		(void)dd_hint(e, "did you mean %s?", meant);
	else if (all.p != NULL)
		(void)dd_hint(e, "there are: %s; a file's name has a slash in "
		    "it", all.p);
	free(names);
	buf_dispose(&all);
	return -1;
}

static int
take_file(const char *file, struct buf *text, char **path, struct dd_err *e)
{
	if (fs_read_regular(file, THEME_MAX, text, NULL, e) == -1)
		return -1;
	if ((*path = strdup(file)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

int
theme_read(const char *config, const char *theme, struct buf *text,
    char **path, struct dd_err *e)
{
	struct theme_list l = { .v = NULL };
	size_t i = 0;
	int rc;

	if (is_file(theme))
		return take_file(theme, text, path, e);
	if (theme_names(config, &l, e) == -1)
		return -1;
	while (i < l.n && strcmp(l.v[i].name, theme) != 0)
		i++;
	if (i == l.n)
		rc = unknown(&l, theme, e);
	else if (l.v[i].path == NULL) {
		rc = theme_builtin_text(theme, text, e);
		if (rc == 0 && (*path = strdup(BUILT_IN)) == NULL)
			rc = dd_fail_nomem(e);
	} else
		rc = take_file(l.v[i].path, text, path, e);
	theme_list_dispose(&l);
	return rc;
}

int
theme_load(const struct xen_ops *ops, const char *config, const char *theme,
    struct theme *out, struct dd_err *e)
{
	struct buf text = BUF_INIT;
	char *path = NULL;
	int rc;

	rc = theme_read(config, theme, &text, &path, e);
	if (rc == 0)
		rc = theme_parse(ops, &text, strcmp(path, BUILT_IN) == 0 ?
		    theme : path, out, e);
	free(path);
	buf_dispose(&text);
	return rc;
}
