/*
 * The process that asks Xen again and again: at once where xenstore tells that
 * something happened, and every so often for the figures; see libxl.c.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xen/asking.h"
#include "xen/told.h"

/* Xen is asked again this soon after something happened, so many times: a domU
 * that is started is paused at first, and nothing tells that it goes on. */
#define SOON_MS		1000
#define SOON_TIMES	5
/* What happens in between is looked at together. */
#define GAP_MS		250

struct watching {
	int		 fd;
	struct xs_handle *xs;
	int		 every;		/* milliseconds */
	int		 soon;		/* how many times more */
	unsigned	 changes;
	bool		 unsettled;	/* disks come or go just now */
};

/* The nodes whose changes are told of, and whether they are of disks.  Of these
 * two xenstored tells when a domU is there, shuts down, crashes or goes; what
 * libxl offers for a domU's death is made of the same. */
static const struct {
	const char	*path;
	bool		 disks;
} nodes[] = {
	{ "@introduceDomain", false },
	{ "@releaseDomain", false },
	{ "/local/domain/0/backend/vbd", true },
	{ "/local/domain/0/backend/qdisk", true },
};

#define NNODES	(sizeof(nodes) / sizeof(nodes[0]))

static int
watch_nodes(struct watching *w)
{
	size_t i;

	if ((w->xs = xs_open(0)) == NULL)
		return XEN_GAVE_UP;
	for (i = 0; i < NNODES; i++)
		if (!xs_watch(w->xs, nodes[i].path, nodes[i].disks ? "disks" :
		    "domains"))
			return XEN_GAVE_UP;
	return 0;
}

/* Each node is told of once at the start, itself; of disks that says
 * nothing. */
static bool
is_news(char *const *event)
{
	size_t i;

	for (i = 0; i < NNODES; i++)
		if (nodes[i].disks &&
		    strcmp(event[XS_WATCH_PATH], nodes[i].path) == 0)
			return false;
	return true;
}

static int
take_events(struct watching *w)
{
	bool disks = false;
	char **event;

	while ((event = xs_check_watch(w->xs)) != NULL) {
		if (is_news(event)) {
			w->soon = SOON_TIMES;
			disks |= strcmp(event[XS_WATCH_TOKEN], "disks") == 0;
		}
		free(event);
	}
	if (errno != EAGAIN)
		return XEN_GAVE_UP;
	/* A disk that comes is written of many times: told when it is over. */
	if (w->unsettled && !disks)
		w->changes++;
	w->unsettled = disks;
	return 0;
}

/* Anything that the other side says means: now.  It says nothing more when it
 * is gone. */
static int
take_kicks(struct watching *w, const struct pollfd *p)
{
	char c[64];
	ssize_t n = 1;

	if (p->revents != 0)
		n = read(w->fd, c, sizeof(c));
	return n == 0 || (n == -1 && errno != EINTR) ? XEN_UNHEARD : 0;
}

static int
wait_for_news(struct watching *w)
{
	struct pollfd p[2] = { { .fd = w->fd, .events = POLLIN },
	    { .fd = xs_fileno(w->xs), .events = POLLIN } };
	int limit = w->every, rc;

	if (w->soon > 0 && limit > SOON_MS) {
		limit = SOON_MS;
		w->soon--;
	}
	if (poll(p, 1, GAP_MS) <= 0)
		(void)poll(p, 2, limit - GAP_MS);
	if ((rc = take_kicks(w, &p[0])) != 0)
		return rc;
	(void)alarm(XEN_PATIENCE);
	return take_events(w);
}

int
xen_tell_on(int fd, unsigned seconds)
{
	struct watching w = { .fd = fd, .every = (int)seconds * 1000 };
	libxl_ctx *ctx;
	int rc;

	xen_stand_alone();
	if ((ctx = asking_open(fd, &rc)) == NULL)
		return rc;
	asking_tell_host(fd, ctx);
	(void)alarm(XEN_PATIENCE);
	if ((rc = watch_nodes(&w)) != 0)
		return rc;
	for (;;) {
		if ((rc = asking_tell_domains(fd, ctx, w.xs, w.changes,
		    false)) != 0 || (rc = wait_for_news(&w)) != 0)
			return rc;
		asking_tell_host(fd, ctx);
		(void)alarm(XEN_PATIENCE);
	}
}
