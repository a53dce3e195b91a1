/*
 * Where a command's passphrases come from: the descriptor given with
 * --passphrase-fd, or what the command given with --passphrase-command prints,
 * one a line; or the terminal, without echo.  Or the keys themselves come from
 * --key-fd, one behind the other, and nobody is asked for a passphrase.
 *
 * A keygen of method shell_cmd runs, except where another program (the
 * console) runs drydock with --events: then somebody must have seen the
 * command, and says so by --allow-cmd with the SHA-256 of its text.
 */
#ifndef DD_CMD_PASSPHRASE_H
#define DD_CMD_PASSPHRASE_H

#include "core/cgd/keygen.h"

struct passphrase_args {
	const char	*fd, *command;
	const char	*key_fd;
};

#define PASSPHRASE_ARGS(v)						\
	{ 0, "passphrase-fd", ARG_STRING, &(v).fd, "FD",		\
	    "read passphrases there, one a line" },			\
	{ 0, "passphrase-command", ARG_STRING, &(v).command, "COMMAND",	\
	    "passphrases are what it prints, one a line" },		\
	{ 0, "key-fd", ARG_STRING, &(v).key_fd, "FD",			\
	    "read the key itself there, no keygen" }

struct passphrase_asker {
	struct cgd_asker	asker;
	int			fd;		/* -1: none */
	int			key_fd;		/* the same of keys */
	const char		*command;	/* or NULL */
	unsigned		asked;		/* of the command, till now */
	const char		*what;		/* in front of the prompt */
	const char		*allow_cmd;	/* --allow-cmd, or NULL */
};

/* args are kept, and so is what: the image or file that the passphrase is
 * for. */
int	passphrase_init(struct passphrase_asker *,
	    const struct passphrase_args *, const char *what,
	    struct dd_err *);
/* ERR_USAGE where one of them is given, since there are no parameters. */
int	passphrase_none(const struct passphrase_args *, struct dd_err *);
/* Can a wrong passphrase be asked for again (a terminal)? */
bool	passphrase_interactive(const struct passphrase_asker *);

#endif
