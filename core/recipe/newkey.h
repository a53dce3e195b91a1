/*
 * Another key for an image, or none, or a first one: everything in it is
 * deciphered with the key that it has and ciphered with the one that it is to
 * have.  What is in it stays as it is, byte for byte.
 *
 *	newkey_open	the image with its key; is what is asked for possible?
 *	newkey_copy	a new file under the new key, and the proof of it
 *
 * What is not a file system of ours (swap, say) is compared byte for byte; an
 * FFS is checked before and after as well, and the manifest of its tree must
 * come out the same.
 */
#ifndef DD_RECIPE_NEWKEY_H
#define DD_RECIPE_NEWKEY_H

#include <sys/stat.h>

#include "core/base/hash.h"
#include "core/cgd/recrypt_copy.h"
#include "core/tree/image.h"

struct newkey {
	/* The caller's. */
	const char		*image;		/* path */
	struct image_opts	 was;		/* its parameters, if any */
	bool			 whole;		/* plain: the label, too */
	bool			 sparse, no_readback;
	uint32_t		 sector_size;	/* 0: as before */
	/* What it is to have; NULL: none.  The key may come after
	 * newkey_open. */
	const struct cgd_params	*params;
	const struct secret	*key;
	struct progress		*progress;

	/* By newkey_open. */
	struct image		*im;
	struct stat		 seen;		/* of the file, then */
	struct image_crypt	 at;
	uint64_t		 size;		/* of the file */
	bool			 ffs;		/* that is what is in it */
	uint32_t		 fsize;		/* its fragments, bytes */
	/* By newkey_copy. */
	char			 manifest[HASH_HEX];	/* "": none was made */
	uint64_t		 holes;		/* bytes that stayed holes */
	struct recrypt_range	*skip;
	size_t			 nskip;
};

/*
 * Open it.  ERR_PERM: the key does not fit what is in it.  A domU may be
 * running with it: nothing is looked at but where its file system is.
 */
int	newkey_open(struct newkey *, struct dd_err *);
/* A verify method that fits what is in it. */
enum cgd_verify newkey_verify(struct newkey *);
/* Can it have r->params?  ERR_UNSUP and ERR_USAGE say what is in the way. */
int	newkey_check(struct newkey *, struct dd_err *);
/*
 * Under the lock of who changes it: is it what newkey_open has seen?  ERR_HELD:
 * another job was there between.  written: a domU was running with it, and what
 * it wrote is seen now.
 */
int	newkey_again(struct newkey *, bool written, struct dd_err *);
/*
 * Fill the file at target, which has the size of the image and no content.
 * Nobody may be writing to the image.  params: path of r->params, on the disk,
 * with which it is opened again; asker is asked for them.  On the disk when it
 * returns.
 */
int	newkey_copy(struct newkey *, const char *target, const char *params,
	    struct cgd_asker *, struct dd_err *);
/*
 * For who changes it in place: r->manifest is made, where it can be; and made
 * again, of the image as it is then, with the parameters at that path (NULL:
 * plain) and their key.
 */
int	newkey_before(struct newkey *, struct dd_err *);
int	newkey_manifest(const char *image, const char *parts,
	    const char *params, const struct recrypt_side *,
	    struct progress *, char hex[HASH_HEX], struct dd_err *);
void	newkey_dispose(struct newkey *);

#endif
