/*
 * An image's file system mounted by the host's kernel, for image.c.
 *
 * To be written it is a private copy that is mounted, beside the image and with
 * its blocks shared where the host can: .drydock-INO.copy-N.  What was changed
 * there goes into the image through its overlay, all or nothing.  To be read
 * it is the image itself; or a copy, too, where a journal must be replayed
 * first, or somebody else may write to the image.
 *
 * The copy is locked while its process lives, and goes with it; what a crash
 * leaves of one, image_copies_remove() finds.
 */
#ifndef DD_TREE_IMAGE_MOUNT_H
#define DD_TREE_IMAGE_MOUNT_H

#include <time.h>

#include "core/base/progress.h"
#include "core/disk/blk.h"
#include "core/host/kernel.h"
#include "core/tree/tree.h"

struct image_mount_ask {
	const char	*path;		/* of the image, for messages */
	int		 fd;		/* of it, to be read; the caller's */
	dev_t		 dev;
	ino_t		 ino;
	uint64_t	 size;		/* bytes of the file's layer */
	uint64_t	 off, len;	/* bytes: where the file system lies */
	const char	*fstype;	/* of struct host_need */
	const struct host_cipher *cipher;	/* or NULL */
	bool		 write;
	struct progress	*progress;
};

struct image_mount;

int	image_mount(const struct host_kernel *, const struct image_mount_ask *,
	    struct image_mount **, struct dd_err *);
/* Owned by the mount. */
struct tree *image_mount_tree(const struct image_mount *);
/* Unmount and check what was written, and write what differs from the image
 * to that overlay of its file; all of it is journaled.  The tree has gone
 * then. */
int	image_mount_save(struct image_mount *, struct blk *overlay,
	    struct dd_err *);
/* Unmounts, and removes the copy.  Frees it in any case; NULL is fine. */
int	image_mount_close(struct image_mount *, struct dd_err *);

/* ---- copies */

struct image_copy {
	char	*path;
	int	 fd;		/* its lock; -1: there is none */
	dev_t	 dev;
	ino_t	 ino;
	struct timespec	of;	/* when the image had last been written */
};

#define IMAGE_COPY_INIT	{ .fd = -1 }

/* Those that a crash has left beside the image go first. */
int	image_copy_make(const struct image_mount_ask *, struct image_copy *,
	    struct dd_err *);
/* Removes the file. */
void	image_copy_dispose(struct image_copy *);

/* Write to the overlay where the copy differs from it in [off, off+len).
 * ERR_HELD: somebody has written to the image since it was copied. */
int	image_copy_differences(const struct image_copy *,
	    const struct image_mount_ask *, struct blk *overlay,
	    struct dd_err *);

/* Is that the name of one? */
bool	image_copy_is(const char *name);
/* Is the one of that name, in the folder dir, one that nobody works on?  false
 * too where that can't be told. */
bool	image_copy_left(const char *dir, const char *name);
/* Remove the copies beside an image whose processes have ended; *n of them. */
int	image_copies_remove(const char *image, unsigned *n, struct dd_err *);

#endif
