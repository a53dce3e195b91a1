/*
 * Inside core/tree: an image, between image.c and image_kernel.c, which has
 * what the kernel driver does otherwise.
 */
#ifndef DD_TREE_IMAGE_IMPL_H
#define DD_TREE_IMAGE_IMPL_H

#include "core/tree/image.h"
#include "core/tree/image_mount.h"

struct image {
	char			*path;
	struct image_opts	 opts;
	struct cgd_params	 params;
	struct secret		 key;	/* once it is known to fit */
	struct blk		*file, *overlay;	/* below top */
	uint64_t		 off, inner;	/* bytes: of the windows */
	uint64_t		 len;		/* of the outer one */
	struct blk		*top;
	struct ffs		*ffs;	/* owns top */
	struct tree		*tree;	/* owns ffs; or is of the mount */
	struct image_mount	*mount;
	struct image		*before;
};

/* Can this host decrypt and mount it?  fstype NULL: that isn't known yet. */
int	image_kernel_check(const struct image *, const char *fstype,
	    struct dd_err *);
/* Which driver it is to be, and can that be done? */
int	image_kernel_choose(struct image *, struct dd_err *);
/* im->mount, and the tree in it. */
int	image_kernel_mount(struct image *, struct dd_err *);
void	image_kernel_unmount(struct image *);
/* No FFS was found: say so where the kernel knows what it is.  Returns -1. */
int	image_kernel_hint(struct image *, struct dd_err *);

#endif
