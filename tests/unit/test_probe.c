/* core/disk: what an image holds. */
#include "core/base/bytes.h"
#include "core/disk/file.h"
#include "core/disk/part.h"
#include "core/disk/probe.h"
#include "core/disk/window.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

static struct dd_err e;
static struct probe p;

/* Probe a file, or the partition of that letter in it. */
static int
probe(const char *path, char letter)
{
	static struct part_table t;
	struct blk *b = NULL, *w = NULL;
	struct part part;
	int rc;

	if (file_open(path, 0, 0, &b, &e) == -1)
		return -1;
	if (letter != 0) {
		if (part_read(b, &t, &e) == -1 || part_find(&t, letter,
		    b->size, &part, &e) == -1 || window_open(b, part.off,
		    part.len, &w, &e) == -1) {
			blk_close(b);
			return -1;
		}
		b = w;
	}
	rc = probe_layer(b, &p, &e);
	blk_close(b);
	return rc;
}

static int
kind_of(const void *data, size_t len, off_t off)
{
	T_OK(probe(scratch_file("probe.img", 4 << 20, data, len, off), 0));
	return (int)p.kind;
}

static void
file_systems_of_netbsd(void)
{
	const char *disk = scratch_vector("disk.img");

	T_OK(probe(disk, 'a'));
	T_EQ(p.kind, PROBE_FFS);
	T_EQ(p.ffs.version, 1);
	T_EQ(p.ffs.bsize, 4096);
	T_EQ(p.ffs.fsize, 512);
	T_EQ(p.ffs.size, 1 << 20);
	T_EQ(p.sb_off, 8192);
	T(p.ffs.clean && !p.ffs.journal && !p.ffs.ea && !p.ffs.quota);
	T(p.ffs.free > 0 && p.ffs.free < p.ffs.data);
	T(p.ffs.inodes_free > 0 && p.ffs.inodes_free < p.ffs.inodes);
	T_STR(p.ffs.mounted_on, "/a");
	T_OK(probe(disk, 'f'));
	T_EQ(p.ffs.version, 2);
	T_EQ(p.sb_off, 65536);
	T_OK(probe(disk, 'e'));
	T_EQ(p.kind, PROBE_ENCRYPTED);
	T_OK(probe(disk, 'b'));
	T_EQ(p.kind, PROBE_EMPTY);
	T_OK(probe(scratch_vector("vnd1024.img"), 0));
	T_EQ(p.kind, PROBE_ENCRYPTED);
}

static void
journals_and_what_is_not_clean(void)
{
	T_OK(probe(scratch_vector("ffs/log.img"), 0));
	T(p.ffs.clean && p.ffs.journal && !p.ffs.journal_dirty);
	T_OK(probe(scratch_vector("ffs/logdirty.img"), 0));
	T(!p.ffs.clean && p.ffs.journal && p.ffs.journal_dirty);
	T_OK(probe(scratch_vector("ffs/unclean.img"), 0));
	T(p.kind == PROBE_FFS && !p.ffs.clean && !p.ffs.journal);
}

/* A superblock with the fields that are looked at. */
static void
superblock(uint8_t sb[1376], uint32_t magic, uint64_t at)
{
	memset(sb, 0, 1376);
	put32le(sb + 44, 1);
	put32le(sb + 48, 16384);
	put32le(sb + 52, 2048);
	put32le(sb + 56, 8);
	put32le(sb + 184, 100);
	sb[209] = 1;
	memcpy(sb + 212, "/\033[31m", 6);
	put64le(sb + 1000, at);
	put64le(sb + 1080, 2048);
	put32le(sb + 36, 1024);
	put32le(sb + 1372, magic);
}

static void
superblocks_in_the_wrong_place(void)
{
	uint8_t sb[1376];
	size_t i;

	superblock(sb, 0x19540119, 65536);
	T_EQ(kind_of(sb, sizeof(sb), 65536), PROBE_FFS);
	T_EQ(p.ffs.size, 2048 * 2048);
	T_STR(p.ffs.mounted_on, "/\\033[31m");
	T_EQ(kind_of(sb, sizeof(sb), 8192), PROBE_UNKNOWN);
	superblock(sb, 0x19012038, 262144);
	T_EQ(kind_of(sb, sizeof(sb), 262144), PROBE_FFS);
	T(p.ffs.ea && p.ffs.version == 2);
	/* of before UFS2: no such field, and never at 64 KiB */
	superblock(sb, 0x011954, 0);
	T_EQ(kind_of(sb, sizeof(sb), 8192), PROBE_FFS);
	T_EQ(p.ffs.size, 1024 * 2048);
	T_EQ(kind_of(sb, sizeof(sb), 65536), PROBE_UNKNOWN);
	/* big-endian */
	superblock(sb, 0x19540119, 65536);
	for (i = 0; i < sizeof(sb); i += 4)
		put32be(sb + i, get32le(sb + i));
	put32be(sb + 1000, 0);
	put32be(sb + 1004, 65536);
	T_EQ(kind_of(sb, sizeof(sb), 65536), PROBE_FFS_BE);
	T_EQ(p.ffs.bsize, 16384);
	/* sizes that cannot be */
	superblock(sb, 0x19540119, 65536);
	put32le(sb + 52, 0);
	T_EQ(kind_of(sb, sizeof(sb), 65536), PROBE_UNKNOWN);
}

static void
a_journal_that_lies(void)
{
	static const uint64_t places[][2] = {
		{ 0, 0 }, { 1, UINT64_MAX }, { UINT64_MAX, 512 },
		{ (4 << 20) / 512, 512 }, { (4 << 20) / 512 - 1, 512 },
		{ 1, 1 << 30 } };
	uint8_t sb[1376];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		superblock(sb, 0x19540119, 65536);
		sb[864] = 1;
		sb[865] = 2;
		put32le(sb + 1312, 0x100);
		put64le(sb + 872, places[i][0]);
		put64le(sb + 888, places[i][1]);
		T_EQ(kind_of(sb, sizeof(sb), 65536), PROBE_FFS);
		T(p.ffs.journal_dirty && !p.ffs.clean);
	}
}

static void
other_things(void)
{
	static uint8_t noise[1 << 20];
	uint32_t x = 99;
	size_t i;

	T_EQ(kind_of("", 0, 0), PROBE_EMPTY);
	T_EQ(kind_of("QFI\xfb", 4, 0), PROBE_QCOW2);
	T_EQ(kind_of("\x1f\x8b\x08", 3, 0), PROBE_ARCHIVE);
	T_EQ(kind_of("ustar", 5, 257), PROBE_ARCHIVE);
	/* noise has two bytes now and then */
	T_EQ(kind_of("\x53\xef", 2, 1080), PROBE_UNKNOWN);
	memset(noise, 0xa5, 1024);
	put16le(noise + 56, 0xef53);
	T_EQ(kind_of(noise, 1024, 1024), PROBE_UNKNOWN);
	memset(noise, 0, 1024);
	put32le(noise + 24, 2);
	put32le(noise + 32, 32768);
	put32le(noise + 40, 8192);
	put16le(noise + 56, 0xef53);
	put16le(noise + 58, 1);
	put32le(noise + 76, 1);
	T_EQ(kind_of(noise, 1024, 1024), PROBE_EXT);
	T_EQ(kind_of("XFSB", 4, 0), PROBE_XFS);
	T_EQ(kind_of("\001CD001", 6, 32768), PROBE_ISO9660);
	T_EQ(kind_of("hello", 5, 8192), PROBE_UNKNOWN);
	for (i = 0; i < sizeof(noise); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		noise[i] = (uint8_t)(x >> 11);
	}
	/* also where much is not written yet */
	T_EQ(kind_of(noise, sizeof(noise), 0), PROBE_ENCRYPTED);
	T_EQ(kind_of(noise, 65536, 65536), PROBE_ENCRYPTED);
	for (i = 0; i < sizeof(noise); i += 100)
		noise[i] &= 1;
	for (i = 0; i < sizeof(noise); i++)
		noise[i] &= 0x7f;
	T_EQ(kind_of(noise, sizeof(noise), 0), PROBE_UNKNOWN);
	for (i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)i;
	T_EQ(kind_of(noise, sizeof(noise), 0), PROBE_UNKNOWN);
}

static void
small_and_odd_sizes(void)
{
	static const off_t sizes[] = { 0, 512, 1024, 4096, 8192, 9000, 40000,
	    65536, 66000 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		T_OK(probe(scratch_file("odd.img", sizes[i], "", 0, 0), 0));
		T_EQ(p.kind, PROBE_EMPTY);
	}
}

int
main(void)
{
	T_RUN(file_systems_of_netbsd);
	T_RUN(journals_and_what_is_not_clean);
	T_RUN(superblocks_in_the_wrong_place);
	T_RUN(a_journal_that_lies);
	T_RUN(other_things);
	T_RUN(small_and_odd_sizes);
	return t_done();
}
