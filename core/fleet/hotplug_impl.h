/*
 * Shared by hotplug*.c: a disk that comes or goes, and its backend's folder in
 * xenstore.
 */
#ifndef DD_FLEET_HOTPLUG_IMPL_H
#define DD_FLEET_HOTPLUG_IMPL_H

#include "core/fleet/hotplug.h"
#include "core/fleet/unlock.h"

/* One disk that comes or goes. */
struct plug {
	const struct hotplug	*h;
	unsigned		 domid, devid;
	char			 name[HOST_CRYPT_NAME];	/* the device's */
	char			*image, *domu;
	bool			 readonly;
	struct fleet		*fleet;		/* as configured */
	const struct fleet_domu	*owner;		/* whose disk it is, there */
	const struct fleet_disk	*disk;		/* or &stray */
	struct fleet_disk	 stray;
	struct fleet_image	 stray_image;
	struct unlock		 unlock;
};

/* Numbers and name, by the backend's path. */
int	plug_parse(struct plug *, struct dd_err *);
/* What is wanted: image, mode, whose it is.  The caller frees the strings. */
int	plug_read(struct plug *, struct dd_err *);
/* Is that still so? */
int	plug_still_wanted(const struct plug *, struct dd_err *);

/* Tell a text, and a status (NULL: none), or an error; nothing where xl has
 * removed the backend. */
void	plug_tell(const struct plug *, const char *status, const char *text);
void	plug_tell_failure(const struct plug *, struct dd_err *);
/* Tell the device that it is. */
int	plug_tell_device(const struct plug *,
	    const struct host_crypt_device *, struct dd_err *);

#endif
