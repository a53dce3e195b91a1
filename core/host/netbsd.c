/* NetBSD; see host.h. */
#ifdef __NetBSD__
#include <signal.h>
#include <errno.h>
#include <sys/types.h>
#include <sys/statvfs.h>
#include <stdio.h>
#include <string.h>

#include "core/host/crypt.h"
#include "core/host/host.h"

uint32_t
host_major(dev_t dev)
{
	return (uint32_t)major(dev);
}

uint32_t
host_minor(dev_t dev)
{
	return (uint32_t)minor(dev);
}

dev_t
host_makedev(uint32_t maj, uint32_t min)
{
	return makedev(maj, min);
}

void
host_device_number(dev_t dev, char *s, size_t cap)
{
	(void)snprintf(s, cap, "%llu", (unsigned long long)dev);
}

bool
host_clone(int dst, int src)
{
	(void)dst;
	(void)src;
	return false;
}

void
host_start_writing(int fd, uint64_t off, uint64_t len)
{
	(void)fd;
	(void)off;
	(void)len;
}

static int
not_told(const char *what, host_holder_fn *fn, void *arg, struct dd_err *e)
{
	struct host_holder h = { .kind = HOST_UNKNOWN, .writable = true };

	(void)snprintf(h.text, sizeof(h.text), "this host can't tell yet %s",
	    what);
	return fn(arg, &h, e);
}

int
host_holders(dev_t dev, ino_t ino, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	(void)dev;
	(void)ino;
	return not_told("who has an image attached (vnd)", fn, arg, e);
}

int
host_lock_holders(dev_t dev, ino_t ino, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	(void)dev;
	(void)ino;
	return not_told("who has locked an image", fn, arg, e);
}

int
host_device_holders(dev_t rdev, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	(void)rdev;
	return not_told("what is mounted from a device", fn, arg, e);
}

uint64_t
host_process_start(pid_t pid)
{
	(void)pid;
	return 0;
}

bool
host_process_alive(pid_t pid)
{
	return pid > 0 && (kill(pid, 0) == 0 || errno != ESRCH);
}

bool
host_is_memory(const char *dir)
{
	struct statvfs fs;

	return statvfs(dir, &fs) == 0 && (strcmp(fs.f_fstypename, "tmpfs") ==
	    0 || strcmp(fs.f_fstypename, "mfs") == 0);
}

const struct host_crypt *const host_crypt = &host_crypt_programs;

bool
host_backing_file(dev_t rdev, dev_t *dev, ino_t *ino)
{
	(void)rdev;
	(void)dev;
	(void)ino;
	return false;
}

void
host_no_dumps(void)
{
	/* the limit is obeyed */
}
#endif
