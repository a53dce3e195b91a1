/*
 * The generations of an image.
 *
 * The image path is the generation in place, its only link.  Those that are
 * out lie in a folder beside it, /xen/web1/.pkg.img.d for /xen/web1/pkg.img:
 *
 *	3-20261126T115035Z+good	a generation, one link each (names.h)
 *	in-place		a link that says who is in place, and its
 *				inode: "4-20261127T081500Z@131074"
 *	in-place.new		the same of who comes next, while that happens
 *	incoming		a file that comes in
 *	in-place.kernel		what N.kernel of the one in place will say, and
 *	in-place.params		N.params, and
 *	in-place.plain		N.plain, when it is out
 *	follows			whose kernel it is that comes next: the root's
 *				in-place, and its path
 *	3.orig			an untouched copy of what came in
 *	3.sha256		the checksum of what came in
 *	3.from			a link that says which file came in: its device,
 *				inode and time of change
 *	3.params		its cgd parameters file
 *	3.plain			a link that says that it is not encrypted,
 *				whatever a configuration names
 *	3.key			a link that says since when it has its key,
 *				in seconds since 1970
 *	3.kernel		a link to the kernel that goes with a root
 *	3.run			what a domU was started with while 3 was out:
 *				a second link of it; once it is or was in
 *				place, a symlink to the image, which stays
 *	tells			a link to the parameters file that others use:
 *				it follows the one in place, see below
 *	tells.new		the same from the flip on that is under way
 *	last			a link that says which number was the last one
 *				given, where that generation is deleted
 *	3.going			a generation that is being deleted
 *
 * That is all there is to know: a database may say who and why, nothing needs
 * it.  To change who is in place is a flip:
 *
 *	keep	in-place.new says who comes; the one in place gets its name in
 *		the folder, a second link; the folder is fsynced
 *	flip	one rename(2) of the other over the path
 *	wait	the folders that the rename has changed are fsynced
 *	settle	in-place.new becomes in-place
 *
 * A crash before the flip leaves one inode with two names, and a path whose
 * inode is not the one that in-place.new names: the second name is taken
 * away.  After it the path has that inode, and settling is all that is left;
 * in-place.new goes only when the flip is on the disk, so that there never is
 * an in-place that the path does not keep to.  Who takes the lock next does
 * either.
 *
 * Where parameters are known by a path of their own, too, the file there
 * becomes a copy of what belongs to the one in place, after the flip, and by
 * whoever takes the lock next if a crash comes first.  Only what is a copy of
 * one of the generations' is replaced: so nothing is lost.
 *
 * A kernel that comes with its root is kept first and flipped after the root.
 * After a crash in between it goes where the root went: the link follows says
 * which generation of which root it goes with.
 */
#ifndef DD_STORE_STORE_H
#define DD_STORE_STORE_H

#include <sys/types.h>
#include <limits.h>
#include <stddef.h>

#include "core/base/progress.h"
#include "core/store/names.h"

struct generation {
	struct gen_name	 name;
	bool		 in_place;
	bool		 orig, params, plain;	/* there is such a file */
	int64_t		 key_since;	/* what N.key says, or 0 */
	char		*kernel;	/* what N.kernel says, or NULL */
	uint64_t	 ino;
	uint64_t	 size, allocated;	/* bytes */
	int64_t		 mtime;
};

struct store {
	char		*image;		/* absolute; no component a symlink */
	char		*dir;		/* the folder */
	int		 fd;		/* of it; -1: the image is not managed */
	bool		 locked;
	bool		 busy;		/* somebody else has the lock */
	bool		 interrupted;	/* what came in, or a flip, was cut
					 * short */
	bool		 leftover;	/* so was a deletion, or work on a
					 * copy */
	bool		 foreign;	/* the file at the path is not the one
					 * that was put there */
	bool		 missing;	/* there is no file at the path */
	dev_t		 dev;
	struct generation *v;		/* ascending; with the one in place, if
					 * the image is there */
	size_t		 n;
	const struct generation *place;	/* of v; NULL: missing */
};

/*
 * Look at an image's generations.  An image without a folder has one, number
 * 1.  A path whose last component is a symlink is refused (ERR_TYPE), and
 * what is no regular file, too.
 */
int	store_open(const char *image, struct store **, struct dd_err *);
void	store_close(struct store *);	/* unlocks; NULL is fine */

/*
 * For who changes something: make the folder, lock it, bring a flip that was
 * cut short to its end, and look again.  ERR_HELD: another job has it.  A
 * folder that holds nothing is gone after store_close.
 */
int	store_lock(struct store *, struct dd_err *);

/* Look again. */
int	store_reread(struct store *, struct dd_err *);

/* Has drydock managed the image: is there a folder? */
bool	store_managed(const char *image);

const struct generation *store_find(const struct store *, uint32_t n);
/* As that; a missing one is an error that says what there is. */
const struct generation *store_want(const struct store *, uint32_t n,
	    struct dd_err *);
/*
 * Where rollback goes: the newest generation with a smaller number than the
 * one in place that is not marked bad.  ERR_NOENT where there is none.
 */
const struct generation *store_before(const struct store *, struct dd_err *);
/* The number of the next one that comes in. */
uint32_t store_next(const struct store *);
/* The path of generation g's file, or of g's NAME.SUFFIX ("orig", ...), in
 * fresh memory; NULL: out of memory. */
char	*store_path(const struct store *, const struct generation *g);
char	*store_beside(const struct store *, uint32_t n, const char *suffix);

/*
 * Generations that are old: all that are out but the newest keep.  Each is
 * told, newest first, with why it stays as far as the store alone tells that;
 * NULL: it may go.
 */
typedef int store_old_fn(void *arg, const struct generation *,
	    const char *why, struct dd_err *);
int	store_old(const struct store *, uint64_t keep, store_old_fn *,
	    void *arg, struct dd_err *);

/* The store must be locked for what follows. */

/* Mark a generation; and look again. */
int	store_mark(struct store *, uint32_t n, enum gen_mark, bool pinned,
	    struct dd_err *);
/* Delete one that is out, and all that belongs to it. */
int	store_delete(struct store *, uint32_t n, struct dd_err *);
/*
 * The same for ever: its parameters are wiped, it is overwritten with zeros
 * where that is asked for, and the disk is told that nobody needs its blocks.
 * ERR_HELD: something uses it.  From the moment on that it is decided a crash
 * leaves it deleted, perhaps not wiped.
 */
int	store_destroy(struct store *, uint32_t n, bool overwrite,
	    struct progress *, struct dd_err *);

/* Who comes to the place, and its file: see the steps above.  Strings are the
 * caller's. */
struct store_flip {
	struct gen_name	 next;
	char		*from;		/* absolute path */
	/* What N.kernel of the one that goes out shall say; NULL: that
	 * stays. */
	const char	*kernel;
	/* The same of N.params, which is a copy of that file, and N.plain. */
	const char	*params;
	bool		 plain;
	/* The parameters file that follows from then on; NULL: what did. */
	const char	*tells;
	/* It is a kernel's: the path of the root that it goes with, and that
	 * root's flip, which was kept; or NULL. */
	const char	*root;
	const struct store_flip *root_flip;
	/* by store_keep */
	struct gen_name	 kept;		/* n 0: nobody was in place */
	bool		 tells_anew;	/* that one did not follow before */
	uint64_t	 ino;		/* of the next one's file */
	/* by store_settle */
	bool		 run;		/* N.run leads to the image now */
};

int	store_keep(struct store *, struct store_flip *, struct dd_err *);
int	store_unkeep(struct store *, struct store_flip *, struct dd_err *);
int	store_flip(struct store *, struct store_flip *, struct dd_err *);
int	store_unflip(struct store *, struct store_flip *, struct dd_err *);
/* When the flip is on the disk; and look again. */
int	store_settle(struct store *, struct store_flip *, struct dd_err *);
int	store_unsettle(struct store *, struct store_flip *, struct dd_err *);

/* What comes in from outside. */
struct store_incoming {
	const char	*source;
	uint32_t	 n;		/* the number it will have */
	bool		 keep_orig;	/* by copy, where it can't be cloned */
	bool		 no_sum;	/* it comes from the store itself */
	bool		 blank;		/* only its size comes */
	struct progress	*progress;
	/* out */
	char		*path;		/* of the file; the caller frees it */
	bool		 cloned;	/* it shares its blocks: no checksum */
	bool		 orig;		/* there is an N.orig */
	char		 sha256[65];	/* "" where it was cloned, or has more
					 * than 4 GiB of holes */
};

/*
 * Make the file incoming from a source: cloned where the file system can,
 * else copied, holes kept; with owner and mode of the image in place, and on
 * the disk.  On failure nothing is left.
 */
int	store_bring(struct store *, struct store_incoming *, struct dd_err *);
/* Did generation n come from that file, as it is now? */
bool	store_came_from(const struct store *, uint32_t n, const char *source);
/* Give back what store_bring made. */
void	store_give_back(struct store *, struct store_incoming *);

/* What came in becomes a generation that is out. */
int	store_admit(struct store *, const struct gen_name *, struct dd_err *);
void	store_unadmit(struct store *, const struct gen_name *);

/* Copy a small file to N.SUFFIX, mode 0600, its time of change kept. */
int	store_add(struct store *, uint32_t n, const char *suffix,
	    const char *source, struct dd_err *);
/* The same of what is in memory. */
int	store_add_text(struct store *, uint32_t n, const char *suffix,
	    const void *, size_t, struct dd_err *);
/* Make the link N.SUFFIX. */
int	store_link(struct store *, uint32_t n, const char *suffix,
	    const char *target, struct dd_err *);
/* Remove what was added for n, which is no generation yet. */
void	store_drop_added(struct store *, uint32_t n);
/* Remove N.SUFFIX of one that is. */
int	store_drop(struct store *, uint32_t n, const char *suffix,
	    struct dd_err *);

/* The parameters file that follows: 1, path is set; 0: none does; -1.  And it
 * does so no more: for who sees that it is not this image's alone. */
int	store_follower(const struct store *, char path[PATH_MAX],
	    struct dd_err *);
int	store_unfollow(struct store *, struct dd_err *);
/* The parameters file that follows is made to say what it should, if what it
 * says is `ours` (may be NULL), or a generation's, or it is not there. */
struct secret;
int	store_told(struct store *, const struct secret *ours,
	    struct dd_err *);

/*
 * A generation that is out and that a domU is to be started with: its path, in
 * fresh memory, stays right when it is put in place, marked, or taken out
 * again, so that the domU can reboot by itself.  The store, which may be
 * locked, is shared from then on: nobody else can lock it.  ERR_HELD: somebody
 * has.
 */
int	store_run_hold(struct store *, uint32_t n, char **path,
	    struct dd_err *);
/* Instead of store_lock, for who only uses generations. */
int	store_share(struct store *, struct dd_err *);

#endif
