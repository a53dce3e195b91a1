/*
 * Errors as values; see err.h.  Messages are escaped when they are made:
 * names from images and configurations end up in them, and a message may go
 * straight to a terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/vis.h"

static const struct {
	const char	*name;
	int		 status;
} codes[DD_NCODES] = {
#define X(code, name, status) [code] = { name, status },
	DD_CODES(X)
#undef X
};

static enum dd_code
code_of_errno(int sys)
{
	switch (sys) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOENT;
	case EEXIST:
	case ENOTEMPTY:
		return ERR_EXIST;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_PERM;
	case EISDIR:
		return ERR_TYPE;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_NOSPC;
	case ENOMEM:
		return ERR_NOMEM;
	case EBUSY:
	case EWOULDBLOCK:
		return ERR_HELD;
	default:
		return ERR_IO;
	}
}

static void
format(char *dst, size_t cap, const char *fmt, va_list ap)
{
	char raw[1024];

	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	vis_str(dst, cap, raw);
}

int
dd_fail(struct dd_err *e, enum dd_code code, const char *fmt, ...)
{
	va_list ap;

	if (e->code != ERR_NONE)
		return -1;
	e->code = code;
	e->sys = 0;
	e->hint[0] = '\0';
	va_start(ap, fmt);
	format(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
dd_fail_sys(struct dd_err *e, int sys, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	if (e->code != ERR_NONE)
		return -1;
	e->code = code_of_errno(sys);
	e->sys = sys;
	e->hint[0] = '\0';
	va_start(ap, fmt);
	format(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	n = strlen(e->msg);
	(void)snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", strerror(sys));
	return -1;
}

int
dd_fail_nomem(struct dd_err *e)
{
	return dd_fail(e, ERR_NOMEM, "out of memory");
}

int
dd_context(struct dd_err *e, const char *fmt, ...)
{
	char front[sizeof(e->msg)], all[sizeof(e->msg)];
	va_list ap;
	size_t n, room;

	va_start(ap, fmt);
	format(front, sizeof(front), fmt, ap);
	va_end(ap);
	n = strlen(front);
	if (strncmp(e->msg, front, n) == 0 && e->msg[n] == ':')
		return -1;
	if (n > sizeof(all) - 4)
		n = sizeof(all) - 4;
	memcpy(all, front, n);
	memcpy(all + n, ": ", 3);
	n += 2;
	room = strnlen(e->msg, sizeof(all) - n - 1);
	memcpy(all + n, e->msg, room);
	all[n + room] = '\0';
	memcpy(e->msg, all, n + room + 1);
	return -1;
}

int
dd_hint(struct dd_err *e, const char *fmt, ...)
{
	va_list ap;

	if (e->hint[0] != '\0')
		return -1;
	va_start(ap, fmt);
	format(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	return -1;
}

void
dd_default_hint(struct dd_err *e)
{
	static const char *const hints[DD_NCODES] = {
		[ERR_USAGE] = "drydock COMMAND --help tells how it is used",
		[ERR_NOMEM] = "end another program, or add memory",
		[ERR_IO] = "the host's log may tell more: is a disk failing?",
		[ERR_NOENT] = "check the path; one in an image is "
		    "IMAGE:/path",
		[ERR_EXIST] = "take another name, or remove what is there",
		[ERR_PERM] = "run it as root, or as who owns the file",
		[ERR_TYPE] = "name a file of the kind that is wanted",
		[ERR_HELD] = "wait until the other one has finished",
		[ERR_NOSPC] = "make room, and do it again",
		[ERR_FORMAT] = "is it the right file?",
		[ERR_CORRUPT] = "drydock check tells what is damaged",
		[ERR_UNCLEAN] = "boot the domU once, or run fsck_ffs on "
		    "NetBSD",
		[ERR_UNSUP] = "drydock disk shows what an image holds",
		[ERR_RULE] = "mend that file in the image, or undo what made "
		    "it unlike NetBSD's",
		[ERR_CONFIG] = "mend that configuration, then repeat the "
		    "command",
		[ERR_PLAN] = "look at it again with --dry-run",
		[ERR_RECOVER] = "drydock recover brings it to an end",
		[ERR_FAULTS] = "look at its console, or at the image with "
		    "drydock check",
		[ERR_PARTLY] = "what is finished stands: do the rest again",
		[ERR_CANCEL] = "nothing was changed: do it again at any time",
	};

	if (e->code < DD_NCODES && hints[e->code] != NULL)
		(void)dd_hint(e, "%s", hints[e->code]);
}

void
dd_err_clear(struct dd_err *e)
{
	e->code = ERR_NONE;
	e->sys = 0;
	e->msg[0] = '\0';
	e->hint[0] = '\0';
}

const char *
dd_code_name(enum dd_code code)
{
	return code < DD_NCODES ? codes[code].name : "unknown";
}

int
dd_exit_status(const struct dd_err *e)
{
	return e->code < DD_NCODES ? codes[e->code].status : 1;
}
