/*
 * A directory whose content is the input (up to one block of 4096 bytes): it
 * is read, names are looked up, added and removed.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/ffs_base.h"

#define DIR_BYTES	4096

static uint32_t base_dir;

static uint64_t
place_of_dir(struct memdisk *d)
{
	struct dd_err e = DD_ERR_INIT;
	struct ffs_inode in;
	struct ffs *fs;
	int64_t frag;
	uint64_t at;

	base_must(ffs_open(memblk_open(d, false), 0, &fs, &e), &e);
	base_must(ffs_lookup(fs, FFS_ROOT, BASE_DIR, &base_dir, &e), &e);
	base_must(ffs_iget_used(fs, base_dir, &in, &e), &e);
	base_must(bmap_get(fs, &in, 0, &frag, &e), &e);
	if (in.size != DIR_BYTES)
		abort();
	at = (uint64_t)frag << fs->sb.fshift;
	ffs_close(fs);
	return at;
}

static void
change(struct memdisk *d)
{
	struct dd_err e = DD_ERR_INIT;
	struct ffs_dirent ent;
	struct ffs *fs;
	uint64_t at = 0;
	uint32_t ino;
	char name[FFS_NAME_MAX + 1];
	int i;

	base_must(ffs_open(memblk_open(d, true), FFS_WRITE, &fs, &e), &e);
	for (i = 1; i < 100; i++) {
		dd_err_clear(&e);
		memset(name, 'n', sizeof(name));
		name[i * 3 % FFS_NAME_MAX + 1] = '\0';
		(void)ffs_create(fs, base_dir, name, NULL, &ino, &e);
		dd_err_clear(&e);
		if (i % 3 != 0 || ffs_readdir(fs, base_dir, &at, &ent, &e)
		    != 1)
			continue;
		(void)ffs_unlink(fs, base_dir, ent.name, &e);
		at = 0;
	}
	dd_err_clear(&e);
	(void)ffs_commit(fs, &e);
	ffs_close(fs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct memdisk base, d;
	static uint64_t at;

	if (base.data == NULL) {
		base_make(&base, 2);
		at = place_of_dir(&base);
		(void)memdisk_init(&d, BASE_SIZE);
	}
	memcpy(d.data, base.data, BASE_SIZE);
	memcpy(d.data + at, data, len < DIR_BYTES ? len : DIR_BYTES);
	base_read_all(&d);
	change(&d);
	return 0;
}
