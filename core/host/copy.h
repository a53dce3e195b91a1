/*
 * A file of the host copied: its blocks shared where the file system can, else
 * what is data in it, so that holes stay holes.
 */
#ifndef DD_HOST_COPY_H
#define DD_HOST_COPY_H

#include "core/base/progress.h"

struct host_copy {
	int		 from, to;	/* regular files; to is empty */
	const char	*source, *target;	/* for messages */
	uint64_t	 size;		/* of both */
	const char	*what;		/* "copying the image" */
	struct progress	*progress;
	/* NULL; or sees all of it, in order, holes with p NULL. */
	int		(*seen)(void *arg, const void *p, uint64_t off,
			    uint64_t len, struct dd_err *);
	void		*arg;
};

/* Read, and written; not synced. */
int	host_copy(const struct host_copy *, struct dd_err *);

/* Is there room for so many bytes more where the file fd is?  ERR_NOSPC names
 * what is copied. */
int	host_has_room(int fd, const char *source, uint64_t bytes,
	    struct dd_err *);

/* The next range of a file's data from off on; *end == *start: there is no
 * more.  Where the host can't tell holes, all is data. */
int	host_next_data(int fd, const char *name, uint64_t size, uint64_t off,
	    uint64_t *start, uint64_t *end, struct dd_err *);

#endif
