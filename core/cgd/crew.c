/*
 * Threads that re-encrypt an area; see crew.h.  Each takes the next chunk
 * while there is one.  Where no thread can be made, who waits does it all.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/cgd/crew.h"

#define THREADS	4

struct hand {
	struct crew	*crew;
	struct recrypt	*recrypt;
	pthread_t	 thread;
};

struct crew {
	struct hand	 hands[1 + THREADS];	/* the first: who waits */
	size_t		 nthreads;
	size_t		 chunk;
	pthread_mutex_t	 lock;
	pthread_cond_t	 wake, done;
	/* under the lock */
	uint8_t		*data;
	size_t		 len, next;	/* of data; what nobody has taken */
	uint64_t	 off;
	uint8_t		(*sums)[HASH_LEN];
	unsigned	 busy;		/* hands that have taken something */
	bool		 quit;
	struct dd_err	 e;
};

/* Under the lock, which is open meanwhile: take chunks while there are any. */
static void
work(struct crew *c, struct recrypt *r)
{
	struct dd_err e = DD_ERR_INIT;
	size_t at, n;

	c->busy++;
	while (c->next < c->len) {
		at = c->next;
		n = (size_t)min64(c->len - at, c->chunk);
		c->next += n;
		(void)pthread_mutex_unlock(&c->lock);
		if (recrypt_run(r, c->data + at, n, c->off + at, &e) == 0)
			hash_once(HASH_BLAKE2B, c->data + at, n,
			    c->sums[at / c->chunk]);
		(void)pthread_mutex_lock(&c->lock);
		if (e.code != ERR_NONE) {
			c->e = e;
			c->next = c->len;
		}
	}
	if (--c->busy == 0)
		(void)pthread_cond_signal(&c->done);
}

static void *
run(void *arg)
{
	struct hand *h = arg;
	struct crew *c = h->crew;

	(void)pthread_mutex_lock(&c->lock);
	while (!c->quit) {
		work(c, h->recrypt);
		if (c->next == c->len && !c->quit)
			(void)pthread_cond_wait(&c->wake, &c->lock);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Signals are for the thread that was there before. */
static void
start_threads(struct crew *c, size_t n)
{
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (c->nthreads < n && pthread_create(
	    &c->hands[1 + c->nthreads].thread, NULL, run,
	    &c->hands[1 + c->nthreads]) == 0)
		c->nthreads++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int
crew_open(const struct recrypt_side *from, const struct recrypt_side *to,
    size_t chunk, struct crew **out, struct dd_err *e)
{
	struct crew *c = calloc(1, sizeof(*c));
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t i, n = processors < 1 ? 1 : (size_t)min64(
	    (uint64_t)processors, THREADS);

	if (c == NULL)
		return dd_fail_nomem(e);
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->wake, NULL);
	(void)pthread_cond_init(&c->done, NULL);
	c->chunk = chunk;
	for (i = 0; i <= n; i++) {
		c->hands[i].crew = c;
		if (recrypt_open(from, to, &c->hands[i].recrypt, e) == -1) {
			crew_close(c);
			return -1;
		}
	}
	start_threads(c, n);
	*out = c;
	return 0;
}

void
crew_close(struct crew *c)
{
	size_t i;

	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->quit = true;
	c->next = c->len;
	(void)pthread_cond_broadcast(&c->wake);
	(void)pthread_mutex_unlock(&c->lock);
	for (i = 0; i < c->nthreads; i++)
		(void)pthread_join(c->hands[1 + i].thread, NULL);
	for (i = 0; i < 1 + THREADS; i++)
		recrypt_close(c->hands[i].recrypt);
	(void)pthread_mutex_destroy(&c->lock);
	(void)pthread_cond_destroy(&c->wake);
	(void)pthread_cond_destroy(&c->done);
	free(c);
}

void
crew_start(struct crew *c, uint8_t *data, size_t len, uint64_t off,
    uint8_t (*sums)[HASH_LEN])
{
	(void)pthread_mutex_lock(&c->lock);
	c->data = data;
	c->len = len;
	c->next = 0;
	c->off = off;
	c->sums = sums;
	c->e = (struct dd_err)DD_ERR_INIT;
	(void)pthread_cond_broadcast(&c->wake);
	(void)pthread_mutex_unlock(&c->lock);
}

int
crew_wait(struct crew *c, struct dd_err *e)
{
	int rc = 0;

	(void)pthread_mutex_lock(&c->lock);
	work(c, c->hands[0].recrypt);
	while (c->busy > 0)
		(void)pthread_cond_wait(&c->done, &c->lock);
	if (c->e.code != ERR_NONE) {
		*e = c->e;
		rc = -1;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}
