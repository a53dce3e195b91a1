/*
 * Xen is watched: a process that never asks itself (the keeper) starts one that
 * asks, and another in its place when that one has hung; each tells us through
 * one socket.  A thread in libxl that hangs could not be ended, a process can.
 * The keeper is forked while we have one thread, and so all of them start with
 * no lock held.
 *
 * Closing the socket ends both: the one that asks sees that when it waits, and
 * else its alarm ends it.
 */
#include <sys/socket.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "xen/told.h"
#include "xen/xen.h"

#define PAUSE_MS	2000	/* before Xen is asked again */

struct xen_watch {
	pid_t		 pid;		/* the keeper's */
	int		 fd;
	struct buf	 in;
	struct xen_host	 host;
	bool		 hypervisor;	/* is known to be there */
};

/* ---- the keeper ---- */

/* Until the time is over (-1: never) or we are kicked. */
static void
pause_for(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c[64];

	if (poll(&p, 1, ms) == 1 && read(fd, c, sizeof(c)) <= 0)
		_exit(0);
}

static void
keep(int fd, unsigned seconds)
{
	int status;
	pid_t pid;

	for (;;) {
		status = 0;
		if ((pid = fork()) == 0)
			_exit(xen_tell_on(fd, seconds));
		if (pid != -1)
			while (waitpid(pid, &status, 0) == -1 &&
			    errno == EINTR)
				continue;
		if (pid == -1 || !WIFEXITED(status) ||
		    WEXITSTATUS(status) == XEN_GAVE_UP)
			xen_tell_silence(fd);
		else if (WEXITSTATUS(status) == XEN_UNHEARD)
			_exit(0);
		pause_for(fd, WIFEXITED(status) &&
		    WEXITSTATUS(status) == XEN_NOT_HERE ? -1 : PAUSE_MS);
	}
}

/* ---- we ---- */

int
xen_watch_open(unsigned seconds, struct xen_watch **out, struct dd_err *e)
{
	struct xen_watch *w = calloc(1, sizeof(*w));
	int fds[2];

	if (w == NULL)
		return dd_fail_nomem(e);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1) {
		free(w);
		return dd_fail_sys(e, errno, "watching Xen");
	}
	if ((w->pid = fork()) == 0) {
		(void)close(fds[0]);
		xen_stand_alone();
		keep(fds[1], seconds);
	}
	(void)close(fds[1]);
	if (w->pid == -1 || fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1) {
		(void)dd_fail_sys(e, errno, "watching Xen");
		(void)close(fds[0]);
		free(w);
		return -1;
	}
	w->fd = fds[0];
	*out = w;
	return 0;
}

int
xen_watch_fd(const struct xen_watch *w)
{
	return w->fd;
}

static int
end(struct xen_watch *w, struct dd_err *e)
{
	(void)close(w->fd);
	w->fd = -1;
	buf_reset(&w->in);
	(void)dd_fail(e, ERR_IO, "Xen is not watched any more");
	return dd_hint(e, "the process that does was ended: leave drydock and "
	    "start it again");
}

/* 1: more came; 0: nothing yet.  An error is the end: what can't be taken would
 * be there to be read again and again. */
static int
read_more(struct xen_watch *w, struct dd_err *e)
{
	char *room = buf_room(&w->in, 65536);
	ssize_t n;

	if (room == NULL)
		return end(w, e);
	do
		n = read(w->fd, room, 65536);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		w->in.len += (size_t)n;
		return 1;
	}
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	return end(w, e);
}

int
xen_watch_read(struct xen_watch *w, struct xen_now *now, struct dd_err *e)
{
	struct told t;
	int rc;

	for (;;) {
		while ((rc = told_take(&w->in, &t, e)) == 0)
			if (w->fd == -1 || (rc = read_more(w, e)) != 1)
				return rc;
		if (rc == -1)
			return w->fd == -1 ? -1 : end(w, e);
		if (t.kind != TOLD_HOST)
			break;
		w->hypervisor = true;
		w->host = t.now.host;
	}
	if (t.kind != TOLD_DOMAINS) {
		(void)told_failure(&t, w->hypervisor, e);
		/* it is there as long as only xenstored is silent */
		if (t.kind != TOLD_SILENT)
			w->hypervisor = false;
		return -1;
	}
	*now = t.now;
	now->host = w->host;
	return 1;
}

void
xen_watch_kick(struct xen_watch *w)
{
	if (w->fd != -1 && write(w->fd, "k", 1) == -1)
		return;	/* so many kicks wait there: one is as good */
}

void
xen_watch_close(struct xen_watch *w)
{
	if (w == NULL)
		return;
	if (w->fd != -1)
		(void)close(w->fd);
	/* The keeper never asks, and so never hangs. */
	(void)kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	buf_dispose(&w->in);
	free(w);
}
