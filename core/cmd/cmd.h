/*
 * Commands: one file a command in this folder, arguments in, core calls, text
 * or JSON out.  The table is in main.c.
 */
#ifndef DD_CMD_CMD_H
#define DD_CMD_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/err.h"
#include "core/base/progress.h"
#include "core/fleet/config.h"
#include "core/fleet/xen_ops.h"

/* What main hands to a command. */
struct cmd_env {
	const struct xen_ops	*xen;
	const char		*config_path;	/* --config, or NULL */
	int			 events_fd;	/* --events, or -1 */
	const char		*argv0;
	const char		*command;	/* line, as one would type it */
	struct progress		*progress;	/* never NULL */
};

struct cmd {
	const char	*name;		/* "list", or "prepare root" */
	const char	*args;		/* "[--json] DOMU" */
	const char	*summary;	/* one line, no full stop */
	/* argv[0] is the command's last word.  Returns 0, or -1 with e. */
	int		(*run)(const struct cmd_env *, int argc, char **argv,
			    struct dd_err *);
};

/* One for each file in core/cmd. */
#define CMD(fn)	int fn(const struct cmd_env *, int, char **, struct dd_err *)
CMD(cmd_adopt);
CMD(cmd_bad);
CMD(cmd_cat);
CMD(cmd_cgd_key_check);
CMD(cmd_cgd_passwd);
CMD(cmd_cgd_params_new);
CMD(cmd_check);
CMD(cmd_console);
CMD(cmd_cp);
CMD(cmd_create);
CMD(cmd_destroy);
CMD(cmd_devices);
CMD(cmd_diff);
CMD(cmd_disk);
CMD(cmd_doctor);
CMD(cmd_list);
CMD(cmd_generations);
CMD(cmd_good);
CMD(cmd_history);
CMD(cmd_hotplug_add);
CMD(cmd_hotplug_remove);
CMD(cmd_kill);
CMD(cmd_lock);
CMD(cmd_ls);
CMD(cmd_merge_etc);
CMD(cmd_new);
CMD(cmd_pause);
CMD(cmd_pin);
CMD(cmd_prepare_local);
CMD(cmd_prepare_root);
CMD(cmd_prune);
CMD(cmd_reboot);
CMD(cmd_recover);
CMD(cmd_rekey);
CMD(cmd_rescan);
CMD(cmd_rollback);
CMD(cmd_show);
CMD(cmd_shutdown);
CMD(cmd_snapshot);
CMD(cmd_start);
CMD(cmd_stat);
CMD(cmd_swap);
CMD(cmd_theme_check);
CMD(cmd_theme_list);
CMD(cmd_theme_show);
CMD(cmd_tree);
CMD(cmd_try);
CMD(cmd_undo);
CMD(cmd_unlock);
CMD(cmd_unpause);
CMD(cmd_unpin);
CMD(cmd_version);
CMD(cmd_watch);

/*
 * Options, by table: they parse themselves, and --help prints them.
 * Ends with an entry without letter and name.
 */
enum arg_kind { ARG_FLAG, ARG_STRING, ARG_SIZE, ARG_NUMBER, ARG_LIST };

struct arg {
	char		 letter;	/* 0: none */
	const char	*name;		/* NULL: none */
	enum arg_kind	 kind;
	void		*dst;		/* bool, const char *, uint64_t, uint64_t,
					 * struct arg_list */
	const char	*value;		/* "SIZE", for the help */
	const char	*help;
};

#define ARG_LIST_MAX	64
struct arg_list {
	const char	*v[ARG_LIST_MAX];
	size_t		 n;
};

/*
 * Parse argv[1..].  Options may stand behind operands; "--" ends them.
 * The operands are moved to argv[1..*nopnd].  Their number must lie in
 * [min, max].  --help prints to standard output and makes it return 1 (the
 * command returns 0 at once); 0 to go on; -1 with ERR_USAGE.
 */
int	args_parse(const struct arg *, int *argc, char **argv, int min,
	    int max, struct dd_err *);
/* Fail since an operand is missing, for who counts them. */
int	args_missing(struct dd_err *);
/* The current command's table entry, for --help (set by main). */
void	args_set_command(const struct cmd *);

/* What was asked for is done: from here on a failure to tell so is ERR_PARTLY,
 * since ERR_IO means that nothing was changed. */
void	cmd_done(void);

/* Standard output was written whole? */
int	cmd_finish_stdout(struct dd_err *);

/* Print a JSON document (json-c object, reference taken) and a newline. */
struct json_object;
int	cmd_print_json(struct json_object *, struct dd_err *);

#endif
