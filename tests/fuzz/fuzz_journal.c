/*
 * The redo journal: whatever lies beside an image, a reader writes nothing, and
 * a writer changes the image only by a journal that is whole and fits.
 *
 * The first byte says what is mended in the input, so that it gets further:
 * 1 the checksum, 2 inode and size, 4 the entries' old checksums.
 */
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/hash.h"
#include "core/disk/file.h"
#include "core/disk/journal_impl.h"
#include "core/disk/overlay.h"
#include "tests/fuzz/fuzz.h"

#define IMAGE_SIZE	((size_t)32768)
#define INPUT_MAX	((size_t)65536)

static char image[600], journal[700];
static uint64_t ino;
static uint8_t content[IMAGE_SIZE], now[IMAGE_SIZE];

static int
no_sync(int fd, const char *name, struct dd_err *e)
{
	(void)fd;
	(void)name;
	(void)e;
	return 0;
}

static int
no_sync_dir(const char *path, struct dd_err *e)
{
	(void)path;
	(void)e;
	return 0;
}

/* Journals set aside would pile up. */
static int
rename_away(const char *path, const char *to, struct dd_err *e)
{
	(void)to;
	return disk_io_host.unlink(path, e);
}

static void
put(const char *path, const uint8_t *data, size_t len)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, data, len) != (ssize_t)len)
		abort();
	(void)close(fd);
}

static void
set_up(void)
{
	const char *tmp = getenv("TMPDIR");
	char dir[512];
	struct stat st;
	size_t i;

	(void)snprintf(dir, sizeof(dir), "%s/drydock-fuzz.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(image, sizeof(image), "%s/image", dir);
	for (i = 0; i < IMAGE_SIZE; i++)
		content[i] = (uint8_t)(i / 512 + i);
	put(image, content, IMAGE_SIZE);
	if (stat(image, &st) == -1)
		abort();
	ino = (uint64_t)st.st_ino;
	(void)snprintf(journal, sizeof(journal), "%s/.drydock-%llu.redo", dir,
	    (unsigned long long)ino);
}

static void
mend(uint8_t *j, size_t len, unsigned what)
{
	uint64_t i, n, off;
	uint8_t sum[HASH_LEN];

	if (len < JOURNAL_HEADER)
		return;
	if ((what & 2) != 0) {
		put64le(j + H_INO, ino);
		put64le(j + H_IMAGE_SIZE, IMAGE_SIZE);
	}
	n = (len - JOURNAL_HEADER) / ENTRY_LEN;
	for (i = 0; (what & 4) != 0 && i < n &&
	    i < get64le(j + H_ENTRIES); i++) {
		uint8_t *entry = j + JOURNAL_HEADER + i * ENTRY_LEN;

		off = get64le(entry);
		if (off % 512 == 0 && off <= IMAGE_SIZE - 512)
			journal_sum(content + off, entry + ENTRY_OLD);
	}
	if ((what & 1) != 0) {
		memset(j + JOURNAL_HASH, 0, HASH_LEN);
		hash_once(HASH_BLAKE2B, j, len, sum);
		memcpy(j + JOURNAL_HASH, sum, HASH_LEN);
	}
}

static bool
image_is_unchanged(void)
{
	int fd = open(image, O_RDONLY);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1 ||
	    st.st_size != (off_t)IMAGE_SIZE ||
	    read(fd, now, IMAGE_SIZE) != (ssize_t)IMAGE_SIZE)
		abort();
	(void)close(fd);
	return memcmp(now, content, IMAGE_SIZE) == 0;
}

/* Open as a reader or a writer; 0 when it could be opened. */
static int
try(int flags)
{
	struct disk_io io = disk_io_host;
	struct dd_err e = DD_ERR_INIT;
	struct blk *b = NULL, *o = NULL;
	uint8_t sector[512];
	uint64_t off;

	io.sync = no_sync;
	io.sync_dir = no_sync_dir;
	io.rename = rename_away;
	if (file_open(image, flags, 0, &b, &e) == -1)
		abort();
	file_set_io(b, &io);
	if (overlay_open(b, 0, &o, &e) == -1) {
		blk_close(b);
		return -1;
	}
	for (off = 0; off < IMAGE_SIZE; off += 512)
		if (blk_pread(o, sector, 512, off, &e) == -1)
			abort();
	blk_close(o);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t j[INPUT_MAX];
	struct dd_err e = DD_ERR_INIT;
	bool pending = false;

	if (len == 0 || len > INPUT_MAX)
		return 0;
	if (image[0] == '\0')
		set_up();
	memcpy(j, data + 1, len - 1);
	mend(j, len - 1, data[0]);
	put(journal, j, len - 1);
	(void)overlay_pending(image, &pending, &e);
	(void)try(0);
	if (!image_is_unchanged())
		abort();
	if (try(FILE_WRITE) == -1 || !pending) {
		if (!image_is_unchanged())
			abort();
	} else if (!image_is_unchanged())
		put(image, content, IMAGE_SIZE);
	(void)unlink(journal);
	return 0;
}
