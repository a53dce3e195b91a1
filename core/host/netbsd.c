/* NetBSD; see host.h. */
#ifdef __NetBSD__
#include <sys/types.h>

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
host_start_writing(int fd, uint64_t off, uint64_t len)
{
	(void)fd;
	(void)off;
	(void)len;
}

uint64_t
host_process_start(pid_t pid)
{
	(void)pid;
	return 0;
}
#endif
