/* drydock run by drydock; see child.h. */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/cmd/child.h"

#define SAID_MAX	65536	/* bytes that are kept */

/* argv: the command's words, behind what we were called with ourselves. */
static void
fill_argv(const struct cmd_env *env, const char *const *words, bool events,
    char fd[16], const char **argv)
{
	size_t n = 0;

	argv[n++] = env->argv0;
	if (env->config_path != NULL) {
		argv[n++] = "--config";
		argv[n++] = env->config_path;
	}
	if (events && env->events_fd != -1) {
		(void)snprintf(fd, 16, "%d", env->events_fd);
		argv[n++] = "--events";
		argv[n++] = fd;
	}
	while (*words != NULL)
		argv[n++] = *words++;
	argv[n] = NULL;
}

static pid_t
begin(const struct cmd_env *env, const char *const *words, bool events,
    int out, int err)
{
	const char *argv[CHILD_ARGS + 8];
	char fd[16];
	pid_t pid;

	fill_argv(env, words, events, fd, argv);
	(void)fflush(stdout);
	if ((pid = fork()) != 0)
		return pid;
	(void)setsid();
	if (out != -1)
		(void)dup2(out, STDOUT_FILENO);
	(void)dup2(err, STDERR_FILENO);
	if (events && env->events_fd != -1)
		(void)fcntl(env->events_fd, F_SETFD, 0);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

int
child_start(const struct cmd_env *env, const char *const *words,
    enum child_out how, bool events, struct child *c, struct dd_err *e)
{
	int fds[2] = { -1, -1 };

	*c = (struct child)CHILD_INIT;
	if (how == CHILD_SILENT)
		fds[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	else if (pipe2(fds, O_CLOEXEC) == -1)
		return dd_fail_sys(e, errno, "%s", env->argv0);
	c->fd = fds[0];
	c->pid = fds[1] == -1 ? -1 : begin(env, words, events,
	    how == CHILD_ERRORS ? -1 : fds[1], fds[1]);
	if (c->pid == -1) {
		c->pid = 0;
		(void)dd_fail_sys(e, errno, "%s", env->argv0);
	}
	if (fds[1] != -1)
		(void)close(fds[1]);
	return c->pid == 0 ? -1 : 0;
}

/* 1: there may be more; 0: it has ended. */
static int
take(struct child *c, struct dd_err *e)
{
	char chunk[1024];
	ssize_t n = read(c->fd, chunk, sizeof(chunk));

	if (n == -1)
		return errno == EINTR ? 1 : dd_fail_sys(e, errno, "a child");
	if (n > 0 && c->said.len < SAID_MAX &&
	    buf_add(&c->said, chunk, (size_t)n) == -1)
		return dd_fail_nomem(e);
	return n > 0;
}

static int
reap(struct child *c, struct dd_err *e)
{
	while (waitpid(c->pid, &c->status, 0) == -1)
		if (errno != EINTR)
			return dd_fail_sys(e, errno, "a child");
	c->pid = 0;
	return 0;
}

static bool
cancelled(const struct cmd_env *env)
{
	return env->progress->cancel != NULL && *env->progress->cancel;
}

int
child_wait(const struct cmd_env *env, struct child *c, bool until_cancel,
    struct dd_err *e)
{
	int r;

	while ((r = take(c, e)) == 1)
		if (until_cancel && cancelled(env))
			return 1;
	return r == -1 ? -1 : reap(c, e);
}

int
child_wait_any(struct child **v, size_t n, struct dd_err *e)
{
	struct pollfd p[CHILD_AT_ONCE];
	size_t i;
	int r;

	for (;;) {
		for (i = 0; i < n; i++)
			p[i] = (struct pollfd){ .fd = v[i]->fd,
			    .events = POLLIN };
		if (poll(p, (nfds_t)n, -1) == -1 && errno != EINTR)
			return dd_fail_sys(e, errno, "children");
		for (i = 0; i < n; i++) {
			if (p[i].revents == 0)
				continue;
			if ((r = take(v[i], e)) == -1)
				return -1;
			if (r == 0)
				return reap(v[i], e) == -1 ? -1 : (int)i;
		}
	}
}

/* What stands behind the word in the last line that begins with it, as long as
 * that is; or NULL. */
static const char *
line_of(const char *text, const char *word, int *len)
{
	const char *at, *found = NULL;
	size_t n = strlen(word);

	for (at = text; at != NULL && *at != '\0';
	    at = *at == '\n' ? at + 1 : NULL) {
		if (strncmp(at, word, n) == 0) {
			found = at + n;
			*len = (int)strcspn(found, "\n");
		}
		at += strcspn(at, "\n");
	}
	return found;
}

/* What its exit status says; one that was ended may have left anything. */
static enum dd_code
code_of(int status)
{
	static const enum dd_code codes[] = { ERR_NONE, ERR_HELD, ERR_USAGE,
	    ERR_RECOVER, ERR_FAULTS, ERR_PARTLY };

	if (!WIFEXITED(status))
		return ERR_RECOVER;
	return WEXITSTATUS(status) <= 5 ? codes[WEXITSTATUS(status)] :
	    ERR_HELD;
}

int
child_result(const struct child *c, struct dd_err *e)
{
	const enum dd_code code = code_of(c->status);
	const char *message, *hint;
	int len = 0;

	if (code == ERR_NONE)
		return 0;
	message = line_of(c->said.p, "drydock: ", &len);
	if (message != NULL)
		(void)dd_fail(e, code, "%.*s", len, message);
	else
		(void)dd_fail(e, code, "it ended without a word");
	if ((hint = line_of(c->said.p, "hint: ", &len)) != NULL)
		(void)dd_hint(e, "%.*s", len, hint);
	return -1;
}

void
child_dispose(struct child *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	c->fd = -1;
	buf_dispose(&c->said);
}
