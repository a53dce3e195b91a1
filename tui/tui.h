/* The console: what main starts where no command is given. */
#ifndef DD_TUI_TUI_H
#define DD_TUI_TUI_H

#include "core/fleet/config.h"

struct tui_params {
	const struct xen_ops	*xen;
	const char		*program;	/* argv[0], to run ourselves */
	const char		*config_path;	/* --config, or NULL */
	const char		*theme;		/* --theme, or NULL */
	const char *const	*commands;	/* names of drydock's commands,
						 * NULL at the end */
};

/*
 * Runs until the operator leaves, or SIGTERM or SIGHUP comes; the terminal is
 * then as it was.  Children that still run go on.
 */
int	tui_run(const struct tui_params *, struct dd_err *);

#endif
