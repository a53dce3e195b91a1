/*
 * A Xen for tests: takes the place of the functions of libxenlight and
 * libxenstore that drydock calls, when linked in front of them.  What it has
 * stands in the file that FAKE_XEN names, read anew each time:
 *
 *	host VERSION MIB FREE-MIB CPUS
 *	domain ID NAME STATE MIB VCPUS CPU-PERMILLE SECONDS-UP
 *	none | denied		libxl can't be had, for that reason
 *	hang			xenstored does not answer
 *	deaf			xenstored answers with errors
 *
 * NAME: - for one that has none.  STATE: r, p (paused), c (crashed), d (dying), g (gone while it is listed).
 * xenstore's events come through a FIFO beside the file, ".events": each "d" is
 * a domU's, each "v" a disk's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libxl.h>
#include <libxl_event.h>
#include <libxl_utils.h>
#include <xenstore.h>

#define MAX	16

struct domain {
	unsigned	id;
	char		name[32];
	char		state;
	unsigned	mib, vcpus, permille, up;
};

static struct {
	char		version[32];
	unsigned	mib, free, cpus;
	char		trouble[16];
	struct domain	v[MAX];
	int		n;
} fake;

static void
look(void)
{
	const char *path = getenv("FAKE_XEN");
	FILE *f = path == NULL ? NULL : fopen(path, "r");
	struct domain *d;
	char line[256];

	memset(&fake, 0, sizeof(fake));
	if (f == NULL)
		abort();
	while (fgets(line, sizeof(line), f) != NULL && fake.n < MAX) {
		d = &fake.v[fake.n];
		if (sscanf(line, "domain %u %31s %c %u %u %u %u", &d->id,
		    d->name, &d->state, &d->mib, &d->vcpus, &d->permille,
		    &d->up) == 7)
			fake.n++;
		else if (sscanf(line, "host %31s %u %u %u", fake.version,
		    &fake.mib, &fake.free, &fake.cpus) != 4)
			(void)sscanf(line, "%15s", fake.trouble);
	}
	(void)fclose(f);
}

/* Who needs xenstored waits for it. */
static void
need_xenstored(void)
{
	look();
	while (strcmp(fake.trouble, "hang") == 0)
		(void)pause();
}

static const struct domain *
domain(uint32_t id)
{
	int i;

	for (i = 0; i < fake.n; i++)
		if (fake.v[i].id == id && fake.v[i].state != 'g')
			return &fake.v[i];
	return NULL;
}

int
libxl_ctx_alloc(libxl_ctx **ctx, int version, unsigned flags,
    xentoollog_logger *lg)
{
	const char *pids = getenv("FAKE_XEN_PIDS");
	FILE *f;

	(void)version;
	(void)flags;
	(void)lg;
	if (pids != NULL && (f = fopen(pids, "a")) != NULL) {
		(void)fprintf(f, "%ld\n", (long)getpid());
		(void)fclose(f);
	}
	look();
	if (strcmp(fake.trouble, "none") == 0 ||
	    strcmp(fake.trouble, "denied") == 0) {
		errno = fake.trouble[0] == 'n' ? ENOENT : EACCES;
		return ERROR_FAIL;
	}
	*ctx = (libxl_ctx *)&fake;
	return 0;
}

void
libxl_childproc_setmode(libxl_ctx *ctx, const libxl_childproc_hooks *hooks,
    void *user)
{
	(void)ctx;
	(void)user;
	if (hooks->chldowner !=
	    libxl_sigchld_owner_libxl_always_selective_reap)
		abort();
}

const libxl_version_info *
libxl_get_version_info(libxl_ctx *ctx)
{
	static libxl_version_info v;

	(void)ctx;
	v.pagesize = 4096;
	v.xen_version_major = atoi(fake.version);
	v.xen_version_minor = atoi(strchr(fake.version, '.') + 1);
	v.xen_version_extra = strrchr(fake.version, '.');
	return &v;
}

int
libxl_get_physinfo(libxl_ctx *ctx, libxl_physinfo *info)
{
	(void)ctx;
	info->total_pages = (uint64_t)fake.mib * 256;
	info->free_pages = (uint64_t)fake.free * 256;
	info->nr_cpus = fake.cpus;
	return 0;
}

static void
fill(libxl_dominfo *info, const struct domain *d)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	libxl_dominfo_init(info);
	info->domid = d->id;
	info->outstanding_memkb = 0;
	info->current_memkb = (uint64_t)d->mib * 1024;
	info->vcpu_online = d->vcpus;
	info->cpu_time = ((uint64_t)ts.tv_sec * 1000000000 +
	    (uint64_t)ts.tv_nsec) / 1000 * d->permille;
	info->paused = d->state == 'p';
	info->dying = d->state == 'd';
	info->shutdown = d->state == 'c';
	info->shutdown_reason = LIBXL_SHUTDOWN_REASON_CRASH;
}

libxl_dominfo *
libxl_list_domain(libxl_ctx *ctx, int *n)
{
	libxl_dominfo *v;
	int i;

	(void)ctx;
	look();
	if ((v = calloc((size_t)fake.n + 1, sizeof(*v))) == NULL)
		return NULL;
	libxl_dominfo_init(&v[0]);	/* dom0 */
	for (i = 0; i < fake.n; i++)
		fill(&v[i + 1], &fake.v[i]);
	*n = fake.n + 1;
	return v;
}

int
libxl_domain_info(libxl_ctx *ctx, libxl_dominfo *info, uint32_t id)
{
	(void)ctx;
	(void)info;
	return domain(id) != NULL ? 0 : ERROR_DOMAIN_NOTFOUND;
}

char *
libxl_domid_to_name(libxl_ctx *ctx, uint32_t id)
{
	const struct domain *d;

	(void)ctx;
	need_xenstored();
	d = domain(id);
	return d == NULL || strcmp(d->name, "-") == 0 ||
	    strcmp(fake.trouble, "deaf") == 0 ? NULL : strdup(d->name);
}

uint32_t
libxl_vm_get_start_time(libxl_ctx *ctx, uint32_t id)
{
	const struct domain *d = domain(id);

	(void)ctx;
	return d == NULL ? UINT32_MAX : (uint32_t)time(NULL) - d->up;
}

libxl_device_disk *
libxl_device_disk_list(libxl_ctx *ctx, uint32_t id, int *n)
{
	(void)ctx;
	(void)id;
	*n = 0;
	return NULL;
}

struct xs_handle *
xs_open(unsigned long flags)
{
	char path[512];
	static int fd;

	(void)flags;
	need_xenstored();
	(void)snprintf(path, sizeof(path), "%s.events", getenv("FAKE_XEN"));
	if ((fd = open(path, O_RDWR | O_NONBLOCK)) == -1)
		return NULL;
	return (struct xs_handle *)&fd;
}

bool
xs_watch(struct xs_handle *xs, const char *path, const char *token)
{
	(void)xs;
	(void)path;
	(void)token;
	return true;
}

void *
xs_read(struct xs_handle *xs, xs_transaction_t t, const char *path,
    unsigned *len)
{
	(void)xs;
	(void)t;
	(void)path;
	*len = 0;
	return strcmp(fake.trouble, "deaf") == 0 ? NULL : strdup("");
}

int
xs_fileno(struct xs_handle *xs)
{
	return *(int *)xs;
}

char **
xs_check_watch(struct xs_handle *xs)
{
	static char paths[2][64] = { "@releaseDomain",
	    "/local/domain/0/backend/vbd/1/51712/state" };
	static char tokens[2][16] = { "domains", "disks" };
	char **event, c;

	if (read(*(int *)xs, &c, 1) != 1 ||
	    (event = calloc(2, sizeof(*event))) == NULL) {
		errno = EAGAIN;
		return NULL;
	}
	event[XS_WATCH_PATH] = paths[c == 'v'];
	event[XS_WATCH_TOKEN] = tokens[c == 'v'];
	return event;
}
