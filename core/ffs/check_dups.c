/*
 * Blocks that two inodes have.  Pass 1 meets the second; who was the first
 * takes one more walk through all inodes, made only when there is need.
 */
#include "core/ffs/check_impl.h"

/* No block or tail crosses a whole block's bounds. */
static uint64_t
dup_key(const struct check *c, int64_t frag)
{
	return (uint64_t)frag >> c->fs->sb.fragshift;
}

/* The inode's block at frag belongs to someone already. */
int
ck_add_dup(struct ck_walk *w, int64_t frag, uint32_t n)
{
	struct check *c = w->c;
	uint32_t ino = w->ip->ino;
	size_t i;

	for (i = c->ndups; i > 0 && c->dups[i - 1].ino == ino; i--)
		if (c->dups[i - 1].frag == frag)
			return 0;
	if (w->dups++ == CK_BAD_MAX)
		return ck_finding(c, CK_WORSE, ino, 0, "has more blocks that "
		    "others have, too");
	if (w->dups > CK_BAD_MAX)
		return 0;
	if (c->ndups < CK_DUPS_MAX) {
		c->dups[c->ndups] = (struct ck_dup){ frag, n, ino, 0 };
		return map_put(&c->dup_blocks, dup_key(c, frag),
		    &c->dups[c->ndups++]) == -1 ? dd_fail_nomem(c->e) : 0;
	}
	return ck_finding(c, CK_WORSE, ino, 0, "has fragments %lld to %lld, "
	    "as has another inode", (long long)frag,
	    (long long)(frag + n - 1));
}

/*
 * Pass 1b: who had them first?  All inodes are walked again in the same order;
 * each block is unmarked when it is met, so who finds a mark is the first,
 * and who finds none need not go below.
 */
static enum ck_step
find_owner(struct ck_walk *w, int64_t frag, uint32_t n)
{
	struct check *c = w->c;
	bool first = false;
	uint32_t k;
	size_t i;

	if (!ck_frags_ok(&c->fs->sb, frag, n))
		return CK_SKIP;
	for (k = 0; k < n; k++)
		first |= ck_unmark(c, frag + k);
	if (!first)
		return CK_SKIP;
	if (map_get(&c->dup_blocks, dup_key(c, frag)) == NULL)
		return CK_GO_ON;
	for (i = 0; i < c->ndups; i++)
		if (c->dups[i].first == 0 && c->dups[i].frag < frag + n &&
		    frag < c->dups[i].frag + c->dups[i].n)
			c->dups[i].first = w->ip->ino;
	return CK_GO_ON;
}

/* And marked again, the same way. */
static enum ck_step
mark_again(struct ck_walk *w, int64_t frag, uint32_t n)
{
	bool before, first = false;
	uint32_t k;

	if (!ck_frags_ok(&w->c->fs->sb, frag, n))
		return CK_SKIP;
	for (k = 0; k < n; k++) {
		if (ck_mark(w->c, frag + k, &before) == -1)
			return CK_STOP;
		first |= !before;
	}
	return first ? CK_GO_ON : CK_SKIP;
}

static int
walk_all(struct check *c,
    enum ck_step (*step)(struct ck_walk *, int64_t, uint32_t))
{
	const struct ffs_sb *s = &c->fs->sb;
	struct ck_walk w = { .c = c, .step = step };
	struct ffs_inode ip;
	uint32_t cg, i;

	w.ip = &ip;
	for (cg = 0; cg < s->ncg; cg++)
		for (i = 0; i < c->groups[cg].ninos; i++) {
			if (c->groups[cg].inos[i].state == CK_FREE ||
			    c->groups[cg].inos[i].type == 0)
				continue;
			if (ffs_iget(c->fs, cg * s->ipg + i, &ip, c->e) == -1
			    || ck_walk(&w) == -1 || c->e->code != ERR_NONE)
				return -1;
		}
	return 0;
}

static int
tell_dups(struct check *c)
{
	const struct ck_dup *d;
	uint32_t other;

	for (d = c->dups; d < c->dups + c->ndups; d++) {
		other = d->first == d->ino ? 0 : d->first;
		if (ck_finding(c, CK_WORSE, d->ino, other, "has fragments "
		    "%lld to %lld%s", (long long)d->frag,
		    (long long)(d->frag + d->n - 1), other != 0 ?
		    ", as has" : d->first == 0 ? ", as has another inode" :
		    " twice") == -1)
			return -1;
	}
	return 0;
}

int
ck_dups(struct check *c)
{
	if (c->ndups == 0)
		return 0;
	if (walk_all(c, find_owner) == -1 || walk_all(c, mark_again) == -1)
		return -1;
	return tell_dups(c);
}
