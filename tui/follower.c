/* Following Xen; see follower.h. */
#include "core/base/clock.h"
#include "tui/follower.h"

int
follower_open(struct follower *f, const struct xen_ops *xen,
    unsigned seconds, struct dd_err *e)
{
	*f = (struct follower){ .xen = xen, .heard = clock_ms() };
	if (seconds == 0)
		return 0;
	(void)dd_fail(&f->why, ERR_IO, "Xen has not answered yet");
	(void)dd_hint(&f->why, "look whether xenstored runs");
	return xen->watch_open(seconds, &f->watch, e);
}

static void
forget(struct follower *f)
{
	if (f->now.domains != NULL)
		f->xen->domains_free(f->now.domains, f->now.ndomains);
	f->now = (struct xen_now){ .at = 0 };
}

void
follower_close(struct follower *f)
{
	if (f->watch == NULL)
		return;
	f->xen->watch_close(f->watch);
	f->watch = NULL;
	forget(f);
	live_shares_dispose(&f->shares);
	restarts_dispose(&f->restarts);
}

int
follower_fd(const struct follower *f)
{
	return f->watch == NULL ? -1 : f->xen->watch_fd(f->watch);
}

static uint64_t
answered(struct follower *f, struct xen_now *now)
{
	struct dd_err ignored = DD_ERR_INIT;

	forget(f);
	f->now = *now;
	f->heard = clock_ms();
	dd_err_clear(&f->why);
	/* without memory these are of the moment before */
	(void)live_shares_take(&f->shares, &f->now, &ignored);
	(void)restarts_take(&f->restarts, f->now.domains, f->now.ndomains,
	    f->heard, &ignored);
	return live_mark(&f->now);
}

enum news
follower_read(struct follower *f)
{
	enum news news = NEWS_NONE;
	struct xen_now now;
	struct dd_err e;
	uint64_t mark;
	int r;

	if (f->watch == NULL)
		return news;
	for (;;) {
		e = (struct dd_err)DD_ERR_INIT;
		if ((r = f->xen->watch_read(f->watch, &now, &e)) == 0)
			return news;
		if (r == 1)
			mark = answered(f, &now);
		else {
			f->why = e;
			mark = e.code;
		}
		if (news != NEWS_SET)
			news = mark == f->mark ? NEWS_FIGURES : NEWS_SET;
		f->mark = mark;
	}
}

void
follower_kick(struct follower *f)
{
	if (f->watch != NULL)
		f->xen->watch_kick(f->watch);
}

bool
follower_answers(const struct follower *f)
{
	return follower_fd(f) != -1 && f->why.code == ERR_NONE;
}

const struct dd_err *
follower_why_not(const struct follower *f)
{
	return follower_fd(f) == -1 || f->why.code == ERR_NONE ? NULL :
	    &f->why;
}
