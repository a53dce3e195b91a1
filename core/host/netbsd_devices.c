/*
 * The devices that are made of files; see host.h, netbsd_walk.c.  A vnd tells
 * its file by number alone, and not whether it is read-only.
 */
#ifdef __NetBSD__
#include <string.h>

#include "core/host/netbsd_impl.h"

struct tell {
	host_made_fn	*fn;
	void		*arg;
};

/* A unit that can't be asked may be one that stands on another's. */
static int
refuse_unknown(const struct netbsd_thing *t, struct dd_err *e)
{
	(void)dd_fail_sys(e, t->sys, "%s devices can't be asked", t->path);
	return dd_hint(e, "only root may look at these");
}

static int
tell_made(void *arg, const struct netbsd_thing *t, struct dd_err *e)
{
	static const enum host_making kinds[] = {
		[NETBSD_VND] = HOST_MADE_OF_FILE,
		[NETBSD_WEDGE] = HOST_MADE_PART,
		[NETBSD_CGD] = HOST_MADE_UPON,
		[NETBSD_MOUNT] = HOST_MADE_MOUNT,
	};
	const struct tell *to = arg;
	struct host_made made = { .rdev = t->rdev, .under = t->under,
	    .path = t->path, .dev = t->dev, .ino = t->ino,
	    .readonly = t->readonly, .opens = -1 };

	if (t->what == NETBSD_UNKNOWN)
		return refuse_unknown(t, e);
	made.kind = kinds[t->what];
	if (t->what == NETBSD_MOUNT)
		made.rdev = t->under;
	return to->fn(to->arg, &made, e);
}

int
host_devices(host_made_fn *fn, void *arg, struct dd_err *e)
{
	struct tell to = { .fn = fn, .arg = arg };

	return netbsd_walk_vnds(0, 0, -1, tell_made, &to, e);
}
#endif
