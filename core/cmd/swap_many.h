/* drydock swap of several domUs' images by copies of one, rolling. */
#ifndef DD_CMD_SWAP_MANY_H
#define DD_CMD_SWAP_MANY_H

#include "core/cmd/managing.h"

struct swap_many {
	/* The options, and what is looked at already: the source is right. */
	struct managing		*m;
	const struct cmd_env	*env;
	const char		*source;	/* absolute path */
	const char		*params, *kernel;	/* or NULL */
	bool			 strict;
	const char		*width, *part, *sector_size;	/* or NULL */
};

/* The domUs of these words; or, of none, all that have a disk of that role. */
int	swap_many(struct swap_many *, char *const *words, size_t n,
	    enum fleet_role, struct dd_err *);

#endif
