/*
 * An action: a drydock command that runs as a child process, what it tells
 * through --events, and how it ended.  A child outlives the console: it has its
 * own session, and writes to unlinked files, not to pipes that break.
 */
#ifndef DD_TUI_ACTION_H
#define DD_TUI_ACTION_H

#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/secret.h"

struct action {
	unsigned	 refs;
	struct action	*next;		/* in the model */
	char		*title;		/* "prepare root of /xen/root.img" */
	char		*command;	/* as one would type it */
	char		**argv;		/* what runs */
	bool		 changes;	/* more than a look */
	char		*pause;		/* what drydock rekey --pause is to name
					 * to make it pause; or NULL */
	struct secret	 passphrases;	/* that it reads, a line each, until it
					 * runs; or none */
	char		 id[12];	/* a number of its own, by app_run */
	int64_t		 began, ended;	/* seconds since 1970; by the app */

	bool		 running;
	bool		 stopping;	/* was asked to stop */
	pid_t		 pid;
	int		 events;	/* read end, or -1 */
	int		 out_fd, err_fd;
	struct buf	 line;		/* of events, not yet whole */

	char		 step[128];	/* of the job that it is, or "" */
	uint64_t	 step_n, step_of;
	char		 what[128];	/* last progress */
	uint64_t	 done, total;
	uint64_t	 rate, eta;	/* a second; seconds; 0: not known */
	char		 plan[129];	/* hash of a preview, or "" */
	/* What it asks before it does anything, or "", and the words by which
	 * it is run again when the answer is yes. */
	char		 question[256];
	char		*detail;	/* escaped, or NULL */
	char		 answer[2][129];

	int		 status;	/* exit status; -1: killed */
	char		 message[768];	/* why it failed, or "" */
	char		 hint[384];
	struct buf	 out, err;	/* what it printed */
	bool		 cut;		/* of one of them only the beginning */
};

/* How children are run; tests hand in their own. */
struct runner_ops {
	/* Run a->argv.  0: a->running; later action_feed and action_end are
	 * called. */
	int	(*start)(struct action *a, struct dd_err *e);
	/* Ask it to stop, once. */
	void	(*stop)(struct action *a);
	/* The same as start, but it has our terminal until it ends. */
	int	(*lend)(struct action *a, struct dd_err *e);
};

/* The descriptors that a child writes its events to, and that it reads
 * passphrases from: for --passphrase-fd. */
#define ACTION_EVENTS_FD	3
#define ACTION_PASSPHRASE_FD	4

/*
 * Not started, one reference.  program: how to call ourselves; config: the
 * --config, or NULL; args: NULL-terminated.  NULL: out of memory.
 */
struct action *action_new(const char *program, const char *config,
	    const char *const *args, const char *title);
struct action *action_ref(struct action *);
void	action_unref(struct action *);	/* NULL is fine */

/* How far it is: "step 2 of 5, bring it in: copying the image, 12 MiB of
 * 48 MiB, 9 MiB/s, 4s left". */
#define ACTION_PROGRESS	512
void	action_progress(const struct action *, char [ACTION_PROGRESS]);
/* "running", "done", "failed", "cancelled". */
const char *action_state(const struct action *);

/* Take bytes that came from --events. */
void	action_feed(struct action *, const char *, size_t);
/* It ended: wait_status as of waitpid(2).  out and err are there. */
void	action_end(struct action *, int wait_status);

/* Processes of this machine. */
extern const struct runner_ops runner_posix;
/* Read what events there are; false: nothing changed. */
bool	runner_read(struct action *);
/* Has it ended?  Then its output is read and action_end called. */
bool	runner_reap(struct action *);

#endif
