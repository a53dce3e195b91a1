/* NetBSD: its calls, and what needs none; see host.h, netbsd_impl.h. */
#ifdef __NetBSD__
#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysctl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <util.h>

#include "core/base/spawn.h"
#include "core/host/crypt.h"
#include "core/host/netbsd_impl.h"

/* ---- the system's calls */

static int
sys_open(const char *path, int flags)
{
	return open(path, flags);
}

static int
sys_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

static int
sys_getdevmajor(const char *driver, mode_t type)
{
	return getdevmajor(driver, type);
}

static int
sys_process(pid_t pid, struct kinfo_proc2 *p)
{
	const int mib[] = { CTL_KERN, KERN_PROC2, KERN_PROC_PID, pid,
	    (int)sizeof(*p), 1 };
	size_t len = sizeof(*p);

	memset(p, 0, sizeof(*p));
	if (sysctl(mib, 6, p, &len, NULL, 0) == -1)
		return -1;
	return len != 0;
}

static const struct netbsd_sys calls = {
	.open = sys_open,
	.close = close,
	.ioctl = sys_ioctl,
	.stat = stat,
	.getvfsstat = getvfsstat,
	.mount = mount,
	.unmount = unmount,
	.geteuid = geteuid,
	.getrawpartition = getrawpartition,
	.getdevmajor = sys_getdevmajor,
	.process = sys_process,
	.run = spawn_run,
};

const struct netbsd_sys *netbsd_sys = &calls;
const struct host_kernel *const host_kernel = &netbsd_kernel;
const struct host_crypt *const host_crypt = &host_crypt_programs;

/* ---- host.h */

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
host_discard(int fd, uint64_t len)
{
	(void)fd;
	(void)len;
}

void
host_start_writing(int fd, uint64_t off, uint64_t len)
{
	(void)fd;
	(void)off;
	(void)len;
}

/* Locks are in no table that a program can read. */
int
host_lock_holders(dev_t dev, ino_t ino, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	struct host_holder h = { .kind = HOST_UNKNOWN, .writable = true,
	    .text = "NetBSD does not tell who has locked an image" };

	(void)dev;
	(void)ino;
	return fn(arg, &h, e);
}

bool
host_is_memory(const char *dir)
{
	struct statvfs fs;

	return statvfs(dir, &fs) == 0 && (strcmp(fs.f_fstypename, "tmpfs") ==
	    0 || strcmp(fs.f_fstypename, "mfs") == 0);
}

void
host_no_dumps(void)
{
	/* the limit is obeyed */
}
#endif
