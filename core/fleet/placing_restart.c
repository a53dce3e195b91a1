/*
 * A domU that runs with the image takes the other one when it is started anew:
 * it is shut down as late as can be, just before the flip, and when anything
 * fails after that it is started again on what it had.  Or it runs on without
 * that disk meanwhile.
 */
#include <unistd.h>

#include "core/fleet/placing_impl.h"

/* From here on it isn't cancelled until it is down: it has been asked, and who
 * undoes this must know that it is to be started again. */
static int
shut_down(struct placing *p, struct dd_err *e)
{
	const struct life steady = { .xen = p->life->xen,
	    .progress = p->life->progress, .limit = p->life->limit,
	    .steady = true };
	struct dd_err why = DD_ERR_INIT;
	struct life_now now;

	if (life_look(p->life, p->restart->name, &now, e) == -1)
		return -1;
	if (!now.there)
		return 0;
	/* one that has crashed can't be asked */
	if (now.state == XEN_CRASHED)
		return life_kill(&steady, p->restart->name, e);
	if (life_shutdown(&steady, p->restart->name, &why) == 0 ||
	    why.code == ERR_NOENT)
		return 0;
	if (p->force)
		return life_kill(&steady, p->restart->name, e);
	*e = why;
	return -1;
}

static int
take_disk(struct placing *p, struct dd_err *e)
{
	struct buf spec = BUF_INIT;

	/* known before: it must be given back */
	if (life_disk_spec(p->life->xen, p->restart->cfg, p->live, &spec,
	    e) == -1) {
		buf_dispose(&spec);
		return -1;
	}
	if ((p->spec = buf_steal(&spec)) == NULL)
		return dd_fail_nomem(e);
	return life_detach(p->life, p->restart, p->live, e);
}

int
placing_shut_down(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	p->down = false;
	if (p->restart == NULL || p->unchanged)
		return 0;
	if (life_can_start(p->restart, e) == -1 || (p->domu_lock == 0 &&
	    life_hold(p->restart, &p->domu_lock, e) == -1))
		return -1;
	if ((p->live != NULL ? take_disk(p, e) : shut_down(p, e)) == -1)
		return -1;
	p->down = true;
	return 0;
}

int
placing_start(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	if (!p->down)
		return 0;
	return p->live != NULL ? life_attach(p->life, p->restart, p->spec,
	    e) : life_start(p->life, p->restart, e);
}

int
placing_start_again(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;

	/* its block script locks the image */
	if (p->down && p->lock > 0) {
		(void)close(p->lock);
		p->lock = 0;
	}
	return placing_start(p, e);
}
