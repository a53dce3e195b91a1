/* core/ffs, WAPBL: what is replayed, and what is refused. */
#include "core/ffs/ffs_impl.h"
#include "tests/unit/memblk.h"
#include "tests/unit/t.h"

#define DIR	"tests/vectors/ffs/"

/* A device of 256 blocks; the log is its last 64. */
#define UNIT	512U
#define BLOCKS	256U
#define LOG	192U
#define LOG_LEN	64U

#define HEADER		0x5741424cU
#define INODES		0x5741424dU
#define REVOCATIONS	0x5741424eU
#define CONTENT		0x5741424fU

static struct dd_err e;

struct log {
	struct memdisk	disk;
	struct ffs_sb	sb;
	uint32_t	at;		/* next block of the ring */
	uint8_t		*rec;		/* the last record */
};

static uint8_t *
ring(struct log *g, uint32_t block)
{
	return g->disk.data + (LOG + 2 + block % (LOG_LEN - 2)) * UNIT;
}

static void
put_header(struct log *g, unsigned slot, uint32_t generation, uint32_t head,
    uint32_t tail)
{
	uint8_t *h = g->disk.data + (LOG + slot) * UNIT;

	memset(h, 0, UNIT);
	put32le(h, HEADER);
	put32le(h + 4, UNIT);
	put32le(h + 12, generation);
	put32le(h + 36, 1);
	put32le(h + 40, 9);
	put32le(h + 44, 9);
	put64le(h + 48, (2 + head % (LOG_LEN - 2)) * UNIT);
	put64le(h + 56, (2 + tail % (LOG_LEN - 2)) * UNIT);
	put64le(h + 64, 2 * UNIT);
	put64le(h + 72, (LOG_LEN - 2) * UNIT);
}

/* Every block of the device holds its own number. */
static void
begin(struct log *g, uint32_t start)
{
	uint32_t i;

	memset(g, 0, sizeof(*g));
	T_EQ(memdisk_init(&g->disk, BLOCKS * UNIT), 0);
	for (i = 0; i < LOG; i++)
		memset(g->disk.data + i * UNIT, (int)(i & 0xff), UNIT);
	g->sb.version = 2;
	g->sb.flags = FS_FLAG_DOWAPBL;
	g->sb.journal_version = 1;
	g->sb.journal_location = 1;
	g->sb.journallocs[0] = LOG;
	g->sb.journallocs[1] = LOG_LEN;
	g->sb.journallocs[2] = UNIT;
	g->at = start;
	put_header(g, 0, 1, start, start);
	put_header(g, 1, 2, start, start);
}

static void
record(struct log *g, uint32_t type)
{
	g->rec = ring(g, g->at++);
	memset(g->rec, 0, UNIT);
	put32le(g->rec, type);
	put32le(g->rec + 4, UNIT);
}

/* n blocks of the device from `block` on: filled with `fill`, or revoked. */
static void
entry(struct log *g, uint32_t block, uint32_t n, uint8_t fill)
{
	uint32_t count = get32le(g->rec + 8), i;
	uint8_t *p = g->rec + 16 + count * 16;

	put32le(g->rec + 8, count + 1);
	put64le(p, block);
	put32le(p + 12, n * UNIT);
	if (get32le(g->rec) != CONTENT)
		return;
	put32le(g->rec + 4, get32le(g->rec + 4) + n * UNIT);
	for (i = 0; i < n; i++)
		memset(ring(g, g->at++), fill, UNIT);
}

static void
end(struct log *g, uint32_t start)
{
	put_header(g, 1, 2, g->at, start);
}

/* What a reader sees in a block, all of it the same byte; -1: it is not. */
static int
seen(struct blk *b, uint32_t block)
{
	uint8_t buf[UNIT];

	T_OK(blk_pread(b, buf, UNIT, block * UNIT, &e));
	return memcmp(buf, buf + 1, UNIT - 1) == 0 ? buf[0] : -1;
}

static void
replay_gives_the_last_content(uint32_t start)
{
	struct log g;
	struct blk *b, *over;
	bool dirty;

	begin(&g, start);
	record(&g, CONTENT);
	entry(&g, 10, 3, 0xa1);
	entry(&g, 20, 1, 0xa2);
	record(&g, INODES);
	record(&g, REVOCATIONS);
	entry(&g, 11, 1, 0);
	record(&g, CONTENT);
	entry(&g, 20, 2, 0xa3);
	end(&g, start);

	b = memblk_open(&g.disk, false);
	T_OK(wapbl_dirty(b, &g.sb, &dirty, &e));
	T(dirty);
	over = b;
	T_OK(wapbl_lay(&over, &g.sb, &e));
	T_EQ(seen(over, 9), 9);
	T_EQ(seen(over, 10), 0xa1);
	T_EQ(seen(over, 11), 11);
	T_EQ(seen(over, 12), 0xa1);
	T_EQ(seen(over, 20), 0xa3);
	T_EQ(seen(over, 21), 0xa3);
	T_EQ(seen(over, 22), 22);
	T_EQ(g.disk.data[10 * UNIT], 10);
	blk_close(wapbl_release(over));

	b = memblk_open(&g.disk, true);
	T_OK(wapbl_replay_write(b, &g.sb, &e));
	T_EQ(g.disk.direct, 0);
	T_EQ(g.disk.data[10 * UNIT], 10);
	T_OK(blk_flush(b, &e));
	T_EQ(g.disk.data[10 * UNIT], 0xa1);
	T_EQ(g.disk.data[11 * UNIT], 11);
	T_EQ(g.disk.data[20 * UNIT], 0xa3);
	/* Empty now, in both headers, each newer than the last was. */
	T_OK(wapbl_dirty(b, &g.sb, &dirty, &e));
	T(!dirty);
	T_EQ(get32le(g.disk.data + LOG * UNIT + 12), 4);
	T_EQ(get32le(g.disk.data + (LOG + 1) * UNIT + 12), 3);
	T_EQ(get64le(g.disk.data + LOG * UNIT + 48), 0);
	T_EQ(get64le(g.disk.data + (LOG + 1) * UNIT + 56), 0);
	blk_close(b);
	memdisk_dispose(&g.disk);
}

static void
the_last_content_is_replayed(void)
{
	replay_gives_the_last_content(0);
}

/* Wherever the ring begins, and records and content pass its end. */
static void
the_ring_goes_round(void)
{
	uint32_t start;

	for (start = 1; start < LOG_LEN - 2; start++)
		replay_gives_the_last_content(start);
}

static void
the_newer_header_counts(void)
{
	struct log g;
	struct blk *b;
	bool dirty;

	begin(&g, 0);
	record(&g, CONTENT);
	entry(&g, 10, 1, 0xa1);
	put_header(&g, 0, 3, g.at, 0);
	b = memblk_open(&g.disk, false);
	T_OK(wapbl_dirty(b, &g.sb, &dirty, &e));
	T(dirty);
	put_header(&g, 1, 4, g.at, g.at);
	T_OK(wapbl_dirty(b, &g.sb, &dirty, &e));
	T(!dirty);
	/* Where the superblock doesn't say so, there is no journal. */
	put_header(&g, 1, 4, g.at, 0);
	g.sb.flags = 0;
	T_OK(wapbl_dirty(b, &g.sb, &dirty, &e));
	T(!dirty);
	blk_close(b);
	memdisk_dispose(&g.disk);
}

/* Each of these alone makes the journal one that is not replayed. */
static void
damage_is_refused(void)
{
	enum { HEAD, REC };
	static const struct {
		int		where;
		uint16_t	off;
		uint8_t		width;
		uint64_t	value;
	} bad[] = {
		{ HEAD, 40, 4, 10 },		/* log block size */
		{ HEAD, 40, 4, 40 },
		{ HEAD, 44, 4, 8 },		/* device block size */
		{ HEAD, 44, 4, 17 },
		{ HEAD, 44, 4, 99 },
		{ HEAD, 48, 8, UNIT },		/* head before the ring */
		{ HEAD, 48, 8, LOG_LEN * UNIT },
		{ HEAD, 48, 8, 3 * UNIT + 1 },
		{ HEAD, 48, 8, UINT64_MAX - UNIT + 1 },
		{ HEAD, 56, 8, LOG_LEN * UNIT },
		{ HEAD, 64, 8, 0 },		/* ring over the headers */
		{ HEAD, 64, 8, UINT64_MAX - UNIT + 1 },
		{ HEAD, 72, 8, 0 },
		{ HEAD, 72, 8, LOG_LEN * UNIT },
		{ HEAD, 72, 8, UINT64_MAX },
		{ REC, 0, 4, 0x12345678 },	/* type */
		{ REC, 4, 4, 0 },		/* length */
		{ REC, 4, 4, UINT32_MAX },
		{ REC, 8, 4, 32 },		/* more than fit */
		{ REC, 8, 4, UINT32_MAX },
		{ REC, 8, 4, 0 },		/* not what the length says */
		{ REC, 16, 8, BLOCKS },		/* behind the device */
		{ REC, 16, 8, UINT64_MAX },
		{ REC, 16, 8, UINT64_MAX / 512 },
		{ REC, 16, 8, LOG },		/* the log itself */
		{ REC, 16, 8, LOG - 1 },
		{ REC, 28, 4, 100 },		/* not whole blocks */
		{ REC, 28, 4, UINT32_MAX - 511 },
		{ REC, 28, 4, 65536 },
	};
	struct log g;
	struct blk *b, *over;
	uint8_t *p;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(&g, 5);
		record(&g, CONTENT);
		entry(&g, 10, 2, 0xa1);
		end(&g, 5);
		p = bad[i].where == HEAD ? g.disk.data + (LOG + 1) * UNIT :
		    g.rec;
		if (bad[i].width == 4)
			put32le(p + bad[i].off, (uint32_t)bad[i].value);
		else
			put64le(p + bad[i].off, bad[i].value);
		b = over = memblk_open(&g.disk, false);
		T_ERR(wapbl_lay(&over, &g.sb, &e), ERR_CORRUPT);
		T(over == b);
		T(e.hint[0] != '\0');
		blk_close(b);
		memdisk_dispose(&g.disk);
		if (t_bad) {
			T_FAIL("case %zu", i);
			return;
		}
	}
}

static void
places_that_cannot_be_are_refused(void)
{
	static const struct { uint8_t version, location; uint64_t loc[3]; }
	bad[] = {
		{ 2, 1, { LOG, LOG_LEN, UNIT } },
		{ 1, 0, { LOG, LOG_LEN, UNIT } },
		{ 1, 3, { LOG, LOG_LEN, UNIT } },
		{ 1, 1, { LOG, LOG_LEN + 1, UNIT } },
		{ 1, 1, { UINT64_MAX, LOG_LEN, UNIT } },
		{ 1, 1, { LOG, UINT64_MAX / 2, UNIT } },
		{ 1, 1, { LOG, 2, UNIT } },
		{ 1, 1, { LOG, LOG_LEN, 0 } },
		{ 1, 1, { LOG, LOG_LEN, 256 } },
		{ 1, 1, { LOG, LOG_LEN, 1000 } },
		{ 1, 1, { 0, 2, 65536 } },
		{ 1, 1, { 0, LOG_LEN, UNIT } },		/* no header there */
	};
	struct log g;
	struct blk *b;
	bool dirty;
	size_t i;

	begin(&g, 0);
	b = memblk_open(&g.disk, false);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		g.sb.journal_version = bad[i].version;
		g.sb.journal_location = bad[i].location;
		memcpy(g.sb.journallocs, bad[i].loc, sizeof(bad[i].loc));
		T_ERR(wapbl_dirty(b, &g.sb, &dirty, &e), ERR_CORRUPT);
	}
	blk_close(b);
	memdisk_dispose(&g.disk);
}

/* The journals that NetBSD left. */
static void
netbsd_journals(void)
{
	struct memdisk d;
	struct ffs_info info;
	struct ffs_stat st;
	struct ffs *fs;
	struct blk *b;
	uint32_t ino;

	T_EQ(memdisk_load(&d, DIR "log.img.zst"), 0);
	T_OK(ffs_open(memblk_open(&d, true), FFS_WRITE, &fs, &e));
	ffs_info(fs, &info);
	T(!info.journal_dirty);
	T(info.clean);
	ffs_close(fs);
	memdisk_dispose(&d);

	T_EQ(memdisk_load(&d, DIR "logdirty.img.zst"), 0);
	b = memblk_open(&d, true);
	T_ERR(ffs_open(b, FFS_WRITE, &fs, &e), ERR_UNCLEAN);
	T(strstr(e.hint, "--repair") != NULL);
	blk_close(b);
	T_OK(ffs_open(memblk_open(&d, false), 0, &fs, &e));
	ffs_info(fs, &info);
	T(info.journal_dirty);
	T(!info.clean);
	T_OK(ffs_lookup(fs, FFS_ROOT, "d", &ino, &e));
	T_OK(ffs_lookup(fs, ino, "b", &ino, &e));
	T_OK(ffs_stat(fs, ino, &st, &e));
	T_EQ(st.size, 4097);
	ffs_close(fs);

	/* A damaged log: not even for reading, but for check. */
	memset(d.data + 8824 * 512, 0, 512);
	b = memblk_open(&d, false);
	T_ERR(ffs_open(b, 0, &fs, &e), ERR_CORRUPT);
	T_OK(ffs_open(b, FFS_ANY, &fs, &e));
	ffs_close(fs);
	memdisk_dispose(&d);
}

int
main(void)
{
	T_RUN(the_last_content_is_replayed);
	T_RUN(the_ring_goes_round);
	T_RUN(the_newer_header_counts);
	T_RUN(damage_is_refused);
	T_RUN(places_that_cannot_be_are_refused);
	T_RUN(netbsd_journals);
	return t_done();
}
