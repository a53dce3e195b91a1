/*
 * The mounted driver: a directory of the host as a tree.
 *
 * A node knows its parent, its name, and the device and inode that it had when
 * it was looked up.  It is opened when its content is wanted, relative to
 * the parent's descriptor and with O_NOFOLLOW, and what was opened must be
 * that inode still.  So no symlink, and no exchange of names behind our back,
 * leads anywhere else.  What can't be opened without side effects (devices,
 * fifos) is reached by *at() calls on the parent that don't follow.
 *
 * Here: nodes and reading; mounted_write.c has the rest.
 *
 * The host's directory has no transactions: changes stand at once, and commit
 * is a sync of the top.  Callers that need all or nothing work on a copy.
 */
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/host/host.h"
#include "core/tree/mounted.h"

static void
m_put(struct tree *t, struct tree_node node)
{
	struct mnode *n = mnode(node), *up;

	(void)t;
	for (; n != NULL && --n->refs == 0; n = up) {
		up = n->up;
		if (n->dir != NULL)
			(void)closedir(n->dir);
		if (n->fd != -1)
			(void)close(n->fd);
		free(n);
	}
}

struct mnode *
mounted_node(const struct tree *t, struct mnode *up, const char *name,
    const struct stat *st)
{
	size_t len = strlen(name) + 1;
	struct mnode *n = calloc(1, sizeof(*n) + len);

	if (n == NULL)
		return NULL;
	memcpy(n->name, name, len);
	n->up = up;
	if (up != NULL)
		up->refs++;
	n->refs = 1;
	n->fd = -1;
	n->fixed = !t->writable;
	n->st = *st;
	return n;
}

static struct tree_node
m_root(struct tree *t)
{
	struct mnode *n = ((struct mounted *)t)->root;

	n->refs++;
	return handle(n);
}

int
mounted_same(const struct mnode *n, const struct stat *st, struct dd_err *e)
{
	if (st->st_dev == n->st.st_dev && st->st_ino == n->st.st_ino &&
	    (st->st_mode & S_IFMT) == (n->st.st_mode & S_IFMT))
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: exchanged for another file meanwhile",
	    n->name);
	return dd_hint(e, "somebody else works in this directory: try again");
}

int
mounted_fd(struct mnode *n, bool writable, struct dd_err *e)
{
	int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat st;
	int fd, up;

	if (n->fd != -1 && (n->fd_writable || !writable))
		return n->fd;
	if (S_ISDIR(n->st.st_mode))
		flags |= O_RDONLY | O_DIRECTORY;
	else if (S_ISREG(n->st.st_mode))
		flags |= writable ? O_RDWR : O_RDONLY;
	else
		return dd_fail(e, ERR_TYPE, "%s: not a regular file",
		    n->name);
	if ((up = mounted_fd(n->up, false, e)) == -1)
		return -1;
	if ((fd = openat(up, n->name, flags)) == -1)
		return dd_fail_sys(e, errno, "%s", n->name);
	if (fstat(fd, &st) == -1) {
		(void)dd_fail_sys(e, errno, "%s", n->name);
		goto fail;
	}
	if (mounted_same(n, &st, e) == -1)
		goto fail;
	if (n->fd != -1)
		(void)close(n->fd);
	n->fd = fd;
	n->fd_writable = writable;
	return fd;
fail:
	(void)close(fd);
	return -1;
}

int
mounted_stat(struct mnode *n, struct stat *st, struct dd_err *e)
{
	int up;

	if (n->fixed) {
		*st = n->st;
		return 0;
	}
	if (n->fd != -1) {
		if (fstat(n->fd, st) == -1)
			return dd_fail_sys(e, errno, "%s", n->name);
		return 0;
	}
	if ((up = mounted_fd(n->up, false, e)) == -1)
		return -1;
	if (fstatat(up, n->name, st, AT_SYMLINK_NOFOLLOW) == -1)
		return dd_fail_sys(e, errno, "%s", n->name);
	return mounted_same(n, st, e);
}

/*
 * Inode numbers of different devices must not look like hard links: what lies
 * on another device than the top gets that device's index in the upper bits.
 */
static int
id_of(struct mounted *m, const struct stat *st, uint64_t *id,
    struct dd_err *e)
{
	unsigned i;

	for (i = 0; i < m->ndevs && m->devs[i] != st->st_dev; i++)
		;
	if (i == DEVICES_MAX)
		return dd_fail(e, ERR_UNSUP,
		    "more than %d file systems below one directory",
		    DEVICES_MAX);
	if (i == m->ndevs)
		m->devs[m->ndevs++] = st->st_dev;
	*id = (uint64_t)st->st_ino ^ (uint64_t)i << 56;
	return 0;
}

static struct tree_time
time_of(const struct timespec *ts)
{
	return (struct tree_time){ .sec = ts->tv_sec,
	    .nsec = (int32_t)ts->tv_nsec };
}

static void
m_close(struct tree *t)
{
	struct mounted *m = (struct mounted *)t;

	m_put(t, handle(m->root));
	free(m);
}

static int
m_stat(struct tree *t, struct tree_node node, struct tree_stat *out,
    struct dd_err *e)
{
	struct mounted *m = (struct mounted *)t;
	struct stat st;

	if (mounted_stat(mnode(node), &st, e) == -1)
		return -1;
	*out = (struct tree_stat){
		.type = (enum tree_type)((st.st_mode & S_IFMT) >> 12),
		.perm = st.st_mode & 07777,
		.nlink = (uint32_t)st.st_nlink,
		.uid = st.st_uid,
		.gid = st.st_gid,
		.size = (uint64_t)st.st_size,
		.blocks = (uint64_t)st.st_blocks,
		.atime = time_of(&st.st_atim),
		.mtime = time_of(&st.st_mtim),
		.ctime = time_of(&st.st_ctim),
		.birthtime = time_of(&st.st_mtim),
	};
#ifdef __NetBSD__
	out->flags = (uint32_t)st.st_flags;
	out->birthtime = time_of(&st.st_birthtim);
#endif
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
		out->rdev = tree_makedev(host_major(st.st_rdev),
		    host_minor(st.st_rdev));
		out->size = 0;
	}
	return id_of(m, &st, &out->id, e);
}

static int
m_lookup(struct tree *t, struct tree_node dir, const char *name,
    struct tree_node *out, struct dd_err *e)
{
	struct mnode *n;
	struct stat st;
	int fd;

	if (tree_check_name(name, e) == -1 ||
	    (fd = mounted_fd(mnode(dir), false, e)) == -1)
		return -1;
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return dd_fail_sys(e, errno, "%s", name);
	if ((n = mounted_node(t, mnode(dir), name, &st)) == NULL)
		return dd_fail_nomem(e);
	*out = handle(n);
	return 0;
}

/* Start from the beginning, on a description of its own. */
static int
start_readdir(struct mnode *n, struct dd_err *e)
{
	int fd, own;

	if (n->dir != NULL) {
		rewinddir(n->dir);
		n->dir_at = 0;
		return 0;
	}
	if ((fd = mounted_fd(n, false, e)) == -1)
		return -1;
	own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own == -1 || (n->dir = fdopendir(own)) == NULL) {
		(void)dd_fail_sys(e, errno, "%s", n->name);
		if (own != -1)
			(void)close(own);
		return -1;
	}
	n->dir_at = 0;
	return 0;
}

static int
m_readdir(struct tree *t, struct tree_node node, uint64_t *at,
    struct tree_dirent *out, struct dd_err *e)
{
	struct mnode *n = mnode(node);
	struct dirent *d;
	size_t len;

	(void)t;
	if ((n->dir == NULL || n->dir_at > *at) && start_readdir(n, e) == -1)
		return -1;
	for (;;) {
		errno = 0;
		if ((d = readdir(n->dir)) == NULL)
			break;
		if (strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0)
			continue;
		if (n->dir_at++ == *at)
			break;
	}
	if (d == NULL) {
		int sys = errno;

		(void)closedir(n->dir);
		n->dir = NULL;
		return sys != 0 ? dd_fail_sys(e, sys, "%s", n->name) : 0;
	}
	len = strlen(d->d_name);
	if (len > TREE_NAME_MAX)
		return dd_fail(e, ERR_UNSUP, "%s: longer than %d bytes",
		    d->d_name, TREE_NAME_MAX);
	memcpy(out->name, d->d_name, len + 1);
	out->type = 0;
	out->id = 0;
	(*at)++;
	return 1;
}

static int
m_read(struct tree *t, struct tree_node node, void *p, size_t len,
    uint64_t off, size_t *got, struct dd_err *e)
{
	struct mnode *n = mnode(node);
	size_t done = 0;
	ssize_t r;
	int fd;

	(void)t;
	if ((fd = mounted_fd(n, false, e)) == -1)
		return -1;
	while (done < len) {
		r = pread(fd, (char *)p + done, len - done,
		    (off_t)(off + done));
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return dd_fail_sys(e, errno, "%s: read", n->name);
		if (r == 0)
			break;
		done += (size_t)r;
	}
	*got = done;
	return 0;
}

/* Without SEEK_DATA, and for files that have no holes, all is data. */
static int
m_next_data(struct tree *t, struct tree_node node, uint64_t off,
    uint64_t *start, uint64_t *end, struct dd_err *e)
{
	struct mnode *n = mnode(node);
	struct stat st;
	int fd;

	(void)t;
	if ((fd = mounted_fd(n, false, e)) == -1 || mounted_stat(n, &st, e) == -1)
		return -1;
	*end = (uint64_t)st.st_size;
	*start = off < *end ? off : *end;
#if defined(SEEK_DATA) && defined(SEEK_HOLE)
	if (*start < *end && (uint64_t)st.st_blocks * 512 < *end) {
		off_t at = lseek(fd, (off_t)off, SEEK_DATA);

		if (at == -1 && errno == ENXIO)
			*start = *end;
		else if (at >= (off_t)off && at < st.st_size) {
			*start = (uint64_t)at;
			at = lseek(fd, at, SEEK_HOLE);
			if (at > (off_t)*start && at < st.st_size)
				*end = (uint64_t)at;
		}
	}
#endif
	return 0;
}

static int
m_readlink(struct tree *t, struct tree_node node, char *buf, size_t cap,
    struct dd_err *e)
{
	struct mnode *n = mnode(node);
	ssize_t len;
	int up;

	(void)t;
	if (!S_ISLNK(n->st.st_mode))
		return dd_fail(e, ERR_TYPE, "%s: not a symlink", n->name);
	if ((up = mounted_fd(n->up, false, e)) == -1)
		return -1;
	if ((len = readlinkat(up, n->name, buf, cap)) == -1)
		return dd_fail_sys(e, errno, "%s", n->name);
	if ((size_t)len >= cap)
		return dd_fail_sys(e, ENAMETOOLONG, "%s", n->name);
	buf[len] = '\0';
	return 0;
}

static const struct tree_ops mounted_ops = {
	.name = "mounted",
	.root = m_root,
	.put = m_put,
	.stat = m_stat,
	.lookup = m_lookup,
	.readdir = m_readdir,
	.read = m_read,
	.next_data = m_next_data,
	.readlink = m_readlink,
	.create = mounted_create,
	.mkdir = mounted_mkdir,
	.mknod = mounted_mknod,
	.symlink = mounted_symlink,
	.link = mounted_link,
	.unlink = mounted_unlink,
	.rmdir = mounted_rmdir,
	.rename = mounted_rename,
	.write = mounted_write,
	.truncate = mounted_truncate,
	.setattr = mounted_setattr,
	.space = mounted_space,
	.commit = mounted_commit,
	.close = m_close,
};

int
tree_mounted_open(const char *path, bool writable, struct tree **out,
    struct dd_err *e)
{
	struct mounted *m;
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if ((m = calloc(1, sizeof(*m))) == NULL) {
		(void)dd_fail_nomem(e);
		goto fail;
	}
	m->tree = (struct tree){ .ops = &mounted_ops, .writable = writable,
	    .makes_owners = geteuid() == 0, .unit = 512 };
#ifdef __NetBSD__
	m->tree.makes_flags = true;
#endif
	if (fstat(fd, &st) == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		goto fail;
	}
	if ((m->root = mounted_node(&m->tree, NULL, path, &st)) == NULL) {
		(void)dd_fail_nomem(e);
		goto fail;
	}
	m->root->fd = fd;
	m->devs[m->ndevs++] = st.st_dev;
	*out = &m->tree;
	return 0;
fail:
	(void)close(fd);
	free(m);
	return -1;
}
