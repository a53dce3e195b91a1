/*
 * A file or block device of the host as a layer; see file.h.
 *
 * The lock is flock(2) on the image itself: it goes away with the process,
 * and it is what other tools that write disk images take.
 */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/disk/file.h"
#include "core/disk/rekey_state.h"

struct file {
	struct blk		 b;
	int			 fd;
	dev_t			 dev;
	ino_t			 ino;
	bool			 device;
	char			*path;
	const struct disk_io	*io;
};

static const struct file *
file_of(const struct blk *b)
{
	return (const struct file *)b;
}

static int
file_pread(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	const struct file *f = file_of(b);

	return f->io->read(f->fd, p, len, off, f->path, e);
}

static int
file_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *e)
{
	const struct file *f = file_of(b);

	(void)how;
	return f->io->write(f->fd, p, len, off, f->path, e);
}

static int
file_flush(struct blk *b, struct dd_err *e)
{
	const struct file *f = file_of(b);

	return f->io->sync(f->fd, f->path, e);
}

static void
file_close(struct blk *b)
{
	struct file *f = (struct file *)b;

	if (f->fd != -1)
		(void)close(f->fd);
	free(f->path);
	free(f);
}

static const struct blk_ops file_ops = {
	.name = "file",
	.pread = file_pread,
	.pread_committed = file_pread,
	.pwrite = file_pwrite,
	.flush = file_flush,
	.close = file_close,
};

/*
 * The size of a device.  Not every system tells by lseek(2); where it says 0,
 * the last readable sector is searched by halves.
 */
static uint64_t
device_size(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	uint64_t lo = 0, hi = (uint64_t)1 << 42, mid;
	char sector[4096];

	if (end > 0)
		return (uint64_t)end;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (pread(fd, sector, 512, (off_t)(mid * 512)) == 512)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo * 512;
}

static int
check_type(const char *path, const struct stat *st, struct dd_err *e)
{
	const char *what;

	if (S_ISREG(st->st_mode) || S_ISBLK(st->st_mode))
		return 0;
	if (S_ISDIR(st->st_mode))
		what = "a directory";
	else if (S_ISCHR(st->st_mode))
		what = "a character device";
	else if (S_ISFIFO(st->st_mode))
		what = "a fifo";
	else
		what = "a socket";
	(void)dd_fail(e, ERR_TYPE, "%s: is %s, not a disk image", path, what);
	return dd_hint(e, "give a regular file or a block device");
}

static int
lock(const struct file *f, const char *path, struct dd_err *e)
{
	struct stat st;

	if (flock(f->fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			return dd_fail_sys(e, errno, "%s: flock", path);
		(void)dd_fail(e, ERR_HELD,
		    "%s: another program has locked it", path);
		return dd_hint(e, "wait until the other drydock (or qemu, "
		    "...) is done; fuser(1) or fstat(1) name it");
	}
	/* Replaced between open and lock: another job has just finished. */
	if (stat(path, &st) == -1 || st.st_dev != f->dev ||
	    st.st_ino != f->ino) {
		(void)dd_fail(e, ERR_HELD,
		    "%s: was replaced while it was opened", path);
		return dd_hint(e, "look at it again, then repeat the command");
	}
	return 0;
}

static int
refuse(const struct file *f, const char *path, int flags, struct dd_err *e)
{
	if (f->device || (flags & (FILE_NOLOCK | FILE_REKEY)) != 0)
		return 0;
	return rekey_refuse(path, f->ino, e);
}

static int
open_host(struct file *f, const char *path, int flags, struct dd_err *e)
{
	bool write = (flags & FILE_WRITE) != 0;
	struct stat st;

	if (stat(path, &st) == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		return e->sys == ENOENT ? dd_hint(e, "is the path right?") : -1;
	}
	if (check_type(path, &st, e) == -1)
		return -1;
	f->fd = open(path, (write ? O_RDWR : O_RDONLY) | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC);
	if (f->fd == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		return e->sys == EACCES ? dd_hint(e, "run it as root, or as "
		    "the owner of the image") : -1;
	}
	if (fstat(f->fd, &st) == -1)
		return dd_fail_sys(e, errno, "%s", path);
	if (check_type(path, &st, e) == -1)
		return -1;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->device = S_ISBLK(st.st_mode);
	f->b.size = f->device ? device_size(f->fd) : (uint64_t)st.st_size;
	f->b.size = round_down(f->b.size, f->b.sector_size);
	f->b.writable = write;
	if (refuse(f, path, flags, e) == -1)
		return -1;
	if (!write || (flags & FILE_NOLOCK) != 0)
		return 0;
	/* it may have begun before the lock was ours */
	return lock(f, path, e) == -1 ? -1 : refuse(f, path, flags, e);
}

int
file_open(const char *path, int flags, uint32_t sector_size,
    struct blk **out, struct dd_err *e)
{
	struct file *f;

	if (sector_size == 0)
		sector_size = 512;
	if (sector_size < 512 || sector_size > 4096 ||
	    (sector_size & (sector_size - 1)) != 0) {
		(void)dd_fail(e, ERR_USAGE, "%u is not a sector size",
		    sector_size);
		return dd_hint(e, "512, 1024, 2048 or 4096");
	}
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return dd_fail_nomem(e);
	f->b.ops = &file_ops;
	f->b.sector_size = sector_size;
	f->fd = -1;
	f->io = &disk_io_host;
	if ((f->path = strdup(path)) == NULL)
		(void)dd_fail_nomem(e);
	else if (open_host(f, path, flags, e) == 0) {
		*out = &f->b;
		return 0;
	}
	file_close(&f->b);
	return -1;
}

bool
blk_is_file(const struct blk *b)
{
	return b->ops == &file_ops;
}

int
file_fd(const struct blk *b)
{
	return file_of(b)->fd;
}

dev_t
file_dev(const struct blk *b)
{
	return file_of(b)->dev;
}

ino_t
file_ino(const struct blk *b)
{
	return file_of(b)->ino;
}

const char *
file_path(const struct blk *b)
{
	return file_of(b)->path;
}

bool
file_is_device(const struct blk *b)
{
	return file_of(b)->device;
}

int
file_allocated(const struct blk *b, uint64_t *bytes, struct dd_err *e)
{
	const struct file *f = file_of(b);
	struct stat st;

	if (fstat(f->fd, &st) == -1)
		return dd_fail_sys(e, errno, "%s", f->path);
	*bytes = f->device ? b->size : (uint64_t)st.st_blocks * 512;
	return 0;
}

int
file_allocate(struct blk *b, uint64_t off, uint64_t len, struct dd_err *e)
{
	const struct file *f = file_of(b);

	if (f->device)
		return 0;
	return f->io->allocate(f->fd, off, len, f->path, e);
}

const struct disk_io *
file_io(const struct blk *b)
{
	return file_of(b)->io;
}

void
file_set_io(struct blk *b, const struct disk_io *io)
{
	((struct file *)b)->io = io;
}
