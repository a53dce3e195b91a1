/*
 * A whole file system, damaged anywhere: superblock, groups, inodes, indirect
 * blocks, directories.  The input is patches to a good image: a byte that
 * chooses the version, then {sector (2 bytes), offset (2), length (1), bytes}
 * again and again.  Only sectors that are not zero count: as the content of
 * files is zeros, these are the metadata.
 * Everything is read, then everything is changed.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/ffs_base.h"

#define PATCH_HEAD	5

struct base {
	struct memdisk	disk;
	uint32_t	sectors[BASE_SIZE / 512];
	uint32_t	n;
};

static void
make(struct base *b, int version)
{
	static const uint8_t zeros[512];
	uint32_t i;

	base_make(&b->disk, version);
	for (i = 0; i < BASE_SIZE / 512; i++)
		if (memcmp(b->disk.data + i * 512, zeros, 512) != 0)
			b->sectors[b->n++] = i;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct base bases[2];
	static struct memdisk d;
	const struct base *b;
	uint32_t at, n;

	if (d.data == NULL) {
		make(&bases[0], 1);
		make(&bases[1], 2);
		(void)memdisk_init(&d, BASE_SIZE);
	}
	if (len == 0)
		return 0;
	b = &bases[data[0] & 1];
	memcpy(d.data, b->disk.data, BASE_SIZE);
	for (data++, len--; len > PATCH_HEAD; data += n, len -= n) {
		at = b->sectors[get16le(data) % b->n] * 512 +
		    get16le(data + 2) % 512;
		n = data[4];
		data += PATCH_HEAD;
		len -= PATCH_HEAD;
		if (n > len)
			n = (uint32_t)len;
		if (n > BASE_SIZE - at)
			n = BASE_SIZE - at;
		memcpy(d.data + at, data, n);
	}
	base_read_all(&d);
	base_change_all(&d);
	return 0;
}
