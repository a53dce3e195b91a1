/*
 * Which keys does a text in xl.conf syntax set, and where?  libxlutil, which
 * reads the values, can't tell.
 */
#ifndef DD_FLEET_SCAN_H
#define DD_FLEET_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

struct scan_key {
	char		*name;
	unsigned	 line;		/* from 1 */
	bool		 add;		/* key += value */
};

struct scan {
	struct scan_key	*v;		/* in the order of the text */
	size_t		 n;
};

#define SCAN_INIT	{ .v = NULL }
#define SCAN_MAX	4096

/* For a text that libxlutil takes; of any other, what there is to see.  More
 * than SCAN_MAX keys are an error. */
int	scan_text(const char *text, size_t len, struct scan *,
	    struct dd_err *);
void	scan_dispose(struct scan *);

/* The first assignment of name, or NULL. */
const struct scan_key *scan_find(const struct scan *, const char *name);
/* An assignment (not +=) of a key that an earlier line set already, searched
 * from *at on, which starts at 0; *first is the earlier one.  NULL: no
 * more. */
const struct scan_key *scan_duplicate(const struct scan *, size_t *at,
	    const struct scan_key **first);

/* Append s as a string in that syntax, quotes included.  -1: out of memory. */
int	scan_quote(struct buf *, const char *s);

#endif
