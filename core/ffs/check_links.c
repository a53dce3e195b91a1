/*
 * Passes 3 and 4: is everything connected to the root, and has each inode as
 * many links as it says?
 */
#include "core/ffs/check_impl.h"

/*
 * Is d connected?  Up through the parents to one that is known, then once more
 * to tell all on the way: each directory is passed twice in all.
 */
static void
ask(struct check *c, struct ck_dir *d, bool *loop)
{
	struct ck_dir *at, *up = d;
	enum ck_way way;

	*loop = false;
	while (up != NULL && up->way == CK_UNKNOWN) {
		up->way = CK_ASKING;
		up = up->parent == 0 ? NULL : ck_dir(c, up->parent);
	}
	if (up == NULL)
		way = CK_LOST;
	else if (up->way == CK_ASKING) {
		way = CK_LOST;
		*loop = true;
	} else
		way = (enum ck_way)up->way;
	for (at = d; at != NULL && at->way == CK_ASKING;
	    at = ck_dir(c, at->parent))
		at->way = (uint8_t)way;
}

/* An unconnected directory that nobody names: the top of a lost tree. */
static int
lost_dir(struct check *c, struct ck_dir *d)
{
	struct ck_ino *info, *old;

	if (d->way != CK_LOST || d->parent != 0 || d->empty)
		return 0;
	if (c->fix) {
		/* As it will be: a name in lost+found, and ".." there. */
		info = ck_ino(c, d->ino);
		old = ck_ino(c, d->dotdot);
		info->missing--;
		if (old != NULL)
			old->missing++;
		if (ck_lose(c, d->ino) == -1)
			return -1;
	}
	return ck_finding(c, CK_MENDABLE, d->ino, 0, "is a directory that no "
	    "directory names");
}

int
ck_connect(struct check *c)
{
	struct ck_dir *root = ck_dir(c, FFS_ROOT);
	bool loop;
	size_t i;

	if (root != NULL)
		root->way = CK_REACHED;
	for (i = 0; i < c->ndirs; i++) {
		if (c->dirs[i]->way != CK_UNKNOWN)
			continue;
		ask(c, c->dirs[i], &loop);
		if (loop && ck_finding(c, CK_WORSE, c->dirs[i]->ino, 0,
		    "is in a loop of directories, or below one") == -1)
			return -1;
	}
	for (i = 0; i < c->ndirs; i++)
		if (lost_dir(c, c->dirs[i]) == -1)
			return -1;
	return 0;
}

/* Inodes that have a link but no name: the journal, quotas. */
static bool
is_nameless(const struct ffs_sb *s, const struct ffs_inode *ip)
{
	unsigned i;

	if (sb_is_old(s))
		return false;
	if ((ip->flags & SF_LOG) != 0 && s->journal_version == 1 &&
	    s->journal_location == 2 && s->journallocs[3] == ip->ino)
		return true;
	for (i = 0; (s->flags & FS_FLAG_DOQUOTA2) != 0 && i < 2; i++)
		if (get64le(s->raw + SB_O_QUOTAFILE + i * 8UL) == ip->ino)
			return true;
	return false;
}

static int
lost_file(struct check *c, const struct ffs_inode *ip)
{
	if (c->fix) {
		if (ip->size == 0) {
			if (ck_clear_inode(c, ip->ino) == -1)
				return -1;
		} else if (ck_lose(c, ip->ino) == -1 ||
		    ck_set_nlink(c, ip->ino, 1) == -1)
			return -1;
	}
	return ck_finding(c, ip->nlink < 0 ? CK_WORSE : CK_MENDABLE, ip->ino,
	    0, "is a file that no directory names");
}

static int
check_link_count(struct check *c, uint32_t ino, const struct ck_ino *info)
{
	struct ffs_inode ip;
	int32_t links;

	if (info->missing == 0) {
		if (!info->no_link)
			return 0;
		if (c->fix && ck_clear_inode(c, ino) == -1)
			return -1;
		return ck_finding(c, CK_MENDABLE, ino, 0, "was removed, but "
		    "is not free");
	}
	if (ffs_iget(c->fs, ino, &ip, c->e) == -1)
		return -1;
	if (is_nameless(&c->fs->sb, &ip))
		return 0;
	if (info->missing == ip.nlink)
		return lost_file(c, &ip);
	links = ip.nlink - info->missing;
	if (c->fix && info->missing > 0 && ck_set_nlink(c, ino, links) == -1)
		return -1;
	/* Fewer links than there are: nobody can tell which are right. */
	return ck_finding(c, info->missing > 0 ? CK_MENDABLE : CK_WORSE, ino,
	    0, "has a link count of %d, should be %d", ip.nlink, links);
}

static int
check_links(struct check *c, uint32_t ino, const struct ck_ino *info)
{
	struct ck_dir *d;

	/* What is wrong with a bad one was told, and makes it uncountable. */
	if (info->state == CK_FREE || info->bad)
		return 0;
	if (info->state == CK_DIR) {
		d = ck_dir(c, ino);
		if (d->empty && ino != FFS_ROOT) {
			if (c->fix && ck_clear_inode(c, ino) == -1)
				return -1;
			return ck_finding(c, CK_MENDABLE, ino, 0, "is a "
			    "directory of size zero");
		}
		if (d->way != CK_REACHED && !c->fix)
			return 0;
	}
	return check_link_count(c, ino, info);
}

int
ck_links(struct check *c)
{
	const struct ffs_sb *s = &c->fs->sb;
	struct ck_group *g;
	uint32_t cg, i;

	for (cg = 0; cg < s->ncg; cg++) {
		g = &c->groups[cg];
		for (i = 0; i < g->ninos; i++)
			if (check_links(c, cg * s->ipg + i, &g->inos[i]) == -1)
				return -1;
	}
	return 0;
}
