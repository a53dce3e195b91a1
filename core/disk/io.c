/* The host's calls behind io.h, errors made into words. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/disk/io.h"

static int
host_sync(int fd, const char *name, struct dd_err *e)
{
	if (fsync(fd) == -1)
		return dd_fail_sys(e, errno, "%s: fsync", name);
	return 0;
}

/* For file systems without posix_fallocate(2): write what is read. */
static int
rewrite(int fd, uint64_t off, uint64_t len, const char *name,
    struct dd_err *e)
{
	char chunk[65536];
	size_t n;

	for (; len > 0; off += n, len -= n) {
		n = (size_t)min64(len, sizeof(chunk));
		if (fs_pread(fd, chunk, n, off, name, e) == -1 ||
		    fs_pwrite(fd, chunk, n, off, name, e) == -1)
			return -1;
	}
	return 0;
}

static int
host_allocate(int fd, uint64_t off, uint64_t len, const char *name,
    struct dd_err *e)
{
	int r;

	do
		r = posix_fallocate(fd, (off_t)off, (off_t)len);
	while (r == EINTR);
	if (r == 0)
		return 0;
	if (r == EOPNOTSUPP || r == EINVAL || r == ENOSYS)
		return rewrite(fd, off, len, name, e);
	return dd_fail_sys(e, r, "%s: allocating space", name);
}

static int
host_create(const char *path, int *fd, struct dd_err *e)
{
	*fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (*fd == -1)
		return dd_fail_sys(e, errno, "%s: create", path);
	return 0;
}

static int
host_truncate(int fd, const char *name, struct dd_err *e)
{
	if (ftruncate(fd, 0) == -1)
		return dd_fail_sys(e, errno, "%s: truncate", name);
	return 0;
}

static int
host_rename(const char *path, const char *to, struct dd_err *e)
{
	if (rename(path, to) == -1)
		return dd_fail_sys(e, errno, "%s: rename", path);
	return 0;
}

static int
host_unlink(const char *path, struct dd_err *e)
{
	if (unlink(path) == -1)
		return dd_fail_sys(e, errno, "%s: unlink", path);
	return 0;
}

const struct disk_io disk_io_host = {
	.read = fs_pread,
	.write = fs_pwrite,
	.sync = host_sync,
	.allocate = host_allocate,
	.create = host_create,
	.truncate = host_truncate,
	.rename = host_rename,
	.unlink = host_unlink,
	.sync_dir = fs_sync_parent,
};
