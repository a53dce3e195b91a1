/* Is a file fit to be an image of that role?  So that a wrong one is noticed
 * before a domU boots with it. */
#ifndef DD_FLEET_EXAMINE_H
#define DD_FLEET_EXAMINE_H

#include "core/fleet/fleet.h"
#include "core/tree/image.h"

/*
 * Look into the file.  What makes it no image at all, or not readable, is an
 * error; what is merely odd is told to warn, a sentence each, escaped.
 */
typedef void examine_fn(void *arg, const char *text);
int	examine_image(const char *path, enum fleet_role,
	    const struct image_opts *, examine_fn *warn, void *arg,
	    struct dd_err *);

#endif
