/* What may hang, asked beside the console; see patient.h. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tui/patient.h"

int patient_ms = PATIENT_MS;

/* One question.  It stays until its thread has ended. */
struct patient_job {
	pthread_t	 thread;
	pthread_mutex_t	 mutex;
	pthread_cond_t	 cond;
	char		*key;
	void		*(*ask)(const char *key);
	void		(*drop)(void *answer);
	void		*answer;
	bool		 done;
};

static void
job_free(struct patient_job *j)
{
	if (j->answer != NULL)
		j->drop(j->answer);
	(void)pthread_mutex_destroy(&j->mutex);
	(void)pthread_cond_destroy(&j->cond);
	free(j->key);
	free(j);
}

static void *
run(void *arg)
{
	struct patient_job *j = arg;
	void *answer = j->ask(j->key);

	(void)pthread_mutex_lock(&j->mutex);
	j->answer = answer;
	j->done = true;
	(void)pthread_cond_signal(&j->cond);
	(void)pthread_mutex_unlock(&j->mutex);
	return NULL;
}

/* It is done: its thread is about to end. */
static void
end(struct patient_job *j)
{
	(void)pthread_join(j->thread, NULL);
	job_free(j);
}

/* Signals are for the thread that was there before. */
static bool
start(struct patient_job *j)
{
	sigset_t all, before;
	bool yes;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	yes = pthread_create(&j->thread, NULL, run, j) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return yes;
}

static struct patient_job *
job_new(const struct patient *p, const char *key)
{
	struct patient_job *j = calloc(1, sizeof(*j));
	pthread_condattr_t attr;

	if (j == NULL || (j->key = strdup(key)) == NULL) {
		free(j);
		return NULL;
	}
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&j->mutex, NULL);
	(void)pthread_cond_init(&j->cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	j->ask = p->ask;
	j->drop = p->drop;
	if (!start(j)) {
		job_free(j);
		return NULL;
	}
	return j;
}

/* Is it done before the moment is over? */
static bool
wait_for(struct patient_job *j)
{
	struct timespec until;
	bool done;
	int r = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += patient_ms / 1000;
	until.tv_nsec += patient_ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	(void)pthread_mutex_lock(&j->mutex);
	while (!j->done && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&j->cond, &j->mutex, &until);
	done = j->done;
	(void)pthread_mutex_unlock(&j->mutex);
	return done;
}

/* Another question is asked now; true: the old one is out of the way.  At most
 * one thread hangs for a patient. */
static bool
leave(struct patient *p)
{
	struct patient_job *j = p->job;
	bool done;

	(void)pthread_mutex_lock(&j->mutex);
	done = j->done;
	(void)pthread_mutex_unlock(&j->mutex);
	if (!done)
		return false;
	p->job = NULL;
	end(j);
	return true;
}

void *
patient_ask(struct patient *p, const char *key)
{
	struct patient_job *j;
	void *answer;

	if (p->job != NULL && strcmp(p->job->key, key) != 0 && !leave(p))
		return NULL;
	if (p->job == NULL && (p->job = job_new(p, key)) == NULL)
		return NULL;
	j = p->job;
	if (!wait_for(j))
		return NULL;
	answer = j->answer;
	j->answer = NULL;
	p->job = NULL;
	end(j);
	return answer;
}
