/*
 * The preview of a change.
 *
 * Changed text files come as unified diffs, everything else as one line.  All
 * that makes up the change, before and after, goes into one checksum, times
 * excepted: the same change tomorrow has the same sum.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/udiff.h"
#include "core/base/units.h"
#include "core/base/vis.h"
#include "core/tree/content.h"
#include "core/tree/copy.h"

#define DIFF_MAX	(1024 * 1024)	/* larger texts are not compared */

struct preview {
	struct tree	*before, *after;
	struct buf	 text;		/* of this change */
	struct buf	 old, new, scratch;
	preview_fn	*fn;
	void		*arg;
	struct hash	*all, *file;
	struct progress	*progress;
};

/* Into the sum: one state of one file. */
static int
sum_state(struct preview *p, struct tree *t, struct tree_node node,
    const struct tree_stat *st, struct dd_err *e)
{
	char line[128], target[TREE_PATH_MAX], hex[HASH_HEX];
	int n;

	n = snprintf(line, sizeof(line), "%c %o %u %u %x %x\n",
	    tree_type_letter(st->type), st->perm, st->uid, st->gid,
	    st->flags, st->type == TREE_CHR || st->type == TREE_BLK ?
	    st->rdev : 0);
	hash_add(p->all, line, (size_t)n);
	if (st->type == TREE_LNK) {
		if (t->ops->readlink(t, node, target, sizeof(target),
		    e) == -1)
			return -1;
		hash_add(p->all, target, strlen(target) + 1);
	} else if (st->type == TREE_REG) {
		if (content_sum(t, node, p->file, &p->scratch, p->progress,
		    hex, e) == -1)
			return -1;
		hash_add(p->all, hex, sizeof(hex));
	}
	return 0;
}

static int
sum_change(struct preview *p, const struct change *ch, struct dd_err *e)
{
	static const char *const kinds[] = { [CHANGE_ADDED] = "added ",
	    [CHANGE_REMOVED] = "removed ", [CHANGE_CHANGED] = "changed " };

	hash_add(p->all, kinds[ch->kind], strlen(kinds[ch->kind]));
	hash_add(p->all, ch->path, strlen(ch->path) + 1);
	if (ch->before != NULL && sum_state(p, p->before, ch->node_before,
	    ch->before, e) == -1)
		return -1;
	if (ch->after != NULL && sum_state(p, p->after, ch->node_after,
	    ch->after, e) == -1)
		return -1;
	return 0;
}

static void
put_path(struct preview *p, const char *path)
{
	(void)vis_buf(&p->text, path, strlen(path));
}

/* "added    -0644 0:0 1.5 KiB /path -> target" */
static int
line_of_one(struct preview *p, const char *what, struct tree *t,
    struct tree_node node, const struct tree_stat *st, const char *path,
    struct dd_err *e)
{
	char target[TREE_PATH_MAX], size[UNITS_MAX];

	(void)buf_printf(&p->text, "%-8s %c%04o %u:%u ", what,
	    tree_type_letter(st->type), st->perm, st->uid, st->gid);
	if (st->type == TREE_REG)
		(void)buf_printf(&p->text, "%s ",
		    units_format(size, st->size));
	if (st->type == TREE_CHR || st->type == TREE_BLK)
		(void)buf_printf(&p->text, "%u,%u ", tree_major(st->rdev),
		    tree_minor(st->rdev));
	put_path(p, path);
	if (st->type == TREE_LNK) {
		if (t->ops->readlink(t, node, target, sizeof(target),
		    e) == -1)
			return -1;
		(void)buf_str(&p->text, " -> ");
		put_path(p, target);
	}
	(void)buf_str(&p->text, "\n");
	return 0;
}

static int
read_text(struct tree *t, struct tree_node node, uint64_t size,
    struct buf *out, struct dd_err *e)
{
	size_t got;
	void *p;

	buf_reset(out);
	if ((p = buf_room(out, (size_t)size)) == NULL)
		return dd_fail_nomem(e);
	if (t->ops->read(t, node, p, (size_t)size, 0, &got, e) == -1)
		return -1;
	out->len = got;
	return 0;
}

/* Show the content's change as a diff; *shown: it was text. */
static int
diff(struct preview *p, const struct change *ch, bool *shown,
    struct dd_err *e)
{
	*shown = false;
	if (ch->before->type != TREE_REG || ch->before->size > DIFF_MAX ||
	    ch->after->size > DIFF_MAX)
		return 0;
	if (read_text(p->before, ch->node_before, ch->before->size, &p->old,
	    e) == -1 ||
	    read_text(p->after, ch->node_after, ch->after->size, &p->new,
	    e) == -1)
		return -1;
	if (!udiff_is_text(p->old.p, p->old.len) ||
	    !udiff_is_text(p->new.p, p->new.len))
		return 0;
	*shown = true;
	if (udiff(&p->text, ch->path, p->old.p, p->old.len, ch->path,
	    p->new.p, p->new.len) == -1)
		return dd_fail_nomem(e);
	return 0;
}

/* "changed  /path: mode 0644 -> 0755, content (3 B -> 1.5 MiB)" */
static int
line_of_both(struct preview *p, const struct change *ch, bool content,
    struct dd_err *e)
{
	const struct tree_stat *a = ch->before, *b = ch->after;
	char size[2][UNITS_MAX], flags[2][TREE_FLAGS_TEXT];
	struct buf what = BUF_INIT;

	if (content && a->type == TREE_LNK)
		(void)buf_str(&what, ", target");
	else if (content)
		(void)buf_printf(&what, ", content (%s -> %s)",
		    units_format(size[0], a->size),
		    units_format(size[1], b->size));
	if (a->perm != b->perm)
		(void)buf_printf(&what, ", mode %04o -> %04o", a->perm,
		    b->perm);
	if (a->uid != b->uid || a->gid != b->gid)
		(void)buf_printf(&what, ", owner %u:%u -> %u:%u", a->uid,
		    a->gid, b->uid, b->gid);
	if (a->flags != b->flags)
		(void)buf_printf(&what, ", flags %s -> %s",
		    tree_flags_text(flags[0], a->flags),
		    tree_flags_text(flags[1], b->flags));
	if (a->rdev != b->rdev)
		(void)buf_printf(&what, ", device %u,%u -> %u,%u",
		    tree_major(a->rdev), tree_minor(a->rdev),
		    tree_major(b->rdev), tree_minor(b->rdev));
	if (what.len == 0 && !ch->content)
		(void)buf_str(&what, ", modification time");
	if (what.len > 0) {
		(void)buf_str(&p->text, "changed  ");
		put_path(p, ch->path);
		(void)buf_printf(&p->text, ": %s\n", what.p + 2);
	}
	if (what.failed)
		(void)dd_fail_nomem(e);
	buf_dispose(&what);
	return e->code == ERR_NONE ? 0 : -1;
}

static int
describe(struct preview *p, const struct change *ch, struct dd_err *e)
{
	bool shown = false;

	if (ch->kind == CHANGE_ADDED)
		return line_of_one(p, "added", p->after, ch->node_after,
		    ch->after, ch->path, e);
	if (ch->kind == CHANGE_REMOVED)
		return line_of_one(p, "removed", p->before, ch->node_before,
		    ch->before, ch->path, e);
	if (ch->content && diff(p, ch, &shown, e) == -1)
		return -1;
	return line_of_both(p, ch, ch->content && !shown, e);
}

static int
show(void *arg, const struct change *ch, struct dd_err *e)
{
	struct preview *p = arg;

	buf_reset(&p->text);
	if ((p->all != NULL && sum_change(p, ch, e) == -1) ||
	    describe(p, ch, e) == -1)
		return -1;
	if (p->text.failed)
		return dd_fail_nomem(e);
	return p->fn(p->arg, ch, p->text.p != NULL ? p->text.p : "", e);
}

int
tree_preview(struct tree *before, struct tree *after, preview_fn *fn,
    void *arg, struct progress *progress, char *hash, struct dd_err *e)
{
	struct preview p = { .before = before, .after = after,
	    .text = BUF_INIT, .old = BUF_INIT, .new = BUF_INIT,
	    .scratch = BUF_INIT, .fn = fn, .arg = arg,
	    .progress = progress };
	uint8_t sum[HASH_LEN];
	int rc = -1;

	if (hash != NULL && (hash_open(HASH_SHA256, &p.all, e) == -1 ||
	    hash_open(HASH_SHA256, &p.file, e) == -1))
		goto out;
	if (tree_compare(before, after, show, &p, e) == -1)
		goto out;
	if (hash != NULL) {
		hash_result(p.all, sum);
		(void)hash_hex(hash, sum);
	}
	rc = 0;
out:
	hash_close(p.all);
	hash_close(p.file);
	buf_dispose(&p.text);
	buf_dispose(&p.old);
	buf_dispose(&p.new);
	buf_dispose(&p.scratch);
	return rc;
}
