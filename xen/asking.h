/*
 * Shared by what runs in the process that asks Xen: libxl.c and asking.c.
 */
#ifndef DD_XEN_ASKING_H
#define DD_XEN_ASKING_H

#include <stdbool.h>

#include <libxl.h>
#include <xenstore.h>

/* Each call to libxl stands under the alarm, which telling turns off. */

/* NULL: *why is what to end with (enum xen_end). */
libxl_ctx *asking_open(int fd, int *why);
/* Tell fd of the machine; nothing where libxl can't say. */
void	asking_tell_host(int fd, libxl_ctx *);
/* Tell fd of all domUs.  0, or what to end with. */
int	asking_tell_domains(int fd, libxl_ctx *, struct xs_handle *,
	    unsigned changes, bool with_disks);

#endif
