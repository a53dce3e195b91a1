/*
 * Inside core/disk: the journals of the overlay, as files.
 *
 * Written once, in one piece, and believed only when it is whole; what is in
 * it can be applied any number of times.  An undo journal is a redo journal
 * of the way back: in its place and under its name it is one.
 */
#ifndef DD_DISK_JOURNAL_H
#define DD_DISK_JOURNAL_H

#include <sys/types.h>

#include "core/disk/blk.h"
#include "core/disk/pages.h"

#define JOURNAL_SUM	16		/* bytes of a sector's checksum */
#define JOURNAL_MARKS	4096		/* marked sectors at most */

/* On disk: see journal.c. */
#define JOURNAL_MAGIC	"drydock redo 1\n"
#define JOURNAL_HEADER	512
#define JOURNAL_HASH	64		/* where the checksum stands in it */

struct journal_mark {
	uint64_t	off;
	uint8_t		sum[JOURNAL_SUM];
};

/* A whole journal, open. */
struct journal {
	int			 fd;	/* -1: none */
	char			*path;
	uint64_t		 ino, size;	/* of the file it is for */
	uint64_t		 nentries, nmarks;
	struct journal_mark	*marks;	/* ascending */
};

#define JOURNAL_INIT	{ .fd = -1 }

/* The journal's path for an image, in fresh memory: beside the file that the
 * path leads to. */
int	journal_path(const char *image, ino_t, char **path, struct dd_err *);
/* That of another kind of file kept there. */
int	journal_beside(const char *image, ino_t, const char *kind, char **path,
	    struct dd_err *);
/* ERR_PERM when what has that name belongs to neither this user nor owner (the
 * image's) nor root, or is no regular file with one name. */
struct stat;
int	journal_check_owner(const char *path, const struct stat *, uid_t owner,
	    struct dd_err *);

/*
 * Open the journal at path.  Returns 1: there is a whole one; 0: there is none,
 * or an incomplete one (then *torn, if not NULL, is set); -1.  owner is
 * the image's: a journal that belongs to neither this user nor that one nor
 * root is refused.  write: it is to be removed or set aside.
 */
int	journal_open(const char *path, uid_t owner, bool write,
	    struct journal *, bool *torn, struct dd_err *);
void	journal_close(struct journal *);

/*
 * Write the journal for what pages and marks hold over the file, or, of that,
 * the way back; durable when it returns 0, with j open.  Otherwise nothing is
 * left of it, or, if even that fails, the error is ERR_RECOVER (the way back
 * does no harm where it lies: it keeps its error).
 */
enum journal_way { JOURNAL_REDO, JOURNAL_UNDO };

int	journal_write(const char *path, const struct blk *file,
	    const struct pages *pages, const struct pages *marks,
	    enum journal_way, struct journal *j, struct dd_err *);

/* Is each sector of the file the old one, or, where it may have begun to be
 * applied, the old, the new or the marked one? */
int	journal_fits(const struct journal *, const struct blk *file,
	    bool begun, bool *fits, struct dd_err *);
/* Write all of it to the file: marks, the rest, then what was marked, with an
 * fsync after each. */
int	journal_apply(const struct journal *, const struct blk *file,
	    struct dd_err *);
/* Put all of it into ps. */
int	journal_lay(const struct journal *, struct pages *ps, struct dd_err *);

/* Give it another path, durably.  ERR_RECOVER: perhaps it has that now. */
int	journal_move(struct journal *, const struct blk *file, const char *to,
	    struct dd_err *);
/* Remove it, durably. */
int	journal_remove(struct journal *, const struct blk *file,
	    struct dd_err *);
/* Was it removed by whom it belongs to, since it was opened? */
bool	journal_vanished(const struct journal *);
/* Rename it out of the way; *to in fresh memory. */
int	journal_set_aside(struct journal *, const struct blk *file, char **to,
	    struct dd_err *);

#endif
