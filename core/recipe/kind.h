/*
 * The images of the scheme: how each is made, and which one is it?
 */
#ifndef DD_RECIPE_KIND_H
#define DD_RECIPE_KIND_H

#include "core/disk/probe.h"
#include "core/recipe/release.h"
#include "core/tree/create.h"
#include "core/tree/image.h"

enum image_kind {
	KIND_UNKNOWN, KIND_ROOT, KIND_SWAP, KIND_LOCAL, KIND_PKG
};

/* "root", "swap", "local", "pkg"; as that is also the volume name that create
 * gives, it tells an image that is still empty. */
const char *image_kind_name(enum image_kind);
enum image_kind image_kind_parse(const char *);	/* or KIND_UNKNOWN */

/*
 * Fill in what is 0 in *c as suits the kind, and name the volume.  swap has a
 * size only, for image_create_swap.
 */
void	image_kind_defaults(enum image_kind, struct image_create *c);

struct recognized {
	enum image_kind	 kind;
	bool		 encrypted;	/* looks so: what lies there is a cgd's */
	bool		 prepared;	/* a root, by prepare root */
	struct probe	 probe;		/* of partition a, or the whole; of what
					 * is decrypted, with opts->params */
	struct release	 release;	/* of root and local; name "" where it
					 * does not tell */
};

/*
 * Tell by content: a root has /sbin/init and /etc/rc; local has /etc/rc.conf
 * and /var; pkg has a package database, or bin, sbin and share; swap has a
 * swap partition in its label, or nothing at all.  Reads only.
 */
int	image_recognize(const char *path, const struct image_opts *opts,
	    struct recognized *, struct dd_err *);

#endif
