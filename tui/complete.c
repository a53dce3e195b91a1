/* Path completion; see complete.h. */
#include <sys/stat.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "tui/complete.h"
#include "tui/patient.h"

#define NAMES_MAX	1024

static bool
is_dir(const char *dir, const char *name)
{
	char *path = fs_join(dir, name);
	struct stat st;
	bool yes;

	yes = path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	free(path);
	return yes;
}

/* Keep in common what it shares with name. */
static void
share(struct buf *common, const char *name, bool first)
{
	size_t i;

	if (first) {
		(void)buf_str(common, name);
		return;
	}
	for (i = 0; i < common->len && common->p[i] == name[i]; i++)
		;
	/* Not in the middle of a character. */
	while (i > 0 && ((unsigned char)common->p[i] & 0xc0) == 0x80)
		i--;
	common->len = i;
	common->p[i] = '\0';
}

static bool
fits(const char *name, const char *base)
{
	/* Hidden files only where one asks for them. */
	return strncmp(name, base, strlen(base)) == 0 &&
	    (name[0] != '.' || base[0] == '.') && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0;
}

size_t
complete_path(const char *path, struct buf *out, struct buf *names)
{
	const char *slash = strrchr(path, '/'), *name;
	const char *base = slash == NULL ? path : slash + 1;
	struct buf common = BUF_INIT, dir = BUF_INIT;
	struct dirent **list = NULL;
	int i, total = 0;
	size_t n = 0;

	(void)buf_add(&dir, path, (size_t)(base - path));
	if (dir.len == 0)
		(void)buf_str(&dir, ".");
	if (!dir.failed)
		total = scandir(dir.p, &list, NULL, alphasort);
	for (i = 0; i < total; i++) {
		name = list[i]->d_name;
		if (fits(name, base)) {
			share(&common, name, n++ == 0);
			if (names->len + strlen(name) < NAMES_MAX)
				(void)buf_printf(names, "%s%s%s",
				    names->len > 0 ? "  " : "", name,
				    is_dir(dir.p, name) ? "/" : "");
		}
		free(list[i]);
	}
	free(list);
	if (n > 0 && !common.failed) {
		(void)buf_str(out, common.p + strlen(base));
		if (n == 1 && is_dir(dir.p, common.p))
			(void)buf_str(out, "/");
	}
	buf_dispose(&common);
	buf_dispose(&dir);
	return n;
}

struct answer {
	struct buf	out, names;
	size_t		n;
};

static void *
ask(const char *path)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->n = complete_path(path, &a->out, &a->names);
	return a;
}

static void
drop(void *answer)
{
	struct answer *a = answer;

	buf_dispose(&a->out);
	buf_dispose(&a->names);
	free(a);
}

size_t
complete_soon(const char *path, struct buf *out, struct buf *names,
    bool *waiting)
{
	static struct patient patient = PATIENT_INIT(ask, drop);
	struct answer *a = patient_ask(&patient, path);
	size_t n = 0;

	*waiting = a == NULL;
	if (a == NULL)
		return 0;
	n = a->n;
	if (a->out.p != NULL && !a->out.failed)
		(void)buf_str(out, a->out.p);
	if (a->names.p != NULL && !a->names.failed)
		(void)buf_str(names, a->names.p);
	drop(a);
	return n;
}
