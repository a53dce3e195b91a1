/* Which encrypted image is meant, and the parameters that it has. */
#ifndef DD_CMD_ENCRYPTED_H
#define DD_CMD_ENCRYPTED_H

#include "core/cmd/managing.h"

struct encrypted {
	char			*image;		/* path */
	char			*params;	/* NULL: plain */
	const struct fleet_domu	*domu_of;	/* or NULL */
	const char		*domu;		/* its name, or NULL */
	const struct fleet_disk	*disk;		/* or NULL */
};

/*
 * word: "DOMU", which must have one encrypted image, or "DOMU:ROLE".  It refers
 * to the fleet that m has loaded.  plain: one that is not encrypted will do,
 * where its role is named; else ERR_NOENT.
 */
int	encrypted_find(struct managing *, const char *word, bool plain,
	    struct encrypted *, struct dd_err *);
/* The same by the path of an image, which no domU need have; params are those
 * that the caller knows, or NULL. */
int	encrypted_find_path(struct managing *, const char *path,
	    const char *params, struct encrypted *, struct dd_err *);
void	encrypted_dispose(struct encrypted *);

#endif
