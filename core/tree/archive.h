/* Inside core/tree: reading archives. */
#ifndef DD_TREE_ARCHIVE_H
#define DD_TREE_ARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

#include "core/tree/tree.h"

/* Starts as ARCHIVE_IN_INIT; close is idempotent. */
struct archive_in {
	const char	*path;		/* of the archive, for messages */
	struct archive	*a;
	int		 fd;
	uint64_t	 size;		/* of the file */
	struct progress	*progress;
};

#define ARCHIVE_IN_INIT	{ .fd = -1 }

/* Errors name the archive. */
int	archive_in_open(struct archive_in *, const char *path,
	    struct progress *, struct dd_err *);
void	archive_in_close(struct archive_in *);
/* 1: *entry is the next one; 0: the end; -1. */
int	archive_in_next(struct archive_in *, struct archive_entry **,
	    struct dd_err *);
/* The next piece of the entry's content: 1, 0 at the end, -1. */
int	archive_in_data(struct archive_in *, const void **, size_t *,
	    uint64_t *off, struct dd_err *);

/* What an entry says, in our words.  A name or target may be missing. */
const char *entry_name(struct archive_entry *);
const char *entry_symlink(struct archive_entry *);
const char *entry_hardlink(struct archive_entry *);
/* 0 where it is nothing that we know. */
enum tree_type entry_type(struct archive_entry *);
uint32_t entry_rdev(struct archive_entry *);
void	entry_attr(struct archive_entry *, struct tree_attr *);

/*
 * A member's name as a path inside the target: no leading slash, no empty or
 * "." components, ".." resolved and held at the top.  Empty: the top
 * itself.  out is replaced.
 */
int	entry_path(struct buf *out, const char *name, struct dd_err *);

#endif
