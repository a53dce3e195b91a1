/*
 * What runs, asked from Xen with libxenlight, and told through a descriptor.
 *
 * All of this runs in a process of its own (see ask.c and watch.c), since libxl
 * hangs where xenstored does not answer, and its libraries may write to
 * standard error.  An alarm ends that process when libxl does not get on for
 * XEN_PATIENCE, whoever has started it and whether or not that one still lives.
 * Many domUs on a slow host may take longer altogether.
 *
 * What is told is a row of messages.  Each is its length, in digits, and as
 * many bytes; all are words that end in NUL:
 *
 *	"host" version memory free cpus		memory in bytes
 *	"domains" milliseconds changes
 *	    { "domain" id state memory vcpus cpu-time started name
 *	    { "disk" vdev target script mode cdrom elsewhere
 *	      hotplug-status hotplug-error physical-device } }
 *						memory in KiB
 *	"none"					not under Xen
 *	"failed" errno				libxl gave up
 *	"silent"				xenstored does not answer
 *
 * The host comes first: it needs the hypervisor alone, so that who is told
 * nothing more knows that xenstored is what does not answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxl.h>
#include <libxl_event.h>
#include <libxl_utils.h>
#include <xenstore.h>
#include <xentoollog.h>

#include "core/base/clock.h"
#include "xen/asking.h"
#include "xen/told.h"

/* ---- words and messages ---- */

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

	(void)alarm(XEN_PATIENCE);
	libxl_diskinfo_init(&info);
	known = libxl_device_disk_getinfo(ctx, domid, disk, &info) == 0;
	say(out, "disk");
	say(out, disk->vdev);
	say(out, disk->pdev_path);
	say(out, disk->script);
	say(out, disk->readwrite ? "w" : "r");
	say(out, disk->is_cdrom ? "cdrom" : "");
	say(out, disk->backend_domid != 0 ? "elsewhere" : "");
	say_backend(out, xs, known ? info.backend : NULL, "hotplug-status");
	say_backend(out, xs, known ? info.backend : NULL, "hotplug-error");
	/* a driver domain has numbers of its own */
	say_backend(out, xs, known && disk->backend_domid == 0 ?
	    info.backend : NULL, "physical-device");
	libxl_diskinfo_dispose(&info);
}

static bool
xenstored_answers(struct xs_handle *xs)
{
	unsigned len;
	char *value = xs == NULL ? NULL : xs_read(xs, XBT_NULL, "/", &len);

	free(value);
	return value != NULL;
}

static void
say_domain(FILE *out, libxl_ctx *ctx, struct xs_handle *xs,
    const libxl_dominfo *info, bool with_disks)
{
	libxl_device_disk *disks = NULL;
	uint32_t started;
	int i, n = 0;
	char *name;

	(void)alarm(XEN_PATIENCE);
	name = libxl_domid_to_name(ctx, info->domid);
	/* one that went while they were listed; or else xenstored did */
	if (name == NULL && libxl_domain_info(ctx, NULL, info->domid) != 0)
		return;
	if (name == NULL && !xenstored_answers(xs))
		_exit(XEN_GAVE_UP);
	started = libxl_vm_get_start_time(ctx, info->domid);
	say(out, "domain");
	say_number(out, info->domid);
	say_number(out, state_of(info));
	say_number(out, info->current_memkb + info->outstanding_memkb);
	say_number(out, info->vcpu_online);
	say_number(out, info->cpu_time);
	say_number(out, started == UINT32_MAX ? 0 : started);
	say(out, name);
	free(name);
	if (with_disks)
		disks = libxl_device_disk_list(ctx, info->domid, &n);
	for (i = 0; disks != NULL && i < n; i++)
		say_disk(out, ctx, xs, info->domid, &disks[i]);
	if (disks != NULL)
		libxl_device_disk_list_free(disks, n);
}

static void
send_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = write(fd, p, len)) == -1) {
			if (errno != EINTR)
				_exit(XEN_UNHEARD);
			n = 0;
		}
}

/* A message that is written into memory first: *p and *len are its. */
static FILE *
begin(char **p, size_t *len)
{
	FILE *out = open_memstream(p, len);

	if (out == NULL)
		_exit(XEN_GAVE_UP);
	return out;
}

/* Whoever listens may take its time: that is not Xen's. */
static void
tell(int fd, FILE *out, char **p, const size_t *len)
{
	char head[24];

	if (fclose(out) == EOF)
		_exit(XEN_GAVE_UP);
	(void)alarm(0);
	(void)snprintf(head, sizeof(head), "%zu", *len);
	send_all(fd, head, strlen(head) + 1);
	send_all(fd, *p, *len);
	free(*p);
}

static void
tell_word(int fd, const char *word)
{
	size_t len;
	char *p;
	FILE *out = begin(&p, &len);

	say(out, word);
	tell(fd, out, &p, &len);
}

void
xen_tell_silence(int fd)
{
	tell_word(fd, "silent");
}

/* ---- what is asked ---- */

/* libxl can't be had: for want of a hypervisor, or only of xenstored? */
static int
tell_failure(int fd, int sys)
{
	static const char *const hypervisor[] = { "/dev/xen/privcmd",
	    "/kern/xen/privcmd" };
	size_t i, len;
	FILE *out;
	char *p;

	if (sys == ENOENT || sys == ENODEV || sys == ENXIO) {
		for (i = 0; i < 2; i++)
			if (access(hypervisor[i], F_OK) == 0)
				return XEN_GAVE_UP;
		tell_word(fd, "none");
		return XEN_NOT_HERE;
	}
	out = begin(&p, &len);
	say(out, "failed");
	say_number(out, (unsigned)sys);
	tell(fd, out, &p, &len);
	return sys == EACCES || sys == EPERM ? XEN_NOT_HERE : XEN_FAILED;
}

void
asking_tell_host(int fd, libxl_ctx *ctx)
{
	const libxl_version_info *v = libxl_get_version_info(ctx);
	libxl_physinfo info;
	size_t len;
	FILE *out;
	char *p;

	libxl_physinfo_init(&info);
	if (v != NULL && libxl_get_physinfo(ctx, &info) == 0) {
		out = begin(&p, &len);
		say(out, "host");
		(void)fprintf(out, "%d.%d%s%c", v->xen_version_major,
		    v->xen_version_minor, v->xen_version_extra != NULL ?
		    v->xen_version_extra : "", '\0');
		say_number(out, info.total_pages *
		    (unsigned)v->pagesize);
		/* as xl info has it: without what is claimed already */
		say_number(out, (info.free_pages - info.outstanding_pages) *
		    (unsigned)v->pagesize);
		say_number(out, info.nr_cpus);
		tell(fd, out, &p, &len);
	}
	libxl_physinfo_dispose(&info);
}

int
asking_tell_domains(int fd, libxl_ctx *ctx, struct xs_handle *xs,
    unsigned changes, bool with_disks)
{
	const int64_t now = clock_ms();
	libxl_dominfo *infos;
	int i, n = 0;
	size_t len;
	FILE *out;
	char *p;

	if ((infos = libxl_list_domain(ctx, &n)) == NULL)
		return tell_failure(fd, errno);
	out = begin(&p, &len);
	say(out, "domains");
	say_number(out, (unsigned long long)now);
	say_number(out, changes);
	for (i = 0; i < n; i++)
		if (infos[i].domid != 0)
			say_domain(out, ctx, xs, &infos[i], with_disks);
	libxl_dominfo_list_free(infos, n);
	tell(fd, out, &p, &len);
	return 0;
}

void
xen_stand_alone(void)
{
	static const int signals[] = { SIGALRM, SIGCHLD, SIGHUP, SIGINT,
	    SIGPIPE, SIGTERM, SIGTSTP, SIGWINCH };
	int null = open("/dev/null", O_RDWR);
	sigset_t none;
	size_t i;

	(void)setsid();
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (i = 0; i <= STDERR_FILENO; i++)
		if (null == -1 || dup2(null, (int)i) == -1)
			_exit(XEN_GAVE_UP);
}

libxl_ctx *
asking_open(int fd, int *why)
{
	/* All children that this process has are libxl's; should there be
	 * others it leaves them alone. */
	static const libxl_childproc_hooks hooks = { .chldowner =
	    libxl_sigchld_owner_libxl_always_selective_reap };
	FILE *nowhere = fopen("/dev/null", "w");
	xentoollog_logger_stdiostream *logger;
	libxl_ctx *ctx = NULL;

	(void)alarm(XEN_PATIENCE);
	logger = nowhere == NULL ? NULL :
	    xtl_createlogger_stdiostream(nowhere, XTL_CRITICAL, 0);
	errno = 0;
	if (logger == NULL || libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0,
	    (xentoollog_logger *)logger) != 0) {
		*why = tell_failure(fd, errno);
		return NULL;
	}
	libxl_childproc_setmode(ctx, &hooks, NULL);
	return ctx;
}

int
xen_tell_once(int fd, bool domains, bool disks)
{
	libxl_ctx *ctx;
	int why;

	xen_stand_alone();
	if ((ctx = asking_open(fd, &why)) == NULL)
		return why;
	asking_tell_host(fd, ctx);
	(void)alarm(XEN_PATIENCE);
	return !domains ? XEN_TOLD :
	    asking_tell_domains(fd, ctx, xs_open(0), 0, disks);
}
