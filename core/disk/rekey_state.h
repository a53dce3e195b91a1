/*
 * An image that is being re-encrypted in place, as a file beside it tells:
 * .drydock-INO.rekey.  While there is one, a part of the image is under the
 * new key and the rest under the old one, so that nobody but who goes on with
 * it (core/cgd/inplace.h) has any use of the image: file_open refuses it.
 *
 * It is made in one piece, by a rename, and never grows.  It holds no key:
 * of each a check value, which tells whether another key is the same.
 */
#ifndef DD_DISK_REKEY_STATE_H
#define DD_DISK_REKEY_STATE_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "core/base/err.h"

#define REKEY_ID	16
#define REKEY_CHECK	16		/* bytes of a key's check value */
#define REKEY_NAME	32		/* of an algorithm, with its NUL */
#define REKEY_TEXT	4096		/* of a path or note, with its NUL */

struct rekey_side {
	char		 algorithm[REKEY_NAME];	/* "": plain */
	char		 ivmethod[REKEY_NAME];
	uint32_t	 keylen;		/* bits */
	uint32_t	 sector_size;
	uint8_t		 salt[REKEY_CHECK], check[REKEY_CHECK];
	char		 params[REKEY_TEXT];	/* absolute path; "": plain */
};

struct rekey_state {
	uint64_t	 ino, image_size;
	uint64_t	 off, len;	/* of the cgd in the image, bytes */
	uint64_t	 area;		/* bytes of one step */
	time_t		 begun;
	uint8_t		 id[REKEY_ID];	/* random: one rekey's */
	struct rekey_side from, to;
	char		 image[REKEY_TEXT];	/* absolute path, then */
	char		 note[REKEY_TEXT];	/* the caller's */
	/* of len, under the new key; may be one area ahead of what recovery
	 * will find */
	uint64_t	 done;
};

/* Its path, in fresh memory: beside the file that the path leads to. */
int	rekey_path(const char *image, ino_t, char **path, struct dd_err *);

/*
 * Read it.  Returns 1: *st is filled; 0: there is none, and the image is none
 * that it could be of (a device); -1: ERR_CORRUPT: damaged; ERR_PERM: of a
 * foreign user, or not to be read by this one.
 */
int	rekey_read(const char *image, struct rekey_state *st,
	    struct dd_err *);

/* 0 to 99, and 100 when all is done. */
unsigned rekey_percent(const struct rekey_state *);

/*
 * ERR_HELD when the image (ino: what the caller has open) is being
 * re-encrypted, whether somebody is at work on it now or not; and the errors
 * of rekey_read.  Cheap where there is no such file.
 */
int	rekey_refuse(const char *image, ino_t ino, struct dd_err *);
/* The same for whatever file the path leads to; none is fine. */
int	rekey_refuse_at(const char *image, struct dd_err *);

/* Is somebody at work on it, who has locked the image? */
int	rekey_at_work(const char *image, bool *yes, struct dd_err *);

/*
 * A state that was begun for this very path, but of another file: the image was
 * replaced, or moved away without it.  *path: the first one's, in fresh memory,
 * NULL: there is none.
 */
int	rekey_stale(const char *image, char **path, struct dd_err *);

#endif
