/* A whole image from one key to another; see recrypt_copy.h. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/fsutil.h"
#include "core/cgd/recrypt_copy.h"

#define CHUNK		((size_t)256 * 1024)
#define WINDOW		((uint64_t)16 * 1024 * 1024)	/* of c->soon */
#define WORKERS_MAX	8	/* with two buffers each: 4 MiB */

struct chunk {
	uint64_t	off;		/* in the file */
	size_t		len;
	bool		cgd;		/* under a key */
	bool		soon;		/* a window ends here */
};

struct run;

struct worker {
	struct run	*run;
	pthread_t	 thread;
	struct recrypt	*cipher, *second;	/* second: of what was written,
						 * where that is compared */
	uint8_t		*buf, *other;
};

struct run {
	const struct recrypt_copy *c;
	bool			 compare;
	struct worker		 workers[WORKERS_MAX];
	unsigned		 n, started;
	bool			 alone;		/* there are no threads */
	/* Of one file the kernel lets one write at a time, too, but the others
	 * would spin for that. */
	pthread_mutex_t		 writing;
	pthread_mutex_t		 lock;
	pthread_cond_t		 moved;
	/* under the lock */
	uint64_t		 at, done;
	size_t			 skip;		/* the next of c->skip */
	unsigned		 working;
	bool			 stop;
	struct dd_err		 e;
};

/* Where what is at off ends: the file, the cgd's begin or end, a range that
 * nobody needs. */
static uint64_t
end_of(struct run *r, uint64_t off)
{
	const struct recrypt_copy *c = r->c;
	uint64_t end = c->size;

	if (off < c->cgd.off)
		end = c->cgd.off;
	else if (off < c->cgd.off + c->cgd.len)
		end = c->cgd.off + c->cgd.len;
	if (r->skip < c->nskip)
		end = min64(end, c->skip[r->skip].off);
	return end;
}

/* The next chunk; false: there is no more.  Under the lock. */
static bool
next(struct run *r, struct chunk *k)
{
	const struct recrypt_copy *c = r->c;

	while (r->skip < c->nskip && r->at >= c->skip[r->skip].off) {
		r->at = c->skip[r->skip].off + c->skip[r->skip].len;
		r->done += c->skip[r->skip++].len;
	}
	if (r->stop || r->at >= c->size)
		return false;
	k->off = r->at;
	k->len = (size_t)min64(CHUNK, end_of(r, r->at) - r->at);
	k->cgd = k->off >= c->cgd.off && k->off < c->cgd.off + c->cgd.len;
	r->at += k->len;
	k->soon = c->soon != NULL && r->at / WINDOW != k->off / WINDOW;
	return true;
}

static int
convert(struct worker *w, const struct chunk *k, struct dd_err *e)
{
	const struct recrypt_copy *c = w->run->c;
	int rc;

	if (fs_pread(c->from, w->buf, k->len, k->off, c->source, e) == -1 ||
	    (k->cgd && recrypt_run(w->cipher, w->buf, k->len,
	    k->off - c->cgd.off, e) == -1))
		return -1;
	(void)pthread_mutex_lock(&w->run->writing);
	rc = fs_pwrite(c->to, w->buf, k->len, k->off, c->target, e);
	(void)pthread_mutex_unlock(&w->run->writing);
	if (rc == -1)
		return -1;
	/* the others may be at work on the last of this one */
	if (k->soon && k->off >= 2 * WINDOW)
		c->soon(c->to, (k->off / WINDOW - 1) * WINDOW, WINDOW);
	return 0;
}

static int
compare(struct worker *w, const struct chunk *k, struct dd_err *e)
{
	const struct recrypt_copy *c = w->run->c;

	if (fs_pread(c->from, w->buf, k->len, k->off, c->source, e) == -1 ||
	    fs_pread(c->to, w->other, k->len, k->off, c->target, e) == -1)
		return -1;
	if (k->cgd && (recrypt_run(w->cipher, w->buf, k->len,
	    k->off - c->cgd.off, e) == -1 || recrypt_run(w->second, w->other,
	    k->len, k->off - c->cgd.off, e) == -1))
		return -1;
	if (memcmp(w->buf, w->other, k->len) == 0)
		return 0;
	(void)dd_fail(e, ERR_IO, "%s: what was read back from the disk is not "
	    "what was written, in the %zu bytes at %llu", c->target, k->len,
	    (unsigned long long)k->off);
	return dd_hint(e, "look at the disk, and its host's log: the image "
	    "that is in place is as it was");
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;
	struct dd_err e = DD_ERR_INIT;
	struct chunk k;
	int rc;

	(void)pthread_mutex_lock(&r->lock);
	while (next(r, &k)) {
		(void)pthread_mutex_unlock(&r->lock);
		rc = r->compare ? compare(w, &k, &e) : convert(w, &k, &e);
		if (rc == 0 && r->alone)
			rc = progress_tick(r->c->progress, r->c->what, k.off,
			    r->c->size, &e);
		(void)pthread_mutex_lock(&r->lock);
		r->done += k.len;
		if (rc == -1 && r->e.code == ERR_NONE) {
			r->e = e;
			r->stop = true;
		}
		(void)pthread_cond_signal(&r->moved);
	}
	r->working--;
	(void)pthread_cond_signal(&r->moved);
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* -- threads --------------------------------------------------------------- */

static int
prepare(struct run *r, struct worker *w, struct dd_err *e)
{
	const struct recrypt_side plain = { .sector_size = 512 };
	const struct recrypt_copy *c = r->c;

	w->run = r;
	if ((w->buf = malloc(CHUNK)) == NULL || (r->compare &&
	    (w->other = malloc(CHUNK)) == NULL))
		return dd_fail_nomem(e);
	if (!r->compare)
		return recrypt_open(&c->was, &c->is, &w->cipher, e);
	if (recrypt_open(&c->was, &plain, &w->cipher, e) == -1)
		return -1;
	return recrypt_open(&c->is, &plain, &w->second, e);
}

static void
dispose(struct worker *w)
{
	recrypt_close(w->cipher);
	recrypt_close(w->second);
	if (w->buf != NULL)
		secret_wipe(w->buf, CHUNK);	/* plaintext */
	if (w->other != NULL)
		secret_wipe(w->other, CHUNK);
	free(w->buf);
	free(w->other);
}

/* Signals are for the thread that was there before. */
static void
start(struct run *r)
{
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r->working = r->n;
	while (r->started < r->n && pthread_create(
	    &r->workers[r->started].thread, NULL, work,
	    &r->workers[r->started]) == 0)
		r->started++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Tell how far it is, until all is done.  Under the lock. */
static void
follow(struct run *r)
{
	const struct recrypt_copy *c = r->c;
	struct dd_err e = DD_ERR_INIT;
	uint64_t done;
	int rc;

	while (r->working > 0) {
		done = r->done;
		(void)pthread_mutex_unlock(&r->lock);
		rc = progress_tick(c->progress, c->what, done, c->size, &e);
		(void)pthread_mutex_lock(&r->lock);
		if (rc == -1 && !r->stop) {
			r->stop = true;
			if (r->e.code == ERR_NONE)
				r->e = e;
		}
		if (r->working > 0 && r->done == done)
			(void)pthread_cond_wait(&r->moved, &r->lock);
	}
}

static int
go(struct run *r, struct dd_err *e)
{
	unsigned i;

	start(r);
	r->alone = r->started == 0;
	if (r->alone)
		(void)work(&r->workers[0]);
	(void)pthread_mutex_lock(&r->lock);
	r->working -= r->n - r->started - r->alone;
	follow(r);
	(void)pthread_mutex_unlock(&r->lock);
	for (i = 0; i < r->started; i++)
		(void)pthread_join(r->workers[i].thread, NULL);
	if (r->e.code == ERR_NONE)
		return 0;
	*e = r->e;
	return -1;
}

/* One more than there are cores: while one waits for the disk the others
 * have something to do. */
static unsigned
how_many(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 2 : cores >= WORKERS_MAX ? WORKERS_MAX :
	    (unsigned)cores + 1;
}

static int
run(const struct recrypt_copy *c, bool compare_them, struct dd_err *e)
{
	struct run r = { .c = c, .compare = compare_them,
	    .n = how_many(), .e = DD_ERR_INIT };
	unsigned i;
	int rc = 0;

	(void)pthread_mutex_init(&r.writing, NULL);
	(void)pthread_mutex_init(&r.lock, NULL);
	(void)pthread_cond_init(&r.moved, NULL);
	for (i = 0; i < r.n && rc == 0; i++)
		rc = prepare(&r, &r.workers[i], e);
	if (rc == 0)
		rc = go(&r, e);
	for (i = 0; i < r.n; i++)
		dispose(&r.workers[i]);
	(void)pthread_mutex_destroy(&r.writing);
	(void)pthread_mutex_destroy(&r.lock);
	(void)pthread_cond_destroy(&r.moved);
	return rc;
}

int
recrypt_copy(const struct recrypt_copy *c, struct dd_err *e)
{
	return run(c, false, e);
}

int
recrypt_compare(const struct recrypt_copy *c, struct dd_err *e)
{
	return run(c, true, e);
}
