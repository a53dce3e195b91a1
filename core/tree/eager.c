/* Data on its way early; see eager.h. */
#include "core/disk/file.h"
#include "core/host/host.h"
#include "core/tree/eager.h"

#define STRETCH	(8 * 1024 * 1024)

/* The allocator goes upwards: a write across the end of a stretch is mostly
 * the last one to it. */
static int
write_on(int fd, const void *p, size_t len, uint64_t off, const char *name,
    struct dd_err *e)
{
	uint64_t stretch = off / STRETCH;

	if (disk_io_host.write(fd, p, len, off, name, e) == -1)
		return -1;
	if ((off + len) / STRETCH > stretch)
		host_start_writing(fd, stretch * STRETCH, STRETCH);
	return 0;
}

void
eager_file(struct blk *b)
{
	static struct disk_io io;

	io = disk_io_host;
	io.write = write_on;
	file_set_io(b, &io);
}
