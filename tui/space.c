/* Free space where images lie; see space.h. */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fsutil.h"
#include "tui/space.h"

static struct space *
find(struct space_look *l, dev_t dev)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].dev == dev)
			return &l->v[i];
	return NULL;
}

/* The highest folder above path on the same device; "" where it can't be told. */
static char *
top_of(const char *path, dev_t dev)
{
	char *at = strdup(path), *up;
	struct stat st;

	while (at != NULL) {
		up = fs_parent(at);
		if (up == NULL || strcmp(up, at) == 0 ||
		    stat(up, &st) == -1 || st.st_dev != dev) {
			free(up);
			break;
		}
		free(at);
		at = up;
	}
	return at;
}

static void
ask(struct space *s)
{
	struct statvfs vfs;
	char *top;

	if (statvfs(s->at, &vfs) == -1) {
		s->error = strdup(strerror(errno));
		return;
	}
	s->size = (uint64_t)vfs.f_blocks * vfs.f_frsize;
	s->free = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	if ((top = top_of(s->at, s->dev)) != NULL) {
		free(s->at);
		s->at = top;
	}
}

static int
fuller(const void *a, const void *b)
{
	const struct space *x = a, *y = b;
	const double fx = x->size == 0 ? 1 : (double)x->free /
	    (double)x->size;
	const double fy = y->size == 0 ? 1 : (double)y->free /
	    (double)y->size;

	return (fx > fy) - (fx < fy);
}

static void
run(struct look *look)
{
	struct space_look *l = (struct space_look *)look;
	size_t i;

	for (i = 0; i < l->n; i++)
		ask(&l->v[i]);
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), fuller);
}

void
spaces_free(struct space *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(v[i].at);
		free(v[i].error);
	}
	free(v);
}

static void
dispose(struct look *look)
{
	struct space_look *l = (struct space_look *)look;

	spaces_free(l->v, l->n);
	free(l);
}

struct space_look *
space_look_new(const struct fleet *fleet)
{
	struct space_look *l = calloc(1, sizeof(*l));
	const struct fleet_image *image;
	struct space *s;
	size_t i;

	if (l == NULL)
		return NULL;
	l->look.run = run;
	l->look.free = dispose;
	l->v = calloc(fleet->nimages + 1, sizeof(*l->v));
	for (i = 0; l->v != NULL && i < fleet->nimages; i++) {
		image = fleet->images[i];
		/* a block device lies on none */
		if (image->missing || image->ino == 0)
			continue;
		if ((s = find(l, image->dev)) == NULL) {
			s = &l->v[l->n];
			s->dev = image->dev;
			if ((s->at = strdup(image->path)) == NULL)
				continue;
			l->n++;
		}
		s->images++;
		s->taken += image->allocated;
	}
	if (l->v == NULL) {
		dispose(&l->look);
		return NULL;
	}
	return l;
}
