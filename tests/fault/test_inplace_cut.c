/*
 * The power goes at every call of a re-encryption in place, and of the recovery
 * after it; and every call fails.  Whatever sectors of what was not fsync'ed
 * came to the disk: who goes on ends with every sector under the new key.
 */
#include "core/cgd/inplace.h"
#include "tests/fault/cut.h"
#include "tests/unit/rekey_sides.h"

#define OFF	((size_t)3 * 512)
#define AREA	((size_t)4096)

static struct dd_err e;
static struct side from, to;
static size_t len;		/* of the region: not of whole areas */
static uint8_t old[IMAGE_SIZE], new[IMAGE_SIZE], now[IMAGE_SIZE];
static unsigned long cases;
static int begun;		/* events of the begin */

static int
open_recorded(struct blk **file)
{
	dd_err_clear(&e);
	if (file_open(names[F_IMAGE], FILE_WRITE | FILE_REKEY, 0, file,
	    &e) == -1)
		return -1;
	file_set_io(*file, &recorder);
	return 0;
}

/* Go on with what is there, to the end. */
static int
resume_in(struct blk *file)
{
	struct inplace *ip = NULL;
	bool paused = true;
	int rc;

	if (inplace_open(file, &from.side, &to.side, &ip, &e) == -1)
		return -1;
	rc = inplace_run(ip, NULL, &paused, &e);
	if (rc == 0 && !paused)
		rc = inplace_finish(ip, &e);
	inplace_close(ip);
	return rc;
}

static int
resume(void)
{
	struct blk *file = NULL;
	int rc = -1;

	if (open_recorded(&file) == 0)
		rc = resume_in(file);
	blk_close(file);
	return rc;
}

static int
begin_in(struct blk *file)
{
	const struct inplace_plan plan = { .from = from.side, .to = to.side,
	    .from_path = "/etc/cgd/old", .to_path = "/etc/cgd/new",
	    .off = OFF, .len = len, .area = AREA };

	return inplace_begin(file, &plan, &e);
}

static int
run_all(void)
{
	struct blk *file = NULL;
	int rc = -1;

	nevents = ncalls = begun = 0;
	if (open_recorded(&file) == 0 && begin_in(file) == 0) {
		begun = nevents;
		rc = resume_in(file);
	}
	blk_close(file);
	return rc;
}

static bool
image_is(const uint8_t *what)
{
	return get_file(names[F_IMAGE], now, IMAGE_SIZE) == IMAGE_SIZE &&
	    memcmp(now, what, IMAGE_SIZE) == 0;
}

static bool
state_is_there(void)
{
	struct stat st;

	return lstat(names[F_STATE], &st) == 0 && st.st_size > 0;
}

static void
fresh(void)
{
	put_file(names[F_IMAGE], old, IMAGE_SIZE);
	(void)unlink(names[F_STATE]);
	(void)unlink(names[F_NEW]);
}

static void
fresh_disk(struct disk *d)
{
	memset(d, 0, sizeof(*d));
	d->f[F_IMAGE].there = true;
	d->f[F_IMAGE].len = IMAGE_SIZE;
	memcpy(d->f[F_IMAGE].data, old, IMAGE_SIZE);
}

/* Nobody else may open it exactly while there is a state. */
static void
judge_guard(const char *what, int k)
{
	struct blk *b = NULL;
	bool refused;

	dd_err_clear(&e);
	refused = file_open(names[F_IMAGE], 0, 0, &b, &e) == -1;
	blk_close(b);
	if (refused != state_is_there() || (refused && e.code != ERR_HELD))
		T_FAIL("%s %d: refused %d: %s", what, k, refused, e.msg);
}

/* In what a cut left: it can always be brought to its end. */
static void
judge(const char *what, int k, const struct choice *c)
{
	cases++;
	judge_guard(what, k);
	nevents = 0;
	if (!state_is_there()) {
		if (!image_is(old) && !image_is(new))
			T_FAIL("%s %d/%d-%u: no state, and a torn image",
			    what, k, c->how, c->n);
		else if (image_is(old) && run_all() == -1)
			T_FAIL("%s %d/%d-%u: not begun again: %s", what, k,
			    c->how, c->n, e.msg);
	} else if (resume() == -1)
		T_FAIL("%s %d/%d-%u: %s", what, k, c->how, c->n, e.msg);
	if (!image_is(new))
		T_FAIL("%s %d/%d-%u: not as it should be", what, k, c->how,
		    c->n);
	if (exists(names[F_STATE]) && state_is_there())
		T_FAIL("%s %d/%d-%u: the state stays", what, k, c->how, c->n);
}

/* The log that is played, while others are recorded. */
static struct event kept[EVENTS_MAX];
static int nkept;

static void
keep(void)
{
	int i;

	for (i = 0; i < nevents; i++) {
		if (nkept == EVENTS_MAX) {
			printf("not ok - too long a log\n");
			exit(1);
		}
		kept[nkept++] = events[i];
		events[i].data = NULL;
	}
	nevents = 0;
}

static void
forget_from(int n)
{
	while (nkept > n)
		free(kept[--nkept].data);
}

static void
try(const struct disk *base, const char *what, int k, const struct choice *c)
{
	static struct disk d;

	d = *base;
	cut(&d, kept, nkept, k, c);
	put_disk(&d);
	judge(what, k, c);
}

/* Each choice of what a cut in event k may leave: first sectors, last ones,
 * one, all but one; and every set where there are few, else some.  few: of
 * each kind some only. */
static void
try_all(const struct disk *base, const char *what, int k, bool few)
{
	uint32_t total = pending(kept, nkept, k), n, step = 1;
	uint32_t sets = total <= 8 ? 1U << total : 64;

	if (few) {
		step = total / 3 + 1;
		sets = total == 0 ? 1 : 8;
	}
	for (n = 0; n < sets; n++)
		try(base, what, k, &(struct choice){ BITS, n });
	if (total <= 8 && !few)
		return;
	for (n = 0; n <= total; n += step)
		try(base, what, k, &(struct choice){ FIRST, n });
	for (n = 1; n < total; n += step)
		try(base, what, k, &(struct choice){ LAST, n });
	for (n = 0; n < total; n += step) {
		try(base, what, k, &(struct choice){ ONLY, n });
		try(base, what, k, &(struct choice){ BUT, n });
	}
}

static void
record_all(void)
{
	fresh();
	T_OK(run_all());
	T(image_is(new) && !exists(names[F_STATE]) && !exists(names[F_NEW]));
	forget_from(0);
	keep();
}

static void
every_cut_is_mended(void)
{
	static struct disk d;
	int k;

	record_all();
	fresh_disk(&d);
	T(nkept > 20);
	for (k = 0; k <= nkept; k++)
		try_all(&d, "cut", k, false);
}

/* A disk as a cut left it, and the record of who went on. */
static void
resume_from(const struct disk *d)
{
	put_disk(d);
	nevents = 0;
	T_OK(resume());
	T(image_is(new));
	forget_from(0);
	keep();
}

static void
every_cut_of_the_recovery_is_mended(void)
{
	static const struct choice choices[] = { { FIRST, 0 }, { BITS, 5 },
	    { LAST, 3 }, { FIRST, 1000 } };
	static struct disk start, d;
	int k, n, k2, first;
	size_t i;

	record_all();
	n = nkept;
	first = begun;
	fresh_disk(&start);
	for (k = first; k < n - 4; k++)
		for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
			if (i > 0 || k > first)
				record_all();
			d = start;
			cut(&d, kept, nkept, k, &choices[i]);
			resume_from(&d);
			for (k2 = 0; k2 < 8 && k2 <= nkept; k2++)
				try_all(&d, "recovery", k2, true);
		}
}

/* Not the power goes, but the process: what it wrote is read back, and yet is
 * not on the disk.  Then the power goes while another goes on. */
static void
a_kill_then_a_cut(void)
{
	static struct disk start, d;
	int k, n, k2;

	record_all();
	n = nkept;
	fresh_disk(&start);
	for (k = begun; k < n - 4; k++) {
		record_all();
		d = start;
		/* all of it, as memory has it */
		cut(&d, kept, nkept, k, &(struct choice){ FIRST, 100000 });
		put_disk(&d);
		nevents = 0;
		T_OK(resume());
		forget_from(k + 1);
		keep();
		for (k2 = k; k2 < k + 10 && k2 <= nkept; k2++)
			try_all(&start, "kill", k2, true);
	}
}

/* -- calls that fail ------------------------------------------------------- */

/* It fails at call n; then the power goes at any moment of a second try. */
static void
fail_then_cut(const struct disk *start, int n)
{
	int k, failed = nevents;

	forget_from(0);
	keep();
	nevents = 0;
	if (!state_is_there())
		return;
	T_OK(resume());
	if (!image_is(new))
		T_FAIL("call %d: not as it should be", n);
	keep();
	for (k = failed - 1; k < failed + 8 && k <= nkept; k++)
		try_all(start, "failed", k, true);
}

static void
every_call_may_fail(void)
{
	static const int errnos[] = { ENOSPC, EIO };
	static struct disk start;
	int n, i, total;

	fresh();
	T_OK(run_all());
	total = ncalls;
	T(total > 30);
	fresh_disk(&start);
	for (n = 0; n < total; n++)
		for (i = 0; i < 2; i++) {
			fresh();
			fail_at = n;
			fail_errno = errnos[i];
			dd_err_clear(&e);
			if (run_all() == 0)
				T_FAIL("call %d failed, and nobody cared", n);
			else if (e.sys != fail_errno)
				T_FAIL("call %d: %s", n, e.msg);
			else if (begun != 0 && e.code == ERR_RECOVER &&
			    e.hint[0] == '\0')
				T_FAIL("call %d: no hint", n);
			fail_at = -1;
			cases++;
			if (begun == 0 && (state_is_there() || !image_is(old)))
				T_FAIL("call %d: not begun, and left: %s", n,
				    e.msg);
			judge_guard("call", n);
			fail_then_cut(&start, n);
		}
}

/* The image may be written to by then: its state must not come back. */
static void
a_finish_that_fails_leaves_no_state(void)
{
	static struct disk start, d;
	int total;

	fresh();
	T_OK(run_all());
	total = ncalls;
	fresh();
	fail_at = total - 1;
	fail_errno = EIO;
	T_EQ(run_all(), -1);
	fail_at = -1;
	T(image_is(new) && !state_is_there());
	forget_from(0);
	keep();
	fresh_disk(&start);
	d = start;
	cut(&d, kept, nkept, nkept, &(struct choice){ FIRST, 0 });
	T(d.f[F_STATE].there && d.f[F_STATE].len == 0);
	/* such a one counts as none, and is in nobody's way */
	put_disk(&d);
	judge_guard("empty", 0);
	put_file(names[F_IMAGE], old, IMAGE_SIZE);
	T_OK(run_all());
	T(image_is(new) && !exists(names[F_STATE]));
}

/* The recovery's calls, too. */
static void
every_call_of_the_recovery_may_fail(void)
{
	static struct disk start, d;
	int k, n, total;

	record_all();
	fresh_disk(&start);
	for (k = begun; k < nkept - 4; k++) {
		d = start;
		cut(&d, kept, nkept, k, &(struct choice){ BITS, 9 });
		put_disk(&d);
		nevents = ncalls = 0;
		T_OK(resume());
		total = ncalls;
		for (n = 0; n < total; n++) {
			put_disk(&d);
			nevents = ncalls = 0;
			fail_at = n;
			fail_errno = EIO;
			if (resume() == 0)
				T_FAIL("recovery call %d failed, and nobody "
				    "cared", n);
			fail_at = -1;
			judge("recovery call", n, &(struct choice){ BITS, 9 });
		}
	}
}

/* -- sides ------------------------------------------------------------------- */

static void
set_up(const char *a, uint32_t abits, uint32_t asize, const char *b,
    uint32_t bbits, uint32_t bsize)
{
	struct stat st;

	side_make(&from, a, abits, asize, 1);
	side_make(&to, b, bbits, bsize, 2);
	len = asize == 4096 || bsize == 4096 ? 40 * 512 : 36 * 512;
	side_plain(old, IMAGE_SIZE);
	memcpy(new, old, IMAGE_SIZE);
	side_encrypt(&from, old + OFF, len);
	side_encrypt(&to, new + OFF, len);
	put_file(names[F_IMAGE], old, IMAGE_SIZE);
	if (stat(names[F_IMAGE], &st) == -1)
		exit(1);
	(void)snprintf(names[F_STATE], sizeof(names[0]),
	    "%s.drydock-%llu.rekey", scratch(""),
	    (unsigned long long)st.st_ino);
	(void)snprintf(names[F_NEW], sizeof(names[0]),
	    "%s.drydock-%llu.rekey.new", scratch(""),
	    (unsigned long long)st.st_ino);
	printf("# %s/%u to %s/%u\n", a, asize, b, bsize);
}

int
main(void)
{
	(void)snprintf(names[F_IMAGE], sizeof(names[0]), "%s",
	    scratch("image"));
	set_up("aes-xts", 256, 512, "adiantum", 256, 512);
	T_RUN(every_cut_is_mended);
	T_RUN(every_cut_of_the_recovery_is_mended);
	T_RUN(a_kill_then_a_cut);
	T_RUN(every_call_may_fail);
	T_RUN(a_finish_that_fails_leaves_no_state);
	T_RUN(every_call_of_the_recovery_may_fail);
	set_up("plain", 0, 512, "aes-cbc", 256, 4096);
	T_RUN(every_cut_is_mended);
	T_RUN(a_kill_then_a_cut);
	set_up("blowfish-cbc", 128, 512, "plain", 0, 512);
	T_RUN(every_cut_is_mended);
	side_make(&from, "", 0, 512, 0);
	side_make(&to, "", 0, 512, 0);
	forget_from(0);
	printf("# %lu cases\n", cases);
	return t_done();
}
