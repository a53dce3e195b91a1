/*
 * The mounted driver, writing; see mounted.c.  New files are made with O_EXCL
 * and mode 0600 (directories 0700), and get their attributes after that, so
 * nothing stands open to others in between.
 */
#include <sys/statvfs.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "core/host/host.h"
#include "core/tree/mounted.h"

static int
may_write(const struct tree *t, struct dd_err *e)
{
	return t->writable ? 0 : dd_fail(e, ERR_PERM,
	    "opened for reading only");
}

/* The directory's descriptor, for making or removing name in it. */
static int
dir_fd(struct tree *t, struct tree_node dir, const char *name,
    struct dd_err *e)
{
	if (may_write(t, e) == -1 || tree_check_name(name, e) == -1)
		return -1;
	return mounted_fd(mnode(dir), false, e);
}

static struct timespec
host_time(const struct tree_attr *a, unsigned bit, const struct tree_time *tt)
{
	if ((a->mask & bit) == 0)
		return (struct timespec){ .tv_nsec = UTIME_OMIT };
	return (struct timespec){ .tv_sec = (time_t)tt->sec,
	    .tv_nsec = tt->nsec };
}

/*
 * The calls that change attributes, on the descriptor where there is one, and
 * by name in the parent, without following, where there is none.
 */
static int
set_owner(const struct mnode *n, int up, uid_t uid, gid_t gid)
{
	return n->fd != -1 ? fchown(n->fd, uid, gid) :
	    fchownat(up, n->name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

static int
set_perm(const struct mnode *n, int up, mode_t perm)
{
	if (n->fd != -1)
		return fchmod(n->fd, perm);
	if (fchmodat(up, n->name, perm, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	/* not every host has modes of symlinks */
	return S_ISLNK(n->st.st_mode) && errno == EOPNOTSUPP ? 0 : -1;
}

static int
set_times(const struct mnode *n, int up, const struct timespec ts[2])
{
	return n->fd != -1 ? futimens(n->fd, ts) :
	    utimensat(up, n->name, ts, AT_SYMLINK_NOFOLLOW);
}

static int
set_flags(const struct mnode *n, const struct tree_attr *a)
{
#ifdef __NetBSD__
	if ((a->mask & TREE_SET_FLAGS) != 0 && n->fd != -1)
		return fchflags(n->fd, a->flags);
#else
	(void)n;
	(void)a;
#endif
	return 0;
}

int
mounted_setattr(struct tree *t, struct tree_node node,
    const struct tree_attr *a, struct dd_err *e)
{
	struct mnode *n = mnode(node);
	struct timespec ts[2] = { host_time(a, TREE_SET_ATIME, &a->atime),
	    host_time(a, TREE_SET_MTIME, &a->mtime) };
	struct dd_err unopened = DD_ERR_INIT;
	struct stat st;
	mode_t perm = a->perm;
	bool chmods = (a->mask & TREE_SET_PERM) != 0;
	int up = -1;

	if (may_write(t, e) == -1)
		return -1;
	/* an unreadable file of ours has no descriptor, but its attributes
	 * can be set */
	if (S_ISREG(n->st.st_mode) || S_ISDIR(n->st.st_mode))
		(void)mounted_fd(n, false, &unopened);
	if (mounted_stat(n, &st, e) == -1 ||
	    (n->up != NULL && (up = mounted_fd(n->up, false, e)) == -1))
		return -1;
	if ((a->mask & TREE_SET_OWNER) != 0) {
		if (set_owner(n, up, a->uid, a->gid) == -1)
			goto fail;
		/* the host has dropped the set-id bits: put them back */
		if (!chmods && (st.st_mode & (S_ISUID | S_ISGID)) != 0) {
			perm = st.st_mode & 07777;
			chmods = true;
		}
	}
	if ((chmods && set_perm(n, up, perm) == -1) ||
	    ((a->mask & (TREE_SET_ATIME | TREE_SET_MTIME)) != 0 &&
	    set_times(n, up, ts) == -1) ||
	    set_flags(n, a) == -1)
		goto fail;
	return 0;
fail:
	return dd_fail_sys(e, errno, "%s: attributes", n->name);
}

/*
 * The node of what was just made; fd is its descriptor, or -1.  Where anything
 * fails it is removed again.
 */
static int
made(struct tree *t, struct tree_node dir, int up, const char *name, int fd,
    const struct tree_attr *a, struct tree_node *out, struct dd_err *e)
{
	struct mnode *n = NULL;
	struct stat st;

	if ((fd != -1 ? fstat(fd, &st) :
	    fstatat(up, name, &st, AT_SYMLINK_NOFOLLOW)) == -1)
		(void)dd_fail_sys(e, errno, "%s", name);
	else if ((n = mounted_node(t, mnode(dir), name,
	    &st)) == NULL)
		(void)dd_fail_nomem(e);
	if (n == NULL) {
		if (fd != -1)
			(void)close(fd);
		(void)unlinkat(up, name, 0);
		return -1;
	}
	n->fd = fd;
	n->fd_writable = true;
	if (a->mask != 0 && mounted_setattr(t, handle(n), a, e) == -1) {
		t->ops->put(t, handle(n));
		(void)unlinkat(up, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR :
		    0);
		return -1;
	}
	*out = handle(n);
	return 0;
}

int
mounted_create(struct tree *t, struct tree_node dir, const char *name,
    const struct tree_attr *a, struct tree_node *out, struct dd_err *e)
{
	int fd, up;

	if ((up = dir_fd(t, dir, name, e)) == -1)
		return -1;
	fd = openat(up, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", name);
	return made(t, dir, up, name, fd, a, out, e);
}

int
mounted_mkdir(struct tree *t, struct tree_node dir, const char *name,
    const struct tree_attr *a, struct tree_node *out, struct dd_err *e)
{
	int up;

	if ((up = dir_fd(t, dir, name, e)) == -1)
		return -1;
	if (mkdirat(up, name, 0700) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	return made(t, dir, up, name, -1, a, out, e);
}

int
mounted_mknod(struct tree *t, struct tree_node dir, const char *name,
    enum tree_type type, uint32_t rdev, const struct tree_attr *a,
    struct tree_node *out, struct dd_err *e)
{
	int up, r;

	if ((up = dir_fd(t, dir, name, e)) == -1)
		return -1;
	if (type == TREE_FIFO)
		r = mkfifoat(up, name, 0600);
	else if (type == TREE_CHR || type == TREE_BLK)
		r = mknodat(up, name, (mode_t)type << 12 | 0600,
		    host_makedev(tree_major(rdev), tree_minor(rdev)));
	else
		return dd_fail(e, ERR_UNSUP, "%s: not a device or fifo",
		    name);
	if (r == -1)
		return dd_fail_sys(e, errno, "%s", name);
	return made(t, dir, up, name, -1, a, out, e);
}

int
mounted_symlink(struct tree *t, struct tree_node dir, const char *name,
    const char *target, const struct tree_attr *a, struct tree_node *out,
    struct dd_err *e)
{
	int up;

	if ((up = dir_fd(t, dir, name, e)) == -1)
		return -1;
	if (symlinkat(target, up, name) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	return made(t, dir, up, name, -1, a, out, e);
}

int
mounted_link(struct tree *t, struct tree_node node, struct tree_node dir,
    const char *name, struct dd_err *e)
{
	struct mnode *n = mnode(node);
	struct stat st;
	int from, up;

	if ((up = dir_fd(t, dir, name, e)) == -1)
		return -1;
	if (S_ISDIR(n->st.st_mode))
		return dd_fail(e, ERR_TYPE, "%s: a directory has one name",
		    n->name);
	if ((from = mounted_fd(n->up, false, e)) == -1)
		return -1;
	if (linkat(from, n->name, up, name, 0) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	if (fstatat(up, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	if (mounted_same(n, &st, e) == -1) {
		(void)unlinkat(up, name, 0);
		return -1;
	}
	return 0;
}

static int
take_away(struct tree *t, struct tree_node dir, const char *name,
    bool is_dir, struct dd_err *e)
{
	struct stat st;
	int up;

	if ((up = dir_fd(t, dir, name, e)) == -1)
		return -1;
	if (fstatat(up, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	if (S_ISDIR(st.st_mode) != is_dir)
		return dd_fail(e, ERR_TYPE, is_dir ? "%s: not a directory" :
		    "%s: a directory", name);
	if (unlinkat(up, name, is_dir ? AT_REMOVEDIR : 0) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	return 0;
}

int
mounted_unlink(struct tree *t, struct tree_node dir, const char *name,
    struct dd_err *e)
{
	return take_away(t, dir, name, false, e);
}

int
mounted_rmdir(struct tree *t, struct tree_node dir, const char *name,
    struct dd_err *e)
{
	return take_away(t, dir, name, true, e);
}

int
mounted_rename(struct tree *t, struct tree_node dir, const char *name,
    struct tree_node todir, const char *toname, struct dd_err *e)
{
	int from, to;

	if ((from = dir_fd(t, dir, name, e)) == -1 ||
	    (to = dir_fd(t, todir, toname, e)) == -1)
		return -1;
	if (renameat(from, name, to, toname) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	return 0;
}

int
mounted_write(struct tree *t, struct tree_node node, const void *p,
    size_t len, uint64_t off, struct dd_err *e)
{
	struct mnode *n = mnode(node);
	int fd;

	if (may_write(t, e) == -1 || (fd = mounted_fd(n, true, e)) == -1)
		return -1;
	return fs_pwrite(fd, p, len, off, n->name, e);
}

int
mounted_truncate(struct tree *t, struct tree_node node, uint64_t size,
    struct dd_err *e)
{
	struct mnode *n = mnode(node);
	int fd;

	if (may_write(t, e) == -1 || (fd = mounted_fd(n, true, e)) == -1)
		return -1;
	if (ftruncate(fd, (off_t)size) == -1)
		return dd_fail_sys(e, errno, "%s", n->name);
	return 0;
}

int
mounted_space(struct tree *t, uint64_t *bytes, uint64_t *inodes,
    struct dd_err *e)
{
	struct mnode *root = ((struct mounted *)t)->root;
	struct statvfs sv;

	if (fstatvfs(root->fd, &sv) == -1)
		return dd_fail_sys(e, errno, "%s", root->name);
	if (__builtin_mul_overflow((uint64_t)sv.f_bavail,
	    (uint64_t)sv.f_frsize, bytes))
		*bytes = UINT64_MAX;
	/* file systems that make inodes as they go say 0 of 0 */
	*inodes = sv.f_files == 0 ? UINT64_MAX : (uint64_t)sv.f_favail;
	return 0;
}

int
mounted_commit(struct tree *t, struct dd_err *e)
{
	struct mnode *root = ((struct mounted *)t)->root;

	if (t->writable && fsync(root->fd) == -1)
		return dd_fail_sys(e, errno, "%s", root->name);
	return 0;
}
