/* Contents of regular files, piece by piece. */
#ifndef DD_TREE_CONTENT_H
#define DD_TREE_CONTENT_H

#include "core/base/hash.h"
#include "core/tree/tree.h"

/*
 * Call fn for each piece of the content in order: data at most CONTENT_PIECE
 * bytes, or a hole (p NULL) of any size.  fn returns 0, 1 where it wants no
 * more, or -1 with e.  scratch is room for the data; its content is lost.
 */
#define CONTENT_PIECE	(1024 * 1024)
typedef int content_fn(void *arg, const void *p, uint64_t len, uint64_t off,
	    struct dd_err *);
int	content_each(struct tree *, struct tree_node, struct buf *scratch,
	    content_fn *, void *arg, struct dd_err *);

/* The SHA-256 of the content.  A hostile image may have files of petabytes
 * that are all hole: more than CONTENT_HOLES_MAX in one is ERR_UNSUP. */
#define CONTENT_HOLES_MAX	(64ULL << 30)
int	content_sum(struct tree *, struct tree_node, struct hash *,
	    struct buf *scratch, struct progress *, char hex[HASH_HEX],
	    struct dd_err *);

#endif
