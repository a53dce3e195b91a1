/* A look at the file systems of this host that images lie on. */
#ifndef DD_TUI_SPACE_H
#define DD_TUI_SPACE_H

#include <sys/types.h>
#include <stdint.h>

#include "core/fleet/fleet.h"
#include "tui/look.h"

struct space {
	dev_t		 dev;
	char		*at;		/* where it is mounted, as far as the
					 * images' paths tell */
	uint64_t	 size, free;	/* bytes; free: for who is not root */
	size_t		 images;
	uint64_t	 taken;		/* bytes, by them */
	char		*error;		/* it can't be asked, or NULL */
};

struct space_look {
	struct look	 look;
	struct space	*v;		/* the fullest first */
	size_t		 n;
};

/* NULL: out of memory. */
struct space_look *space_look_new(const struct fleet *);
void	spaces_free(struct space *, size_t n);

#endif
