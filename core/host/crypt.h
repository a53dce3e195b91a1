/*
 * Block devices of the kernel's that show an encrypted image decrypted.
 *
 * Linux: a loop device, and dm-crypt on it.  NetBSD: vnd and cgd, set up by
 * their programs.  Each host fills a table; tests hand in their own.
 *
 * A device has a name ("drydock-7-51714") by which it is found again, also
 * after a crash.  The one who attaches is root.
 *
 * Keys don't lie in files or arguments on the way to the kernel.  Where the
 * one who knows a key isn't the one who attaches, it is put where that one
 * finds it: Linux has keyrings, whose keys no process can read again;
 * elsewhere it is a file in memory that only root may read.
 */
#ifndef DD_HOST_CRYPT_H
#define DD_HOST_CRYPT_H

#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/secret.h"

#define HOST_CRYPT_NAME	80	/* bytes of a name, with its end */

/* What is to be attached.  Strings are the caller's. */
struct host_crypt_disk {
	const char	*name;
	const char	*image;		/* a regular file */
	dev_t		 dev;		/* which must be this one still */
	ino_t		 ino;
	uint64_t	 sectors;	/* of 512 bytes */
	bool		 readonly;
	uint32_t	 keybits;
	const char	*key;		/* the name it was put under */
};

struct host_crypt_device {
	dev_t	 rdev;
	char	 path[HOST_CRYPT_NAME];		/* "/dev/dm-3" */
	bool	 open;		/* somebody has it open, as far as is known */
	/* what it shows */
	bool	 readonly;
	dev_t	 dev;
	ino_t	 ino;
};

/* How long a key stays where it was put. */
enum host_key_life {
	HOST_KEY_OURS,		/* for this process, until it ends */
	HOST_KEY_ONCE,		/* HOST_KEY_SECONDS at most, until dropped */
	HOST_KEY_KEPT		/* until dropped, or the host stops */
};

#define HOST_KEY_SECONDS	600

struct host_crypt {
	/* What is put as a key is the text of a parameters file with one
	 * stored key, rather than the key's bytes. */
	bool	takes_params;
	/* Can it be done here?  ERR_UNSUP says what can. */
	int	(*check)(const char *algorithm, struct dd_err *);
	/* 1: there is a device of that name, which works; 0: there is none;
	 * -1: error, also for one that is half set up. */
	int	(*find)(const char *name, struct host_crypt_device *,
		    struct dd_err *);
	/* ERR_HELD when something else has the image.  On failure nothing is
	 * left. */
	int	(*attach)(const struct host_crypt_disk *,
		    struct host_crypt_device *, struct dd_err *);
	/* Whatever there is of that name, half set up or not; nothing at all
	 * is fine. */
	int	(*detach)(const char *name, struct dd_err *);

	/* A key of that name that there is already is replaced. */
	int	(*key_put)(const char *key, const struct secret *,
		    enum host_key_life, struct dd_err *);
	/* Is there one that was put by anybody? */
	bool	(*key_there)(const char *key);
	/* Wipe it; none there is fine. */
	void	(*key_drop)(const char *key);
	/* Wipe all whose names begin so, but for those of processes. */
	int	(*key_drop_all)(const char *prefix, struct dd_err *);
};

/* This host's. */
extern const struct host_crypt *const host_crypt;

/* By vnconfig(8) and cgdconfig(8), found along PATH. */
extern const struct host_crypt host_crypt_programs;

/* Where those look for devices, and keep what they must remember. */
struct host_crypt_places {
	const char	*dev;		/* "/dev" */
	const char	*run;		/* "/var/run/drydock", mode 0700 */
};
extern struct host_crypt_places host_crypt_places;

/* Does the file system of that folder keep files in memory alone? */
bool	host_is_memory(const char *dir);

#endif
