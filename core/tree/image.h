/*
 * An image, opened: the block stack that its path and the options ask for,
 * and the tree on top.
 */
#ifndef DD_TREE_IMAGE_H
#define DD_TREE_IMAGE_H

#include "core/cgd/open.h"
#include "core/disk/blk.h"
#include "core/ffs/ffs.h"
#include "core/tree/tree.h"

/* How its files are reached. */
enum image_driver {
	IMAGE_DIRECT,		/* in process: FFS */
	IMAGE_KERNEL,		/* mounted by the host's kernel, as root */
	IMAGE_FITTING		/* in process what can be, the rest mounted */
};

struct image_opts {
	enum image_driver driver;
	struct progress	*progress;	/* of the kernel driver's copies; or
					 * NULL */
	bool		 write;
	bool		 dry_run;	/* with write: nothing reaches the file */
	bool		 keep_undo;	/* a commit can be taken back */
	/* Partition letters: one for each label on the way, outermost
	 * first.  None, or NULL: a, or the whole where there is no label. */
	const char	*parts;
	bool		 disk;		/* the disk itself, for looking: no
					 * window, or none inside the cgd */
	uint32_t	 sector_size;	/* 0: 512 */
	int		 ffs_flags;	/* FFS_ANY for check */
	/* Encrypted: path of the parameters file, and who is asked for
	 * passphrases (again, when retry is set and one is wrong). */
	const char	*params;
	struct cgd_asker *asker;
	bool		 retry;
};

struct image;

/*
 * Opens file, overlay, window, and with params the cgd on that, and a window
 * on what is partitioned inside.  With dry_run the file is opened read-only and
 * may be held by others.
 *
 * With the kernel driver all that is opened, too, for the file system's kind,
 * the key, and the commit; ERR_UNSUP where the host can't mount or write that,
 * before anything is attached.
 */
int	image_open(const char *path, const struct image_opts *,
	    struct image **, struct dd_err *);
/* The same with a key that is known: the asker is not asked. */
int	image_open_key(const char *path, const struct image_opts *,
	    const struct secret *key, struct image **, struct dd_err *);
/* The stack's top, still owned by the image. */
struct blk *image_blk(struct image *);
/* The key that it was opened with; p is NULL where it is not encrypted. */
const struct secret *image_key(const struct image *);
/* What of the file is under its key, or is the partition of a plain one; in
 * bytes.  It refers to the image. */
struct image_crypt {
	uint64_t		 off, len;
	uint64_t		 inner;		/* the partition in that */
	uint32_t		 sector_size;
	const struct cgd_params	*params;	/* NULL: plain */
	const struct secret	*key;
};
void	image_crypt(const struct image *, struct image_crypt *);
/* The FFS or tree on it, opened at the first call; owned by the image.  The FFS
 * is ERR_UNSUP with the kernel driver. */
int	image_ffs(struct image *, struct ffs **, struct dd_err *);
int	image_tree(struct image *, struct tree **, struct dd_err *);
/* The tree as it is committed, for comparing; opened beside at the first
 * call. */
int	image_tree_before(struct image *, struct tree **, struct dd_err *);
/* Commit; with dry_run nothing.  With the kernel driver the tree has gone
 * then. */
int	image_commit(struct image *, struct dd_err *);
void	image_close(struct image *);	/* NULL is fine; drops the rest */

/*
 * "IMG:/path" or "IMG" split: the place follows the last ":/", but a file that
 * exists under the whole name wins.  *path is "" where none is given.  Both
 * in fresh memory.
 */
int	image_split(const char *arg, char **img, char **path,
	    struct dd_err *);

#endif
