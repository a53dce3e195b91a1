/*
 * What core needs from Xen, as a table that xen/ fills; core never includes
 * libxl.  Tests hand in their own.
 */
#ifndef DD_FLEET_XEN_OPS_H
#define DD_FLEET_XEN_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* A parsed file in xl.conf syntax (an xl.cfg, drydock.conf, a theme). */
struct xen_cfg;

/* A disk specification, parsed.  Strings belong to the xen_disk. */
struct xen_disk {
	char	*spec;		/* as written */
	char	*vdev;		/* "xvda", "0x1" */
	char	*target;	/* path or device; NULL for an empty drive */
	char	*format;	/* "raw", "qcow2", ... */
	char	*backend;	/* "phy", "tap", "qdisk", "unknown" */
	char	*script;	/* NULL: the default */
	bool	 readwrite;
	bool	 cdrom;
	/* Of a domU that Xen has, as its backend says; or NULL, and 0. */
	char	*status;	/* hotplug-status: "connected" */
	char	*error;		/* hotplug-error */
	uint32_t phys_major, phys_minor;	/* the device that it serves */
	bool	 elsewhere;	/* a driver domain is the backend: target is
				 * a path of its */
};

enum xen_state { XEN_RUNNING, XEN_PAUSED, XEN_CRASHED, XEN_DYING };

/* A domU that Xen has now. */
struct xen_domain {
	char		*name;
	unsigned	 id;
	enum xen_state	 state;
	uint64_t	 memory;	/* bytes */
	uint64_t	 cpu_time;	/* nanoseconds, of all its vCPUs */
	int64_t		 started;	/* seconds since 1970; 0: not known */
	int		 cpu;		/* see live.h; not Xen's to tell */
	unsigned	 vcpus;
	struct xen_disk	*disks;		/* spec NULL; format perhaps unknown */
	size_t		 ndisks;
};

/* The machine, as Xen has it. */
struct xen_host {
	char		 version[64];	/* "4.17.3" */
	uint64_t	 memory, free;	/* bytes */
	unsigned	 cpus;		/* 0: nothing of this is known */
};

/* What a watch tells: all that Xen has at one moment, but without disks. */
struct xen_now {
	int64_t		   at;		/* clock_ms */
	unsigned	   changes;	/* another one: disks came or went */
	struct xen_host	   host;
	struct xen_domain *domains;	/* domains_free frees them */
	size_t		   ndomains;
};

/* Asks Xen again and again, in processes of its own. */
struct xen_watch;

/* What can be asked of a domU that Xen has. */
enum xen_act { XEN_SHUTDOWN, XEN_REBOOT, XEN_DESTROY, XEN_PAUSE, XEN_UNPAUSE };

struct xen_ops {
	/* Parse a file; name is for messages.  Errors carry the parser's own
	 * words, with the line. */
	int	(*cfg_open)(const char *text, size_t len, const char *name,
		    struct xen_cfg **, struct dd_err *);
	void	(*cfg_close)(struct xen_cfg *);
	/* Strings; NULL where the key is missing or not a string.  Numbers
	 * come as strings.  Lives as long as the cfg. */
	const char *(*cfg_string)(const struct xen_cfg *, const char *key);
	/* Entries of a list of strings, or -1 where the key is missing or no
	 * list. */
	int	(*cfg_list)(const struct xen_cfg *, const char *key);
	const char *(*cfg_item)(const struct xen_cfg *, const char *key,
		    int i);
	/* Fill *d; xen_disk_dispose frees it. */
	int	(*disk_parse)(const char *spec, struct xen_disk *,
		    struct dd_err *);
	void	(*disk_dispose)(struct xen_disk *);
	/* Every domU (not dom0) that Xen has now.  disks: with those, which
	 * takes longer.  ERR_NOENT: this machine does not run under Xen; another
	 * error: it can't be asked.  Blocks for some seconds when xenstored does
	 * not answer (ERR_IO). */
	int	(*domains)(bool disks, struct xen_domain **, size_t *n,
		    struct dd_err *);
	void	(*domains_free)(struct xen_domain *, size_t n);
	/* The machine.  NULL where nobody can tell; blocks and fails as
	 * domains does, but does not need xenstored. */
	int	(*host)(struct xen_host *, struct dd_err *);
	/*
	 * Begin to watch: what Xen has is told at once, then when a domU comes,
	 * goes, shuts down or crashes, and every so many seconds for the
	 * figures.  Neither this nor any of the following waits for Xen.  It
	 * forks: call it while there is no other thread.
	 */
	int	(*watch_open)(unsigned seconds, struct xen_watch **,
		    struct dd_err *);
	/* Can be read when something was told; -1: nothing will be. */
	int	(*watch_fd)(const struct xen_watch *);
	/* Take one thing that was told.  1: *now is what Xen has; 0: nothing
	 * more yet.  -1, *now as it was, e: ERR_NOENT and ERR_PERM stand until
	 * watch_kick; with other errors Xen is asked on. */
	int	(*watch_read)(struct xen_watch *, struct xen_now *,
		    struct dd_err *);
	/* Ask at once, also where that was given up. */
	void	(*watch_kick)(struct xen_watch *);
	void	(*watch_close)(struct xen_watch *);
	/* Start the domU that the file at cfg configures, so that its reboots
	 * are handled, too.  instead: a line in xl.cfg's syntax that counts more
	 * than what the file says, or NULL.  Blocks for limit seconds at
	 * most. */
	int	(*start)(const char *cfg, const char *instead, unsigned limit,
		    struct dd_err *);
	/* Ask, without waiting for what comes of it. */
	int	(*act)(unsigned id, enum xen_act, unsigned limit,
		    struct dd_err *);
	/* Attach a disk, as xl.cfg specifies it, to a domain; take the one of
	 * that vdev from it, which fails when the guest does not let go of
	 * it.  Each is done when it returns. */
	int	(*attach)(unsigned id, const char *spec, unsigned limit,
		    struct dd_err *);
	int	(*detach)(unsigned id, const char *vdev, unsigned limit,
		    struct dd_err *);
	/* The terminal device that a domU's console is read from. */
	int	(*console_path)(unsigned id, char *path, size_t cap,
		    struct dd_err *);
	/* A key of xenstore; ERR_NOENT: there is none. */
	int	(*store_read)(const char *path, struct buf *value,
		    struct dd_err *);
	/* Paths and values in turn, until NULL: all of them, or none. */
	int	(*store_write)(const char *const *, struct dd_err *);
	int	(*store_remove)(const char *path, struct dd_err *);
	/* Hand the terminal to the domU's console until the operator leaves
	 * it. */
	int	(*console)(unsigned id, struct dd_err *);
};

#endif
