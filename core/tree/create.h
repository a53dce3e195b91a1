/*
 * New images: made in a file beside, which gets the image's name when it is
 * complete and on the disk.
 */
#ifndef DD_TREE_CREATE_H
#define DD_TREE_CREATE_H

#include "core/ffs/ffs.h"
#include "core/tree/copy.h"

struct image_create {
	uint64_t		 size;	/* 0: follows from the sources; set */
	uint32_t		 sector_size;	/* 0: 512 */
	struct ffs_format	 format;
	const char		*label;	/* disklabel of that name; or NULL */
	/* Directories and archives, put in in this order. */
	const char *const	*from;
	size_t			 nfrom;
	struct copy_opts	*copy;	/* recursive is set */
	bool			 dry_run;	/* made in TMPDIR, and gone */
	/* The finished tree, before it is committed; may be NULL. */
	int			(*filled)(void *arg, struct tree *,
				    struct dd_err *);
	void			*arg;
	struct ffs_info		 info;	/* out: of the file system */
};

/* An existing path is ERR_EXIST.  On failure nothing is left. */
int	image_create(const char *path, struct image_create *,
	    struct dd_err *);

#endif
