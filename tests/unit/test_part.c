/* core/disk: the file and window layers, partition tables. */
#include <sys/file.h>
#include <sys/stat.h>

#include "core/base/bytes.h"
#include "core/disk/file.h"
#include "core/disk/window.h"
#include "tests/unit/scratch.h"
#include "tests/unit/t.h"

#define SECTORS	8192

static struct dd_err e;
static uint8_t image[SECTORS * 512];
static struct part_table table;

/* The table of what image[] holds. */
static int
read_image(uint32_t sector_size)
{
	struct blk *b = NULL;
	int rc;

	if (file_open(scratch_file("part.img", sizeof(image), image,
	    sizeof(image), 0), 0, sector_size, &b, &e) == -1)
		return -1;
	rc = part_read(b, &table, &e);
	blk_close(b);
	return rc;
}

/* Put the label of NetBSD's own making at byte `at`. */
static void
use_label(size_t at)
{
	static uint8_t label[512];
	int fd = open(scratch_vector("disk.img"), O_RDONLY);

	memset(image, 0, sizeof(image));
	if (pread(fd, label, 512, 512) != 512)
		T_FAIL("no label");
	(void)close(fd);
	memcpy(image + at, label, 512);
}

static void
put_mbr(unsigned slot, uint8_t type, uint32_t start, uint32_t len)
{
	uint8_t *p = image + 446 + 16 * slot;

	p[4] = type;
	put32le(p + 8, start);
	put32le(p + 12, len);
	put16le(image + 510, 0xaa55);
}

static void
netbsd_label_alone(void)
{
	struct part p;

	use_label(512);
	T_OK(read_image(0));
	T_EQ(table.scheme, PART_DISKLABEL);
	T_STR(table.label, "tstlabel");
	T_EQ(table.n, 5);
	T_OK(part_find(&table, 0, sizeof(image), &p, &e));
	T_EQ(p.letter, 'a');
	T_EQ(p.off, 64 * 512);
	T_EQ(p.len, 2048 * 512);
	T_EQ(p.kind, PART_FFS);
	T_OK(part_find(&table, 'e', sizeof(image), &p, &e));
	T_EQ(p.kind, PART_CGD);
	T_EQ(p.off, 2240 * 512);
	T_OK(part_find(&table, 'd', sizeof(image), &p, &e));
	T_EQ(p.len, sizeof(image));
	T_ERR(part_find(&table, 'g', sizeof(image), &p, &e), ERR_NOENT);
	T_STR(e.hint, "choose with -p: a b d e f");
	/* cut off behind a: only what reaches outside is an error */
	T_OK(part_find(&table, 'a', 2112 * 512, &p, &e));
	T_ERR(part_find(&table, 'f', 2112 * 512, &p, &e), ERR_CORRUPT);
}

static void
label_in_mbr(void)
{
	struct part p;

	use_label((63 + 1) * 512);
	put_mbr(0, 0x0c, 7000, 100);
	put_mbr(2, 169, 63, 6000);
	T_OK(read_image(0));
	T_EQ(table.scheme, PART_MBR_DISKLABEL);
	/* offsets count from the start of the disk */
	T_OK(part_find(&table, 'f', sizeof(image), &p, &e));
	T_EQ(p.off, 6336 * 512);
}

static void
mbr_without_netbsd(void)
{
	struct part p;

	memset(image, 0, sizeof(image));
	put_mbr(0, 0x83, 63, 1000);
	put_mbr(1, 0x0f, 2000, 1000);
	put_mbr(2, 0x82, 3000, 1000);
	T_OK(read_image(0));
	T_EQ(table.scheme, PART_MBR);
	T_EQ(table.n, 2);
	T_ERR(part_find(&table, 0, sizeof(image), &p, &e), ERR_NOENT);
	T_OK(part_find(&table, 'f', sizeof(image), &p, &e));
	T_EQ(p.off, 3000 * 512);
	T_EQ(p.kind, PART_SWAP);
	/* the kernel takes a label at the start rather than such an MBR */
	use_label(512);
	put_mbr(0, 0x83, 63, 1000);
	T_OK(read_image(0));
	T_EQ(table.scheme, PART_DISKLABEL);
}

static void
no_label(void)
{
	struct part p;
	size_t i;
	uint32_t x = 1;

	/* boot code up to 8 KiB, signature and all */
	memset(image, 0, sizeof(image));
	for (i = 0; i < 8192; i++)
		image[i] = (uint8_t)((x = x * 1103515245 + 12345) >> 16);
	put16le(image + 510, 0xaa55);
	T_OK(read_image(0));
	T_EQ(table.scheme, PART_NONE);
	T_EQ(table.n, 0);
	T_OK(part_find(&table, 0, 4096, &p, &e));
	T_EQ(p.len, 4096);
	T_ERR(part_find(&table, 'e', 4096, &p, &e), ERR_NOENT);
	/* one magic number alone is none either */
	put32le(image + 512, 0x82564557);
	T_OK(read_image(0));
	T_EQ(table.scheme, PART_NONE);
}

static void
damaged_and_foreign_labels(void)
{
	size_t i;

	use_label(512);
	image[512 + 40] ^= 1;
	T_ERR(read_image(0), ERR_CORRUPT);
	use_label(512);
	put16le(image + 512 + 138, 5000);
	T_ERR(read_image(0), ERR_CORRUPT);
	/* a big-endian one: every byte pair swapped keeps the checksum,
	 * magic and number of partitions in their places */
	use_label(512);
	for (i = 512; i < 1024; i += 2) {
		uint8_t b = image[i];

		image[i] = image[i + 1];
		image[i + 1] = b;
	}
	put32be(image + 512, 0x82564557);
	put32be(image + 512 + 132, 0x82564557);
	T_ERR(read_image(0), ERR_UNSUP);
}

static void
large_sectors(void)
{
	struct part p, q[2] = {
		{ .letter = 'a', .kind = PART_FFS, .off = 16384,
		    .len = 1 << 20 },
		{ .letter = 'b', .kind = PART_SWAP, .off = 2 << 20,
		    .len = 1 << 20 },
	};
	struct blk *b = NULL;
	uint32_t size;
	const char *path;

	for (size = 512; size <= 4096; size *= 2) {
		path = scratch_file("big.img", 4 << 20, "boot", 4, size + 500);
		T_OK(file_open(path, FILE_WRITE, size, &b, &e));
		T_OK(part_write_disklabel(b, "name", q, 2, &e));
		T_OK(part_read(b, &table, &e));
		T_EQ(table.scheme, PART_DISKLABEL);
		T_STR(table.label, "name");
		T_OK(part_find(&table, 'b', b->size, &p, &e));
		T_EQ(p.off, 2 << 20);
		T_EQ(p.kind, PART_SWAP);
		q[1].letter = 'd';
		T_ERR(part_write_disklabel(b, "", q, 2, &e), ERR_USAGE);
		q[1].letter = 'b';
		blk_close(b);
		/* found also by one who does not know the sector size */
		T_OK(file_open(path, 0, 0, &b, &e));
		T_OK(part_read(b, &table, &e));
		T_EQ(table.scheme, PART_DISKLABEL);
		T_EQ(table.sector_size, size);
		blk_close(b);
	}
}

static uint32_t
crc(const uint8_t *p, size_t len)
{
	uint32_t c = ~0U;
	int i;

	for (; len > 0; len--)
		for (c ^= *p++, i = 0; i < 8; i++)
			c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
	return ~c;
}

static void
put_gpt_header(uint64_t lba, uint64_t entries)
{
	uint8_t *h = image + lba * 512;

	memset(h, 0, 512);
	memcpy(h, "EFI PART", 8);
	put32le(h + 12, 92);
	put64le(h + 24, lba);
	put64le(h + 72, entries);
	put32le(h + 80, 128);
	put32le(h + 84, 128);
	put32le(h + 88, crc(image + entries * 512, 128 * 128));
	put32le(h + 16, crc(h, 92));
}

static void
put_gpt(void)
{
	static const uint8_t types[2][16] = {
		{ 0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b,
		    0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b },
		{ 0x5a, 0x8d, 0xf4, 0x49, 0x0e, 0xb1, 0xdc, 0x11, 0xb9, 0x9b,
		    0x00, 0x19, 0xd1, 0x87, 0x96, 0x48 } };
	uint8_t *en = image + 2 * 512;
	int i;

	memset(image, 0, sizeof(image));
	put_mbr(0, 0xee, 1, SECTORS - 1);
	for (i = 0; i < 2; i++, en += 128) {
		memcpy(en, types[i], 16);
		en[16] = (uint8_t)(i + 1);
		put64le(en + 32, (uint64_t)(100 + 1000 * i));
		put64le(en + 40, (uint64_t)(1099 + 1000 * i));
	}
	memcpy(en - 128 + 56, "r\0o\0o\0t\0", 8);
	memcpy(image + (SECTORS - 33) * 512, image + 2 * 512, 32 * 512);
	put_gpt_header(1, 2);
	put_gpt_header(SECTORS - 1, SECTORS - 33);
}

static void
gpt(void)
{
	struct part p;

	put_gpt();
	T_OK(read_image(0));
	T_EQ(table.scheme, PART_GPT);
	T_EQ(table.n, 2);
	T_STR(table.parts[0].name, "EFI system");
	T_OK(part_find(&table, 0, sizeof(image), &p, &e));
	T_EQ(p.letter, 'b');
	T_EQ(p.kind, PART_FFS);
	T_STR(p.name, "root");
	T_EQ(p.off, 1100 * 512);
	T_EQ(p.len, 1000 * 512);
	/* the copy at the end stands in for a bad header or bad entries */
	image[512 + 60] ^= 1;
	T_OK(read_image(0));
	T_EQ(table.n, 2);
	put_gpt();
	image[2 * 512 + 32] ^= 1;
	T_OK(read_image(0));
	T_EQ(table.n, 2);
	image[(SECTORS - 33) * 512] ^= 1;
	T_ERR(read_image(0), ERR_CORRUPT);
}

static void
gpt_that_lies(void)
{
	static const uint32_t fields[][2] = {
		{ 80, 0 }, { 80, 0xffffffff }, { 84, 0 }, { 84, 0xffffffff },
		{ 72, 0xffffffff }, { 76, 0xffffffff } };
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		put_gpt();
		memset(image + (SECTORS - 1) * 512, 0, 512);
		put32le(image + 512 + fields[i][0], fields[i][1]);
		put32le(image + 512 + 16, 0);
		put32le(image + 512 + 16, crc(image + 512, 92));
		T_ERR(read_image(0), ERR_CORRUPT);
	}
	put_gpt();
	put64le(image + 2 * 512 + 40, UINT64_MAX - 1);
	put_gpt_header(1, 2);
	T_ERR(read_image(0), ERR_CORRUPT);
}

static void
tiny_images(void)
{
	struct blk *b = NULL;
	off_t size;

	for (size = 0; size <= 2048; size += 256) {
		T_OK(file_open(scratch_file("tiny.img", size, "", 0, 0), 0, 0,
		    &b, &e));
		T_EQ(b->size, size / 512 * 512);
		T_OK(part_read(b, &table, &e));
		T_EQ(table.scheme, PART_NONE);
		blk_close(b);
	}
}

static void
windows(void)
{
	struct blk *b = NULL, *w = NULL;
	char buf[512];

	T_OK(file_open(scratch_file("w.img", 8192, "here", 4, 4096),
	    FILE_WRITE, 0, &b, &e));
	T_ERR(window_open(b, 4096, 8192, &w, &e), ERR_CORRUPT);
	T_ERR(window_open(b, UINT64_MAX - 511, 1024, &w, &e), ERR_CORRUPT);
	T_ERR(window_open(b, 100, 1024, &w, &e), ERR_CORRUPT);
	T_OK(window_open(b, 4096, 1024, &w, &e));
	T_EQ(w->size, 1024);
	T_OK(blk_pread(w, buf, 512, 0, &e));
	T(memcmp(buf, "here", 4) == 0);
	T_ERR(blk_pread(w, buf, 512, 1024, &e), ERR_CORRUPT);
	T_OK(blk_pwrite(w, buf, 512, 512, BLK_JOURNALED, &e));
	T_ERR(blk_pwrite(w, buf, 100, 512, BLK_JOURNALED, &e), ERR_CORRUPT);
	T_OK(blk_flush(w, &e));
	blk_close(w);
}

static void
what_is_no_image(void)
{
	struct blk *b = NULL, *other = NULL;
	const char *path = scratch("fifo");

	T_ERR(file_open(scratch("none"), 0, 0, &b, &e), ERR_NOENT);
	T_ERR(file_open(scratch_dir, 0, 0, &b, &e), ERR_TYPE);
	T(e.hint[0] != '\0');
	T_EQ(mkfifo(path, 0600), 0);
	T_ERR(file_open(path, 0, 0, &b, &e), ERR_TYPE);
	T_ERR(file_open("/dev/null", 0, 0, &b, &e), ERR_TYPE);
	path = scratch_file("f.img", 4096, "", 0, 0);
	T_ERR(file_open(path, 0, 513, &b, &e), ERR_USAGE);
	T_ERR(file_open(path, 0, 8192, &b, &e), ERR_USAGE);

	T_OK(file_open(path, FILE_WRITE, 0, &b, &e));
	T_ERR(file_open(path, FILE_WRITE, 0, &other, &e), ERR_HELD);
	T_OK(file_open(path, 0, 0, &other, &e));
	T_ERR(blk_pwrite(other, "", 0, 0, BLK_DIRECT, &e), ERR_PERM);
	blk_close(other);
	blk_close(b);
	T_OK(file_open(path, FILE_WRITE, 0, &b, &e));
	blk_close(b);
}

static void
space_is_allocated(void)
{
	struct blk *b = NULL;
	char buf[512];
	uint64_t n = 0;

	T_OK(file_open(scratch_file("sparse.img", 1 << 20, "kept", 4, 65536),
	    FILE_WRITE, 0, &b, &e));
	T_OK(file_allocate(b, 0, 256 * 1024, &e));
	T_OK(file_allocated(b, &n, &e));
	T(n >= 256 * 1024 && n < 1 << 20);
	T_OK(blk_pread(b, buf, 512, 65536, &e));
	T(memcmp(buf, "kept", 4) == 0);
	blk_close(b);
}

int
main(void)
{
	T_RUN(netbsd_label_alone);
	T_RUN(label_in_mbr);
	T_RUN(mbr_without_netbsd);
	T_RUN(no_label);
	T_RUN(damaged_and_foreign_labels);
	T_RUN(large_sectors);
	T_RUN(gpt);
	T_RUN(gpt_that_lies);
	T_RUN(tiny_images);
	T_RUN(windows);
	T_RUN(what_is_no_image);
	T_RUN(space_is_allocated);
	return t_done();
}
