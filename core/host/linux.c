/* Linux; see host.h. */
#ifdef __linux__
#include <sys/sysmacros.h>

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
#endif
