/*
 * The encryption of a domU's images: what can be asked for, when that makes
 * sense, and the menu of it.
 */
#ifndef DD_TUI_CIPHER_H
#define DD_TUI_CIPHER_H

#include "tui/views.h"

/* In the order of the menu. */
#define CIPHER_COMMANDS	CMD_PASSPHRASE, CMD_REKEY, CMD_REKEY_PAUSE, \
	CMD_REKEY_RESUME

/* One of them, or CMD_ENCRYPTION? */
bool	cipher_is_command(enum cmd);
/* Why not; NULL: it can be asked for.  d may be NULL.  Valid until the next
 * call. */
const char *cipher_why_not(const struct fleet_domu *d, enum cmd);
/* Open the form; CMD_ENCRYPTION opens the menu. */
void	cipher_command(struct app *, const struct fleet_domu *, enum cmd);

/* For who shows a job: can the re-encryption of that image ("web1:local") go
 * on?  Then ask for the passphrases. */
bool	cipher_can_resume(const struct model *, const char *word);
void	cipher_resume(struct app *, const char *word);
/* Make it pause. */
void	cipher_pause(struct app *, const char *word);

#endif
