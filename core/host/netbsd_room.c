/*
 * How many vnd devices there may be; see host.h.  The driver makes units as
 * they are opened: what ends is the nodes in /dev.
 */
#ifdef __NetBSD__
#include <fcntl.h>
#include <unistd.h>

#include "core/host/netbsd_impl.h"

static bool
has_node(int unit)
{
	char path[HOST_DEVICE_PATH];
	int part = netbsd_sys->getrawpartition();
	struct stat st;

	if (part < 0)
		return false;
	netbsd_node(path, "vnd", unit, part, false);
	return netbsd_sys->stat(path, &st) == 0;
}

/* Any of them answers for all. */
static int
open_any(void)
{
	int n, fd = -1;

	for (n = 0; n < NETBSD_UNITS && fd == -1; n++)
		fd = netbsd_open("vnd", n, O_RDONLY);
	return fd;
}

void
host_room(struct host_room *room)
{
	struct netbsd_unit u = { .in_use = false };
	int n, next = -1, fd = open_any();

	*room = (struct host_room){ .kind = "vnd" };
	for (n = 0; fd != -1 && n < NETBSD_UNITS; n++) {
		if (!has_node(n)) {
			next = next == -1 ? n : next;
			continue;
		}
		room->all++;
		if (netbsd_ask_vnd(fd, n, &u) == 0)
			room->used += u.in_use;
	}
	room->next = (unsigned)(next == -1 ? n : next);
	if (fd != -1)
		(void)netbsd_sys->close(fd);
}
#endif
