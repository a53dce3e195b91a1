/* Linux; see host.h. */
#ifdef __linux__
#include <sys/sysmacros.h>
#include <fcntl.h>

#include "core/host/host.h"

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
host_start_writing(int fd, uint64_t off, uint64_t len)
{
	(void)sync_file_range(fd, (off_t)off, (off_t)len,
	    SYNC_FILE_RANGE_WRITE);
}
#endif
