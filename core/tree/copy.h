/*
 * Copies between trees, from archives, and what differs between two trees.
 */
#ifndef DD_TREE_COPY_H
#define DD_TREE_COPY_H

#include "core/base/hash.h"
#include "core/tree/tree.h"

/* What a copy could not keep, since the target has no such thing or we are not
 * allowed to: copy_opts.lost. */
#define COPY_LOST_OWNERS	0x01	/* and set-id bits with them */
#define COPY_LOST_FLAGS		0x02
#define COPY_LOST_DEVICES	0x04

struct copy_opts {
	bool		 recursive;
	bool		 keep_existing;	/* what is there stays as it is, but for
					 * directories: those are merged into */
	bool		 keep_owner;	/* else all belongs to uid, gid */
	uint32_t	 uid, gid;
	bool		 fits;		/* known: the space is not checked */
	bool		 only_check;	/* nothing is written */
	const char	*shown;		/* the target's name in messages; NULL:
					 * its path */
	struct progress	*progress;	/* may be NULL */
	/* Is what would stand at this path in the target to be copied?  Asked
	 * for all but directories; NULL: everything is. */
	bool		(*want)(void *arg, const char *path);
	/* What was left out and why (sockets); may be NULL. */
	void		(*skipped)(void *arg, const char *path, const char *why);
	void		*arg;
	uint64_t	 files, bytes;	/* counted here */
	unsigned	 lost;		/* collected here */
};

/* Make an attribute of the source one of the copy: the owner that is asked
 * for, and only what the target can have. */
void	copy_limit_attr(struct copy_opts *, const struct tree *dst,
	    struct tree_attr *);

/* What a copy takes in a tree whose files take multiples of unit. */
struct measure {
	uint64_t	 bytes;		/* of data and directories */
	uint64_t	 inodes;
	uint64_t	 dirs;
};
int	tree_measure(struct tree *, const char *path, uint32_t unit,
	    struct measure *, struct progress *, struct dd_err *);
/* The same for a copy with these options to the path to in dst. */
int	copy_measure(struct tree *src, const char *from, struct tree *dst,
	    const char *to, const struct copy_opts *, struct measure *,
	    struct dd_err *);
int	archive_measure(const char *archive, uint32_t unit,
	    struct measure *, struct progress *, struct dd_err *);
/* Add a file with that much data to it; -1: absurd. */
int	measure_add(struct measure *, uint32_t unit, uint64_t data);
/* ERR_NOSPC with what is needed and free, when that does not fit. */
int	tree_fits(struct tree *, const struct measure *, struct dd_err *);

/*
 * Copy what stands at from (a symlink is copied as such unless it is the last
 * component of a path ending in '/') to the path to in dst, with modes,
 * owners, flags, times, hard links, devices, holes.  What stands at to
 * is replaced, unless it is a directory: that is merged into.  The space is
 * checked first.
 */
int	tree_copy(struct tree *src, const char *from, struct tree *dst,
	    const char *to, struct copy_opts *, struct dd_err *);

/*
 * Stream an archive (any format libarchive reads) into the directory to, which
 * exists.  Names are made relative and kept inside; what is there is
 * replaced; nothing is written through a symlink.
 */
int	tree_extract(struct tree *dst, const char *to, const char *archive,
	    struct copy_opts *, struct dd_err *);

/* What changes between two states of a tree, a directory before what is in
 * it, names in order of bytes.  before NULL: there was nothing. */
enum change_kind { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED };

struct change {
	enum change_kind	 kind;
	const char		*path;
	const struct tree_stat	*before, *after;	/* NULL where none */
	struct tree_node	 node_before, node_after;
	bool			 content;	/* content differs, not only
						 * attributes */
};
typedef int change_fn(void *arg, const struct change *, struct dd_err *);
int	tree_compare(struct tree *before, struct tree *after, change_fn *,
	    void *arg, struct dd_err *);

/*
 * The manifest of a subtree: one line a file, sorted by path bytes:
 * type, mode, nlink, uid, gid, size or device number, mtime with nanoseconds,
 * path, " -> target", " sha256=" of regular files.
 */
int	tree_manifest(struct tree *, const char *path,
	    int (*line)(void *arg, const char *text, struct dd_err *),
	    void *arg, struct progress *, struct dd_err *);

/*
 * The preview of a change, one by one: text is a unified diff where a text
 * file changed, a line for any other change, and "" where only the content of
 * a directory or a time differs.  It is valid during the call.  hash gets the
 * SHA-256 (hex) of what is changed and what is made of it, times left out;
 * NULL: it is not wanted, and no content is read for it.
 */
typedef int preview_fn(void *arg, const struct change *, const char *text,
	    struct dd_err *);
int	tree_preview(struct tree *before, struct tree *after, preview_fn *,
	    void *arg, struct progress *, char *hash, struct dd_err *);

#endif
