/*
 * Xen is asked once: a child asks (libxl.c), we listen, and give it up after
 * a while.
 */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "xen/told.h"
#include "xen/xen.h"

/* The child gives up by itself when Xen does not answer; this is for one that is
 * stuck in the kernel, or a host that is too slow to be waited for. */
#define LIMIT_MS	30000
#define REAP_MS		200
#define REAP_LOOKS	100

/* Read on.  1: more came; 0: there is no more. */
static int
read_more(int fd, int64_t end, struct buf *b, struct dd_err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;
	char *room;
	ssize_t n;
	int r;

	for (;;) {
		left = end - clock_ms();
		r = left <= 0 ? 0 : poll(&p, 1, (int)left);
		if (r == 0)
			return 0;
		if (r == -1 && errno == EINTR)
			continue;
		if ((room = buf_room(b, 65536)) == NULL)
			return dd_fail_nomem(e);
		n = r == -1 ? -1 : read(fd, room, 65536);
		if (n >= 0) {
			b->len += (size_t)n;
			return n > 0;
		}
		if (errno != EINTR)
			return dd_fail_sys(e, errno, "asking Xen");
	}
}

/* All that is told until the message wanted, or one that there is none. */
static int
listen_to(int fd, enum told_kind wanted, struct xen_now *now,
    struct dd_err *e)
{
	const int64_t end = clock_ms() + LIMIT_MS;
	struct told t = { .kind = TOLD_SILENT };
	struct buf b = BUF_INIT;
	bool host = false;
	int rc;

	for (;;) {
		while ((rc = told_take(&b, &t, e)) == 1 &&
		    t.kind == TOLD_HOST && wanted != TOLD_HOST)
			host = true;
		if (rc != 0)
			break;
		if ((rc = read_more(fd, end, &b, e)) == 0)
			t.kind = TOLD_SILENT;
		if (rc != 1)
			break;
	}
	buf_dispose(&b);
	if (rc == -1)
		return -1;
	if (t.kind != wanted)
		return told_failure(&t, host, e);
	*now = t.now;
	return 0;
}

/* A child that was killed is gone at once, unless it is stuck in the kernel: we
 * don't wait for what keeps it there. */
static void
reap(pid_t pid)
{
	const struct timespec ts = { 0, REAP_MS * 1000000L / REAP_LOOKS };
	int looks;

	for (looks = 0; looks < REAP_LOOKS; looks++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		(void)nanosleep(&ts, NULL);
	}
}

static int
ask(enum told_kind wanted, bool disks, struct xen_now *now, struct dd_err *e)
{
	int fds[2], rc;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return dd_fail_sys(e, errno, "asking Xen");
	if ((pid = fork()) == -1) {
		(void)dd_fail_sys(e, errno, "asking Xen");
		(void)close(fds[0]);
		(void)close(fds[1]);
		return -1;
	}
	if (pid == 0) {
		(void)close(fds[0]);
		_exit(xen_tell_once(fds[1], wanted == TOLD_DOMAINS, disks));
	}
	(void)close(fds[1]);
	rc = listen_to(fds[0], wanted, now, e);
	(void)close(fds[0]);
	(void)kill(pid, SIGKILL);
	reap(pid);
	return rc;
}

int
xen_domains(bool disks, struct xen_domain **out, size_t *n, struct dd_err *e)
{
	struct xen_now now;

	if (ask(TOLD_DOMAINS, disks, &now, e) == -1)
		return -1;
	*out = now.domains;
	*n = now.ndomains;
	return 0;
}

int
xen_host(struct xen_host *host, struct dd_err *e)
{
	struct xen_now now;

	if (ask(TOLD_HOST, false, &now, e) == -1)
		return -1;
	*host = now.host;
	return 0;
}
