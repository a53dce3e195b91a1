/*
 * Everything that is wrong, or odd, with a fleet and its host, as one list by
 * severity: what the domUs' own findings say, and what no domU's do, from
 * devices that were left to generations that could go.  Reads only.
 *
 * What is an image's stands there once, with all domUs that it concerns.
 */
#ifndef DD_FLEET_DOCTOR_H
#define DD_FLEET_DOCTOR_H

#include "core/fleet/fleet.h"
#include "core/fleet/restarts.h"

#define DOCTOR_PRUNABLE	(UINT64_C(1) << 30)	/* bytes worth a note */
#define DOCTOR_FEW	4		/* devices that one domU takes */

/* What is looked at besides the fleet; each may be NULL, and is passed over
 * then. */
struct devices_host;
struct host_room;
struct doctor_ask {
	struct devices_host (*host)(void);
	const struct xen_ops	*xen;	/* for the devices */
	void			(*room)(struct host_room *);
	const char		*state_dir;	/* of the history */
	const struct restarts	*restarts;
};

/* All that there is here. */
struct doctor_ask doctor_here(const struct xen_ops *, const char *state_dir,
	    const struct restarts *);

/* Strings are the finding's own.  text and hint are escaped, one line each, the
 * others not. */
struct doctor_finding {
	enum fleet_kind		 kind;
	enum fleet_severity	 severity;
	enum fleet_mend		 mend;
	char			**domus;	/* whom it concerns */
	size_t			 ndomus;
	char			*role;		/* "pkg", or a vdev; or NULL */
	char			*image, *device;	/* or NULL */
	char			*text, *hint;	/* hint: or NULL */
	size_t			 order;		/* in which it was found */
};

struct doctor {
	struct doctor_finding	*v;	/* the gravest first */
	size_t			 n;
	size_t			 count[SEV_COUNT];
};

/* Fails only for lack of memory: what can't be looked at is a finding. */
int	doctor_look(const struct fleet *, const struct doctor_ask *,
	    struct doctor **, struct dd_err *);
void	doctor_free(struct doctor *);

/* Does it concern that domU? */
bool	doctor_concerns(const struct doctor_finding *, const char *domu);
/* "web1", "web1 and 3 more", "/xen/root.img": what it is about, escaped,
 * appended to b. */
void	doctor_about(const struct doctor_finding *, struct buf *b);
/* How many of them that mends. */
size_t	doctor_mended_by(const struct doctor *, enum fleet_mend);
/* The command that mends it, its words the finding's; false: none does. */
#define DOCTOR_WORDS	6
bool	doctor_mend(const struct doctor_finding *,
	    const char *argv[DOCTOR_WORDS]);

#endif
