/* Files of the host copied; see copy.h. */
#include <sys/statvfs.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/base/units.h"
#include "core/host/copy.h"
#include "core/host/host.h"

#define CHUNK		((size_t)1 << 20)

int
host_next_data(int fd, const char *name, uint64_t size, uint64_t off,
    uint64_t *start, uint64_t *end, struct dd_err *e)
{
#ifdef SEEK_DATA
	off_t at = lseek(fd, (off_t)off, SEEK_DATA);

	*start = *end = size;
	if (at == -1 && errno == ENXIO)
		return 0;
	if (at != -1) {
		*start = min64((uint64_t)at, size);
		at = lseek(fd, at, SEEK_HOLE);
		if (at != -1)
			*end = min64((uint64_t)at, size);
		return 0;
	}
	if (errno != EINVAL && errno != ENOTSUP)
		return dd_fail_sys(e, errno, "%s", name);
#else
	(void)fd;
	(void)name;
	(void)e;
#endif
	*start = off;
	*end = size;
	return 0;
}

static bool
all_zero(const uint8_t *p, size_t len)
{
	return len > 0 && p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

static int
pass_data(const struct host_copy *c, uint8_t *chunk, uint64_t off,
    uint64_t end, struct dd_err *e)
{
	uint64_t n;

	for (; off < end; off += n) {
		n = min64(CHUNK, end - off);
		if (progress_tick(c->progress, c->what, off, c->size, e) ==
		    -1 || fs_pread(c->from, chunk, (size_t)n, off, c->source,
		    e) == -1)
			return -1;
		if (c->seen != NULL && c->seen(c->arg, chunk, off, n, e) ==
		    -1)
			return -1;
		if (all_zero(chunk, (size_t)n))
			continue;
		if (fs_pwrite(c->to, chunk, (size_t)n, off, c->target, e) ==
		    -1)
			return -1;
		host_start_writing(c->to, off, n);
	}
	return 0;
}

int
host_copy(const struct host_copy *c, struct dd_err *e)
{
	uint8_t *chunk = malloc(CHUNK);
	uint64_t off = 0, start, end;
	int rc = -1;

	if (chunk == NULL)
		return dd_fail_nomem(e);
	if (ftruncate(c->to, (off_t)c->size) == -1) {
		(void)dd_fail_sys(e, errno, "%s", c->target);
		goto out;
	}
	for (; off < c->size; off = end) {
		if (host_next_data(c->from, c->source, c->size, off, &start,
		    &end, e) == -1)
			goto out;
		if (start > off && c->seen != NULL && c->seen(c->arg, NULL,
		    off, start - off, e) == -1)
			goto out;
		if (pass_data(c, chunk, start, end, e) == -1)
			goto out;
	}
	rc = 0;
out:
	free(chunk);
	return rc;
}

int
host_has_room(int fd, const char *source, uint64_t bytes, struct dd_err *e)
{
	char need[UNITS_MAX], is[UNITS_MAX];
	struct statvfs fs;
	uint64_t room;

	if (fstatvfs(fd, &fs) == -1)
		return dd_fail_sys(e, errno, "%s: room for a copy", source);
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	return bytes <= room ? 0 : dd_fail(e, ERR_NOSPC, "%s: a copy of it "
	    "needs %s, and there is room for %s", source, units_format(need,
	    bytes), units_format(is, room));
}
