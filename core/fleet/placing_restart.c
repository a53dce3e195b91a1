/*
 * A domU that runs with the image takes the other one when it is started anew:
 * it is shut down as late as can be, just before the flip, and when anything
 * fails after that it is started again on what it had.  Or it runs on without
 * that disk meanwhile.
 */
#include "core/fleet/placing_impl.h"

int
placing_shut_down(void *ctx, struct dd_err *e)
{
	struct placing *p = ctx;
	struct life_now now;

	p->down = false;
	if (p->restart == NULL || p->unchanged)
		return 0;
	if (p->live != NULL) {
		if (life_detach(p->life, p->restart, p->live, e) == -1)
			return -1;
		p->down = true;
		return 0;
	}
	if (life_look(p->life, p->restart->name, &now, e) == -1)
		return -1;
	/* one that has crashed or gone down can't be asked */
	if (now.there && (now.state == XEN_CRASHED ? life_kill(p->life,
	    p->restart->name, e) : life_shutdown(p->life, p->restart->name,
	    e)) == -1)
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
	return p->live != NULL ? life_attach(p->life, p->restart, p->live,
	    e) : life_start(p->life, p->restart, e);
}
