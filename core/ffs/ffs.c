/*
 * A file system, opened and closed.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/ffs/ffs_impl.h"

/* What a writer of ours knows to keep true. */
#define FLAGS_WRITABLE	(FS_FLAG_DOSOFTDEP | FS_FLAG_DOWAPBL)

static bool
totals_fit(const struct ffs *fs)
{
	const struct ffs_sb *s = &fs->sb;
	int64_t ndir = 0, nbfree = 0, nifree = 0, nffree = 0;
	uint32_t i;

	for (i = 0; i < s->ncg; i++) {
		if (fs->cs[i].ndir < 0 || fs->cs[i].nbfree < 0 ||
		    fs->cs[i].nifree < 0 || fs->cs[i].nffree < 0)
			return false;
		ndir += fs->cs[i].ndir;
		nbfree += fs->cs[i].nbfree;
		nifree += fs->cs[i].nifree;
		nffree += fs->cs[i].nffree;
	}
	return ndir == s->cs_ndir && nbfree == s->cs_nbfree &&
	    nifree == s->cs_nifree && nffree == s->cs_nffree;
}

/* May the image be written at all? */
static int
check_writable(const struct ffs *fs, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	uint32_t odd = s->flags & ~(uint32_t)FLAGS_WRITABLE;

	if (fs->journal_dirty) {
		(void)dd_fail(e, ERR_UNCLEAN, "its journal (WAPBL) holds "
		    "changes that must be replayed first");
		return dd_hint(e, "run 'drydock check --repair', or boot the "
		    "domU and shut it down");
	}
	if (s->clean != 1) {
		(void)dd_fail(e, ERR_UNCLEAN, "the file system is not marked "
		    "clean: it is in use, or was not unmounted");
		return dd_hint(e, "shut the domU down; if it is down, run "
		    "'drydock check --repair'");
	}
	if (odd & FS_FLAG_DOQUOTA2) {
		(void)dd_fail(e, ERR_UNSUP, "the file system keeps quotas");
		return dd_hint(e, "drydock would leave them wrong: write it "
		    "on NetBSD");
	}
	if (odd != 0)
		return dd_fail(e, ERR_UNSUP, "superblock flags 0x%x are not "
		    "known: drydock only reads this file system", odd);
	if (!totals_fit(fs)) {
		(void)dd_fail(e, ERR_CORRUPT, "the totals in the superblock "
		    "are not those of the cylinder groups");
		return dd_hint(e, "run 'drydock check' on the image");
	}
	if (get32le(s->raw + SB_O_SNAPINUM) != 0 && !sb_is_old(s)) {
		(void)dd_fail(e, ERR_UNSUP, "the file system has snapshots");
		return dd_hint(e, "drydock would spoil them: remove them on "
		    "NetBSD first");
	}
	return 0;
}

/* The totals of the cylinder groups. */
static int
load_cs(struct ffs *fs, struct dd_err *e)
{
	const struct ffs_sb *s = &fs->sb;
	size_t len = round_up((uint64_t)s->ncg * CSUM_SIZE, s->fsize);
	uint8_t *raw = malloc(len);
	int rc = -1;
	uint32_t i;

	free(fs->cs);
	fs->cs = calloc(s->ncg, sizeof(*fs->cs));
	if (raw == NULL || fs->cs == NULL) {
		(void)dd_fail_nomem(e);
		goto out;
	}
	if (ffs_frag_read(fs, raw, len, s->csaddr, e) == -1)
		goto out;
	for (i = 0; i < s->ncg; i++) {
		const uint8_t *p = raw + (size_t)i * CSUM_SIZE;

		fs->cs[i] = (struct ffs_csum){ (int32_t)get32le(p),
		    (int32_t)get32le(p + 4), (int32_t)get32le(p + 8),
		    (int32_t)get32le(p + 12) };
	}
	rc = 0;
out:
	free(raw);
	return rc;
}

static int
load(struct ffs *fs, struct dd_err *e)
{
	if (sb_find(fs->b, &fs->sb, e) == -1)
		return -1;
	if (fs->sb.fsize % fs->b->sector_size != 0) {
		(void)dd_fail(e, ERR_UNSUP, "fragments of %u bytes on sectors "
		    "of %u", fs->sb.fsize, fs->b->sector_size);
		return dd_hint(e, "open it with a smaller --sector-size");
	}
	return load_cs(fs, e);
}

/*
 * A journal that needs replay: read as after it.  Who writes must replay it
 * for good first; with FFS_ANY a damaged one is only remembered.
 */
static int
lay_journal(struct ffs *fs, struct dd_err *e)
{
	struct dd_err bad = DD_ERR_INIT;

	if (wapbl_dirty(fs->b, &fs->sb, &fs->journal_dirty, &bad) == -1) {
		if (!fs->untrusted || bad.code == ERR_IO) {
			*e = bad;
			return -1;
		}
		fs->journal_bad = bad;
		fs->journal_dirty = true;
		return 0;
	}
	if (!fs->journal_dirty || fs->writable)
		return 0;
	if (wapbl_lay(&fs->b, &fs->sb, e) == -1)
		return -1;
	fs->journal_laid = true;
	return load(fs, e);
}

static int
get_memory(struct ffs *fs, struct dd_err *e)
{
	fs->bounce = malloc(fs->sb.bsize);
	if (fs->writable) {
		fs->block = malloc(fs->sb.bsize);
		fs->contig_dirs = calloc(fs->sb.ncg, 1);
	}
	if (fs->bounce == NULL || (fs->writable &&
	    (fs->block == NULL || fs->contig_dirs == NULL)))
		return dd_fail_nomem(e);
	return 0;
}

static struct ffs_time
clock_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (struct ffs_time){ ts.tv_sec, (int32_t)ts.tv_nsec };
}

/* Everything but the layer, which the caller keeps. */
static void
dispose(struct ffs *fs)
{
	cache_dispose(fs);
	cg_dispose(fs);
	dir_index_dispose(fs);
	free(fs->contig_dirs);
	free(fs->bounce);
	free(fs->block);
	free(fs->cs);
	free(fs);
}

static void
derive(struct ffs *fs)
{
	(void)cg_layout(&fs->sb, &fs->layout);
	fs->avail_blocks = fs->sb.cs_nbfree;
	fs->avail_frags = fs->sb.cs_nffree;
}

int
ffs_open(struct blk *b, int flags, struct ffs **out, struct dd_err *e)
{
	struct ffs *fs = calloc(1, sizeof(*fs));

	if (fs == NULL)
		return dd_fail_nomem(e);
	fs->b = b;
	fs->now = clock_now();
	fs->writable = (flags & FFS_WRITE) != 0;
	fs->untrusted = (flags & FFS_ANY) != 0;
	if (load(fs, e) == -1 || lay_journal(fs, e) == -1)
		goto fail;
	if (fs->writable && (flags & FFS_ANY) == 0 &&
	    check_writable(fs, e) == -1)
		goto fail;
	if (get_memory(fs, e) == -1)
		goto fail;
	derive(fs);
	*out = fs;
	return 0;
fail:
	if (fs->journal_laid)
		(void)wapbl_release(fs->b);
	dispose(fs);
	return -1;
}

int
ffs_reload(struct ffs *fs, struct dd_err *e)
{
	const uint32_t bsize = fs->sb.bsize, ncg = fs->sb.ncg;

	cache_dispose(fs);
	cg_dispose(fs);
	if (load(fs, e) == -1)
		return -1;
	if (fs->sb.bsize != bsize || fs->sb.ncg != ncg)
		return dd_fail(e, ERR_CORRUPT, "the journal's superblock is of "
		    "another file system");
	derive(fs);
	return 0;
}

void
ffs_close(struct ffs *fs)
{
	if (fs == NULL)
		return;
	blk_close(fs->b);
	dispose(fs);
}

void
ffs_set_time(struct ffs *fs, struct ffs_time t)
{
	fs->now = t;
}

/* A total of a superblock that may lie. */
static uint64_t
sane(int64_t n, int64_t most)
{
	return n < 0 ? 0 : (uint64_t)(n > most ? most : n);
}

void
ffs_info(const struct ffs *fs, struct ffs_info *info)
{
	const struct ffs_sb *s = &fs->sb;
	int64_t inodes = (int64_t)s->ncg * s->ipg;
	uint64_t free_frags = sane(s->cs_nbfree, s->size / s->frag) *
	    s->frag + sane(s->cs_nffree, s->size);

	*info = (struct ffs_info){
		.version = s->version,
		.ea = s->magic == FS_UFS2EA_MAGIC,
		.clean = s->clean == 1 && !fs->journal_dirty,
		.journal = (s->flags & FS_FLAG_DOWAPBL) != 0,
		.journal_dirty = fs->journal_dirty,
		.quota = (s->flags & FS_FLAG_DOQUOTA2) != 0,
		.bsize = s->bsize,
		.fsize = s->fsize,
		.ncg = s->ncg,
		.size = (uint64_t)s->size << s->fshift,
		.bytes_data = sane(s->dsize, s->size) << s->fshift,
		.bytes_free = min64(free_frags, (uint64_t)s->size) <<
		    s->fshift,
		.inodes = (uint64_t)inodes,
		.inodes_free = sane(s->cs_nifree, inodes),
		.dirs = sane(s->cs_ndir, inodes),
		.id = (uint64_t)s->id[0] << 32 | s->id[1],
		.maxsymlink = s->maxsymlinklen,
	};
	info->bytes_avail = fs->writable && !fs->untrusted ?
	    ffs_avail_frags(fs) << s->fshift : info->bytes_free;
}
