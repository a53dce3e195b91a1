/* core/ffs, writing: what the model test does not look at. */
#include "core/base/bytes.h"
#include "core/ffs/ffs_disk.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

#define IMG(name) "tests/vectors/ffs/" name ".img.zst"

static struct dd_err e;
static uint8_t data[4 << 20];

static struct ffs *
open_rw(struct memdisk *d)
{
	struct ffs *fs = NULL;

	T_OK(ffs_open(memblk_open(d, true), FFS_WRITE, &fs, &e));
	return fs;
}

static void
fresh(struct memdisk *d, uint64_t size, const struct ffs_format *f)
{
	struct blk *b;

	T_EQ(memdisk_init(d, size), 0);
	b = memblk_open(d, true);
	T_OK(ffs_format(b, f, &e));
	T_OK(blk_flush(b, &e));
	blk_close(b);
	d->reads = d->direct = d->journaled = d->flushes = 0;
}

static uint32_t
make_file(struct ffs *fs, const char *name, size_t len)
{
	uint32_t ino = 0;

	T_OK(ffs_create(fs, FFS_ROOT, name, NULL, &ino, &e));
	T_OK(ffs_write(fs, ino, data, len, 0, &e));
	return ino;
}

static void
commit_without_change_writes_nothing(void)
{
	struct memdisk d;
	struct ffs *fs;
	uint32_t ino;

	T_EQ(memdisk_load(&d, IMG("ffsv2")), 0);
	fs = open_rw(&d);
	T_OK(ffs_lookup(fs, FFS_ROOT, "hello.txt", &ino, &e));
	T_ERR(ffs_unlink(fs, FFS_ROOT, "none", &e), ERR_NOENT);
	T_ERR(ffs_create(fs, FFS_ROOT, "dir", NULL, &ino, &e), ERR_EXIST);
	T_OK(ffs_commit(fs, &e));
	T_EQ(d.direct + d.journaled + d.flushes, 0);
	ffs_close(fs);
	memdisk_dispose(&d);
}

/* Each fragment that is in use: bits of the committed maps. */
static unsigned
used_fragments_that_differ(const struct memdisk *d, const uint8_t *before)
{
	struct ffs_sb s;
	struct blk *b = memblk_open((struct memdisk *)d, false);
	const uint8_t *cg;
	uint32_t c, i;
	unsigned bad = 0;
	int64_t at;

	T_OK(sb_find(b, &s, &e));
	blk_close(b);
	for (c = 0; c < s.ncg; c++) {
		cg = before + (sb_cgtod(&s, c) << s.fshift);
		for (i = 0; i < sb_cg_frags(&s, c); i++) {
			at = (sb_cgbase(&s, c) + i) << s.fshift;
			bad += !bit_test(cg + get32le(cg + CG_O_FREEOFF), i)
			    && memcmp(before + at, d->data + at, s.fsize);
		}
	}
	return bad;
}

static void
abort_leaves_every_allocated_fragment(void)
{
	static const char *const images[] = {
		IMG("ffsv1"), IMG("ffsv2"), IMG("ffsv2-4k4k"),
	};
	struct memdisk d;
	struct ffs *fs;
	struct ffs_stat st;
	uint8_t *before;
	uint32_t ino;
	size_t i;

	for (i = 0; i < 3; i++) {
		T_EQ(memdisk_load(&d, images[i]), 0);
		before = malloc(d.size);
		memcpy(before, d.data, d.size);
		fs = open_rw(&d);
		/* over committed content, its tail, and behind it */
		T_OK(ffs_lookup(fs, FFS_ROOT, "s150000", &ino, &e));
		T_OK(ffs_write(fs, ino, data, 70000, 100, &e));
		T_OK(ffs_lookup(fs, FFS_ROOT, "s513", &ino, &e));
		T_OK(ffs_write(fs, ino, data, 10, 513, &e));
		T_OK(ffs_lookup(fs, FFS_ROOT, "s49153", &ino, &e));
		T_OK(ffs_truncate(fs, ino, 777, &e));
		T_OK(ffs_unlink(fs, FFS_ROOT, "s49152", &e));
		/* what was freed must not be given out again */
		(void)make_file(fs, "new", 200000);
		T_OK(ffs_stat(fs, ino, &st, &e));
		T(d.direct > 0);
		T_EQ(d.journaled, 0);	/* content never is */
		/* all but the last step of a commit */
		d.fail_flush = 1;
		T_ERR(ffs_commit(fs, &e), ERR_IO);
		d.fail_flush = 0;
		ffs_close(fs);
		T_EQ(used_fragments_that_differ(&d, before), 0);
		free(before);
		memdisk_dispose(&d);
	}
}

static void
files_lie_together_and_move_in_large_pieces(void)
{
	const struct ffs_format f = { .version = 2 };
	struct memdisk d;
	struct ffs *fs;
	uint32_t ino;
	size_t got;

	fresh(&d, 32 << 20, &f);
	fs = open_rw(&d);
	ino = make_file(fs, "big", sizeof(data));
	/* in one piece but for the indirect block */
	T(d.direct <= 3);
	d.reads = 0;
	T_OK(ffs_read(fs, ino, data, sizeof(data), 0, &got, &e));
	T(d.reads <= 3);
	T_OK(ffs_commit(fs, &e));
	T_EQ(d.flushes, 1);
	ffs_close(fs);
	memdisk_dispose(&d);
}

static void
directories_spread_and_files_stay(void)
{
	const struct ffs_format f = { .version = 1, .bsize = 4096,
	    .fsize = 512 };
	struct memdisk d;
	struct ffs *fs;
	struct ffs_sb s;
	struct blk *b;
	uint32_t dir, ino, last = 0;
	unsigned i, moved = 0;
	char name[8];

	fresh(&d, 32 << 20, &f);
	b = memblk_open(&d, false);
	T_OK(sb_find(b, &s, &e));
	blk_close(b);
	T(s.ncg >= 4);
	fs = open_rw(&d);
	for (i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "d%u", i);
		T_OK(ffs_mkdir(fs, FFS_ROOT, name, NULL, &dir, &e));
		moved += dir / s.ipg != last;
		last = dir / s.ipg;
		T_OK(ffs_create(fs, dir, "f", NULL, &ino, &e));
		T_EQ(ino / s.ipg, last);
	}
	T(moved >= 3);
	ffs_close(fs);
	memdisk_dispose(&d);
}

static void
full_is_said_and_survived(void)
{
	const struct ffs_format f = { .version = 2, .bsize = 4096,
	    .fsize = 512 };
	struct memdisk d;
	struct ffs *fs;
	struct ffs_info info;
	struct ffs_stat st;
	uint32_t ino;
	uint64_t off = 0;

	fresh(&d, 2 << 20, &f);
	fs = open_rw(&d);
	(void)make_file(fs, "a", 1 << 20);
	T_OK(ffs_commit(fs, &e));
	T_OK(ffs_create(fs, FFS_ROOT, "b", NULL, &ino, &e));
	T_ERR(ffs_write(fs, ino, data, 2 << 20, 0, &e), ERR_NOSPC);
	T(strstr(e.msg, "needed") != NULL && e.hint[0] != '\0');
	T_OK(ffs_stat(fs, ino, &st, &e));
	T_EQ(st.size, 0);
	dd_err_clear(&e);
	while (ffs_write(fs, ino, data, 4096, off, &e) == 0)
		off += 4096;
	T_EQ(e.code, ERR_NOSPC);
	ffs_info(fs, &info);
	T(info.bytes_avail < 16 * 4096);
	/* room that this transaction makes counts from its commit on */
	T_OK(ffs_unlink(fs, FFS_ROOT, "a", &e));
	T_ERR(ffs_write(fs, ino, data, 1 << 20, off, &e), ERR_NOSPC);
	T(strstr(e.hint, "two steps") != NULL);
	T_OK(ffs_commit(fs, &e));
	T_OK(ffs_write(fs, ino, data, 1 << 19, off, &e));
	T_OK(ffs_commit(fs, &e));
	ffs_close(fs);
	memdisk_dispose(&d);
}

static void
complain(void *arg, const struct ffs_finding *f)
{
	(void)arg;
	T_FAIL("check: inode %u: %s", f->ino, f->text);
}

static void
check_clean(struct memdisk *d)
{
	struct ffs *fs;
	unsigned found = 0;

	T_OK(ffs_open(memblk_open(d, false), 0, &fs, &e));
	T_OK(ffs_check(fs, complain, NULL, NULL, &found, &e));
	T_EQ(found, 0);
	ffs_close(fs);
}

/* A name of the large directory; few bytes differ, lengths do. */
static const char *
nth_name(uint32_t i)
{
	static char name[64];

	(void)snprintf(name, sizeof(name), "a-file-with-a-name-%u%.*s",
	    i * 7919, (int)(i % 20), "--------------------");
	return name;
}

static void
large_directories_grow_and_empty(void)
{
	const struct ffs_format f = { .version = 1, .bsize = 4096,
	    .fsize = 512 };
	struct memdisk d;
	struct ffs *fs;
	struct ffs_stat st;
	uint32_t dir, ino, i;

	fresh(&d, 16 << 20, &f);
	fs = open_rw(&d);
	T_OK(ffs_mkdir(fs, FFS_ROOT, "many", NULL, &dir, &e));
	for (i = 0; i < 3000; i++)
		if (ffs_create(fs, dir, nth_name(i), NULL, &ino, &e) == -1)
			break;
	T_EQ(i, 3000);
	/* holes of all sizes, names moved and taken again */
	for (i = 0; i < 3000; i += 3)
		T_OK(ffs_unlink(fs, dir, nth_name(i), &e));
	for (i = 0; i < 3000; i += 6)
		T_OK(ffs_create(fs, dir, nth_name(i), NULL, &ino, &e));
	for (i = 1; i < 3000; i += 3)
		T_ERR(ffs_create(fs, dir, nth_name(i), NULL, &ino, &e),
		    ERR_EXIST);
	for (i = 3; i < 3000; i += 6) {
		T_ERR(ffs_lookup(fs, dir, nth_name(i), &ino, &e), ERR_NOENT);
		T_OK(ffs_create(fs, FFS_ROOT, "x", NULL, &ino, &e));
		T_OK(ffs_rename(fs, FFS_ROOT, "x", dir, nth_name(i), &e));
	}
	T_OK(ffs_stat(fs, dir, &st, &e));
	/* indirect blocks, too */
	T(st.size > 12 * 4096);
	T_OK(ffs_commit(fs, &e));
	check_clean(&d);
	for (i = 0; i < 3000; i++)
		if (ffs_unlink(fs, dir, nth_name(i), &e) == -1)
			break;
	T_EQ(i, 3000);
	T_OK(ffs_rmdir(fs, FFS_ROOT, "many", &e));
	T_OK(ffs_commit(fs, &e));
	ffs_close(fs);
	check_clean(&d);
	memdisk_dispose(&d);
}

static void
what_does_not_fit_the_format_is_bent_or_refused(void)
{
	const struct ffs_format f = { .version = 1 };
	struct ffs_attr a = {
		.mask = FFS_SET_MTIME | FFS_SET_BIRTH,
		.mtime = { 1LL << 40, 5 }, .birthtime = { 7, 7 },
	};
	struct memdisk d;
	struct ffs *fs;
	struct ffs_stat st;
	char name[FFS_NAME_MAX + 2];
	uint32_t ino, dir;

	fresh(&d, 4 << 20, &f);
	fs = open_rw(&d);
	T_OK(ffs_create(fs, FFS_ROOT, "f", &a, &ino, &e));
	T_OK(ffs_stat(fs, ino, &st, &e));
	T_EQ(st.mtime.sec, INT32_MAX);
	T_EQ(st.mtime.nsec, 5);
	T_EQ(st.birthtime.sec, 0);
	a.mtime.nsec = 1000000000;
	T_ERR(ffs_setattr(fs, ino, &a, &e), ERR_USAGE);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	T_ERR(ffs_create(fs, FFS_ROOT, name, NULL, &ino, &e), ERR_USAGE);
	T_ERR(ffs_create(fs, FFS_ROOT, "a/b", NULL, &ino, &e), ERR_USAGE);
	T_ERR(ffs_create(fs, FFS_ROOT, "..", NULL, &ino, &e), ERR_USAGE);
	T_ERR(ffs_create(fs, FFS_ROOT, "", NULL, &ino, &e), ERR_USAGE);
	T_ERR(ffs_create(fs, ino, "x", NULL, &ino, &e), ERR_TYPE);
	T_ERR(ffs_write(fs, FFS_ROOT, data, 1, 0, &e), ERR_TYPE);
	T_ERR(ffs_truncate(fs, ino, 1ULL << 62, &e), ERR_NOSPC);
	T_ERR(ffs_write(fs, ino, data, 10, UINT64_MAX - 5, &e), ERR_NOSPC);
	T_OK(ffs_mkdir(fs, FFS_ROOT, "d", NULL, &dir, &e));
	T_ERR(ffs_rename(fs, FFS_ROOT, "d", dir, "e", &e), ERR_USAGE);
	T_ERR(ffs_unlink(fs, FFS_ROOT, "d", &e), ERR_TYPE);
	T_ERR(ffs_link(fs, dir, FFS_ROOT, "x", &e), ERR_TYPE);
	/* none of these spoilt the transaction */
	T_OK(ffs_commit(fs, &e));
	ffs_close(fs);
	memdisk_dispose(&d);
}

/* Byte address of an inode. */
static uint8_t *
raw_inode(struct memdisk *d, uint32_t ino)
{
	struct ffs_sb s;
	struct blk *b = memblk_open(d, false);

	T_OK(sb_find(b, &s, &e));
	blk_close(b);
	return d->data + (sb_ino_frag(&s, ino) << s.fshift) +
	    ino % s.inopb * sb_dinode_size(&s);
}

static void
extended_attributes_are_not_touched(void)
{
	struct memdisk d;
	struct ffs *fs;
	uint32_t ino = 0;

	T_EQ(memdisk_load(&d, IMG("ffsv2")), 0);
	put32le(d.data + 65536 + SB_O_MAGIC, FS_UFS2EA_MAGIC);
	fs = open_rw(&d);
	T_OK(ffs_lookup(fs, FFS_ROOT, "s4097", &ino, &e));
	ffs_close(fs);
	put32le(raw_inode(&d, ino) + 92, 100);		/* di_extsize */
	fs = open_rw(&d);
	T_ERR(ffs_unlink(fs, FFS_ROOT, "s4097", &e), ERR_UNSUP);
	T_ERR(ffs_truncate(fs, ino, 0, &e), ERR_UNSUP);
	T_ERR(ffs_rename(fs, FFS_ROOT, "one", FFS_ROOT, "s4097", &e),
	    ERR_UNSUP);
	T_OK(ffs_rename(fs, FFS_ROOT, "s4097", FFS_ROOT, "moved", &e));
	T_OK(ffs_unlink(fs, FFS_ROOT, "one", &e));
	T_OK(ffs_commit(fs, &e));
	ffs_close(fs);
	memdisk_dispose(&d);
}

static void
groups_that_lie_are_found_before_use(void)
{
	/* byte in group 0's block, xor-ed: all are noticed */
	static const uint32_t spots[] = {
		CG_O_MAGIC, CG_O_CGX, CG_O_CS + 4, CG_O_CS + 8, CG_O_CS + 12,
		CG_O_FREEOFF, CG_O_IUSEDOFF, CG_O_INITEDIBLK + 3,
	};
	struct memdisk d;
	struct ffs_sb s;
	struct ffs *fs;
	struct blk *b;
	uint8_t *cg;
	uint32_t ino;
	size_t i;

	T_EQ(memdisk_load(&d, IMG("ffsv2")), 0);
	b = memblk_open(&d, false);
	T_OK(sb_find(b, &s, &e));
	blk_close(b);
	cg = d.data + (sb_cgtod(&s, 0) << s.fshift);
	for (i = 0; i < sizeof(spots) / sizeof(spots[0]); i++) {
		cg[spots[i]] ^= 0x40;
		fs = open_rw(&d);
		T_ERR(ffs_create(fs, FFS_ROOT, "x", NULL, &ino, &e),
		    ERR_CORRUPT);
		ffs_close(fs);
		cg[spots[i]] ^= 0x40;
	}
	/* a fragment of the group itself marked free */
	bit_set(cg + get32le(cg + CG_O_FREEOFF), (uint64_t)s.cblkno);
	fs = open_rw(&d);
	T_ERR(ffs_create(fs, FFS_ROOT, "x", NULL, &ino, &e), ERR_CORRUPT);
	ffs_close(fs);
	/* totals */
	d.data[65536 + SB_O_CSTOTAL + 8] ^= 1;
	b = memblk_open(&d, true);
	T_ERR(ffs_open(b, FFS_WRITE, &fs, &e), ERR_CORRUPT);
	blk_close(b);
	memdisk_dispose(&d);
}

static struct blk_ops failing_ops;

static int
fail_pwrite(struct blk *b, const void *p, size_t len, uint64_t off,
    enum blk_how how, struct dd_err *err)
{
	(void)b, (void)p, (void)len, (void)off, (void)how;
	return dd_fail(err, ERR_IO, "the disk is gone");
}

static void
half_done_spoils_the_transaction(void)
{
	struct memdisk d;
	struct ffs *fs;
	struct blk *b;
	uint32_t ino;

	T_EQ(memdisk_load(&d, IMG("ffsv2")), 0);
	b = memblk_open(&d, true);
	T_OK(ffs_open(b, FFS_WRITE, &fs, &e));
	T_OK(ffs_create(fs, FFS_ROOT, "x", NULL, &ino, &e));
	failing_ops = memblk_ops;
	failing_ops.pwrite = fail_pwrite;
	b->ops = &failing_ops;
	T_ERR(ffs_write(fs, ino, data, 100, 0, &e), ERR_IO);
	b->ops = &memblk_ops;
	T_ERR(ffs_unlink(fs, FFS_ROOT, "x", &e), ERR_IO);
	T_ERR(ffs_commit(fs, &e), ERR_IO);
	T_STR(e.msg, "the disk is gone");
	T_EQ(d.flushes, 0);
	ffs_close(fs);
	memdisk_dispose(&d);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 + i / 251);
	T_RUN(commit_without_change_writes_nothing);
	T_RUN(abort_leaves_every_allocated_fragment);
	T_RUN(files_lie_together_and_move_in_large_pieces);
	T_RUN(directories_spread_and_files_stay);
	T_RUN(full_is_said_and_survived);
	T_RUN(large_directories_grow_and_empty);
	T_RUN(what_does_not_fit_the_format_is_bent_or_refused);
	T_RUN(extended_attributes_are_not_touched);
	T_RUN(groups_that_lie_are_found_before_use);
	T_RUN(half_done_spoils_the_transaction);
	return t_done();
}
