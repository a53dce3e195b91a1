/*
 * The commit, stopped everywhere, by a crash and by a call that fails: in each
 * state a reader and then a writer must find the old image or the new one,
 * whole; and where the way back is offered then, it must be the right one.
 */
#include "tests/fault/crash.h"

static uint8_t seen[IMAGE_SIZE], after[IMAGE_SIZE];

/* An earlier commit, whose way back is there at the start: it changed what
 * this one doesn't. */
static bool earlier;
static uint8_t older[IMAGE_SIZE], older_undo[JOURNAL_MAX];
static size_t older_len;

static bool taking_back;	/* not the commit is played, but its undo */
static bool offered;
static unsigned long taken[2];	/* of this commit, of the earlier one */

/* Where the way back is offered, it leads to the very state before; what is
 * free there apart, if it is this commit's. */
static void
judge_undo(const char *what, int k, int seed)
{
	bool can = false, this = is_new(after);
	struct blk *b = NULL;

	offered = false;
	nevents = 0;
	if (exists(names[F_UNDO_NEW]))
		T_FAIL("%s %d/%d: .undo.new stays", what, k, seed);
	T_OK(overlay_can_undo(names[F_IMAGE], &can, &e));
	if (!can)
		return;
	T_OK(open_recorded(FILE_WRITE, &b));
	T_OK(undo_take(b, NULL, &e));
	blk_close(b);
	(void)get_file(names[F_IMAGE], seen, IMAGE_SIZE);
	if (this ? !is_old(seen) :
	    !earlier || memcmp(seen, older, IMAGE_SIZE) != 0)
		T_FAIL("%s %d/%d: undone, but not what was before", what, k,
		    seed);
	taken[!this]++;
	offered = true;
}

/* In the state that is there: a reader, then a writer. */
static void
look(const char *what, int k, int seed)
{
	struct blk *b = NULL;
	bool was_there = exists(names[F_REDO]), pending = false;
	bool was_new = exists(names[F_UNDO_NEW]);

	cases++;
	if (!mark_holds(img))
		T_FAIL("%s %d/%d: half written and not marked", what, k,
		    seed);
	T_OK(overlay_pending(names[F_IMAGE], &pending, &e));
	if (open_overlay(0, &b) == -1) {
		T_FAIL("%s %d/%d: reader: %s", what, k, seed, e.msg);
		return;
	}
	T_OK(blk_pread(b, seen, IMAGE_SIZE, 0, &e));
	blk_close(b);
	if (!is_old(seen) && !is_new(seen))
		T_FAIL("%s %d/%d: a reader finds neither", what, k, seed);
	if (pending && (taking_back ? !is_old(seen) : !is_new(seen)))
		T_FAIL("%s %d/%d: pending, but not done", what, k, seed);
	(void)get_file(names[F_IMAGE], after, IMAGE_SIZE);
	if (memcmp(after, img, IMAGE_SIZE) != 0 ||
	    exists(names[F_REDO]) != was_there ||
	    exists(names[F_UNDO_NEW]) != was_new)
		T_FAIL("%s %d/%d: a reader has written", what, k, seed);

	if (open_overlay(FILE_WRITE, &b) == -1) {
		T_FAIL("%s %d/%d: writer: %s", what, k, seed, e.msg);
		return;
	}
	blk_close(b);
	(void)get_file(names[F_IMAGE], after, IMAGE_SIZE);
	if (memcmp(after, seen, IMAGE_SIZE) != 0)
		T_FAIL("%s %d/%d: writer and reader differ", what, k, seed);
	if (exists(names[F_REDO]))
		T_FAIL("%s %d/%d: the journal stays", what, k, seed);
	judge_undo(what, k, seed);
}

/* The same state, but somebody else writes one sector before. */
static void
look_after_stranger(int k, int seed)
{
	uint32_t x = (uint32_t)(k * 31 + seed + 5);
	struct blk *b = NULL;
	char aside[800];
	bool pending = false, can = true;
	size_t at;

	do
		at = rnd(&x) % (IMAGE_SIZE / 512);
	while (use[at] < 2);
	img[at * 512 + 5] ^= 0xaa;
	put_state();
	(void)snprintf(aside, sizeof(aside), "%s.refused-1", names[F_REDO]);
	(void)unlink(aside);
	cases++;
	T_OK(overlay_pending(names[F_IMAGE], &pending, &e));
	if (!pending)
		return;
	if (open_overlay(0, &b) == 0 || e.code != ERR_RECOVER)
		T_FAIL("stranger %d/%d: a reader: %s", k, seed, e.msg);
	if (open_overlay(FILE_WRITE, &b) == 0 || e.code != ERR_RECOVER ||
	    e.hint[0] == '\0')
		T_FAIL("stranger %d/%d: not refused: %s", k, seed, e.msg);
	(void)get_file(names[F_IMAGE], after, IMAGE_SIZE);
	if (memcmp(after, img, IMAGE_SIZE) != 0)
		T_FAIL("stranger %d/%d: written", k, seed);
	if (exists(names[F_REDO]) || !exists(aside))
		T_FAIL("stranger %d/%d: the journal is not aside", k, seed);
	if (open_overlay(FILE_WRITE, &b) == -1)
		T_FAIL("stranger %d/%d: afterwards: %s", k, seed, e.msg);
	else
		blk_close(b);
	T_OK(overlay_can_undo(names[F_IMAGE], &can, &e));
	if (can || exists(names[F_UNDO_NEW]))
		T_FAIL("stranger %d/%d: can be undone", k, seed);
}

static void
fresh_image(void)
{
	enum file f;

	old_image();
	for (f = F_REDO; f < F_N; f++)
		(void)unlink(names[f]);
	if (earlier)
		put_file(names[F_UNDO], older_undo, older_len);
}

/* Run the transaction once; its record is in events. */
static void
run_once(void)
{
	struct blk *b = NULL;

	fresh_image();
	nevents = ncalls = 0;
	if (open_overlay(FILE_WRITE, &b) == -1)
		exit(1);
	T_EQ(write_all(b), 0);
	T_OK(blk_flush(b, &e));
	blk_close(b);
	(void)get_file(names[F_IMAGE], after, IMAGE_SIZE);
	T(is_new(after));
	T(!exists(names[F_REDO]));
}

/* The record is made anew by every overlay: keep the one to be played. */
static struct event kept[EVENTS_MAX];
static int nkept;

static void
forget_kept(void)
{
	int i;

	/* behind the last there may be some of a longer record */
	for (i = 0; i < EVENTS_MAX; i++)
		free(kept[i].data);
	memset(kept, 0, sizeof(kept));
	nkept = 0;
}

static void
keep_record(void)
{
	forget_kept();
	memcpy(kept, events, sizeof(events));
	memset(events, 0, sizeof(events));
	nkept = nevents;
	nevents = 0;
}

static void
crash_kept(int k, int seed)
{
	static struct event now[EVENTS_MAX];
	int n = nevents;

	memcpy(now, events, sizeof(events));
	memcpy(events, kept, sizeof(events));
	nevents = nkept;
	crash(k, seed);
	memcpy(events, now, sizeof(events));
	nevents = n;
}

static void
start_old(void)
{
	enum file f;

	memcpy(img, old, IMAGE_SIZE);
	for (f = F_REDO; f < F_N; f++)
		beside[f].there = false;
	beside[F_UNDO].there = earlier;
	beside[F_UNDO].len = older_len;
	memcpy(beside[F_UNDO].data, older_undo, older_len);
}

static void
every_crash_leaves_old_or_new(void)
{
	int k, seed;

	run_once();
	keep_record();
	for (k = 0; k <= nkept; k++)
		for (seed = 0; seed < SEEDS; seed++) {
			start_old();
			crash_kept(k, seed);
			put_state();
			nevents = 0;
			look("crash", k, seed);
			if (k == nkept && !is_new(after))
				T_FAIL("done, and not new");
			if (k == nkept && offered != (flags != 0))
				T_FAIL("done, and %soffered to be undone",
				    offered ? "" : "not ");
			start_old();
			crash_kept(k, seed);
			nevents = 0;
			look_after_stranger(k, seed);
		}
}

/* The event at which the journal is whole: its folder is fsync'ed. */
static int
journal_is_whole(void)
{
	bool begun = false;
	int i;

	for (i = 0; i < nkept; i++) {
		begun |= kept[i].kind == CREATE && kept[i].file == F_REDO;
		if (begun && kept[i].kind == SYNC_DIR)
			return i + 1;
	}
	return -1;
}

static void
a_crash_of_the_replay_too(void)
{
	static uint8_t half[IMAGE_SIZE];
	static struct beside whole[F_N];
	static struct event commit[EVENTS_MAX];
	int k, seed, start, from = journal_is_whole(), ncommit = nkept;
	struct blk *b = NULL;
	bool redo;

	memcpy(commit, kept, sizeof(kept));
	for (start = from; start < ncommit - 3; start += 7) {
		memcpy(kept, commit, sizeof(kept));
		nkept = ncommit;
		start_old();
		crash_kept(start, 7);
		memcpy(half, img, IMAGE_SIZE);
		memcpy(whole, beside, sizeof(whole));
		put_state();
		nevents = 0;
		if (!beside[F_REDO].there ||
		    open_overlay(FILE_WRITE, &b) == -1) {
			T_FAIL("replay from %d: %s", start, e.msg);
			continue;
		}
		blk_close(b);
		memset(kept, 0, sizeof(kept));	/* they are in commit */
		keep_record();
		for (k = 0; k <= nkept; k++)
			for (seed = 0; seed < 4; seed++) {
				memcpy(img, half, IMAGE_SIZE);
				memcpy(beside, whole, sizeof(whole));
				crash_kept(k, seed);
				/* the way back may go with the redo journal,
				 * of whose change nobody was told yet */
				redo = k == nkept || (beside[F_REDO].there &&
				    beside[F_REDO].len == whole[F_REDO].len);
				put_state();
				nevents = 0;
				look("replay", k, seed);
				if (!is_new(after))
					T_FAIL("replay %d/%d: not new", k,
					    seed);
				if (offered != (flags != 0) &&
				    (redo || offered))
					T_FAIL("replay %d/%d: to be undone "
					    "or not?", k, seed);
			}
		forget_kept();
	}
	memcpy(kept, commit, sizeof(kept));
	nkept = ncommit;
}

static void
a_torn_journal_counts_as_none(void)
{
	struct beside *j = &beside[F_REDO];
	static struct beside whole[F_N];
	static uint8_t direct[IMAGE_SIZE];
	size_t at, len, i;
	int how;

	start_old();
	crash_kept(journal_is_whole() - 1, 1);
	memcpy(direct, img, IMAGE_SIZE);
	memcpy(whole, beside, sizeof(whole));
	len = j->len;
	T(len > 65536);
	for (at = 0; at <= len; at += 512)
		for (how = 0; how < 3; how++) {
			memcpy(img, direct, IMAGE_SIZE);
			memcpy(beside, whole, sizeof(whole));
			if (how == 0)
				j->len = at;
			for (i = at; i < at + 512 && i < j->len; i++)
				j->data[i] = how == 1 ? 0 :
				    (uint8_t)(j->data[i] + 1);
			put_state();
			nevents = 0;
			look("torn", (int)(at / 512), how);
			if (j->len == len && memcmp(j->data,
			    whole[F_REDO].data, len) == 0) {
				if (!is_new(after))
					T_FAIL("whole, but not new");
			} else if (!is_old(after))
				T_FAIL("torn at %zu: not old", at);
		}
}

/* The transaction with calls that fail.  -1: it said so. */
static int
run_failing(struct blk **b)
{
	if (open_overlay(FILE_WRITE, b) == -1)
		return -1;
	if (write_all(*b) == -1)
		return -1;
	return blk_flush(*b, &e);
}

static void
after_failure(int n, enum dd_code code)
{
	struct blk *b = NULL;

	fail_at = -1;
	cases++;
	(void)get_file(names[F_IMAGE], img, IMAGE_SIZE);
	if (!mark_holds(img))
		T_FAIL("call %d: half written and not marked", n);
	if (code != ERR_RECOVER && (!is_old(img) || exists(names[F_REDO])))
		T_FAIL("call %d: failed, but something is left", n);
	if (code != ERR_RECOVER && !fail_on && exists(names[F_UNDO_NEW]))
		T_FAIL("call %d: failed, but .undo.new is left", n);
	if (open_overlay(FILE_WRITE, &b) == -1) {
		T_FAIL("call %d: afterwards: %s", n, e.msg);
		return;
	}
	blk_close(b);
	(void)get_file(names[F_IMAGE], after, IMAGE_SIZE);
	if (code == ERR_RECOVER ? !is_old(after) && !is_new(after) :
	    !is_old(after))
		T_FAIL("call %d: neither old nor new", n);
	if (exists(names[F_REDO]))
		T_FAIL("call %d: the journal stays", n);
	judge_undo("call", n, (int)code);
}

static void
every_call_may_fail(void)
{
	static const int errnos[] = { ENOSPC, EIO };
	struct blk *b;
	int n, i, total, rc;

	run_once();
	total = ncalls;
	T(total > 50);
	for (n = 0; n < total; n++)
		for (i = 0; i < 4; i++) {
			enum dd_code code;

			fresh_image();
			nevents = ncalls = 0;
			fail_at = n;
			fail_errno = errnos[i % 2];
			fail_on = i >= 2;
			b = NULL;
			dd_err_clear(&e);
			rc = run_failing(&b);
			code = e.code;
			if (rc == 0)
				T_FAIL("call %d failed, and nobody cared", n);
			if (code == ERR_RECOVER && b != NULL) {
				dd_err_clear(&e);
				if (blk_flush(b, &e) == 0)
					T_FAIL("call %d: goes on", n);
			}
			if (b != NULL)
				blk_close(b);
			after_failure(n, code);
		}
}

static bool
try_again(struct blk *b)
{
	dd_err_clear(&e);
	return write_all(b) == 0 && blk_flush(b, &e) == 0;
}

static void
lack_of_space_can_be_mended(void)
{
	struct blk *b;
	bool again;
	int n, total, mended = 0;

	run_once();
	total = ncalls;
	for (n = 0; n < total; n++) {
		fresh_image();
		nevents = ncalls = 0;
		fail_at = n;
		fail_errno = ENOSPC;
		fail_on = false;
		b = NULL;
		dd_err_clear(&e);
		cases++;
		again = run_failing(&b) == -1 && e.code == ERR_NOSPC &&
		    b != NULL && ncalls > n && try_again(b);
		if (b != NULL)
			blk_close(b);
		fail_at = -1;
		if (!again)
			continue;
		(void)get_file(names[F_IMAGE], after, IMAGE_SIZE);
		if (!is_new(after))
			T_FAIL("call %d: mended, not new", n);
		judge_undo("mended", n, 0);
		if (offered != (flags != 0))
			T_FAIL("call %d: mended, but the way back", n);
		mended++;
	}
	T(mended > 20);
}

/* The undo of a whole commit, recorded; the state before it is in img and
 * beside. */
static void
run_undo(void)
{
	struct blk *b = NULL;

	run_once();
	(void)get_file(names[F_IMAGE], img, IMAGE_SIZE);
	memset(beside, 0, sizeof(beside));
	beside[F_UNDO].there = true;
	beside[F_UNDO].len = get_file(names[F_UNDO], beside[F_UNDO].data,
	    JOURNAL_MAX);
	nevents = ncalls = 0;
	T_OK(open_recorded(FILE_WRITE, &b));
	T_OK(undo_take(b, NULL, &e));
	blk_close(b);
	(void)get_file(names[F_IMAGE], after, IMAGE_SIZE);
	T(is_old(after));
}

static void
every_crash_of_an_undo(void)
{
	static struct beside start[F_N];
	int k, seed;

	run_undo();
	keep_record();
	memcpy(start, beside, sizeof(start));
	taking_back = true;
	for (k = 0; k <= nkept; k++)
		for (seed = 0; seed < SEEDS; seed++) {
			memcpy(img, new, IMAGE_SIZE);
			memcpy(beside, start, sizeof(start));
			crash_kept(k, seed);
			put_state();
			nevents = 0;
			look("undo", k, seed);
			if (k == nkept && !is_old(after))
				T_FAIL("undone, and not old");
			if (offered != is_new(after))
				T_FAIL("undo %d/%d: not offered", k, seed);
		}
	taking_back = false;
}

static void
every_call_of_an_undo_may_fail(void)
{
	struct blk *b = NULL;
	enum dd_code code;
	int n, total;

	run_undo();
	total = ncalls;
	T(total > 20);
	for (n = 0; n < total; n++) {
		fail_at = -1;
		run_once();
		ncalls = 0;
		fail_at = n;
		fail_errno = EIO;
		T_OK(open_recorded(FILE_WRITE, &b));
		if (undo_take(b, NULL, &e) == 0)
			T_FAIL("undo: call %d failed, and nobody cared", n);
		code = e.code;
		blk_close(b);
		fail_at = -1;
		cases++;
		(void)get_file(names[F_IMAGE], img, IMAGE_SIZE);
		if (code != ERR_RECOVER && !is_new(img))
			T_FAIL("undo: call %d: failed, but written", n);
		T_OK(open_overlay(FILE_WRITE, &b));
		blk_close(b);
		(void)get_file(names[F_IMAGE], after, IMAGE_SIZE);
		if (code == ERR_RECOVER ? !is_old(after) : !is_new(after))
			T_FAIL("undo: call %d: neither done nor not", n);
		judge_undo("undo: call", n, 0);
		if (offered != is_new(after))
			T_FAIL("undo: call %d: not offered", n);
	}
}

/* older becomes old, and its way back is kept. */
static void
make_earlier(void)
{
	struct blk *b = NULL;
	size_t i;

	memcpy(older, old, IMAGE_SIZE);
	for (i = 20; i < 300; i++)
		if (use[i] == 0 && i % 3 == 0)
			older[i * 512 + i] ^= 0x33;
	old_image();
	put_file(names[F_IMAGE], older, IMAGE_SIZE);
	flags = OVERLAY_KEEP_UNDO;
	if (open_overlay(FILE_WRITE, &b) == -1)
		exit(1);
	for (i = 20; i < 300; i++)
		if (use[i] == 0 && i % 3 == 0)
			T_OK(blk_pwrite(b, old + i * 512, 512, i * 512,
			    BLK_JOURNALED, &e));
	T_OK(blk_flush(b, &e));
	blk_close(b);
	older_len = get_file(names[F_UNDO], older_undo, JOURNAL_MAX);
	T(older_len > 512);
	flags = 0;
}

static void
run_with(int with, bool after_another)
{
	flags = with;
	earlier = after_another;
	printf("# undo %s%s\n", with ? "kept" : "not kept", after_another ?
	    ", after another" : "");
	T_RUN(every_crash_leaves_old_or_new);
	T_RUN(every_call_may_fail);
	if (with != 0 || !after_another) {
		T_RUN(a_crash_of_the_replay_too);
		T_RUN(lack_of_space_can_be_mended);
	}
}

int
main(void)
{
	static const char *const ends[] = { NULL, "redo", "undo", "undo.new" };
	struct stat st;
	enum file f;

	plan();
	(void)snprintf(names[F_IMAGE], sizeof(names[0]), "%s",
	    scratch("image"));
	put_file(names[F_IMAGE], old, IMAGE_SIZE);
	if (stat(names[F_IMAGE], &st) == -1)
		return 1;
	for (f = F_REDO; f < F_N; f++)
		(void)snprintf(names[f], sizeof(names[f]),
		    "%s.drydock-%llu.%s", scratch(""),
		    (unsigned long long)st.st_ino, ends[f]);

	make_earlier();
	run_with(0, false);
	T_RUN(a_torn_journal_counts_as_none);
	run_with(0, true);
	run_with(OVERLAY_KEEP_UNDO, true);
	T_RUN(every_crash_of_an_undo);
	T_RUN(every_call_of_an_undo_may_fail);
	T(taken[0] > 100 && taken[1] > 100);
	printf("# %lu cases, %lu and %lu taken back\n", cases, taken[0],
	    taken[1]);
	return t_done();
}
