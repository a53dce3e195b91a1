/*
 * What runs, asked from Xen with libxenlight.
 *
 * libxl hangs when xenstored does not answer, and its libraries may write to
 * standard error.  So a child asks, with standard error closed to it, and
 * tells through a pipe; after five seconds it is given up.
 *
 * What the child tells is a row of NUL-terminated words:
 *
 *	"ok" { "domain" id state memory vcpus cpu-time name
 *	       { "disk" vdev target script mode cdrom
 *	         hotplug-status hotplug-error physical-device } } "end"
 *	"none"			not under Xen
 *	"failed" errno		libxl gave up
 */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxl.h>
#include <libxl_utils.h>
#include <xenstore.h>
#include <xentoollog.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "xen/xen.h"

#define PATIENCE_MS	5000
#define ANSWER_MAX	(16 * 1024 * 1024)

/* ---- the child ---- */

static void
say(FILE *out, const char *word)
{
	(void)fputs(word != NULL ? word : "", out);
	(void)fputc('\0', out);
}

static void
say_number(FILE *out, unsigned long long v)
{
	(void)fprintf(out, "%llu%c", v, '\0');
}

static enum xen_state
state_of(const libxl_dominfo *info)
{
	if (info->shutdown)
		return info->shutdown_reason == LIBXL_SHUTDOWN_REASON_CRASH ?
		    XEN_CRASHED : XEN_DYING;
	if (info->dying)
		return XEN_DYING;
	return info->paused ? XEN_PAUSED : XEN_RUNNING;
}

/* What stands in the backend's folder of xenstore. */
static void
say_backend(FILE *out, struct xs_handle *xs, const char *backend,
    const char *key)
{
	char path[256], *value = NULL;
	unsigned len;

	(void)snprintf(path, sizeof(path), "%s/%s", backend, key);
	if (xs != NULL && backend != NULL)
		value = xs_read(xs, XBT_NULL, path, &len);
	say(out, value);
	free(value);
}

static void
say_disk(FILE *out, libxl_ctx *ctx, struct xs_handle *xs, uint32_t domid,
    const libxl_device_disk *disk)
{
	libxl_diskinfo info;
	bool known;

	libxl_diskinfo_init(&info);
	known = libxl_device_disk_getinfo(ctx, domid, disk, &info) == 0;
	say(out, "disk");
	say(out, disk->vdev);
	say(out, disk->pdev_path);
	say(out, disk->script);
	say(out, disk->readwrite ? "w" : "r");
	say(out, disk->is_cdrom ? "cdrom" : "");
	say_backend(out, xs, known ? info.backend : NULL, "hotplug-status");
	say_backend(out, xs, known ? info.backend : NULL, "hotplug-error");
	say_backend(out, xs, known ? info.backend : NULL, "physical-device");
	libxl_diskinfo_dispose(&info);
}

static void
say_domain(FILE *out, libxl_ctx *ctx, struct xs_handle *xs,
    const libxl_dominfo *info)
{
	libxl_device_disk *disks;
	char *name = libxl_domid_to_name(ctx, info->domid);
	int i, n = 0;

	/* one that went while they were listed */
	if (name == NULL && libxl_domain_info(ctx, NULL, info->domid) != 0)
		return;
	say(out, "domain");
	say_number(out, info->domid);
	say_number(out, state_of(info));
	say_number(out, info->current_memkb + info->outstanding_memkb);
	say_number(out, info->vcpu_online);
	say_number(out, info->cpu_time);
	say(out, name);
	free(name);
	disks = libxl_device_disk_list(ctx, info->domid, &n);
	for (i = 0; disks != NULL && i < n; i++)
		say_disk(out, ctx, xs, info->domid, &disks[i]);
	if (disks != NULL)
		libxl_device_disk_list_free(disks, n);
}

static void
say_failure(FILE *out, int sys)
{
	if (sys == ENOENT || sys == ENODEV || sys == ENXIO)
		say(out, "none");
	else {
		say(out, "failed");
		say_number(out, (unsigned)sys);
	}
}

static void
ask(FILE *out)
{
	FILE *nowhere = fopen("/dev/null", "w");
	xentoollog_logger_stdiostream *logger;
	libxl_dominfo *infos;
	struct xs_handle *xs;
	libxl_ctx *ctx = NULL;
	int i, n = 0;

	logger = nowhere == NULL ? NULL :
	    xtl_createlogger_stdiostream(nowhere, XTL_CRITICAL, 0);
	errno = 0;
	if (logger == NULL || libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0,
	    (xentoollog_logger *)logger) != 0) {
		say_failure(out, errno);
		return;
	}
	if ((infos = libxl_list_domain(ctx, &n)) == NULL) {
		say_failure(out, errno);
		return;
	}
	xs = xs_open(0);
	say(out, "ok");
	for (i = 0; i < n; i++)
		if (infos[i].domid != 0)
			say_domain(out, ctx, xs, &infos[i]);
	say(out, "end");
}

static void
child(int fd)
{
	int null = open("/dev/null", O_RDWR);
	FILE *out = fdopen(fd, "w");

	if (null == -1 || out == NULL)
		_exit(1);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO);
	ask(out);
	_exit(fflush(out) == EOF);
}

/* ---- the parent ---- */

/* All that comes before fd is closed. */
static int
listen_to(int fd, struct buf *b, struct dd_err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t end = clock_ms() + PATIENCE_MS, left;
	char *room;
	ssize_t n;
	int r;

	for (;;) {
		left = end - clock_ms();
		r = left <= 0 ? 0 : poll(&p, 1, (int)left);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == 0) {
			(void)dd_fail(e, ERR_IO, "Xen does not answer");
			return dd_hint(e, "look whether xenstored runs");
		}
		if ((room = buf_room(b, 65536)) == NULL ||
		    b->len > ANSWER_MAX)
			return dd_fail_nomem(e);
		n = r == -1 ? -1 : read(fd, room, 65536);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return dd_fail_sys(e, errno, "asking Xen");
		if (n > 0)
			b->len += (size_t)n;
	}
}

static int
answer(struct buf *b, struct dd_err *e)
{
	int fds[2], rc;
	pid_t pid;

	if (pipe(fds) == -1)
		return dd_fail_sys(e, errno, "asking Xen");
	if ((pid = fork()) == -1) {
		(void)dd_fail_sys(e, errno, "asking Xen");
		(void)close(fds[0]);
		(void)close(fds[1]);
		return -1;
	}
	if (pid == 0) {
		(void)close(fds[0]);
		child(fds[1]);
	}
	(void)close(fds[1]);
	rc = listen_to(fds[0], b, e);
	(void)close(fds[0]);
	if (rc == -1)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	return rc;
}

/* The words of an answer. */
struct words {
	const char	*at, *end;
};

/* The next word; "" behind the last. */
static const char *
next(struct words *w)
{
	const char *word = w->at, *nul;

	if (w->at == w->end ||
	    (nul = memchr(word, '\0', (size_t)(w->end - word))) == NULL)
		return "";
	w->at = nul + 1;
	return word;
}

/* Was this the next word?  Then it is taken. */
static bool
skip_if(struct words *w, const char *word)
{
	struct words ahead = *w;

	if (strcmp(next(&ahead), word) != 0)
		return false;
	*w = ahead;
	return true;
}

/* NULL for an empty word. */
static int
take(struct words *w, char **field, struct dd_err *e)
{
	const char *word = next(w);

	if (word[0] != '\0' && (*field = strdup(word)) == NULL)
		return dd_fail_nomem(e);
	return 0;
}

/* The next word, and what stands behind the colon in it. */
static const char *
next_of(struct words *w, const char **behind)
{
	const char *word = next(w), *colon = strchr(word, ':');

	*behind = colon != NULL ? colon + 1 : "";
	return word;
}

static int
take_disk(struct words *w, struct xen_domain *d, struct dd_err *e)
{
	const char *minor;
	struct xen_disk *v;

	v = realloc(d->disks, (d->ndisks + 1) * sizeof(*v));
	if (v == NULL)
		return dd_fail_nomem(e);
	d->disks = v;
	v = &d->disks[d->ndisks++];
	*v = (struct xen_disk){ .spec = NULL };
	if (take(w, &v->vdev, e) == -1 || take(w, &v->target, e) == -1 ||
	    take(w, &v->script, e) == -1)
		return -1;
	v->readwrite = strcmp(next(w), "w") == 0;
	v->cdrom = strcmp(next(w), "cdrom") == 0;
	if (take(w, &v->status, e) == -1 || take(w, &v->error, e) == -1)
		return -1;
	/* "7:1f", in hexadecimal */
	v->phys_major = (uint32_t)strtoul(next_of(w, &minor), NULL, 16);
	v->phys_minor = (uint32_t)strtoul(minor, NULL, 16);
	return 0;
}

static int
take_domain(struct words *w, struct xen_domain *d, struct dd_err *e)
{
	*d = (struct xen_domain){ .name = NULL };
	d->id = (unsigned)strtoul(next(w), NULL, 10);
	d->state = (enum xen_state)strtoul(next(w), NULL, 10);
	d->memory = strtoull(next(w), NULL, 10) * 1024;
	d->vcpus = (unsigned)strtoul(next(w), NULL, 10);
	d->cpu_time = strtoull(next(w), NULL, 10);
	if (take(w, &d->name, e) == -1)
		return -1;
	while (skip_if(w, "disk"))
		if (take_disk(w, d, e) == -1)
			return -1;
	return 0;
}

static int
no_answer(struct words *w, struct dd_err *e)
{
	int sys;

	if (skip_if(w, "none"))
		return dd_fail(e, ERR_NOENT, "no Xen here");
	sys = skip_if(w, "failed") ? (int)strtol(next(w), NULL, 10) : 0;
	if (sys == EACCES || sys == EPERM) {
		(void)dd_fail_sys(e, sys, "Xen can't be asked");
		return dd_hint(e, "only root may");
	}
	return sys != 0 ? dd_fail_sys(e, sys, "Xen can't be asked") :
	    dd_fail(e, ERR_IO, "Xen can't be asked: libxl failed");
}

void
xen_domains_free(struct xen_domain *v, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < v[i].ndisks; j++)
			xen_disk_dispose(&v[i].disks[j]);
		free(v[i].disks);
		free(v[i].name);
	}
	free(v);
}

int
xen_domains(struct xen_domain **out, size_t *nout, struct dd_err *e)
{
	struct xen_domain *v = NULL, *bigger;
	struct buf b = BUF_INIT;
	struct words w;
	size_t n = 0;
	int rc = -1;

	if (answer(&b, e) == -1)
		goto out;
	w = (struct words){ b.p, b.p + b.len };
	if (!skip_if(&w, "ok")) {
		(void)no_answer(&w, e);
		goto out;
	}
	while (skip_if(&w, "domain")) {
		bigger = realloc(v, (n + 1) * sizeof(*v));
		if (bigger == NULL) {
			(void)dd_fail_nomem(e);
			goto out;
		}
		v = bigger;
		if (take_domain(&w, &v[n++], e) == -1)
			goto out;
	}
	if (!skip_if(&w, "end")) {
		(void)no_answer(&w, e);
		goto out;
	}
	*out = v;
	*nout = n;
	v = NULL;
	n = 0;
	rc = 0;
out:
	xen_domains_free(v, n);
	buf_dispose(&b);
	return rc;
}
