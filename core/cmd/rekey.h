/* Inside core/cmd: drydock rekey, between rekey.c and its parts. */
#ifndef DD_CMD_REKEY_H
#define DD_CMD_REKEY_H

#include "core/cmd/cgd_wanted.h"
#include "core/cmd/encrypted.h"
#include "core/cmd/place.h"
#include "core/cmd/remember.h"
#include "core/recipe/newkey.h"

struct rekeying {
	struct managing		 m;
	/* arguments */
	struct image_args	 args;		/* of the image as it is */
	struct passphrase_args	 passphrase;
	struct cgd_wanted	 wanted;
	const char		*new_params;
	bool			 plain, yes, in_place, pause, resume;
	uint64_t		 new_sector_size;
	/* what is meant */
	struct encrypted	 x;
	char			*tells;		/* see struct placing_key */
	char			*shared_with;	/* a domU that has the same
						 * parameters file, or NULL */
	/* what is to be */
	struct cgd_params	 is;
	struct secret		 key;
	struct remembering	 answers;
	struct passphrase_asker	 fresh;
	bool			 missing;	/* what the configuration names is
						 * not there */
	struct placing_key	 change;
	struct buf		 what;		/* "aes-xts 256 to plain" */
	struct newkey		 r;
};

/* "aes-xts 256 (argon2id)", "plain": what it has, or is to have. */
void	rekey_put_side(struct buf *, const struct cgd_params *);
/* Where dom0 decrypts, whoever starts the domU needs the key of what is in
 * place: the old one or the new one.  arg: struct rekeying. */
int	rekey_unlock(void *arg, bool old, struct dd_err *);
/* What was done, or would be. */
int	rekey_report(struct rekeying *, struct dd_err *);

#endif
