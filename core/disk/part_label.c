/*
 * NetBSD's disklabel, read and written (sys/sys/disklabel.h).
 *
 * On x86 it stands at the start of sector 1, and the kernel looks for it at
 * every eighth byte of the first three sectors; so do we.  Partition offsets
 * count from the start of the whole disk, also where the label stands in an
 * MBR partition.  The checksum, an exclusive or of 16-bit words, is the same
 * in either byte order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/vis.h"
#include "core/disk/part_impl.h"

#define LABEL_MAGIC	0x82564557U
#define LABEL_MAX	16		/* partitions */
#define LABEL_SCAN	3		/* sectors */
#define LABEL_RAW	('d' - 'a')	/* the whole disk, on x86 */

/* Offsets of fields. */
enum {
	D_MAGIC = 0,
	D_TYPE = 4,
	D_TYPENAME = 8,
	D_PACKNAME = 24,
	D_SECSIZE = 40,
	D_NSECTORS = 44,
	D_NTRACKS = 48,
	D_NCYLINDERS = 52,
	D_SECPERCYL = 56,
	D_SECPERUNIT = 60,
	D_RPM = 72,
	D_INTERLEAVE = 74,
	D_MAGIC2 = 132,
	D_CHECKSUM = 136,
	D_NPARTITIONS = 138,
	D_BBSIZE = 140,
	D_SBSIZE = 144,
	D_PARTITIONS = 148,
	P_SIZE = 0,
	P_OFFSET = 4,
	P_FSTYPE = 12,
	P_LEN = 16,
	LABEL_LEN = D_PARTITIONS + LABEL_MAX * P_LEN
};

enum verdict { NO_LABEL, LABEL, LABEL_DAMAGED, LABEL_BIG_ENDIAN };

static uint16_t
checksum(const uint8_t *label, unsigned nparts)
{
	uint16_t sum = 0;
	size_t i, len = D_PARTITIONS + nparts * P_LEN;

	for (i = 0; i < len; i += 2)
		sum = (uint16_t)(sum ^ get16le(label + i));
	return sum;
}

/* Is there a label at p, with avail bytes from there on? */
static enum verdict
judge(const uint8_t *p, size_t avail)
{
	bool big;
	unsigned n;

	if (avail < D_PARTITIONS)
		return NO_LABEL;
	big = get32be(p + D_MAGIC) == LABEL_MAGIC &&
	    get32be(p + D_MAGIC2) == LABEL_MAGIC;
	if (!big && (get32le(p + D_MAGIC) != LABEL_MAGIC ||
	    get32le(p + D_MAGIC2) != LABEL_MAGIC))
		return NO_LABEL;
	n = get16le(p + D_NPARTITIONS);
	if (big)
		n = (n >> 8 | n << 8) & 0xffff;
	if (n > LABEL_MAX || D_PARTITIONS + n * P_LEN > avail ||
	    checksum(p, n) != 0)
		return LABEL_DAMAGED;
	return big ? LABEL_BIG_ENDIAN : LABEL;
}

static const char *
type_name(uint8_t type)
{
	static const char *const names[] = { "unused", "swap", "Version 6",
	    "Version 7", "System V", "4.1BSD", "Eighth Edition", "4.2BSD",
	    "MSDOS", "4.4LFS", "unknown", "HPFS", "ISO9660", "boot", "ADOS",
	    "HFS", "FILECORE", "Linux Ext2", "NTFS", "RAID", "ccd", "jfs2",
	    "Apple UFS", "vinum", "UDF", "SysVBFS", "EFS", "ZFS", "cgd",
	    "MINIX FSv3", "NILFS" };

	return type < sizeof(names) / sizeof(names[0]) ? names[type] :
	    "other";
}

static enum part_kind
kind_of(uint8_t type)
{
	switch (type) {
	case 0:
		return PART_UNUSED;
	case 1:
		return PART_SWAP;
	case 7:
		return PART_FFS;
	case 28:
		return PART_CGD;
	default:
		return PART_OTHER;
	}
}

static int
take(const uint8_t *label, struct part_table *t, struct dd_err *e)
{
	unsigned i, n = get16le(label + D_NPARTITIONS);
	uint32_t secsize = get32le(label + D_SECSIZE);
	char name[17];

	if (secsize < 512 || secsize > 4096 || (secsize & (secsize - 1)) != 0)
		return dd_fail(e, ERR_CORRUPT,
		    "disklabel: %u is not a sector size", secsize);
	t->scheme = PART_DISKLABEL;
	t->sector_size = secsize;
	memcpy(name, label + D_PACKNAME, 16);
	name[16] = '\0';
	vis_str(t->label, sizeof(t->label), name);
	for (i = 0; i < n; i++) {
		const uint8_t *raw = label + D_PARTITIONS + i * P_LEN;
		struct part *p = &t->parts[t->n];

		if (get32le(raw + P_SIZE) == 0)
			continue;
		p->letter = (char)('a' + (int)i);
		p->type = raw[P_FSTYPE];
		p->kind = kind_of(p->type);
		p->off = (uint64_t)get32le(raw + P_OFFSET) * secsize;
		p->len = (uint64_t)get32le(raw + P_SIZE) * secsize;
		(void)snprintf(p->name, sizeof(p->name), "%s",
		    type_name(p->type));
		t->n++;
	}
	return 1;
}

/*
 * Look through the sectors as the kernel does, then where disks of larger
 * sectors have their sector 1.  The best verdict wins.
 */
static enum verdict
search(const uint8_t *buf, size_t len, size_t scan, const uint8_t **label)
{
	enum verdict v, best = NO_LABEL;
	size_t at;

	for (at = 0; at + D_PARTITIONS <= len; at = at < scan ? at + 8 :
	    at + 512) {
		v = judge(buf + at, len - at);
		if (v == LABEL && at >= scan &&
		    get32le(buf + at + D_SECSIZE) != at)
			continue;
		if (v == LABEL) {
			*label = buf + at;
			return v;
		}
		if (v == LABEL_BIG_ENDIAN ||
		    (v == LABEL_DAMAGED && best == NO_LABEL))
			best = v;
	}
	return best;
}

int
part_read_disklabel(struct blk *b, uint64_t base, struct part_table *t,
    struct dd_err *e)
{
	size_t scan = LABEL_SCAN * b->sector_size, len = scan;
	uint8_t buf[LABEL_SCAN * 4096];
	const uint8_t *label = NULL;

	if (len < 8192)
		len = 8192;
	len = (size_t)min64(len, b->size - base);
	len = (size_t)round_down(len, b->sector_size);
	if (blk_pread(b, buf, len, base, e) == -1)
		return -1;
	switch (search(buf, len, scan, &label)) {
	case LABEL:
		return take(label, t, e);
	case LABEL_BIG_ENDIAN:
		(void)dd_fail(e, ERR_UNSUP,
		    "the disklabel is big-endian: not supported");
		return dd_hint(e, "the image is from a big-endian port "
		    "(sparc64, ...); only little-endian ones are handled");
	case LABEL_DAMAGED:
		(void)dd_fail(e, ERR_CORRUPT,
		    "the disklabel is damaged: its checksum is wrong");
		return dd_hint(e, "mend it with disklabel(8), or restore "
		    "the image");
	case NO_LABEL:
		break;
	}
	return 0;
}

static uint8_t
type_of(const struct part *p)
{
	static const uint8_t types[] = {
		[PART_UNUSED] = 0,
		[PART_FFS] = 7,
		[PART_SWAP] = 1,
		[PART_CGD] = 28,
		[PART_OTHER] = 10,
	};

	return p->type != 0 ? p->type : types[p->kind];
}

static void
put_part(uint8_t *label, unsigned i, uint64_t off, uint64_t len, uint8_t type)
{
	uint8_t *raw = label + D_PARTITIONS + i * P_LEN;

	put32le(raw + P_SIZE, (uint32_t)len);
	put32le(raw + P_OFFSET, (uint32_t)off);
	raw[P_FSTYPE] = type;
}

static void
put_head(uint8_t *label, const char *name, uint32_t secsize, uint32_t total)
{
	put32le(label + D_MAGIC, LABEL_MAGIC);
	put16le(label + D_TYPE, 12);			/* vnd */
	memcpy(label + D_TYPENAME, "vnd", 3);
	memcpy(label + D_PACKNAME, name, strnlen(name, 16));
	put32le(label + D_SECSIZE, secsize);
	put32le(label + D_NSECTORS, 32);
	put32le(label + D_NTRACKS, 64);
	put32le(label + D_NCYLINDERS, total / 2048 > 0 ? total / 2048 : 1);
	put32le(label + D_SECPERCYL, 2048);
	put32le(label + D_SECPERUNIT, total);
	put16le(label + D_RPM, 3600);
	put16le(label + D_INTERLEAVE, 1);
	put32le(label + D_MAGIC2, LABEL_MAGIC);
	put32le(label + D_BBSIZE, 8192);
	put32le(label + D_SBSIZE, 8192);
}

int
part_write_disklabel(struct blk *b, const char *name,
    const struct part *parts, unsigned n, struct dd_err *e)
{
	uint8_t sector[4096];
	uint64_t total = b->size / b->sector_size;
	unsigned i, at, count = 8;

	if (total < 2 || total > UINT32_MAX)
		return dd_fail(e, ERR_UNSUP, "a disklabel counts up to "
		    "4294967295 sectors, and there are %llu",
		    (unsigned long long)total);
	if (blk_pread(b, sector, b->sector_size, b->sector_size, e) == -1)
		return -1;
	memset(sector, 0, LABEL_LEN);
	put_head(sector, name, b->sector_size, (uint32_t)total);
	put_part(sector, LABEL_RAW, 0, total, 0);
	for (i = 0; i < n; i++) {
		at = (unsigned)(parts[i].letter - 'a');
		if (at >= LABEL_MAX || at == LABEL_RAW)
			return dd_fail(e, ERR_USAGE,
			    "%c: partitions are a to p, and d is the whole",
			    parts[i].letter);
		if (parts[i].off % b->sector_size != 0 ||
		    parts[i].len % b->sector_size != 0 ||
		    parts[i].off > b->size ||
		    parts[i].len > b->size - parts[i].off)
			return dd_fail(e, ERR_USAGE, "partition %c does not "
			    "lie inside the image", parts[i].letter);
		put_part(sector, at, parts[i].off / b->sector_size,
		    parts[i].len / b->sector_size, type_of(&parts[i]));
		if (at >= count)
			count = at + 1;
	}
	put16le(sector + D_NPARTITIONS, (uint16_t)count);
	put16le(sector + D_CHECKSUM, checksum(sector, count));
	return blk_pwrite(b, sector, b->sector_size, b->sector_size,
	    BLK_JOURNALED, e);
}
