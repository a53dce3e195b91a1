/*
 * The state of a re-encryption in place: whatever lies beside an image, who
 * reads it writes nothing, and who goes on changes the image only by a state
 * that is whole and begun with the same keys.
 *
 * The first byte says what is mended in the input, so that it gets further:
 * 1 the header's checksum and the image's inode, 2 what tells the sides, 4 and
 * 8 the checksums of a slot.
 */
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/cgd/inplace_impl.h"
#include "tests/fuzz/fuzz.h"

#define IMAGE_SIZE	((size_t)32768)
#define INPUT_MAX	((size_t)65536)

static char image[600], state[700];
static uint64_t ino;
static uint8_t content[IMAGE_SIZE], now[IMAGE_SIZE];
static struct secret key;
static struct cgd_params params;
static struct recrypt_side from, to;
static uint8_t begun[REKEY_HEADER];	/* of a right one */

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

static void
put(const char *path, const uint8_t *data, size_t len)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, data, len) != (ssize_t)len)
		abort();
	(void)close(fd);
}

static struct blk *
open_image(void)
{
	static struct disk_io io;
	struct dd_err e = DD_ERR_INIT;
	struct blk *b = NULL;

	io = disk_io_host;
	io.sync = no_sync;
	io.sync_dir = no_sync_dir;
	if (file_open(image, FILE_WRITE | FILE_REKEY, 0, &b, &e) == -1)
		abort();
	file_set_io(b, &io);
	return b;
}

/* From plain to a cgd, areas of 8192 bytes. */
static void
set_up_sides(void)
{
	static char algorithm[] = "aes-cbc", ivmethod[] = "encblkno1";
	struct dd_err e = DD_ERR_INIT;

	if (secret_alloc(&key, 16, &e) == -1)
		abort();
	memset(key.p, 0x5a, key.len);
	params = (struct cgd_params){ .algorithm = algorithm,
	    .ivmethod = ivmethod, .keylen = 128 };
	from = (struct recrypt_side){ .sector_size = 512 };
	to = (struct recrypt_side){ .params = &params, .key = &key,
	    .sector_size = 512 };
}

static void
set_up(void)
{
	const char *tmp = getenv("TMPDIR");
	struct inplace_plan plan;
	struct dd_err e = DD_ERR_INIT;
	struct blk *b;
	char dir[512];
	struct stat st;
	size_t i;
	int fd;

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
	(void)snprintf(state, sizeof(state), "%s/.drydock-%llu.rekey", dir,
	    (unsigned long long)ino);
	set_up_sides();
	plan = (struct inplace_plan){ .from = from, .to = to,
	    .to_path = "/new", .off = 512, .len = IMAGE_SIZE - 1024,
	    .area = 8192 };
	b = open_image();
	if (inplace_begin(b, &plan, &e) == -1)
		abort();
	blk_close(b);
	if ((fd = open(state, O_RDONLY)) == -1 ||
	    read(fd, begun, sizeof(begun)) != (ssize_t)sizeof(begun))
		abort();
	(void)close(fd);
}

/* What follows the sides' names is salt and check value. */
static void
mend_sides(struct rekey_state *st)
{
	struct rekey_state right;

	if (!rekey_decode(begun, &right))
		abort();
	st->from = right.from;
	st->to = right.to;
	memcpy(st->id, right.id, REKEY_ID);
}

static void
mend_slot(const struct rekey_state *st, uint8_t *j, size_t len, uint64_t n)
{
	uint64_t at = rekey_slot_at(st, n);
	struct rekey_slot s = { .seq = 0 };
	size_t i, part;

	if (at + REKEY_SLOT > len)
		return;
	s.seq = get64le(j + at);
	s.off = get64le(j + at + 8);
	s.len = get64le(j + at + 16);
	if (s.len > st->area || at + REKEY_SLOT + s.len > len)
		return;
	for (i = 0; i < s.len; i += part) {
		part = (size_t)min64(s.len - i, REKEY_CHUNK);
		hash_once(HASH_BLAKE2B, j + at + REKEY_SLOT + i, part,
		    s.sums[i / REKEY_CHUNK]);
	}
	rekey_slot_encode(st, &s, j + at);
}

static void
mend(uint8_t *j, size_t len, unsigned what)
{
	static struct rekey_state st;
	uint8_t sum[HASH_LEN];

	if (len < REKEY_HEADER || (what & 1) == 0)
		return;
	put64le(j + 24, ino);
	memset(j + 96, 0, HASH_LEN);
	hash_once(HASH_BLAKE2B, j, REKEY_HEADER, sum);
	memcpy(j + 96, sum, HASH_LEN);
	if (!rekey_decode(j, &st))
		return;
	if ((what & 2) != 0) {
		mend_sides(&st);
		if (st.len % 512 == 0)
			rekey_encode(&st, j);
	}
	if ((what & 4) != 0)
		mend_slot(&st, j, len, 1);
	if ((what & 8) != 0)
		mend_slot(&st, j, len, 2);
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

/* 1: it is whole; 0, -1: not. */
static int
look(void)
{
	static struct rekey_state st;
	struct dd_err e = DD_ERR_INIT;
	struct blk *b = NULL;
	int rc = rekey_read(image, &st, &e);

	if (rc == 1 && (rekey_percent(&st) > 100 || st.done > st.len))
		abort();
	dd_err_clear(&e);
	/* whoever it is that is not to go on with it, is refused */
	if ((file_open(image, 0, 0, &b, &e) == 0) != (rc == 0))
		abort();
	blk_close(b);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t j[INPUT_MAX];
	struct dd_err e = DD_ERR_INIT;
	struct inplace *ip = NULL;
	bool paused = false;
	struct blk *b;
	int whole;

	if (len == 0 || len > INPUT_MAX)
		return 0;
	if (image[0] == '\0')
		set_up();
	memcpy(j, data + 1, len - 1);
	mend(j, len - 1, data[0]);
	put(state, j, len - 1);
	whole = look();
	if (!image_is_unchanged())
		abort();
	b = open_image();
	if (inplace_open(b, &from, &to, &ip, &e) == -1) {
		if (!image_is_unchanged())
			abort();
	} else {
		if (whole != 1 || inplace_run(ip, NULL, &paused, &e) == -1 ||
		    inplace_state(ip)->done != inplace_state(ip)->len)
			abort();
		put(image, content, IMAGE_SIZE);
	}
	inplace_close(ip);
	blk_close(b);
	(void)unlink(state);
	return 0;
}
