/*
 * A whole new domU: its swap, local and pkg images, and its xl.cfg.
 */
#ifndef DD_FLEET_NEWDOMU_H
#define DD_FLEET_NEWDOMU_H

#include "core/fleet/fleet.h"
#include "core/recipe/kind.h"

#define NEWDOMU_MAC	18		/* "00:16:3e:xx:xx:xx" */

/* What is asked for.  Zeros and NULLs are left to us. */
struct newdomu_opts {
	const struct xen_ops	*ops;
	const struct config	*config;
	const char		*name, *root;
	const char		*dir;		/* NULL: named as the domU, beside
						 * the root image */
	const char		*kernel;	/* NULL: of a domU with that root,
						 * or one beside the image */
	const char		*bridge, *mac;
	uint64_t		 memory;	/* MiB; 0: 256 */
	unsigned		 vcpus;		/* 0: 1 */
	uint64_t		 swap_size, local_size, pkg_size;
	const char		*pkg_from;	/* archive or folder */
	const char		*hostname;	/* NULL: the name */
	const char		*ip, *gateway;	/* as prepare local takes them */
	const char		*params;	/* local becomes a cgd */
	struct cgd_asker	*asker;
	bool			 confirm;	/* ask passphrases twice */
	struct copy_opts	*copy;		/* progress, and what is told */
};

enum { NEWDOMU_SWAP, NEWDOMU_LOCAL, NEWDOMU_PKG, NEWDOMU_IMAGES };

struct newdomu_image {
	enum image_kind	 kind;
	char		*path;
	uint64_t	 size;		/* once it is made */
};

struct newdomu {
	const struct newdomu_opts *o;
	char			*root, *dir, *kernel, *params, *cfg;
	char			 mac[NEWDOMU_MAC];
	struct recognized	 root_is;
	struct newdomu_image	 images[NEWDOMU_IMAGES];
	struct buf		 text;		/* of the xl.cfg */
};

/*
 * Check all that is asked for and make the text; nothing is written.  Refused:
 * a name that is taken or that xl has trouble with, anything that exists where
 * something new should be, a root that some domU writes to.  Dispose of it
 * in any case.
 */
int	newdomu_plan(const struct newdomu_opts *, struct newdomu *,
	    struct dd_err *);

/*
 * Make it.  The images are made in a folder beside their place and get their
 * names together; the xl.cfg comes last.  On failure all of it is removed
 * again.  With dry_run each image is made in TMPDIR, and gone.
 */
int	newdomu_make(struct newdomu *, bool dry_run, struct dd_err *);
void	newdomu_dispose(struct newdomu *);

/* For newdomu.c: n->text, from what else is in n; it is read back, and must
 * say just that.  */
int	newdomu_write_cfg(struct newdomu *, struct dd_err *);

#endif
