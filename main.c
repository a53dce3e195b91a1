/*
 * drydock: fleet manager for Xen domUs.
 *
 * core/base    errors, buffers, escaping, units, events, files of the host
 * core/disk    block stack: file, overlay with redo journal, partitions
 * core/ffs     FFSv1 and v2 in process: read, write, format, check
 * core/tree    one file-tree interface; drivers ffs and mounted; copies
 * core/recipe  what to change in an image: rules, prepare root, local, etc
 * core/store   generations of an image, and the history
 * core/job     steps that happen whole or are undone
 * core/fleet   the model: domUs, their disks, who shares what; who is in place
 * core/host    what only this kernel knows
 * core/theme   roles of the console, and how themes let them look
 * core/cmd     one file a command
 * xen          xl.cfg through libxlutil, what runs through libxl
 * tui          the console
 *
 * Here: the table of commands, and the one place that exits.
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/events.h"
#include "core/base/quote.h"
#include "core/base/secret.h"
#include "core/base/units.h"
#include "core/cmd/cmd.h"
#include "core/cmd/place.h"
#include "core/host/host.h"
#include "tui/tui.h"
#include "xen/xen.h"

static const struct cmd commands[] = {
	{ "adopt", "[-n] [--json] [-c PARAMS] DOMU",
	    "say in a domU's configuration what its images are", cmd_adopt },
	{ "bad", "DOMU[:ROLE][@N]", "mark a generation bad: rollback passes "
	    "over it", cmd_bad },
	{ "cat", "IMAGE:/PATH ...", "write files of images to standard output",
	    cmd_cat },
	{ "cgd key-check", "-c PARAMS [-p LETTER] IMAGE",
	    "tell whether a cgd key opens an image", cmd_cgd_key_check },
	{ "cgd params new", "[-k METHOD ...] [-V METHOD] [-o FILE] ALGORITHM "
	    "[BITS]", "make a cgd parameters file", cmd_cgd_params_new },
	{ "cgd passwd", "[-n] [-k METHOD ...] DOMU[:ROLE] | -c PARAMS [IMAGE]",
	    "change the passphrase of an encrypted image", cmd_cgd_passwd },
	{ "check", "[--json] [--repair [-n]] [-p LETTER] [--sector-size N] "
	    "IMAGE", "find faults of a file system, mend them", cmd_check },
	{ "console", "DOMU", "the console of a domU, until ^]", cmd_console },
	{ "cp", "[-r] [-n] [--owner UID:GID] SOURCE ... TARGET",
	    "copy files into, out of and between images", cmd_cp },
	{ "create", "[-n] [-s SIZE] [-O 1|2] [-c PARAMS] "
	    "[--from ARCHIVE|DIR ...] [root|local|pkg|swap] IMAGE",
	    "make a new image, empty or filled", cmd_create },
	{ "destroy", "[-n] [-y] [--overwrite] DOMU[:ROLE]@N", "delete a "
	    "generation so that nobody reads it again", cmd_destroy },
	{ "devices", "[--clean [-n]] [--json]", "show devices made of images, "
	    "who has them, what is stale", cmd_devices },
	{ "diff", "[-u] [--json] DOMU[:ROLE][@N] [@M]", "show what differs "
	    "between two generations", cmd_diff },
	{ "disk", "[--json] [-p LETTER] [-c PARAMS] IMAGE",
	    "show what an image holds", cmd_disk },
	{ "doctor", "[-q] [--json] [--fail-on SEVERITY] [--watch SECONDS] "
	    "[DOMU ...]", "show what is wrong, and what mends it", cmd_doctor },
	{ "generations", "[--json] DOMU[:ROLE]", "show the generations of an "
	    "image", cmd_generations },
	{ "good", "DOMU[:ROLE][@N]", "mark a generation good: prune keeps the "
	    "last of them", cmd_good },
	{ "history", "[--json] [-m N] [DOMU]", "show who did what, and how it "
	    "ended", cmd_history },
	{ "hotplug add", "[--wait SECONDS] BACKEND", "attach an encrypted "
	    "disk: for xl's script block-drydock", cmd_hotplug_add },
	{ "hotplug remove", "BACKEND", "detach it: for that script",
	    cmd_hotplug_remove },
	{ "kill", "[-y] DOMU", "end a domU at once, as a power cut does", cmd_kill },
	{ "list", "[--json]", "show every domU and its images", cmd_list },
	{ "ls", "[-al] [--json] IMAGE[:/PATH]", "list a directory of an image",
	    cmd_ls },
	{ "lock", "DOMU[:ROLE]", "forget a key that unlock holds", cmd_lock },
	{ "merge etc", "[-n] [--from N] [--keep PATH ...] [--json] DOMU",
	    "carry over to a domU's etc what a new root changed",
	    cmd_merge_etc },
	{ "new", "[-n] [--json] --root IMAGE [-m SIZE] [-k KERNEL] "
	    "[--dir DIR] [-c PARAMS] DOMU", "make a new domU: its images and "
	    "its configuration", cmd_new },
	{ "pause", "[-y] DOMU", "stop a domU where it is", cmd_pause },
	{ "pin", "DOMU[:ROLE][@N]", "keep a generation from being pruned",
	    cmd_pin },
	{ "prepare local", "[-s SIZE] [--hostname NAME] [--ip ADDRESS/PREFIX] "
	    "[-n] ROOT LOCAL", "make a domU's own etc, tmp and var from a root",
	    cmd_prepare_local },
	{ "prepare root", "[-k KERNEL] [--disks N] [-n] [--json] "
	    "[--plan HASH] IMAGE", "make an installed NetBSD the shared root of "
	    "domUs", cmd_prepare_root },
	{ "prune", "[--keep N] [--yes] [--json] [DOMU[:ROLE] ...]",
	    "show which old generations would go, or delete them",
	    cmd_prune },
	{ "reboot", "[-y] DOMU", "ask a domU to reboot", cmd_reboot },
	{ "recover", "[--json]", "bring to an end what a crash left",
	    cmd_recover },
	{ "rekey", "[-n] [-c PARAMS] --algorithm NAME|--new-params PARAMS|"
	    "--plain [--sparse] [--no-readback] [--restart] [--json] "
	    "DOMU[:ROLE]|IMAGE", "change the key of an image, or encrypt or "
	    "decrypt it", cmd_rekey },
	{ "rescan", "[--json]", "fill the history with what the images' "
	    "folders say", cmd_rescan },
	{ "rollback", "[-n] [--to N] [--pristine] [--next-boot] "
	    "[--max-unavailable N] [--json] DOMU[:ROLE]",
	    "put an earlier generation back in place", cmd_rollback },
	{ "show", "[--json] DOMU", "show everything about one domU",
	    cmd_show },
	{ "shutdown", "[-y] [--limit SECONDS] DOMU", "shut a domU down, and wait "
	    "until it is", cmd_shutdown },
	{ "snapshot", "[-n] [--note TEXT] [--json] DOMU[:ROLE]",
	    "keep an image as it is now, and go on with a copy",
	    cmd_snapshot },
	{ "start", "[--limit SECONDS] DOMU", "start a domU", cmd_start },
	{ "stat", "[--json] IMAGE:/PATH", "show everything an inode says",
	    cmd_stat },
	{ "swap", "[-n] [--move] [--keep-original] [--note TEXT] "
	    "[--kernel FILE] [--strict] [--next-boot] [--json] "
	    "[--max-unavailable N] --all [--role ROLE]|DOMU[:ROLE] ... IMAGE",
	    "put another image in place, and keep the old one", cmd_swap },
	{ "theme check", "THEME|FILE", "find faults of a theme of the console",
	    cmd_theme_check },
	{ "theme list", "[--json]", "show the themes of the console",
	    cmd_theme_list },
	{ "theme show", "THEME|FILE", "print a theme, to make one's own of it",
	    cmd_theme_show },
	{ "tree", "[--manifest] [--json] IMAGE[:/PATH]",
	    "show everything below a directory", cmd_tree },
	{ "try", "[--no-watch] DOMU:ROLE@N", "start a domU anew on another "
	    "generation, which is not put in place", cmd_try },
	{ "undo", "[-n] [--json] IMAGE",
	    "take back the last change of an image", cmd_undo },
	{ "unlock", "[-k] [--passphrase-fd FD] DOMU[:ROLE]", "make the key of "
	    "an encrypted disk, for the start of its domU", cmd_unlock },
	{ "unpause", "DOMU", "let a paused domU go on", cmd_unpause },
	{ "unpin", "DOMU[:ROLE][@N]", "let a generation be pruned",
	    cmd_unpin },
	{ "version", "", "show which drydock this is", cmd_version },
	{ "watch", "DOMU[:ROLE]", "watch a domU that was started; roll back "
	    "when it is not well", cmd_watch },
	{ NULL, NULL, NULL, NULL }
};

static volatile int cancelled;

static void
on_signal(int sig)
{
	(void)sig;
	cancelled = 1;
}

static void
report(struct progress *p, const char *what, uint64_t done, uint64_t total)
{
	(void)p;
	events_progress(what, done, total);
}

static void
usage(FILE *to)
{
	const struct cmd *c;

	fprintf(to, "usage: drydock [--config FILE] [--theme THEME|FILE]\n"
	    "       drydock [--config FILE] [--events FD] COMMAND "
	    "[ARGUMENT ...]\n"
	    "       drydock --version\n"
	    "Without a command the console starts.  Commands:\n");
	for (c = commands; c->name != NULL; c++)
		fprintf(to, "  %-14s %s\n", c->name, c->summary);
	fprintf(to, "drydock COMMAND --help tells more; the manual is "
	    "drydock(8).\n");
}

/* How many words the name has, when argv begins with them; else 0. */
static int
words_of(const char *name, int argc, char **argv)
{
	size_t len;
	int n;

	for (n = 0; n < argc; n++) {
		len = strcspn(name, " ");
		if (strlen(argv[n]) != len || strncmp(argv[n], name, len) != 0)
			return 0;
		if (name[len] == '\0')
			return n + 1;
		name += len + 1;
	}
	return 0;
}

static const struct cmd *
find(int argc, char **argv, int *words)
{
	const struct cmd *c;

	for (c = commands; c->name != NULL; c++)
		if ((*words = words_of(c->name, argc, argv)) > 0)
			return c;
	return NULL;
}

static int
finish(struct dd_err *e)
{
	dd_default_hint(e);
	events_result(e);
	if (e->code == ERR_NONE)
		return 0;
	(void)fflush(stdout);
	fprintf(stderr, "drydock: %s\n", e->msg);
	if (e->hint[0] != '\0')
		fprintf(stderr, "hint: %s\n", e->hint);
	return dd_exit_status(e);
}

/* As one would type it; how the console hears of it is not part of that. */
static const char *
command_line(int argc, char **argv)
{
	static struct buf line;		/* goes with the process */
	int i;

	(void)quote_word(&line, "drydock");
	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--events") == 0 && i + 1 < argc)
			i++;
		else
			(void)quote_word(&line, argv[i]);
	return line.failed ? "drydock" : line.p;
}

/*
 * Where standard input, output or error is closed, the next file that is
 * opened would take its number, and a message would be written into an image.
 * In its place stands what can't be written to, so that it is noticed.
 */
static void
hold_standard_files(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd <= STDERR_FILENO)
		continue;
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

/* What starts where no command is given. */
static int
console(const struct cmd_env *env, const char *theme, struct dd_err *e)
{
	const char *names[sizeof(commands) / sizeof(commands[0])];
	const struct tui_params params = { .xen = env->xen,
	    .program = env->argv0, .config_path = env->config_path,
	    .theme = theme, .commands = names };
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		names[i] = commands[i].name;
	return tui_run(&params, e);
}

int
main(int argc, char **argv)
{
	struct progress progress = { .report = report, .cancel = &cancelled };
	struct cmd_env env = { .xen = &xen_ops, .events_fd = -1,
	    .progress = &progress };
	struct dd_err e = DD_ERR_INIT;
	struct sigaction sa = { .sa_handler = on_signal };
	const char *theme = NULL;
	const struct cmd *c;
	uint64_t n;
	int i, words;

	hold_standard_files();
	(void)setlocale(LC_CTYPE, "");
	env.argv0 = argv[0];
	env.command = command_line(argc, argv);
	env.config_path = getenv("DRYDOCK_CONF");
	if (env.config_path != NULL && env.config_path[0] == '\0')
		env.config_path = NULL;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);	/* else nobody can be waited for */

	secret_first = host_no_dumps;
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return 0;
		}
		if (strcmp(argv[i], "--version") == 0 ||
		    strcmp(argv[i], "-V") == 0) {
			(void)cmd_version(&env, 1, argv, &e);
			return finish(&e);
		}
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			env.config_path = argv[++i];
		else if (strcmp(argv[i], "--theme") == 0 && i + 1 < argc)
			theme = argv[++i];
		else if (strcmp(argv[i], "--events") == 0 && i + 1 < argc) {
			if (units_number(argv[++i], 0, 1023, "--events", &n,
			    &e) == -1)
				return finish(&e);
			env.events_fd = (int)n;
			events_open(env.events_fd);
		} else {
			(void)dd_fail(&e, ERR_USAGE,
			    "%s: unknown option, or a value is missing",
			    argv[i]);
			(void)dd_hint(&e, "drydock --help lists what there "
			    "is");
			return finish(&e);
		}
	}
	if (i == argc) {
		(void)console(&env, theme, &e);
		return finish(&e);
	}
	if (theme != NULL) {
		(void)dd_fail(&e, ERR_USAGE, "--theme is for the console");
		(void)dd_hint(&e, "leave it out, or leave the command out");
		return finish(&e);
	}
	if ((c = find(argc - i, argv + i, &words)) == NULL) {
		(void)dd_fail(&e, ERR_USAGE, "%s: unknown command", argv[i]);
		(void)dd_hint(&e, "drydock --help lists the commands");
		return finish(&e);
	}
	args_set_command(c);
	image_args_env(&env);
	i += words - 1;
	(void)c->run(&env, argc - i, argv + i, &e);
	return finish(&e);
}
