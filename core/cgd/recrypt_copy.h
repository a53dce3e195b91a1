/*
 * A whole image from one key to another, as a new file: some threads, each of
 * which reads, ciphers and writes a chunk at a time, so that all cores and the
 * disk are at work together.
 */
#ifndef DD_CGD_RECRYPT_COPY_H
#define DD_CGD_RECRYPT_COPY_H

#include "core/base/progress.h"
#include "core/cgd/recrypt.h"

struct recrypt_range {
	uint64_t	off, len;	/* bytes of the file */
};

struct recrypt_copy {
	int		 from, to;	/* regular files of the same size */
	const char	*source, *target;	/* for messages */
	uint64_t	 size;
	struct recrypt_range cgd;	/* what of it is under a key, or will
					 * be; the rest is copied as it is */
	struct recrypt_side was, is;
	/* Ascending: what nobody needs, and stays as it is in `to`. */
	const struct recrypt_range *skip;
	size_t		 nskip;
	/* Let the disk begin to write what is there now; or NULL.  Any of the
	 * threads calls it. */
	void		(*soon)(int fd, uint64_t off, uint64_t len);
	const char	*what;		/* "encrypting" */
	struct progress	*progress;
};

/* Written, and on its way to the disk; not synced. */
int	recrypt_copy(const struct recrypt_copy *, struct dd_err *);
/* Is it the same plaintext in both?  ERR_IO says where it is not. */
int	recrypt_compare(const struct recrypt_copy *, struct dd_err *);

#endif
