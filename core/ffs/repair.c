/*
 * repair: what fsck_ffs -p mends, in one transaction.
 *
 * First the journal (WAPBL) is replayed, for good.  Then the passes of check
 * run, mending as they go.  In the end lost files and directories get names
 * in /lost+found, through the ordinary operations: the maps are right by then.
 * If anything was found that can't be mended by itself, all of it is given
 * up; nothing has reached the disk before the caller's commit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ffs/check_impl.h"

#define LOST		"lost+found"
#define LOST_PERM	01700

static enum ck_step
unmark(struct ck_walk *w, int64_t frag, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		(void)ck_unmark(w->c, frag + i);
	return CK_GO_ON;
}

int
ck_clear_inode(struct check *c, uint32_t ino)
{
	struct ffs_inode ip, none = { .ino = ino };
	struct ck_walk w = { .c = c, .ip = &ip, .step = unmark };

	if (ffs_iget(c->fs, ino, &ip, c->e) == -1 || ck_walk(&w) == -1)
		return -1;
	none.gen = ip.gen;
	ck_ino(c, ino)->state = CK_FREE;
	return ffs_iput(c->fs, &none, c->e);
}

int
ck_set_nlink(struct check *c, uint32_t ino, int32_t nlink)
{
	struct ffs_inode ip;

	if (ffs_iget(c->fs, ino, &ip, c->e) == -1)
		return -1;
	ip.nlink = (int16_t)nlink;
	return ffs_iput(c->fs, &ip, c->e);
}

int
ck_lose(struct check *c, uint32_t ino)
{
	uint32_t *more;
	size_t cap;

	if (c->nlost == c->lost_cap) {
		cap = c->lost_cap == 0 ? 64 : c->lost_cap * 2;
		if ((more = realloc(c->lost, cap * sizeof(*more))) == NULL)
			return dd_fail_nomem(c->e);
		c->lost = more;
		c->lost_cap = cap;
	}
	c->lost[c->nlost++] = ino;
	return 0;
}

static int
find_lost_and_found(struct check *c, uint32_t *dir)
{
	struct ffs_attr attr = {
		.mask = FFS_SET_PERM | FFS_SET_OWNER, .perm = LOST_PERM,
	};
	struct dd_err none = DD_ERR_INIT;
	struct ffs_stat st;

	if (ffs_lookup(c->fs, FFS_ROOT, LOST, dir, &none) == -1) {
		if (none.code == ERR_NOENT)
			return ffs_mkdir(c->fs, FFS_ROOT, LOST, &attr, dir,
			    c->e);
		*c->e = none;
		return -1;
	}
	if (ffs_stat(c->fs, *dir, &st, c->e) == -1)
		return -1;
	if (st.type != FFS_DIR)
		return dd_fail(c->e, ERR_FAULTS, "/" LOST " is not a "
		    "directory");
	return 0;
}

/* ".." of a directory that moved to dir, and the link that this makes. */
static int
move_dotdot(struct check *c, uint32_t ino, uint32_t dir)
{
	struct ffs_inode ip;
	struct dir_pos pos;

	if (dir_find(c->fs, ino, "..", &pos, c->e) == -1 ||
	    dir_redirect(c->fs, ino, &pos, dir, FFS_DIR, c->e) == -1 ||
	    ffs_iget(c->fs, dir, &ip, c->e) == -1)
		return -1;
	return ck_set_nlink(c, dir, ip.nlink + 1);
}

/* A name as fsck gives: #, and the number as wide as the largest. */
static void
lost_name(const struct ffs_sb *s, uint32_t ino, char name[32])
{
	int width = snprintf(NULL, 0, "%u", s->ncg * s->ipg);

	(void)snprintf(name, 32, "#%0*u", width, ino);
}

int
ck_reconnect(struct check *c)
{
	struct ffs *fs = c->fs;
	struct dir_pos pos;
	struct ck_ino *info;
	char name[32];
	uint32_t dir;
	size_t i;

	if (c->nlost == 0)
		return 0;
	/* The groups as they are now. */
	cg_dispose(fs);
	fs->avail_blocks = fs->sb.cs_nbfree;
	fs->avail_frags = fs->sb.cs_nffree;
	if (find_lost_and_found(c, &dir) == -1)
		return dd_context(c->e, "/" LOST);
	for (i = 0; i < c->nlost; i++) {
		info = ck_ino(c, c->lost[i]);
		lost_name(&fs->sb, c->lost[i], name);
		if (dir_find(fs, dir, name, &pos, c->e) == -1)
			return -1;
		if (pos.at != DIR_NONE)
			return dd_fail(c->e, ERR_EXIST, "/" LOST "/%s exists",
			    name);
		if (dir_add(fs, dir, &pos, name, c->lost[i],
		    (enum ffs_type)info->type, c->e) == -1)
			return -1;
		if (info->state == CK_DIR &&
		    move_dotdot(c, c->lost[i], dir) == -1)
			return -1;
	}
	return 0;
}

static int
replay_journal(struct ffs *fs, struct dd_err *e)
{
	if (!fs->journal_dirty || fs->journal_bad.code != ERR_NONE)
		return 0;
	if (wapbl_replay_write(fs->b, &fs->sb, e) == -1)
		return -1;
	return ffs_reload(fs, e);
}

static int
repair(struct check *c)
{
	struct ffs_sb *s = &c->fs->sb;

	c->fix = true;
	if (replay_journal(c->fs, c->e) == -1 || ck_run(c) == -1)
		return -1;
	if (ck_count(c, CK_WORSE) > 0) {
		(void)dd_fail(c->e, ERR_FAULTS, "%u of the faults need an "
		    "operator's decision; nothing was changed",
		    ck_count(c, CK_WORSE));
		return dd_hint(c->e, "boot it, or run fsck_ffs on NetBSD");
	}
	if (ck_reconnect(c) == -1)
		return -1;
	if (ck_count(c, CK_MENDABLE) == 0 && s->clean == 1 &&
	    (s->flags & FS_FLAG_DOWAPBL) == 0)
		return 0;
	if (!sb_is_old(s)) {
		s->flags &= ~(uint32_t)FS_FLAG_DOWAPBL;
		put64le(s->raw + SB_O_PENDINGBLOCKS, 0);
		put32le(s->raw + SB_O_PENDINGINODES, 0);
	}
	c->fs->journal_dirty = false;
	c->fs->dirty = true;
	return 0;
}

int
ffs_repair(struct ffs *fs, ffs_finding_fn *fn, void *arg,
    struct progress *progress, unsigned *mended, struct dd_err *e)
{
	struct check *c;
	int rc = -1;

	if (ffs_may_write(fs, e) == -1)
		return -1;
	if ((c = malloc(sizeof(*c))) == NULL)
		return dd_fail_nomem(e);
	if (ck_init(c, fs, fn, arg, progress, e) == 0 && repair(c) == 0) {
		*mended = ck_count(c, CK_MENDABLE);
		rc = 0;
	}
	ck_dispose(c);
	free(c);
	return rc == 0 ? 0 : ffs_break(fs, e);
}
