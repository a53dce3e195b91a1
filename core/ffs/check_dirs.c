/*
 * Pass 2: what directories say: their structure, "." and "..", and for each
 * entry the inode that it names.  Afterwards the links of each inode are
 * counted, and the parent of each directory is known.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/ffs/check_impl.h"

#define DIR_SIZE_MIN	24		/* "." and ".." */
#define NAMES_MAX	((size_t)16 << 20)
#define NO_DOTDOT	UINT32_MAX	/* and it was told */

/* The name of an entry, for a message. */
static const char *
shown(const struct ck_entry *ent, char buf[100])
{
	vis_str(buf, 100, ent->name);
	return buf;
}

static int
keep_name(struct check *c, struct ck_dir *d, const char *name)
{
	if (c->names.len > NAMES_MAX)
		return 0;
	/* 0 stands for "not known". */
	if (c->names.len == 0 && buf_add(&c->names, "", 1) == -1)
		return dd_fail_nomem(c->e);
	d->name = c->names.len;
	if (buf_add(&c->names, name, strlen(name) + 1) == -1)
		return dd_fail_nomem(c->e);
	return 0;
}

static int
check_dot(struct check *c, struct ck_entry *ent)
{
	uint32_t ino = ent->dir->ino;

	if (ent->ino == 0 || strcmp(ent->name, ".") != 0)
		return ck_finding(c, CK_WORSE, ino, 0, "does not begin with "
		    "'.'");
	if (ent->ino != ino && ck_finding(c, CK_WORSE, ino, 0, "has a '.' "
	    "that names inode %u", ent->ino) == -1)
		return -1;
	/* fsck takes the room behind it for a lost "..". */
	if (ent->reclen >= 2 * dir_entry_size(1)) {
		ent->dir->dotdot = NO_DOTDOT;
		return ck_finding(c, CK_WORSE, ino, 0, "has a gap between "
		    "'.' and '..'");
	}
	return 0;
}

static int
check_dotdot(struct check *c, struct ck_entry *ent)
{
	if (ent->dir->dotdot == NO_DOTDOT)
		return 0;
	if (ent->ino != 0 && strcmp(ent->name, "..") == 0) {
		ent->dir->dotdot = ent->ino;
		return 0;
	}
	ent->dir->dotdot = NO_DOTDOT;
	return ck_finding(c, CK_WORSE, ent->dir->ino, 0, "has no '..' behind "
	    "'.'");
}

/* An entry that names a directory: its only one? */
static int
check_child(struct check *c, struct ck_entry *ent, struct ck_dir *child)
{
	char name[100];

	if (child->parent != 0)
		return ck_finding(c, CK_WORSE, ent->dir->ino, child->ino,
		    "has an entry '%s' that is one more link to directory",
		    shown(ent, name));
	child->parent = ent->dir->ino;
	return keep_name(c, child, ent->name);
}

static int
count_link(struct check *c, struct ck_entry *ent)
{
	struct ck_ino *info = ck_ino(c, ent->ino);
	struct ck_dir *child;
	char name[100];

	if (info == NULL) {
		if (ent->index < 2)
			return 0;
		return ck_finding(c, CK_WORSE, ent->dir->ino, 0, "has an "
		    "entry '%s' that names inode %u, which is free",
		    shown(ent, name), ent->ino);
	}
	child = info->state == CK_DIR ? ck_dir(c, ent->ino) : NULL;
	if (child != NULL && child->empty && ent->index >= 2) {
		/* fsck -p removes both; the links pass tells. */
		if (c->fix) {
			put32le(ent->raw, 0);
			cache_dirty(c->fs, ent->buf);
			return 0;
		}
		child->parent = ent->dir->ino;
		return keep_name(c, child, ent->name);
	}
	if (child != NULL && ent->index >= 2 &&
	    check_child(c, ent, child) == -1)
		return -1;
	if (info->missing > INT32_MIN)
		info->missing--;
	if (dir_is_old(&c->fs->sb) || info->type == 0 ||
	    ent->type == info->type)
		return 0;
	return ck_finding(c, CK_WORSE, ent->dir->ino, 0, "has an entry '%s' "
	    "of type %u for an inode of type %u", shown(ent, name), ent->type,
	    info->type);
}

static int
take_entry(struct check *c, struct ck_entry *ent, void *arg)
{
	char name[100];

	(void)arg;
	if (ent->index == 0 && check_dot(c, ent) == -1)
		return -1;
	if (ent->index == 1 && check_dotdot(c, ent) == -1)
		return -1;
	if (ent->ino == 0)
		return 0;
	if (ent->index >= 2 && (strcmp(ent->name, ".") == 0 ||
	    strcmp(ent->name, "..") == 0))
		return ck_finding(c, CK_WORSE, ent->dir->ino, 0, "has '%s' "
		    "once more", ent->name);
	if (!dir_is_old(&c->fs->sb) &&
	    (ent->ino == WINO) != (ent->type == FFS_WHT))
		return ck_finding(c, CK_WORSE, ent->dir->ino, 0, "has an "
		    "entry '%s' that is half a whiteout", shown(ent, name));
	if (ent->ino == WINO)
		return 0;
	return count_link(c, ent);
}

static int
check_size(struct check *c, struct ck_dir *d)
{
	struct ffs_inode ip;
	uint64_t size;

	if (ffs_iget(c->fs, d->ino, &ip, c->e) == -1)
		return -1;
	size = ip.size;
	if (size < DIR_SIZE_MIN)
		return ck_finding(c, CK_WORSE, d->ino, 0, "is too short for a "
		    "directory: %llu bytes", (unsigned long long)size);
	if (size % FFS_DIRBLK == 0)
		return 0;
	if (c->fix) {
		ip.size = round_up(size, FFS_DIRBLK);
		if (ffs_iput(c->fs, &ip, c->e) == -1)
			return -1;
	}
	return ck_finding(c, CK_MENDABLE, d->ino, 0, "is a directory of %llu "
	    "bytes, not a multiple of %d", (unsigned long long)size,
	    FFS_DIRBLK);
}

/* After all directories were read. */
static int
check_parent(struct check *c, struct ck_dir *d)
{
	if (d->parent == 0 || d->empty || d->dotdot == d->parent ||
	    d->dotdot == NO_DOTDOT)
		return 0;
	if (d->dotdot == 0)
		return ck_finding(c, CK_WORSE, d->ino, 0, "has no '..'");
	return ck_finding(c, CK_WORSE, d->ino, 0, "has a '..' that names "
	    "inode %u, not its parent %u", d->dotdot, d->parent);
}

static int
check_root(struct check *c)
{
	struct ck_ino *info = ck_ino(c, FFS_ROOT);
	struct ck_dir *d = ck_dir(c, FFS_ROOT);

	if (info == NULL)
		return ck_finding(c, CK_WORSE, FFS_ROOT, 0, "is the root, but "
		    "free");
	if (d == NULL)
		return ck_finding(c, CK_WORSE, FFS_ROOT, 0, "is the root, but "
		    "not a directory");
	if (d->empty)
		return ck_finding(c, CK_WORSE, FFS_ROOT, 0, "is the root, but "
		    "of size zero");
	return 0;
}

int
ck_dirs(struct check *c)
{
	size_t i;

	if (check_root(c) == -1)
		return -1;
	for (i = 0; i < c->ndirs; i++) {
		if (c->dirs[i]->empty)
			continue;
		if (progress_tick(c->progress, "directories", i, c->ndirs,
		    c->e) == -1 || check_size(c, c->dirs[i]) == -1 ||
		    ck_scan(c, c->dirs[i], false, take_entry, NULL) == -1)
			return -1;
	}
	for (i = 0; i < c->ndirs; i++)
		if (check_parent(c, c->dirs[i]) == -1)
			return -1;
	return 0;
}
