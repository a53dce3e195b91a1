/*
 * An image and the state of its re-encryption, as two files that are written
 * through a table of calls which records each write, fsync, create, rename,
 * truncate and unlink; and from the record what a power cut may leave: of what
 * was not fsync'ed any sectors, each or not; of the folder any entries.
 *
 * A write that an fsync failed for may never come to the disk, however many
 * fsyncs succeed afterwards: the system has thrown it away and reads from
 * memory what is on no disk.
 */
#ifndef DD_TESTS_CUT_H
#define DD_TESTS_CUT_H

#include <sys/stat.h>
#include <errno.h>

#include "core/disk/file.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define IMAGE_SIZE	((size_t)44 * 512)
#define STATE_MAX	((size_t)48 * 1024)
#define EVENTS_MAX	400
#define PENDING_MAX	400

/* The image, its state, that under the name it is made by. */
enum file { F_IMAGE, F_STATE, F_NEW, F_N };
static char names[F_N][700];

enum kind { WRITE, SYNC, SYNC_FAILED, TRUNCATE, CREATE, RENAME, UNLINK,
	SYNC_DIR };

struct event {
	enum kind	 kind;
	enum file	 file;
	uint64_t	 off;
	size_t		 len;
	uint8_t		*data;
};

static struct event events[EVENTS_MAX];
static int nevents;

/* What a disk holds. */
struct content {
	bool	there;
	size_t	len;
	uint8_t	data[STATE_MAX];
};

struct disk {
	struct content	f[F_N];
};

static struct event *
record(enum kind kind, enum file file)
{
	if (nevents == EVENTS_MAX) {
		printf("not ok - too many events\n");
		exit(1);
	}
	free(events[nevents].data);
	events[nevents] = (struct event){ .kind = kind, .file = file };
	return &events[nevents++];
}

static enum file
file_of(const char *path)
{
	enum file f;

	for (f = F_IMAGE; f < F_N; f++)
		if (strcmp(names[f], path) == 0)
			return f;
	printf("not ok - what is %s?\n", path);
	exit(1);
}

static enum file
file_of_fd(int fd)
{
	struct stat st, there;
	enum file f;

	if (fstat(fd, &st) == -1)
		exit(1);
	for (f = F_IMAGE; f < F_N; f++)
		if (lstat(names[f], &there) == 0 &&
		    st.st_ino == there.st_ino)
			return f;
	printf("not ok - a file without name\n");
	exit(1);
}

/* The call numbered fail_at fails, with fail_errno. */
static int fail_at = -1, fail_errno, ncalls;

static bool
fails(const char *name, struct dd_err *err)
{
	if (ncalls++ != fail_at)
		return false;
	(void)dd_fail_sys(err, fail_errno, "%s: injected", name);
	return true;
}

static int
rec_read(int fd, void *p, size_t len, uint64_t off, const char *name,
    struct dd_err *err)
{
	return fails(name, err) ? -1 :
	    disk_io_host.read(fd, p, len, off, name, err);
}

static void
record_write(int fd, const void *p, size_t len, uint64_t off)
{
	struct event *ev = record(WRITE, file_of_fd(fd));

	ev->off = off;
	ev->len = len;
	if ((ev->data = malloc(len)) == NULL)
		exit(1);
	memcpy(ev->data, p, len);
}

static int
rec_write(int fd, const void *p, size_t len, uint64_t off, const char *name,
    struct dd_err *err)
{
	struct dd_err none = DD_ERR_INIT;

	if (fails(name, err)) {
		/* half of it had been written, in whole sectors */
		len = len / 1024 * 512;
		record_write(fd, p, len, off);
		(void)disk_io_host.write(fd, p, len, off, name, &none);
		return -1;
	}
	record_write(fd, p, len, off);
	return disk_io_host.write(fd, p, len, off, name, err);
}

static int
rec_sync(int fd, const char *name, struct dd_err *err)
{
	if (fails(name, err)) {
		(void)record(SYNC_FAILED, file_of_fd(fd));
		return -1;
	}
	(void)record(SYNC, file_of_fd(fd));
	return 0;
}

static int
rec_allocate(int fd, uint64_t off, uint64_t len, const char *name,
    struct dd_err *err)
{
	return fails(name, err) ? -1 :
	    disk_io_host.allocate(fd, off, len, name, err);
}

static int
rec_create(const char *path, int *fd, struct dd_err *err)
{
	if (fails(path, err))
		return -1;
	(void)record(CREATE, file_of(path));
	return disk_io_host.create(path, fd, err);
}

static int
rec_truncate(int fd, const char *name, struct dd_err *err)
{
	if (fails(name, err))
		return -1;
	(void)record(TRUNCATE, file_of_fd(fd));
	return disk_io_host.truncate(fd, name, err);
}

/* Of the new state to its place. */
static int
rec_rename(const char *path, const char *to, struct dd_err *err)
{
	if (fails(path, err))
		return -1;
	T(file_of(path) == F_NEW && file_of(to) == F_STATE);
	(void)record(RENAME, F_NEW);
	return disk_io_host.rename(path, to, err);
}

static int
rec_unlink(const char *path, struct dd_err *err)
{
	if (fails(path, err))
		return -1;
	(void)record(UNLINK, file_of(path));
	return disk_io_host.unlink(path, err);
}

static int
rec_sync_dir(const char *path, struct dd_err *err)
{
	if (fails(path, err))
		return -1;
	(void)record(SYNC_DIR, F_N);
	return 0;
}

static const struct disk_io recorder = {
	.read = rec_read,
	.write = rec_write,
	.sync = rec_sync,
	.allocate = rec_allocate,
	.create = rec_create,
	.truncate = rec_truncate,
	.rename = rec_rename,
	.unlink = rec_unlink,
	.sync_dir = rec_sync_dir,
};

/* -- what a cut leaves --------------------------------------------------- */

/* Was what event i did made durable before event k? */
static bool
durable(const struct event *log, int i, int k)
{
	bool entry = log[i].kind == CREATE || log[i].kind == RENAME ||
	    log[i].kind == UNLINK;
	int j;

	for (j = i + 1; j < k; j++) {
		if (entry && log[j].kind == SYNC_DIR)
			return true;
		if (entry || log[j].file != log[i].file)
			continue;
		if (log[j].kind == SYNC_FAILED)
			return false;
		if (log[j].kind == SYNC)
			return true;
		/* what is synced under one name has been so under the next */
		if (log[j].kind == RENAME)
			return false;
	}
	return false;
}

/* Which of the pending sectors and entries, counted through, came to the
 * disk? */
struct choice {
	enum { FIRST, LAST, ONLY, BUT, BITS } how;
	uint32_t	n;
};

static uint32_t
mix(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x7feb352dU;
	x ^= x >> 15;
	x *= 0x846ca68bU;
	return x ^ x >> 16;
}

static bool
chosen(const struct choice *c, uint32_t i, uint32_t total)
{
	switch (c->how) {
	case FIRST:
		return i < c->n;
	case LAST:
		return i >= total - c->n;
	case ONLY:
		return i == c->n;
	case BUT:
		return i != c->n;
	default:
		return i < 10 ? c->n >> i & 1 : mix(c->n * 991 + i) & 1;
	}
}

static uint32_t
parts(const struct event *ev)
{
	return ev->kind == WRITE ? (uint32_t)((ev->len + 511) / 512) :
	    ev->kind == SYNC || ev->kind == SYNC_FAILED ||
	    ev->kind == SYNC_DIR ? 0 : 1;
}

/* Sectors and entries that a cut in event k may leave or lose. */
static uint32_t
pending(const struct event *log, int n, int k)
{
	uint32_t total = 0;
	int i;

	for (i = 0; i <= k && i < n; i++)
		if (!durable(log, i, k))
			total += parts(&log[i]);
	return total;
}

static void
do_part(struct disk *d, const struct event *ev, uint32_t part)
{
	struct content *f = &d->f[ev->file];
	size_t at = (size_t)part * 512, n;

	switch (ev->kind) {
	case WRITE:
		n = ev->len - at < 512 ? ev->len - at : 512;
		memcpy(f->data + ev->off + at, ev->data + at, n);
		if (ev->off + at + n > f->len)
			f->len = ev->off + at + n;
		break;
	case TRUNCATE:
		memset(f, 0, sizeof(*f));
		f->there = true;
		break;
	case CREATE:
		memset(f, 0, sizeof(*f));
		f->there = true;
		break;
	case RENAME:
		d->f[F_STATE] = *f;
		f->there = false;
		break;
	case UNLINK:
		f->there = false;
		break;
	default:
		break;
	}
}

/* The disk after a cut in event k, of what it held before the log began. */
static void
cut(struct disk *d, const struct event *log, int n, int k,
    const struct choice *c)
{
	uint32_t total = pending(log, n, k), seen = 0, part;
	int i;

	for (i = 0; i <= k && i < n; i++) {
		bool sure = durable(log, i, k);

		for (part = 0; part < parts(&log[i]); part++)
			if (sure || chosen(c, seen++, total))
				do_part(d, &log[i], part);
	}
}

/* -- files of the scratch folder -------------------------------------------- */

static void
put_file(const char *path, const void *data, size_t len)
{
	/* in place: the state knows the image by its inode */
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd == -1 || ftruncate(fd, (off_t)len) == -1 ||
	    pwrite(fd, data, len, 0) != (ssize_t)len) {
		perror(path);
		exit(1);
	}
	(void)close(fd);
}

static size_t
get_file(const char *path, uint8_t *data, size_t max)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd == -1)
		return 0;
	n = read(fd, data, max);
	(void)close(fd);
	return n > 0 ? (size_t)n : 0;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
put_disk(const struct disk *d)
{
	enum file f;

	for (f = F_IMAGE; f < F_N; f++)
		if (d->f[f].there)
			put_file(names[f], d->f[f].data, d->f[f].len);
		else
			(void)unlink(names[f]);
}

#endif
