/*
 * This host's kernel, but one of the calls that change something kills the
 * process, before or after it is made, or is not made and fails.
 */
#ifndef DD_TESTS_DEADLY_KERNEL_H
#define DD_TESTS_DEADLY_KERNEL_H

#include <signal.h>

#include "core/host/kernel.h"

enum deadly_how { DEADLY_NOT, DEADLY_FAILS, DEADLY_BEFORE, DEADLY_AFTER };

static struct {
	enum deadly_how how;
	int		at, calls;
} deadly;

/* -1: it fails. */
static inline int
deadly_before(struct dd_err *e)
{
	if (++deadly.calls != deadly.at)
		return 0;
	if (deadly.how == DEADLY_BEFORE)
		(void)raise(SIGKILL);
	return deadly.how == DEADLY_FAILS ? dd_fail(e, ERR_IO, "it fails") :
	    0;
}

static inline int
deadly_after(int rc)
{
	if (deadly.calls == deadly.at && deadly.how == DEADLY_AFTER)
		(void)raise(SIGKILL);
	return rc;
}

static inline int
deadly_attach(const struct host_part *p, struct host_device *d,
    struct dd_err *e)
{
	return deadly_before(e) == -1 ? -1 :
	    deadly_after(host_kernel->attach(p, d, e));
}

static inline int
deadly_fsck(const struct host_device *d, const char *fstype,
    struct dd_err *e)
{
	return deadly_before(e) == -1 ? -1 :
	    deadly_after(host_kernel->fsck(d, fstype, e));
}

static inline int
deadly_mount(const struct host_device *d, const char *fstype,
    const char *dir, bool readonly, struct dd_err *e)
{
	return deadly_before(e) == -1 ? -1 :
	    deadly_after(host_kernel->mount(d, fstype, dir, readonly, e));
}

static inline int
deadly_unmount(const char *dir, struct dd_err *e)
{
	return deadly_before(e) == -1 ? -1 :
	    deadly_after(host_kernel->unmount(dir, e));
}

static inline int
deadly_detach(const struct host_device *d, struct dd_err *e)
{
	return deadly_before(e) == -1 ? -1 :
	    deadly_after(host_kernel->detach(d, e));
}

static struct host_kernel deadly_kernel;

static inline void
deadly_start(enum deadly_how how, int at)
{
	deadly_kernel = *host_kernel;
	deadly_kernel.attach = deadly_attach;
	deadly_kernel.fsck = deadly_fsck;
	deadly_kernel.mount = deadly_mount;
	deadly_kernel.unmount = deadly_unmount;
	deadly_kernel.detach = deadly_detach;
	deadly.how = how;
	deadly.at = at;
	deadly.calls = 0;
}

#endif
