/* Who has a file or a device, in words; see host.h, netbsd_walk.c. */
#ifdef __NetBSD__
#include <stdio.h>
#include <string.h>

#include "core/base/vis.h"
#include "core/host/netbsd_impl.h"

struct tell {
	host_holder_fn	*fn;
	void		*arg;
};

static void
describe(const struct netbsd_thing *t, struct host_holder *h)
{
	char path[320], on[96];

	vis_str(path, sizeof(path), t->path);
	vis_str(on, sizeof(on), t->on != NULL ? t->on : "");
	h->kind = HOST_LOOP;
	h->writable = !t->readonly;
	if (t->what == NETBSD_MOUNT) {
		h->kind = HOST_MOUNT;
		(void)snprintf(h->text, sizeof(h->text),
		    "mounted on %s (from %s)", path, on);
	} else if (t->what == NETBSD_UNKNOWN) {
		h->kind = HOST_UNKNOWN;
		(void)snprintf(h->text, sizeof(h->text), "perhaps a %s, which "
		    "can't be asked: %s", path, strerror(t->sys));
	} else
		(void)snprintf(h->text, sizeof(h->text),
		    "%.3s device /dev/%s%s%s%s", t->disk, t->disk,
		    on[0] != '\0' ? " (on " : "", on, on[0] != '\0' ? ")" : "");
}

/* A wedge is there whether somebody has it or not. */
static int
tell(void *arg, const struct netbsd_thing *t, struct dd_err *e)
{
	const struct tell *to = arg;
	struct host_holder h = { .pid = 0 };

	if (t->what == NETBSD_WEDGE)
		return 0;
	describe(t, &h);
	return to->fn(to->arg, &h, e);
}

int
netbsd_holders(dev_t dev, ino_t ino, int except, host_holder_fn *fn,
    void *arg, struct dd_err *e)
{
	struct tell to = { .fn = fn, .arg = arg };

	return ino == 0 ? 0 : netbsd_walk_vnds(dev, ino, except, tell, &to,
	    e);
}

int
host_holders(dev_t dev, ino_t ino, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	return netbsd_holders(dev, ino, -1, fn, arg, e);
}

int
host_device_holders(dev_t rdev, host_holder_fn *fn, void *arg,
    struct dd_err *e)
{
	struct tell to = { .fn = fn, .arg = arg };

	return netbsd_walk_device(rdev, tell, &to, e);
}
#endif
