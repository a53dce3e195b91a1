/*
 * drydock.conf: in xl.conf syntax.  Keys: config_dirs, state_dir, driver,
 * keep, theme, watch, max_unavailable, full_warning, full_error, refresh, keys,
 * mouse, bar, columns_fleet, _generations, _history, _files.
 */
#ifndef DD_FLEET_CONFIG_H
#define DD_FLEET_CONFIG_H

#include "core/fleet/xen_ops.h"

#define CONFIG_PATH		"/etc/drydock.conf"
#define CONFIG_PATH_PKGSRC	"/usr/pkg/etc/drydock.conf"

#define CONFIG_MAX		(1024 * 1024)	/* bytes of a file */

/* A list of strings, and the line that each stands in. */
struct config_list {
	char	**v;
	unsigned *lines;
	size_t	 n;
};

struct config {
	char	*path;		/* the file read; NULL: none, all defaults */
	char	**config_dirs;	/* NULL-terminated; where xl.cfg files lie */
	char	*state_dir;
	char	*driver;	/* "direct", "kernel"; NULL: as suits the host */
	char	*theme;		/* a name or a path; NULL: the built-in one */
	unsigned keep;		/* generations of an image, at least 1 */
	unsigned watch;		/* seconds */
	unsigned max_unavailable;
	unsigned full_warning, full_error;	/* percent; 0: as usual */
	unsigned refresh;	/* seconds; 0: the console does not watch Xen */
	struct config_list keys;	/* "rollback=u"; not checked */
	/* Columns that the console's lists show; none: all. */
	struct config_list columns_fleet, columns_generations,
		columns_history, columns_files;
	unsigned mouse;		/* 0: the console does not ask for one */
	char	*bar;		/* "letters" or "functions"; NULL: letters */
	unsigned lines[32];	/* of each key, as config_each counts them; 0:
				 * its default */
};

#define CONFIG_FULL_WARNING	90	/* percent, as usual */
#define CONFIG_FULL_ERROR	97

/*
 * path NULL: the first of the default places that exists, else defaults
 * (config_dirs: /etc/xen, /usr/pkg/etc/xen and their auto/ where they
 * exist).  A path given but missing is an error.  Relative
 * directories count from the file's own.  Unknown keys, duplicate keys and
 * values of the wrong kind are errors that name the line.
 */
int	config_load(const struct xen_ops *, const char *path,
	    struct config *, struct dd_err *);
void	config_dispose(struct config *);

/* Tell fn of each key: its name, what it is, escaped, and the line that says so
 * (0: none, it is the default). */
typedef void config_fn(void *arg, const char *name, const char *value,
	    unsigned line);
void	config_each(const struct config *, config_fn *, void *arg);
/* The line of a key, or 0. */
unsigned config_line(const struct config *, const char *name);

#endif
