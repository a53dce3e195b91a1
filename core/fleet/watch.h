/*
 * After a start: does the domU stay up, and is it well?
 */
#ifndef DD_FLEET_WATCH_H
#define DD_FLEET_WATCH_H

#include "core/fleet/life.h"

#define WATCH_COMMAND_LIMIT	30	/* seconds, for one run of the command */

/*
 * Watch it for seconds.  It must stay there, neither crash nor reboot more than
 * once; its health command (drydock_health), run again and again until
 * then, must have ended with status 0 once, and its health text
 * (drydock_health_console) have stood on its console.
 * 0: it is well.  ERR_FAULTS: it is not, with the reason.  Another error:
 * that can't be told.
 */
int	watch_domu(const struct life *, const struct fleet_domu *,
	    unsigned seconds, struct dd_err *);

#endif
