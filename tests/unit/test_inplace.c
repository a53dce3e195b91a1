/*
 * A re-encryption in place: every pair of sides, pauses, refusals.  Cuts and
 * calls that fail are tests/fault/test_inplace_cut.c.
 */
#include <errno.h>

#include "core/cgd/cgd.h"
#include "core/disk/file.h"
#include "core/disk/journal.h"
#include "core/disk/overlay.h"
#include "core/disk/rekey_format.h"
#include "core/disk/window.h"
#include "tests/unit/rekey_sides.h"
#include "tests/unit/scratch.h"

#define SIZE_MAX_TESTED	((size_t)3 << 20)

static struct dd_err e;
static struct side from, to;
static uint8_t plain[SIZE_MAX_TESTED], old[SIZE_MAX_TESTED],
    new[SIZE_MAX_TESTED], now[SIZE_MAX_TESTED];
static size_t size, off, len;	/* of the image; the region in it */
static char image[600], state[700];

static void
put(const char *path, const uint8_t *data, size_t n)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd == -1 || ftruncate(fd, (off_t)n) == -1 ||
	    pwrite(fd, data, n, 0) != (ssize_t)n)
		exit(1);
	(void)close(fd);
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* An image of n bytes in the region, o bytes in front of it, and a rest. */
static void
make_image(size_t o, size_t n)
{
	struct stat st;

	off = o;
	len = n;
	size = o + n + 3 * 512;
	side_plain(plain, size);
	memcpy(old, plain, size);
	memcpy(new, plain, size);
	side_encrypt(&from, old + off, len);
	side_encrypt(&to, new + off, len);
	(void)snprintf(image, sizeof(image), "%s", scratch("image"));
	if (exists(state))
		(void)unlink(state);
	put(image, old, size);
	if (stat(image, &st) == -1)
		exit(1);
	(void)snprintf(state, sizeof(state), "%s.drydock-%llu.rekey",
	    scratch(""), (unsigned long long)st.st_ino);
	(void)unlink(state);
}

static bool
image_is(const uint8_t *what)
{
	int fd = open(image, O_RDONLY);
	bool same = fd != -1 && read(fd, now, sizeof(now)) == (ssize_t)size &&
	    memcmp(now, what, size) == 0;

	(void)close(fd);
	return same;
}

static struct blk *
open_file(void)
{
	struct blk *b = NULL;

	T_OK(file_open(image, FILE_WRITE | FILE_REKEY, 0, &b, &e));
	if (b == NULL) {
		printf("not ok - nothing to go on with\n");
		exit(1);
	}
	return b;
}

static struct inplace_plan
plan_of(size_t area)
{
	return (struct inplace_plan){ .from = from.side, .to = to.side,
	    .from_path = "/etc/cgd/old", .to_path = "/etc/cgd/new",
	    .note = "a note", .off = off, .len = len, .area = area };
}

static void
begin(size_t area)
{
	struct inplace_plan p = plan_of(area);
	struct blk *file = open_file();

	T_OK(inplace_begin(file, &p, &e));
	blk_close(file);
}

/* A cancel flag that is set after so many reports. */
struct counter {
	struct progress	 p;
	volatile int	 cancel;
	unsigned	 left, reports;
	uint64_t	 done, total;
};

static void
count(struct progress *p, const char *what, uint64_t done, uint64_t total)
{
	struct counter *c = (struct counter *)p;

	T_STR(what, "re-encrypting");
	c->reports++;
	c->done = done;
	c->total = total;
	if (c->left > 0 && --c->left == 0)
		c->cancel = 1;
}

/* Go on for so many steps (0: to the end), as one process does; then c->done is
 * what is done. */
static bool
go_on(unsigned steps, struct counter *c)
{
	struct blk *file = open_file();
	struct inplace *ip = NULL;
	bool paused = true;

	*c = (struct counter){ .left = steps };
	c->p.report = count;
	c->p.cancel = &c->cancel;
	T_OK(inplace_open(file, &from.side, &to.side, &ip, &e));
	if (ip == NULL) {
		blk_close(file);
		return false;
	}
	T_OK(inplace_run(ip, &c->p, &paused, &e));
	T_EQ(c->total, len);
	c->done = inplace_state(ip)->done;
	if (!paused)
		T_OK(inplace_finish(ip, &e));
	inplace_close(ip);
	blk_close(file);
	return paused;
}

/* As whoever has the new key reads it. */
static bool
opens_with_the_new_key(void)
{
	struct blk *b = NULL, *w = NULL, *c = NULL;
	bool same;

	T_OK(file_open(image, 0, to.side.sector_size > 512 &&
	    off % to.side.sector_size == 0 ? to.side.sector_size : 512, &b,
	    &e));
	if (to.side.params == NULL || b->sector_size != to.side.sector_size) {
		blk_close(b);
		return image_is(new);
	}
	T_OK(window_open(b, off, len, &w, &e));
	T_OK(cgd_open(w, &to.params, &to.key, false, &c, &e));
	T_OK(blk_pread(c, now, len, 0, &e));
	same = memcmp(now, plain + off, len) == 0;
	blk_close(c);
	return same;
}

/* -- sides ----------------------------------------------------------------- */

static const struct {
	const char	*name;
	uint32_t	 bits;
} algorithms[] = {
	{ "plain", 0 },
	{ "aes-cbc", 128 },
	{ "aes-xts", 512 },
	{ "adiantum", 256 },
	{ "3des-cbc", 192 },
	{ "blowfish-cbc", 448 },
};

#define N	(sizeof(algorithms) / sizeof(algorithms[0]))

static void
every_pair_of_sides(void)
{
	struct counter c;
	size_t i, j;

	for (i = 0; i < N; i++)
		for (j = 0; j < N; j++) {
			if (i == 0 && j == 0)
				continue;
			side_make(&from, algorithms[i].name,
			    algorithms[i].bits, 512, 1);
			side_make(&to, algorithms[j].name,
			    algorithms[j].bits, 512, 2);
			make_image(5 * 512, 3 * 16384 + 7 * 512);
			begin(16384);
			T(go_on(2, &c));
			T(!image_is(old) && !image_is(new));
			T(!go_on(0, &c));
			if (!image_is(new) || !opens_with_the_new_key())
				T_FAIL("%s to %s", algorithms[i].name,
				    algorithms[j].name);
			T(!exists(state));
		}
}

static void
sectors_of_other_sizes(void)
{
	static const uint32_t sizes[] = { 512, 1024, 2048, 4096 };
	struct counter c;
	size_t i, j;

	for (i = 0; i < 4; i++)
		for (j = 0; j < 4; j++) {
			side_make(&from, "aes-xts", 256, sizes[i], 1);
			side_make(&to, "aes-cbc", 256, sizes[j], 2);
			make_image(8192, 5 * 4096);
			begin(8192);
			T(!go_on(0, &c));
			if (!image_is(new) || !opens_with_the_new_key())
				T_FAIL("%u to %u", sizes[i], sizes[j]);
		}
	/* the partition need not begin at a sector of that size */
	side_make(&to, "aes-cbc", 256, 4096, 2);
	make_image(63 * 512, 5 * 4096);
	begin(8192);
	T(!go_on(0, &c));
	T(image_is(new));
}

/* More than one chunk an area, which threads share. */
static void
large_areas(void)
{
	struct counter c;

	side_make(&from, "aes-cbc", 256, 512, 1);
	side_make(&to, "adiantum", 256, 512, 2);
	make_image(512, ((size_t)2 << 20) + 300 * 1024 + 512);
	begin((size_t)1 << 20);
	T(go_on(2, &c));
	T_EQ(c.done, 2 << 20);
	T(!go_on(0, &c));
	T(image_is(new));
	T_EQ(c.done, len);
	/* the usual one is larger than all of it */
	make_image(512, ((size_t)2 << 20) + 512);
	begin(0);
	T(!go_on(0, &c));
	T(image_is(new));
}

/* -- the state --------------------------------------------------------------- */

static void
usual_sides(void)
{
	side_make(&from, "aes-xts", 256, 512, 1);
	side_make(&to, "adiantum", 256, 512, 2);
	make_image(3 * 512, 10 * 4096 + 512);
}

static void
the_state_tells_what_was_begun(void)
{
	static struct rekey_state st;
	struct counter c;

	usual_sides();
	T_EQ(rekey_read(image, &st, &e), 0);
	begin(4096);
	T_EQ(rekey_read(image, &st, &e), 1);
	T_STR(st.from.algorithm, "aes-xts");
	T_EQ(st.from.keylen, 256);
	T_STR(st.from.params, "/etc/cgd/old");
	T_STR(st.to.algorithm, "adiantum");
	T_STR(st.to.ivmethod, "encblkno1");
	T_STR(st.to.params, "/etc/cgd/new");
	T_STR(st.note, "a note");
	T(st.image[0] == '/' && strstr(st.image, "/image") != NULL);
	T(st.begun > 1000000000);
	T_EQ(st.off, off);
	T_EQ(st.len, len);
	T_EQ(st.done, 0);
	T_EQ(rekey_percent(&st), 0);
	T(go_on(4, &c));
	T_EQ(rekey_read(image, &st, &e), 1);
	T_EQ(st.done, 4 * 4096);
	T_EQ(rekey_percent(&st), 39);
	T(!go_on(0, &c));
	T_EQ(rekey_read(image, &st, &e), 0);
}

static void
base64(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
	    "ghijklmnopqrstuvwxyz0123456789+/";
	uint32_t v;
	size_t i;

	/* whole groups of three: the rest hangs on what follows */
	for (i = 0; i + 3 <= n; i += 3) {
		v = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		*out++ = digits[v >> 6 & 63];
		*out++ = digits[v & 63];
	}
	*out = '\0';
}

static void
look_for(const uint8_t *in, size_t n, const void *what, size_t m)
{
	size_t i;

	for (i = 0; i + m <= n; i++)
		if (memcmp(in + i, what, m) == 0) {
			T_FAIL("a key at byte %zu", i);
			return;
		}
}

/* Half a key would be bad enough. */
static void
look_for_key(const uint8_t *in, size_t n, const struct secret *key)
{
	uint8_t in_params[4 + CGD_KEY_MAX] = { 0, 0, 0 };
	char text[4 * CGD_KEY_MAX];
	size_t i, at;

	for (at = 0; at + 8 <= key->len; at += 8)
		look_for(in, n, key->p + at, 8);
	for (i = 0; i < 8; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", key->p[i]);
	look_for(in, n, text, 16);
	for (i = 0; i < 8; i++)
		(void)snprintf(text + 2 * i, 3, "%02X", key->p[i]);
	look_for(in, n, text, 16);
	base64(key->p, key->len, text);
	look_for(in, n, text, 16);
	in_params[2] = (uint8_t)(key->len * 8 >> 8);
	in_params[3] = (uint8_t)(key->len * 8);
	memcpy(in_params + 4, key->p, key->len);
	base64(in_params, 4 + key->len, text);
	look_for(in, n, text, 16);
}

static void
no_key_is_in_the_state(void)
{
	static uint8_t raw[128 * 1024];
	struct counter c;
	struct stat st;
	ssize_t n;
	int fd;

	usual_sides();
	begin(4096);
	T(go_on(4, &c));
	fd = open(state, O_RDONLY);
	n = read(fd, raw, sizeof(raw));
	T(n > 20000 && n < (ssize_t)sizeof(raw));
	T(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0600);
	(void)close(fd);
	look_for_key(raw, (size_t)n, &from.key);
	look_for_key(raw, (size_t)n, &to.key);
	/* what was plain before is not there either */
	side_make(&from, "", 0, 512, 1);
	make_image(3 * 512, 10 * 4096 + 512);
	begin(4096);
	T(go_on(4, &c));
	fd = open(state, O_RDONLY);
	n = read(fd, raw, sizeof(raw));
	(void)close(fd);
	look_for(raw, (size_t)n, plain + off + 512, 512);
	look_for(raw, (size_t)n, plain + off + 2 * 4096, 512);
}

/* -- who may ----------------------------------------------------------------- */

/* With these keys nothing is opened, and nothing written. */
static void
is_refused(const struct side *a, const struct side *b, const char *what)
{
	static uint8_t before[SIZE_MAX_TESTED];
	struct blk *file = open_file();
	struct inplace *ip = NULL;
	struct stat st, then;

	T(!image_is(old));
	memcpy(before, now, size);
	T(stat(state, &st) == 0);
	T_ERR(inplace_open(file, &a->side, &b->side, &ip, &e), ERR_PERM);
	if (strstr(e.msg, what) == NULL || e.hint[0] == '\0')
		T_FAIL("not %s: %s", what, e.msg);
	T(image_is(before));
	T(stat(state, &then) == 0 &&
	    memcmp(&st.st_mtim, &then.st_mtim, sizeof(st.st_mtim)) == 0);
	blk_close(file);
}

static void
another_key_is_refused(void)
{
	static struct side other;
	struct counter c;

	usual_sides();
	begin(4096);
	T(go_on(4, &c));
	side_make(&other, "aes-xts", 256, 512, 9);
	is_refused(&other, &to, "old key");
	side_make(&other, "adiantum", 256, 512, 9);
	is_refused(&from, &other, "new key");
	side_make(&other, "aes-xts", 512, 512, 1);
	is_refused(&other, &to, "old algorithm");
	side_make(&other, "aes-cbc", 256, 512, 2);
	is_refused(&from, &other, "new algorithm");
	side_make(&other, "adiantum", 256, 4096, 2);
	is_refused(&from, &other, "new sector size");
	side_make(&other, "", 0, 512, 2);
	is_refused(&from, &other, "new side");
	(void)snprintf(to.ivmethod, sizeof(to.ivmethod), "encblkno8");
	is_refused(&from, &to, "new algorithm");
	(void)snprintf(to.ivmethod, sizeof(to.ivmethod), "encblkno1");
	T(!go_on(0, &c));
	T(image_is(new));
	side_make(&other, "", 0, 512, 0);
}

static void
nobody_else_may_open_it(void)
{
	struct blk *b = NULL, *second = NULL;
	struct counter c;
	bool can;

	usual_sides();
	begin(4096);
	T(go_on(4, &c));
	T_ERR(file_open(image, 0, 0, &b, &e), ERR_HELD);
	T(strstr(e.msg, "image: is being re-encrypted: 39% is under the new "
	    "key") != NULL);
	T(strstr(e.hint, "drydock rekey --resume /") != NULL);
	T_ERR(file_open(image, FILE_WRITE, 0, &b, &e), ERR_HELD);
	T_ERR(overlay_can_undo(image, &can, &e), ERR_HELD);
	/* who may: one at a time */
	b = open_file();
	T_ERR(file_open(image, FILE_WRITE | FILE_REKEY, 0, &second, &e),
	    ERR_HELD);
	T_OK(file_open(image, FILE_REKEY, 0, &second, &e));
	blk_close(second);
	blk_close(b);
	T(!go_on(0, &c));
	T_OK(file_open(image, FILE_WRITE, 0, &b, &e));
	blk_close(b);
}

/* By a link in another folder, too; but another file in its place is free. */
static void
it_is_the_file_that_is_refused(void)
{
	struct blk *b = NULL;
	char link[600];
	struct counter c;

	usual_sides();
	begin(4096);
	T(go_on(2, &c));
	T(mkdir(scratch("elsewhere"), 0700) == 0);
	(void)snprintf(link, sizeof(link), "%s", scratch("elsewhere/link"));
	T(symlink(image, link) == 0);
	T_ERR(file_open(link, 0, 0, &b, &e), ERR_HELD);
	put(scratch("other"), new, size);
	T(rename(scratch("other"), image) == 0);
	T_OK(file_open(image, FILE_WRITE, 0, &b, &e));
	blk_close(b);
	T_OK(file_open(link, 0, 0, &b, &e));
	blk_close(b);
	(void)unlink(state);
}

static void
the_percents_of_all_ways(void)
{
	struct blk *b = NULL;
	struct counter c;

	side_make(&from, "", 0, 512, 1);
	side_make(&to, "adiantum", 256, 512, 2);
	make_image(512, 10 * 4096);
	begin(4096);
	T_ERR(file_open(image, 0, 0, &b, &e), ERR_HELD);
	T(strstr(e.msg, "is being encrypted: 0% is under") != NULL);
	T(!go_on(0, &c));
	side_make(&from, "adiantum", 256, 512, 2);
	side_make(&to, "", 0, 512, 1);
	make_image(512, 10 * 4096);
	begin(4096);
	T(go_on(5, &c));
	T_ERR(file_open(image, 0, 0, &b, &e), ERR_HELD);
	T(strstr(e.msg, "is being decrypted: 50% is plain") != NULL);
	T(!go_on(0, &c));
	T(image_is(new));
}

/* -- pauses ------------------------------------------------------------------ */

static void
pause_and_go_on(void)
{
	struct inplace *ip = NULL;
	char pause[720];
	struct blk *file;
	struct counter c;
	bool paused = false;

	usual_sides();
	(void)snprintf(pause, sizeof(pause), "%s.pause", state);
	T_ERR(inplace_ask_pause(image, &e), ERR_NOENT);
	begin(4096);
	T_ERR(inplace_ask_pause(image, &e), ERR_NOENT);
	T(strstr(e.hint, "--resume") != NULL);
	T(!exists(pause));
	/* one that nobody saw is forgotten by the next */
	put(pause, old, 0);
	T(go_on(1, &c));
	T_EQ(c.done, 4096);
	T(!exists(pause));

	file = open_file();
	T_OK(inplace_open(file, &from.side, &to.side, &ip, &e));
	T_EQ(inplace_state(ip)->done, 4096);
	T_OK(inplace_ask_pause(image, &e));
	T(exists(pause));
	T_OK(inplace_ask_pause(image, &e));
	T_OK(inplace_run(ip, NULL, &paused, &e));
	T(paused && !exists(pause));
	T_EQ(inplace_state(ip)->done, 4096);
	T_ERR(inplace_finish(ip, &e), ERR_RECOVER);
	T(exists(state));
	T_OK(inplace_run(ip, NULL, &paused, &e));
	T(!paused);
	T_OK(inplace_finish(ip, &e));
	inplace_close(ip);
	blk_close(file);
	T(image_is(new) && !exists(state));
}

/* Each step by a process of its own. */
static void
pause_after_each_step(void)
{
	struct counter c;
	unsigned n = 0;

	usual_sides();
	begin(4096);
	while (go_on(1, &c)) {
		n++;
		T_EQ(c.done, n * 4096);
	}
	T_EQ(n, 10);
	T(image_is(new));
}

/* What was begun, and not gone on with, may be given up. */
static void
give_up_before_the_first_step(void)
{
	struct inplace *ip = NULL;
	struct blk *file;

	usual_sides();
	begin(4096);
	file = open_file();
	T_OK(inplace_open(file, &from.side, &to.side, &ip, &e));
	T_OK(inplace_finish(ip, &e));
	inplace_close(ip);
	T_ERR(inplace_open(file, &from.side, &to.side, &ip, &e), ERR_NOENT);
	blk_close(file);
	T(image_is(old) && !exists(state));
}

/* -- refusals at the begin ------------------------------------------------- */

static void
begin_refuses(struct inplace_plan p, enum dd_code code)
{
	struct blk *file = open_file();

	T_ERR(inplace_begin(file, &p, &e), code);
	blk_close(file);
	T(image_is(old));
}

static void
what_is_not_begun(void)
{
	static char long_path[REKEY_TEXT + 1];
	struct inplace_plan p;
	char other[600];

	usual_sides();
	p = plan_of(4096);
	p.from = p.to = (struct recrypt_side){ .sector_size = 512 };
	begin_refuses(p, ERR_USAGE);
	p = plan_of(4096);
	p.len = 0;
	begin_refuses(p, ERR_USAGE);
	p = plan_of(4096);
	p.len = size;
	begin_refuses(p, ERR_USAGE);
	p = plan_of(4096);
	p.off = UINT64_MAX - 511;
	begin_refuses(p, ERR_USAGE);
	p = plan_of(4096);
	p.to.sector_size = 4096;
	begin_refuses(p, ERR_UNSUP);
	p = plan_of(4096);
	memset(long_path, 'x', REKEY_TEXT);
	p.to_path = long_path;
	begin_refuses(p, ERR_UNSUP);
	(void)snprintf(other, sizeof(other), "%s", scratch("other"));
	T(link(image, other) == 0);
	begin_refuses(plan_of(4096), ERR_UNSUP);
	T(unlink(other) == 0);
	T(!exists(state));
	begin(4096);
	begin_refuses(plan_of(4096), ERR_EXIST);
}

/* The way back of an earlier change holds what was plain. */
static void
the_way_back_is_forgotten(void)
{
	struct blk *b = NULL, *o = NULL;
	bool can = false;

	usual_sides();
	T_OK(file_open(image, FILE_WRITE, 0, &b, &e));
	T_OK(overlay_open(b, OVERLAY_KEEP_UNDO, &o, &e));
	T_OK(blk_pwrite(o, new + off, 512, off, BLK_JOURNALED, &e));
	T_OK(blk_flush(o, &e));
	blk_close(o);
	T_OK(overlay_can_undo(image, &can, &e));
	T(can);
	begin(4096);
	(void)unlink(state);
	T_OK(overlay_can_undo(image, &can, &e));
	T(!can);
}

/* -- damage -------------------------------------------------------------------- */

static void
flip_byte(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	uint8_t byte = 0;

	T(pread(fd, &byte, 1, at) == 1);
	byte ^= 0x10;
	T(pwrite(fd, &byte, 1, at) == 1);
	(void)close(fd);
}

static void
does_not_open(enum dd_code code)
{
	struct blk *file = open_file();
	struct inplace *ip = NULL;

	(void)image_is(new);
	memcpy(plain, now, size);
	T_ERR(inplace_open(file, &from.side, &to.side, &ip, &e), code);
	T(e.hint[0] != '\0');
	blk_close(file);
	T(image_is(plain));
}

static void
damage_is_found(void)
{
	struct blk *b = NULL;
	struct counter c;
	off_t slot;

	usual_sides();
	begin(4096);
	T(go_on(3, &c));
	/* the header: nobody knows which part is under which key */
	flip_byte(state, 50);
	T_ERR(file_open(image, 0, 0, &b, &e), ERR_CORRUPT);
	does_not_open(ERR_CORRUPT);
	flip_byte(state, 50);
	flip_byte(state, 20000);
	does_not_open(ERR_CORRUPT);
	flip_byte(state, 20000);
	/* both slots */
	slot = (off_t)REKEY_HEADER;
	flip_byte(state, slot + 5000);
	flip_byte(state, slot + 8192 + 5000);
	does_not_open(ERR_CORRUPT);
	flip_byte(state, slot + 5000);
	flip_byte(state, slot + 8192 + 5000);
	/* the step before the last is on the image, or somebody else wrote */
	flip_byte(image, (off_t)off + 4096 + 7);
	does_not_open(ERR_CORRUPT);
	T(strstr(e.msg, "somebody else") != NULL);
	flip_byte(image, (off_t)off + 4096 + 7);
	T(truncate(image, (off_t)size + 512) == 0);
	size += 512;
	does_not_open(ERR_CORRUPT);
	size -= 512;
	T(truncate(image, (off_t)size) == 0);
	T(!go_on(0, &c));
	T(image_is(new));
}

/* One that came back from an earlier re-encryption of the same file. */
static void
the_slot_of_another_time_counts_as_none(void)
{
	static uint8_t slot[8192];
	struct counter c;
	int fd;

	usual_sides();
	begin(4096);
	T(go_on(1, &c));
	fd = open(state, O_RDONLY);
	T(pread(fd, slot, sizeof(slot), (off_t)REKEY_HEADER) ==
	    (ssize_t)sizeof(slot));
	(void)close(fd);
	side_make(&to, "adiantum", 256, 512, 3);
	make_image(3 * 512, 10 * 4096 + 512);
	begin(4096);
	fd = open(state, O_WRONLY);
	T(pwrite(fd, slot, sizeof(slot), (off_t)REKEY_HEADER) ==
	    (ssize_t)sizeof(slot));
	(void)close(fd);
	T(!go_on(0, &c));
	T(image_is(new));
}

/* -- no space ------------------------------------------------------------------ */

static int room;

static int
little_room(int fd, uint64_t at, uint64_t n, const char *name,
    struct dd_err *err)
{
	if (room-- <= 0)
		return dd_fail_sys(err, ENOSPC, "%s: allocating space", name);
	return disk_io_host.allocate(fd, at, n, name, err);
}

/* The space of a sparse image is had before each step, not in the middle. */
static void
a_sparse_image_needs_space(void)
{
	struct disk_io io = disk_io_host;
	struct inplace *ip = NULL;
	struct counter c;
	struct blk *file;
	bool paused;
	int fd;

	side_make(&from, "", 0, 512, 1);
	side_make(&to, "adiantum", 256, 512, 2);
	make_image(0, (size_t)1 << 20);
	memset(old, 0, len);
	memset(new, 0, len);
	side_encrypt(&to, new, len);
	fd = open(image, O_RDWR);
	T(ftruncate(fd, 0) == 0 && ftruncate(fd, (off_t)size) == 0 &&
	    pwrite(fd, old + len, size - len, (off_t)len) ==
	    (ssize_t)(size - len));
	(void)close(fd);
	begin(65536);
	io.allocate = little_room;
	room = 2;
	file = open_file();
	file_set_io(file, &io);
	T_OK(inplace_open(file, &from.side, &to.side, &ip, &e));
	T_ERR(inplace_run(ip, NULL, &paused, &e), ERR_RECOVER);
	T_EQ(e.sys, ENOSPC);
	T(strstr(e.hint, "make room") != NULL);
	T_ERR(inplace_run(ip, NULL, &paused, &e), ERR_RECOVER);
	T_EQ(inplace_state(ip)->done, 2 * 65536);
	inplace_close(ip);
	blk_close(file);
	T(!image_is(old));
	T(memcmp(now, new, 2 * 65536) == 0 &&
	    memcmp(now + 2 * 65536, old + 2 * 65536, size - 2 * 65536) == 0);
	T(!go_on(0, &c));
	T(image_is(new));
}

int
main(void)
{
	T_RUN(every_pair_of_sides);
	T_RUN(sectors_of_other_sizes);
	T_RUN(large_areas);
	T_RUN(the_state_tells_what_was_begun);
	T_RUN(no_key_is_in_the_state);
	T_RUN(another_key_is_refused);
	T_RUN(nobody_else_may_open_it);
	T_RUN(it_is_the_file_that_is_refused);
	T_RUN(the_percents_of_all_ways);
	T_RUN(pause_and_go_on);
	T_RUN(pause_after_each_step);
	T_RUN(give_up_before_the_first_step);
	T_RUN(what_is_not_begun);
	T_RUN(the_way_back_is_forgotten);
	T_RUN(damage_is_found);
	T_RUN(the_slot_of_another_time_counts_as_none);
	T_RUN(a_sparse_image_needs_space);
	side_make(&from, "", 0, 512, 0);
	side_make(&to, "", 0, 512, 0);
	return t_done();
}
