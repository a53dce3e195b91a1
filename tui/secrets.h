/*
 * Passphrases on their way from a form to the commands that it leads to: in
 * locked memory, wiped when the last who refers to them lets go.  They reach a
 * command through a descriptor; nothing shows them or writes them down.
 */
#ifndef DD_TUI_SECRETS_H
#define DD_TUI_SECRETS_H

#include "core/base/secret.h"

struct secrets {
	unsigned	refs;
	struct secret	lines;	/* with a newline between two */
};

/* No lines, one reference; NULL with e. */
struct secrets *secrets_new(struct dd_err *);
/* Add a line. */
int	secrets_add(struct secrets *, const void *, size_t len,
	    struct dd_err *);
struct secrets *secrets_ref(struct secrets *);	/* NULL is fine */
void	secrets_unref(struct secrets *);	/* NULL is fine */

#endif
