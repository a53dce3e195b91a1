/*
 * GPT: UEFI specification 2.10, chapter 5.  The header in sector 1, or where
 * that one is damaged its copy in the last sector; both sums are checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/vis.h"
#include "core/disk/part_impl.h"

#define GPT_ENTRIES_MAX	4096		/* more is not believed */
#define GPT_BYTES_MAX	(1024 * 1024)

/* Offsets of fields. */
enum {
	H_SIZE = 12,
	H_CRC = 16,
	H_MY_LBA = 24,
	H_ENTRIES_LBA = 72,
	H_COUNT = 80,
	H_ENTRY_LEN = 84,
	H_ENTRIES_CRC = 88,
	H_LEN = 92,
	E_TYPE = 0,
	E_FIRST = 32,
	E_LAST = 40,
	E_NAME = 56,
	E_NAME_LEN = 72,
	E_LEN = 128
};

/* Partition types as they stand on disk: the first three fields of a GUID are
 * little-endian. */
static const struct gpt_type {
	uint8_t		guid[16];
	enum part_kind	kind;
	const char	*name;
} gpt_types[] = {
#define NETBSD(a, b, c, d)						\
	{ a, b, c, d, 0x0e, 0xb1, 0xdc, 0x11, 0xb9, 0x9b, 0x00, 0x19,	\
	    0xd1, 0x87, 0x96, 0x48 }
#define NETBSD_2(a, b, c, d)						\
	{ a, b, c, d, 0x0f, 0xb1, 0xdc, 0x11, 0xb9, 0x9b, 0x00, 0x19,	\
	    0xd1, 0x87, 0x96, 0x48 }
	{ NETBSD(0x5a, 0x8d, 0xf4, 0x49), PART_FFS, "NetBSD FFS" },
	{ NETBSD(0x32, 0x8d, 0xf4, 0x49), PART_SWAP, "NetBSD swap" },
	{ NETBSD(0x82, 0x8d, 0xf4, 0x49), PART_OTHER, "NetBSD LFS" },
	{ NETBSD(0xaa, 0x8d, 0xf4, 0x49), PART_OTHER, "NetBSD RAID" },
	{ NETBSD_2(0xc4, 0x19, 0xb5, 0x2d), PART_OTHER, "NetBSD ccd" },
	{ NETBSD_2(0xec, 0x19, 0xb5, 0x2d), PART_CGD, "NetBSD cgd" },
#undef NETBSD
#undef NETBSD_2
	{ { 0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00,
	    0xa0, 0xc9, 0x3e, 0xc9, 0x3b }, PART_OTHER, "EFI system" },
	{ { 0x48, 0x61, 0x68, 0x21, 0x49, 0x64, 0x6f, 0x6e, 0x74, 0x4e, 0x65,
	    0x65, 0x64, 0x45, 0x46, 0x49 }, PART_OTHER, "BIOS boot" },
	{ { 0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d,
	    0x69, 0xd8, 0x47, 0x7d, 0xe4 }, PART_OTHER, "Linux" },
	{ { 0x6d, 0xfd, 0x57, 0x06, 0xab, 0xa4, 0xc4, 0x43, 0x84, 0xe5, 0x09,
	    0x33, 0xc8, 0x4b, 0x4f, 0x4f }, PART_SWAP, "Linux swap" },
};

static uint32_t
crc32_of(const uint8_t *p, size_t len)
{
	uint32_t crc = ~0U;
	int bit;

	while (len-- > 0) {
		crc ^= *p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320U & (0U - (crc & 1)));
	}
	return ~crc;
}

static bool
header_is_sound(uint8_t *h, uint32_t secsize, uint64_t lba)
{
	uint32_t len = get32le(h + H_SIZE), crc = get32le(h + H_CRC);

	if (len < H_LEN || len > secsize || get64le(h + H_MY_LBA) != lba)
		return false;
	put32le(h + H_CRC, 0);
	return crc32_of(h, len) == crc;
}

static void
part_name(char *dst, size_t cap, const uint8_t *utf16, const char *type)
{
	char utf8[E_NAME_LEN * 2], *to = utf8;
	size_t i;

	for (i = 0; i < E_NAME_LEN; i += 2) {
		unsigned c = get16le(utf16 + i);

		if (c == 0)
			break;
		if (c < 0x80)
			*to++ = (char)c;
		else if (c < 0x800) {
			*to++ = (char)(0xc0 | c >> 6);
			*to++ = (char)(0x80 | (c & 0x3f));
		} else {
			*to++ = (char)(0xe0 | c >> 12);
			*to++ = (char)(0x80 | (c >> 6 & 0x3f));
			*to++ = (char)(0x80 | (c & 0x3f));
		}
	}
	*to = '\0';
	vis_str(dst, cap, to == utf8 ? type : utf8);
}

static int
take_entry(const uint8_t *raw, uint32_t secsize, struct part_table *t,
    struct dd_err *e)
{
	static const uint8_t unused[16];
	const struct gpt_type *type = NULL;
	uint64_t first = get64le(raw + E_FIRST), last = get64le(raw + E_LAST);
	struct part *p = &t->parts[t->n];
	uint64_t end;
	size_t i;

	if (memcmp(raw + E_TYPE, unused, 16) == 0 || t->n == PART_MAX)
		return 0;
	if (last < first || last == UINT64_MAX ||
	    __builtin_mul_overflow(last + 1, (uint64_t)secsize, &end))
		return dd_fail(e, ERR_CORRUPT, "GPT: entry %u makes no sense",
		    t->n + 1);
	for (i = 0; i < sizeof(gpt_types) / sizeof(gpt_types[0]); i++)
		if (memcmp(raw + E_TYPE, gpt_types[i].guid, 16) == 0)
			type = &gpt_types[i];
	p->letter = (char)(t->n < 16 ? 'a' + (int)t->n : 0);
	p->kind = type != NULL ? type->kind : PART_OTHER;
	p->off = first * secsize;
	p->len = end - p->off;
	part_name(p->name, sizeof(p->name), raw + E_NAME,
	    type != NULL ? type->name : "other");
	t->n++;
	return 0;
}

/* 1: taken; 0: this copy is not sound. */
static int
take_table(struct blk *b, const uint8_t *h, uint32_t secsize,
    struct part_table *t, struct dd_err *e)
{
	uint64_t off, lba = get64le(h + H_ENTRIES_LBA);
	uint32_t i, count = get32le(h + H_COUNT);
	uint32_t entry_len = get32le(h + H_ENTRY_LEN);
	uint8_t *raw = NULL;
	size_t len, room;
	int rc = -1;

	if (count == 0 || count > GPT_ENTRIES_MAX || entry_len < E_LEN ||
	    entry_len > 4096 || entry_len % 8 != 0 ||
	    (size_t)count * entry_len > GPT_BYTES_MAX ||
	    __builtin_mul_overflow(lba, (uint64_t)secsize, &off) ||
	    off % b->sector_size != 0)
		return 0;
	len = (size_t)count * entry_len;
	room = (size_t)round_up(len, b->sector_size);
	if (off > b->size || room > b->size - off)
		return 0;
	if ((raw = malloc(room)) == NULL)
		return dd_fail_nomem(e);
	if (blk_pread(b, raw, room, off, e) == -1)
		goto out;
	rc = 0;
	if (crc32_of(raw, len) != get32le(h + H_ENTRIES_CRC))
		goto out;
	t->scheme = PART_GPT;
	t->sector_size = secsize;
	for (i = 0; i < count; i++)
		if ((rc = take_entry(raw + (size_t)i * entry_len, secsize, t,
		    e)) == -1)
			goto out;
	rc = 1;
out:
	free(raw);
	return rc;
}

/* A header at that sector?  *seen when it at least says that it is one. */
static int
try_at(struct blk *b, uint64_t lba, uint32_t secsize, bool *seen,
    struct part_table *t, struct dd_err *e)
{
	uint8_t h[4096];
	uint32_t len = secsize > b->sector_size ? secsize : b->sector_size;
	uint64_t off = lba * secsize;

	if (off % b->sector_size != 0 || off > b->size ||
	    b->size - off < len)
		return 0;
	if (blk_pread(b, h, len, off, e) == -1)
		return -1;
	if (memcmp(h, "EFI PART", 8) != 0)
		return 0;
	*seen = true;
	if (!header_is_sound(h, secsize, lba))
		return 0;
	return take_table(b, h, secsize, t, e);
}

int
part_read_gpt(struct blk *b, bool protected, struct part_table *t,
    struct dd_err *e)
{
	uint32_t secsize;
	bool seen = false;
	int found;

	for (secsize = b->sector_size; secsize <= 4096; secsize *= 2)
		if ((found = try_at(b, 1, secsize, &seen, t, e)) != 0)
			return found;
	if (!protected)
		return 0;
	if (b->size >= 2 * (uint64_t)b->sector_size &&
	    (found = try_at(b, b->size / b->sector_size - 1, b->sector_size,
	    &seen, t, e)) != 0)
		return found;
	if (!seen)
		return 0;
	(void)dd_fail(e, ERR_CORRUPT,
	    "the GPT is damaged: both of its copies fail their checksum");
	return dd_hint(e, "mend it with gpt(8), or restore the image");
}
