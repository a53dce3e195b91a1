/* What the files that read drydock.conf share. */
#ifndef DD_FLEET_CONFIG_LIST_H
#define DD_FLEET_CONFIG_LIST_H

#include "core/base/buf.h"
#include "core/fleet/config.h"

/* Replace *field by the list of that name, which begins in that line of the
 * text. */
int	config_list_read(const struct xen_ops *, const struct xen_cfg *,
	    const struct buf *text, const char *name, unsigned line,
	    struct config_list *field, struct dd_err *);
void	config_list_dispose(struct config_list *);

#endif
