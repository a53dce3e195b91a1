/*
 * Between the process that asks Xen and us: what it tells (libxl.c says how),
 * and what that means.
 */
#ifndef DD_XEN_TOLD_H
#define DD_XEN_TOLD_H

#include "core/base/buf.h"
#include "core/fleet/xen_ops.h"

#define XEN_PATIENCE	5	/* seconds, for what is told of one domU */

/* What a process that asks ends with. */
enum xen_end {
	XEN_TOLD,
	XEN_UNHEARD,		/* the one that was told has gone */
	XEN_NOT_HERE,		/* asking again is of no use; told */
	XEN_FAILED,		/* told, too */
	XEN_GAVE_UP,		/* xenstored is not to be had; not told */
};

/* For a process just forked: ask libxl, and tell fd.  Each returns what the
 * process is to end with, but may also end it, and SIGALRM does that when it
 * takes too long. */
int	xen_tell_once(int fd, bool domains, bool disks);	/* else the host
							 * alone */
int	xen_tell_on(int fd, unsigned seconds);	/* until fd is closed */
/* For a process just forked: nothing of who started us reaches us or is reached
 * any more: not the terminal, not the handlers of signals, not a mask that would
 * hold back the alarm. */
void	xen_stand_alone(void);
/* One message: that an answer took too long. */
void	xen_tell_silence(int fd);

enum told_kind { TOLD_HOST, TOLD_DOMAINS, TOLD_NONE, TOLD_FAILED,
	TOLD_SILENT };

struct told {
	enum told_kind	 kind;
	struct xen_now	 now;	/* TOLD_HOST: only the host; TOLD_DOMAINS: all
				 * but the host */
	int		 sys;	/* TOLD_FAILED: errno, or 0 */
};

/* Take a message from the front of b.  1: *t is it; 0: it is not whole yet;
 * -1: nonsense, or no memory. */
int	told_take(struct buf *b, struct told *t, struct dd_err *e);
void	told_dispose(struct told *);
/* The error that a message is, other than TOLD_HOST and TOLD_DOMAINS.
 * hypervisor: that has answered.  Returns -1. */
int	told_failure(const struct told *, bool hypervisor, struct dd_err *);

#endif
