/*
 * An image re-encrypted in place: resumable, safe against a power cut at any
 * instant.
 *
 *	file_open(image, FILE_WRITE | FILE_REKEY, 0, &file)	takes the lock
 *	inplace_begin(file, &plan)		the state is on the disk
 *	inplace_open(file, &from, &to, &ip)	keys checked, a cut repaired
 *	inplace_run(ip, progress, &paused)
 *	... the caller's part: the parameters file is replaced ...
 *	inplace_finish(ip)			the state is gone
 *	inplace_close(ip)
 *
 * To go on later: rekey_read (core/disk/rekey_state.h) tells what was begun,
 * with the paths of the parameters; the rest is the same without
 * inplace_begin.  What the caller does between run and finish it must be able
 * to do twice: a cut in between leads there again.
 *
 * From inplace_begin on every other command refuses the image.
 */
#ifndef DD_CGD_INPLACE_H
#define DD_CGD_INPLACE_H

#include <stdbool.h>

#include "core/base/progress.h"
#include "core/cgd/recrypt.h"
#include "core/disk/blk.h"
#include "core/disk/rekey_state.h"

#define INPLACE_AREA	((size_t)8 << 20)	/* bytes of a step */

struct inplace_plan {
	struct recrypt_side	 from, to;
	const char		*from_path;	/* of the parameters file, */
	const char		*to_path;	/* absolute; NULL: plain */
	const char		*note;		/* the caller's; NULL: "" */
	/* The cgd, or what becomes it, in the file: len a multiple of both
	 * sector sizes, off of the file's. */
	uint64_t		 off, len;
	size_t			 area;		/* 0: INPLACE_AREA; else a
						 * multiple of RECRYPT_UNIT */
};

/*
 * Make the state beside the image, durably; nothing is written to the image.
 * file: made by file_open, locked; it stays the caller's.  A change of the
 * image that was cut short is finished, and its way back (overlay.h) forgotten.
 *
 * ERR_EXIST: there is a state already.  ERR_UNSUP: a block device, an image
 * with more names than one, a length that does not fit the sectors.  Whatever
 * the error, no state is left.
 */
int	inplace_begin(struct blk *file, const struct inplace_plan *,
	    struct dd_err *);

struct inplace;

/*
 * Open what was begun.  The keys are compared with those of the begin (ERR_PERM
 * names the one that is another: nothing was written), then a step that was
 * cut short is done again.  Neither sides nor keys are kept; file is used until
 * inplace_close, and stays the caller's.  ERR_NOENT: nothing was begun.
 *
 * ERR_CORRUPT: the image or the state is not what it was when this stopped:
 * nothing is written.  Any other error: it may be tried again.
 */
int	inplace_open(struct blk *file, const struct recrypt_side *from,
	    const struct recrypt_side *to, struct inplace **,
	    struct dd_err *);
void	inplace_close(struct inplace *);	/* NULL is fine */

/* With .done exact. */
const struct rekey_state *inplace_state(const struct inplace *);

/*
 * Go on until all is done, or until a pause is asked for: by inplace_ask_pause
 * or by p's cancel flag, which are looked at between two steps.  On success
 * *paused tells which.  p may be NULL.
 *
 * An error is ERR_RECOVER, its sys that of the call that failed (ENOSPC, EIO,
 * ...): nothing is lost, and after inplace_close all can be opened again.
 */
int	inplace_run(struct inplace *, struct progress *p, bool *paused,
	    struct dd_err *);

/* All is done, or nothing yet, and the state may go: durably.  Else
 * ERR_RECOVER. */
int	inplace_finish(struct inplace *, struct dd_err *);

/* Ask whoever re-encrypts the image to pause; returns at once.  ERR_NOENT:
 * nobody does. */
int	inplace_ask_pause(const char *image, struct dd_err *);

#endif
