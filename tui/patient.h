/*
 * What asks the host and may hang (a disk that has gone, a server that does
 * not answer) is done beside the console, which waits for a moment only.
 */
#ifndef DD_TUI_PATIENT_H
#define DD_TUI_PATIENT_H

/* Milliseconds that an answer is waited for. */
#define PATIENT_MS	80
extern int patient_ms;		/* that; tests may have more time */

/* One that asks one thing at a time; starts as PATIENT_INIT, static. */
struct patient {
	/* In the thread: it has nothing but key.  The answer is in fresh
	 * memory; NULL: out of memory. */
	void		*(*ask)(const char *key);
	void		(*drop)(void *answer);
	struct patient_job *job;	/* ours */
};

#define PATIENT_INIT(ask, drop)	{ (ask), (drop), NULL }

/*
 * The answer, the caller's; or NULL: there is none yet.  Who asks the same
 * again gets it once it is there.
 */
void	*patient_ask(struct patient *, const char *key);

#endif
