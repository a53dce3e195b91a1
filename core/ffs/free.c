/* What is free; see ffs.h. */
#include "core/ffs/cg.h"

/* A free range that may go on in the next group. */
struct freed {
	int		(*run)(void *, uint64_t, uint64_t, struct dd_err *);
	void		*arg;
	uint64_t	 off, len;
};

static int
add(struct freed *f, uint64_t off, uint64_t len, struct dd_err *e)
{
	if (f->len > 0 && off == f->off + f->len) {
		f->len += len;
		return 0;
	}
	if (f->len > 0 && f->run(f->arg, f->off, f->len, e) == -1)
		return -1;
	f->off = off;
	f->len = len;
	return 0;
}

static int
add_group(struct ffs *fs, uint32_t cg, struct freed *f, struct dd_err *e)
{
	const uint64_t base = (uint64_t)sb_cgbase(&fs->sb, cg);
	struct ffs_cg *c;
	uint32_t i;

	if (cg_get(fs, cg, &c, e) == -1)
		return -1;
	for (i = 0; i < c->ndblk; i++)
		if (bit_test(cg_free_map(fs, c), i) &&
		    add(f, (base + i) << fs->sb.fshift, fs->sb.fsize, e) ==
		    -1)
			return -1;
	return 0;
}

int
ffs_free_ranges(struct ffs *fs, int (*run)(void *, uint64_t, uint64_t,
    struct dd_err *), void *arg, struct dd_err *e)
{
	struct freed f = { .run = run, .arg = arg };
	uint32_t cg;

	for (cg = 0; cg < fs->sb.ncg; cg++)
		if (add_group(fs, cg, &f, e) == -1)
			return -1;
	return f.len > 0 ? run(arg, f.off, f.len, e) : 0;
}
