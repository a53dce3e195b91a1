/*
 * After a root was swapped: which files of each domU's own etc want to be
 * looked at, since the root's changed and the domU's was changed, too.
 */
#ifndef DD_CMD_ETC_ATTENTION_H
#define DD_CMD_ETC_ATTENTION_H

#include "core/cmd/managing.h"

struct etc_attention {
	struct json_object	*json;	/* a list, one a domU */
	struct buf		 text;
};

#define ETC_ATTENTION_INIT	{ .json = NULL }

/* For the swap of a root, done or planned.  What can't be looked into is said
 * there; fails only for lack of memory. */
int	etc_attention(struct etc_attention *, const struct managing *,
	    struct dd_err *);
void	etc_attention_dispose(struct etc_attention *);

#endif
