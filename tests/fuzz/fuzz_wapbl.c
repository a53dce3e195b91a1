/*
 * WAPBL: a log of whatever content is replayed or refused, and what is read
 * through it lies in the device.  The first byte chooses the block size, and
 * whether the log is said to be inside the file system or behind it; the rest
 * is the log.
 */
#include "tests/fuzz/fuzz.h"
#include "core/ffs/ffs_impl.h"
#include "tests/unit/memblk.h"

#define DEVICE		(256U << 10)
#define LOG_AT		(128U << 10)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct memdisk d;
	static uint8_t seen[DEVICE];
	struct ffs_sb s = { .version = 2, .flags = FS_FLAG_DOWAPBL };
	struct dd_err e = DD_ERR_INIT;
	struct blk *b, *over;
	uint32_t unit;
	bool dirty = false;

	if (len == 0)
		return 0;
	if (d.data == NULL)
		(void)memdisk_init(&d, DEVICE);
	memset(d.data, 0x5a, DEVICE);
	unit = 512U << data[0] % 4;
	s.journal_version = 1;
	s.journal_location = 1 + (data[0] >> 2 & 1);
	s.journallocs[0] = LOG_AT / unit;
	s.journallocs[1] = (DEVICE - LOG_AT) / unit;
	s.journallocs[2] = unit;
	memcpy(d.data + LOG_AT, data + 1, len - 1 < DEVICE - LOG_AT ? len - 1 :
	    DEVICE - LOG_AT);

	b = over = memblk_open(&d, true);
	if (wapbl_dirty(b, &s, &dirty, &e) == 0) {
		if (wapbl_lay(&over, &s, &e) == -1 ||
		    blk_pread(over, seen, DEVICE, 0, &e) == -1)
			abort();
		b = wapbl_release(over);
		/* For good: the same, and nothing is left to replay. */
		if (wapbl_replay_write(b, &s, &e) == -1 ||
		    blk_flush(b, &e) == -1 ||
		    memcmp(d.data, seen, LOG_AT) != 0 ||
		    wapbl_dirty(b, &s, &dirty, &e) == -1 || dirty)
			abort();
	} else if (e.code != ERR_CORRUPT)
		abort();
	blk_close(b);
	return 0;
}
