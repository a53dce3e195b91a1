/* Programs that we run; see spawn.h. */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/spawn.h"

#define WORDS_MAX	64
#define OUTPUT_MAX	((size_t)64 * 1024)
#define LOOK_MS		50	/* between looks whether it has ended */
#define GRACE_MS	2000	/* from asking it to end to ending it */

extern char **environ;

/* Split at blanks.  0: a shell is needed (or nothing is there). */
static size_t
split(char *cmd, char *argv[WORDS_MAX + 1])
{
	size_t n = 0;
	char *word, *last = NULL;

	if (strpbrk(cmd, "|&;<>()$`\\\"'*?[]#~=%!{}\n") != NULL)
		return 0;
	for (word = strtok_r(cmd, " \t", &last); word != NULL;
	    word = strtok_r(NULL, " \t", &last)) {
		if (n == WORDS_MAX)
			return 0;
		argv[n++] = word;
	}
	argv[n] = NULL;
	return n;
}

/* What we pass over is none of a program's business that we start. */
static void
usual_signals(posix_spawnattr_t *attr, bool own_group)
{
	short flags = POSIX_SPAWN_SETSIGDEF;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigaddset(&set, SIGXFSZ);
	(void)posix_spawnattr_init(attr);
	(void)posix_spawnattr_setsigdefault(attr, &set);
	/* ^C is for us: a program that is at work is told by us, or left to
	 * end its work */
	if (own_group) {
		(void)posix_spawnattr_setpgroup(attr, 0);
		flags |= POSIX_SPAWN_SETPGROUP;
	}
	(void)posix_spawnattr_setflags(attr, flags);
}

static int
start(const char *cmd, int out, pid_t *pid, struct dd_err *e)
{
	char *copy = strdup(cmd), *words[WORDS_MAX + 1];
	char *shell[] = { "sh", "-c", copy, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int r;

	if (copy == NULL)
		return dd_fail_nomem(e);
	/* one that asks somebody has the terminal, with ^C */
	usual_signals(&attr, false);
	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY,
	    0);
	(void)posix_spawn_file_actions_adddup2(&fa, out, 1);
	if (split(copy, words) > 0)
		r = posix_spawnp(pid, words[0], &fa, &attr, words, environ);
	else {
		(void)strcpy(copy, cmd);
		r = posix_spawn(pid, "/bin/sh", &fa, &attr, shell, environ);
	}
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)posix_spawnattr_destroy(&attr);
	free(copy);
	return r == 0 ? 0 : dd_fail_sys(e, r, "%s", cmd);
}

/* Wait for it until end, and no longer. */
static void
reap_by(pid_t pid, int64_t end, int *status)
{
	const struct timespec ts = { 0, 10 * 1000000L };

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (clock_ms() >= end)
			(void)kill(pid, SIGKILL);
		(void)nanosleep(&ts, NULL);
	}
}

int
spawn_output(const char *cmd, size_t max, unsigned limit,
    struct secret *out, struct dd_err *e)
{
	const int64_t end = limit == 0 ? 0 : clock_ms() +
	    (int64_t)limit * 1000;
	struct secret s = SECRET_INIT;
	int fds[2], status = 0, rc;
	pid_t pid;

	if (pipe(fds) == -1)
		return dd_fail_sys(e, errno, "pipe");
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	rc = start(cmd, fds[1], &pid, e);
	(void)close(fds[1]);
	if (rc == -1) {
		(void)close(fds[0]);
		return -1;
	}
	rc = secret_read_until(fds[0], max, end, cmd, &s, e);
	(void)close(fds[0]);
	if (end != 0)
		reap_by(pid, end, &status);
	else
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
	if (rc == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		rc = dd_fail(e, ERR_IO, "%s: ended with status %d", cmd,
		    WIFEXITED(status) ? WEXITSTATUS(status) : 128 +
		    WTERMSIG(status));
	if (rc == 0)
		*out = s;
	else
		secret_free(&s);
	return rc;
}

/* -- with a limit --------------------------------------------------------- */

struct child {
	pid_t		 pid;
	int		 fd;		/* what it prints; not blocking */
	bool		 ended;
	int		 status;
	struct buf	*out;
};

/* err: its standard error, or -1. */
static int
start_argv(const char *const *argv, int in, int out, int err, pid_t *pid,
    struct dd_err *e)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int r;

	usual_signals(&attr, true);
	(void)posix_spawn_file_actions_init(&fa);
	if (in != -1)
		(void)posix_spawn_file_actions_adddup2(&fa, in, 0);
	else
		(void)posix_spawn_file_actions_addopen(&fa, 0, "/dev/null",
		    O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&fa, out, 1);
	if (err != -1)
		(void)posix_spawn_file_actions_adddup2(&fa, err, 2);
	else
		(void)posix_spawn_file_actions_addopen(&fa, 2, "/dev/null",
		    O_WRONLY, 0);
	r = posix_spawnp(pid, argv[0], &fa, &attr,
	    (char *const *)(uintptr_t)argv, environ);
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)posix_spawnattr_destroy(&attr);
	return r == 0 ? 0 : dd_fail_sys(e, r, "%s", argv[0]);
}

/* Take what it has printed. */
static void
drain(struct child *c)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(c->fd, chunk, sizeof(chunk))) > 0)
		if (c->out != NULL && c->out->len < OUTPUT_MAX)
			(void)buf_add(c->out, chunk, (size_t)n);
}

/* Until it has ended, or until end. */
static void
follow(struct child *c, int64_t end)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int pause = LOOK_MS;

	while (!c->ended) {
		(void)poll(&p, 1, pause);
		drain(c);
		if (p.fd == -1)
			pause = pause < LOOK_MS / 2 ? 2 * pause : LOOK_MS;
		/* at its end the pipe is readable without pause, and the
		 * program as good as gone */
		else if ((p.revents & POLLHUP) != 0) {
			p.fd = -1;
			pause = 1;
		}
		c->ended = waitpid(c->pid, &c->status, WNOHANG) == c->pid;
		if (!c->ended && clock_ms() >= end)
			return;
	}
	drain(c);
}

/* in: its standard input, or -1; errors: its standard error is wanted. */
static int
run(const char *const *argv, int in, bool errors, unsigned limit,
    struct buf *out, int *status, struct dd_err *e)
{
	struct child c = { .out = out };
	int fds[2], rc;

	if (pipe(fds) == -1)
		return dd_fail_sys(e, errno, "pipe");
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	rc = start_argv(argv, in, fds[1], errors ? fds[1] : -1, &c.pid, e);
	(void)close(fds[1]);
	c.fd = fds[0];
	if (rc == 0) {
		follow(&c, clock_ms() + (int64_t)limit * 1000);
		if (!c.ended) {
			rc = dd_fail(e, ERR_IO, "%s: has not ended after %u "
			    "seconds", argv[0], limit);
			(void)kill(c.pid, SIGTERM);
			follow(&c, clock_ms() + GRACE_MS);
		}
		if (!c.ended) {
			(void)kill(c.pid, SIGKILL);
			while (waitpid(c.pid, &c.status, 0) == -1 &&
			    errno == EINTR)
				continue;
		}
		*status = WIFEXITED(c.status) ? WEXITSTATUS(c.status) :
		    128 + WTERMSIG(c.status);
	}
	(void)close(c.fd);
	return rc;
}

int
spawn_run(const char *const *argv, unsigned limit, struct buf *out,
    int *status, struct dd_err *e)
{
	return run(argv, -1, true, limit, out, status, e);
}

int
spawn_answer(const char *const *argv, unsigned limit, struct buf *out,
    int *status, struct dd_err *e)
{
	return run(argv, -1, false, limit, out, status, e);
}

/* A pipe holds as much before anybody reads: it is filled, and closed, before
 * the program starts. */
int
spawn_feed(const char *const *argv, const struct secret *in, unsigned limit,
    struct buf *out, int *status, struct dd_err *e)
{
	int fds[2], rc = -1;

	if (in->len > SPAWN_FEED_MAX)
		return dd_fail(e, ERR_USAGE, "%s: too much to tell it",
		    argv[0]);
	if (pipe(fds) == -1)
		return dd_fail_sys(e, errno, "pipe");
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	if (write(fds[1], in->p, in->len) != (ssize_t)in->len)
		(void)dd_fail_sys(e, errno, "pipe");
	else
		rc = 0;
	(void)close(fds[1]);
	if (rc == 0)
		rc = run(argv, fds[0], true, limit, out, status, e);
	(void)close(fds[0]);
	return rc;
}
