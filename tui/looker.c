/* The thread that looks; see look.h.  Both queues are under the mutex. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tui/look.h"

struct looker {
	pthread_mutex_t	 mutex;
	pthread_cond_t	 cond;
	pthread_t	 thread;
	bool		 quit, at_work;
	struct look	*asked, *done;
	int		 wake_fd;
};

static void
append(struct look **queue, struct look *l)
{
	while (*queue != NULL)
		queue = &(*queue)->next;
	l->next = NULL;
	*queue = l;
}

static struct look *
first(struct look **queue)
{
	struct look *l = *queue;

	if (l != NULL)
		*queue = l->next;
	return l;
}

static void
drop(struct look **queue)
{
	struct look *l;

	while ((l = first(queue)) != NULL)
		l->free(l);
}

static void *
run(void *arg)
{
	struct looker *k = arg;
	struct look *l;

	(void)pthread_mutex_lock(&k->mutex);
	while (!k->quit) {
		if ((l = first(&k->asked)) == NULL) {
			(void)pthread_cond_wait(&k->cond, &k->mutex);
			continue;
		}
		k->at_work = true;
		(void)pthread_mutex_unlock(&k->mutex);
		l->run(l);
		(void)pthread_mutex_lock(&k->mutex);
		k->at_work = false;
		append(&k->done, l);
		/* A pipe that is full wakes the reader as well. */
		if (!k->quit && write(k->wake_fd, "l", 1) == -1)
			continue;
	}
	(void)pthread_mutex_unlock(&k->mutex);
	return NULL;
}

int
looker_start(int wake_fd, struct looker **out, struct dd_err *e)
{
	struct looker *k = calloc(1, sizeof(*k));
	sigset_t all, old;
	int r;

	if (k == NULL)
		return dd_fail_nomem(e);
	k->wake_fd = wake_fd;
	(void)pthread_mutex_init(&k->mutex, NULL);
	(void)pthread_cond_init(&k->cond, NULL);
	/* Signals are the main thread's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(&k->thread, NULL, run, k);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0) {
		(void)dd_fail_sys(e, r, "thread");
		free(k);
		return -1;
	}
	*out = k;
	return 0;
}

void
looker_put(struct looker *k, struct look *l)
{
	(void)pthread_mutex_lock(&k->mutex);
	append(&k->asked, l);
	(void)pthread_cond_signal(&k->cond);
	(void)pthread_mutex_unlock(&k->mutex);
}

struct look *
looker_take(struct looker *k)
{
	struct look *l;

	(void)pthread_mutex_lock(&k->mutex);
	l = first(&k->done);
	(void)pthread_mutex_unlock(&k->mutex);
	return l;
}

bool
looker_stop(struct looker *k)
{
	bool stuck;

	if (k == NULL)
		return true;
	(void)pthread_mutex_lock(&k->mutex);
	k->quit = true;
	stuck = k->at_work;
	drop(&k->asked);
	(void)pthread_cond_signal(&k->cond);
	(void)pthread_mutex_unlock(&k->mutex);
	if (stuck) {
		(void)pthread_detach(k->thread);
		return false;
	}
	(void)pthread_join(k->thread, NULL);
	drop(&k->done);
	(void)pthread_cond_destroy(&k->cond);
	(void)pthread_mutex_destroy(&k->mutex);
	free(k);
	return true;
}
