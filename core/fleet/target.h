/*
 * What commands on generations name: "web1", "web1:local", "web1:root@3".
 */
#ifndef DD_FLEET_TARGET_H
#define DD_FLEET_TARGET_H

#include "core/base/buf.h"
#include "core/fleet/fleet.h"
#include "core/store/store.h"

struct target {
	const struct fleet_domu	*domu;
	const struct fleet_disk	*disk;
	enum fleet_role		 role;
	uint32_t		 n;	/* generation; 0: none named */
};

/* word: "DOMU[:ROLE][@N]"; the role is pkg where none is named.  Refused: a
 * domU whose configuration can't be read, a role without a disk, a disk that
 * is no raw file.  It refers to the fleet. */
int	target_find(const struct fleet *, const char *word, struct target *,
	    struct dd_err *);
/* The image's path in the fleet. */
const char *target_image(const struct target *);

/* "DOMU:ROLE" for a domU's disk that is that image, appended to b: how it is
 * named on a command line.  NULL: it has none of a role; else the disk. */
const struct fleet_disk *target_word(const struct fleet_domu *,
	    const struct fleet_image *, struct buf *b);

/* The parameters file of the generation in place, or else the one that the
 * configuration names; *path NULL: not encrypted.  In fresh memory. */
int	target_params(const struct fleet_disk *, char **path,
	    struct dd_err *);

/* "web1, web2, db and 3 more": who uses the image. */
int	target_users(const struct fleet *, const struct fleet_image *,
	    struct buf *);

/*
 * Who stands in the way of writing to the image at path, a file or a block
 * device: a domU that runs with it, by its configuration or by what Xen says
 * that it has, a loop device, a mount.  ERR_HELD names it.  readers: those that
 * only read it don't count (for copying it).
 */
int	holders_refuse(const struct fleet *, const char *path, bool readers,
	    struct dd_err *);
/* Is the file attached to something, or can't that be told? */
bool	holders_any(const struct fleet *, dev_t, ino_t, char *who, size_t cap);

#endif
