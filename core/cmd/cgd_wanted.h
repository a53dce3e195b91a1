/* New cgd parameters, as a command line asks for them. */
#ifndef DD_CMD_CGD_WANTED_H
#define DD_CMD_CGD_WANTED_H

#include "core/cgd/params.h"
#include "core/cmd/cmd.h"

struct cgd_wanted {
	const char	*algorithm, *bits;	/* bits NULL: the usual */
	const char	*ivmethod, *verify;
	struct arg_list	 keygens;		/* none: pkcs5_pbkdf2/sha1, */
	bool		 keyless;		/* or really none */
};

/* Make them, with fresh salts and keys and their text.  ERR_USAGE names what
 * there is no such of.  The caller disposes of *p in any case. */
int	cgd_wanted_make(const struct cgd_wanted *, struct cgd_params *p,
	    struct dd_err *);

#endif
