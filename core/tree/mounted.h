/* Inside the mounted driver: what its two files share. */
#ifndef DD_TREE_MOUNTED_H
#define DD_TREE_MOUNTED_H

#include <sys/stat.h>
#include <dirent.h>

#include "core/tree/tree.h"

#define DEVICES_MAX	256	/* file systems below one directory */

struct mnode {
	struct mnode	*up;		/* held; NULL for the root */
	unsigned	 refs;
	int		 fd;		/* -1: not opened */
	bool		 fd_writable;
	bool		 fixed;		/* read-only: st stays as it is */
	struct stat	 st;		/* when it was looked up */
	DIR		*dir;		/* a readdir under way */
	uint64_t	 dir_at;	/* entries it has given out */
	char		 name[];
};

struct mounted {
	struct tree	 tree;
	struct mnode	*root;
	dev_t		 devs[DEVICES_MAX];	/* met so far; see id_of */
	unsigned	 ndevs;
};

static inline struct mnode *
mnode(struct tree_node n)
{
	return (struct mnode *)(uintptr_t)n.v;
}

static inline struct tree_node
handle(struct mnode *n)
{
	return (struct tree_node){ .v = (uintptr_t)n };
}

/* A node with one reference, not opened; NULL: no memory. */
struct mnode *mounted_node(const struct tree *, struct mnode *up,
	    const char *name, const struct stat *);
/* Its descriptor, opened where it is not; only directories and regular files
 * have one.  -1: error. */
int	mounted_fd(struct mnode *, bool writable, struct dd_err *);
int	mounted_stat(struct mnode *, struct stat *, struct dd_err *);
/* Is this what the node was when it was looked up? */
int	mounted_same(const struct mnode *, const struct stat *,
	    struct dd_err *);

/* mounted_write.c: see struct tree_ops. */
int	mounted_create(struct tree *, struct tree_node, const char *,
	    const struct tree_attr *, struct tree_node *, struct dd_err *);
int	mounted_mkdir(struct tree *, struct tree_node, const char *,
	    const struct tree_attr *, struct tree_node *, struct dd_err *);
int	mounted_mknod(struct tree *, struct tree_node, const char *,
	    enum tree_type, uint32_t, const struct tree_attr *,
	    struct tree_node *, struct dd_err *);
int	mounted_symlink(struct tree *, struct tree_node, const char *,
	    const char *, const struct tree_attr *, struct tree_node *,
	    struct dd_err *);
int	mounted_link(struct tree *, struct tree_node, struct tree_node,
	    const char *, struct dd_err *);
int	mounted_unlink(struct tree *, struct tree_node, const char *,
	    struct dd_err *);
int	mounted_rmdir(struct tree *, struct tree_node, const char *,
	    struct dd_err *);
int	mounted_rename(struct tree *, struct tree_node, const char *,
	    struct tree_node, const char *, struct dd_err *);
int	mounted_write(struct tree *, struct tree_node, const void *, size_t,
	    uint64_t, struct dd_err *);
int	mounted_truncate(struct tree *, struct tree_node, uint64_t,
	    struct dd_err *);
int	mounted_setattr(struct tree *, struct tree_node,
	    const struct tree_attr *, struct dd_err *);
int	mounted_space(struct tree *, uint64_t *, uint64_t *,
	    struct dd_err *);
int	mounted_commit(struct tree *, struct dd_err *);

#endif
