/* core/ffs, reading: against images made by NetBSD. */
#include "core/base/bytes.h"
#include "core/ffs/ffs_disk.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

#define DIR "tests/vectors/ffs/"

static struct dd_err e;

static void
superblocks_survive_decode_and_encode(void)
{
	static const char *const images[] = {
		"ffsv1", "ffsv2", "ffsv2-4k4k", "makefs-v1", "tpl2", "log",
		"logdirty", "unclean",
	};
	char path[100];
	struct memdisk d;
	struct blk *b;
	struct ffs_sb s;
	size_t i;

	for (i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		(void)snprintf(path, sizeof(path), DIR "%s.img.zst",
		    images[i]);
		T_EQ(memdisk_load(&d, path), 0);
		b = memblk_open(&d, false);
		T_OK(sb_find(b, &s, &e));
		sb_encode(&s);
		T_EQ(memcmp(s.raw, d.data + s.at, SB_SIZE), 0);
		T_EQ(s.at, s.version == 1 ? 8192 : 65536);
		blk_close(b);
		memdisk_dispose(&d);
	}
}

static void
superblocks_that_lie_are_refused(void)
{
	/* field at off gets val: what comes of it */
	static const struct {
		uint16_t	off;
		uint32_t	val;
		enum dd_code	want;
	} lies[] = {
		{ 8, 0xffffffff, ERR_CORRUPT },		/* sblkno */
		{ 12, 0, ERR_CORRUPT },			/* cblkno */
		{ 16, 0x7ffffff8, ERR_CORRUPT },	/* iblkno */
		{ 20, 0x7ffffff8, ERR_CORRUPT },	/* dblkno */
		{ 44, 0, ERR_CORRUPT },			/* ncg */
		{ 44, 0xffffffff, ERR_CORRUPT },
		{ 48, 0, ERR_CORRUPT },			/* bsize */
		{ 48, 131072, ERR_CORRUPT },
		{ 52, 0, ERR_CORRUPT },			/* fsize */
		{ 52, 3, ERR_CORRUPT },
		{ 56, 16, ERR_CORRUPT },		/* frag */
		{ 80, 33, ERR_CORRUPT },		/* bshift */
		{ 104, 100, ERR_CORRUPT },		/* sbsize */
		{ 116, 1, ERR_CORRUPT },		/* nindir */
		{ 120, 0, ERR_CORRUPT },		/* inopb */
		{ 156, 0, ERR_CORRUPT },		/* cssize */
		{ 160, 0x7fffffff, ERR_CORRUPT },	/* cgsize */
		{ 184, 0, ERR_CORRUPT },		/* ipg */
		{ 184, 0x80000000, ERR_CORRUPT },
		{ 188, 0, ERR_CORRUPT },		/* fpg */
		{ 188, 0xfffffff8, ERR_CORRUPT },
		{ 1084, 0x7fffffff, ERR_CORRUPT },	/* size, high half */
		{ 1096, 0x7fffffff, ERR_CORRUPT },	/* csaddr */
		{ 1316, 0x40000000, ERR_CORRUPT },	/* contigsumsize */
		{ 1320, 1000, ERR_CORRUPT },		/* maxsymlinklen */
		{ 1372, 0x19015419, ERR_UNSUP },	/* big-endian */
		{ 1372, 0x38200119, ERR_UNSUP },
		{ 1372, 0, ERR_FORMAT },
		{ 1000, 8192, ERR_FORMAT },		/* sblockloc */
	};
	struct memdisk d;
	struct blk *b;
	struct ffs_sb s;
	uint8_t keep[4];
	size_t i;

	T_EQ(memdisk_load(&d, DIR "ffsv2.img.zst"), 0);
	b = memblk_open(&d, false);
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		uint8_t *p = d.data + 65536 + lies[i].off;

		memcpy(keep, p, 4);
		put32le(p, lies[i].val);
		dd_err_clear(&e);
		if (sb_find(b, &s, &e) == 0 || e.code != lies[i].want)
			T_FAIL("%u <- %#x: %s", lies[i].off, lies[i].val,
			    e.code == ERR_NONE ? "accepted" : e.msg);
		memcpy(p, keep, 4);
	}
	blk_close(b);
	d.size -= 65536;
	b = memblk_open(&d, false);
	T_ERR(sb_find(b, &s, &e), ERR_CORRUPT);
	T(strstr(e.hint, "cut off") != NULL);
	blk_close(b);
	memdisk_dispose(&d);
}

int
main(void)
{
	T_RUN(superblocks_survive_decode_and_encode);
	T_RUN(superblocks_that_lie_are_refused);
	return t_done();
}
