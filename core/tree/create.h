/*
 * New images: made in a file beside, which gets the image's name when it is
 * complete and on the disk.
 */
#ifndef DD_TREE_CREATE_H
#define DD_TREE_CREATE_H

#include "core/cgd/cgd.h"
#include "core/ffs/ffs.h"
#include "core/tree/copy.h"

struct image_create {
	uint64_t		 size;	/* 0: follows from the sources; set */
	uint64_t		 min_size;	/* and is then at least this */
	uint32_t		 sector_size;	/* 0: 512 */
	struct ffs_format	 format;
	const char		*label;	/* disklabel of that name; or NULL */
	/* A cgd over the whole, with label and file system in it; or NULL.
	 * Sectors that nobody has written stay holes: what they decrypt to
	 * is noise, which no file system looks at. */
	const struct cgd_params	*params;
	const struct secret	*key;
	/* Directories and archives, put in in this order. */
	const char *const	*from;
	size_t			 nfrom;
	struct copy_opts	*copy;	/* recursive is set */
	bool			 dry_run;	/* made in TMPDIR, and gone */
	/* What is there gives way to the new image when that is complete; it
	 * must be a regular file that nobody has locked. */
	bool			 replace;
	/* The finished tree, before it is committed; may be NULL. */
	int			(*filled)(void *arg, struct tree *,
				    struct dd_err *);
	void			*arg;
	struct ffs_info		 info;	/* out: of the file system */
};

/* An existing path is ERR_EXIST, unless replace is set.  On failure nothing is
 * left, and what was there is as it was. */
int	image_create(const char *path, struct image_create *,
	    struct dd_err *);

/*
 * A new image for swap: a disklabel, whose partition b is all that lies behind
 * it, and nothing else.  What is made, and where, is as for image_create.
 */
int	image_create_swap(const char *path, uint64_t size,
	    uint32_t sector_size, bool dry_run, struct dd_err *);

#endif
