/*
 * The manifest of a subtree, as NetBSD's test images have it:
 *
 *	- 0644   2     0     0         14 1234567890.000000000 /a sha256=...
 *	l 0755   1     0     0          1 1234567890.000000000 /l -> a
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/hash.h"
#include "core/base/vis.h"
#include "core/tree/content.h"
#include "core/tree/copy.h"

struct manifest {
	struct tree	*t;
	int		(*line)(void *, const char *, struct dd_err *);
	void		*arg;
	struct progress	*progress;
	struct buf	 text, scratch;
	struct hash	*sum;
	/* Sums of files with several names, by id: a rescue folder has one
	 * large program under a hundred names. */
	struct map	 linked;
};

static int
put_sum(struct manifest *m, const struct tree_visit *v, struct dd_err *e)
{
	char hex[HASH_HEX], *kept = map_get(&m->linked, v->st->id);

	if (kept == NULL) {
		if (content_sum(m->t, v->node, m->sum, &m->scratch,
		    m->progress, hex, e) == -1)
			return -1;
		if (v->st->nlink > 1 && ((kept = strdup(hex)) == NULL ||
		    map_put(&m->linked, v->st->id, kept) == -1)) {
			free(kept);
			return dd_fail_nomem(e);
		}
	}
	(void)buf_printf(&m->text, " sha256=%s", kept != NULL ? kept : hex);
	return 0;
}

static int
put_target(struct manifest *m, const struct tree_visit *v, struct dd_err *e)
{
	char target[TREE_PATH_MAX];

	if (m->t->ops->readlink(m->t, v->node, target, sizeof(target),
	    e) == -1)
		return -1;
	(void)buf_str(&m->text, " -> ");
	(void)vis_manifest(&m->text, target, strlen(target));
	return 0;
}

static int
visit(void *arg, const struct tree_visit *v, struct dd_err *e)
{
	const struct tree_stat *st = v->st;
	struct manifest *m = arg;
	bool device = st->type == TREE_CHR || st->type == TREE_BLK;
	int r = 0;

	buf_reset(&m->text);
	(void)buf_printf(&m->text, "%c %04o %3u %5u %5u %10llu %lld.%09ld ",
	    tree_type_letter(st->type), st->perm, st->nlink, st->uid,
	    st->gid, (unsigned long long)(device ? st->rdev : st->size),
	    (long long)st->mtime.sec, (long)st->mtime.nsec);
	(void)vis_manifest(&m->text, v->path, strlen(v->path));
	if (st->type == TREE_LNK)
		r = put_target(m, v, e);
	else if (st->type == TREE_REG)
		r = put_sum(m, v, e);
	if (r == -1)
		return dd_context(e, "%s", v->path);
	if (m->text.failed)
		return dd_fail_nomem(e);
	return m->line(m->arg, m->text.p, e);
}

int
tree_manifest(struct tree *t, const char *path,
    int (*line)(void *, const char *, struct dd_err *), void *arg,
    struct progress *progress, struct dd_err *e)
{
	struct manifest m = { .t = t, .line = line, .arg = arg,
	    .progress = progress, .text = BUF_INIT,
	    .scratch = BUF_INIT, .linked = MAP_INIT };
	uint64_t id;
	size_t at = 0;
	char *kept;
	int rc = -1;

	if (hash_open(HASH_SHA256, &m.sum, e) == 0)
		rc = tree_walk(t, path, visit, &m, e);
	while ((kept = map_next(&m.linked, &at, &id)) != NULL)
		free(kept);
	map_dispose(&m.linked);
	hash_close(m.sum);
	buf_dispose(&m.text);
	buf_dispose(&m.scratch);
	return rc;
}
