/*
 * What the views show: the fleet as it was read last, the actions that run,
 * and what never changes while the console is up.  Views only read it.
 */
#ifndef DD_TUI_MODEL_H
#define DD_TUI_MODEL_H

#include "core/fleet/doctor.h"
#include "tui/action.h"
#include "tui/log.h"
#include "core/theme/style.h"

struct model {
	bool			 utf8;
	char			 host[256];
	const struct config	*config;
	struct fleet		*fleet;		/* NULL: not read yet */
	/* What Xen told last, which is laid over the fleet; NULL: it does not
	 * tell, and xen_note may say why. */
	const struct xen_now	*xen;
	char			 xen_note[160];
	/* Goes up when the disks may have changed: a new snapshot, or the end
	 * of an action. */
	unsigned		 changes;
	int64_t			 now;		/* seconds since 1970 */
	bool			 loading;	/* the operator waits for it */
	struct doctor		*doctor;	/* all that is wrong with it, as of
						 * that reading; NULL: none yet */
	unsigned		 visits;	/* goes up with each of them */
	size_t			 cuts;		/* of those, what recover mends */
	struct dd_err		 error;		/* of the last reading */
	/* domUs, and things of the host, that have such a finding at worst. */
	size_t			 errors, warnings;
	struct action		*actions;	/* newest first */
	struct log		 log;		/* of these, and those before */
};

void	model_init(struct model *, bool utf8, const struct config *);
void	model_dispose(struct model *);
/* Take over a snapshot (NULL: reading failed with e); the one before is
 * returned, to be freed once no view looks at it. */
struct fleet *model_set_fleet(struct model *, struct fleet *,
	    const struct dd_err *);
/* What is wrong with the snapshot that follows; taken over. */
void	model_set_doctor(struct model *, struct doctor *);
/* Why Xen can't be asked, as far as is known now; NULL: it answers. */
const char *model_xen(const struct model *);
/* See app_xen. */
void	model_set_xen(struct model *, const struct xen_now *,
	    const struct dd_err *why, int64_t heard);
/* Put an action in front; the model holds a reference of its own.  Mere looks
 * that have ended are let go of; of those that changed something, the last
 * MODEL_ACTIONS stay. */
#define MODEL_ACTIONS	100
void	model_add_action(struct model *, struct action *);
/* The newest action that changes something; NULL: there was none. */
struct action *model_job(const struct model *);

/* "!!", "!", "-", or "" for -1, and their style. */
const char *severity_sign(int severity);
enum style severity_style(int severity);

#endif
