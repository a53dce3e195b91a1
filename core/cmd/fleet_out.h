/*
 * What the commands that show the fleet share.
 */
#ifndef DD_CMD_FLEET_OUT_H
#define DD_CMD_FLEET_OUT_H

#include "core/base/buf.h"
#include "core/cmd/cmd.h"
#include "core/fleet/fleet.h"

/* Configuration and fleet, loaded; fleet_free it.  What is wrong with the
 * fleet as a whole goes to standard error. */
int	fleet_out_load(const struct cmd_env *, struct fleet **,
	    struct dd_err *);

/* Text from outside, escaped, into b; "-" for NULL. */
void	fleet_out_text(struct buf *, const char *);

/* "64M", "1.5G": a size for a narrow column. */
#define FLEET_OUT_SIZE	16
char	*fleet_out_size(char [FLEET_OUT_SIZE], uint64_t bytes);

/* NULL: out of memory. */
struct json_object *fleet_out_json(const struct fleet *,
	    const struct fleet_domu *);

/* Print b and dispose of it. */
int	fleet_out_print(struct buf *, struct dd_err *);

#endif
