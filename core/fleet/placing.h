/*
 * Who is in place: everything that puts another generation at an image's path
 * (swap, rollback, snapshot, and writing to a managed image), as one job.
 */
#ifndef DD_FLEET_PLACING_H
#define DD_FLEET_PLACING_H

#include "core/base/hash.h"
#include "core/base/secret.h"
#include "core/fleet/life.h"
#include "core/fleet/record.h"
#include "core/fleet/target.h"

enum placing_how {
	PLACING_COMES,		/* source comes in from outside */
	PLACING_BACK,		/* generation n comes back */
	PLACING_PRISTINE,	/* a copy of n.orig, as a new generation */
	PLACING_WORK		/* a copy of the one in place, on which work is
				 * done */
};

/* Another key, or none, for what is in place. */
struct placing_key {
	const char		*what;		/* for the plan: from what to what */
	const struct secret	*params;	/* the new text; NULL: plain */
	/* The parameters file of what is in place, where those are not with
	 * its generation; NULL: it is plain. */
	const char		*was;
	/* The file that others take the parameters from, which is to follow;
	 * or NULL. */
	const char		*tells;
	bool			 makes;		/* that file is not there yet, and
					 * goes again if this is undone */
	/* Called before the domU is started, with what is in place then: old,
	 * when this is undone; or NULL. */
	int			(*ready)(void *arg, bool old, struct dd_err *);
	void			*arg;
};

/* Zeros and NULLs where nothing is asked for.  Strings are the caller's. */
struct placing {
	const struct config	*conf;
	const struct fleet	*fleet;
	struct progress		*progress;
	enum placing_how	 how;
	const char		*action;	/* "swap" */
	const char		*domu;		/* for the history, or NULL */
	const char		*image, *command, *note;
	const char		*source;
	bool			 move, keep_orig;
	/* It only comes in, with its kernel, as a generation that is out: is
	 * stays was.  Not with move. */
	bool			 stay_out;
	const char		*params;	/* that belong to the source */
	/* With PLACING_WORK: the key changes.  The copy is made empty, for
	 * work to fill, and a domU is shut down before that, not after. */
	const struct placing_key *key;
	uint32_t		 n;		/* 0: the one before */
	/* Change the file at path.  *changed false: there was nothing to
	 * change, and the one in place stays. */
	int			(*work)(void *arg, const char *path,
				    bool *changed, struct dd_err *);
	void			*arg;
	/* Of a root: the path of its domUs' kernel, or NULL; and a file that
	 * shall stand there from now on, or NULL. */
	const char		*kernel, *new_kernel;
	/* A domU to be shut down before and started after; or NULL. */
	const struct fleet_domu	*restart;
	/* Of that: only this disk is taken from it before, and given after; it
	 * runs on.  Or NULL. */
	const char		*live;		/* vdev */
	const struct life	*life;
	bool			 force;		/* kill one that won't shut
						 * down */
	const char		*plan;		/* --plan, or NULL */
	bool			 dry_run;	/* only plan: nothing is locked */

	/* What came of it. */
	char			 hash[HASH_HEX];	/* the plan */
	uint32_t		 was, is;	/* was 0: nobody was in place */
	struct gen_name		 next;
	bool			 cloned, orig, unchanged;
	char			 sha256[65];
	uint32_t		 kernel_was, kernel_is;	/* 0: it stays */

	/* Ours. */
	bool			 down;		/* it, or its disk */
	int			 domu_lock;
	char			*spec;		/* of the disk, with live */
	struct store		*store, *kstore;
	struct store_flip	 flip, kflip;
	struct store_incoming	 in, kin;
	struct record		 record;
	int			 lock;
	char			*from, *kfrom, *kernel_word;
};

/*
 * Lock the image's generations, and settle what is to be done: was, next and
 * hash are set.  Changes nothing but what a crash has left.
 */
int	placing_plan(struct placing *, struct dd_err *);
/* Do it.  After placing_plan, which it calls where that was not done. */
int	placing_run(struct placing *, struct dd_err *);
void	placing_dispose(struct placing *);

/* The kernel that goes with a generation: its path, in fresh memory, or NULL;
 * and its own generation, 0 where it has none. */
int	placing_kernel_of(const struct generation *, char **path, uint32_t *k,
	    struct dd_err *);

/*
 * Delete generation n of an image, with the kernel that only it went with.
 * ino: it must be that file (ERR_PLAN).  Its store is locked meanwhile.
 */
int	placing_delete(const char *image, uint32_t n, uint64_t ino,
	    struct dd_err *);

/* The same, so that nobody reads it again: see store_destroy. */
int	placing_destroy(const char *image, uint32_t n, uint64_t ino,
	    bool overwrite, struct progress *, struct dd_err *);

/*
 * Bring what a crash left of an image's generations, and of the kernel that
 * goes with them, to its end; was it interrupted?
 */
int	placing_recover(const char *image, bool *interrupted,
	    struct dd_err *);

#endif
