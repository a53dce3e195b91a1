/*
 * What drydock devices and drydock recover share: how devices are told, what of
 * them was left, and what became of that.
 */
#ifndef DD_CMD_DEVICES_OUT_H
#define DD_CMD_DEVICES_OUT_H

#include "core/base/buf.h"
#include "core/fleet/devices.h"

/* Call fn for each disk of a domU that shows the device's file. */
typedef void devices_out_disk_fn(void *arg, const struct fleet_domu *,
	    const struct fleet_disk *);
void	devices_out_disks(const struct fleet *, const struct device *,
	    devices_out_disk_fn *, void *arg);
/* Are there devices that this record has?  Else they are gone, or never
 * came. */
bool	devices_out_is_made(const struct devices *, size_t record);

/* All of them, on standard output. */
int	devices_out_json(const struct devices *, const struct fleet *,
	    struct dd_err *);

/* "took down /dev/loop3 (left by drydock process 7, which is dead)", appended
 * to b. */
void	devices_out_leaving(struct buf *b, const struct devices_leaving *,
	    bool dry_run);

#endif
