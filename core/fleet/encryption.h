/*
 * What a parameters file tells of an image's encryption without any key: the
 * cipher, where the key comes from, and how old it is.
 *
 * The key itself is never made, nothing that the file names is run, and what
 * is read of the file stays in locked memory and is wiped.
 */
#ifndef DD_FLEET_ENCRYPTION_H
#define DD_FLEET_ENCRYPTION_H

#include "core/base/buf.h"
#include "core/fleet/fleet.h"

/* Reasons to change it; bits. */
enum encryption_weakness {
	ENCRYPTION_FEW_ITERATIONS = 1,	/* of pkcs5_pbkdf2 */
	ENCRYPTION_OPEN_KEY = 2,	/* a storedkey that others may read */
	ENCRYPTION_SMALL_BLOCKS = 4	/* a cipher of 64-bit blocks */
};
#define ENCRYPTION_ITERATIONS	10000	/* fewer are few */

struct encryption_keygen {
	const char	*method;	/* "argon2id"; never freed */
	uint32_t	 iterations;	/* 0: has none */
	uint32_t	 memory;	/* KiB; 0: has none */
};

struct encryption {
	enum dd_code	 code;		/* why the file can't be read: */
	char		*error, *hint;	/* or NULL; then nothing else is set */
	char		*algorithm;	/* "aes-xts" */
	uint32_t	 keylen;	/* bits */
	const char	*verify;	/* "ffs"; never freed */
	struct encryption_keygen *keygens;	/* XORed */
	unsigned	 nkeygens;
	unsigned	 passphrases;	/* that the keygens ask for */
	bool		 random;	/* a new key each time */
	unsigned	 weak;		/* bits of encryption_weakness */
	unsigned	 mode;		/* of the file: 0600 */
	/* Seconds since 1970.  Another passphrase makes another file for the
	 * same key, so the key may be older than its file; when it was made is
	 * known of one that drydock made by rekey, else 0. */
	int64_t		 file_time, key_time;
};

/* Read the file at path.  What is wrong with it becomes its error; NULL: out
 * of memory. */
struct encryption *encryption_read(const char *path);
void	encryption_free(struct encryption *);	/* NULL is fine */

/* That of each disk of the fleet whose parameters are known. */
int	encryption_load(struct fleet *, struct dd_err *);

/* Add to a domU's findings what is wrong with a disk's parameters, or weak;
 * label is what the disk is called. */
int	encryption_check(struct fleet_findings *, const struct fleet_disk *,
	    const char *label, struct dd_err *);

/* "aes-xts 256" */
void	encryption_cipher(const struct encryption *, struct buf *);
/* "pkcs5_pbkdf2/sha1 of 50000 iterations and storedkey; verified by ffs" */
void	encryption_key(const struct encryption *, struct buf *);
/* "key since 2026-11-26", "parameters since 2024-03-01, the key may be older" */
void	encryption_age(const struct encryption *, struct buf *);

#endif
