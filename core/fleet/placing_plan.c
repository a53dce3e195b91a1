/* What is to be done to put another generation in place; see placing.h. */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/disk/file.h"
#include "core/disk/overlay.h"
#include "core/disk/rekey_state.h"
#include "core/fleet/placing_impl.h"
#include "core/host/host.h"

/* Say who has the lock, where the history knows. */
static int
name_holder(const struct placing *p, struct dd_err *e)
{
	if (e->code == ERR_HELD)
		record_name_holder(p->conf->state_dir, p->store->image, e);
	return -1;
}

/* A change of the image in place that was cut short is finished first: its
 * journal stands beside the path, not beside the folder. */
static int
finish_pending(const struct placing *p, struct dd_err *e)
{
	struct dd_err held = DD_ERR_INIT;
	struct blk *file, *b;
	bool pending;

	if (p->store->place == NULL)
		return 0;
	if (overlay_pending(p->store->image, &pending, e) == -1)
		return -1;
	if (!pending || holders_refuse(p->fleet, p->store->image, false,
	    &held) == -1)
		return 0;
	if (file_open(p->store->image, FILE_WRITE, 0, &file, e) == -1)
		return -1;
	if (overlay_open(file, 0, &b, e) == -1) {
		blk_close(file);
		/* it is a journal of what goes out of the way: leave it */
		if (e->code != ERR_RECOVER)
			return -1;
		dd_err_clear(e);
		return 0;
	}
	blk_close(b);
	return 0;
}

/* Nobody writes to the image meanwhile. */
static int
lock_image(struct placing *p, struct dd_err *e)
{
	int fd;

	if (p->store->place == NULL)
		return 0;
	fd = open(p->store->image, O_RDONLY | O_NONBLOCK | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1)
		return dd_fail_sys(e, errno, "%s", p->store->image);
	p->lock = fd;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return dd_fail_sys(e, errno, "%s: flock", p->store->image);
	(void)dd_fail(e, ERR_HELD, "%s: another program is at work on it",
	    p->store->image);
	return dd_hint(e, "wait until it is done; fuser(1) or fstat(1) name "
	    "it");
}

/* -- what comes ---------------------------------------------------------- */

static int
mounted(void *arg, const struct host_holder *h, struct dd_err *e)
{
	if (h->kind != HOST_MOUNT)
		return 0;
	(void)dd_fail(e, ERR_HELD, "%s: is in use: %s", (const char *)arg,
	    h->text);
	return dd_hint(e, "unmount it first");
}

/* The generation that is named; where none is, the one before. */
static const struct generation *
wanted(struct placing *p, struct dd_err *e)
{
	const struct generation *g = p->n != 0 ?
	    store_want(p->store, p->n, e) : store_before(p->store, e);

	if (g != NULL)
		p->n = g->name.n;
	return g;
}

static int
plan_back(struct placing *p, struct dd_err *e)
{
	const struct generation *g = wanted(p, e);

	if (g == NULL)
		return -1;
	if (g->in_place) {
		(void)dd_fail(e, ERR_EXIST, "%s: generation %u is in place",
		    p->store->image, p->n);
		return dd_hint(e, "there is nothing to do");
	}
	p->next = g->name;
	if ((p->from = store_path(p->store, g)) == NULL)
		return dd_fail_nomem(e);
	p->flip.from = p->from;
	/* a domU that still runs with it is what one comes back for */
	return host_holders(p->store->dev, (ino_t)g->ino, mounted, p->from, e);
}

static int
plan_pristine(struct placing *p, struct dd_err *e)
{
	const struct generation *g = wanted(p, e);

	if (g == NULL)
		return -1;
	if (!g->orig) {
		(void)dd_fail(e, ERR_NOENT, "%s: there is no untouched copy of "
		    "generation %u", p->store->image, p->n);
		return dd_hint(e, "swap --keep-original keeps one; file "
		    "systems that share blocks (btrfs, xfs) do without being "
		    "asked");
	}
	if ((p->from = store_beside(p->store, p->n, "orig")) == NULL)
		return dd_fail_nomem(e);
	p->source = p->from;
	return 0;
}

/* Is the source an image of the fleet? */
static int
refuse_fleet_image(const struct placing *p, const struct stat *st,
    struct dd_err *e)
{
	size_t i;

	for (i = 0; i < p->fleet->nimages; i++) {
		const struct fleet_image *img = p->fleet->images[i];

		if (img->missing || img->dev != st->st_dev ||
		    img->ino != st->st_ino)
			continue;
		(void)dd_fail(e, ERR_HELD, "%s: is an image of %s", p->source,
		    p->fleet->domus[img->users[0]].name);
		return dd_hint(e, "leave --move out, to have a copy of it");
	}
	return 0;
}

static int
plan_move(const struct placing *p, const struct stat *st, struct dd_err *e)
{
	struct stat dir;

	if (refuse_fleet_image(p, st, e) == -1 ||
	    holders_refuse(p->fleet, p->source, false, e) == -1)
		return -1;
	if (st->st_nlink > 1) {
		(void)dd_fail(e, ERR_EXIST, "%s: has other names, too",
		    p->source);
		return dd_hint(e, "two domUs must not write one file: leave "
		    "--move out, to have a copy");
	}
	if (fstatat(AT_FDCWD, p->store->fd != -1 ? p->store->dir :
	    p->store->image, &dir, 0) == -1)
		return dd_fail_sys(e, errno, "%s", p->store->image);
	if (dir.st_dev == st->st_dev)
		return 0;
	(void)dd_fail(e, ERR_UNSUP, "%s: is on another file system",
	    p->source);
	return dd_hint(e, "leave --move out, to have it copied");
}

static int
plan_source(struct placing *p, struct dd_err *e)
{
	struct stat st;

	if (lstat(p->source, &st) == -1)
		return dd_fail_sys(e, errno, "%s", p->source);
	if (p->move && !S_ISREG(st.st_mode)) {
		(void)dd_fail(e, ERR_TYPE, "%s: only a regular file can be "
		    "moved", p->source);
		return dd_hint(e, "name the image itself");
	}
	if (stat(p->source, &st) == -1)
		return dd_fail_sys(e, errno, "%s", p->source);
	if (p->store->place != NULL && st.st_dev == p->store->dev &&
	    (uint64_t)st.st_ino == p->store->place->ino &&
	    p->how == PLACING_COMES) {
		(void)dd_fail(e, ERR_EXIST, "%s: is in place already",
		    p->source);
		return dd_hint(e, "there is nothing to do");
	}
	if (p->move)
		return plan_move(p, &st, e);
	/* it is shut down before */
	if (p->key != NULL && p->restart != NULL)
		return 0;
	/* what is written to meanwhile can't be copied */
	return holders_refuse(p->fleet, p->source, true, e);
}

static int
plan_new(struct placing *p, struct dd_err *e)
{
	if (p->how == PLACING_PRISTINE && plan_pristine(p, e) == -1)
		return -1;
	if (p->how == PLACING_WORK) {
		if (p->store->place == NULL)
			return dd_fail(e, ERR_NOENT, "%s: is not there",
			    p->store->image);
		p->source = p->store->image;
	}
	if (plan_source(p, e) == -1)
		return -1;
	p->next = (struct gen_name){ .n = store_next(p->store),
	    .time = (int64_t)time(NULL) };
	p->in = (struct store_incoming){ .source = p->source,
	    .n = p->next.n, .keep_orig = p->keep_orig,
	    .no_sum = p->how != PLACING_COMES, .blank = p->key != NULL,
	    .progress = p->progress };
	p->flip.from = (char *)(uintptr_t)p->source;	/* where it is moved */
	return 0;
}

/* -- and how it is told -------------------------------------------------- */

/* What was looked at, so that --plan can tell whether it is still so. */
static int
hash_plan(struct placing *p, struct dd_err *e)
{
	const char *from = p->how == PLACING_BACK ? p->from : p->source;
	struct buf b = BUF_INIT;
	uint8_t sum[HASH_LEN];
	struct stat st;

	if (stat(from, &st) == -1)
		return dd_fail_sys(e, errno, "%s", from);
	(void)buf_printf(&b, "%s%s %s %u %llu %u %llu %lld %lld %u %u",
	    p->action, p->key != NULL ? p->key->what : "", p->store->image, p->was, p->store->place == NULL ? 0 :
	    (unsigned long long)p->store->place->ino, p->next.n,
	    (unsigned long long)st.st_ino, (long long)st.st_size,
	    (long long)st.st_mtime, p->kernel_was, p->kernel_is);
	if (b.failed) {
		buf_dispose(&b);
		return dd_fail_nomem(e);
	}
	hash_once(HASH_SHA256, b.p, b.len, sum);
	(void)hash_hex(p->hash, sum);
	buf_dispose(&b);
	if (p->plan == NULL || strcmp(p->plan, p->hash) == 0)
		return 0;
	(void)dd_fail(e, ERR_PLAN, "%s: what would be done now is not what "
	    "was planned", p->image);
	return dd_hint(e, "somebody else was there meanwhile: look at it "
	    "again");
}

/* Have it alone, and what a crash left in order. */
static int
begin(struct placing *p, struct dd_err *e)
{
	bool interrupted = false;

	if (store_lock(p->store, e) == -1 ||
	    placing_recover_kernel(p->store, p->kernel, &interrupted,
	    e) == -1 ||
	    finish_pending(p, e) == -1 || store_reread(p->store, e) == -1 ||
	    placing_check_follower(p, e) == -1)
		return -1;
	return lock_image(p, e);
}

/* What is under two keys stays where it is, and nothing is made of it: what
 * tells which part is under which lies beside it. */
static int
refuse_rekeyed(const struct placing *p, struct dd_err *e)
{
	if (rekey_refuse_at(p->store->image, e) == -1 ||
	    (p->from != NULL && rekey_refuse_at(p->from, e) == -1) ||
	    (p->source != NULL && rekey_refuse_at(p->source, e) == -1))
		return -1;
	return 0;
}

int
placing_plan(struct placing *p, struct dd_err *e)
{
	if (store_open(p->image, &p->store, e) == -1 ||
	    refuse_rekeyed(p, e) == -1)
		return -1;
	if (!p->dry_run && begin(p, e) == -1)
		return name_holder(p, e);
	if (p->store->place != NULL)
		p->was = p->store->place->name.n;
	if ((p->how == PLACING_BACK ? plan_back(p, e) : plan_new(p, e)) ==
	    -1 || refuse_rekeyed(p, e) == -1)
		return -1;
	p->flip.next = p->next;
	if (placing_plan_kernel(p, e) == -1)
		return -1;
	return hash_plan(p, e);
}

int
placing_recover(const char *image, bool *interrupted, struct dd_err *e)
{
	struct store *s = NULL;
	int rc = -1;

	*interrupted = false;
	if (!store_managed(image))
		return 0;
	if (store_open(image, &s, e) == -1)
		return -1;
	*interrupted = s->interrupted;
	if (store_lock(s, e) == 0 &&
	    placing_recover_kernel(s, NULL, interrupted, e) == 0)
		rc = 0;
	store_close(s);
	return rc;
}
