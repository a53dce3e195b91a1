/* The looks of the chooser: what is in a folder, and what a file is. */
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "core/recipe/kind.h"
#include "tui/chooser.h"

/* Where the superblock of an FFSv2 begins: no image ends before. */
#define IMAGE_MIN	65536
#define FILES_MAX	10000	/* of a folder; more nobody looks through */

/* -- a folder ------------------------------------------------------------ */

void
choices_free(struct choices *c)
{
	size_t i;

	for (i = 0; c != NULL && i < c->n; i++)
		free(c->v[i].name);
	if (c != NULL)
		free(c->v);
	free(c);
}

static void
take_entry(struct choices *c, const char *folder, const char *name)
{
	struct choice *f = &c->v[c->n];
	char *path = fs_join(folder, name);
	struct stat st;

	*f = (struct choice){ .name = strdup(name) };
	if (path != NULL && f->name != NULL && stat(path, &st) == 0) {
		f->folder = S_ISDIR(st.st_mode);
		f->size = (uint64_t)st.st_size;
		/* to open anything else may block, or worse */
		f->known = !S_ISREG(st.st_mode) || st.st_size < IMAGE_MIN;
		(void)snprintf(f->what, sizeof(f->what), "%s", f->folder ?
		    "folder" : !S_ISREG(st.st_mode) ? "not a file" :
		    f->known ? "not an image" : "");
		f->style = STYLE_DIM;
		c->n++;
	} else
		free(f->name);
	free(path);
}

static void
folder_run(struct look *look)
{
	struct folder_look *l = (struct folder_look *)look;
	const char *folder = l->folder[0] == '\0' ? "." : l->folder;
	struct choices *c = calloc(1, sizeof(*c));
	struct dirent **list = NULL;
	int i, n;

	if ((n = scandir(folder, &list, NULL, alphasort)) == -1)
		(void)snprintf(l->why, sizeof(l->why), "%s",
		    strerror(errno));
	if (n >= 0 && c != NULL)
		c->v = calloc((size_t)n + 1, sizeof(*c->v));
	for (i = 0; i < n; i++) {
		if (c != NULL && c->v != NULL && i < FILES_MAX &&
		    (list[i]->d_name[0] != '.' ||
		    strcmp(list[i]->d_name, "..") == 0))
			take_entry(c, folder, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	if (c != NULL && c->v != NULL)
		l->found = c;
	else
		choices_free(c);
}

static void
folder_free(struct look *look)
{
	struct folder_look *l = (struct folder_look *)look;

	choices_free(l->found);
	free(l->folder);
	free(l);
}

struct folder_look *
folder_look_new(const char *folder)
{
	struct folder_look *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->look.run = folder_run;
	l->look.free = folder_free;
	if ((l->folder = strdup(folder)) != NULL)
		return l;
	free(l);
	return NULL;
}

/* -- a file -------------------------------------------------------------- */

static void
tell(struct kind_look *l, const struct recognized *r)
{
	const struct probe_ffs *f = &r->probe.ffs;
	struct buf b = BUF_INIT;

	if (r->kind == KIND_UNKNOWN && !r->encrypted &&
	    r->probe.kind == PROBE_UNKNOWN) {
		(void)snprintf(l->what, sizeof(l->what), "not an image");
		return;
	}
	if (r->encrypted)
		(void)buf_str(&b, "encrypted, it seems");
	else if (r->kind == KIND_SWAP)
		(void)buf_str(&b, r->probe.kind == PROBE_EMPTY ?
		    "empty, as swap is" : "swap");
	else if (r->probe.kind != PROBE_FFS)
		(void)buf_str(&b, probe_kind_name(r->probe.kind));
	else {
		(void)buf_printf(&b, "%s, FFSv%d", r->kind == KIND_UNKNOWN ?
		    "no known kind" : image_kind_name(r->kind), f->version);
		if (r->release.name[0] != '\0')
			(void)buf_printf(&b, ", %s", r->release.name);
		(void)buf_str(&b, f->clean ? ", clean" : ", not clean");
	}
	l->style = r->kind == KIND_UNKNOWN ? STYLE_DIM :
	    r->probe.kind == PROBE_FFS && !f->clean ? STYLE_WARN : STYLE_OK;
	(void)snprintf(l->what, sizeof(l->what), "%s", b.failed ? "" : b.p);
	buf_dispose(&b);
}

static void
kind_run(struct look *look)
{
	struct kind_look *l = (struct kind_look *)look;
	const struct image_opts opts = { .write = false };
	struct dd_err e = DD_ERR_INIT;
	struct recognized r;

	l->style = STYLE_DIM;
	if (image_recognize(l->path, &opts, &r, &e) == 0)
		tell(l, &r);
	else
		(void)snprintf(l->what, sizeof(l->what), "%s", e.code ==
		    ERR_PERM ? "may not be read" : e.code == ERR_HELD ?
		    "in use" : "not an image");
}

static void
kind_free(struct look *look)
{
	struct kind_look *l = (struct kind_look *)look;

	free(l->path);
	free(l);
}

struct kind_look *
kind_look_new(const char *path)
{
	struct kind_look *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->look.run = kind_run;
	l->look.free = kind_free;
	if ((l->path = strdup(path)) != NULL)
		return l;
	free(l);
	return NULL;
}
