/*
 * Files of the host: whole reads and writes, replacing a file.
 */
#ifndef DD_BASE_FSUTIL_H
#define DD_BASE_FSUTIL_H

#include <sys/types.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* All of len or an error (errno-style message names `name`); reading past
 * the end is an error.  EINTR and short transfers are handled. */
int	fs_pread(int fd, void *p, size_t len, uint64_t off, const char *name,
	    struct dd_err *e);
int	fs_pwrite(int fd, const void *p, size_t len, uint64_t off,
	    const char *name, struct dd_err *e);

/* A whole file of at most max bytes, appended to b. */
int	fs_read_file(const char *path, size_t max, struct buf *b,
	    struct dd_err *e);

/* The same of a regular file only: anything else (a fifo, which would block,
 * or a directory) is ERR_TYPE, and is not read.  st may be NULL. */
struct stat;
int	fs_read_regular(const char *path, size_t max, struct buf *b,
	    struct stat *st, struct dd_err *e);

/* The folder of path ("." where it has none) in fresh memory, or NULL. */
char	*fs_parent(const char *path);

/* Replace path atomically: temporary file in the same directory, fsync,
 * rename, fsync of the directory.  mode applies to the new file. */
int	fs_replace_file(const char *path, const void *data, size_t len,
	    mode_t mode, struct dd_err *e);

/*
 * Give a finished temporary file, open as fd, its name beside it: fsync, link,
 * fsync of the directory.  Never over something that has the name: ERR_EXIST.
 * The temporary name is gone on success.
 */
int	fs_publish(int fd, const char *tmp, const char *path, mode_t mode,
	    struct dd_err *e);
/* A new file with that content, in the same way: whole, or not at all. */
int	fs_create_file(const char *path, const void *data, size_t len,
	    mode_t mode, struct dd_err *e);

/*
 * Give a file that exists new content in the same way, keeping mode and owner;
 * a symlink stays, and the file it leads to is replaced.  It must still hold
 * `was`: else somebody else has changed it, which is ERR_PLAN.
 */
int	fs_update_file(const char *path, const struct buf *was,
	    const struct buf *now, struct dd_err *e);

/* The mode that the umask leaves of a new file's 0666. */
mode_t	fs_new_mode(void);

/* The path from the root, in fresh memory; its folder must exist, and a last
 * component that is a symlink stays one.  NULL with e. */
char	*fs_absolute(const char *path, struct dd_err *e);

/* fsync the directory that holds path. */
int	fs_sync_parent(const char *path, struct dd_err *e);

/* mkdir -p. */
int	fs_mkdirs(const char *path, mode_t mode, struct dd_err *e);

/* "dir/name" of a and b in fresh memory, or NULL; b absolute: a copy of b. */
char	*fs_join(const char *a, const char *b);

#endif
