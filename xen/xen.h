/*
 * What drydock knows of Xen, behind the table that core is handed.
 *
 *	cfg.c	configurations and disk specifications, with libxlutil
 *	libxl.c	what runs, with libxenlight; in a process of its own
 *	told.c	what that process tells
 *	ask.c	asking once
 *	watch.c	asking again and again
 *	xl.c	starting, stopping, console, by xl
 *	store.c	keys of xenstore, by its programs
 */
#ifndef DD_XEN_XEN_H
#define DD_XEN_XEN_H

#include "core/fleet/xen_ops.h"

extern const struct xen_ops xen_ops;

/* Parts of the table. */
int	xen_start(const char *cfg, const char *instead, unsigned limit,
	    struct dd_err *);
int	xen_act(unsigned id, enum xen_act, unsigned limit, struct dd_err *);
int	xen_attach(unsigned id, const char *spec, unsigned limit,
	    struct dd_err *);
int	xen_detach(unsigned id, const char *vdev, unsigned limit,
	    struct dd_err *);
int	xen_console(unsigned id, struct dd_err *);
int	xen_console_path(unsigned id, char *path, size_t cap, struct dd_err *);
int	xen_store_read(const char *path, struct buf *, struct dd_err *);
int	xen_store_write(const char *const *, struct dd_err *);
int	xen_store_remove(const char *path, struct dd_err *);
void	xen_disk_dispose(struct xen_disk *);
int	xen_domains(bool disks, struct xen_domain **, size_t *n, struct dd_err *);
void	xen_domains_free(struct xen_domain *, size_t n);
int	xen_host(struct xen_host *, struct dd_err *);
int	xen_watch_open(unsigned seconds, struct xen_watch **, struct dd_err *);
int	xen_watch_fd(const struct xen_watch *);
int	xen_watch_read(struct xen_watch *, struct xen_now *, struct dd_err *);
void	xen_watch_kick(struct xen_watch *);
void	xen_watch_close(struct xen_watch *);

#endif
