/* core/disk: the overlay as a layer (its crashes: tests/fault). */
#include <sys/resource.h>
#include <errno.h>

#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

static struct dd_err e;
static uint8_t buf[65536], got[65536];

static const char *
image(off_t size)
{
	return scratch_file("image", size, "old", 3, 0);
}

static struct blk *
over(const char *path, int file_flags, int flags, uint32_t sector_size)
{
	struct blk *b = NULL, *o = NULL;

	T_OK(file_open(path, file_flags, sector_size, &b, &e));
	T_OK(overlay_open(b, flags, &o, &e));
	if (o == NULL)
		exit(1);
	return o;
}

static int
byte_at(const char *path, off_t off)
{
	int fd = open(path, O_RDONLY);
	uint8_t c = 0;

	if (fd == -1 || pread(fd, &c, 1, off) != 1)
		return -1;
	(void)close(fd);
	return c;
}

/* Write n bytes of value c. */
static int
fill(struct blk *b, uint8_t c, size_t n, uint64_t off, enum blk_how how)
{
	memset(buf, c, n);
	return blk_pwrite(b, buf, n, off, how, &e);
}

static int
read_byte(struct blk *b, uint64_t off)
{
	T_OK(blk_pread(b, got, b->sector_size, off, &e));
	return got[0];
}

static int
read_committed(struct blk *b, uint64_t off)
{
	T_OK(blk_pread_committed(b, got, b->sector_size, off, &e));
	return got[0];
}

static void
two_kinds_of_write(void)
{
	const char *path = image(1 << 20);
	struct blk *o = over(path, FILE_WRITE, 0, 0);
	uint64_t j, d;

	T_OK(fill(o, 1, 4096, 8192, BLK_JOURNALED));
	T_OK(fill(o, 2, 4096, 65536, BLK_DIRECT));
	T_OK(fill(o, 9, 512, 8192, BLK_MARK));
	T_EQ(byte_at(path, 8192), 0);
	T_EQ(byte_at(path, 65536), 0);	/* held back: it is little */
	T_EQ(read_byte(o, 65536), 2);
	T_EQ(read_byte(o, 8192), 1);
	T_EQ(read_committed(o, 8192), 0);
	overlay_amounts(o, &j, &d);
	T_EQ(j, 4096);
	T_EQ(d, 4096);
	/* direct over journaled, and the other way round */
	T_OK(fill(o, 3, 512, 8192 + 1024, BLK_DIRECT));
	T_EQ(read_byte(o, 8192 + 1024), 3);
	T_EQ(read_byte(o, 8192 + 1536), 1);
	T_OK(fill(o, 4, 512, 65536, BLK_JOURNALED));
	T_EQ(read_byte(o, 65536), 4);
	T_EQ(byte_at(path, 65536), 0);
	T_OK(blk_flush(o, &e));
	T_EQ(byte_at(path, 8192), 1);
	T_EQ(byte_at(path, 8192 + 1024), 3);
	T_EQ(byte_at(path, 65536), 4);
	overlay_amounts(o, &j, &d);
	T_EQ(j + d, 0);
	/* a second transaction, dropped */
	T_OK(fill(o, 5, 512, 8192, BLK_JOURNALED));
	T_EQ(read_committed(o, 8192), 1);
	blk_close(o);
	T_EQ(byte_at(path, 8192), 1);
}

/* A small change that is given up leaves no byte; a large one goes through as
 * it comes, and is read back from where it went. */
static void
little_is_held_back(void)
{
	const char *path = image(16 << 20);
	struct blk *o = over(path, FILE_WRITE, 0, 0);
	uint64_t off;

	T_OK(fill(o, 7, 4096, 1 << 20, BLK_DIRECT));
	T_EQ(read_byte(o, 1 << 20), 7);
	blk_close(o);
	T_EQ(byte_at(path, 1 << 20), 0);

	o = over(path, FILE_WRITE, 0, 0);
	T_OK(fill(o, 8, 4096, 1 << 20, BLK_DIRECT));
	for (off = 2 << 20; off < 12 << 20; off += 4096)
		T_OK(fill(o, 9, 4096, off, BLK_DIRECT));
	T_EQ(byte_at(path, 1 << 20), 8);
	T_EQ(byte_at(path, (12 << 20) - 4096), 9);
	T_EQ(read_byte(o, 1 << 20), 8);
	T_OK(blk_flush(o, &e));
	/* the next transaction is small again */
	T_OK(fill(o, 5, 4096, 1 << 20, BLK_DIRECT));
	T_EQ(byte_at(path, 1 << 20), 8);
	T_OK(blk_flush(o, &e));
	T_EQ(byte_at(path, 1 << 20), 5);
	blk_close(o);
}

/* What is journaled last counts, also where that is what the file holds. */
static void
journaled_over_held(void)
{
	const char *path = image(1 << 20);
	struct blk *o = over(path, FILE_WRITE, 0, 0);

	T_OK(fill(o, 7, 4096, 65536, BLK_DIRECT));
	T_OK(fill(o, 0, 4096, 65536, BLK_JOURNALED));
	T_OK(fill(o, 1, 512, 0, BLK_JOURNALED));
	T_OK(blk_flush(o, &e));
	T_EQ(read_byte(o, 65536), 0);
	blk_close(o);
	T_EQ(byte_at(path, 65536), 0);
}

static int creates;

static int
count_create(const char *path, int *fd, struct dd_err *err)
{
	creates++;
	return disk_io_host.create(path, fd, err);
}

static void
what_changes_nothing_is_not_journaled(void)
{
	struct disk_io io = disk_io_host;
	struct blk *b = NULL, *o = NULL;

	io.create = count_create;
	T_OK(file_open(image(1 << 20), FILE_WRITE, 0, &b, &e));
	file_set_io(b, &io);
	T_OK(overlay_open(b, 0, &o, &e));
	T_OK(blk_flush(o, &e));
	T_OK(fill(o, 0, 8192, 65536, BLK_JOURNALED));
	T_OK(blk_flush(o, &e));
	T_EQ(creates, 0);
	T_OK(fill(o, 1, 8192, 65536, BLK_JOURNALED));
	T_OK(blk_flush(o, &e));
	T_EQ(creates, 1);
	blk_close(o);
}

static void
dry_run(void)
{
	const char *path = image(1 << 20);
	struct blk *o = over(path, 0, OVERLAY_DRYRUN, 0);

	T_EQ(o->writable, true);
	T_OK(fill(o, 1, 4096, 0, BLK_JOURNALED));
	T_OK(fill(o, 2, 4096, 65536, BLK_DIRECT));
	T_OK(blk_flush(o, &e));
	T_EQ(read_byte(o, 0), 1);
	T_EQ(read_byte(o, 65536), 2);
	T_EQ(read_committed(o, 0), 'o');
	T_EQ(read_committed(o, 65536), 0);
	blk_close(o);
	T_EQ(byte_at(path, 0), 'o');
	T_EQ(byte_at(path, 65536), 0);
	/* reading only */
	o = over(path, 0, 0, 0);
	T_EQ(o->writable, false);
	T_ERR(fill(o, 1, 512, 0, BLK_DIRECT), ERR_PERM);
	T_EQ(read_byte(o, 0), 'o');
	blk_close(o);
}

static void
large_changes_spill(void)
{
	const uint64_t size = 80 << 20, n = 72 << 20;
	const char *path = image((off_t)size);
	struct rusage ru;
	struct blk *o;
	uint64_t off;
	int bad = 0;

	o = over(path, FILE_WRITE, 0, 0);
	for (off = 0; off < n; off += sizeof(buf))
		bad |= fill(o, (uint8_t)(1 + off / sizeof(buf) % 200),
		    sizeof(buf), off, BLK_JOURNALED);
	/* into what is in memory and into what has spilled, not aligned */
	bad |= fill(o, 250, 20 * 512, 5 * 512 + 65536, BLK_JOURNALED);
	bad |= fill(o, 251, 20 * 512, n - 65536 + 7 * 512, BLK_JOURNALED);
	T_EQ(bad, 0);
	T_EQ(byte_at(path, 0), 'o');
	T_EQ(read_byte(o, n - 65536 + 7 * 512), 251);
	T_EQ(read_byte(o, n - 65536 + 6 * 512), 1 + (n / 65536 - 1) % 200);
	T_OK(blk_flush(o, &e));
	blk_close(o);
	for (off = 0; off < n; off += sizeof(buf))
		if (byte_at(path, (off_t)off) !=
		    (int)(1 + off / sizeof(buf) % 200))
			bad = 1;
	T_EQ(bad, 0);
	T_EQ(byte_at(path, 65536 + 5 * 512), 250);
	T_EQ(byte_at(path, (off_t)n - 65536 + 7 * 512), 251);
	T_EQ(byte_at(path, (off_t)n - 65536 + 27 * 512),
	    (int)(1 + (n / 65536 - 1) % 200));
	(void)getrusage(RUSAGE_SELF, &ru);
	printf("# at most %ld KiB resident\n", (long)ru.ru_maxrss);
}

static void
no_room_to_spill(void)
{
	const char *path = image(64 << 20), *tmp = getenv("TMPDIR");
	char *was = tmp == NULL ? NULL : strdup(tmp);
	struct blk *o = over(path, FILE_WRITE, 0, 0);
	uint64_t off;
	int rc = 0;

	(void)setenv("TMPDIR", "/nonexistent", 1);
	for (off = 0; rc == 0 && off < o->size; off += sizeof(buf))
		rc = fill(o, 1, sizeof(buf), off, BLK_JOURNALED);
	T_EQ(rc, -1);
	T_EQ(e.code, ERR_NOENT);
	T(strstr(e.hint, "TMPDIR") != NULL);
	blk_close(o);
	T_EQ(byte_at(path, 0), 'o');
	if (was == NULL)
		(void)unsetenv("TMPDIR");
	else
		(void)setenv("TMPDIR", was, 1);
	free(was);
}

static void
large_sectors_and_odd_ends(void)
{
	const char *path = image((1 << 20) + 4096 + 700);
	struct blk *o = over(path, FILE_WRITE, 0, 4096);

	T_EQ(o->size, (1 << 20) + 4096);
	T_OK(fill(o, 7, 4096, 1 << 20, BLK_JOURNALED));
	T_ERR(fill(o, 7, 512, 0, BLK_JOURNALED), ERR_CORRUPT);
	T_OK(blk_flush(o, &e));
	blk_close(o);
	T_EQ(byte_at(path, (1 << 20) + 4095), 7);
	T_EQ(byte_at(path, (1 << 20) + 4096), 0);
}

static void
journals_of_strangers(void)
{
	const char *path = image(1 << 20);
	char name[700];
	struct stat st;
	struct blk *b = NULL, *o;
	bool pending = true;

	(void)stat(path, &st);
	(void)snprintf(name, sizeof(name), "%s/.drydock-%llu.redo",
	    scratch_dir, (unsigned long long)st.st_ino);
	T_OK(overlay_pending(path, &pending, &e));
	T_EQ(pending, false);
	T_ERR(overlay_pending(scratch("none"), &pending, &e), ERR_NOENT);
	/* a link is not followed, whoever reads */
	T_EQ(symlink("image", name), 0);
	T_EQ(overlay_pending(path, &pending, &e), -1);
	T_OK(file_open(path, FILE_WRITE, 0, &b, &e));
	T_EQ(overlay_open(b, 0, &o, &e), -1);
	T_EQ(unlink(name), 0);
	/* nor is a file that has another name, or another owner */
	T_EQ(link(scratch_file("else", 4096, "", 0, 0), name), 0);
	T_ERR(overlay_open(b, 0, &o, &e), ERR_PERM);
	T_EQ(unlink(name), 0);
	if (geteuid() == 0) {
		T_EQ(chown(scratch("else"), 12345, 0), 0);
		T_EQ(rename(scratch("else"), name), 0);
		T_ERR(overlay_open(b, 0, &o, &e), ERR_PERM);
		T_EQ(unlink(name), 0);
	} else
		printf("# skip journal of another owner: not root\n");
	blk_close(b);
	/* what is no whole journal counts as none, and is removed */
	(void)scratch_file(strrchr(name, '/') + 1, 5000, "drydock redo 1\n",
	    16, 0);
	T_OK(overlay_pending(path, &pending, &e));
	T_EQ(pending, false);
	o = over(path, FILE_WRITE, 0, 0);
	blk_close(o);
	T_EQ(stat(name, &st), -1);
}

static void
a_link_to_an_image(void)
{
	const char *path = image(1 << 20), *to = scratch("link");
	struct blk *o;
	char name[700];
	struct stat st;
	bool pending = false;

	/* its journal lies beside the file, not beside the link */
	(void)stat(path, &st);
	(void)mkdir(scratch("dir"), 0755);
	to = scratch("dir/link");
	T_EQ(symlink("../image", to), 0);
	(void)snprintf(name, sizeof(name), ".drydock-%llu.redo",
	    (unsigned long long)st.st_ino);
	(void)scratch_file(name, 5000, "torn", 4, 0);
	T_OK(overlay_pending(to, &pending, &e));
	o = over(to, FILE_WRITE, 0, 0);
	blk_close(o);
	T_EQ(stat(scratch(name), &st), -1);
}

static void
a_folder_that_cannot_be_written(void)
{
	struct blk *o;
	const char *path;

	if (geteuid() == 0) {
		printf("# skip folder without write permission: root\n");
		return;
	}
	(void)mkdir(scratch("closed"), 0755);
	path = scratch_file("closed/image", 1 << 20, "old", 3, 0);
	T_EQ(chmod(scratch("closed"), 0555), 0);
	o = over(path, FILE_WRITE, 0, 0);
	T_OK(fill(o, 1, 512, 0, BLK_JOURNALED));
	T_ERR(blk_flush(o, &e), ERR_PERM);
	T(e.hint[0] != '\0');
	blk_close(o);
	T_EQ(byte_at(path, 0), 'o');
	(void)chmod(scratch("closed"), 0755);
}

/* A file of the overlay's, beside the image. */
static const char *
beside(const char *path, const char *name)
{
	char base[64];
	struct stat st;

	(void)stat(path, &st);
	(void)snprintf(base, sizeof(base), ".drydock-%llu.%s",
	    (unsigned long long)st.st_ino, name);
	return scratch(base);
}

static bool
is_beside(const char *path, const char *name)
{
	struct stat st;

	return lstat(beside(path, name), &st) == 0;
}

static bool
can_undo(const char *path)
{
	bool can = false;

	T_OK(overlay_can_undo(path, &can, &e));
	return can;
}

/* Commit 512 bytes of value c at off. */
static void
commit_one(const char *path, int flags, uint8_t c, uint64_t off)
{
	struct blk *o = over(path, FILE_WRITE, flags, 0);

	T_OK(fill(o, c, 512, off, BLK_JOURNALED));
	T_OK(blk_flush(o, &e));
	blk_close(o);
}

static uint8_t before[1 << 20], now[1 << 20];

static void
read_image(const char *path, uint8_t *to)
{
	int fd = open(path, O_RDONLY);

	T_EQ(fd == -1 ? -1 : pread(fd, to, 1 << 20, 0), 1 << 20);
	(void)close(fd);
}

static const char *
noisy_image(void)
{
	const char *path;
	size_t i;

	for (i = 0; i < sizeof(before); i++)
		before[i] = (uint8_t)(i * 7 + i / 512);
	path = scratch_file("image", sizeof(before), before, sizeof(before),
	    0);
	(void)unlink(beside(path, "undo"));
	return path;
}

static void
undo_gives_back_every_byte(void)
{
	const char *path = noisy_image();
	struct blk *o = over(path, FILE_WRITE, OVERLAY_KEEP_UNDO, 0);
	time_t when = 0, looked = 0;
	struct stat st;

	T_EQ(can_undo(path), false);
	T_OK(fill(o, 1, 512, 8192, BLK_JOURNALED));
	T_OK(fill(o, 2, 512, 8192, BLK_MARK));
	T_OK(fill(o, 3, 40960, 65536 + 512, BLK_JOURNALED));
	T_OK(fill(o, 4, 512, sizeof(before) - 512, BLK_JOURNALED));
	T_EQ(can_undo(path), false);
	T_OK(blk_flush(o, &e));
	blk_close(o);
	T_EQ(byte_at(path, 8192), 1);
	T_EQ(can_undo(path), true);
	T_EQ(is_beside(path, "undo.new"), false);
	T_OK(overlay_undo_check(path, &looked, &e));
	T_EQ(stat(beside(path, "undo"), &st), 0);
	T_EQ(looked, st.st_mtime);
	T_OK(overlay_undo(path, &when, &e));
	T_EQ(when, looked);
	read_image(path, now);
	T_EQ(memcmp(now, before, sizeof(now)), 0);
	T_EQ(is_beside(path, "undo"), false);
	T_EQ(is_beside(path, "redo"), false);
	/* there is no way back again */
	T_EQ(can_undo(path), false);
	T_ERR(overlay_undo(path, NULL, &e), ERR_NOENT);
	T(e.hint[0] != '\0');
	T_ERR(overlay_undo_check(path, &when, &e), ERR_NOENT);
}

static void
undo_is_refused_after_another(void)
{
	static const uint8_t byte = 99;
	const char *path = noisy_image();
	int fd;

	commit_one(path, OVERLAY_KEEP_UNDO, 1, 8192);
	fd = open(path, O_RDWR);
	T_EQ(pwrite(fd, &byte, 1, 8192 + 100), 1);
	read_image(path, before);
	T_EQ(can_undo(path), false);
	T_ERR(overlay_undo(path, NULL, &e), ERR_PLAN);
	T(e.hint[0] != '\0');
	read_image(path, now);
	T_EQ(memcmp(now, before, sizeof(now)), 0);
	T_EQ(is_beside(path, "undo"), true);
	/* the old content is not what was written either */
	(void)noisy_image();
	commit_one(path, OVERLAY_KEEP_UNDO, 1, 8192);
	T_EQ(pwrite(fd, before + 8192, 512, 8192), 512);
	T_ERR(overlay_undo(path, NULL, &e), ERR_PLAN);
	(void)close(fd);
}

static void
undo_is_of_the_last(void)
{
	const char *path = noisy_image();

	commit_one(path, OVERLAY_KEEP_UNDO, 1, 0);
	commit_one(path, OVERLAY_KEEP_UNDO, 2, 512);
	T_OK(overlay_undo(path, NULL, &e));
	T_EQ(byte_at(path, 0), 1);
	T_EQ(byte_at(path, 512), before[512]);
	T_ERR(overlay_undo(path, NULL, &e), ERR_NOENT);
	/* a commit that keeps none leaves none, wherever it writes */
	commit_one(path, OVERLAY_KEEP_UNDO, 6, 0);
	T_EQ(is_beside(path, "undo"), true);
	commit_one(path, 0, 2, 512);
	T_EQ(is_beside(path, "undo"), false);
	/* one that changes nothing is none */
	commit_one(path, OVERLAY_KEEP_UNDO, 3, 0);
	commit_one(path, 0, 3, 0);
	commit_one(path, OVERLAY_DRYRUN, 4, 0);
	T_EQ(can_undo(path), true);
}

/* What is free may have been in use before: a direct write ends it. */
static void
undo_ends_with_a_direct_write(void)
{
	const char *path = noisy_image();
	struct blk *o;
	uint64_t off;

	commit_one(path, OVERLAY_KEEP_UNDO, 1, 0);
	o = over(path, FILE_WRITE, OVERLAY_KEEP_UNDO, 0);
	T_OK(fill(o, 5, 4096, 65536, BLK_DIRECT));
	blk_close(o);
	T_EQ(can_undo(path), true);	/* it was held back */
	o = over(path, FILE_WRITE, OVERLAY_KEEP_UNDO, 0);
	T_OK(fill(o, 5, 4096, 65536, BLK_DIRECT));
	T_OK(blk_flush(o, &e));
	blk_close(o);
	T_EQ(can_undo(path), false);

	path = scratch_file("large", 8 << 20, "old", 3, 0);
	commit_one(path, OVERLAY_KEEP_UNDO, 1, 0);
	o = over(path, FILE_WRITE, OVERLAY_KEEP_UNDO, 0);
	for (off = 65536; off < 8 << 20; off += 65536)
		T_OK(fill(o, 5, 65536, off, BLK_DIRECT));
	blk_close(o);
	T_EQ(can_undo(path), false);
}

static void
undo_of_strangers(void)
{
	const char *path = noisy_image();
	bool can;

	T_EQ(symlink("image", beside(path, "undo")), 0);
	T_EQ(overlay_can_undo(path, &can, &e), -1);
	dd_err_clear(&e);
	T_EQ(overlay_undo(path, NULL, &e), -1);
	dd_err_clear(&e);
	T_EQ(unlink(beside(path, "undo")), 0);
	T_EQ(link(scratch_file("else", 4096, "", 0, 0),
	    beside(path, "undo")), 0);
	T_ERR(overlay_can_undo(path, &can, &e), ERR_PERM);
	T_ERR(overlay_undo(path, NULL, &e), ERR_PERM);
	T_EQ(unlink(beside(path, "undo")), 0);
	/* what is no whole journal counts as none */
	commit_one(path, OVERLAY_KEEP_UNDO, 1, 0);
	T_EQ(truncate(beside(path, "undo"), 600), 0);
	T_ERR(overlay_undo(path, NULL, &e), ERR_NOENT);
	T_ERR(overlay_undo(scratch("none"), NULL, &e), ERR_NOENT);
}

int
main(void)
{
	T_RUN(two_kinds_of_write);
	T_RUN(little_is_held_back);
	T_RUN(journaled_over_held);
	T_RUN(what_changes_nothing_is_not_journaled);
	T_RUN(dry_run);
	T_RUN(large_changes_spill);
	T_RUN(no_room_to_spill);
	T_RUN(large_sectors_and_odd_ends);
	T_RUN(journals_of_strangers);
	T_RUN(a_link_to_an_image);
	T_RUN(a_folder_that_cannot_be_written);
	T_RUN(undo_gives_back_every_byte);
	T_RUN(undo_is_refused_after_another);
	T_RUN(undo_is_of_the_last);
	T_RUN(undo_ends_with_a_direct_write);
	T_RUN(undo_of_strangers);
	return t_done();
}
