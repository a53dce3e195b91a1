/*
 * What an FFS superblock says of itself, in either byte order.
 *
 * A small reading of its own: core/ffs judges superblocks strictly, since it
 * goes on to use them; here the figures are only shown.  Layout: NetBSD
 * sys/ufs/ffs/fs.h; of the journal sys/sys/wapbl.h.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/vis.h"
#include "core/disk/probe_impl.h"

#define MAGIC_UFS1	0x00011954U
#define MAGIC_UFS2	0x19540119U
#define MAGIC_UFS2EA	0x19012038U

#define SB_LEN		1376
#define AT_UFS2		65536
#define OLDFLAG_UPDATED	0x80
#define FLAG_DOWAPBL	0x100
#define FLAG_DOQUOTA2	0x200

/* Offsets of fields. */
enum {
	FS_OLD_SIZE = 36,
	FS_OLD_DSIZE = 40,
	FS_NCG = 44,
	FS_BSIZE = 48,
	FS_FSIZE = 52,
	FS_FRAG = 56,
	FS_IPG = 184,
	FS_OLD_NBFREE = 196,
	FS_OLD_NIFREE = 200,
	FS_OLD_NFFREE = 204,
	FS_CLEAN = 209,
	FS_OLD_FLAGS = 211,
	FS_FSMNT = 212,
	FS_FSMNT_LEN = 468,
	FS_VOLNAME = 680,
	FS_VOLNAME_LEN = 32,
	FS_JOURNAL_VERSION = 864,
	FS_JOURNAL_LOCATION = 865,
	FS_JOURNAL_ADDR = 872,
	FS_JOURNAL_BLKSZ = 888,
	FS_SBLOCKLOC = 1000,
	FS_NBFREE = 1016,
	FS_NIFREE = 1024,
	FS_NFFREE = 1032,
	FS_SIZE = 1080,
	FS_DSIZE = 1088,
	FS_FLAGS = 1312,
	FS_MAGIC = 1372
};

/* Offsets in a WAPBL header. */
#define WC_HEADER	0x5741424cU
enum {
	WC_TYPE = 0,
	WC_GENERATION = 12,
	WC_HEAD = 48,
	WC_TAIL = 56,
	WC_LEN = 80
};

struct sb {
	uint8_t		raw[SB_LEN];
	bool		big;
	uint32_t	magic;
};

static uint32_t
in32(const uint8_t *p, bool big)
{
	return big ? get32be(p) : get32le(p);
}

static uint64_t
in64(const uint8_t *p, bool big)
{
	return big ? (uint64_t)get32be(p) << 32 | get32be(p + 4) :
	    get64le(p);
}

static uint32_t
f32(const struct sb *s, unsigned off)
{
	return in32(s->raw + off, s->big);
}

static uint64_t
f64(const struct sb *s, unsigned off)
{
	return in64(s->raw + off, s->big);
}

static bool
is_magic(uint32_t magic)
{
	return magic == MAGIC_UFS1 || magic == MAGIC_UFS2 ||
	    magic == MAGIC_UFS2EA;
}

/* A UFS1 that knows nothing of the fields UFS2 brought. */
static bool
is_old(const struct sb *s)
{
	return s->magic == MAGIC_UFS1 &&
	    (s->raw[FS_OLD_FLAGS] & OLDFLAG_UPDATED) == 0;
}

/* Is this a superblock that belongs at `at`? */
static bool
is_superblock(struct sb *s, uint64_t at)
{
	uint32_t bsize, fsize;

	s->big = is_magic(get32be(s->raw + FS_MAGIC));
	s->magic = f32(s, FS_MAGIC);
	if (!is_magic(s->magic))
		return false;
	/* an old one at 64 KiB is the first spare of a file system with
	 * blocks of that size */
	if (is_old(s) ? at == AT_UFS2 : f64(s, FS_SBLOCKLOC) != at)
		return false;
	bsize = f32(s, FS_BSIZE);
	fsize = f32(s, FS_FSIZE);
	return bsize >= 4096 && bsize <= 65536 && (bsize & (bsize - 1)) == 0 &&
	    fsize >= 512 && fsize <= bsize && (fsize & (fsize - 1)) == 0 &&
	    f32(s, FS_FRAG) == bsize / fsize;
}

/* Does the journal hold what is not in place yet?  Where it can't be read it
 * counts as if it did. */
static int
journal_is_dirty(struct blk *b, const struct sb *s, bool *dirty,
    struct dd_err *e)
{
	uint64_t blksz = f64(s, FS_JOURNAL_BLKSZ), off;
	uint8_t one[WC_LEN], two[WC_LEN];
	const uint8_t *last = one;

	*dirty = true;
	if (blksz < 512 || blksz > 65536 ||
	    __builtin_mul_overflow(f64(s, FS_JOURNAL_ADDR), blksz, &off) ||
	    off > b->size || b->size - off < 2 * blksz)
		return 0;
	if (probe_read(b, one, WC_LEN, off, e) == -1 ||
	    probe_read(b, two, WC_LEN, off + blksz, e) == -1)
		return -1;
	if (in32(one + WC_TYPE, s->big) != WC_HEADER)
		return 0;
	if (in32(two + WC_GENERATION, s->big) >
	    in32(one + WC_GENERATION, s->big))
		last = two;
	*dirty = in64(last + WC_HEAD, s->big) != in64(last + WC_TAIL, s->big);
	return 0;
}

static void
text(char *dst, size_t cap, const uint8_t *raw, size_t len)
{
	char name[FS_FSMNT_LEN + 1];

	memcpy(name, raw, len);
	name[len] = '\0';
	vis_str(dst, cap, name);
}

static void
describe(const struct sb *s, struct probe_ffs *f)
{
	bool old = is_old(s);
	uint32_t flags = old ? 0 : f32(s, FS_FLAGS);
	uint64_t nbfree, nffree;

	f->version = s->magic == MAGIC_UFS1 ? 1 : 2;
	f->ea = s->magic == MAGIC_UFS2EA;
	f->bsize = f32(s, FS_BSIZE);
	f->fsize = f32(s, FS_FSIZE);
	f->size = (old ? f32(s, FS_OLD_SIZE) : f64(s, FS_SIZE)) * f->fsize;
	f->data = (old ? f32(s, FS_OLD_DSIZE) : f64(s, FS_DSIZE)) * f->fsize;
	nbfree = old ? f32(s, FS_OLD_NBFREE) : f64(s, FS_NBFREE);
	nffree = old ? f32(s, FS_OLD_NFFREE) : f64(s, FS_NFFREE);
	f->free = nbfree * f->bsize + nffree * f->fsize;
	f->inodes = (uint64_t)f32(s, FS_NCG) * f32(s, FS_IPG);
	f->inodes_free = old ? f32(s, FS_OLD_NIFREE) : f64(s, FS_NIFREE);
	f->quota = (flags & FLAG_DOQUOTA2) != 0;
	f->journal = !old && s->raw[FS_JOURNAL_VERSION] != 0 &&
	    s->raw[FS_JOURNAL_LOCATION] != 0;
	if (!old)
		text(f->volname, sizeof(f->volname), s->raw + FS_VOLNAME,
		    FS_VOLNAME_LEN);
	text(f->mounted_on, sizeof(f->mounted_on), s->raw + FS_FSMNT,
	    FS_FSMNT_LEN);
}

int
probe_ffs(struct blk *b, struct probe *out, struct dd_err *e)
{
	static const uint32_t where[] = { AT_UFS2, 8192, 0, 262144 };
	struct probe_ffs *f = &out->ffs;
	struct sb s;
	size_t i;

	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		if (where[i] + SB_LEN > b->size)
			continue;
		if (probe_read(b, s.raw, SB_LEN, where[i], e) == -1)
			return -1;
		if (!is_superblock(&s, where[i]))
			continue;
		out->kind = s.big ? PROBE_FFS_BE : PROBE_FFS;
		out->sb_off = where[i];
		describe(&s, f);
		if (f->journal && (f32(&s, FS_FLAGS) & FLAG_DOWAPBL) != 0 &&
		    journal_is_dirty(b, &s, &f->journal_dirty, e) == -1)
			return -1;
		f->clean = s.raw[FS_CLEAN] == 1 && !f->journal_dirty;
		return 1;
	}
	return 0;
}
