/* Programs that we run; see spawn.h. */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/spawn.h"

#define WORDS_MAX	64

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

static int
start(const char *cmd, int out, pid_t *pid, struct dd_err *e)
{
	char *copy = strdup(cmd), *words[WORDS_MAX + 1];
	char *shell[] = { "sh", "-c", copy, NULL };
	posix_spawn_file_actions_t fa;
	int r;

	if (copy == NULL)
		return dd_fail_nomem(e);
	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY,
	    0);
	(void)posix_spawn_file_actions_adddup2(&fa, out, 1);
	if (split(copy, words) > 0)
		r = posix_spawnp(pid, words[0], &fa, NULL, words, environ);
	else {
		(void)strcpy(copy, cmd);
		r = posix_spawn(pid, "/bin/sh", &fa, NULL, shell, environ);
	}
	(void)posix_spawn_file_actions_destroy(&fa);
	free(copy);
	return r == 0 ? 0 : dd_fail_sys(e, r, "%s", cmd);
}

int
spawn_output(const char *cmd, size_t max, struct secret *out,
    struct dd_err *e)
{
	struct secret s = SECRET_INIT;
	int fds[2], status, rc;
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
	rc = secret_read_fd(fds[0], max, cmd, &s, e);
	(void)close(fds[0]);
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
