/*
 * Inside check and repair: what their files share.  Not for others.
 *
 * The passes, in order, are those of fsck_ffs; each leaves its knowledge in
 * struct check for the next.  With fix set, a pass mends what it finds there
 * and then, in the open transaction; whatever can't be mended is a finding of
 * severity 2, on which the caller gives the transaction up.
 */
#ifndef DD_FFS_CHECK_IMPL_H
#define DD_FFS_CHECK_IMPL_H

#include "core/base/buf.h"
#include "core/ffs/ffs_impl.h"

#define SF_SNAPSHOT	0x00200000U	/* di_flags */
#define SF_LOG		0x00400000U
#define WINO		1		/* the inode number of whiteouts */

enum ck_state { CK_FREE, CK_FILE, CK_DIR };

struct ck_ino {
	int32_t		missing;	/* di_nlink, less the links seen */
	uint8_t		state;		/* enum ck_state */
	uint8_t		type;		/* enum ffs_type; 0: unknown */
	bool		bad;		/* a finding of its own says why */
	bool		no_link;	/* di_nlink is not above 0 */
};

/* What is known of a cylinder group; both tables NULL where nothing is. */
struct ck_group {
	uint8_t		*used;		/* fragments that inodes have */
	struct ck_ino	*inos;
	uint32_t	 ninos;
};

/* Is a directory connected to the root? */
enum ck_way { CK_UNKNOWN, CK_ASKING, CK_REACHED, CK_LOST };

struct ck_dir {
	uint32_t	 ino;
	uint32_t	 parent;	/* named there; 0: nowhere */
	uint32_t	 dotdot;	/* what its ".." says; 0: nothing yet */
	uint8_t		 way;		/* enum ck_way */
	bool		 empty;		/* of size 0 */
	bool		 bad;		/* blocks bad, or also another's */
	size_t		 name;		/* in check.names; 0: not known */
};

/* Fragments that more than one inode claims. */
struct ck_dup {
	int64_t		 frag;
	uint32_t	 n;
	uint32_t	 ino;		/* the one that came second */
	uint32_t	 first;		/* the first; 0: not known */
};
#define CK_DUPS_MAX	1000
#define CK_BAD_MAX	10	/* findings of a kind about one inode */

struct ck_report;

struct check {
	struct ffs	*fs;
	bool		 fix;
	struct progress	*progress;
	struct ck_report *report;
	struct ck_group	*groups;
	struct map	 dirmap;	/* ino -> struct ck_dir */
	struct ck_dir	**dirs;
	size_t		 ndirs, dirs_cap;
	struct buf	 names;		/* of directories, NUL after each */
	struct ck_dup	 dups[CK_DUPS_MAX];
	size_t		 ndups;
	struct map	 dup_blocks;	/* which have one in dups */
	uint64_t	 scanned;	/* blocks of bad directories read */
	uint32_t	*lost;		/* inodes to go into lost+found */
	size_t		 nlost, lost_cap;
	int64_t		 total_ndir, total_nbfree, total_nifree, total_nffree;
	uint8_t		*block;		/* sb.bsize bytes, for short use */
	struct dd_err	*e;
};

/*
 * Findings (check_report.c).  They are kept and told in the end, when paths
 * are known.  ino 0: none.  other: a second inode that the text ends in, as
 * "... also has inode 7 (/b)"; 0: none.
 */
enum ck_severity { CK_NOTE, CK_MENDABLE, CK_WORSE };
int	ck_report_init(struct check *, ffs_finding_fn *, void *arg);
void	ck_report_dispose(struct check *);
int	ck_finding(struct check *, enum ck_severity, uint32_t ino,
	    uint32_t other, const char *fmt, ...) DD_PRINTF(5, 6);
int	ck_report_flush(struct check *);
unsigned ck_count(const struct check *, enum ck_severity);

/* Knowledge (check.c).  ck_dispose also after a failed ck_init. */
int	ck_init(struct check *, struct ffs *, ffs_finding_fn *, void *arg,
	    struct progress *, struct dd_err *);
void	ck_dispose(struct check *);
struct ck_ino *ck_ino(struct check *, uint32_t ino);	/* NULL: free */
struct ck_dir *ck_dir(struct check *, uint32_t ino);
int	ck_run(struct check *);

/* The superblock and its copies (check_super.c). */
int	ck_super(struct check *);
int	ck_alternate(struct check *, uint32_t cg);

/* Blocks of inodes (check_blocks.c). */
enum ck_step { CK_GO_ON, CK_SKIP, CK_STOP };
struct ck_walk {
	struct check	*c;
	const struct ffs_inode *ip;
	enum ck_step	(*step)(struct ck_walk *, int64_t frag, uint32_t n);
	bool		 clear_tail;	/* see to pointers behind the end */
	uint64_t	 frags;		/* met */
	unsigned	 bad, dups;	/* met */
	bool		 tail;		/* there were pointers behind the end */
};
int	ck_walk(struct ck_walk *);	/* -1: it could not be read */
bool	ck_frags_ok(const struct ffs_sb *, int64_t frag, uint32_t n);
/* Mark one fragment; true: it was marked before. -1: no memory. */
int	ck_mark(struct check *, int64_t frag, bool *before);
bool	ck_unmark(struct check *, int64_t frag);	/* was it? */

/* Passes. */
int	ck_inodes(struct check *);	/* 1: check_inodes.c */
int	ck_add_dup(struct ck_walk *, int64_t frag, uint32_t n);
int	ck_dups(struct check *);	/* 1b: check_dups.c */
int	ck_dirs(struct check *);	/* 2: check_dirs.c */
int	ck_connect(struct check *);	/* 3: check_links.c */
int	ck_links(struct check *);	/* 4 */
int	ck_maps(struct check *);	/* 5: check_maps.c */

/* Entries of a directory (check_entries.c). */
struct ck_entry {
	struct ck_dir	*dir;
	unsigned	 index;		/* 0: the first of the directory */
	uint32_t	 ino;
	uint16_t	 reclen;
	uint8_t		 type, namlen;
	char		 name[FFS_NAME_MAX + 1];	/* terminated */
	struct ffs_buf	*buf;
	uint8_t		*raw;		/* in buf */
};
typedef int ck_entry_fn(struct check *, struct ck_entry *, void *arg);
/* quiet: no findings about its structure. */
int	ck_scan(struct check *, struct ck_dir *, bool quiet, ck_entry_fn *,
	    void *arg);

/* Mending (repair.c). */
int	ck_clear_inode(struct check *, uint32_t ino);
int	ck_set_nlink(struct check *, uint32_t ino, int32_t nlink);
int	ck_lose(struct check *, uint32_t ino);	/* for lost+found, later */
int	ck_reconnect(struct check *);

#endif
