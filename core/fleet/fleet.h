/*
 * The model: domUs, their disks, who shares which image, what is wrong.
 *
 * A fleet is a snapshot: built once, then only read (by list, show, the TUI),
 * but for what Xen tells later (live.h).  Figures are read from the images at
 * load time.
 *
 * Names, paths and values from a file stand here as they were written: who
 * shows them escapes them (vis).  Errors, findings and hints are sentences
 * for people and escaped already.
 */
#ifndef DD_FLEET_FLEET_H
#define DD_FLEET_FLEET_H

#include <sys/types.h>

#include "core/disk/probe.h"
#include "core/fleet/config.h"
#include "core/fleet/finding.h"

struct encryption;		/* core/fleet/encryption.h */

enum fleet_role { ROLE_OTHER, ROLE_ROOT, ROLE_SWAP, ROLE_LOCAL, ROLE_PKG,
	ROLE_COUNT };

enum fleet_state { STATE_OFF, STATE_RUNNING, STATE_PAUSED, STATE_CRASHED,
	STATE_DYING, STATE_UNKNOWN };

/* One file or device, however many domUs use it. */
struct fleet_image {
	char		*path;		/* as first named, absolute */
	dev_t		 dev;		/* as fleet_identify says */
	ino_t		 ino;
	bool		 missing;	/* there is no such file */
	bool		 denied;	/* we have no right to look at it */
	char		*error;		/* why it can't be read, or NULL */
	uint64_t	 size;		/* bytes, virtual */
	uint64_t	 allocated;	/* bytes on the host */
	bool		 labelled;	/* has a partition table */
	bool		 pending;	/* redo journal waits for replay */
	bool		 rekeying;	/* is being re-encrypted in place: error
					 * tells how far */
	unsigned	 rekey_percent;
	/* Its generations (core/store); none for one that drydock has not
	 * changed the place of. */
	uint32_t	 generation;	/* the one in place; 0: not managed */
	size_t		 ngenerations;
	int64_t		 key_since;	/* its key was made then; or 0 */
	bool		 interrupted;	/* a flip was cut short */
	bool		 leftover;	/* of a copy or a deletion */
	size_t		 nold;		/* generations that prune would delete, */
	uint64_t	 old;		/* and their bytes on the host */
	bool		 foreign;	/* the file was put there otherwise */
	bool		 plain;		/* the generation in place says so */
	char		*params;	/* cgd parameters that belong to the
					 * one in place, or NULL */
	char		 part;		/* the partition probed; 0: none */
	struct probe	 probe;		/* of that, or of the whole */
	size_t		*users;		/* indices into domus, ascending */
	size_t		 nusers;
	size_t		 ndisks;	/* disks made of it, and how many of */
	size_t		 nwriters;	/* them are read-write */
};

struct fleet_disk {
	char		*vdev;
	char		*target;	/* as written, or NULL */
	char		*format, *backend, *script;
	bool		 readwrite;
	bool		 cdrom;
	enum fleet_role	 role;
	char		*params;	/* its cgd parameters file, or NULL */
	struct encryption *encryption;	/* what that tells, or NULL */
	/* While the domU runs: the file that its backend serves, which may be
	 * another than the one at the path by now. */
	bool		 run_known;
	dev_t		 run_dev;
	ino_t		 run_ino;
	uint32_t	 runs_with;	/* its generation; 0: not known, or none */
	char		*trouble;	/* hotplug-error, or NULL */
	struct fleet_image *image;	/* NULL: no file (empty drive, or what
					 * only a script understands) */
};

/* A file or device that Xen says a domU has now. */
struct fleet_attached {
	char	*vdev;
	dev_t	 dev;
	ino_t	 ino;
	bool	 readwrite;
};

struct fleet_domu {
	char		*name;
	char		*cfg;		/* path of its xl.cfg; NULL: none */
	char		*error;		/* the cfg can't be read, or xl would
					 * refuse it; also a finding */
	char		*uuid, *kernel, *type;	/* or NULL */
	/* What tells that it is well after a start: a command, and a text on
	 * its console; or NULL. */
	char		*health, *health_console;
	uint64_t	 memory;	/* bytes; 0: not said; as it runs, or as
					 * configured where it doesn't */
	unsigned	 vcpus;		/* likewise */
	enum fleet_state state;
	unsigned	 id;		/* Xen's, while it runs */
	uint64_t	 cpu_time;	/* nanoseconds, since it was started */
	int64_t		 started;	/* seconds since 1970; 0: not known */
	int		 cpu;		/* permille of one processor of late;
					 * -1: not known */
	struct fleet_disk *disks;
	size_t		 ndisks;
	/* While it runs: its configuration may have been changed since it was
	 * started, or be unreadable. */
	struct fleet_attached *attached;
	size_t		 nattached;
	struct fleet_findings findings;	/* its own and its images' */
};

struct fleet {
	struct fleet_domu	*domus;	/* by name, then cfg */
	size_t			 ndomus;
	struct fleet_image	**images;	/* by path */
	size_t			 nimages;
	char			*xen;	/* NULL: Xen answers; else why not, for
					 * the header: "no Xen here" */
	struct xen_host		 host;	/* cpus 0: not asked for */
	int64_t			 asked;	/* clock_ms, when Xen was; 0: never */
	struct fleet_findings	 findings;	/* of the fleet as a whole */
};

/*
 * Read every *.cfg (and file without a dot, as in auto/) in
 * conf->config_dirs.  A file that fails to parse is a row with its
 * error.  Fails only for lack of memory.
 */
int	fleet_load(const struct xen_ops *, const struct config *,
	    struct fleet **, struct dd_err *);
/* The same without a look into the images, and without findings: who uses
 * what, for commands that must be quick. */
int	fleet_load_quick(const struct xen_ops *, const struct config *,
	    struct fleet **, struct dd_err *);
/* As fleet_load, where it is known that Xen can't be asked, and why. */
int	fleet_load_untold(const struct xen_ops *, const struct config *,
	    const struct dd_err *why, struct fleet **, struct dd_err *);
void	fleet_free(struct fleet *);

const struct fleet_domu *fleet_find(const struct fleet *, const char *name);
/* As fleet_find, but a failure is an error with the nearest name as hint. */
const struct fleet_domu *fleet_want(const struct fleet *, const char *name,
	    struct dd_err *);
/* What tells one file or device from another, by whatever name it was
 * found: of a block device its own number, and 0. */
struct stat;
void	fleet_identify(const struct stat *, dev_t *, ino_t *);
/* The image that the file at path is, or NULL. */
const struct fleet_image *fleet_image_at(const struct fleet *,
	    const char *path);
/* Permille of an image's data space in use; -1: it has no file system that
 * we know. */
int	fleet_image_use(const struct fleet_image *);
const struct fleet_disk *fleet_disk_of(const struct fleet_domu *,
	    enum fleet_role);
/* Seconds that it has been up; -1: it isn't, or that is not known. */
int64_t	fleet_uptime(const struct fleet_domu *, int64_t now);
const char *fleet_role_name(enum fleet_role);	/* "root", ... */
const char *fleet_state_name(enum fleet_state);	/* "off", ... */
/* -1: not a role. */
int	fleet_role_parse(const char *);

#endif
