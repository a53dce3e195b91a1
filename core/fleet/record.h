/*
 * What is written down of a job: the history, and syslog.
 */
#ifndef DD_FLEET_RECORD_H
#define DD_FLEET_RECORD_H

#include "core/fleet/config.h"
#include "core/job/job.h"
#include "core/store/db.h"

/* Fill in what is known before; the strings are the caller's. */
struct record {
	const char	*state_dir;
	const char	*command;	/* line */
	const char	*action, *domu, *image;
	uint32_t	 from, to;	/* generations; may change until end */
	struct db_generation generations[2];	/* that came to be */
	size_t		 n;
	/* ours */
	struct db	*db;
	char		*who;
	int64_t		 id, started;
	int64_t		 began;		/* milliseconds, of the clock that only
					 * goes on */
};

/* For a job: its log_arg is a struct record.  record_dispose it in any
 * case. */
extern const struct job_log record_log;
void	record_dispose(struct record *);

/* Who runs this: "jlam (sudo)", in fresh memory; NULL: out of memory. */
char	*record_who(void);

/* Is the process of an unfinished job still there? */
bool	record_alive(const struct db_job *);

/* Put into the hint of an ERR_HELD which job has the image, where one is
 * known. */
void	record_name_holder(const char *state_dir, const char *image,
	    struct dd_err *e);

/* "job 12, swap of web1:pkg by jlam (pid 4711)": the job that has the image
 * in hand, appended to b; false: none is known. */
bool	record_at_work(const char *state_dir, const char *image,
	    struct buf *b);

#endif
