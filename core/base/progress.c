/* Progress and cancel; see progress.h. */
#include <stddef.h>

#include "core/base/progress.h"

int
progress_tick(struct progress *p, const char *what, uint64_t done,
    uint64_t total, struct dd_err *e)
{
	if (p == NULL)
		return 0;
	if (p->cancel != NULL && *p->cancel)
		return dd_fail(e, ERR_CANCEL, "cancelled");
	if (p->report != NULL)
		p->report(p, what, done, total);
	return 0;
}
