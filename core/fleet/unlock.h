/*
 * Encrypted images that a block script attaches decrypted, and their keys:
 * what `drydock unlock` and the script have in common.
 */
#ifndef DD_FLEET_UNLOCK_H
#define DD_FLEET_UNLOCK_H

#include "core/cgd/open.h"
#include "core/fleet/fleet.h"
#include "core/host/crypt.h"

/* The script's name; see xen/block-drydock. */
#define UNLOCK_SCRIPT	"block-drydock"

/* Does the disk name that script, with or without its folder? */
bool	unlock_is_ours(const struct fleet_disk *);

struct unlock {
	const char		*image;		/* path, the caller's */
	dev_t			 dev;
	ino_t			 ino;
	char			*path;		/* of the parameters file */
	struct cgd_params	 params;
	/* What its key is called, once it is put: by image, not by domU, and
	 * by what the parameters file says, so that it is not tried on another
	 * that took its place, even one that got its inode. */
	char			 once[HOST_CRYPT_NAME], kept[HOST_CRYPT_NAME];
};

/*
 * Find and read the parameters of a disk whose image is the file at path.
 * Refused: what has none, what this host can't decrypt, what makes a new key
 * each time.  unlock_dispose in any case.
 */
int	unlock_find(struct unlock *, const struct host_crypt *,
	    const struct fleet_disk *, const char *path, struct dd_err *);
void	unlock_dispose(struct unlock *);

/*
 * Open the image to look into it; lock: and lock it, against drydock's jobs, as
 * one that will write or only read.  Refused: another file than unlock_find
 * saw, a pending change, partitions outside the cgd.
 */
int	unlock_open(const struct unlock *, bool lock, bool readonly,
	    struct blk **, struct dd_err *);

/* Make the key, verify it with what b holds, and put it under name. */
int	unlock_put(const struct unlock *, const struct host_crypt *,
	    struct blk *b, struct cgd_asker *, bool retry, const char *name,
	    enum host_key_life, struct dd_err *);
/* Does what the device at path shows fit the parameters' verify method?  ERR_PERM:
 * no. */
int	unlock_verify(const struct unlock *, const char *path,
	    struct dd_err *);
/* The name under which a key is there, or NULL. */
const char *unlock_there(const struct unlock *, const struct host_crypt *);
/* Wipe all keys that were put for the image at path and its generations, by
 * whatever parameters; none there is fine.  The image is not opened. */
int	unlock_forget(const char *path, const struct host_crypt *,
	    struct dd_err *);

#endif
