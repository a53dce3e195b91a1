/*
 * The thread that reads the fleet; see loader.h.  All of struct loader but
 * what is said to be the thread's own is under the mutex.
 */
#include <sys/stat.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tui/loader.h"

#define WATCH_MS	10000
#define FIRST_MS	1000	/* that the first reading waits for Xen */
/* Before a later reading we rest for so many times as long as one takes, within
 * limits. */
#define REST_TIMES	5
#define REST_MIN_MS	2000
#define REST_MAX_MS	15000

struct loader {
	pthread_mutex_t		 mutex;
	pthread_cond_t		 cond;
	pthread_t		 thread;
	bool			 wanted, quit;
	bool			 later;		/* wanted when rest is over */
	int64_t			 rest;		/* until then; clock_ms */
	struct restarts		 restarts;
	bool			 untold;	/* don't ask Xen; why_not: */
	struct dd_err		 why_not;
	bool			 reading;	/* may take long */
	bool			 fresh;		/* fleet or e is news */
	struct fleet		*fleet;
	struct doctor		*doctor;
	struct dd_err		 e;
	int			 wake_fd;

	/* The thread's own. */
	const struct xen_ops	*xen;
	const struct config	*config;
	char			**watched;	/* paths, NULL-terminated */
	uint64_t		 seen;		/* their state then */
};

static void
mix(uint64_t *h, uint64_t v)
{
	*h = (*h ^ v) * 0x100000001b3ULL;
}

/* The state of the configurations: which there are, and when they changed.
 * Images change all the time while their domU runs; they are not watched. */
static uint64_t
look(char *const *paths)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	struct stat st;

	for (; paths != NULL && *paths != NULL; paths++) {
		if (stat(*paths, &st) == -1) {
			mix(&h, (uint64_t)errno);
			continue;
		}
		mix(&h, (uint64_t)st.st_ino);
		mix(&h, (uint64_t)st.st_size);
		mix(&h, (uint64_t)st.st_mtime);
		mix(&h, (uint64_t)st.st_ctime);
	}
	return h;
}

static void
free_paths(char **paths)
{
	size_t i;

	for (i = 0; paths != NULL && paths[i] != NULL; i++)
		free(paths[i]);
	free(paths);
}

/* Folders and files that the snapshot came from; NULL where memory is short,
 * and then nothing is watched. */
static char **
paths_of(const struct config *config, const struct fleet *fleet)
{
	size_t i, n = 0, ndirs = 0;
	char **paths;

	while (config->config_dirs != NULL &&
	    config->config_dirs[ndirs] != NULL)
		ndirs++;
	paths = calloc(ndirs + fleet->ndomus + 1, sizeof(*paths));
	for (i = 0; paths != NULL && i < ndirs; i++)
		if ((paths[n] = strdup(config->config_dirs[i])) != NULL)
			n++;
	for (i = 0; paths != NULL && i < fleet->ndomus; i++)
		if (fleet->domus[i].cfg != NULL &&
		    (paths[n] = strdup(fleet->domus[i].cfg)) != NULL)
			n++;
	return paths;
}

static int64_t
rest_after(int64_t reading)
{
	const int64_t rest = reading * REST_TIMES;

	return rest < REST_MIN_MS ? REST_MIN_MS : rest > REST_MAX_MS ?
	    REST_MAX_MS : rest;
}

/* A Xen that can't be asked is not asked for devices either. */
static int
look_after(const struct loader *l, const struct fleet *fleet, bool untold,
    const struct restarts *restarts, struct doctor **doctor,
    struct dd_err *e)
{
	const struct doctor_ask ask = doctor_here(untold ? NULL : l->xen,
	    l->config->state_dir, restarts);

	return doctor_look(fleet, &ask, doctor, e);
}

/* Read; called with the mutex held, which is free meanwhile. */
static void
read_fleet(struct loader *l)
{
	struct dd_err e = DD_ERR_INIT;
	struct fleet *fleet = NULL;
	struct doctor *doctor = NULL;
	const struct dd_err why_not = l->why_not;
	const bool untold = l->untold;
	struct restarts restarts = { .n = 0 };
	const int64_t began = clock_ms();
	int rc;

	l->wanted = l->later = false;
	l->reading = true;
	rc = restarts_copy(&l->restarts, &restarts, &e);
	(void)pthread_mutex_unlock(&l->mutex);
	if (rc == 0)
		rc = untold ? fleet_load_untold(l->xen, l->config, &why_not,
		    &fleet, &e) : fleet_load(l->xen, l->config, &fleet, &e);
	if (rc == 0) {
		free_paths(l->watched);
		l->watched = paths_of(l->config, fleet);
		l->seen = look(l->watched);
		rc = look_after(l, fleet, untold, &restarts, &doctor, &e);
	}
	if (rc == -1) {
		fleet_free(fleet);
		fleet = NULL;
	}
	restarts_dispose(&restarts);
	(void)pthread_mutex_lock(&l->mutex);
	l->reading = false;
	fleet_free(l->fleet);
	doctor_free(l->doctor);
	l->fleet = fleet;
	l->doctor = doctor;
	l->e = e;
	l->fresh = true;
	l->rest = clock_ms() + rest_after(clock_ms() - began);
	/* A pipe that is full wakes the reader as well. */
	if (!l->quit && write(l->wake_fd, "f", 1) == -1)
		return;
}

/* false: the time is over. */
static bool
woken(struct loader *l, int64_t ms)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += (time_t)(ms / 1000) + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return pthread_cond_timedwait(&l->cond, &l->mutex, &until) !=
	    ETIMEDOUT;
}

/* Wait for a wish; called with the mutex held. */
static void
wait_for_wish(struct loader *l)
{
	uint64_t now;

	if (l->later) {
		if (l->rest <= clock_ms() ||
		    !woken(l, l->rest - clock_ms()))
			l->wanted = true;
		return;
	}
	if (woken(l, WATCH_MS))
		return;
	l->reading = true;
	(void)pthread_mutex_unlock(&l->mutex);
	now = look(l->watched);
	(void)pthread_mutex_lock(&l->mutex);
	l->reading = false;
	if (now != l->seen)
		l->wanted = true;
}

static void *
run(void *arg)
{
	struct loader *l = arg;

	(void)pthread_mutex_lock(&l->mutex);
	while (!l->quit) {
		if (l->wanted)
			read_fleet(l);
		else
			wait_for_wish(l);
	}
	(void)pthread_mutex_unlock(&l->mutex);
	return NULL;
}

int
loader_start(const struct xen_ops *xen, const struct config *config,
    const struct dd_err *why_not, int wake_fd, struct loader **out, struct dd_err *e)
{
	struct loader *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;
	sigset_t all, old;
	int r;

	if (l == NULL)
		return dd_fail_nomem(e);
	l->xen = xen;
	l->config = config;
	l->wake_fd = wake_fd;
	l->wanted = why_not == NULL;
	l->later = l->untold = why_not != NULL;
	if (why_not != NULL)
		l->why_not = *why_not;
	l->rest = clock_ms() + FIRST_MS;
	(void)pthread_mutex_init(&l->mutex, NULL);
	/* who sets the time neither hurries nor stops us */
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&l->cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	/* Signals are the main thread's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(&l->thread, NULL, run, l);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0) {
		(void)dd_fail_sys(e, r, "thread");
		free(l);
		return -1;
	}
	*out = l;
	return 0;
}

static void
request(struct loader *l, bool *when, const struct dd_err *why_not)
{
	(void)pthread_mutex_lock(&l->mutex);
	*when = true;
	l->untold = why_not != NULL;
	if (why_not != NULL)
		l->why_not = *why_not;
	(void)pthread_cond_signal(&l->cond);
	(void)pthread_mutex_unlock(&l->mutex);
}

void
loader_request(struct loader *l, const struct dd_err *why_not)
{
	request(l, &l->wanted, why_not);
}

void
loader_request_later(struct loader *l, const struct dd_err *why_not)
{
	request(l, &l->later, why_not);
}

void
loader_restarts(struct loader *l, const struct restarts *r)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct restarts copy;

	if (restarts_copy(r, &copy, &ignored) == -1)
		return;		/* then with the next news */
	(void)pthread_mutex_lock(&l->mutex);
	restarts_dispose(&l->restarts);
	l->restarts = copy;
	(void)pthread_mutex_unlock(&l->mutex);
}

bool
loader_take(struct loader *l, struct fleet **fleet, struct doctor **doctor,
    struct dd_err *e)
{
	bool fresh;

	(void)pthread_mutex_lock(&l->mutex);
	fresh = l->fresh;
	*fleet = l->fleet;
	*doctor = l->doctor;
	*e = l->e;
	l->fleet = NULL;
	l->doctor = NULL;
	l->fresh = false;
	(void)pthread_mutex_unlock(&l->mutex);
	return fresh;
}

bool
loader_stop(struct loader *l)
{
	bool stuck;

	if (l == NULL)
		return true;
	(void)pthread_mutex_lock(&l->mutex);
	l->quit = true;
	stuck = l->reading;
	(void)pthread_cond_signal(&l->cond);
	(void)pthread_mutex_unlock(&l->mutex);
	if (stuck) {
		(void)pthread_detach(l->thread);
		return false;
	}
	(void)pthread_join(l->thread, NULL);
	fleet_free(l->fleet);
	doctor_free(l->doctor);
	restarts_dispose(&l->restarts);
	free_paths(l->watched);
	(void)pthread_cond_destroy(&l->cond);
	(void)pthread_mutex_destroy(&l->mutex);
	free(l);
	return true;
}
