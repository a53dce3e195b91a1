/*
 * A transaction, recorded, and what a crash during it may leave.
 *
 * It is run once through a table of calls that records each write, fsync,
 * create, truncate, rename and unlink.  From the record every state is made
 * that a crash during any of these calls may leave: what was not fsync'ed is
 * there in part, sector by sector, by a seeded choice; a folder entry that was
 * not fsync'ed may be there or not.
 */
#ifndef DD_TESTS_CRASH_H
#define DD_TESTS_CRASH_H

#include <sys/stat.h>
#include <errno.h>

#include "core/disk/file.h"
#include "core/disk/journal_impl.h"
#include "core/disk/overlay_impl.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define IMAGE_SIZE	((size_t)256 * 1024)
#define JOURNAL_MAX	((size_t)256 * 1024)
#define EVENTS_MAX	600
#define SEEDS		12

static struct dd_err e;
/* The image, and the files beside it. */
enum file { F_IMAGE, F_REDO, F_UNDO, F_UNDO_NEW, F_N };
static char names[F_N][700];
static int flags;		/* of the overlay */
static unsigned long cases;

static uint8_t old[IMAGE_SIZE], new[IMAGE_SIZE], mark[1024];
/* 1: written directly (free space: anything may stand there in the old
 * state), 2: journaled, 3: marked */
static uint8_t use[IMAGE_SIZE / 512];

static uint32_t
rnd(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* The record. */
enum kind { WRITE, SYNC, CREATE, TRUNCATE, RENAME, UNLINK, SYNC_DIR };

struct event {
	enum kind	 kind;
	enum file	 file;		/* of SYNC_DIR: F_N */
	enum file	 to;		/* of RENAME */
	uint64_t	 off;
	size_t		 len;
	uint8_t		*data;
};

static struct event events[EVENTS_MAX];
static int nevents;

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

/* Calls that fail: the one numbered fail_at, or each from there on. */
static int fail_at = -1, fail_errno, ncalls;
static bool fail_on;

static bool
fails(const char *name, struct dd_err *err)
{
	int n = ncalls++;

	if (fail_at == -1 || n < fail_at || (n > fail_at && !fail_on))
		return false;
	(void)dd_fail_sys(err, fail_errno, "%s: injected", name);
	return true;
}

static int
rec_read(int fd, void *p, size_t len, uint64_t off, const char *name,
    struct dd_err *err)
{
	if (fails(name, err))
		return -1;
	return disk_io_host.read(fd, p, len, off, name, err);
}

static int
rec_write(int fd, const void *p, size_t len, uint64_t off, const char *name,
    struct dd_err *err)
{
	struct event *ev;

	if (fails(name, err)) {
		/* half of it had been written, in whole sectors */
		struct dd_err none = DD_ERR_INIT;

		(void)disk_io_host.write(fd, p, len / 1024 * 512, off, name,
		    &none);
		return -1;
	}
	ev = record(WRITE, file_of_fd(fd));
	ev->off = off;
	ev->len = len;
	if ((ev->data = malloc(len)) == NULL)
		exit(1);
	memcpy(ev->data, p, len);
	return disk_io_host.write(fd, p, len, off, name, err);
}

static int
rec_sync(int fd, const char *name, struct dd_err *err)
{
	if (fails(name, err))
		return -1;
	(void)record(SYNC, file_of_fd(fd));
	return 0;
}

static int
rec_allocate(int fd, uint64_t off, uint64_t len, const char *name,
    struct dd_err *err)
{
	if (fails(name, err))
		return -1;
	return disk_io_host.allocate(fd, off, len, name, err);
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

static int
rec_rename(const char *path, const char *to, struct dd_err *err)
{
	struct event *ev;

	if (fails(path, err))
		return -1;
	/* what is set aside is not played */
	if (strstr(to, ".refused-") == NULL) {
		ev = record(RENAME, file_of(path));
		ev->to = file_of(to);
	}
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

/* Files of the scratch folder. */
static void
put_file(const char *path, const void *data, size_t len)
{
	/* in place: the journal knows the image by its inode */
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd == -1 || pwrite(fd, data, len, 0) != (ssize_t)len ||
	    ftruncate(fd, (off_t)len) == -1) {
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

static int
open_recorded(int file_flags, struct blk **b)
{
	dd_err_clear(&e);
	if (file_open(names[F_IMAGE], file_flags, 0, b, &e) == -1)
		return -1;
	file_set_io(*b, &recorder);
	return 0;
}

static int
open_overlay(int file_flags, struct blk **out)
{
	struct blk *b = NULL;

	if (open_recorded(file_flags, &b) == -1)
		return -1;
	if (overlay_open(b, flags, out, &e) == -1) {
		blk_close(b);
		return -1;
	}
	return 0;
}

/* The transaction of this test: old becomes new. */
static int
put(struct blk *b, size_t sector, size_t n, enum blk_how how)
{
	if (blk_pwrite(b, (how == BLK_MARK ? mark : new + sector * 512),
	    n * 512, sector * 512, how, &e) == -1)
		return -1;
	return 0;
}

static int
write_all(struct blk *b)
{
	size_t i, n;

	for (i = 0; i < IMAGE_SIZE / 512; i += n) {
		for (n = 1; i + n < IMAGE_SIZE / 512 &&
		    use[i + n] == use[i]; n++)
			;
		if (use[i] == 1 && put(b, i, n, BLK_DIRECT) == -1)
			return -1;
		if (use[i] > 1 && put(b, i, n, BLK_JOURNALED) == -1)
			return -1;
		if (use[i] == 3 && put(b, i, n, BLK_MARK) == -1)
			return -1;
	}
	return 0;
}

static void
plan(void)
{
	uint32_t x = 77;
	size_t i;

	for (i = 0; i < IMAGE_SIZE; i++)
		old[i] = new[i] = (uint8_t)rnd(&x);
	memset(old + 300 * 512, 0, 100 * 512);	/* becomes a hole */
	memcpy(new + 300 * 512, old + 300 * 512, 100 * 512);
	for (i = 0; i < sizeof(mark); i++)
		mark[i] = (uint8_t)rnd(&x);
	for (i = 0; i < IMAGE_SIZE / 512; i++) {
		if (i == 16 || i == 17)
			use[i] = 3;
		else if (i % 256 >= 200)
			use[i] = 1;
		else if (i > 17 && rnd(&x) % 8 < (i < 100 ? 7U : 2U))
			use[i] = 2;
		if (use[i] != 0)
			new[i * 512 + rnd(&x) % 512] ^= 0x55;
	}
}

static void
old_image(void)
{
	int fd;

	put_file(names[F_IMAGE], "", 0);
	fd = open(names[F_IMAGE], O_RDWR);
	if (fd == -1 || ftruncate(fd, IMAGE_SIZE) == -1 ||
	    pwrite(fd, old, 300 * 512, 0) != 300 * 512 ||
	    pwrite(fd, old + 400 * 512, IMAGE_SIZE - 400 * 512, 400 * 512) !=
	    (ssize_t)(IMAGE_SIZE - 400 * 512))
		exit(1);
	(void)close(fd);
}

/* Is it the old state (free space apart), or the new one? */
static bool
is_old(const uint8_t *img)
{
	size_t i;

	for (i = 0; i < IMAGE_SIZE / 512; i++)
		if (use[i] != 1 &&
		    memcmp(img + i * 512, old + i * 512, 512) != 0)
			return false;
	return true;
}

static bool
is_new(const uint8_t *img)
{
	return memcmp(img, new, IMAGE_SIZE) == 0;
}

/* While the image is neither, its marked sectors say so. */
static bool
mark_holds(const uint8_t *img)
{
	bool all_old = true, all_new = true;
	size_t i;

	for (i = 0; i < IMAGE_SIZE / 512; i++) {
		if (use[i] != 2)
			continue;
		if (memcmp(img + i * 512, old + i * 512, 512) != 0)
			all_old = false;
		if (memcmp(img + i * 512, new + i * 512, 512) != 0)
			all_new = false;
	}
	return all_old || all_new ||
	    memcmp(img + 16 * 512, mark, sizeof(mark)) == 0;
}

/* The state that a crash leaves: the image, and what is beside it. */
static uint8_t img[IMAGE_SIZE];

struct beside {
	bool	there;
	size_t	len;
	uint8_t	data[JOURNAL_MAX];
};
static struct beside beside[F_N];

/* Was the effect of event i made durable before event k? */
static bool
durable(int i, int k, enum kind by, enum file file)
{
	int j;

	for (j = i + 1; j < k; j++)
		if (events[j].kind == by && events[j].file == file)
			return true;
	return false;
}

static bool
choose(int seed, uint32_t *x)
{
	return seed == 0 ? false : seed == 1 ? true : rnd(x) % 2 == 0;
}

static void
do_write(const struct event *ev, bool all, int seed, uint32_t *x)
{
	struct beside *f = &beside[ev->file];
	uint8_t *to = ev->file == F_IMAGE ? img : f->data;
	size_t at, n;

	for (at = 0; at < ev->len; at += n) {
		n = 512 - (ev->off + at) % 512;
		if (n > ev->len - at)
			n = ev->len - at;
		if (!all && !choose(seed, x))
			continue;
		memcpy(to + ev->off + at, ev->data + at, n);
		if (ev->off + at + n > f->len)
			f->len = ev->off + at + n;
	}
}

/* A change of the folder that has reached the disk. */
static void
do_entry(const struct event *ev)
{
	struct beside *f = &beside[ev->file];

	if (ev->kind == CREATE)
		memset(f, 0, sizeof(*f));
	f->there = ev->kind != UNLINK;
	if (ev->kind == RENAME) {
		beside[ev->to] = *f;
		f->there = false;
	}
}

/* A crash in the middle of event k, from the state before event 0. */
static void
crash(int k, int seed)
{
	uint32_t x = (uint32_t)(k * 1000 + seed + 1);
	int i;

	for (i = 0; i <= k && i < nevents; i++) {
		const struct event *ev = &events[i];

		switch (ev->kind) {
		case WRITE:
			do_write(ev, durable(i, k, SYNC, ev->file), seed, &x);
			break;
		case TRUNCATE:
			if (durable(i, k, SYNC, ev->file) || choose(seed, &x))
				beside[ev->file].len = 0;
			break;
		case CREATE:
		case RENAME:
		case UNLINK:
			if (durable(i, k, SYNC_DIR, F_N) || choose(seed, &x))
				do_entry(ev);
			break;
		case SYNC:
		case SYNC_DIR:
			break;
		}
	}
}

static void
put_state(void)
{
	enum file f;

	put_file(names[F_IMAGE], img, IMAGE_SIZE);
	for (f = F_REDO; f < F_N; f++)
		if (beside[f].there)
			put_file(names[f], beside[f].data, beside[f].len);
		else
			(void)unlink(names[f]);
}

#endif
