/*
 * Which partition table, and which partition.
 *
 * The order of looking is that of NetBSD's kernel (sys/kern/subr_disk_mbr.c):
 * the disklabel of an MBR's NetBSD partition, then one at the start of the
 * disk, then the MBR's own partitions.  An FFS at the very start leaves its
 * first 8 KiB to boot code, which may look like anything: sector 0 counts as
 * an MBR only when each of its entries makes sense.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/disk/part_impl.h"

#define MBR_ENTRIES	446
#define MBR_MAGIC	510
#define MBR_COUNT	4
#define MBR_NETBSD	169
#define MBR_PROTECTIVE	0xee

struct mbr_entry {
	uint8_t		type;
	uint64_t	off, len;	/* bytes */
};

static bool
mbr_is_extended(uint8_t type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

/* *n = 0: sector 0 is no MBR. */
static int
read_mbr(struct blk *b, struct mbr_entry entry[MBR_COUNT], unsigned *n,
    struct dd_err *e)
{
	uint8_t sector[4096];
	unsigned i;

	*n = 0;
	if (b->size < b->sector_size)
		return 0;
	if (blk_pread(b, sector, b->sector_size, 0, e) == -1)
		return -1;
	if (get16le(sector + MBR_MAGIC) != 0xaa55)
		return 0;
	for (i = 0; i < MBR_COUNT; i++) {
		const uint8_t *raw = sector + MBR_ENTRIES + 16 * i;
		struct mbr_entry *m = &entry[*n];

		m->type = raw[4];
		m->off = (uint64_t)get32le(raw + 8) * b->sector_size;
		m->len = (uint64_t)get32le(raw + 12) * b->sector_size;
		if (m->type == 0)
			continue;
		if ((raw[0] & 0x7f) != 0 || m->off == 0 || m->len == 0 ||
		    m->off >= b->size) {
			*n = 0;
			return 0;
		}
		++*n;
	}
	return 0;
}

static const char *
mbr_type_name(uint8_t type)
{
	static const struct {
		uint8_t type;
		const char *name;
	} names[] = {
		{ 0x01, "FAT" }, { 0x04, "FAT" }, { 0x06, "FAT" },
		{ 0x07, "NTFS" }, { 0x0b, "FAT" }, { 0x0c, "FAT" },
		{ 0x0e, "FAT" }, { 0x82, "Linux swap" }, { 0x83, "Linux" },
		{ 0x8e, "Linux LVM" }, { 0xa5, "FreeBSD" },
		{ 0xa6, "OpenBSD" }, { MBR_NETBSD, "NetBSD" },
		{ MBR_PROTECTIVE, "GPT" },
		{ 0xef, "EFI system" }, { 0xfd, "Linux RAID" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return "other";
}

static void
take_mbr(struct part_table *t, const struct mbr_entry *entry, unsigned n)
{
	struct part *p;
	unsigned i;

	t->scheme = PART_MBR;
	for (i = 0; i < n; i++) {
		if (mbr_is_extended(entry[i].type))
			continue;
		p = &t->parts[t->n];
		p->letter = (char)('e' + (int)t->n++);
		p->kind = entry[i].type == 0x82 ? PART_SWAP : PART_OTHER;
		p->type = entry[i].type;
		p->off = entry[i].off;
		p->len = entry[i].len;
		(void)snprintf(p->name, sizeof(p->name), "%s",
		    mbr_type_name(entry[i].type));
	}
}

static int
read_table(struct blk *b, struct part_table *t, struct dd_err *e)
{
	struct mbr_entry entry[MBR_COUNT];
	unsigned i, n;
	int found;

	if (read_mbr(b, entry, &n, e) == -1)
		return -1;
	if ((found = part_read_gpt(b, n == 1 &&
	    entry[0].type == MBR_PROTECTIVE, t, e)) != 0)
		return found;
	for (i = 0; i < n; i++) {
		if (entry[i].type != MBR_NETBSD)
			continue;
		found = part_read_disklabel(b, entry[i].off, t, e);
		if (found == 1)
			t->scheme = PART_MBR_DISKLABEL;
		if (found != 0)
			return found;
	}
	if ((found = part_read_disklabel(b, 0, t, e)) != 0)
		return found;
	if (n > 0)
		take_mbr(t, entry, n);
	return 0;
}

int
part_read(struct blk *b, struct part_table *out, struct dd_err *e)
{
	struct part_table *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return dd_fail_nomem(e);
	t->sector_size = b->sector_size;
	rc = read_table(b, t, e) == -1 ? -1 : 0;
	if (rc == 0)
		*out = *t;
	free(t);
	return rc;
}

static void
letters_of(const struct part_table *t, char list[2 * PART_MAX + 1])
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < t->n; i++) {
		if (t->parts[i].letter == 0)
			continue;
		if (len > 0)
			list[len++] = ' ';
		list[len++] = t->parts[i].letter;
	}
	list[len] = '\0';
}

static const struct part *
pick(const struct part_table *t, char letter)
{
	unsigned i;

	if (letter == 0 && t->scheme == PART_GPT)
		for (i = 0; i < t->n; i++)
			if (t->parts[i].kind == PART_FFS)
				return &t->parts[i];
	if (letter == 0)
		letter = 'a';
	for (i = 0; i < t->n; i++)
		if (t->parts[i].letter == letter)
			return &t->parts[i];
	return NULL;
}

int
part_find(const struct part_table *t, char letter, uint64_t size,
    struct part *out, struct dd_err *e)
{
	char list[2 * PART_MAX + 1];
	const struct part *p;

	if (t->scheme == PART_NONE) {
		/* the kernel's fictitious label */
		if (letter != 0 && letter != 'a' && letter != 'd') {
			(void)dd_fail(e, ERR_NOENT, "no partition %c: there "
			    "is no partition table", letter);
			return dd_hint(e, "leave -p out: the image is one "
			    "piece");
		}
		*out = (struct part){ .letter = letter == 0 ? 'a' : letter,
		    .kind = PART_OTHER, .len = size };
		return 0;
	}
	if ((p = pick(t, letter)) == NULL) {
		letters_of(t, list);
		(void)dd_fail(e, ERR_NOENT, "no partition %c in the %s",
		    letter == 0 ? 'a' : letter, part_scheme_name(t->scheme));
		return t->n == 0 ? dd_hint(e, "it has no partition at all") :
		    dd_hint(e, "choose with -p: %s", list);
	}
	if (p->off > size || p->len > size - p->off) {
		(void)dd_fail(e, ERR_CORRUPT, "partition %c ends at byte "
		    "%llu, but the image at %llu", p->letter,
		    (unsigned long long)p->off + p->len,
		    (unsigned long long)size);
		return dd_hint(e, "the image is truncated, or its %s is not "
		    "its own", part_scheme_name(t->scheme));
	}
	*out = *p;
	return 0;
}

const char *
part_scheme_name(enum part_scheme scheme)
{
	static const char *const names[] = {
		[PART_NONE] = "none",
		[PART_DISKLABEL] = "disklabel",
		[PART_MBR_DISKLABEL] = "disklabel in MBR",
		[PART_MBR] = "MBR",
		[PART_GPT] = "GPT",
	};

	return names[scheme];
}

const char *
part_kind_name(enum part_kind kind)
{
	static const char *const names[] = {
		[PART_UNUSED] = "unused",
		[PART_FFS] = "ffs",
		[PART_SWAP] = "swap",
		[PART_CGD] = "cgd",
		[PART_OTHER] = "other",
	};

	return names[kind];
}
