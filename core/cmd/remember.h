/*
 * New passphrases: passed on to who asks for them, and kept, so that what is
 * written can be opened with them without asking again.
 */
#ifndef DD_CMD_REMEMBER_H
#define DD_CMD_REMEMBER_H

#include "core/cgd/keygen.h"

struct remembering {
	struct cgd_asker	 asker;
	struct cgd_asker	*real;		/* NULL: answer again */
	struct secret		 said[CGD_KEYGENS_MAX];
	unsigned		 n, at;
	struct secret		 key;		/* or the key itself */
};

/* real is kept.  Refused: what nobody could type (ERR_USAGE). */
void	remember_init(struct remembering *, struct cgd_asker *real);
/* From now on it gives the answers that were given, from the first on. */
void	remember_replay(struct remembering *);
void	remember_dispose(struct remembering *);

#endif
