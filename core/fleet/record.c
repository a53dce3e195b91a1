/* What is written down of jobs; see record.h. */
#include <sys/types.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/events.h"
#include "core/fleet/record.h"
#include "core/host/host.h"

char *
record_who(void)
{
	static const struct {
		const char	*variable, *by;
	} raised[] = { { "SUDO_USER", "sudo" }, { "DOAS_USER", "doas" } };
	const struct passwd *pw = getpwuid(getuid());
	struct buf b = BUF_INIT;
	const char *user;
	size_t i;

	for (i = 0; i < 2 && b.len == 0; i++)
		if ((user = getenv(raised[i].variable)) != NULL &&
		    user[0] != '\0' && getuid() == 0)
			(void)buf_printf(&b, "%s (%s)", user, raised[i].by);
	if (b.len == 0 && pw != NULL)
		(void)buf_str(&b, pw->pw_name);
	else if (b.len == 0)
		(void)buf_printf(&b, "uid %lu", (unsigned long)getuid());
	return buf_steal(&b);
}

static int
begin(void *arg, struct dd_err *e)
{
	struct record *r = arg;
	struct db_job job = { .action = r->action, .domu = r->domu,
	    .image = r->image, .from = r->from, .to = r->to,
	    .command = r->command, .pid = getpid(),
	    .pid_start = host_process_start(getpid()) };
	char *moved = NULL;
	int rc;

	r->began = clock_ms();
	job.started = r->started = (int64_t)time(NULL);
	if (r->who == NULL && (r->who = record_who()) == NULL)
		return dd_fail_nomem(e);
	job.who = r->who;
	rc = db_open(r->state_dir, &r->db, &moved, e);
	if (moved != NULL) {
		events_message("the history was damaged: it is now %s", moved);
		fprintf(stderr, "drydock: the history was damaged: it is now "
		    "%s, and a new one is begun\nhint: drydock rescan fills "
		    "it with what the images' folders say\n", moved);
	}
	free(moved);
	if (rc == 0)
		rc = db_job_begin(r->db, &job, &r->id, e);
	/* whoever works on images of their own keeps no history */
	if (rc == -1 && e->code == ERR_PERM && geteuid() != 0) {
		dd_err_clear(e);
		rc = 0;
	}
	return rc;
}

static void
to_syslog(const struct record *r, const struct dd_err *result)
{
	const char *of = r->image != NULL ? r->image : r->domu;
	const char *who = r->who != NULL ? r->who : "?";
	bool failed = result->code != ERR_NONE;

	openlog("drydock", LOG_PID, LOG_DAEMON);
	syslog(failed ? LOG_ERR : LOG_NOTICE, "%s of %s: %s, by %s: %s",
	    r->action, of != NULL ? of : "?", failed ? result->msg : "done",
	    who, r->command);
	closelog();
}

static int
end(void *arg, const struct dd_err *result, struct dd_err *e)
{
	struct record *r = arg;
	size_t i;

	to_syslog(r, result);
	if (r->db == NULL || r->id == 0)
		return 0;
	for (i = 0; i < r->n; i++)
		if (r->generations[i].who == NULL)
			r->generations[i].who = r->who;
	return db_job_end(r->db, r->id, clock_ms() - r->began,
	    dd_code_name(result->code), result->msg, r->from, r->to,
	    r->generations, result->code == ERR_NONE ? r->n : 0, e);
}

const struct job_log record_log = { .begin = begin, .end = end };

void
record_dispose(struct record *r)
{
	db_close(r->db);
	r->db = NULL;
	free(r->who);
	r->who = NULL;
}

bool
record_alive(const struct db_job *j)
{
	uint64_t start;

	if (!host_process_alive((pid_t)j->pid))
		return false;
	start = host_process_start((pid_t)j->pid);
	return start == 0 || j->pid_start == 0 || start == j->pid_start;
}

static int
describe(void *arg, const struct db_job *j, struct dd_err *e)
{
	struct buf *b = arg;

	(void)e;
	if (b->len == 0 && record_alive(j) && j->pid != getpid())
		(void)buf_printf(b, "job %lld, %s%s%s by %s (pid %lld)",
		    (long long)j->id, j->action, j->domu != NULL ? " of " :
		    "", j->domu != NULL ? j->domu : "", j->who,
		    (long long)j->pid);
	return 0;
}

bool
record_at_work(const char *state_dir, const char *image, struct buf *b)
{
	struct dd_err ignored = DD_ERR_INIT;
	struct db *db;

	if (db_open_read(state_dir, &db, &ignored) == -1)
		return false;
	(void)db_jobs(db, NULL, image, true, 0, describe, b, &ignored);
	db_close(db);
	return b->len > 0;
}

void
record_name_holder(const char *state_dir, const char *image, struct dd_err *e)
{
	struct buf b = BUF_INIT;

	if (record_at_work(state_dir, image, &b)) {
		e->hint[0] = '\0';
		(void)dd_hint(e, "wait for %s", b.p);
	}
	buf_dispose(&b);
}
