/*
 * What drydock knows of Xen, behind the table that core is handed.
 */
#ifndef DD_XEN_XEN_H
#define DD_XEN_XEN_H

#include "core/fleet/xen_ops.h"

extern const struct xen_ops xen_ops;

#endif
