/*
 * Errors as values.
 *
 * A function that can fail returns 0 or -1 and fills a struct dd_err that
 * its caller keeps on the stack.  The first error wins: a filled dd_err is
 * not overwritten, so clean-up code may pass the same one on.  On the way up
 * context goes in front ("web1: pkg.img: superblock: ...").  The hint says
 * what the operator does next.  Only main turns an error into an exit status.
 */
#ifndef DD_BASE_ERR_H
#define DD_BASE_ERR_H

#include <stdarg.h>

/*
 * X(code, name in the manual's DIAGNOSTICS and in JSON, exit status)
 * Exit status: 1 failed, nothing changed; 2 usage; 3 left to recover;
 * 4 faults found; 5 partly done.
 */
#define DD_CODES(X)							\
	X(ERR_NONE,	"none",		0)				\
	X(ERR_USAGE,	"usage",	2)				\
	X(ERR_NOMEM,	"memory",	1)				\
	X(ERR_IO,	"io",		1)				\
	X(ERR_NOENT,	"missing",	1)				\
	X(ERR_EXIST,	"exists",	1)				\
	X(ERR_PERM,	"permission",	1)				\
	X(ERR_TYPE,	"type",		1)				\
	X(ERR_HELD,	"held",		1)				\
	X(ERR_NOSPC,	"space",	1)				\
	X(ERR_FORMAT,	"format",	1)				\
	X(ERR_CORRUPT,	"corrupt",	1)				\
	X(ERR_UNCLEAN,	"unclean",	1)				\
	X(ERR_UNSUP,	"unsupported",	1)				\
	X(ERR_RULE,	"rule",		1)				\
	X(ERR_CONFIG,	"config",	1)				\
	X(ERR_PLAN,	"plan",		1)				\
	X(ERR_CANCEL,	"cancelled",	1)				\
	X(ERR_RECOVER,	"recover",	3)				\
	X(ERR_FAULTS,	"faults",	4)				\
	X(ERR_PARTLY,	"partly",	5)

enum dd_code {
#define X(code, name, status) code,
	DD_CODES(X)
#undef X
	DD_NCODES
};

struct dd_err {
	enum dd_code	code;
	int		sys;		/* errno, or 0 */
	char		msg[768];	/* no newline, control bytes escaped */
	char		hint[384];	/* "" where there is none */
};

#define DD_ERR_INIT	{ .code = ERR_NONE }

#if defined(__GNUC__)
#define DD_PRINTF(f, a)	__attribute__((format(printf, f, a)))
#else
#define DD_PRINTF(f, a)
#endif

/* Fill e unless it is filled.  Each returns -1, so `return dd_fail(...)`. */
int	dd_fail(struct dd_err *e, enum dd_code code, const char *fmt, ...)
	    DD_PRINTF(3, 4);
/* The same for a failed system call: ": strerror(sys)" is added, and the
 * code follows from sys (ENOENT: missing, ENOSPC: space, ...). */
int	dd_fail_sys(struct dd_err *e, int sys, const char *fmt, ...)
	    DD_PRINTF(3, 4);
int	dd_fail_nomem(struct dd_err *e);

/* Put "context: " in front of the message, unless it begins with that.
 * Returns -1. */
int	dd_context(struct dd_err *e, const char *fmt, ...) DD_PRINTF(2, 3);

/* Set the hint where there is none yet.  Returns -1. */
int	dd_hint(struct dd_err *e, const char *fmt, ...) DD_PRINTF(2, 3);

/* Where nobody had a better hint: what an error of that code usually asks
 * for. */
void	dd_default_hint(struct dd_err *e);

void	dd_err_clear(struct dd_err *e);
const char *dd_code_name(enum dd_code code);
int	dd_exit_status(const struct dd_err *e);

#endif
