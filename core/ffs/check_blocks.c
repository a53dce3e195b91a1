/*
 * The blocks of an inode, walked; and the map of those that are claimed.
 *
 * Nothing is trusted: an address is looked at before it is followed, and the
 * step function lets a walk into an indirect block only once, so all walks
 * together cost no more than the file system is large, whatever it says.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/check_impl.h"

/* Inside the file system, in one cylinder group, and not its own area. */
bool
ck_frags_ok(const struct ffs_sb *s, int64_t frag, uint32_t n)
{
	int64_t end, cs_end = s->csaddr + (s->cssize + s->fsize - 1) / s->fsize;
	uint32_t cg;

	if (frag <= 0 || n == 0 || n > s->frag || frag > s->size - n)
		return false;
	if ((uint64_t)frag % s->frag + n > s->frag)
		return false;
	end = frag + n;
	if (frag < cs_end && end > s->csaddr)
		return false;
	cg = (uint32_t)(frag / s->fpg);
	if (frag >= sb_cgdmin(s, cg))
		return true;
	return cg != 0 && end <= sb_cgsblock(s, cg);
}

int
ck_mark(struct check *c, int64_t frag, bool *before)
{
	const struct ffs_sb *s = &c->fs->sb;
	struct ck_group *g = &c->groups[frag / s->fpg];
	uint64_t i = (uint64_t)frag % s->fpg;

	if (g->used == NULL && (g->used = calloc(1, s->fpg / 8 + 1)) == NULL)
		return dd_fail_nomem(c->e);
	*before = bit_test(g->used, i);
	bit_set(g->used, i);
	return 0;
}

bool
ck_unmark(struct check *c, int64_t frag)
{
	const struct ffs_sb *s = &c->fs->sb;
	struct ck_group *g = &c->groups[frag / s->fpg];
	uint64_t i = (uint64_t)frag % s->fpg;

	if (g->used == NULL || !bit_test(g->used, i))
		return false;
	bit_clear(g->used, i);
	return true;
}

static void
put_pointer(const struct ffs_sb *s, struct ffs_buf *b, uint32_t i, int64_t v)
{
	if (s->version == 1)
		put32le(b->data + i * 4UL, (uint32_t)v);
	else
		put64le(b->data + i * 8UL, (uint64_t)v);
}

/* In a snapshot, addresses 1 and 2 are not addresses. */
static bool
is_address(const struct ck_walk *w, int64_t addr)
{
	return addr != 0 && !((w->ip->flags & SF_SNAPSHOT) != 0 &&
	    (addr == 1 || addr == 2));
}

/* Pointers from entry i on lead behind the end of the file. */
static void
look_behind(struct ck_walk *w, struct ffs_buf *b, uint32_t i)
{
	const struct ffs_sb *s = &w->c->fs->sb;

	for (; i < s->nindir; i++) {
		if (indir_get(s, b, i) == 0)
			continue;
		w->tail = true;
		if (!w->c->fix)
			return;
		put_pointer(s, b, i, 0);
		cache_dirty(w->c->fs, b);
	}
}

/* 1: the walk was stopped. */
static int
walk_indirect(struct ck_walk *w, int64_t addr, unsigned level, uint64_t left)
{
	const struct ffs_sb *s = &w->c->fs->sb;
	struct ffs_buf *b;
	uint64_t span = s->bsize;
	uint32_t i, n;
	enum ck_step step;
	unsigned k;
	int64_t p;
	int rc = 0;

	if (!is_address(w, addr))
		return 0;
	step = w->step(w, addr, s->frag);
	if (step != CK_GO_ON || !ck_frags_ok(s, addr, s->frag))
		return step == CK_STOP;
	if (cache_get(w->c->fs, addr, s->bsize, false, &b, w->c->e) == -1)
		return -1;
	for (k = 1; k < level; k++)
		span *= s->nindir;
	n = (uint32_t)min64(s->nindir, (left + span - 1) / span);
	if (w->clear_tail)
		look_behind(w, b, n);
	for (i = 0; i < n && rc == 0; i++) {
		p = indir_get(s, b, i);
		if (level > 1)
			rc = walk_indirect(w, p, level - 1, left);
		else if (is_address(w, p))
			rc = w->step(w, p, s->frag) == CK_STOP;
		left -= min64(left, span);
	}
	cache_put(w->c->fs, b);
	return rc;
}

/* Extended attributes of UFS2EA: up to two blocks of their own. */
static bool
walk_ext(struct ck_walk *w)
{
	const struct ffs_sb *s = &w->c->fs->sb;
	uint64_t left = w->ip->extsize, n;
	unsigned i;

	if (s->magic != FS_UFS2EA_MAGIC)
		return true;
	for (i = 0; i < FFS_NXADDR && left > 0; i++) {
		n = min64(left, s->bsize);
		left -= n;
		if (w->ip->extb[i] != 0 && w->step(w, w->ip->extb[i],
		    (uint32_t)(round_up(n, s->fsize) >> s->fshift)) ==
		    CK_STOP)
			return false;
	}
	return true;
}

int
ck_walk(struct ck_walk *w)
{
	const struct ffs_sb *s = &w->c->fs->sb;
	const struct ffs_inode *ip = w->ip;
	uint64_t span = s->bsize, before = (uint64_t)FFS_NDADDR << s->bshift;
	uint32_t n;
	unsigned i;
	int rc = 0;

	if (!walk_ext(w) || dinode_is_inline(s, ip))
		return 0;
	for (i = 0; i < FFS_NDADDR; i++) {
		n = block_bytes(s, ip->size, i) >> s->fshift;
		if (n == 0)
			break;
		if (is_address(w, ip->db[i]) &&
		    w->step(w, ip->db[i], n) == CK_STOP)
			return 0;
	}
	for (i = 0; i < FFS_NIADDR && rc == 0; i++) {
		rc = walk_indirect(w, ip->ib[i], i + 1, ip->size > before ?
		    ip->size - before : 0);
		span *= s->nindir;
		before += span;
	}
	return rc == -1 ? -1 : 0;
}
