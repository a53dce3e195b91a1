/*
 * cgdconfig(8) parameters files.
 *
 * Read with its grammar, its defaults and its oddities (FACTS: statements end
 * at ';' or newline, '#' comments end there, too; base64 values may be several
 * words; the last scalar wins, keygens add up in order; the old keygen_* and
 * xor_key spelling).  The text is kept, so that what is rewritten keeps its
 * comments and the statements that we do not know.
 *
 * The text may hold keys: it lives in locked memory.
 */
#ifndef DD_CGD_PARAMS_H
#define DD_CGD_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/secret.h"

#define CGD_PARAMS_MAX	16384		/* bytes of a parameters file */
#define CGD_KEYGENS_MAX	16
#define CGD_KEY_MAX	64		/* bytes: aes-xts 512 */

enum cgd_verify {
	CGD_VERIFY_NONE, CGD_VERIFY_DISKLABEL, CGD_VERIFY_FFS,
	CGD_VERIFY_MBR, CGD_VERIFY_GPT, CGD_VERIFY_REENTER
};

enum cgd_method {
	CGD_PBKDF2_SHA1,	/* pkcs5_pbkdf2/sha1 */
	CGD_PBKDF2_OLD,		/* pkcs5_pbkdf2: block index from 0 */
	CGD_STOREDKEY,
	CGD_RANDOMKEY,
	CGD_URANDOMKEY,
	CGD_SHELL_CMD,
	CGD_ARGON2ID
};

/* A bit string as in the file: whole bytes; bits as said in front. */
struct cgd_bits {
	struct secret	 bytes;
	uint32_t	 bits;
};

struct cgd_keygen {
	enum cgd_method	 method;
	uint32_t	 iterations;	/* 0: not said */
	uint32_t	 memory;	/* KiB, argon2id */
	uint32_t	 parallelism;
	uint32_t	 version;	/* 19 */
	struct cgd_bits	 salt, key;
	char		*cmd;
	char		*shared_id;	/* NULL: not shared */
	struct cgd_bits	 subkey;
};

struct cgd_params {
	struct secret	 text;		/* as read, or as generated */
	char		*algorithm;
	char		*ivmethod;	/* default "encblkno1" */
	uint32_t	 keylen;	/* bits */
	enum cgd_verify	 verify;
	struct cgd_keygen keygens[CGD_KEYGENS_MAX];
	unsigned	 nkeygens;
	char		*unknown;	/* first statement that is not known:
					 * "line 3: colour"; or NULL */
};

/* Parse; name is for messages, which tell the line.  *p is filled on success
 * only. */
int	cgd_params_parse(const void *text, size_t len, const char *name,
	    struct cgd_params *p, struct dd_err *e);
int	cgd_params_read(const char *path, struct cgd_params *p,
	    struct dd_err *e);
void	cgd_params_dispose(struct cgd_params *p);

/* The text of params whose fields were set by hand, as cgdconfig writes it,
 * into p->text. */
int	cgd_params_generate(struct cgd_params *p, struct dd_err *e);

/* For who writes a file anew with other keygens: the text without those that it
 * has, and the text of those that p has. */
int	cgd_params_cut_keygens(const struct cgd_params *p,
	    struct secret *text, struct dd_err *e);
int	cgd_params_keygens_text(const struct cgd_params *p,
	    struct secret *text, struct dd_err *e);

/* Does any keygen ask for a passphrase; can it yield the same key twice? */
bool	cgd_params_wants_passphrase(const struct cgd_params *p);
bool	cgd_params_is_random(const struct cgd_params *p);

const char *cgd_method_name(enum cgd_method);
const char *cgd_verify_name(enum cgd_verify);
int	cgd_method_parse(const char *);		/* -1: unknown */
int	cgd_verify_parse(const char *);

/* Base64 of be32(bits) and the bytes, as in parameters files. */
int	cgd_bits_decode(const char *b64, size_t len, struct cgd_bits *,
	    struct dd_err *e);
int	cgd_bits_encode(const struct cgd_bits *, struct secret *text,
	    struct dd_err *e);

#endif
