/*
 * Inside core/cmd: drydock rekey --in-place.  Beside the image stand, until all
 * is done, the state (core/disk/rekey_state.h) and copies of both parameters
 * files, so that what others have of them can change at any moment:
 *
 *	.drydock-INO.rekey.from		the old ones
 *	.drydock-INO.rekey.to		the new ones
 */
#ifndef DD_CMD_REKEY_PLACE_H
#define DD_CMD_REKEY_PLACE_H

#include "core/cgd/inplace.h"
#include "core/cmd/rekey.h"

struct rekey_place {
	struct rekeying		*k;
	const struct cmd_env	*env;
	const char		*image;
	struct store		*store;		/* locked; NULL: not managed */
	struct blk		*file;
	struct inplace		*ip;
	char			*from_path, *to_path;	/* NULL: plain */
	struct recrypt_side	 from, to;
	/* Of a resumption; else they are k's. */
	struct cgd_params	 from_params, to_params;
	struct secret		 from_key, to_key;
	/* Which file gets the new parameters in the end; "": none.  And the
	 * manifest of the tree, or "". */
	char			 dest[REKEY_TEXT], manifest[HASH_HEX];
	bool			 managed, begun, paused, down;
	bool			 done;	/* all of it is under the new key */
	int			 domu_lock;
	unsigned		 percent;
	struct record		 record;
};

/* rekey_place.c: k is found, looked at, and has its new key. */
int	rekey_place(struct rekeying *, const struct cmd_env *,
	    struct dd_err *);
/* rekey_resume.c: an image that was found. */
int	rekey_resume(struct rekeying *, const struct cmd_env *,
	    struct dd_err *);
int	rekey_pause(struct rekeying *, struct dd_err *);

/* For both: the job, its step from an open state to the end (ctx: struct
 * rekey_place), and how it ended. */
int	rekey_place_job(struct rekey_place *, const struct job_step *,
	    struct dd_err *);
int	rekey_place_go(void *ctx, struct dd_err *);
int	rekey_place_report(struct rekey_place *, struct dd_err *);
/* rekey_deliver.c: all of the image is under the new key. */
int	rekey_place_deliver(struct rekey_place *, struct dd_err *);
/* The paths of the copies, in from_path and to_path; plain ones too. */
int	rekey_place_names(struct rekey_place *, uint64_t ino, struct dd_err *);
/* The copies that a crash left of one that had not begun, or was done: *removed
 * tells whether there were any. */
int	rekey_place_sweep(const char *image, bool *removed,
	    struct dd_err *);
/* The image and its generations are others' again. */
void	rekey_place_release(struct rekey_place *);
void	rekey_place_dispose(struct rekey_place *);

#endif
