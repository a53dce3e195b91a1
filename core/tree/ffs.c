/*
 * The ffs driver: a node is an inode's number, and every call is handed on.
 * Types and masks have the same values on both sides, which is checked here.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ffs/ffs.h"
#include "core/tree/tree.h"

_Static_assert(TREE_REG == (int)FFS_REG && TREE_DIR == (int)FFS_DIR &&
    TREE_LNK == (int)FFS_LNK && TREE_CHR == (int)FFS_CHR &&
    TREE_BLK == (int)FFS_BLK && TREE_FIFO == (int)FFS_FIFO &&
    TREE_SOCK == (int)FFS_SOCK, "file types are di_mode's on both sides");
_Static_assert(TREE_SET_PERM == FFS_SET_PERM &&
    TREE_SET_OWNER == FFS_SET_OWNER && TREE_SET_FLAGS == FFS_SET_FLAGS &&
    TREE_SET_ATIME == FFS_SET_ATIME && TREE_SET_MTIME == FFS_SET_MTIME &&
    TREE_SET_BIRTH == FFS_SET_BIRTH, "masks are the same");

struct ffs_tree {
	struct tree	 tree;
	struct ffs	*fs;
};

static struct ffs *
fs_of(struct tree *t)
{
	return ((struct ffs_tree *)t)->fs;
}

static uint32_t
ino_of(struct tree_node n)
{
	return (uint32_t)n.v;
}

static struct tree_node
node_of(uint32_t ino)
{
	return (struct tree_node){ .v = ino };
}

static struct tree_time
from_ffs(struct ffs_time ft)
{
	return (struct tree_time){ .sec = ft.sec, .nsec = ft.nsec };
}

static struct ffs_time
to_ffs(struct tree_time tt)
{
	return (struct ffs_time){ .sec = tt.sec, .nsec = tt.nsec };
}

static struct ffs_attr
attr_of(const struct tree_attr *a)
{
	return (struct ffs_attr){ .mask = a->mask, .perm = a->perm,
	    .uid = a->uid, .gid = a->gid, .flags = a->flags,
	    .atime = to_ffs(a->atime), .mtime = to_ffs(a->mtime),
	    .birthtime = to_ffs(a->birthtime) };
}

static struct tree_node
f_root(struct tree *t)
{
	(void)t;
	return node_of(FFS_ROOT);
}

static void
f_put(struct tree *t, struct tree_node n)
{
	(void)t;
	(void)n;
}

static int
f_stat(struct tree *t, struct tree_node n, struct tree_stat *out,
    struct dd_err *e)
{
	struct ffs_stat st;

	if (ffs_stat(fs_of(t), ino_of(n), &st, e) == -1)
		return -1;
	*out = (struct tree_stat){
		.id = st.ino,
		.type = (enum tree_type)st.type,
		.perm = st.perm,
		.nlink = st.nlink,
		.uid = st.uid,
		.gid = st.gid,
		.flags = st.flags,
		.size = st.size,
		.blocks = st.blocks,
		.rdev = st.rdev,
		.atime = from_ffs(st.atime),
		.mtime = from_ffs(st.mtime),
		.ctime = from_ffs(st.ctime),
		.birthtime = from_ffs(st.birthtime),
	};
	return 0;
}

static int
f_lookup(struct tree *t, struct tree_node dir, const char *name,
    struct tree_node *out, struct dd_err *e)
{
	uint32_t ino;

	if (ffs_lookup(fs_of(t), ino_of(dir), name, &ino, e) == -1)
		return -1;
	*out = node_of(ino);
	return 0;
}

static int
f_readdir(struct tree *t, struct tree_node dir, uint64_t *at,
    struct tree_dirent *out, struct dd_err *e)
{
	struct ffs_dirent d;
	int r;

	/* a whiteout says that a union mount has no such file */
	do {
		r = ffs_readdir(fs_of(t), ino_of(dir), at, &d, e);
	} while (r == 1 && d.type == FFS_WHT);
	if (r == 1) {
		out->type = (enum tree_type)d.type;
		out->id = d.ino;
		memcpy(out->name, d.name, sizeof(out->name));
	}
	return r;
}

static struct tree_node
f_by_id(struct tree *t, uint64_t id)
{
	(void)t;
	return node_of((uint32_t)id);
}

static int
f_read(struct tree *t, struct tree_node n, void *p, size_t len, uint64_t off,
    size_t *got, struct dd_err *e)
{
	return ffs_read(fs_of(t), ino_of(n), p, len, off, got, e);
}

static int
f_next_data(struct tree *t, struct tree_node n, uint64_t off,
    uint64_t *start, uint64_t *end, struct dd_err *e)
{
	return ffs_next_data(fs_of(t), ino_of(n), off, start, end, e);
}

static int
f_readlink(struct tree *t, struct tree_node n, char *buf, size_t cap,
    struct dd_err *e)
{
	return ffs_readlink(fs_of(t), ino_of(n), buf, cap, e);
}

static int
f_fingerprint(struct tree *t, struct tree_node n, uint64_t fp[2],
    struct dd_err *e)
{
	return ffs_fingerprint(fs_of(t), ino_of(n), fp, e);
}

static int
f_create(struct tree *t, struct tree_node dir, const char *name,
    const struct tree_attr *a, struct tree_node *out, struct dd_err *e)
{
	struct ffs_attr fa = attr_of(a);
	uint32_t ino;

	if (ffs_create(fs_of(t), ino_of(dir), name, &fa, &ino, e) == -1)
		return -1;
	*out = node_of(ino);
	return 0;
}

static int
f_mkdir(struct tree *t, struct tree_node dir, const char *name,
    const struct tree_attr *a, struct tree_node *out, struct dd_err *e)
{
	struct ffs_attr fa = attr_of(a);
	uint32_t ino;

	if (ffs_mkdir(fs_of(t), ino_of(dir), name, &fa, &ino, e) == -1)
		return -1;
	*out = node_of(ino);
	return 0;
}

static int
f_mknod(struct tree *t, struct tree_node dir, const char *name,
    enum tree_type type, uint32_t rdev, const struct tree_attr *a,
    struct tree_node *out, struct dd_err *e)
{
	struct ffs_attr fa = attr_of(a);
	uint32_t ino;

	if (ffs_mknod(fs_of(t), ino_of(dir), name, (enum ffs_type)type, rdev,
	    &fa, &ino, e) == -1)
		return -1;
	*out = node_of(ino);
	return 0;
}

static int
f_symlink(struct tree *t, struct tree_node dir, const char *name,
    const char *target, const struct tree_attr *a, struct tree_node *out,
    struct dd_err *e)
{
	struct ffs_attr fa = attr_of(a);
	uint32_t ino;

	if (ffs_symlink(fs_of(t), ino_of(dir), name, target, &fa, &ino,
	    e) == -1)
		return -1;
	*out = node_of(ino);
	return 0;
}

static int
f_link(struct tree *t, struct tree_node n, struct tree_node dir,
    const char *name, struct dd_err *e)
{
	return ffs_link(fs_of(t), ino_of(n), ino_of(dir), name, e);
}

static int
f_unlink(struct tree *t, struct tree_node dir, const char *name,
    struct dd_err *e)
{
	return ffs_unlink(fs_of(t), ino_of(dir), name, e);
}

static int
f_rmdir(struct tree *t, struct tree_node dir, const char *name,
    struct dd_err *e)
{
	return ffs_rmdir(fs_of(t), ino_of(dir), name, e);
}

static int
f_rename(struct tree *t, struct tree_node dir, const char *name,
    struct tree_node todir, const char *toname, struct dd_err *e)
{
	return ffs_rename(fs_of(t), ino_of(dir), name, ino_of(todir), toname,
	    e);
}

static int
f_write(struct tree *t, struct tree_node n, const void *p, size_t len,
    uint64_t off, struct dd_err *e)
{
	return ffs_write(fs_of(t), ino_of(n), p, len, off, e);
}

static int
f_truncate(struct tree *t, struct tree_node n, uint64_t size,
    struct dd_err *e)
{
	return ffs_truncate(fs_of(t), ino_of(n), size, e);
}

static int
f_setattr(struct tree *t, struct tree_node n, const struct tree_attr *a,
    struct dd_err *e)
{
	struct ffs_attr fa = attr_of(a);

	return ffs_setattr(fs_of(t), ino_of(n), &fa, e);
}

static int
f_space(struct tree *t, uint64_t *bytes, uint64_t *inodes, struct dd_err *e)
{
	struct ffs_info info;

	(void)e;
	ffs_info(fs_of(t), &info);
	*bytes = info.bytes_avail;
	*inodes = info.inodes_free;
	return 0;
}

static int
f_commit(struct tree *t, struct dd_err *e)
{
	return ffs_commit(fs_of(t), e);
}

static void
f_close(struct tree *t)
{
	ffs_close(fs_of(t));
	free(t);
}

static const struct tree_ops ffs_tree_ops = {
	.name = "ffs",
	.root = f_root,
	.put = f_put,
	.stat = f_stat,
	.lookup = f_lookup,
	.readdir = f_readdir,
	.by_id = f_by_id,
	.read = f_read,
	.next_data = f_next_data,
	.readlink = f_readlink,
	.fingerprint = f_fingerprint,
	.create = f_create,
	.mkdir = f_mkdir,
	.mknod = f_mknod,
	.symlink = f_symlink,
	.link = f_link,
	.unlink = f_unlink,
	.rmdir = f_rmdir,
	.rename = f_rename,
	.write = f_write,
	.truncate = f_truncate,
	.setattr = f_setattr,
	.space = f_space,
	.commit = f_commit,
	.close = f_close,
};

int
tree_ffs_open(struct ffs *fs, bool writable, struct tree **out,
    struct dd_err *e)
{
	struct ffs_tree *t = calloc(1, sizeof(*t));
	struct ffs_info info;

	if (t == NULL)
		return dd_fail_nomem(e);
	ffs_info(fs, &info);
	t->tree = (struct tree){ .ops = &ffs_tree_ops, .writable = writable,
	    .makes_owners = true, .makes_flags = true, .unit = info.fsize };
	t->fs = fs;
	*out = &t->tree;
	return 0;
}
