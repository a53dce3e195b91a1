/*
 * The commit, stopped everywhere.
 *
 * A transaction is run once through a table of calls that records each write,
 * fsync, create, truncate and unlink.  From the record every state is made
 * that a crash during any of these calls may leave: what was not fsync'ed is
 * there in part, sector by sector, by a seeded choice; a folder entry that was
 * not fsync'ed may be there or not.  In each state a reader and then a writer
 * must find the old image or the new one, whole.
 */
#include <sys/stat.h>
#include <errno.h>

#include "core/disk/file.h"
#include "core/disk/journal_impl.h"
#include "core/disk/overlay.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define IMAGE_SIZE	((size_t)256 * 1024)
#define JOURNAL_MAX	((size_t)256 * 1024)
#define EVENTS_MAX	400
#define SEEDS		12

static struct dd_err e;
static const char *image_path;
static char journal_name[700];
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
enum kind { WRITE, SYNC, CREATE, TRUNCATE, UNLINK, SYNC_DIR };
enum file { IMAGE, JOURNAL };

struct event {
	enum kind	 kind;
	enum file	 file;
	uint64_t	 off;
	size_t		 len;
	uint8_t		*data;
};

static struct event events[EVENTS_MAX];
static int nevents;
static ino_t image_ino;

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
file_of_fd(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_ino == image_ino ? IMAGE :
	    JOURNAL;
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
	(void)record(CREATE, JOURNAL);
	return disk_io_host.create(path, fd, err);
}

static int
rec_truncate(int fd, const char *name, struct dd_err *err)
{
	if (fails(name, err))
		return -1;
	(void)record(TRUNCATE, JOURNAL);
	return disk_io_host.truncate(fd, name, err);
}

static int
rec_rename(const char *path, const char *to, struct dd_err *err)
{
	return disk_io_host.rename(path, to, err);
}

static int
rec_unlink(const char *path, struct dd_err *err)
{
	if (fails(path, err))
		return -1;
	(void)record(UNLINK, JOURNAL);
	return disk_io_host.unlink(path, err);
}

static int
rec_sync_dir(const char *path, struct dd_err *err)
{
	if (fails(path, err))
		return -1;
	(void)record(SYNC_DIR, JOURNAL);
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
open_overlay(int file_flags, int flags, struct blk **out)
{
	struct blk *b = NULL;

	dd_err_clear(&e);
	if (file_open(image_path, file_flags, 0, &b, &e) == -1)
		return -1;
	file_set_io(b, &recorder);
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
fresh_image(void)
{
	int fd;

	put_file(image_path, "", 0);
	fd = open(image_path, O_RDWR);
	if (fd == -1 || ftruncate(fd, IMAGE_SIZE) == -1 ||
	    pwrite(fd, old, 300 * 512, 0) != 300 * 512 ||
	    pwrite(fd, old + 400 * 512, IMAGE_SIZE - 400 * 512, 400 * 512) !=
	    (ssize_t)(IMAGE_SIZE - 400 * 512))
		exit(1);
	(void)close(fd);
	(void)unlink(journal_name);
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

/* The state that a crash leaves. */
static uint8_t img[IMAGE_SIZE], jnl[JOURNAL_MAX];
static size_t jlen;
static bool jthere;

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
	uint8_t *to = ev->file == IMAGE ? img : jnl;
	size_t at, n;

	for (at = 0; at < ev->len; at += n) {
		n = 512 - (ev->off + at) % 512;
		if (n > ev->len - at)
			n = ev->len - at;
		if (!all && !choose(seed, x))
			continue;
		memcpy(to + ev->off + at, ev->data + at, n);
		if (ev->file == JOURNAL && ev->off + at + n > jlen)
			jlen = ev->off + at + n;
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
		case CREATE:
			jlen = 0;
			memset(jnl, 0, sizeof(jnl));
			jthere = durable(i, k, SYNC_DIR, JOURNAL) ||
			    choose(seed, &x);
			break;
		case TRUNCATE:
			if (durable(i, k, SYNC, JOURNAL) || choose(seed, &x))
				jlen = 0;
			break;
		case UNLINK:
			if (durable(i, k, SYNC_DIR, JOURNAL) ||
			    choose(seed, &x))
				jthere = false;
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
	put_file(image_path, img, IMAGE_SIZE);
	if (jthere)
		put_file(journal_name, jnl, jlen);
	else
		(void)unlink(journal_name);
}

static uint8_t seen[IMAGE_SIZE], after[IMAGE_SIZE];

/* In the state that is there: a reader, then a writer. */
static void
look(const char *what, int k, int seed)
{
	struct blk *b = NULL;
	bool was_there = exists(journal_name), pending = false;

	cases++;
	if (!mark_holds(img))
		T_FAIL("%s %d/%d: half written and not marked", what, k,
		    seed);
	T_OK(overlay_pending(image_path, &pending, &e));
	if (open_overlay(0, 0, &b) == -1) {
		T_FAIL("%s %d/%d: reader: %s", what, k, seed, e.msg);
		return;
	}
	T_OK(blk_pread(b, seen, IMAGE_SIZE, 0, &e));
	blk_close(b);
	if (!is_old(seen) && !is_new(seen))
		T_FAIL("%s %d/%d: a reader finds neither", what, k, seed);
	if (pending && !is_new(seen))
		T_FAIL("%s %d/%d: pending, but not new", what, k, seed);
	(void)get_file(image_path, after, IMAGE_SIZE);
	if (memcmp(after, img, IMAGE_SIZE) != 0 ||
	    exists(journal_name) != was_there)
		T_FAIL("%s %d/%d: a reader has written", what, k, seed);

	if (open_overlay(FILE_WRITE, 0, &b) == -1) {
		T_FAIL("%s %d/%d: writer: %s", what, k, seed, e.msg);
		return;
	}
	blk_close(b);
	(void)get_file(image_path, after, IMAGE_SIZE);
	if (memcmp(after, seen, IMAGE_SIZE) != 0)
		T_FAIL("%s %d/%d: writer and reader differ", what, k, seed);
	if (exists(journal_name))
		T_FAIL("%s %d/%d: the journal stays", what, k, seed);
}

/* The same state, but somebody else writes one sector before. */
static void
look_after_stranger(int k, int seed)
{
	uint32_t x = (uint32_t)(k * 31 + seed + 5);
	struct blk *b = NULL;
	char aside[800];
	bool pending = false;
	size_t at;

	do
		at = rnd(&x) % (IMAGE_SIZE / 512);
	while (use[at] < 2);
	img[at * 512 + 5] ^= 0xaa;
	put_state();
	(void)snprintf(aside, sizeof(aside), "%s.refused-1", journal_name);
	(void)unlink(aside);
	cases++;
	T_OK(overlay_pending(image_path, &pending, &e));
	if (!pending)
		return;
	if (open_overlay(0, 0, &b) == 0 || e.code != ERR_RECOVER)
		T_FAIL("stranger %d/%d: a reader: %s", k, seed, e.msg);
	if (open_overlay(FILE_WRITE, 0, &b) == 0 || e.code != ERR_RECOVER ||
	    e.hint[0] == '\0')
		T_FAIL("stranger %d/%d: not refused: %s", k, seed, e.msg);
	(void)get_file(image_path, after, IMAGE_SIZE);
	if (memcmp(after, img, IMAGE_SIZE) != 0)
		T_FAIL("stranger %d/%d: written", k, seed);
	if (exists(journal_name) || !exists(aside))
		T_FAIL("stranger %d/%d: the journal is not aside", k, seed);
	if (open_overlay(FILE_WRITE, 0, &b) == -1)
		T_FAIL("stranger %d/%d: afterwards: %s", k, seed, e.msg);
	else
		blk_close(b);
}

/* Run the transaction once; its record is in events. */
static void
run_once(void)
{
	struct blk *b = NULL;

	fresh_image();
	nevents = ncalls = 0;
	if (open_overlay(FILE_WRITE, 0, &b) == -1)
		exit(1);
	T_EQ(write_all(b), 0);
	T_OK(blk_flush(b, &e));
	blk_close(b);
	(void)get_file(image_path, after, IMAGE_SIZE);
	T(is_new(after));
	T(!exists(journal_name));
}

/* The record is made anew by every overlay: keep the one to be played. */
static struct event kept[EVENTS_MAX];
static int nkept;

static void
forget_kept(void)
{
	int i;

	for (i = 0; i < nkept; i++)
		free(kept[i].data);
	memset(kept, 0, sizeof(kept));
	nkept = 0;
}

static void
keep_record(void)
{
	forget_kept();
	memcpy(kept, events, sizeof(events));
	memset(events, 0, sizeof(events));
	nkept = nevents;
	nevents = 0;
}

static void
crash_kept(int k, int seed)
{
	static struct event now[EVENTS_MAX];
	int n = nevents;

	memcpy(now, events, sizeof(events));
	memcpy(events, kept, sizeof(events));
	nevents = nkept;
	crash(k, seed);
	memcpy(events, now, sizeof(events));
	nevents = n;
}

static void
start_old(void)
{
	memcpy(img, old, IMAGE_SIZE);
	jthere = false;
	jlen = 0;
}

static void
every_crash_leaves_old_or_new(void)
{
	int k, seed;

	run_once();
	keep_record();
	for (k = 0; k <= nkept; k++)
		for (seed = 0; seed < SEEDS; seed++) {
			start_old();
			crash_kept(k, seed);
			put_state();
			nevents = 0;
			look("crash", k, seed);
			if (k == nkept && !is_new(after))
				T_FAIL("done, and not new");
			start_old();
			crash_kept(k, seed);
			nevents = 0;
			look_after_stranger(k, seed);
		}
}

/* The event at which the journal is whole: its folder is fsync'ed. */
static int
journal_is_whole(void)
{
	int i;

	for (i = 0; i < nkept; i++)
		if (kept[i].kind == SYNC_DIR)
			return i + 1;
	return -1;
}

static void
a_crash_of_the_replay_too(void)
{
	static uint8_t half[IMAGE_SIZE], whole[JOURNAL_MAX];
	static struct event commit[EVENTS_MAX];
	int k, seed, start, from = journal_is_whole(), ncommit = nkept;
	struct blk *b = NULL;
	size_t len;

	memcpy(commit, kept, sizeof(kept));
	for (start = from; start < ncommit - 3; start += 7) {
		memcpy(kept, commit, sizeof(kept));
		nkept = ncommit;
		start_old();
		crash_kept(start, 7);
		memcpy(half, img, IMAGE_SIZE);
		memcpy(whole, jnl, len = jlen);
		put_state();
		nevents = 0;
		if (!jthere || open_overlay(FILE_WRITE, 0, &b) == -1) {
			T_FAIL("replay from %d: %s", start, e.msg);
			continue;
		}
		blk_close(b);
		nkept = 0;
		keep_record();
		for (k = 0; k <= nkept; k++)
			for (seed = 0; seed < 4; seed++) {
				memcpy(img, half, IMAGE_SIZE);
				memcpy(jnl, whole, len);
				jlen = len;
				jthere = true;
				crash_kept(k, seed);
				put_state();
				nevents = 0;
				look("replay", k, seed);
				if (!is_new(after))
					T_FAIL("replay %d/%d: not new", k,
					    seed);
			}
		forget_kept();
	}
	memcpy(kept, commit, sizeof(kept));
	nkept = ncommit;
}

static void
a_torn_journal_counts_as_none(void)
{
	static uint8_t whole[JOURNAL_MAX], direct[IMAGE_SIZE];
	size_t at, len, i;
	int how;

	start_old();
	crash_kept(journal_is_whole() - 1, 1);
	memcpy(direct, img, IMAGE_SIZE);
	memcpy(whole, jnl, len = jlen);
	T(len > 65536);
	for (at = 0; at <= len; at += 512)
		for (how = 0; how < 3; how++) {
			memcpy(img, direct, IMAGE_SIZE);
			memcpy(jnl, whole, len);
			jlen = len;
			jthere = true;
			if (how == 0)
				jlen = at;
			for (i = at; i < at + 512 && i < jlen; i++)
				jnl[i] = how == 1 ? 0 : (uint8_t)(jnl[i] + 1);
			put_state();
			nevents = 0;
			look("torn", (int)(at / 512), how);
			if (jlen == len && memcmp(jnl, whole, len) == 0) {
				if (!is_new(after))
					T_FAIL("whole, but not new");
			} else if (!is_old(after))
				T_FAIL("torn at %zu: not old", at);
		}
}

/* The transaction with calls that fail.  -1: it said so. */
static int
run_failing(struct blk **b)
{
	if (open_overlay(FILE_WRITE, 0, b) == -1)
		return -1;
	if (write_all(*b) == -1)
		return -1;
	return blk_flush(*b, &e);
}

static void
after_failure(int n, enum dd_code code)
{
	struct blk *b = NULL;

	fail_at = -1;
	cases++;
	(void)get_file(image_path, img, IMAGE_SIZE);
	if (!mark_holds(img))
		T_FAIL("call %d: half written and not marked", n);
	if (code != ERR_RECOVER && (!is_old(img) || exists(journal_name)))
		T_FAIL("call %d: failed, but something is left", n);
	if (open_overlay(FILE_WRITE, 0, &b) == -1) {
		T_FAIL("call %d: afterwards: %s", n, e.msg);
		return;
	}
	blk_close(b);
	(void)get_file(image_path, after, IMAGE_SIZE);
	if (code == ERR_RECOVER ? !is_old(after) && !is_new(after) :
	    !is_old(after))
		T_FAIL("call %d: neither old nor new", n);
	if (exists(journal_name))
		T_FAIL("call %d: the journal stays", n);
}

static void
every_call_may_fail(void)
{
	static const int errnos[] = { ENOSPC, EIO };
	struct blk *b;
	int n, i, total, rc;

	run_once();
	total = ncalls;
	T(total > 50);
	for (n = 0; n < total; n++)
		for (i = 0; i < 4; i++) {
			enum dd_code code;

			fresh_image();
			nevents = ncalls = 0;
			fail_at = n;
			fail_errno = errnos[i % 2];
			fail_on = i >= 2;
			b = NULL;
			dd_err_clear(&e);
			rc = run_failing(&b);
			code = e.code;
			if (rc == 0)
				T_FAIL("call %d failed, and nobody cared", n);
			if (code == ERR_RECOVER && b != NULL) {
				dd_err_clear(&e);
				if (blk_flush(b, &e) == 0)
					T_FAIL("call %d: goes on", n);
			}
			if (b != NULL)
				blk_close(b);
			after_failure(n, code);
		}
}

static void
lack_of_space_can_be_mended(void)
{
	struct blk *b;
	int n, total, mended = 0;

	run_once();
	total = ncalls;
	for (n = 0; n < total; n++) {
		fresh_image();
		nevents = ncalls = 0;
		fail_at = n;
		fail_errno = ENOSPC;
		fail_on = false;
		b = NULL;
		dd_err_clear(&e);
		cases++;
		if (run_failing(&b) == -1 && e.code == ERR_NOSPC &&
		    b != NULL && ncalls > n) {
			dd_err_clear(&e);
			if (write_all(b) == 0 && blk_flush(b, &e) == 0) {
				(void)get_file(image_path, after, IMAGE_SIZE);
				if (!is_new(after))
					T_FAIL("call %d: mended, not new", n);
				mended++;
			}
		}
		if (b != NULL)
			blk_close(b);
		fail_at = -1;
	}
	T(mended > 20);
}

int
main(void)
{
	struct stat st;

	plan();
	image_path = scratch("image");
	put_file(image_path, old, IMAGE_SIZE);
	if (stat(image_path, &st) == -1)
		return 1;
	image_ino = st.st_ino;
	(void)snprintf(journal_name, sizeof(journal_name), "%s",
	    scratch(""));
	(void)snprintf(journal_name + strlen(journal_name),
	    sizeof(journal_name) - strlen(journal_name),
	    ".drydock-%llu.redo", (unsigned long long)st.st_ino);

	T_RUN(every_crash_leaves_old_or_new);
	T_RUN(a_crash_of_the_replay_too);
	T_RUN(a_torn_journal_counts_as_none);
	T_RUN(every_call_may_fail);
	T_RUN(lack_of_space_can_be_mended);
	printf("# %lu cases\n", cases);
	return t_done();
}
