/*
 * The lowest layer: a regular file or a block device of the host.
 */
#ifndef DD_DISK_FILE_H
#define DD_DISK_FILE_H

#include <sys/types.h>

#include "core/disk/blk.h"
#include "core/disk/io.h"

#define FILE_WRITE	0x01	/* else read-only */
#define FILE_NOLOCK	0x02	/* writing without flock (a file just made) */
#define FILE_REKEY	0x04	/* one that is being re-encrypted, too */

/*
 * Open path.  Anything but a regular file or a block device (directory,
 * fifo, character device, socket) is refused without being opened for
 * blocking.  Written files are flock'ed exclusively: ERR_HELD when another
 * process has the lock.  One that is being re-encrypted in place is refused,
 * for reading, too: ERR_HELD, unless the caller says FILE_REKEY.  sector_size 0
 * means 512.  A rest behind the last whole sector is not part of the layer.
 */
int	file_open(const char *path, int flags, uint32_t sector_size,
	    struct blk **, struct dd_err *);

/* Is it a layer made by file_open? */
bool	blk_is_file(const struct blk *);

/* The identity and descriptor of a layer made by file_open. */
int	file_fd(const struct blk *);
dev_t	file_dev(const struct blk *);
ino_t	file_ino(const struct blk *);
const char *file_path(const struct blk *);
bool	file_is_device(const struct blk *);
/* Bytes that the host has allocated to it; a device: its size. */
int	file_allocated(const struct blk *, uint64_t *, struct dd_err *);

/* Make sure that [off, off+len) is allocated in the host's file system, so
 * that writing there can't fail for lack of space.  Content is kept. */
int	file_allocate(struct blk *, uint64_t off, uint64_t len,
	    struct dd_err *);

/* The table that the layer writes through: disk_io_host unless set. */
const struct disk_io *file_io(const struct blk *);
void	file_set_io(struct blk *, const struct disk_io *);

#endif
