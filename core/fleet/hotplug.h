/*
 * What xl's block script does when a disk comes or goes, by way of xenstore.
 *
 * The backend's folder there says what to do (params: the image's path; mode),
 * and is told what became of it: physical-device and hotplug-status, which the
 * backend driver and libxl wait for, or hotplug-error.  libxl kills a script
 * that takes 40 seconds, and runs it again to remove the disk of a domU that
 * failed to start; all may be repeated.
 */
#ifndef DD_FLEET_HOTPLUG_H
#define DD_FLEET_HOTPLUG_H

#include "core/base/progress.h"
#include "core/fleet/config.h"
#include "core/host/crypt.h"

/* Seconds that an add waits to be unlocked, and then for another that has the
 * image to let go of it, as that of a guest that reboots does.  libxl's 40 are
 * more. */
#define HOTPLUG_WAIT	30
#define HOTPLUG_HELD	10

struct hotplug {
	const struct xen_ops	*xen;
	const struct config	*conf;
	const struct host_crypt	*host;
	const char		*backend;	/* "backend/vbd/7/51714" */
	unsigned		 wait;		/* seconds at most, for each of
						 * these, and for a command that
						 * makes the key */
	struct progress		*progress;
};

/* Attach the image, decrypted.  On failure nothing is left attached, and the
 * error stands in xenstore, too. */
int	hotplug_add(const struct hotplug *, struct dd_err *);
/* It can't even begin: tell xenstore the error that is in e.  Returns -1. */
int	hotplug_refuse(const struct hotplug *, struct dd_err *e);
/* Take away what add made; where there is nothing, that is fine.  A device that
 * is in use still goes with its last user, which is waited for a while. */
int	hotplug_remove(const struct hotplug *, struct dd_err *);

#endif
