/*
 * Partition tables: NetBSD disklabel (alone, or in an MBR partition of type
 * 169), GPT, MBR.
 * Sources: NetBSD sys/sys/disklabel.h, sys/sys/bootblock.h, sys/sys/
 * disklabel_gpt.h; UEFI specification 2.10, chapter 5.
 */
#ifndef DD_DISK_PART_H
#define DD_DISK_PART_H

#include "core/disk/blk.h"

#define PART_MAX	128

enum part_scheme {
	PART_NONE,		/* no table: the whole layer */
	PART_DISKLABEL,
	PART_MBR_DISKLABEL,	/* a disklabel in an MBR partition */
	PART_MBR,		/* an MBR without a NetBSD partition */
	PART_GPT
};

enum part_kind {
	PART_UNUSED,
	PART_FFS,		/* disklabel type 7, "4.2BSD" */
	PART_SWAP,		/* 1 */
	PART_CGD,		/* 28 */
	PART_OTHER
};

/*
 * Letters are NetBSD's: those of the disklabel; for a bare MBR e to h, as the
 * kernel numbers them (extended partitions are left out).  GPT entries have
 * none in NetBSD; here the first 16 in use are a to p, in table order.
 */
struct part {
	char		letter;		/* 'a'..'p', 0 where it has none */
	enum part_kind	kind;
	uint8_t		type;		/* as in the table, 0 for GPT */
	uint64_t	off;		/* bytes from the layer's start */
	uint64_t	len;		/* bytes */
	char		name[40];	/* type or GPT label, for people */
};

struct part_table {
	enum part_scheme scheme;
	char		 label[65];	/* disklabel's pack name, escaped */
	uint32_t	 sector_size;
	unsigned	 n;
	struct part	 parts[PART_MAX];
};

/*
 * Read the table.  No table is a success with PART_NONE and n = 0 (as the
 * kernel's fictitious label: `a` is the whole layer).  A damaged or
 * big-endian table is an error that names it.  Entries that reach outside the
 * layer are errors only when used (part_find).
 */
int	part_read(struct blk *, struct part_table *, struct dd_err *);

/* The partition of that letter; letter 0: `a` (GPT: the first FFS, else `a`),
 * or the whole layer where there is no table.  ERR_NOENT names what letters
 * there are. */
int	part_find(const struct part_table *, char letter, uint64_t size,
	    struct part *, struct dd_err *);

const char *part_scheme_name(enum part_scheme);
const char *part_kind_name(enum part_kind);

/*
 * Write a disklabel for a layer of the given size to sector 1: partition d
 * the whole, and those given (letters a to p but d).
 */
int	part_write_disklabel(struct blk *, const char *name,
	    const struct part *, unsigned n, struct dd_err *);

#endif
