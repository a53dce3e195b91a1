/* Devices made of images, from what drydock devices --json says. */
#ifndef DD_TUI_HOST_MADE_H
#define DD_TUI_HOST_MADE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

/* Strings are fit for a screen; "" where nothing is known. */
struct host_device {
	char	name[64];
	char	image[256];
	char	holders[256];	/* "mounted on /mnt, web1 as xvdb" */
	bool	upon;		/* it lies on another device */
	char	stale[256];	/* why, or "" */
};

struct host_record {
	char	what[256];	/* "process 7, at work on /xen/a.img" */
	bool	alive;
};

struct host_devices_said {
	struct host_device *v;
	size_t		 n;
	struct host_record *records;
	size_t		 nrecords;
	/* Devices that files can be made into; all 0: as many as are wanted, or
	 * that can't be told; kind "": nothing is known. */
	char		 kind[16];
	unsigned	 used, all;
};

/* NULL: out of memory, or it is nonsense. */
struct host_devices_said *host_devices_parse(const struct buf *);
void	host_devices_free(struct host_devices_said *);	/* NULL is fine */

#endif
