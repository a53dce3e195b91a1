/*
 * One file-tree interface, two drivers.
 *
 *   ffs      in process, on an image (core/ffs)
 *   mounted  a directory of the host, with openat and O_NOFOLLOW
 *
 * Nodes are handles into a tree; tree_put gives one back.  Paths are resolved
 * here, one component at a time: symlinks are followed inside the tree only
 * (an absolute target starts at the tree's root), never for writes, and ".."
 * stops at the root.
 */
#ifndef DD_TREE_TREE_H
#define DD_TREE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/progress.h"

#define TREE_PATH_MAX	4096
#define TREE_NAME_MAX	255
#define TREE_DEPTH_MAX	512	/* directories below each other */
#define TREE_LINKS_MAX	32	/* symlinks followed in one resolution */

enum tree_type {
	TREE_FIFO = 1, TREE_CHR = 2, TREE_DIR = 4, TREE_BLK = 6, TREE_REG = 8,
	TREE_LNK = 10, TREE_SOCK = 12
};

struct tree_time {
	int64_t		sec;
	int32_t		nsec;
};

struct tree_stat {
	uint64_t	id;		/* inode number, for hard links */
	enum tree_type	type;
	uint16_t	perm;		/* 07777 */
	uint32_t	nlink;
	uint32_t	uid, gid;
	uint32_t	flags;		/* chflags(2), NetBSD's bits; 0 where the
					 * host has none */
	uint64_t	size;
	uint64_t	blocks;		/* 512-byte units */
	uint32_t	rdev;		/* NetBSD's device number */
	struct tree_time atime, mtime, ctime, birthtime;
};

#define TREE_SET_PERM	0x01
#define TREE_SET_OWNER	0x02
#define TREE_SET_FLAGS	0x04
#define TREE_SET_ATIME	0x08
#define TREE_SET_MTIME	0x10
#define TREE_SET_BIRTH	0x20
#define TREE_SET_ALL	0x3f

struct tree_attr {
	unsigned	mask;
	uint16_t	perm;
	uint32_t	uid, gid;
	uint32_t	flags;
	struct tree_time atime, mtime, birthtime;
};

struct tree_dirent {
	enum tree_type	type;		/* 0: ask tree_stat */
	uint64_t	id;		/* as in tree_stat; 0: not known */
	char		name[TREE_NAME_MAX + 1];
};

struct tree;
struct tree_node { uint64_t v; };	/* opaque to callers */

struct tree_ops {
	const char *name;
	struct tree_node (*root)(struct tree *);
	void	(*put)(struct tree *, struct tree_node);
	int	(*stat)(struct tree *, struct tree_node, struct tree_stat *,
		    struct dd_err *);
	/* ERR_NOENT when missing; symlinks are not followed. */
	int	(*lookup)(struct tree *, struct tree_node dir, const char *,
		    struct tree_node *, struct dd_err *);
	/* As ffs_readdir. */
	int	(*readdir)(struct tree *, struct tree_node dir, uint64_t *at,
		    struct tree_dirent *, struct dd_err *);
	/* The node of an id that readdir gave, without searching its name;
	 * NULL where there is no such way. */
	struct tree_node (*by_id)(struct tree *, uint64_t id);
	int	(*read)(struct tree *, struct tree_node, void *, size_t,
		    uint64_t off, size_t *got, struct dd_err *);
	int	(*next_data)(struct tree *, struct tree_node, uint64_t off,
		    uint64_t *start, uint64_t *end, struct dd_err *);
	int	(*readlink)(struct tree *, struct tree_node, char *, size_t,
		    struct dd_err *);
	/* 128 bits that change when content or attributes do; NULL: can't
	 * tell (contents are compared then). */
	int	(*fingerprint)(struct tree *, struct tree_node, uint64_t[2],
		    struct dd_err *);

	int	(*create)(struct tree *, struct tree_node dir, const char *,
		    const struct tree_attr *, struct tree_node *,
		    struct dd_err *);
	int	(*mkdir)(struct tree *, struct tree_node dir, const char *,
		    const struct tree_attr *, struct tree_node *,
		    struct dd_err *);
	int	(*mknod)(struct tree *, struct tree_node dir, const char *,
		    enum tree_type, uint32_t rdev, const struct tree_attr *,
		    struct tree_node *, struct dd_err *);
	int	(*symlink)(struct tree *, struct tree_node dir, const char *,
		    const char *target, const struct tree_attr *,
		    struct tree_node *, struct dd_err *);
	int	(*link)(struct tree *, struct tree_node, struct tree_node dir,
		    const char *, struct dd_err *);
	int	(*unlink)(struct tree *, struct tree_node dir, const char *,
		    struct dd_err *);
	int	(*rmdir)(struct tree *, struct tree_node dir, const char *,
		    struct dd_err *);
	int	(*rename)(struct tree *, struct tree_node dir, const char *,
		    struct tree_node todir, const char *, struct dd_err *);
	int	(*write)(struct tree *, struct tree_node, const void *, size_t,
		    uint64_t off, struct dd_err *);
	int	(*truncate)(struct tree *, struct tree_node, uint64_t,
		    struct dd_err *);
	int	(*setattr)(struct tree *, struct tree_node,
		    const struct tree_attr *, struct dd_err *);
	/* Bytes and inodes free; UINT64_MAX: not known. */
	int	(*space)(struct tree *, uint64_t *bytes, uint64_t *inodes,
		    struct dd_err *);
	int	(*commit)(struct tree *, struct dd_err *);
	void	(*close)(struct tree *);	/* drops what is not committed */
};

struct tree {
	const struct tree_ops	*ops;
	bool			 writable;
	/* What a copy into it may ask for (mounted: as root; on a host that
	 * has file flags). */
	bool			 makes_owners;	/* and devices */
	bool			 makes_flags;
	uint32_t		 unit;		/* files take multiples of it */
};

/* NetBSD's device numbers (sys/types.h). */
static inline uint32_t
tree_makedev(uint32_t major, uint32_t minor)
{
	return (major << 8 & 0x000fff00U) | (minor << 12 & 0xfff00000U) |
	    (minor & 0x000000ffU);
}

static inline uint32_t
tree_major(uint32_t rdev)
{
	return (rdev & 0x000fff00U) >> 8;
}

static inline uint32_t
tree_minor(uint32_t rdev)
{
	return (rdev & 0xfff00000U) >> 12 | (rdev & 0x000000ffU);
}

/* As ls(1) shows it: '-', 'd', 'l', ... */
char	tree_type_letter(enum tree_type);

/* File flags by name: "schg,nodump", "-" for none.  Unknown names count
 * nothing. */
#define TREE_FLAGS_TEXT	80
char	*tree_flags_text(char [TREE_FLAGS_TEXT], uint32_t flags);
uint32_t tree_flags_parse(const char *);

/* A name that may stand in a directory: not empty, not "." or "..", no '/',
 * at most TREE_NAME_MAX bytes. */
int	tree_check_name(const char *, struct dd_err *);

/* Drivers. */
struct ffs;
int	tree_ffs_open(struct ffs *, bool writable, struct tree **,
	    struct dd_err *);		/* owns the ffs from success on */
int	tree_mounted_open(const char *dir, bool writable, struct tree **,
	    struct dd_err *);

/*
 * Paths.  "/" and "" are the root; a leading '/' makes no difference.
 * follow: a last component that is a symlink is followed, too.
 * Errors name the path.
 */
int	tree_lookup(struct tree *, const char *path, bool follow,
	    struct tree_node *, struct tree_stat *, struct dd_err *);
/* The directory that holds path, which must not be reached by a symlink, and
 * the last component (points into path): for writes. */
int	tree_parent(struct tree *, const char *path, struct tree_node *dir,
	    const char **name, struct dd_err *);
bool	tree_exists(struct tree *, const char *path);	/* not followed */

/* Whole small files (at most max bytes), and conveniences on paths.  Writes
 * never follow a symlink in any component. */
int	tree_read_file(struct tree *, const char *path, size_t max,
	    struct buf *, struct dd_err *);
/* Replace the content, keep the attributes but mtime; or make it with attr. */
int	tree_write_file(struct tree *, const char *path, const void *, size_t,
	    const struct tree_attr *, struct dd_err *);
int	tree_mkdirs(struct tree *, const char *path, const struct tree_attr *,
	    struct dd_err *);
/* rm -r, symlinks not followed; a missing path is a success. */
int	tree_remove(struct tree *, const char *path, struct dd_err *);
int	tree_commit(struct tree *, struct dd_err *);
void	tree_close(struct tree *);	/* NULL is fine */

/*
 * Walk a subtree in order of path bytes, parents first.  path is the full path
 * in the tree.  The callback returns 0, or -1 to stop with its error.
 */
struct tree_visit {
	const char		*path;
	struct tree_node	 node;	/* valid during the call */
	const struct tree_stat	*st;
};
typedef int tree_visit_fn(void *arg, const struct tree_visit *,
	    struct dd_err *);
int	tree_walk(struct tree *, const char *path, tree_visit_fn *, void *arg,
	    struct dd_err *);

#endif
