/* A cipher on two cores; see pair.h. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/bytes.h"
#include "core/cgd/pair.h"

struct half {
	bool		 encrypt;
	uint8_t		*buf;
	size_t		 len;
	uint64_t	 number;
};

struct cgd_pair {
	struct cgd_cipher	*mine, *second;	/* second: NULL: no thread */
	uint32_t		 sector_size;
	bool			 started;
	pthread_t		 thread;
	pthread_mutex_t		 lock;
	pthread_cond_t		 wake, done;
	/* under the lock */
	struct half		 half;
	bool			 busy, quit;
	struct dd_err		 e;
};

static int
run(struct cgd_cipher *c, const struct half *h, struct dd_err *e)
{
	return h->encrypt ? cgd_encrypt(c, h->buf, h->len, h->number, e) :
	    cgd_decrypt(c, h->buf, h->len, h->number, e);
}

static void *
work(void *arg)
{
	struct cgd_pair *p = arg;
	struct dd_err e;
	struct half h;

	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->busy && !p->quit)
			(void)pthread_cond_wait(&p->wake, &p->lock);
		if (p->quit)
			break;
		h = p->half;
		(void)pthread_mutex_unlock(&p->lock);
		e = (struct dd_err)DD_ERR_INIT;
		(void)run(p->second, &h, &e);
		(void)pthread_mutex_lock(&p->lock);
		p->e = e;
		p->busy = false;
		(void)pthread_cond_signal(&p->done);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Signals are for the thread that was there before.  false: there is none. */
static bool
start(struct cgd_pair *p)
{
	sigset_t all, before;

	if (p->started)
		return true;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	p->started = pthread_create(&p->thread, NULL, work, p) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return p->started;
}

int
cgd_pair_open(const char *algorithm, uint32_t bits, const char *ivmethod,
    const uint8_t *key, uint32_t sector_size, bool threads,
    struct cgd_pair **out, struct dd_err *e)
{
	struct cgd_pair *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return dd_fail_nomem(e);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->wake, NULL);
	(void)pthread_cond_init(&p->done, NULL);
	p->sector_size = sector_size;
	if (cgd_cipher_open(algorithm, bits, ivmethod, key, sector_size,
	    &p->mine, e) == -1 || (threads &&
	    sysconf(_SC_NPROCESSORS_ONLN) > 1 && cgd_cipher_open(algorithm,
	    bits, ivmethod, key, sector_size, &p->second, e) == -1)) {
		cgd_pair_close(p);
		return -1;
	}
	*out = p;
	return 0;
}

void
cgd_pair_close(struct cgd_pair *p)
{
	if (p == NULL)
		return;
	if (p->started) {
		(void)pthread_mutex_lock(&p->lock);
		p->quit = true;
		(void)pthread_cond_signal(&p->wake);
		(void)pthread_mutex_unlock(&p->lock);
		(void)pthread_join(p->thread, NULL);
	}
	(void)pthread_mutex_destroy(&p->lock);
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_cond_destroy(&p->done);
	cgd_cipher_close(p->mine);
	cgd_cipher_close(p->second);
	free(p);
}

int
cgd_pair_run(struct cgd_pair *p, bool encrypt, void *buf, size_t len,
    uint64_t number, struct dd_err *e)
{
	struct half first = { encrypt, buf, len, number }, rest = first;
	int rc;

	if (p->second == NULL || len < CGD_PAIR_MIN || !start(p))
		return run(p->mine, &first, e);
	first.len = (size_t)round_down(len / 2, p->sector_size);
	rest.buf += first.len;
	rest.len -= first.len;
	rest.number += first.len / p->sector_size;
	(void)pthread_mutex_lock(&p->lock);
	p->half = rest;
	p->busy = true;
	(void)pthread_cond_signal(&p->wake);
	(void)pthread_mutex_unlock(&p->lock);
	rc = run(p->mine, &first, e);
	(void)pthread_mutex_lock(&p->lock);
	while (p->busy)
		(void)pthread_cond_wait(&p->done, &p->lock);
	if (rc == 0 && p->e.code != ERR_NONE) {
		*e = p->e;
		rc = -1;
	}
	(void)pthread_mutex_unlock(&p->lock);
	return rc;
}
