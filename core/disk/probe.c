/*
 * What does an image hold?  By magic numbers; where there is none, by samples:
 * zeros everywhere are an empty disk, and bytes that look random wherever
 * they are not zero (a cgd on a sparse file has holes) an encrypted one.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/disk/probe_impl.h"

#define SAMPLES		16

int
probe_read(struct blk *b, void *p, size_t len, uint64_t off,
    struct dd_err *e)
{
	uint8_t buf[2 * PROBE_READ];
	uint64_t from = round_down(off, b->sector_size), to;

	memset(p, 0, len);
	if (off >= b->size)
		return 0;
	to = min64(round_up(off + len, b->sector_size), b->size);
	if (blk_pread(b, buf, (size_t)(to - from), from, e) == -1)
		return -1;
	memcpy(p, buf + (off - from), (size_t)min64(len, to - off));
	return 0;
}

static const struct magic {
	enum probe_kind	 kind;
	uint16_t	 off;
	uint8_t		 len;
	const char	*bytes;
} magics[] = {
	{ PROBE_QCOW2, 0, 4, "QFI\xfb" },
	{ PROBE_ARCHIVE, 0, 3, "\x1f\x8b\x08" },		/* gzip */
	{ PROBE_ARCHIVE, 0, 6, "\xfd" "7zXZ\0" },
	{ PROBE_ARCHIVE, 0, 4, "\x28\xb5\x2f\xfd" },		/* zstd */
	{ PROBE_ARCHIVE, 0, 3, "BZh" },
	{ PROBE_ARCHIVE, 257, 5, "ustar" },
	{ PROBE_ARCHIVE, 0, 6, "070701" },			/* cpio */
	{ PROBE_XFS, 0, 4, "XFSB" },
	{ PROBE_EXT, 1024 + 56, 2, "\x53\xef" },
};

/*
 * ext2's magic is two bytes, which noise has once in 65,536 times: the rest of
 * its superblock (s_log_block_size, s_rev_level, s_blocks_per_group,
 * s_inodes_per_group, s_state) must be like one, too.
 */
static bool
is_ext(const uint8_t *sb)
{
	return get32le(sb + 24) <= 6 && get32le(sb + 76) <= 1 &&
	    get32le(sb + 32) != 0 && get32le(sb + 40) != 0 &&
	    (get16le(sb + 58) & ~7) == 0;
}

static int
by_magic(struct blk *b, enum probe_kind *kind, struct dd_err *e)
{
	uint8_t head[2048], iso[6];
	size_t i;

	if (probe_read(b, head, sizeof(head), 0, e) == -1 ||
	    probe_read(b, iso, sizeof(iso), 32768, e) == -1)
		return -1;
	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (memcmp(head + magics[i].off, magics[i].bytes,
		    magics[i].len) == 0 && (magics[i].kind != PROBE_EXT ||
		    is_ext(head + 1024))) {
			*kind = magics[i].kind;
			return 1;
		}
	if (memcmp(iso + 1, "CD001", 5) == 0) {
		*kind = PROBE_ISO9660;
		return 1;
	}
	return 0;
}

/* What the samples were like. */
struct texture {
	uint32_t	plain;		/* sectors that do not look random */
	uint32_t	random;		/* sectors that do */
	uint32_t	count[256];	/* of each byte in these */
};

/*
 * How evenly len bytes are spread over the values: chi-square with 255
 * degrees of freedom.  Random ones give 255, give or take 23.
 */
static bool
looks_random(const uint32_t count[256], uint64_t len)
{
	uint64_t squares = 0, chi;
	unsigned i;

	for (i = 0; i < 256; i++)
		squares += (uint64_t)count[i] * count[i];
	chi = squares * 256 / len - len;
	return chi > 120 && chi < 400;
}

static void
take_sector(struct texture *t, const uint8_t sector[512])
{
	uint32_t count[256];
	unsigned i;

	if (sector[0] == 0 && memcmp(sector, sector + 1, 511) == 0)
		return;
	memset(count, 0, sizeof(count));
	for (i = 0; i < 512; i++)
		count[sector[i]]++;
	if (!looks_random(count, 512)) {
		t->plain++;
		return;
	}
	t->random++;
	for (i = 0; i < 256; i++)
		t->count[i] += count[i];
}

/* The places where an FFS would begin, then evenly over the layer. */
static uint64_t
sample_at(const struct blk *b, unsigned i)
{
	static const uint32_t first[] = { 0, 8192, 65536, 262144 };
	const unsigned n = sizeof(first) / sizeof(first[0]);

	if (i < n)
		return first[i];
	return round_down(b->size / (SAMPLES - n + 1) * (i - n + 1),
	    PROBE_READ);
}

static int
by_texture(struct blk *b, enum probe_kind *kind, struct dd_err *e)
{
	struct texture t = { .plain = 0 };
	uint8_t buf[PROBE_READ];
	unsigned i, at;

	for (i = 0; i < SAMPLES; i++) {
		if (probe_read(b, buf, sizeof(buf), sample_at(b, i), e) == -1)
			return -1;
		for (at = 0; at < sizeof(buf); at += 512)
			take_sector(&t, buf + at);
	}
	/* in a cgd a sector or two may be plain, written past it */
	if (t.random + t.plain == 0)
		*kind = PROBE_EMPTY;
	else if (t.random >= 4 && t.plain <= t.random / 16 &&
	    looks_random(t.count, (uint64_t)t.random * 512))
		*kind = PROBE_ENCRYPTED;
	else
		*kind = PROBE_UNKNOWN;
	return 0;
}

int
probe_layer(struct blk *b, struct probe *out, struct dd_err *e)
{
	struct probe p;
	int rc;

	memset(&p, 0, sizeof(p));
	if ((rc = probe_ffs(b, &p, e)) == 0 &&
	    (rc = by_magic(b, &p.kind, e)) == 0)
		rc = by_texture(b, &p.kind, e);
	if (rc == -1)
		return -1;
	*out = p;
	return 0;
}

const char *
probe_kind_name(enum probe_kind kind)
{
	static const char *const names[] = {
		[PROBE_EMPTY] = "empty",
		[PROBE_FFS] = "ffs",
		[PROBE_FFS_BE] = "ffs-be",
		[PROBE_EXT] = "ext",
		[PROBE_XFS] = "xfs",
		[PROBE_ISO9660] = "iso9660",
		[PROBE_QCOW2] = "qcow2",
		[PROBE_ARCHIVE] = "archive",
		[PROBE_ENCRYPTED] = "encrypted",
		[PROBE_UNKNOWN] = "unknown",
	};

	return names[kind];
}
