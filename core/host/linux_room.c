/* How many loop devices there may be; see host.h. */
#ifdef __linux__
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/host/linux_impl.h"

/* What there is, where no others can be made. */
static void
count(const char *dir, struct host_room *room)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	char path[512];

	while (d != NULL && (de = readdir(d)) != NULL) {
		if (strncmp(de->d_name, "loop", 4) != 0)
			continue;
		room->all++;
		(void)snprintf(path, sizeof(path), "%s/%s/loop/backing_file",
		    dir, de->d_name);
		room->used += access(path, F_OK) == 0;
	}
	if (d != NULL)
		(void)closedir(d);
}

void
linux_room(const char *control, const char *dir, struct host_room *room)
{
	*room = (struct host_room){ .kind = "loop" };
	if (access(control, F_OK) == -1)
		count(dir, room);
	room->next = room->all;
}

void
host_room(struct host_room *room)
{
	linux_room("/dev/loop-control", "/sys/block", room);
}
#endif
