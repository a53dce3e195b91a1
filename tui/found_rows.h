/* The rows of the findings view: what the doctor found (core/fleet/doctor.h). */
#ifndef DD_TUI_FOUND_ROWS_H
#define DD_TUI_FOUND_ROWS_H

#include "core/fleet/doctor.h"
#include "tui/list.h"

/* Each has an identity, by which it is found again when the fleet was read
 * anew: its kind, and what it is about. */
struct found {
	const struct doctor	*doctor;
	char			**ids;
	size_t			 n;
};

/* NULL: out of memory.  doctor must live as long. */
struct found *found_new(const struct doctor *);
void	found_free(struct found *);	/* NULL is fine */

/* The rows: a struct found.  wide: for a screen with room for their kinds; the
 * columns are the same. */
extern const struct list_source found_rows, found_rows_wide;

#endif
