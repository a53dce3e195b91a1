/*
 * Names come and go: create, link, unlink, rename.
 *
 * Each operation looks first at all that could stand against it, among it the
 * room that it needs, and changes something only then; so a refused one leaves
 * the transaction as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/ffs_impl.h"

#define LINK_MAX_FFS	32767
#define TARGET_MAX	1024		/* NetBSD's MAXPATHLEN */

static int
check_name(const char *name, struct dd_err *e)
{
	size_t len = strlen(name);

	if (len == 0 || len > FFS_NAME_MAX)
		return dd_fail(e, ERR_USAGE, "a name of %zu bytes: there must "
		    "be 1 to %d", len, FFS_NAME_MAX);
	if (strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return dd_fail(e, ERR_USAGE, "%s: not a name for a file",
		    name);
	return 0;
}

/* Where a new name goes; ERR_EXIST when it is there already. */
static int
find_free(struct ffs *fs, uint32_t dir, const char *name,
    struct dir_pos *pos, struct dd_err *e)
{
	if (ffs_may_write(fs, e) == -1 || check_name(name, e) == -1 ||
	    dir_find(fs, dir, name, pos, e) == -1)
		return -1;
	if (pos->ino != 0)
		return dd_fail(e, ERR_EXIST, "%s: exists already", name);
	return 0;
}

static int
find_taken(struct ffs *fs, uint32_t dir, const char *name,
    struct dir_pos *pos, struct ffs_inode *ip, struct dd_err *e)
{
	if (ffs_may_write(fs, e) == -1 || check_name(name, e) == -1 ||
	    dir_find(fs, dir, name, pos, e) == -1)
		return -1;
	if (pos->ino == 0)
		return dd_fail(e, ERR_NOENT, "%s: no such file", name);
	return ffs_iget_used(fs, pos->ino, ip, e);
}

/* Room for the entry and for this many more blocks. */
static int
check_room(struct ffs *fs, uint32_t dir, const struct dir_pos *pos,
    uint64_t more, struct dd_err *e)
{
	uint64_t blocks;

	if (dir_need(fs, dir, pos, &blocks, e) == -1)
		return -1;
	return alloc_check(fs, blocks + more, 0, e);
}

static int
add_links(struct ffs *fs, uint32_t ino, int n, struct dd_err *e)
{
	struct ffs_inode in;

	if (ffs_iget_used(fs, ino, &in, e) == -1)
		return -1;
	in.nlink = (int16_t)(in.nlink + n);
	in.ctime = fs->now;
	return ffs_iput(fs, &in, e);
}

static int
too_many_links(uint32_t ino, struct dd_err *e)
{
	return dd_fail(e, ERR_UNSUP, "inode %u has %d links, the most that "
	    "FFS can count", ino, LINK_MAX_FFS);
}

/* A fresh inode, in memory; its number is taken. */
static int
new_inode(struct ffs *fs, uint32_t dir, enum ffs_type type,
    struct ffs_inode *ip, struct dd_err *e)
{
	struct ffs_inode parent;
	uint32_t ino;

	if (ffs_iget_used(fs, dir, &parent, e) == -1 ||
	    alloc_inode(fs, dir, type == FFS_DIR, &ino, e) == -1)
		return -1;
	memset(ip, 0, sizeof(*ip));
	ip->ino = ino;
	ip->mode = (uint16_t)((unsigned)type << 12 |
	    (type == FFS_DIR || type == FFS_LNK ? 0755 : 0644));
	ip->nlink = type == FFS_DIR ? 2 : 1;
	ip->gid = parent.gid;
	ip->gen = arc4random() & INT32_MAX;
	ip->atime = ip->mtime = ip->ctime = fs->now;
	if (fs->sb.version == 2)
		ip->birthtime = fs->now;
	return 0;
}

/* Attributes, name, out. */
static int
finish(struct ffs *fs, uint32_t dir, const struct dir_pos *pos,
    const char *name, const struct ffs_attr *attr, struct ffs_inode *ip,
    struct dd_err *e)
{
	if (attr != NULL)
		inode_set_attr(fs, ip, attr);
	if (ffs_inew(fs, ip, e) == -1)
		return -1;
	return dir_add(fs, dir, pos, name, ip->ino, inode_type(ip), e);
}

static int
make_node(struct ffs *fs, uint32_t dir, const char *name,
    enum ffs_type type, uint32_t rdev, const struct ffs_attr *attr,
    uint32_t *ino, struct dd_err *e)
{
	struct dir_pos pos;
	struct ffs_inode in;

	if (find_free(fs, dir, name, &pos, e) == -1 ||
	    check_room(fs, dir, &pos, 0, e) == -1 ||
	    check_attr(fs, attr, e) == -1 ||
	    new_inode(fs, dir, type, &in, e) == -1)
		return -1;
	if (type == FFS_CHR || type == FFS_BLK)
		put32le(in.inl, rdev);
	*ino = in.ino;
	return finish(fs, dir, &pos, name, attr, &in, e);
}

static int
make_dir(struct ffs *fs, uint32_t dir, const char *name,
    const struct ffs_attr *attr, uint32_t *ino, struct dd_err *e)
{
	struct dir_pos pos;
	struct ffs_inode in;

	if (find_free(fs, dir, name, &pos, e) == -1 ||
	    check_room(fs, dir, &pos, 1, e) == -1 ||
	    check_attr(fs, attr, e) == -1 ||
	    ffs_iget_used(fs, dir, &in, e) == -1)
		return -1;
	if (in.nlink >= LINK_MAX_FFS)
		return too_many_links(dir, e);
	if (new_inode(fs, dir, FFS_DIR, &in, e) == -1 ||
	    dir_make(fs, &in, dir, e) == -1)
		return -1;
	*ino = in.ino;
	if (finish(fs, dir, &pos, name, attr, &in, e) == -1)
		return -1;
	return add_links(fs, dir, 1, e);
}

static int
make_symlink(struct ffs *fs, uint32_t dir, const char *name,
    const char *target, const struct ffs_attr *attr, uint32_t *ino,
    struct dd_err *e)
{
	const size_t len = strlen(target);
	const bool in_inode = len < fs->sb.maxsymlinklen;
	struct dir_pos pos;
	struct ffs_inode in;

	if (len == 0 || len >= TARGET_MAX)
		return dd_fail(e, ERR_USAGE, "%s: a link's target of %zu "
		    "bytes: there must be 1 to %d", name, len,
		    TARGET_MAX - 1);
	if (find_free(fs, dir, name, &pos, e) == -1 ||
	    check_room(fs, dir, &pos, in_inode ? 0 : 1, e) == -1 ||
	    check_attr(fs, attr, e) == -1 ||
	    new_inode(fs, dir, FFS_LNK, &in, e) == -1)
		return -1;
	if (in_inode) {
		memcpy(in.inl, target, len);
		in.size = len;
	} else if (file_write(fs, &in, target, len, 0, e) == -1)
		return -1;
	*ino = in.ino;
	return finish(fs, dir, &pos, name, attr, &in, e);
}

static int
add_link(struct ffs *fs, uint32_t ino, uint32_t dir, const char *name,
    struct dd_err *e)
{
	struct dir_pos pos;
	struct ffs_inode in;

	if (find_free(fs, dir, name, &pos, e) == -1 ||
	    check_room(fs, dir, &pos, 0, e) == -1 ||
	    ffs_iget_used(fs, ino, &in, e) == -1)
		return -1;
	if (inode_type(&in) == FFS_DIR)
		return dd_fail(e, ERR_TYPE, "%s: a directory can't have a "
		    "second name", name);
	if (in.nlink >= LINK_MAX_FFS)
		return too_many_links(ino, e);
	if (add_links(fs, ino, 1, e) == -1)
		return -1;
	return dir_add(fs, dir, &pos, name, ino, inode_type(&in), e);
}

/* Extended attributes hang on an inode; we don't free their blocks. */
static int
check_removable(const struct ffs_inode *ip, struct dd_err *e)
{
	if (ip->extsize == 0 || ip->nlink > 1)
		return 0;
	(void)dd_fail(e, ERR_UNSUP, "inode %u has extended attributes",
	    ip->ino);
	return dd_hint(e, "remove the file on NetBSD");
}

/* The last name is gone: the content, then the inode. */
static int
destroy(struct ffs *fs, struct ffs_inode *ip, struct dd_err *e)
{
	const bool dir = inode_type(ip) == FFS_DIR;

	dir_index_forget(fs, ip->ino);
	if (!inode_is_inline(fs, ip) &&
	    ffs_truncate_inode(fs, ip, 0, e) == -1)
		return -1;
	if (free_inode(fs, ip->ino, dir, e) == -1)
		return -1;
	*ip = (struct ffs_inode){ .ino = ip->ino, .gen = ip->gen };
	return ffs_inew(fs, ip, e);
}

/* One name less for what is no directory. */
static int
drop_link(struct ffs *fs, struct ffs_inode *ip, struct dd_err *e)
{
	if (ip->nlink <= 1)
		return destroy(fs, ip, e);
	return add_links(fs, ip->ino, -1, e);
}

static int
remove_file(struct ffs *fs, uint32_t dir, const char *name,
    struct dd_err *e)
{
	struct dir_pos pos;
	struct ffs_inode in;

	if (find_taken(fs, dir, name, &pos, &in, e) == -1)
		return -1;
	if (inode_type(&in) == FFS_DIR)
		return dd_fail(e, ERR_TYPE, "%s: is a directory", name);
	if (check_removable(&in, e) == -1 ||
	    dir_remove(fs, dir, &pos, e) == -1)
		return -1;
	return drop_link(fs, &in, e);
}

static int
check_empty(struct ffs *fs, const struct ffs_inode *ip, const char *name,
    struct dd_err *e)
{
	bool empty;

	if (dir_is_empty(fs, ip, &empty, e) == -1)
		return -1;
	if (!empty || ip->ino == FFS_ROOT)
		return dd_fail(e, ERR_EXIST, "%s: the directory is not "
		    "empty", name);
	if (ip->extsize != 0)
		return dd_fail(e, ERR_UNSUP, "%s: has extended attributes",
		    name);
	return 0;
}

static int
remove_dir(struct ffs *fs, uint32_t dir, const char *name, struct dd_err *e)
{
	struct dir_pos pos;
	struct ffs_inode in;

	if (find_taken(fs, dir, name, &pos, &in, e) == -1)
		return -1;
	if (inode_type(&in) != FFS_DIR)
		return dd_fail(e, ERR_TYPE, "%s: is not a directory", name);
	if (check_empty(fs, &in, name, e) == -1 ||
	    dir_remove(fs, dir, &pos, e) == -1 ||
	    add_links(fs, dir, -1, e) == -1)
		return -1;
	return destroy(fs, &in, e);
}

/* Is dir below (or the same as) top? */
static int
is_below(struct ffs *fs, uint32_t dir, uint32_t top, bool *yes,
    struct dd_err *e)
{
	uint64_t left = (uint64_t)fs->sb.ncg * fs->sb.ipg;

	for (; dir != top && dir != FFS_ROOT; left--) {
		if (left == 0)
			return dd_fail(e, ERR_CORRUPT, "inode %u: the "
			    "directories above it go in a circle", dir);
		if (ffs_lookup(fs, dir, "..", &dir, e) == -1)
			return -1;
	}
	*yes = dir == top;
	return 0;
}

struct rename {
	uint32_t	 dir, todir;
	const char	*name, *toname;
	struct dir_pos	 from, to;
	struct ffs_inode in;		/* what is renamed */
	struct ffs_inode old;		/* what it replaces, if to.ino != 0 */
	bool		 is_dir;
};

static int
check_target(struct ffs *fs, struct rename *r, struct dd_err *e)
{
	if (ffs_iget_used(fs, r->to.ino, &r->old, e) == -1)
		return -1;
	if ((inode_type(&r->old) == FFS_DIR) != r->is_dir)
		return dd_fail(e, ERR_TYPE, r->is_dir ?
		    "%s: is not a directory" : "%s: is a directory",
		    r->toname);
	return r->is_dir ? check_empty(fs, &r->old, r->toname, e) :
	    check_removable(&r->old, e);
}

static int
check_rename(struct ffs *fs, struct rename *r, struct dd_err *e)
{
	struct ffs_inode parent;
	bool below = false;

	if (find_taken(fs, r->dir, r->name, &r->from, &r->in, e) == -1 ||
	    check_name(r->toname, e) == -1 ||
	    dir_find(fs, r->todir, r->toname, &r->to, e) == -1)
		return -1;
	r->is_dir = inode_type(&r->in) == FFS_DIR;
	if (r->to.ino == r->in.ino)
		return 0;
	if (r->is_dir) {
		if (is_below(fs, r->todir, r->in.ino, &below, e) == -1)
			return -1;
		if (below)
			return dd_fail(e, ERR_USAGE, "%s: can't go into "
			    "itself", r->name);
	}
	if (r->to.ino != 0)
		return check_target(fs, r, e);
	if (r->is_dir && r->dir != r->todir) {
		if (ffs_iget_used(fs, r->todir, &parent, e) == -1)
			return -1;
		if (parent.nlink >= LINK_MAX_FFS)
			return too_many_links(r->todir, e);
	}
	return check_room(fs, r->todir, &r->to, 0, e);
}

/* The new name, in place of what had it. */
static int
put_new_name(struct ffs *fs, struct rename *r, struct dd_err *e)
{
	if (r->to.ino == 0)
		return dir_add(fs, r->todir, &r->to, r->toname, r->in.ino,
		    inode_type(&r->in), e);
	if (dir_redirect(fs, r->todir, &r->to, r->in.ino,
	    inode_type(&r->in), e) == -1)
		return -1;
	if (!r->is_dir)
		return drop_link(fs, &r->old, e);
	if (add_links(fs, r->todir, -1, e) == -1)
		return -1;
	return destroy(fs, &r->old, e);
}

static int
rename_entry(struct ffs *fs, struct rename *r, struct dd_err *e)
{
	struct dir_pos up;

	if (check_rename(fs, r, e) == -1)
		return -1;
	/* Two names of one file: both stay, as rename(2) has it. */
	if (r->to.ino == r->in.ino)
		return 0;
	if (put_new_name(fs, r, e) == -1)
		return -1;
	/* The old name may have moved when the new one came. */
	if (dir_find(fs, r->dir, r->name, &r->from, e) == -1 ||
	    dir_remove(fs, r->dir, &r->from, e) == -1 ||
	    add_links(fs, r->in.ino, 0, e) == -1)
		return -1;
	if (!r->is_dir || r->dir == r->todir)
		return 0;
	if (dir_find(fs, r->in.ino, "..", &up, e) == -1)
		return -1;
	if (up.ino == 0)
		return dd_fail(e, ERR_CORRUPT, "%s: the directory has no "
		    "\"..\"", r->name);
	if (dir_redirect(fs, r->in.ino, &up, r->todir, FFS_DIR, e) == -1 ||
	    add_links(fs, r->dir, -1, e) == -1)
		return -1;
	return add_links(fs, r->todir, 1, e);
}

int
ffs_create(struct ffs *fs, uint32_t dir, const char *name,
    const struct ffs_attr *attr, uint32_t *ino, struct dd_err *e)
{
	return op_end(fs, make_node(fs, dir, name, FFS_REG, 0,
	    attr, ino, e), e);
}

int
ffs_mknod(struct ffs *fs, uint32_t dir, const char *name,
    enum ffs_type type, uint32_t rdev, const struct ffs_attr *attr,
    uint32_t *ino, struct dd_err *e)
{
	switch (type) {
	case FFS_FIFO:
	case FFS_CHR:
	case FFS_BLK:
	case FFS_SOCK:
		return op_end(fs, make_node(fs, dir, name, type,
		    rdev, attr, ino, e), e);
	default:
		return dd_fail(e, ERR_TYPE, "%s: not a device, fifo or "
		    "socket", name);
	}
}

int
ffs_mkdir(struct ffs *fs, uint32_t dir, const char *name,
    const struct ffs_attr *attr, uint32_t *ino, struct dd_err *e)
{
	return op_end(fs, make_dir(fs, dir, name, attr, ino, e),
	    e);
}

int
ffs_symlink(struct ffs *fs, uint32_t dir, const char *name,
    const char *target, const struct ffs_attr *attr, uint32_t *ino,
    struct dd_err *e)
{
	return op_end(fs, make_symlink(fs, dir, name, target,
	    attr, ino, e), e);
}

int
ffs_link(struct ffs *fs, uint32_t ino, uint32_t dir, const char *name,
    struct dd_err *e)
{
	return op_end(fs, add_link(fs, ino, dir, name, e), e);
}

int
ffs_unlink(struct ffs *fs, uint32_t dir, const char *name, struct dd_err *e)
{
	return op_end(fs, remove_file(fs, dir, name, e), e);
}

int
ffs_rmdir(struct ffs *fs, uint32_t dir, const char *name, struct dd_err *e)
{
	return op_end(fs, remove_dir(fs, dir, name, e), e);
}

int
ffs_rename(struct ffs *fs, uint32_t dir, const char *name, uint32_t todir,
    const char *toname, struct dd_err *e)
{
	struct rename r = {
		.dir = dir, .todir = todir, .name = name, .toname = toname,
	};

	return op_end(fs, rename_entry(fs, &r, e), e);
}
