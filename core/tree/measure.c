/* What a copy will take, and whether that fits; see copy.h. */
#include <stdio.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/map.h"
#include "core/base/units.h"
#include "core/tree/copy.h"

struct measuring {
	struct measure	*m;
	uint32_t	 unit;
	struct map	 linked;
	struct progress	*progress;
	/* A copy with options: what is there, and not wanted, takes nothing. */
	const struct copy_opts *o;
	struct tree	*dst;
	const char	*to;
	size_t		 from_len;	/* of the path copied, "" for / */
	bool		 started;
};

static bool
is_left_out(struct measuring *s, const struct tree_visit *v)
{
	char target[TREE_PATH_MAX];

	if (!s->started) {
		s->started = true;
		s->from_len = v->path[1] == '\0' ? 0 : strlen(v->path);
	}
	if (s->o == NULL || (s->o->want == NULL && !s->o->keep_existing))
		return false;
	(void)snprintf(target, sizeof(target), "%s%s", s->to,
	    v->path + s->from_len);
	if (s->o->want != NULL && v->st->type != TREE_DIR &&
	    !s->o->want(s->o->arg, target))
		return true;
	return s->o->keep_existing && tree_exists(s->dst, target);
}

int
measure_add(struct measure *m, uint32_t unit, uint64_t data)
{
	m->inodes++;
	if (data > UINT64_MAX - unit ||
	    __builtin_add_overflow(m->bytes, round_up(data, unit), &m->bytes))
		return -1;
	return 0;
}

static int
visit(void *arg, const struct tree_visit *v, struct dd_err *e)
{
	const struct tree_stat *st = v->st;
	struct measuring *s = arg;
	uint64_t data;

	if (st->type == TREE_SOCK || is_left_out(s, v))
		return 0;
	if (st->nlink > 1 && st->type != TREE_DIR) {
		if (map_get(&s->linked, st->id) != NULL)
			return 0;
		if (map_put(&s->linked, st->id, s) == -1)
			return dd_fail_nomem(e);
	}
	s->m->dirs += st->type == TREE_DIR;
	data = st->type == TREE_DIR ? 1 : st->type != TREE_REG ? 0 :
	    min64(st->size, st->blocks > UINT64_MAX / 512 ? UINT64_MAX :
	    st->blocks * 512);
	if (measure_add(s->m, s->unit, data) == -1)
		return dd_fail(e, ERR_NOSPC, "%s: impossibly large", v->path);
	return progress_tick(s->progress, "measuring", s->m->inodes, 0, e);
}

static int
measure(struct measuring *s, struct tree *t, const char *path,
    struct dd_err *e)
{
	int rc = tree_walk(t, path, visit, s, e);

	map_dispose(&s->linked);
	return rc;
}

int
tree_measure(struct tree *t, const char *path, uint32_t unit,
    struct measure *m, struct progress *progress, struct dd_err *e)
{
	struct measuring s = { .m = m, .unit = unit, .linked = MAP_INIT,
	    .progress = progress };

	return measure(&s, t, path, e);
}

int
copy_measure(struct tree *src, const char *from, struct tree *dst,
    const char *to, const struct copy_opts *o, struct measure *m,
    struct dd_err *e)
{
	struct measuring s = { .m = m, .unit = dst->unit, .linked = MAP_INIT,
	    .progress = o->progress, .o = o, .dst = dst, .to = to };

	return measure(&s, src, from, e);
}

int
tree_fits(struct tree *t, const struct measure *m, struct dd_err *e)
{
	char need[UNITS_MAX], have[UNITS_MAX];
	uint64_t bytes, inodes;

	if (t->ops->space(t, &bytes, &inodes, e) == -1)
		return -1;
	if (m->bytes > bytes)
		(void)dd_fail(e, ERR_NOSPC, "no room: %s (%llu bytes) needed, "
		    "%s (%llu bytes) free",
		    units_format(need, m->bytes),
		    (unsigned long long)m->bytes,
		    units_format(have, bytes), (unsigned long long)bytes);
	else if (m->inodes > inodes)
		(void)dd_fail(e, ERR_NOSPC,
		    "no room: %llu inodes needed, %llu free",
		    (unsigned long long)m->inodes,
		    (unsigned long long)inodes);
	else
		return 0;
	return dd_hint(e, "make a larger image (drydock create -s), or remove "
	    "something from this one");
}
