/*
 * A small populated file system for fuzz targets to damage, and what they do
 * with it then.  Made once, by our own format and engine.
 */
#ifndef DD_TESTS_FFS_BASE_H
#define DD_TESTS_FFS_BASE_H

#include "core/ffs/ffs_impl.h"
#include "tests/unit/memblk.h"

#define BASE_SIZE	(768U << 10)
#define BASE_DIR	"d"		/* one block of 4096 bytes */

static inline void
base_must(int rc, const struct dd_err *e)
{
	if (rc == 0)
		return;
	fprintf(stderr, "base image: %s\n", e->msg);
	abort();
}

static inline void
base_populate(struct ffs *fs)
{
	struct dd_err e = DD_ERR_INIT;
	static uint8_t data[100000];
	char name[64], target[200];
	uint32_t dir, sub, ino, i;

	memset(target, 't', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	base_must(ffs_mkdir(fs, FFS_ROOT, BASE_DIR, NULL, &dir, &e), &e);
	for (i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "a-name-that-fills-it-"
		    "%040u", i);
		base_must(ffs_create(fs, dir, name, NULL, &ino, &e), &e);
	}
	base_must(ffs_mkdir(fs, FFS_ROOT, "sub", NULL, &sub, &e), &e);
	base_must(ffs_create(fs, sub, "big", NULL, &ino, &e), &e);
	base_must(ffs_write(fs, ino, data, sizeof(data), 0, &e), &e);
	base_must(ffs_create(fs, sub, "sparse", NULL, &ino, &e), &e);
	base_must(ffs_write(fs, ino, data, 10, 3 << 20, &e), &e);
	base_must(ffs_write(fs, ino, data, 10, 2ULL << 30, &e), &e);
	base_must(ffs_create(fs, FFS_ROOT, "small", NULL, &ino, &e), &e);
	base_must(ffs_write(fs, ino, data, 700, 0, &e), &e);
	base_must(ffs_link(fs, ino, sub, "hard", &e), &e);
	base_must(ffs_symlink(fs, sub, "short", "../small", NULL, &ino, &e),
	    &e);
	base_must(ffs_symlink(fs, sub, "long", target, NULL, &ino, &e), &e);
	base_must(ffs_mknod(fs, sub, "dev", FFS_CHR, 514, NULL, &ino, &e),
	    &e);
	base_must(ffs_commit(fs, &e), &e);
}

static inline void
base_make(struct memdisk *d, int version)
{
	const struct ffs_format f = {
		.version = version, .bsize = 4096, .fsize = 512,
		.bytes_per_inode = 8192, .time = { 1, 0 }, .id = { 1, 1 },
	};
	struct dd_err e = DD_ERR_INIT;
	struct blk *b;
	struct ffs *fs;

	base_must(memdisk_init(d, BASE_SIZE), &e);
	b = memblk_open(d, true);
	base_must(ffs_format(b, &f, &e), &e);
	base_must(blk_flush(b, &e), &e);
	base_must(ffs_open(b, FFS_WRITE, &fs, &e), &e);
	ffs_set_time(fs, f.time);
	base_populate(fs);
	ffs_close(fs);
}

/*
 * Damage anywhere, from a fuzzer's input: a byte that chooses the version,
 * then patches of {sector (2 bytes), offset (2), length (1), bytes} again and
 * again.  Only sectors that are not zero count: as the content of files is
 * zeros, these are the metadata.  NULL: the input says nothing.
 */
#define BASE_PATCH_HEAD	5

struct base {
	struct memdisk	disk;
	uint32_t	sectors[BASE_SIZE / 512];
	uint32_t	n;
};

static inline void
base_find_metadata(struct base *b, int version)
{
	static const uint8_t zeros[512];
	uint32_t i;

	base_make(&b->disk, version);
	for (i = 0; i < BASE_SIZE / 512; i++)
		if (memcmp(b->disk.data + i * 512, zeros, 512) != 0)
			b->sectors[b->n++] = i;
}

static inline struct memdisk *
base_patched(const uint8_t *data, size_t len)
{
	static struct base bases[2];
	static struct memdisk d;
	const struct base *b;
	uint32_t at, n;

	if (d.data == NULL) {
		base_find_metadata(&bases[0], 1);
		base_find_metadata(&bases[1], 2);
		(void)memdisk_init(&d, BASE_SIZE);
	}
	if (len == 0)
		return NULL;
	b = &bases[data[0] & 1];
	memcpy(d.data, b->disk.data, BASE_SIZE);
	for (data++, len--; len > BASE_PATCH_HEAD; data += n, len -= n) {
		at = b->sectors[get16le(data) % b->n] * 512 +
		    get16le(data + 2) % 512;
		n = data[4];
		data += BASE_PATCH_HEAD;
		len -= BASE_PATCH_HEAD;
		if (n > len)
			n = (uint32_t)len;
		if (n > BASE_SIZE - at)
			n = BASE_SIZE - at;
		memcpy(d.data + at, data, n);
	}
	return &d;
}

/* Content up to 1 MiB, and every range that is said to be allocated. */
static inline void
base_read_file(struct ffs *fs, uint32_t ino)
{
	static uint8_t buf[1 << 20];
	struct dd_err e = DD_ERR_INIT;
	uint64_t off = 0, start, end, fp[2];
	size_t got;

	(void)ffs_read(fs, ino, buf, sizeof(buf), 0, &got, &e);
	dd_err_clear(&e);
	while (ffs_next_data(fs, ino, off, &start, &end, &e) == 0 &&
	    start != end) {
		if (start < off || end <= start)
			abort();
		(void)ffs_read(fs, ino, buf, 600, start, &got, &e);
		off = end;
	}
	dd_err_clear(&e);
	(void)ffs_fingerprint(fs, ino, fp, &e);
}

struct base_walk {
	struct ffs	*fs;
	struct map	 seen;		/* inodes */
};

static inline void
base_walk(struct base_walk *w, uint32_t ino, int depth)
{
	static char target[70000];
	struct dd_err e = DD_ERR_INIT;
	struct ffs_dirent d;
	struct ffs_stat st;
	uint64_t at = 0, before;
	int rc;

	if (depth > 50 || map_get(&w->seen, ino) != NULL ||
	    ffs_stat(w->fs, ino, &st, &e) == -1)
		return;
	(void)map_put(&w->seen, ino, w);
	if (st.type == FFS_REG)
		base_read_file(w->fs, ino);
	if (st.type == FFS_LNK)
		(void)ffs_readlink(w->fs, ino, target, sizeof(target), &e);
	if (st.type != FFS_DIR)
		return;
	for (;;) {
		dd_err_clear(&e);
		before = at;
		rc = ffs_readdir(w->fs, ino, &at, &d, &e);
		if (rc != 1)
			break;
		if (at <= before || d.name[0] == '\0' ||
		    strchr(d.name, '/') != NULL)
			abort();
		base_walk(w, d.ino, depth + 1);
	}
	dd_err_clear(&e);
	(void)ffs_lookup(w->fs, ino, "..", &st.ino, &e);
}

static inline void
base_read_all(struct memdisk *d)
{
	struct dd_err e = DD_ERR_INIT;
	struct base_walk w = { .seen = MAP_INIT };
	struct ffs_info info;
	struct blk *b = memblk_open(d, false);

	if (ffs_open(b, 0, &w.fs, &e) == -1) {
		if (e.code == ERR_NONE)
			abort();
		blk_close(b);
		return;
	}
	ffs_info(w.fs, &info);
	base_walk(&w, FFS_ROOT, 0);
	map_dispose(&w.seen);
	ffs_close(w.fs);
}

/* Change what there is: each may fail, none may crash. */
static inline void
base_change_all(struct memdisk *d)
{
	static const char data[5000] = "new";
	struct dd_err e = DD_ERR_INIT;
	struct ffs *fs;
	struct ffs_dirent ent;
	struct blk *b = memblk_open(d, true);
	uint64_t at = 0;
	uint32_t dir = FFS_ROOT, ino, i;

	if (ffs_open(b, FFS_WRITE, &fs, &e) == -1) {
		blk_close(b);
		return;
	}
	for (i = 0; i < 40; i++) {
		dd_err_clear(&e);
		if (ffs_readdir(fs, dir, &at, &ent, &e) != 1) {
			if (dir != FFS_ROOT || ffs_lookup(fs, dir, "sub",
			    &dir, &e) == -1)
				break;
			at = 0;
			continue;
		}
		(void)ffs_write(fs, ent.ino, data, sizeof(data), i * 700,
		    &e);
		(void)ffs_truncate(fs, ent.ino, i * 300, &e);
		(void)ffs_create(fs, ent.ino, "into", NULL, &ino, &e);
		(void)ffs_mkdir(fs, dir, "fresh", NULL, &ino, &e);
		(void)ffs_rename(fs, dir, ent.name, FFS_ROOT, "moved", &e);
		(void)ffs_unlink(fs, FFS_ROOT, "moved", &e);
		(void)ffs_rmdir(fs, FFS_ROOT, "moved", &e);
	}
	dd_err_clear(&e);
	(void)ffs_commit(fs, &e);
	ffs_close(fs);
}

#endif
