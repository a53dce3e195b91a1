/*
 * The calls by which the block stack changes files of the host.  The file
 * layer and the overlay's journal make theirs through this table, so that a
 * test can record them, or let each one fail.
 */
#ifndef DD_DISK_IO_H
#define DD_DISK_IO_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* name is what messages call the file. */
struct disk_io {
	int	(*read)(int fd, void *, size_t, uint64_t off,
		    const char *name, struct dd_err *);
	int	(*write)(int fd, const void *, size_t, uint64_t off,
		    const char *name, struct dd_err *);
	int	(*sync)(int fd, const char *name, struct dd_err *);
	/* Storage for the range; what stands there is kept. */
	int	(*allocate)(int fd, uint64_t off, uint64_t len,
		    const char *name, struct dd_err *);
	/* A new file, mode 0600; one that exists is an error. */
	int	(*create)(const char *path, int *fd, struct dd_err *);
	int	(*truncate)(int fd, const char *name, struct dd_err *);
	int	(*rename)(const char *path, const char *to, struct dd_err *);
	int	(*unlink)(const char *path, struct dd_err *);
	/* fsync the folder that holds path. */
	int	(*sync_dir)(const char *path, struct dd_err *);
};

extern const struct disk_io disk_io_host;

#endif
