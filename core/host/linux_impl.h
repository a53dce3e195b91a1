/*
 * Shared by linux*.c.
 */
#ifndef DD_HOST_LINUX_IMPL_H
#define DD_HOST_LINUX_IMPL_H

#include "core/base/buf.h"
#include "core/host/host.h"

/* Replace the content of b by that of a file in /proc or /sys.  1: read; 0:
 * there is none, or what it is of has gone meanwhile; -1: error. */
int	linux_read(const char *path, struct buf *b, struct dd_err *);

/* Processes that have the file open for writing, but for our own, as far as we
 * may see their files: a disk that qemu serves is in no loop device, and not
 * always locked. */
int	linux_writers(dev_t, ino_t, host_holder_fn *, void *arg,
	    struct dd_err *);

#endif
