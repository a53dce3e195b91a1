/*
 * The life of domUs: started, stopped, and waited for.  What is asked of Xen
 * goes through the table (xen_ops.h); each of these waits until it has come
 * about, or its limit is over.
 */
#ifndef DD_FLEET_LIFE_H
#define DD_FLEET_LIFE_H

#include "core/base/buf.h"
#include "core/base/progress.h"
#include "core/fleet/fleet.h"

/* Seconds. */
#define LIFE_ASK_LIMIT		60	/* for xl to answer */
#define LIFE_START_LIMIT	300	/* for xl to start a domU */
#define LIFE_SHUTDOWN_LIMIT	180	/* for a domU to shut down */

struct life {
	const struct xen_ops	*xen;
	struct progress		*progress;	/* may be NULL */
	unsigned		 limit;		/* seconds; 0: the usual */
	bool			 steady;	/* can't be cancelled */
};

/* One domU as Xen has it now. */
struct life_now {
	bool		 there;
	unsigned	 id;
	enum xen_state	 state;
};
int	life_look(const struct life *, const char *name, struct life_now *,
	    struct dd_err *);

/* Could it be started: is there a configuration, and a right one, and none of
 * its images half re-encrypted (ERR_HELD)? */
int	life_can_start(const struct fleet_domu *, struct dd_err *);
/* Nobody else starts or stops it for a job meanwhile, until *fd is closed.
 * ERR_HELD: somebody does. */
int	life_hold(const struct fleet_domu *, int *fd, struct dd_err *);
/* Start it from its configuration.  ERR_EXIST: it runs already. */
int	life_start(const struct life *, const struct fleet_domu *,
	    struct dd_err *);
/* The same with these lines instead of the configuration's, or NULL. */
int	life_start_with(const struct life *, const struct fleet_domu *,
	    const char *instead, struct dd_err *);
/* How the configuration at cfg specifies the disk of that vdev, appended to
 * b. */
int	life_disk_spec(const struct xen_ops *, const char *cfg,
	    const char *vdev, struct buf *b, struct dd_err *);
/* Such lines, appended to b: the disks of the configuration at cfg with another
 * target for one of them, and another kernel, if not NULL. */
int	life_instead(const struct xen_ops *, const char *cfg,
	    const char *vdev, const char *target, const char *kernel,
	    struct buf *b, struct dd_err *);
/* Take its disk of that vdev from the domU while it runs; and give it, as spec
 * (life_disk_spec) has it.  The guest is not asked. */
int	life_detach(const struct life *, const struct fleet_domu *,
	    const char *vdev, struct dd_err *);
int	life_attach(const struct life *, const struct fleet_domu *,
	    const char *spec, struct dd_err *);
/* Ask it to shut down, and wait until Xen has nothing of it any more: its disks
 * are detached then.  ERR_NOENT: it does not run; ERR_HELD: it has not within
 * the limit, or is paused or has crashed. */
int	life_shutdown(const struct life *, const char *name,
	    struct dd_err *);
/* End it at once, as a power cut does, and wait in the same way. */
int	life_kill(const struct life *, const char *name, struct dd_err *);
/* Pause, unpause; reboot (which is not waited for). */
int	life_act(const struct life *, const char *name, enum xen_act,
	    struct dd_err *);

/* A while between two looks; -1 with ERR_CANCEL when the operator wants to
 * stop. */
int	life_pause(const struct life *, const char *what, struct dd_err *);

#endif
