/*
 * From a parameters file to a key, and does the key fit?
 */
#ifndef DD_CGD_KEYGEN_H
#define DD_CGD_KEYGEN_H

#include "core/cgd/params.h"
#include "core/disk/blk.h"

/*
 * Where passphrases come from, and whether commands may run.  Asked once for
 * each keygen that wants one, in the file's order.
 */
struct cgd_asker {
	/* prompt: for a terminal.  The callee fills *pass (caller frees). */
	int	(*passphrase)(struct cgd_asker *, const char *prompt,
		    struct secret *pass, struct dd_err *);
	/* May this shell_cmd be run?  NULL: yes. */
	int	(*may_run)(struct cgd_asker *, const char *cmd,
		    struct dd_err *);
	unsigned limit;		/* seconds that it may take; 0: any */
	/* Gives the key itself, of len bytes: no keygen is asked for anything
	 * then.  NULL: the keygens make it. */
	int	(*key)(struct cgd_asker *, size_t len, struct secret *key,
		    struct dd_err *);
};

/*
 * Make the key: XOR of all keygens in order.  As NetBSD does it: the
 * result has the longest's length, only the shortest's bytes are XORed, the
 * rest is zero.  key->len is keylen / 8.
 */
int	cgd_key_make(const struct cgd_params *, struct cgd_asker *,
	    struct secret *key, struct dd_err *);

/* PBKDF2-HMAC-SHA1; old: with cgdconfig's block index from 0. */
int	cgd_pbkdf2(const struct secret *pass, const struct cgd_bits *salt,
	    uint32_t iterations, bool old, struct secret *key,
	    struct dd_err *);

/* Iterations of pkcs5_pbkdf2/sha1 that take about a second here. */
int	cgd_pbkdf2_calibrate(size_t keylen, uint32_t *iterations,
	    struct dd_err *);

/* Fill keygen kg, whose method is set, with fresh salt or key and costs. */
int	cgd_keygen_fresh(struct cgd_keygen *kg, uint32_t keylen,
	    struct dd_err *);

/*
 * Does the decrypted device look right?  `plain` is the cgd layer.  *fits is
 * set on success; with method none and re-enter always.
 */
int	cgd_verify_layer(struct blk *plain, enum cgd_verify, bool *fits,
	    struct dd_err *);

#endif
