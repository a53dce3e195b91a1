/* Processes, by kern.proc2; see host.h. */
#ifdef __NetBSD__
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <errno.h>

#include "core/host/netbsd_impl.h"

/* In microseconds; a clock that was set back is all that could deceive. */
uint64_t
host_process_start(pid_t pid)
{
	struct kinfo_proc2 p;

	if (pid <= 0 || netbsd_sys->process(pid, &p) != 1 ||
	    p.p_uvalid == 0)
		return 0;
	return (uint64_t)p.p_ustart_sec * 1000000 + p.p_ustart_usec;
}

/* One that can't be asked after is taken to live. */
bool
host_process_alive(pid_t pid)
{
	struct kinfo_proc2 p;
	int r;

	if (pid <= 0 || (r = netbsd_sys->process(pid, &p)) == 0)
		return false;
	return r == -1 || (p.p_realstat != SZOMB && p.p_realstat != SDEAD &&
	    p.p_realstat != SDYING);
}
#endif
