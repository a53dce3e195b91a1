/*
 * The history: who did what, when, why, and how it ended; and the notes of
 * generations.  A SQLite database in state_dir.  No image needs it: what is
 * lost with it are notes.
 *
 * One that is damaged is moved aside (history.db.damaged-N), said, and a new
 * one is made.
 */
#ifndef DD_STORE_DB_H
#define DD_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct db;

/* The database in state_dir, made where it is missing.  *moved: where a
 * damaged one was moved to, in fresh memory, or NULL. */
int	db_open(const char *state_dir, struct db **, char **moved,
	    struct dd_err *);
/* The same for looking only: a missing one is ERR_NOENT. */
int	db_open_read(const char *state_dir, struct db **, struct dd_err *);
/* Move the database aside if it is damaged anywhere. */
int	db_mend(const char *state_dir, char **moved, struct dd_err *);
void	db_close(struct db *);		/* NULL is fine */

/* Strings of a row live during the call only; NULL where nothing is known. */
struct db_job {
	int64_t		 id;
	int64_t		 started;	/* seconds since 1970 */
	int64_t		 duration;	/* milliseconds; -1: it runs, or it was
					 * cut short */
	const char	*who;		/* "jlam (sudo)" */
	int64_t		 pid;
	uint64_t	 pid_start;	/* host_process_start */
	const char	*action;	/* "swap" */
	const char	*domu;		/* or NULL */
	const char	*image;
	uint32_t	 from, to;	/* generations; 0: none */
	const char	*command;	/* line */
	const char	*code;		/* of the error; "none"; NULL: none yet */
	const char	*message;
};

/* Write a new job down, without waiting for the disk: what is done can be told
 * from the images, and db_job_end makes it durable.  *id is its number. */
int	db_job_begin(struct db *, const struct db_job *, int64_t *id,
	    struct dd_err *);

/* What is known of a generation that came in. */
struct db_generation {
	const char	*image;
	uint32_t	 n;
	int64_t		 time;
	const char	*who, *source, *sha256, *note;
};

/* How it ended, with the generations that it made; durable. */
int	db_job_end(struct db *, int64_t id, int64_t duration,
	    const char *code, const char *message, uint32_t from, uint32_t to,
	    const struct db_generation *, size_t n, struct dd_err *);

/* Newest first; of one domU or image, where given; at most max (0: all). */
typedef int db_job_fn(void *arg, const struct db_job *, struct dd_err *);
int	db_jobs(struct db *, const char *domu, const char *image,
	    bool unfinished, unsigned max, db_job_fn *, void *arg,
	    struct dd_err *);

typedef int db_generation_fn(void *arg, const struct db_generation *,
	    struct dd_err *);
int	db_generations(struct db *, const char *image, db_generation_fn *,
	    void *arg, struct dd_err *);
/* Many puts as one: from db_begin to db_commit; a db_close before that drops
 * them. */
int	db_begin(struct db *, struct dd_err *);
int	db_commit(struct db *, struct dd_err *);
/* Put what is known from the store; what is there already stays. */
int	db_put_generation(struct db *, const struct db_generation *,
	    struct dd_err *);
/* Forget one that was deleted. */
int	db_forget_generation(struct db *, const char *image, uint32_t n,
	    struct dd_err *);

#endif
