/*
 * Children of the console.  posix_spawn, since a thread of ours may hold any
 * lock when we fork.  The child's streams are files without a name: it never
 * blocks on us and never breaks when we go first.  Only its events come through
 * a pipe, whose loss a child ignores.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/fsutil.h"
#include "tui/action.h"

#define OUTPUT_MAX	(8 * 1024 * 1024)

extern char **environ;

/* In memory: what comes of a passphrase is not for dom0's disk. */
static int
in_memory(void)
{
	static unsigned n;
	char name[64];
	int fd;

	(void)snprintf(name, sizeof(name), "/drydock-%ld-%u", (long)getpid(),
	    n++);
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd != -1)
		(void)shm_unlink(name);
	return fd;
}

static int
in_tmpdir(struct dd_err *e)
{
	const char *dir = getenv("TMPDIR");
	char path[1024];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/drydock.XXXXXX",
	    dir != NULL && *dir == '/' ? dir : "/tmp");
	if ((fd = mkstemp(path)) == -1) {
		(void)dd_fail_sys(e, errno, "%s", path);
		(void)dd_hint(e, "set TMPDIR to a folder that can be "
		    "written");
		return -1;
	}
	(void)unlink(path);
	return fd;
}

/* A file without a name, above the descriptors that a child is given. */
static int
nameless(bool secret, struct dd_err *e)
{
	int fd = secret ? in_memory() : -1, high;

	if (fd == -1 && (fd = in_tmpdir(e)) == -1)
		return -1;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	if (high == -1)
		(void)dd_fail_sys(e, errno, "descriptors");
	(void)close(fd);
	return high;
}

/* A pipe; p[1] stands above the descriptors that a child is given. */
static int
event_pipe(int p[2], struct dd_err *e)
{
	int fds[2], high;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return dd_fail_sys(e, errno, "pipe");
	high = fcntl(fds[1], F_DUPFD_CLOEXEC, 10);
	(void)close(fds[1]);
	if (high == -1) {
		(void)dd_fail_sys(e, errno, "descriptors");
		(void)close(fds[0]);
		return -1;
	}
	p[0] = fds[0];
	p[1] = high;
	return 0;
}

/* A pipe that holds the passphrases, whose end to be read stands above the
 * descriptors that a child is given; -1 where there are none.  They are few:
 * a pipe that is empty takes them at once. */
static int
passphrase_pipe(struct action *a, int *out, struct dd_err *e)
{
	int fds[2], rc = -1;

	*out = -1;
	if (a->passphrases.p == NULL)
		return 0;
	if (a->passphrases.len > PIPE_BUF)
		return dd_fail(e, ERR_USAGE, "the passphrases are too long");
	if (pipe2(fds, O_CLOEXEC) == -1)
		return dd_fail_sys(e, errno, "pipe");
	if (write(fds[1], a->passphrases.p, a->passphrases.len) !=
	    (ssize_t)a->passphrases.len ||
	    (*out = fcntl(fds[0], F_DUPFD_CLOEXEC, 10)) == -1)
		(void)dd_fail_sys(e, errno, "pipe");
	else
		rc = 0;
	(void)close(fds[0]);
	(void)close(fds[1]);
	return rc;
}

/* Own session where spawn can do that, else own process group: what the
 * terminal sends on hang-up or ^C does not reach the child.  One that has the
 * terminal gets all that; but it can't be stopped by ^Z, which who lends the
 * terminal ignores: nobody would be there to go on. */
static int
attributes(posix_spawnattr_t *attr, bool lent)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	sigset_t none, all;

	(void)sigemptyset(&none);
	(void)sigemptyset(&all);
	(void)sigaddset(&all, lent ? SIGQUIT : SIGTSTP);
	(void)sigaddset(&all, SIGINT);
	(void)sigaddset(&all, SIGTERM);
	(void)sigaddset(&all, SIGHUP);
#ifdef POSIX_SPAWN_SETSID
	flags |= lent ? 0 : POSIX_SPAWN_SETSID;
#else
	flags |= lent ? 0 : POSIX_SPAWN_SETPGROUP;
#endif
	return posix_spawnattr_setsigmask(attr, &none) ||
	    posix_spawnattr_setsigdefault(attr, &all) ||
	    posix_spawnattr_setflags(attr, flags);
}

static int
streams(posix_spawn_file_actions_t *fa, int out, int err, int events,
    int passphrases, bool lent)
{
	if (passphrases != -1 && posix_spawn_file_actions_adddup2(fa,
	    passphrases, ACTION_PASSPHRASE_FD))
		return -1;
	return (!lent && (posix_spawn_file_actions_addopen(fa, 0, "/dev/null",
	    O_RDONLY, 0) || posix_spawn_file_actions_adddup2(fa, out, 1))) ||
	    posix_spawn_file_actions_adddup2(fa, err, 2) ||
	    posix_spawn_file_actions_adddup2(fa, events, ACTION_EVENTS_FD);
}

static int
run(struct action *a, bool lent, struct dd_err *e)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int p[2] = { -1, -1 }, out = -1, err = -1, pass = -1,
	    rc = -1, r;
	bool have_fa = false, have_attr = false;

	if ((out = nameless(a->passphrases.p != NULL, e)) == -1 ||
	    (err = nameless(false, e)) == -1 ||
	    event_pipe(p, e) == -1 || passphrase_pipe(a, &pass, e) == -1)
		goto out;
	have_fa = posix_spawn_file_actions_init(&fa) == 0;
	have_attr = posix_spawnattr_init(&attr) == 0;
	if (!have_fa || !have_attr || attributes(&attr, lent) != 0 ||
	    streams(&fa, out, err, p[1], pass, lent) != 0) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	r = posix_spawnp(&a->pid, a->argv[0], &fa, &attr, a->argv, environ);
	if (r != 0) {
		(void)dd_fail_sys(e, r, "%s", a->argv[0]);
		(void)dd_hint(e, "the program was moved since it started: "
		    "leave and start it again");
		goto out;
	}
	a->events = p[0];
	a->out_fd = out;
	a->err_fd = err;
	a->running = true;
	out = err = p[0] = -1;
	rc = 0;
out:
	if (have_fa)
		(void)posix_spawn_file_actions_destroy(&fa);
	if (have_attr)
		(void)posix_spawnattr_destroy(&attr);
	secret_free(&a->passphrases);
	if (pass != -1)
		(void)close(pass);
	if (p[0] != -1)
		(void)close(p[0]);
	if (p[1] != -1)
		(void)close(p[1]);
	if (out != -1)
		(void)close(out);
	if (err != -1)
		(void)close(err);
	return rc;
}

static int
start(struct action *a, struct dd_err *e)
{
	return run(a, false, e);
}

static int
lend(struct action *a, struct dd_err *e)
{
	return run(a, true, e);
}

static void
stop(struct action *a)
{
	if (a->running && !a->stopping)
		(void)kill(a->pid, SIGINT);
	a->stopping = true;
}

const struct runner_ops runner_posix = { .start = start, .stop = stop,
    .lend = lend };

bool
runner_read(struct action *a)
{
	bool any = false;
	char chunk[4096];
	ssize_t n;

	while (a->events != -1) {
		n = read(a->events, chunk, sizeof(chunk));
		if (n > 0) {
			action_feed(a, chunk, (size_t)n);
			any = true;
		} else if (n == -1 && errno == EINTR)
			continue;
		else if (n == -1 && errno == EAGAIN)
			break;
		else {
			(void)close(a->events);
			a->events = -1;
		}
	}
	return any;
}

/* What the child wrote, as much of it as a screen is good for. */
static void
slurp(struct action *a, int *fd, struct buf *b)
{
	struct dd_err e = DD_ERR_INIT;
	struct stat st;
	size_t len;
	char *p;

	if (fstat(*fd, &st) == 0 && st.st_size > 0) {
		a->cut = a->cut || st.st_size > OUTPUT_MAX;
		len = st.st_size > OUTPUT_MAX ? OUTPUT_MAX :
		    (size_t)st.st_size;
		if ((p = buf_room(b, len)) != NULL &&
		    fs_pread(*fd, p, len, 0, "output", &e) == 0) {
			b->len += len;
			b->p[b->len] = '\0';
		}
	}
	(void)close(*fd);
	*fd = -1;
}

bool
runner_reap(struct action *a)
{
	int status;

	if (!a->running || waitpid(a->pid, &status, WNOHANG) != a->pid)
		return false;
	(void)runner_read(a);
	slurp(a, &a->out_fd, &a->out);
	slurp(a, &a->err_fd, &a->err);
	action_end(a, status);
	return true;
}
