/* What mends a finding, each through the question or preview that there is for
 * it anyway. */
#ifndef DD_TUI_MEND_H
#define DD_TUI_MEND_H

#include "tui/views.h"

/* Why it can't be done from here, which is what is to be done instead; NULL: it
 * can.  Valid as long as the finding, and until the next call. */
const char *mend_why_not(const struct model *,
	    const struct doctor_finding *);
void	mend_begin(struct app *, const struct doctor_finding *);

#endif
