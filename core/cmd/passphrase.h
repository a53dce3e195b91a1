/*
 * Where a command's passphrases come from: the descriptor given with
 * --passphrase-fd, one a line, or the terminal, without echo.
 *
 * A keygen of method shell_cmd runs, except where another program (the
 * console) runs drydock with --events: then somebody must have seen the
 * command, and says so by --allow-cmd with the SHA-256 of its text.
 */
#ifndef DD_CMD_PASSPHRASE_H
#define DD_CMD_PASSPHRASE_H

#include "core/cgd/keygen.h"

struct passphrase_asker {
	struct cgd_asker	asker;
	int			fd;		/* -1: the terminal */
	const char		*what;		/* in front of the prompt */
	const char		*allow_cmd;	/* --allow-cmd, or NULL */
};

/* fd_arg: the option's value, or NULL for the terminal.  what: the image or
 * file that the passphrase is for; kept. */
int	passphrase_init(struct passphrase_asker *, const char *fd_arg,
	    const char *what, struct dd_err *);
/* Can a wrong passphrase be asked for again (a terminal)? */
bool	passphrase_interactive(const struct passphrase_asker *);

#endif
