/*
 * Memory for keys and passphrases: locked (never swapped), wiped when freed,
 * from libgcrypt's secure pool.  The process's core dumps are turned off when
 * the first secret is made; on Linux only root can look into it from then on.
 */
#ifndef DD_BASE_SECRET_H
#define DD_BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct secret {
	unsigned char	*p;
	size_t		 len;
};

#define SECRET_INIT	{ .p = NULL }

/* Called once, before the first secret is made; main sets it to what the host
 * can do. */
extern void (*secret_first)(void);

/* len zero bytes (and a zero byte behind them). */
int	secret_alloc(struct secret *, size_t len, struct dd_err *);
void	secret_free(struct secret *);	/* wipes; idempotent */
/* Shorten to len; what is cut off is wiped. */
void	secret_cut(struct secret *, size_t len);

/* Wipe memory that is not a struct secret, so that no compiler drops it. */
void	secret_wipe(void *p, size_t len);

/* All of a descriptor up to max bytes; more is an error. */
int	secret_read_fd(int fd, size_t max, const char *name,
	    struct secret *, struct dd_err *);
/* The same, until that moment of clock_ms() at most; ERR_IO. */
int	secret_read_until(int fd, size_t max, int64_t end, const char *name,
	    struct secret *, struct dd_err *);
/* One line, without its newline. */
int	secret_read_line(int fd, size_t max, const char *name,
	    struct secret *, struct dd_err *);

#endif
