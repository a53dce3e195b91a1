/*
 * A whole file system, damaged anywhere: check comes to its end, and what
 * repair says is mended is clean.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/ffs_base.h"

static unsigned
check(struct memdisk *d)
{
	struct dd_err e = DD_ERR_INIT;
	struct blk *b = memblk_open(d, false);
	struct ffs *fs;
	unsigned n = 1;

	if (ffs_open(b, FFS_ANY, &fs, &e) == -1) {
		blk_close(b);
		return n;
	}
	if (ffs_check(fs, NULL, NULL, NULL, &n, &e) == -1) {
		if (e.code != ERR_CORRUPT)
			abort();
		n = 1;
	}
	ffs_close(fs);
	return n;
}

static void
take(void *arg, const struct ffs_finding *f)
{
	unsigned *worst = arg;

	if (f->text[0] == '\0' || f->severity < 0 || f->severity > 2)
		abort();
	if ((unsigned)f->severity > *worst)
		*worst = (unsigned)f->severity;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct memdisk *d = base_patched(data, len);
	struct dd_err e = DD_ERR_INIT;
	unsigned before, mended, worst = 0;
	struct blk *b;
	struct ffs *fs;

	if (d == NULL)
		return 0;
	before = check(d);
	b = memblk_open(d, true);
	if (ffs_open(b, FFS_WRITE | FFS_ANY, &fs, &e) == -1) {
		blk_close(b);
		return 0;
	}
	if (ffs_repair(fs, take, &worst, NULL, &mended, &e) == -1) {
		if (worst < 2 && e.code != ERR_CORRUPT &&
		    e.code != ERR_NOSPC && e.code != ERR_FAULTS)
			abort();
		ffs_close(fs);
		return 0;
	}
	if (worst > 1 || (mended > 0) != (before > 0) ||
	    ffs_commit(fs, &e) == -1)
		abort();
	ffs_close(fs);
	if (check(d) != 0)
		abort();
	return 0;
}
