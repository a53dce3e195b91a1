/* Which NetBSD is it? */
#ifndef DD_RECIPE_RELEASE_H
#define DD_RECIPE_RELEASE_H

#include "core/tree/tree.h"

struct release {
	unsigned	major, minor;	/* 9, 3; -current: 10, 99 */
	char		name[64];	/* "NetBSD 9.3", for people */
	const char	*source;	/* where it was read */
};

/* Releases that the recipes know. */
#define RELEASE_FIRST	2
#define RELEASE_LAST	11

/*
 * From /etc/release, else from the note that every NetBSD program carries, in
 * /sbin/init.  ERR_RULE when neither tells, or the release is one that the
 * recipes don't know.
 */
int	release_find(struct tree *, struct release *, struct dd_err *);

/* "NetBSD 9.3_STABLE/amd64" at the beginning of text.  -1: it is not that. */
int	release_parse(const char *text, size_t len, struct release *);

#endif
