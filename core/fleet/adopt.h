/*
 * Adoption: what an existing domU's images are, said in its xl.cfg by
 * drydock_* keys where the position in the disk list does not tell.
 *
 * The keys stand in one marked block at the file's end, or where that block
 * was before; every other byte of the file stays.  What the operator wrote
 * outside of the block is the last word.
 */
#ifndef DD_FLEET_ADOPT_H
#define DD_FLEET_ADOPT_H

#include "core/fleet/fleet.h"
#include "core/recipe/kind.h"

enum adopt_why {
	ADOPT_NONE,		/* it plays no role */
	ADOPT_KEY,		/* the operator's key says so */
	ADOPT_CONTENT,		/* its content does */
	ADOPT_PARAMS,		/* an earlier adoption did, of a cgd */
	ADOPT_POSITION		/* nothing else tells */
};

struct adopt_disk {
	enum fleet_role		 role;
	enum adopt_why		 why;
	bool			 looked;	/* what it is, is known */
	struct recognized	 what;
	char			*trouble;	/* or why it is not; escaped */
	char			*params;	/* of the cgd, or NULL */
};

struct adoption {
	struct fleet_domu	 domu;		/* as the file was read */
	struct adopt_disk	*disks;		/* as domu.disks */
	struct buf		 was, now;	/* the text of the file */
	struct buf		 keys;		/* the block's lines */
};

/* Encrypted images are opened with params, where given. */
struct adopt_opts {
	const struct xen_ops	*ops;
	const char		*params;	/* a path from the root, or NULL */
	struct cgd_asker	*asker;		/* asked once */
};

/*
 * Look at the disks of the domU that cfg configures, and make the new text.
 * Refused where two disks may play a role (ERR_CONFIG, naming them and the
 * choice to make).  Dispose of it in any case.
 */
int	adopt_plan(const char *cfg, const struct adopt_opts *,
	    struct adoption *, struct dd_err *);
bool	adopt_changes(const struct adoption *);
/* Write it; nothing happens when nothing changes. */
int	adopt_apply(const struct adoption *, struct dd_err *);
void	adopt_dispose(struct adoption *);

/* For adopt.c: look into each disk, and open those that params open. */
int	adopt_look(struct adoption *, const struct adopt_opts *,
	    struct dd_err *);

/* The text with a block of these keys instead of the one that is there; keys
 * "": without one.  name is for messages. */
int	adopt_splice(const char *name, const struct buf *text,
	    const char *keys, struct buf *out, struct dd_err *);

#endif
