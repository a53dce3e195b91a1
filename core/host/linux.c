/* Linux; see host.h.  Who has a file: linux_holders.c. */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <fcntl.h>

#include <linux/fs.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/base/hash.h"
#include "core/host/linux_impl.h"
#include "core/host/linux_parse.h"

#define READ_MAX	(64 << 20)	/* thousands of mounts are a few MB */

uint32_t
host_major(dev_t dev)
{
	return major(dev);
}

uint32_t
host_minor(dev_t dev)
{
	return minor(dev);
}

dev_t
host_makedev(uint32_t maj, uint32_t min)
{
	return makedev(maj, min);
}

void
host_device_number(dev_t dev, char *s, size_t cap)
{
	(void)snprintf(s, cap, "%x:%x", major(dev), minor(dev));
}

bool
host_clone(int dst, int src)
{
	return ioctl(dst, FICLONE, src) == 0;
}

void
host_discard(int fd, uint64_t len)
{
	(void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
	    (off_t)len);
}

void
host_start_writing(int fd, uint64_t off, uint64_t len)
{
	(void)sync_file_range(fd, (off_t)off, (off_t)len,
	    SYNC_FILE_RANGE_WRITE);
}

int
linux_read(const char *path, struct buf *b, struct dd_err *e)
{
	struct dd_err why = DD_ERR_INIT;

	buf_reset(b);
	if (fs_read_file(path, READ_MAX, b, &why) == 0)
		return 1;
	switch (why.sys) {
	case ENOENT:
	case ENOTDIR:
	case ENODEV:
	case ESRCH:
		return 0;
	}
	if (e->code == ERR_NONE)
		*e = why;
	return -1;
}

/*
 * The tick since boot at which it started, and which boot that is.  Not the
 * time of boot in /proc/stat: that moves when the clock is set, and a process
 * that lives would seem to be another.
 */
uint64_t
host_process_start(pid_t pid)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t sum[HASH_LEN];
	uint64_t ticks, start = 0;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (pid <= 0 || linux_read(path, &b, &ignored) != 1 ||
	    !proc_stat_start(b.p, &ticks) ||
	    linux_read("/proc/sys/kernel/random/boot_id", &b, &ignored) != 1 ||
	    buf_printf(&b, "%" PRIu64, ticks) == -1)
		goto out;
	hash_once(HASH_SHA256, b.p, b.len, sum);
	start = get64le(sum);
	if (start == 0)
		start = 1;
out:
	buf_dispose(&b);
	return start;
}

bool
host_process_alive(pid_t pid)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct buf b = BUF_INIT;
	const char *state;
	char path[64];
	bool alive = true;

	if (pid <= 0 || (kill(pid, 0) == -1 && errno == ESRCH))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	/* the name, in brackets, may hold anything; the state follows it */
	if (linux_read(path, &b, &ignored) == 1 &&
	    (state = strrchr(b.p, ')')) != NULL && strlen(state) > 2)
		alive = state[2] != 'Z' && state[2] != 'X';
	buf_dispose(&b);
	return alive;
}

void
host_no_dumps(void)
{
	/* such a program gets it in spite of the limit */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
#endif
