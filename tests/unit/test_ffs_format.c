/* core/ffs, format: geometry as newfs has it, and what is written. */
#include "core/ffs/ffs_impl.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

#define MIB	(1024UL * 1024)

static struct dd_err e;

#define BY_ITSELF	12	/* rows of the table that newfs chose alone */

/* What NetBSD's newfs made of these sizes. */
static void
geometry_is_that_of_newfs(void)
{
	static const struct {
		int		version;
		uint64_t	bytes;
		uint32_t	bsize, fsize, ncg, fpg, ipg;
		int32_t		dblkno;
		uint32_t	cgsize, cssize, contigsumsize;
	} t[] = {
		{ 1, 73728ULL, 4096, 512, 1, 144, 32, 64, 512, 512, 16 },
		{ 2, 98304ULL, 4096, 512, 1, 192, 16, 176, 512, 512, 16 },
		{ 1, 2097152ULL, 4096, 512, 4, 1024, 256, 120, 512, 512, 16 },
		{ 2, 2097152ULL, 4096, 512, 3, 1368, 288, 312, 512, 512, 16 },
		{ 2, 20971520ULL, 8192, 1024, 4, 5120, 1216, 392, 2048, 1024,
		    8 },
		{ 1, 104857600ULL, 8192, 1024, 4, 25600, 6208, 808, 5120,
		    1024, 8 },
		{ 2, 536870912ULL, 8192, 1024, 12, 43696, 10304, 2664, 8192,
		    1024, 8 },
		{ 2, 4294967296ULL, 16384, 2048, 23, 91184, 22144, 2824,
		    16384, 2048, 4 },
		{ 1, 4294967296ULL, 16384, 2048, 23, 91184, 22528, 1432,
		    16384, 2048, 4 },
		{ 2, 214748364800ULL, 32768, 4096, 276, 189960, 46848, 2968,
		    32768, 8192, 2 },
		{ 2, 1099511627776ULL, 32768, 4096, 1413, 189976, 46848,
		    2968, 32768, 24576, 2 },
		{ 2, 10995116277760ULL, 32768, 4096, 14127, 190024, 46848,
		    2968, 32768, 229376, 2 },
		/* From here on with the block sizes said. */
		{ 2, 2999808ULL, 4096, 4096, 4, 184, 48, 24, 4096, 4096, 16 },
		{ 1, 7777280ULL, 8192, 8192, 3, 320, 64, 5, 8192, 8192, 8 },
		{ 1, 4999680ULL, 8192, 4096, 4, 312, 64, 10, 4096, 4096, 8 },
		{ 2, 99999744ULL, 65536, 65536, 1, 1528, 256, 5, 65536,
		    65536, 0 },
	};
	static struct ffs_sb s;
	struct ffs_format f = { .version = 0 };
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		f.version = t[i].version;
		f.bsize = i < BY_ITSELF ? 0 : t[i].bsize;
		f.fsize = i < BY_ITSELF ? 0 : t[i].fsize;
		T_OK(format_plan(t[i].bytes, 512, &f, &s, &e));
		T_EQ(s.bsize, t[i].bsize);
		T_EQ(s.fsize, t[i].fsize);
		T_EQ(s.ncg, t[i].ncg);
		T_EQ(s.fpg, t[i].fpg);
		T_EQ(s.ipg, t[i].ipg);
		T_EQ(s.dblkno, t[i].dblkno);
		T_EQ(s.cgsize, t[i].cgsize);
		T_EQ(s.cssize, t[i].cssize);
		T_EQ(s.contigsumsize, t[i].contigsumsize);
	}
}

/* Static bytes of superblocks and group headers are those that newfs wrote. */
static void
bytes_are_those_of_newfs(void)
{
	static const struct {
		const char	*image;
		struct ffs_format f;
	} t[] = {
		{ "ffsv1", { .version = 1 } },
		{ "ffsv2", { .version = 2 } },
		{ "ffsv2-4k4k", { .version = 2, .bsize = 4096,
		    .fsize = 4096 } },
	};
	/* Fields that differ, as time passes and files come. */
	static const struct { uint16_t off, len; } sb_moving[] = {
		{ SB_O_OLD_TIME, 4 }, { SB_O_ID, 8 }, { SB_O_OLD_CSTOTAL, 16 },
		{ SB_O_FMOD, 3 }, { SB_O_FSMNT, 468 }, { SB_O_CGROTOR, 4 },
		{ 728, 128 },	/* pointers of the kernel that had it */
		{ SB_O_CSTOTAL, 32 }, { SB_O_TIME, 8 },
	};
	static const uint16_t cg_static[] = {
		CG_O_FIRSTFIELD, CG_O_MAGIC, CG_O_CGX, CG_O_OLD_NCYL,
		CG_O_NDBLK, CG_O_OLD_BTOTOFF, CG_O_OLD_BOFF, CG_O_IUSEDOFF,
		CG_O_FREEOFF, CG_O_NEXTFREEOFF, CG_O_CLUSTERSUMOFF,
		CG_O_CLUSTEROFF, CG_O_NCLUSTERBLKS, CG_O_NIBLK,
	};
	struct memdisk theirs, ours;
	struct ffs_sb s;
	struct blk *b;
	char path[100];
	size_t i, k;
	uint32_t cg;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		(void)snprintf(path, sizeof(path),
		    "tests/vectors/ffs/%s.img.zst", t[i].image);
		T_EQ(memdisk_load(&theirs, path), 0);
		T_EQ(memdisk_init(&ours, theirs.size), 0);
		b = memblk_open(&ours, true);
		T_OK(ffs_format(b, &t[i].f, &e));
		T_OK(sb_find(b, &s, &e));
		for (k = 0; k < sizeof(sb_moving) / sizeof(sb_moving[0]);
		    k++) {
			memset(ours.data + s.at + sb_moving[k].off, 0,
			    sb_moving[k].len);
			memset(theirs.data + s.at + sb_moving[k].off, 0,
			    sb_moving[k].len);
		}
		T_EQ(memcmp(ours.data + s.at, theirs.data + s.at, SB_FIELDS),
		    0);
		for (cg = 0; cg < s.ncg; cg++) {
			size_t at = (size_t)sb_cgtod(&s, cg) << s.fshift;

			for (k = 0; k < sizeof(cg_static) /
			    sizeof(cg_static[0]); k++)
				T_EQ(get32le(ours.data + at + cg_static[k]),
				    get32le(theirs.data + at +
				    cg_static[k]));
		}
		blk_close(b);
		memdisk_dispose(&ours);
		memdisk_dispose(&theirs);
	}
}

/* One empty file system: the root and nothing else, all sums right. */
static void
check_empty(struct memdisk *d, const struct ffs_format *f)
{
	struct blk *b = memblk_open(d, false);
	struct ffs *fs;
	struct ffs_dirent ent;
	struct ffs_stat st;
	struct ffs_info info;
	uint64_t at = 0;
	int64_t nbfree = 0, nffree = 0, nifree = 0;
	uint8_t *raw = malloc(FFS_BSIZE_MAX), *copy = malloc(FFS_BSIZE_MAX);
	uint32_t cg;

	T_OK(ffs_open(b, 0, &fs, &e));
	ffs_info(fs, &info);
	T_EQ(info.version, f->version);
	T(info.clean);
	T_EQ(info.dirs, 1);
	T_OK(ffs_stat(fs, FFS_ROOT, &st, &e));
	T_EQ(st.type, FFS_DIR);
	T_EQ(st.nlink, 2);
	T_EQ(st.size, 512);
	T_EQ(st.perm, 0755);
	T_EQ(st.mtime.sec, 1234567890);
	T_EQ(st.mtime.nsec, 987);
	T_EQ(ffs_readdir(fs, FFS_ROOT, &at, &ent, &e), 0);
	for (cg = 0; cg < fs->sb.ncg; cg++) {
		T_OK(ffs_frag_read(fs, raw, fs->sb.bsize,
		    sb_cgtod(&fs->sb, cg), &e));
		memcpy(copy, raw, fs->sb.bsize);
		cg_recompute(&fs->sb, cg, copy, cg == 0);
		T_EQ(memcmp(raw, copy, fs->sb.cgsize), 0);
		nbfree += get32le(raw + CG_O_CS + 4);
		nifree += get32le(raw + CG_O_CS + 8);
		nffree += get32le(raw + CG_O_CS + 12);
		/* The alternate agrees with the one found. */
		T_OK(ffs_frag_read(fs, raw, SB_SIZE,
		    sb_cgsblock(&fs->sb, cg), &e));
		T_EQ(memcmp(raw, fs->sb.raw, SB_SIZE), 0);
	}
	T_EQ(fs->sb.cs_nbfree, nbfree);
	T_EQ(fs->sb.cs_nifree, nifree);
	T_EQ(fs->sb.cs_nffree, nffree);
	/* All data but the root's fragment is free. */
	T_EQ(nbfree * fs->sb.frag + nffree, fs->sb.dsize - 1);
	free(raw);
	free(copy);
	ffs_close(fs);
}

static void
every_geometry_makes_an_empty_file_system(void)
{
	static const uint64_t sizes[] = {
		1024UL * 1024 - 512, 3 * MIB + 5 * 512, 21 * MIB,
	};
	struct ffs_format f = {
		.time = { 1234567890, 987 }, .id = { 1, 2 },
	};
	struct memdisk d;
	struct blk *b;
	size_t i;
	int garbage = 0;

	for (f.version = 1; f.version <= 2; f.version++)
	for (f.bsize = 4096; f.bsize <= 65536; f.bsize *= 2)
	for (f.fsize = f.bsize / 8; f.fsize <= f.bsize; f.fsize *= 2)
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		/* What was there before makes no difference. */
		garbage = (garbage + 1) % 3;
		T_EQ(memdisk_init(&d, sizes[i]), 0);
		memset(d.data, garbage == 0 ? 0xa5 : 0, d.size);
		b = memblk_open(&d, true);
		T_OK(ffs_format(b, &f, &e));
		blk_close(b);
		check_empty(&d, &f);
		memdisk_dispose(&d);
		if (t_bad) {
			T_FAIL("FFSv%d %u/%u, %llu bytes", f.version, f.bsize,
			    f.fsize, (unsigned long long)sizes[i]);
			return;
		}
	}
}

static void
the_smallest_is_as_said(void)
{
	struct ffs_format f = { .version = 0 };
	static struct ffs_sb s;
	uint64_t least;

	for (f.version = 1; f.version <= 2; f.version++)
		for (f.bsize = 4096; f.bsize <= 65536; f.bsize *= 2) {
			T_ERR(format_plan(65536, 512, &f, &s, &e), ERR_NOSPC);
			T(strstr(e.hint, "at least ") != NULL);
			least = strtoull(strstr(e.hint, "at least ") + 9,
			    NULL, 10);
			T_OK(format_plan(least, 512, &f, &s, &e));
			T_ERR(format_plan(least - 512, 512, &f, &s, &e),
			    ERR_NOSPC);
		}
}

static void
wishes_that_contradict_are_refused(void)
{
	static const struct ffs_format bad[] = {
		{ .version = 3 },
		{ .bsize = 2048 }, { .bsize = 131072 }, { .bsize = 5000 },
		{ .bsize = 8192, .fsize = 512 },
		{ .bsize = 8192, .fsize = 16384 },
		{ .bsize = 8192, .fsize = 3000 },
		{ .fsize = 256 },
		{ .minfree = 100 },
	};
	static struct ffs_sb s;
	struct ffs_format f = { .version = 1 };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		T_ERR(format_plan(64 * MIB, 512, &bad[i], &s, &e), ERR_USAGE);
	f.fsize = 1024;
	T_ERR(format_plan(64 * MIB, 2048, &f, &s, &e), ERR_USAGE);
	f.fsize = 512;
	T_ERR(format_plan(1ULL << 40, 512, &f, &s, &e), ERR_USAGE);
	T_ERR(format_plan(UINT64_MAX, 512, &f, &s, &e), ERR_USAGE);
}

static void
former_superblocks_go_and_boot_blocks_stay(void)
{
	struct ffs_format f = { .version = 1, .bsize = 4096 };
	struct memdisk d;
	struct blk *b;
	struct ffs_sb s;
	size_t i;

	T_EQ(memdisk_init(&d, 2 * MIB), 0);
	b = memblk_open(&d, true);
	T_OK(ffs_format(b, &f, &e));
	blk_close(b);
	memset(d.data, 'B', 8192);
	put16le(d.data + 1024 + 56, 0xef53);
	f.version = 2;
	b = memblk_open(&d, true);
	T_OK(ffs_format(b, &f, &e));
	T_OK(sb_find(b, &s, &e));
	T_EQ(s.version, 2);
	T_EQ(get32le(d.data + 8192 + SB_O_MAGIC), 0);
	T_EQ(get16le(d.data + 1024 + 56), 0);
	for (i = 0; i < 8192; i++)
		T(d.data[i] == 'B' || i == 1080 || i == 1081);
	blk_close(b);
	memdisk_dispose(&d);
}

/* Few writes on an image of holes: they stay holes. */
static void
zeros_are_not_written_again(void)
{
	struct ffs_format f = { .version = 1 };
	struct memdisk d;
	struct blk *b;

	for (f.version = 1; f.version <= 2; f.version++) {
		T_EQ(memdisk_init(&d, 32 * MIB), 0);
		b = memblk_open(&d, true);
		T_OK(ffs_format(b, &f, &e));
		T_EQ(d.direct, 4 * 2 + 1 + 2 + 1);
		T_EQ(d.journaled, 0);
		T_EQ(d.flushes, 1);
		blk_close(b);
		memdisk_dispose(&d);
	}
}

int
main(void)
{
	T_RUN(geometry_is_that_of_newfs);
	T_RUN(bytes_are_those_of_newfs);
	T_RUN(every_geometry_makes_an_empty_file_system);
	T_RUN(the_smallest_is_as_said);
	T_RUN(wishes_that_contradict_are_refused);
	T_RUN(former_superblocks_go_and_boot_blocks_stay);
	T_RUN(zeros_are_not_written_again);
	return t_done();
}
